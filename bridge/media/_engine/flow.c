#define _GNU_SOURCE
#include "forwarder_parts.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RTP_HEADER 12
#define RTCP_HEADER 8 /* with the SSRC of whoever reports */
#define FULL_MS 1               /* a line of 1 Gb/s empties a third of the buffer in this time */
#define FLUSH_BYTES (96u << 10) /* what was encrypted leaves while it is in the processor's cache */

typedef struct {
    size_t payload; /* offset */
    size_t size;    /* of the payload, padding apart */
    uint32_t timestamp;
    uint16_t sequence;
    uint8_t payload_type;
    uint8_t marker;
} rtp_header;

static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The event loop looks into the inbox every 100 ms anyway; it is called for what cannot wait. */
static void tell(forwarder *engine, const inbox_record *record, const uint8_t *data, int urgent)
{
    if (inbox_put(&engine->inbox, record, data)) {
        engine->put++;
    } else {
        engine->totals.unheard++;
        urgent = 1;
    }
    if (urgent && !engine->signalled) {
        uint64_t one = 1;
        engine->signalled = write(engine->event, &one, sizeof one) == sizeof one;
    }
}

/* Let the event loop have the lock if it wants it. */
static void breathe(forwarder *engine)
{
    if (atomic_load(&engine->wanted)) {
        pthread_mutex_unlock(&engine->lock);
        forwarder_take_again(engine);
    }
}

/* Encrypted packets leave without the lock: a sink's constants are not needed for it. */
static void flush(forwarder *engine)
{
    fanout_result result = {0};
    pthread_mutex_unlock(&engine->lock);
    size_t waiting = fanout_flush(engine->table, engine->file, &result);
    forwarder_take_again(engine);
    engine->waiting = waiting;
    if (engine->crew != NULL)
        engine->waiting += crew_waiting(engine->crew, &engine->totals.sent);
    engine->totals.sent.failed += result.failed;
}

/* The same with helpers, so many sinks at a time. They use what belongs to the sinks while this
 * thread has the lock for them; between two rounds it is let go. */
static void walk_together(forwarder *engine, forwarder_stream *opened, size_t place, size_t sinks,
                          stream_packet *const *row, size_t packets)
{
    for (size_t done = 0; done < sinks;) {
        crew_round round = {.packets = row, .packet_count = packets};
        while (done < sinks && round.sink_count < CREW_ROUND) {
            fanout_sink *sink = opened->sinks[place];
            place = place + 1 == sinks ? 0 : place + 1;
            done++;
            if (sink != NULL)
                round.sinks[round.sink_count++] = sink;
        }
        crew_make(engine->crew, engine->table, &round, &engine->totals.sent);
        flush(engine);
    }
}

/* Give the held packets to every sink that is there now, one sink after the other: what goes to
 * one leaves as one message. Who comes meanwhile gets them from what is kept. */
static void walk(forwarder *engine, forwarder_stream *opened)
{
    size_t packets = opened->held_count, sinks = opened->count;
    stream_packet *row[FANOUT_TOGETHER];
    for (size_t index = 0; index < packets; index++) {
        row[index] = opened->held[index];
        stream_sent(&opened->numbers, row[index]);
    }
    opened->held_count = 0;
    opened->walked++;
    size_t place = sinks != 0 ? opened->turn++ % sinks : 0;
    int together = engine->crew != NULL && sinks >= engine->shared;
    if (together)
        walk_together(engine, opened, place, sinks, row, packets);
    for (size_t done = 0; !together && done < sinks; done++) {
        fanout_sink *sink = opened->sinks[place];
        place = place + 1 == sinks ? 0 : place + 1;
        for (size_t index = 0; sink != NULL && index < packets; index++)
            fanout_forward(engine->table, engine->file, &row[index]->packet, &sink, 1,
                           &engine->totals.sent);
        if (fanout_written(engine->table) >= FLUSH_BYTES && engine->waiting == 0)
            flush(engine);
        else
            breathe(engine);
    }
    for (size_t index = 0; index < packets; index++)
        stream_release(row[index]);
    forwarder_walked(opened);
}

