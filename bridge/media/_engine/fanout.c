#define _GNU_SOURCE
#include "fanout.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103 /* Linux 4.18: one message is cut into datagrams of this size */
#endif
#ifndef SOL_UDP
#define SOL_UDP 17
#endif

/* The most that one message may have, less the headers of IP and UDP. */
#define LONGEST_MESSAGE 65000

typedef union {
    struct cmsghdr header; /* for its alignment */
    uint8_t bytes[CMSG_SPACE(sizeof(uint16_t))];
} segment_size;

struct fanout {
    fanout_protect protect;
    fanout_send send;
    uint32_t turn;  /* a new one each time the table is empty; no two tables have the same */
    size_t begin;   /* messages before it are sent */
    size_t used;
    size_t written; /* bytes of memory */
    struct mmsghdr messages[FANOUT_MESSAGES];
    struct iovec pieces[FANOUT_MESSAGES][FANOUT_TOGETHER];
    segment_size segments[FANOUT_MESSAGES];
    size_t sizes[FANOUT_MESSAGES]; /* of a whole message */
    uint8_t names[FANOUT_MESSAGES][FANOUT_NAME];
    uint8_t memory[FANOUT_MEMORY];
};

static void start_over(fanout *table)
{
    static atomic_uint turns;
    table->begin = table->used = table->written = 0;
    do
        table->turn = atomic_fetch_add(&turns, 1);
    while (table->turn == 0); /* a new sink's */
}

