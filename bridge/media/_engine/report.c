#define _GNU_SOURCE
#include "forwarder_parts.h"

#define FEEDBACK 205 /* RFC 4585 6.2: transport layer feedback */
#define NACK 1
#define PICTURE 206 /* 6.3: payload-specific feedback */
#define PLI 1
#define FIR 4 /* RFC 5104 4.3.1 */

typedef struct {
    const uint8_t *at; /* items: a sequence number, and 16 bits for those that follow it */
    size_t size;
    uint32_t media;
} asked;

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static size_t named(const asked *nack)
{
    size_t count = 0;
    for (size_t at = 0; at < nack->size; at += 4)
        count += 1 + (size_t)__builtin_popcount(get16(nack->at + at + 2));
    return count;
}

/* Read the packet at *at and move behind it. -1: malformed; 1: it is a NACK; 0: another. As
 * parse_compound in rtcp.py, but for what is inside other packets. */
static int next(const uint8_t *data, size_t size, size_t *at, asked *nack)
{
    if (*at + 4 > size || (data[*at] & 0xC0) != 0x80)
        return -1;
    size_t body = *at + 4, words = get16(data + *at + 2), end = body + 4 * words;
    if (end > size)
        return -1;
    const uint8_t *head = data + *at;
    *at = end;
    if (head[0] & 0x20) {
        size_t padding = words != 0 ? data[end - 1] : 0;
        if (padding == 0 || padding > 4 * words)
            return -1;
        end -= padding;
    }
    if (head[1] != FEEDBACK || (head[0] & 0x1F) != NACK)
        return 0;
    if (end - body < 8 || (end - body) % 4 != 0)
        return -1;
    nack->media = get32(data + body + 4);
    nack->at = data + body + 8;
    nack->size = end - body - 8;
    return 1;
}

int forwarder_hurries(const uint8_t *compound, size_t size)
{
    asked nack;
    for (size_t at = 0; at < size;) {
        const uint8_t *head = compound + at;
        if (next(compound, size, &at, &nack) < 0)
            return 0;
        int format = head[0] & 0x1F;
        if (head[1] == PICTURE && (format == PLI || format == FIR))
            return 1;
    }
    return 0;
}

/* Nothing of a malformed compound is used, nor of one that names too much. */
static int is_sound(const uint8_t *data, size_t size)
{
    size_t at = 0, all = 0;
    do {
        asked nack;
        int found = next(data, size, &at, &nack);
        if (found < 0)
            return 0;
        all += found ? named(&nack) : 0;
    } while (at < size);
    return all <= FORWARDER_NAMED;
}

static repair_slot *slot_of(const forwarder_peer *peer, uint32_t ssrc)
{
    for (size_t index = 0; index < peer->served; index++)
        if (peer->slots[index]->sink.ssrc == ssrc)
            return peer->slots[index];
    return NULL;
}

static int64_t newest_of(const repair_slot *slot)
{
    const repair_segment *segment = &slot->segments[slot->count - 1];
    int64_t last = segment->last;
    return (last == INT64_MAX ? segment->source->numbers.highest : last) + segment->sequence;
}

static void repeat(forwarder *engine, fanout *table, repair_slot *slot, uint16_t sequence,
                   double now)
{
    int64_t number;
    const repair_segment *segment = repair_locate(slot, sequence, newest_of(slot), &number);
    const stream_packet *found =
        segment != NULL ? stream_find(&segment->source->numbers, number) : NULL;
    if (found == NULL || !found->forwarded ||
        !repair_allows(slot, sequence, found->packet.size + repair_overhead(slot), now))
        return;
    fanout_sink sink = slot->sink;
    sink.sequence = (uint16_t)segment->sequence;
    sink.timestamp = segment->timestamp;
    sink.head = segment->head;
    sink.picture = segment->picture;
    sink.tl0 = segment->tl0;
    fanout_repair again = {.ssrc = slot->repair_ssrc, .head = segment->repair_head};
    if (again.head != 0)
        again.sequence = (uint16_t)++slot->repair_sequence;
    fanout_result result = {0};
    fanout_repeat(table, engine->file, &found->packet, &sink, &again, &result);
    slot->sink.turn = sink.turn;
    slot->sink.message = sink.message;
    engine->totals.resent++;
    engine->totals.sent.refused += result.refused;
    engine->totals.sent.failed += result.failed;
    engine->totals.sent.full += result.full;
}

static void answer(forwarder *engine, fanout *table, repair_slot *slot, const asked *nack,
                   double now)
{
    size_t left = FORWARDER_ASKED;
    for (size_t at = 0; at < nack->size && slot->count != 0; at += 4) {
        uint16_t first = get16(nack->at + at), mask = get16(nack->at + at + 2);
        for (unsigned step = 0; step <= 16; step++) {
            if (step != 0 && (mask >> (step - 1) & 1) == 0)
                continue;
            if (left-- == 0)
                return;
            repeat(engine, table, slot, (uint16_t)(first + step), now);
        }
    }
}

void forwarder_repeat(forwarder *engine, fanout *table, forwarder_peer *peer,
                      const uint8_t *compound, size_t size, double now)
{
    asked nack;
    if (peer->served == 0 || !is_sound(compound, size))
        return;
    for (size_t at = 0; at < size;) {
        repair_slot *slot = NULL;
        if (next(compound, size, &at, &nack) == 1)
            slot = slot_of(peer, nack.media);
        if (slot != NULL)
            answer(engine, table, slot, &nack, now);
    }
}

void forwarder_answer(forwarder *engine, forwarder_peer *peer, const uint8_t *compound,
                      size_t size, double now)
{
    forwarder_enter(engine);
    forwarder_repeat(engine, engine->aside, peer, compound, size, now);
    fanout_flush(engine->aside, engine->file, &engine->totals.sent);
    forwarder_leave(engine);
}
