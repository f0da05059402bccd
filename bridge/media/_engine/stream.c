#define _GNU_SOURCE
#include "stream.h"

#include <stdlib.h>
#include <string.h>

#define WORD(number) ((size_t)(number) / 64 % (STREAM_KEPT / 64))
#define BIT(number) (UINT64_C(1) << ((uint64_t)(number) % 64))

void stream_begin(stream *one, int video, int vp8)
{
    memset(one, 0, sizeof *one);
    one->video = video != 0;
    one->vp8 = vp8 != 0;
    one->restart = -1;
    one->highest = one->sent.number = -1;
}

void stream_release(stream_packet *packet)
{
    if (--packet->references == 0)
        free(packet);
}

int stream_keep(stream *one, int keeps)
{
    if (keeps && one->kept == NULL) {
        one->kept = calloc(STREAM_KEPT, sizeof(stream_packet *));
    } else if (!keeps && one->kept != NULL) {
        for (size_t place = 0; place < STREAM_KEPT; place++)
            if (one->kept[place] != NULL)
                stream_release(one->kept[place]);
        free(one->kept);
        one->kept = NULL;
    }
    one->keeps = one->kept != NULL;
    return one->keeps == (keeps != 0);
}

void stream_end(stream *one)
{
    stream_keep(one, 0);
}

/* Nothing before the next number is waited for any more. */
static void forget_gaps(stream *one)
{
    memset(one->seen, 0xFF, sizeof one->seen);
    one->restart = -1;
}

static void go_on(stream *one, int64_t number, uint16_t sequence)
{
    /* A step is below STREAM_KEPT, or the gaps were forgotten before it. */
    for (int64_t missed = one->highest + 1; missed < number; missed++)
        one->seen[WORD(missed)] &= ~BIT(missed);
    one->seen[WORD(number)] |= BIT(number);
    one->highest = number;
    one->newest = sequence;
}

/* Return the packet's number, or -1 if it is not new. */
static int64_t number_of(stream *one, uint16_t sequence)
{
    if (one->highest < 0) {
        forget_gaps(one);
        one->highest = 0;
        one->newest = (uint16_t)(sequence - 1);
    }
    int step = (int16_t)(uint16_t)(sequence - one->newest);
    int64_t number = one->highest + step;
    if (!one->video) {
        /* Sound is not repaired: libsrtp has seen to it that none comes twice. */
        if (step > 0) {
            one->highest = number;
            one->newest = sequence;
        }
        return number > 0 ? number : -1;
    }
    if (step > STREAM_MISSING) {
        /* Go on as if the gap were not there, so that a number is never used twice. */
        forget_gaps(one);
        number = one->highest + 1;
        go_on(one, number, sequence);
    } else if (step > 0) {
        one->restart = -1;
        go_on(one, number, sequence);
    } else if (-step < STREAM_MISSING) {
        if (number < 1 || (one->seen[WORD(number)] & BIT(number)) != 0)
            return -1;
        one->seen[WORD(number)] |= BIT(number);
    } else if (one->restart == (int32_t)sequence) {
        forget_gaps(one);
        number = one->highest + 1;
        go_on(one, number, sequence);
    } else {
        /* One stray packet proves nothing; a second in order does. */
        one->restart = (uint16_t)(sequence + 1);
        return -1;
    }
    return number;
}

/* RFC 7741 4.2. Does nothing where there is no picture number. */
static void number_picture(stream *one, const uint8_t *payload, size_t size, stream_place *place)
{
    size_t at = 3, tl0_at = 0;
    if (size < 3 || (payload[0] & 0x80) == 0 || (payload[1] & 0x80) == 0)
        return;
    int wide = payload[2] > 0x7F;
    int64_t span = wide ? 0x8000 : 0x80;
    int64_t value = payload[2] & 0x7F;
    if (wide) {
        if (size < 4)
            return;
        value = value << 8 | payload[3];
        at = 4;
    }
    if (payload[1] & 0x40) {
        if (at >= size)
            return;
        tl0_at = at++;
    }
    if (payload[1] & 0x30)
        at++;
    if (at > size)
        return;
    if (one->pictured) {
        int64_t half = span / 2;
        value = one->picture + ((value - one->picture + half) & (span - 1)) - half;
    }
    place->picture = (uint16_t)(value & 0x7FFF);
    place->picture_at = 2;
    place->widened = !wide;
    if (tl0_at != 0) {
        place->tl0_at = 4; /* right after the 15 bits */
        place->tl0 = payload[tl0_at];
    }
    if (place->number == one->highest) {
        one->pictured = 1;
        one->picture = value;
        one->tl0 = place->tl0;
    }
}