static void hold(forwarder *engine, forwarder_stream *opened, stream_packet *packet)
{
    opened->held[opened->held_count++] = packet;
    if (!opened->is_held) {
        opened->is_held = 1;
        opened->next_held = engine->held;
        engine->held = opened;
        if (engine->held_since == 0)
            engine->held_since = clock_ns();
    }
}

static void walk_held(forwarder *engine)
{
    engine->held_since = 0;
    while (engine->held != NULL) {
        forwarder_stream *opened = engine->held;
        engine->held = opened->next_held;
        opened->is_held = 0;
        walk(engine, opened);
    }
}

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)get16(at) << 16 | get16(at + 2);
}

/* RFC 3550 5.1. 0: malformed. */
static int parse(const uint8_t *data, size_t size, rtp_header *header)
{
    size_t at = RTP_HEADER + 4 * (size_t)(data[0] & 0x0F), end = size;
    if ((data[0] & 0xC0) != 0x80)
        return 0;
    if (data[0] & 0x10) {
        if (at + 4 > end)
            return 0;
        at += 4 + 4 * (size_t)get16(data + at + 2);
    }
    if (data[0] & 0x20) {
        size_t padding = data[size - 1];
        if (padding == 0 || padding > end)
            return 0;
        end -= padding;
    }
    if (at > end)
        return 0;
    header->payload = at;
    header->size = end - at;
    header->payload_type = data[1] & 0x7F;
    header->marker = data[1] >> 7;
    header->sequence = get16(data + 2);
    header->timestamp = get32(data + 4);
    return 1;
}

static int admits(forwarder_bucket *bucket, double cost, double now)
{
    double tokens = bucket->tokens + (now - bucket->filled) * bucket->rate;
    bucket->tokens = tokens < bucket->burst ? tokens : bucket->burst;
    bucket->filled = now;
    if (bucket->tokens < cost)
        return 0;
    bucket->tokens -= cost;
    return 1;
}

/* A packet of a known stream: number, keep, tell, forward. */
static void take(forwarder *engine, forwarder_stream *opened, uint8_t *data, size_t size,
                 const rtp_header *header, double now)
{
    const uint8_t *payload = data + header->payload;
    stream_place place;
    if (!stream_take(&opened->numbers, header->sequence, payload, header->size, &place))
        return;
    /* Sound is short, and may be listened to. */
    size_t told = header->size;
    if (opened->numbers.video && told > FORWARDER_TOLD)
        told = FORWARDER_TOLD;
    inbox_record record = {
        .at = now,
        .owner = opened->id,
        .number = place.number,
        .whole = (uint32_t)size,
        .payload = (uint32_t)header->size,
        .size = (uint32_t)(header->payload + told),
        .picture = place.picture,
        .picture_at = (uint8_t)place.picture_at,
        .tl0_at = (uint8_t)place.tl0_at,
        .tl0 = place.tl0,
        .kind = INBOX_TAKEN,
    };
    data[0] &= (uint8_t)~0x20; /* the padding was taken off */
    int urgent = opened->count == 0 || place.gap || stream_starts(&opened->numbers, payload,
                                                                  header->size);
    tell(engine, &record, data, urgent);
    if (opened->numbers.kept == NULL)
        return;
    stream_packet *stored = stream_store(&opened->numbers, &place, header->timestamp,
                                         header->marker, now, payload, header->size);
    if (stored == NULL) {
        engine->totals.unkept++;
        return;
    }
    hold(engine, opened, stored);
    if (!opened->numbers.video || header->marker || opened->held_count == FANOUT_TOGETHER) {
        forwarder_unhold(engine, opened);
        walk(engine, opened);
    }
}