fanout *fanout_new(fanout_protect protect, fanout_send send)
{
    fanout *table = calloc(1, sizeof *table);
    if (table == NULL)
        return NULL;
    table->protect = protect;
    table->send = send != NULL ? send : (fanout_send)sendmmsg;
    start_over(table);
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
static size_t build(uint8_t *memory, const fanout_sink *sink, const fanout_packet *packet,
                    const fanout_repair *repair)
{
    uint8_t *at = memory;
    uint16_t sequence = (uint16_t)((uint64_t)packet->number + sink->sequence);
    int wraps = repair != NULL && repair->head != 0;
    at = put16(at, (wraps ? repair->head : sink->head) | packet->marker);
    at = put16(at, wraps ? repair->sequence : sequence);
    at = put32(at, packet->timestamp + sink->timestamp);
    at = put32(at, wraps ? repair->ssrc : sink->ssrc);
    if (sink->before_size != 0) {
        at = put(at, sink->extensions, sink->before_size);
        at = put(at, packet->stamp, FANOUT_STAMP);
    }
    at = put(at, sink->extensions + sink->before_size, sink->after_size);
    if (wraps)
        at = put16(at, sequence);
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

/* Send the pieces of a message that the kernel will not cut, each by itself: its device cannot, or
 * they are longer than the path's MTU. Return 0 if the socket is full; what is left then waits. */
static int send_pieces(fanout *table, int file, struct msghdr *header, fanout_result *result)
{
    header->msg_control = NULL;
    header->msg_controllen = 0;
    while (header->msg_iovlen > 0) {
        struct mmsghdr one = {.msg_hdr = *header};
        one.msg_hdr.msg_iovlen = 1;
        if (table->send(file, &one, 1, 0) <= 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK)
                return 0;
            result->failed++;
        }
        header->msg_iov++;
        header->msg_iovlen--;
    }
    return 1;
}

/* The kernel stops at the first message it cannot send, and tells why only when the next call
 * begins with that one: with a full socket the rest waits, any other error is this
 * destination's own. */
size_t fanout_flush(fanout *table, int file, fanout_result *result)
{
    while (table->begin < table->used) {
        struct mmsghdr *next = table->messages + table->begin;
        int sent = table->send(file, next, (unsigned)(table->used - table->begin), 0);
        if (sent > 0) {
            table->begin += (size_t)sent;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            break;
        } else if (next->msg_hdr.msg_iovlen == 1) {
            result->failed++;
            table->begin++;
        } else if (send_pieces(table, file, &next->msg_hdr, result)) {
            table->begin++;
        } else {
            break;
        }
    }
    size_t waiting = table->used - table->begin;
    if (waiting == 0)
        start_over(table);
    return waiting;
}

static int is_free(const fanout *table, int video)
{
    size_t messages = FANOUT_MESSAGES, memory = FANOUT_MEMORY;
    if (video) {
        messages -= messages / FANOUT_RESERVE;
        memory -= memory / FANOUT_RESERVE;
    }
    return table->used < messages && table->written + FANOUT_CAPACITY <= memory;
}

/* Whether one more datagram has room, perhaps after sending. */
static int has_room(fanout *table, int file, int video, fanout_result *result)
{
    if (is_free(table, video))
        return 1;
    fanout_flush(table, file, result);
    if (is_free(table, video))
        return 1;
    result->full++;
    return 0;
}

/* Whether the datagram can be one more piece of the message: all pieces of one have one size, but
 * for the last, which may be shorter (udp(7)). */
static int continues(const fanout *table, const fanout_sink *sink, size_t size)
{
    if (sink->turn != table->turn || sink->message < table->begin || sink->message >= table->used)
        return 0;
    const struct msghdr *header = &table->messages[sink->message].msg_hdr;
    size_t first = header->msg_iov[0].iov_len;
    return header->msg_iov == table->pieces[sink->message] &&
           header->msg_iovlen < FANOUT_TOGETHER && size <= first &&
           header->msg_iov[header->msg_iovlen - 1].iov_len == first &&
           table->sizes[sink->message] + size <= LONGEST_MESSAGE &&
           header->msg_namelen == sink->name_size &&
           memcmp(table->names[sink->message], sink->name, sink->name_size) == 0;
}

/* Let the datagram at the end of the memory leave with the next flush. */
static void enqueue(fanout *table, fanout_sink *sink, size_t size)
{
    struct iovec piece = {.iov_base = table->memory + table->written, .iov_len = size};
    table->written += size;
    if (continues(table, sink, size)) {
        struct msghdr *header = &table->messages[sink->message].msg_hdr;
        if (header->msg_iovlen == 1) {
            segment_size *segment = &table->segments[sink->message];
            uint16_t first = (uint16_t)header->msg_iov[0].iov_len;
            segment->header.cmsg_level = SOL_UDP;
            segment->header.cmsg_type = UDP_SEGMENT;
            segment->header.cmsg_len = CMSG_LEN(sizeof first);
            memcpy(CMSG_DATA(&segment->header), &first, sizeof first);
            header->msg_control = segment;
            header->msg_controllen = sizeof segment->bytes;
        }
        header->msg_iov[header->msg_iovlen++] = piece;
        table->sizes[sink->message] += size;
        return;
    }
    size_t message = table->used++;
    struct msghdr *header = &table->messages[message].msg_hdr;
    memcpy(table->names[message], sink->name, sink->name_size);
    table->pieces[message][0] = piece;
    table->sizes[message] = size;
    header->msg_name = table->names[message];
    header->msg_namelen = sink->name_size;
    header->msg_iov = table->pieces[message];
    header->msg_iovlen = 1;
    header->msg_control = NULL;
    header->msg_controllen = 0;
    sink->turn = table->turn;
    sink->message = (uint32_t)message;
}

/* Encrypt what was written at the end of the memory, and let it leave. 0: it was refused. */
static int encrypt(fanout *table, fanout_sink *sink, fanout_protect protect, size_t plain,
                   fanout_result *result)
{
    uint8_t *memory = table->memory + table->written;
    int size = (int)plain;
    if (plain > FANOUT_CAPACITY - FANOUT_TRAILER || protect(sink->context, memory, &size) != 0 ||
        size <= 0 || size > FANOUT_CAPACITY) {
        result->refused++;
        return 0;
    }
    enqueue(table, sink, (size_t)size);
    return 1;
}

/* Let the packet leave with the next flush; return its size before encryption, 0: it will not. */
static size_t make(fanout *table, int file, const fanout_packet *packet, fanout_sink *sink,
                   const fanout_repair *repair, fanout_result *result)
{
    if (!fits(sink, packet)) {
        result->misfits++;
        return 0;
    }
    if (!has_room(table, file, packet->video, result))
        return 0;
    size_t plain = build(table->memory + table->written, sink, packet, repair);
    return encrypt(table, sink, table->protect, plain, result) ? plain : 0;
}

void fanout_forward(fanout *table, int file, const fanout_packet *packet,
                    fanout_sink *const *sinks, size_t count, fanout_result *result)
{
    for (size_t index = 0; index < count && index < FANOUT_SLOTS; index++) {
        fanout_sink *sink = sinks[index];
        if (packet->number < sink->first)
            continue; /* from before the switch: its number is taken */
        size_t plain = make(table, file, packet, sink, NULL, result);
        if (plain == 0)
            continue;
        sink->packets++;
        sink->octets += packet->size;
        result->packets++;
        result->bytes += plain;
    }
}

void fanout_repeat(fanout *table, int file, const fanout_packet *packet, fanout_sink *sink,
                   const fanout_repair *repair, fanout_result *result)
{
    make(table, file, packet, sink, repair, result);
}

int fanout_control(fanout *table, int file, fanout_sink *sink, fanout_protect protect,
                   const uint8_t *data, size_t size, fanout_result *result)
{
    if (size > FANOUT_CAPACITY - FANOUT_TRAILER || sink->name_size > FANOUT_NAME) {
        result->misfits++;
        return 0;
    }
    if (!has_room(table, file, 0, result))
        return 0;
    memcpy(table->memory + table->written, data, size);
    return encrypt(table, sink, protect, size, result);
}

size_t fanout_written(const fanout *table)
{
    return table->written;
}

int fanout_send_plain(fanout *table, int file, uint8_t *data, size_t size, uint8_t *name,
                      size_t name_size)
{
    struct iovec piece = {.iov_base = data, .iov_len = size};
    struct mmsghdr one = {.msg_hdr = {.msg_name = name,
                                      .msg_namelen = (socklen_t)name_size,
                                      .msg_iov = &piece,
                                      .msg_iovlen = 1}};
    return table->send(file, &one, 1, 0) > 0;
}