static size_t vp8_descriptor(const uint8_t *payload, size_t size)
{
    size_t at = 1;
    if (payload[0] & 0x80) {
        if (size < 2)
            return size;
        at = 2;
        if (payload[1] & 0x80)
            at += size > 2 && payload[2] > 0x7F ? 2 : 1;
        at += (payload[1] & 0x40) != 0;
        at += (payload[1] & 0x30) != 0;
    }
    return at;
}

/* RFC 6184 5: an IDR slice or a sequence parameter set, alone, aggregated or fragmented. */
static int h264_starts(const uint8_t *payload, size_t size)
{
    uint8_t kind = payload[0] & 0x1F;
    if (kind == 28)
        return size > 1 && payload[1] > 0x7F &&
               ((payload[1] & 0x1F) == 5 || (payload[1] & 0x1F) == 7);
    for (size_t at = 1; kind == 24 && at + 2 < size;) {
        uint8_t inner = payload[at + 2] & 0x1F;
        if (inner == 5 || inner == 7)
            return 1;
        at += 2 + (size_t)(payload[at] << 8 | payload[at + 1]);
    }
    return kind == 5 || kind == 7;
}

int stream_starts(const stream *one, const uint8_t *payload, size_t size)
{
    if (!one->video || size == 0)
        return 0;
    if (!one->vp8)
        return h264_starts(payload, size);
    size_t at = vp8_descriptor(payload, size);
    return (payload[0] & 0x17) == 0x10 && at < size && (payload[at] & 1) == 0;
}

int stream_take(stream *one, uint16_t sequence, const uint8_t *payload, size_t size,
                stream_place *place)
{
    memset(place, 0, sizeof *place);
    int64_t before = one->highest;
    place->number = number_of(one, sequence);
    if (place->number < 0)
        return 0;
    place->gap = one->video && before >= 0 && place->number != before + 1;
    if (one->vp8)
        number_picture(one, payload, size, place);
    return 1;
}

stream_packet *stream_store(stream *one, const stream_place *place, uint32_t timestamp,
                            int marker, double now, const uint8_t *payload, size_t size)
{
    size_t whole = size + place->widened;
    stream_packet *stored = malloc(sizeof *stored + whole);
    if (stored == NULL)
        return NULL;
    memset(stored, 0, sizeof *stored);
    stored->at = now;
    fanout_packet *packet = &stored->packet;
    packet->number = place->number;
    packet->payload = stored->payload;
    packet->size = whole;
    packet->picture_at = place->picture_at;
    packet->tl0_at = place->tl0_at;
    packet->timestamp = timestamp;
    packet->picture = place->picture;
    packet->marker = marker ? 0x80 : 0;
    packet->video = one->video;
    packet->tl0 = place->tl0;
    /* 6.18 fixed point seconds, as rtp.packet.abs_send_time */
    uint64_t ticks = (uint64_t)(now * 262144);
    packet->stamp[0] = (uint8_t)(ticks >> 16);
    packet->stamp[1] = (uint8_t)(ticks >> 8);
    packet->stamp[2] = (uint8_t)ticks;
    if (place->widened) {
        memcpy(stored->payload, payload, 2);
        stored->payload[2] = 0x80 | (uint8_t)(place->picture >> 8);
        stored->payload[3] = (uint8_t)place->picture;
        memcpy(stored->payload + 4, payload + 3, size - 3);
    } else if (size != 0) {
        memcpy(stored->payload, payload, size);
    }
    stored->references = 1;
    if (one->kept != NULL) {
        stream_packet **slot = &one->kept[(size_t)place->number % STREAM_KEPT];
        if (*slot != NULL)
            stream_release(*slot);
        *slot = stored;
        stored->references++;
    }
    return stored;
}

stream_packet *stream_find(const stream *one, int64_t number)
{
    if (one->kept == NULL || number < 0)
        return NULL;
    stream_packet *found = one->kept[(size_t)number % STREAM_KEPT];
    return found != NULL && found->packet.number == number ? found : NULL;
}

void stream_sent(stream *one, stream_packet *packet)
{
    packet->forwarded = 1;
    if (packet->packet.number <= one->sent.number)
        return;
    one->sent.number = packet->packet.number;
    one->sent.at = packet->at;
    one->sent.timestamp = packet->packet.timestamp;
    one->sent.picture = packet->packet.picture;
    one->sent.tl0 = packet->packet.tl0;
}
