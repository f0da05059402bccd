#define _GNU_SOURCE
#include "forwarder_parts.h"

#include <string.h>

/* RFC 3550 6.4.1 and 6.5; the same in Python: Feedback in feedback.py. */
#define SENDER_REPORT 200
#define NAMES 202
#define CNAME 1
#define REPORT_SIZE 28
#define NAME_SIZE 16 /* SSRC, type, length, name, zeros: the next multiple of four bytes */
#define TOGETHER 20  /* reports of one compound; as REPORTS_TOGETHER in feedback.py */

static const char name[] = "diemcau"; /* as CNAME in feedback.py */

_Static_assert(4 + 2 + sizeof name <= NAME_SIZE && 4 + 2 + sizeof name > NAME_SIZE - 4,
               "a name ends with one to four zeros");

typedef struct {
    uint8_t reports[TOGETHER * REPORT_SIZE + 4 + TOGETHER * NAME_SIZE];
    uint8_t names[TOGETHER * NAME_SIZE];
    size_t count;
    fanout_sink *sink; /* of one of them: all go to the same viewer */
} compound;

static uint8_t *put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
    return at + 2;
}

static uint8_t *put32(uint8_t *at, uint32_t value)
{
    return put16(put16(at, (uint16_t)(value >> 16)), (uint16_t)value);
}

static uint8_t *put_head(uint8_t *at, size_t count, uint8_t kind, size_t size)
{
    at[0] = (uint8_t)(0x80 | count);
    at[1] = kind;
    return put16(at + 2, (uint16_t)(size / 4 - 1));
}

/* The stretch that the slot is fed by now. NULL: nothing has come of it. */
static const repair_segment *flowing(const repair_slot *slot)
{
    const repair_segment *segment = slot->count != 0 ? &slot->segments[slot->count - 1] : NULL;
    if (segment == NULL || segment->last != INT64_MAX || segment->source->closed ||
        segment->source->numbers.sent.number < segment->first)
        return NULL;
    return segment;
}

static void add(compound *one, repair_slot *slot, const repair_segment *segment, uint64_t ntp,
                double now)
{
    const stream_mark *sent = &segment->source->numbers.sent;
    double passed = now > sent->at ? now - sent->at : 0;
    uint8_t *at = one->reports + one->count * REPORT_SIZE;
    at = put_head(at, 0, SENDER_REPORT, REPORT_SIZE);
    at = put32(at, slot->sink.ssrc);
    at = put32(at, (uint32_t)(ntp >> 32));
    at = put32(at, (uint32_t)ntp);
    at = put32(at, sent->timestamp + segment->timestamp +
                       (uint32_t)(uint64_t)(passed * slot->clock_rate));
    at = put32(at, (uint32_t)slot->sink.packets);
    put32(at, (uint32_t)slot->sink.octets);
    at = one->names + one->count * NAME_SIZE;
    memset(at, 0, NAME_SIZE);
    at = put32(at, slot->sink.ssrc);
    at[0] = CNAME;
    at[1] = sizeof name - 1;
    memcpy(at + 2, name, sizeof name - 1);
    one->sink = &slot->sink;
    one->count++;
}

static size_t leave(forwarder *engine, compound *one)
{
    if (one->count == 0)
        return 0;
    size_t reports = one->count * REPORT_SIZE, names = one->count * NAME_SIZE;
    uint8_t *at = put_head(one->reports + reports, one->count, NAMES, 4 + names);
    memcpy(at, one->names, names);
    one->count = 0;
    return fanout_control(engine->aside, engine->file, one->sink, engine->crypto.protect_report,
                          one->reports, reports + 4 + names, &engine->totals.sent);
}

size_t forwarder_report(forwarder *engine, forwarder_peer *peer, uint64_t ntp, double now)
{
    compound one = {.count = 0};
    size_t made = 0;
    forwarder_enter(engine);
    for (size_t index = 0; index < peer->served; index++) {
        const repair_segment *segment = flowing(peer->slots[index]);
        if (segment != NULL)
            add(&one, peer->slots[index], segment, ntp, now);
        if (one.count == TOGETHER)
            made += leave(engine, &one);
    }
    made += leave(engine, &one);
    forwarder_leave(engine);
    return made;
}
