#define _GNU_SOURCE
#include "fanout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

struct fanout {
    fanout_protect protect;
    fanout_send send;
    struct mmsghdr messages[FANOUT_SLOTS];
    struct iovec pieces[FANOUT_SLOTS];
    uint8_t memory[FANOUT_SLOTS][FANOUT_CAPACITY];
};

fanout *fanout_new(fanout_protect protect, fanout_send send)
{
    fanout *table = calloc(1, sizeof *table);
    if (table == NULL)
        return NULL;
    table->protect = protect;
    table->send = send != NULL ? send : (fanout_send)sendmmsg;
    for (size_t slot = 0; slot < FANOUT_SLOTS; slot++) {
        table->pieces[slot].iov_base = table->memory[slot];
        table->messages[slot].msg_hdr.msg_iov = &table->pieces[slot];
        table->messages[slot].msg_hdr.msg_iovlen = 1;
    }
    return table;
}

void fanout_free(fanout *table)
{
    free(table);
}

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

static uint8_t *put(uint8_t *at, const uint8_t *data, size_t size)
{
    memcpy(at, data, size);
    return at + size;
}

static int renumbers(const fanout_sink *sink, const fanout_packet *packet)
{
    return packet->picture_at != 0 && (sink->picture != 0 || sink->tl0 != 0);
}

/* Whether the packet may be written for the sink: every length in it is within what it is of. */
static int fits(const fanout_sink *sink, const fanout_packet *packet)
{
    size_t extensions = (size_t)sink->before_size + sink->after_size;
    if (extensions > FANOUT_EXTENSIONS - FANOUT_STAMP || sink->name_size > FANOUT_NAME)
        return 0;
    if (packet->size > FANOUT_CAPACITY - FANOUT_TRAILER - FANOUT_HEADER - FANOUT_EXTENSIONS)
        return 0;
    if (!renumbers(sink, packet))
        return 1;
    return packet->size >= 2 && packet->picture_at <= packet->size - 2 &&
           packet->tl0_at < packet->size;
}

/* Write the packet as the sink's viewer gets it, unencrypted; return its size. */
static size_t build(uint8_t *memory, const fanout_sink *sink, const fanout_packet *packet)
{
    uint8_t *at = memory;
    at = put16(at, sink->head | packet->marker);
    at = put16(at, (uint16_t)((uint64_t)packet->number + sink->sequence));
    at = put32(at, packet->timestamp + sink->timestamp);
    at = put32(at, sink->ssrc);
    if (sink->before_size != 0) {
        at = put(at, sink->extensions, sink->before_size);
        at = put(at, packet->stamp, FANOUT_STAMP);
    }
    at = put(at, sink->extensions + sink->before_size, sink->after_size);
    uint8_t *payload = at;
    if (packet->size != 0)
        at = put(at, packet->payload, packet->size);
    if (renumbers(sink, packet)) {
        put16(payload + packet->picture_at, 0x8000 | (uint16_t)(packet->picture + sink->picture));
        if (packet->tl0_at != 0)
            payload[packet->tl0_at] = (uint8_t)(packet->tl0 + sink->tl0);
    }
    return (size_t)(at - memory);
}

/* The kernel stops at the first datagram it cannot send, and tells why only when the next call
 * begins with that one: a full socket buffer ends the batch, any other error is this
 * destination's own. */
static void flush(fanout *table, int file, size_t count, fanout_result *result)
{
    size_t begin = 0;
    while (begin < count) {
        int sent = table->send(file, table->messages + begin, (unsigned)(count - begin), 0);
        if (sent > 0) {
            begin += (size_t)sent;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            result->full += count - begin;
            return;
        } else {
            result->failed++;
            begin++;
        }
    }
}

void fanout_forward(fanout *table, int file, const fanout_packet *packet,
                    fanout_sink *const *sinks, size_t count, fanout_result *result)
{
    size_t used = 0;
    for (size_t index = 0; index < count && used < FANOUT_SLOTS; index++) {
        fanout_sink *sink = sinks[index];
        if (packet->number < sink->first)
            continue; /* from before the switch: its number is taken */
        if (!fits(sink, packet)) {
            result->misfits++;
            continue;
        }
        uint8_t *memory = table->memory[used];
        size_t plain = build(memory, sink, packet);
        int size = (int)plain;
        if (table->protect(sink->context, memory, &size) != 0 || size <= 0 ||
            size > FANOUT_CAPACITY) {
            result->refused++;
            continue;
        }
        sink->packets++;
        sink->octets += packet->size;
        result->bytes += plain;
        table->pieces[used].iov_len = (size_t)size;
        table->messages[used].msg_hdr.msg_name = sink->name;
        table->messages[used].msg_hdr.msg_namelen = sink->name_size;
        used++;
    }
    result->packets += used;
    if (used != 0)
        flush(table, file, used, result);
}