static void hand_over(forwarder *engine, int kind, uint64_t owner, const uint8_t *data,
                      size_t size, const uint8_t *name, size_t name_size, double now, int urgent)
{
    inbox_record record = {
        .at = now,
        .owner = owner,
        .whole = (uint32_t)size,
        .size = (uint32_t)size,
        .kind = (uint8_t)kind,
        .name_size = (uint16_t)(name_size < sizeof record.name ? name_size : sizeof record.name),
    };
    memcpy(record.name, name, record.name_size);
    tell(engine, &record, data, urgent);
}

/* What the event loop still has of a stream comes before what it could be given here. */
static int is_ready(const forwarder *engine, forwarder_stream *opened)
{
    opened->ready |= opened->begun && engine->heard >= opened->handed;
    return opened->ready;
}

static forwarder_stream *stream_of(const forwarder_peer *peer, uint32_t ssrc)
{
    for (size_t index = 0; index < peer->count; index++)
        if (peer->streams[index]->ssrc == ssrc)
            return peer->streams[index];
    return NULL;
}

static int expects(const forwarder_peer *peer, uint32_t ssrc)
{
    for (size_t index = 0; index < peer->reporters; index++)
        if (peer->reporter[index] == ssrc)
            return 1;
    return 0;
}

/* RTCP of a peer: what it asks for again is sent at once, whatever the event loop does. */
static void report(forwarder *engine, forwarder_peer *peer, uint8_t *data, size_t size,
                   const uint8_t *name, size_t name_size, double now)
{
    int plain = (int)size;
    if (!admits(&peer->reports, (double)size, now)) {
        engine->totals.flood++;
    } else if (engine->crypto.unprotect_report(peer->context, data, &plain) != 0 ||
               plain < RTCP_HEADER || (size_t)plain > size) {
        engine->totals.reports_refused++;
    } else {
        forwarder_repeat(engine, engine->table, peer, data, (size_t)plain, now);
        hand_over(engine, INBOX_REPORT, peer->id, data, (size_t)plain, name, name_size, now,
                  forwarder_hurries(data, (size_t)plain));
    }
}

/* A check by who is where it was changes nothing but the time it was last heard, which can wait;
 * the answer cannot. 0: it is somebody else's to look at. */
static int checked(forwarder *engine, const uint8_t *data, size_t size, const uint8_t *name,
                   size_t name_size, double now)
{
    uint8_t answer[CHECK_ANSWER], where[FANOUT_NAME];
    forwarder_peer *peer = forwarder_peer_at(engine, name, name_size);
    if (peer == NULL || peer->trusted == 0 || name_size > sizeof where)
        return 0;
    if (!admits(&peer->checks, 1, now)) {
        engine->totals.flood++;
        return 1;
    }
    size_t answered = check_answer(data, size, peer->keys, peer->trusted, name, name_size, answer);
    memcpy(where, name, name_size);
    if (answered == 0 ||
        !fanout_send_plain(engine->table, engine->file, answer, answered, where, name_size))
        return 0;
    inbox_record record = {.at = now, .owner = peer->id, .kind = INBOX_CHECKED};
    tell(engine, &record, NULL, 0);
    return 1;
}

static void receive(forwarder *engine, uint8_t *data, size_t size, const uint8_t *name,
                    size_t name_size, double now)
{
    if (size != 0 && data[0] <= 3 && checked(engine, data, size, name, name_size, now))
        return;
    forwarder_peer *peer = NULL;
    forwarder_stream *opened = NULL;
    /* RFC 7983 7: the first byte; RFC 5761 4: the second tells RTP from RTCP. */
    if (size >= RTP_HEADER && size < FORWARDER_DATAGRAM - FANOUT_TRAILER && data[0] >= 128 &&
        data[0] <= 191) {
        peer = forwarder_peer_at(engine, name, name_size);
        int is_report = data[1] >= 192 && data[1] <= 223;
        if (peer != NULL && is_report && expects(peer, get32(data + 4))) {
            report(engine, peer, data, size, name, name_size, now);
            return;
        }
        opened = peer != NULL && !is_report ? stream_of(peer, get32(data + 8)) : NULL;
    }
    if (opened == NULL || !is_ready(engine, opened)) {
        hand_over(engine, INBOX_DATAGRAM, 0, data, size, name, name_size, now, 1);
        if (opened != NULL)
            opened->handed = engine->put;
        return;
    }
    if (!admits(&peer->packets, 1, now)) {
        engine->totals.flood++;
        return;
    }
    int plain = (int)size;
    if (engine->crypto.unprotect(peer->context, data, &plain) != 0 || plain < RTP_HEADER ||
        (size_t)plain > size) {
        engine->totals.refused++;
        return;
    }
    engine->totals.packets++;
    engine->totals.bytes += size;
    rtp_header header;
    if (!parse(data, (size_t)plain, &header))
        engine->totals.malformed++;
    else if (header.payload_type != opened->payload_type)
        hand_over(engine, INBOX_PLAIN, peer->id, data, (size_t)plain, name, name_size, now, 1);
    else
        take(engine, opened, data, (size_t)plain, &header, now);
}

void forwarder_receive(forwarder *engine, uint8_t *data, size_t size, const uint8_t *name,
                       size_t name_size, double now)
{
    pthread_mutex_lock(&engine->lock);
    receive(engine, data, size, name, name_size, now);
    pthread_mutex_unlock(&engine->lock);
}

void forwarder_settle(forwarder *engine)
{
    pthread_mutex_lock(&engine->lock);
    walk_held(engine);
    if (engine->crew != NULL) {
        crew_nudge(engine->crew);
        crew_settle(engine->crew, &engine->totals.sent);
    }
    if (fanout_written(engine->table) != 0 || engine->waiting != 0)
        flush(engine);
    pthread_mutex_unlock(&engine->lock);
}

void forwarder_receive_all(forwarder *engine)
{
    for (size_t index = 0; index < FORWARDER_BATCH; index++)
        engine->messages[index].msg_hdr.msg_namelen = sizeof engine->names[index];
    int count = recvmmsg(engine->file, engine->messages, FORWARDER_BATCH, MSG_DONTWAIT, NULL);
    int64_t now = clock_ns();
    pthread_mutex_lock(&engine->lock);
    for (int index = 0; index < count; index++) {
        struct msghdr *message = &engine->messages[index].msg_hdr;
        receive(engine, engine->datagrams[index], engine->messages[index].msg_len,
                message->msg_name, message->msg_namelen, (double)now * 1e-9);
        breathe(engine);
    }
    if (engine->held_since != 0 && now - engine->held_since >= FORWARDER_HELD_NS)
        walk_held(engine);
    if (engine->crew != NULL && engine->waiting != 0)
        crew_nudge(engine->crew);
    if (fanout_written(engine->table) != 0 || engine->waiting != 0)
        flush(engine);
    pthread_mutex_unlock(&engine->lock);
}

/* How long the thread may sleep. NULL: until something comes. */
static const struct timespec *patience(const forwarder *engine, struct timespec *time)
{
    if (engine->waiting == 0 && engine->held_since == 0)
        return NULL;
    int64_t left = FULL_MS * 1000000;
    if (engine->held_since != 0)
        left = engine->held_since + FORWARDER_HELD_NS - clock_ns();
    time->tv_sec = 0;
    time->tv_nsec = left > 0 ? left : 0;
    return time;
}

void *forwarder_run(void *argument)
{
    forwarder *engine = argument;
    struct pollfd files[] = {{.fd = engine->file, .events = POLLIN},
                             {.fd = engine->wake, .events = POLLIN}};
    while (!atomic_load(&engine->ends)) {
        struct timespec time;
        if (ppoll(files, 2, patience(engine, &time), NULL) < 0 && errno != EINTR)
            break;
        forwarder_receive_all(engine);
    }
    return NULL;
}
