#define _GNU_SOURCE
#include "forwarder_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* --- the lock ------------------------------------------------------------------------ */

/* A mutex lets nobody through who waits while its owner takes it again at once. So whoever wants
 * it holds the gate until it is done, and the thread goes through the gate. */
void forwarder_enter(forwarder *engine)
{
    pthread_mutex_lock(&engine->gate);
    atomic_store(&engine->wanted, 1);
    pthread_mutex_lock(&engine->lock);
}

void forwarder_leave(forwarder *engine)
{
    atomic_store(&engine->wanted, 0);
    pthread_mutex_unlock(&engine->lock);
    pthread_mutex_unlock(&engine->gate);
}

void forwarder_take_again(forwarder *engine)
{
    if (atomic_load(&engine->wanted)) {
        pthread_mutex_lock(&engine->gate);
        pthread_mutex_lock(&engine->lock);
        pthread_mutex_unlock(&engine->gate);
    } else {
        pthread_mutex_lock(&engine->lock);
    }
}

/* --- life ---------------------------------------------------------------------------- */

forwarder *forwarder_new(int file, const forwarder_crypto *crypto, fanout_send send,
                         size_t helpers, size_t shared)
{
    forwarder *engine = calloc(1, sizeof *engine);
    if (engine == NULL)
        return NULL;
    engine->file = file;
    engine->crypto = *crypto;
    engine->table = fanout_new(crypto->protect, send);
    engine->aside = fanout_new(crypto->protect, send);
    engine->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    engine->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pthread_mutex_init(&engine->lock, NULL);
    pthread_mutex_init(&engine->gate, NULL);
    for (size_t index = 0; index < FORWARDER_BATCH; index++) {
        engine->pieces[index].iov_base = engine->datagrams[index];
        engine->pieces[index].iov_len = FORWARDER_DATAGRAM;
        engine->messages[index].msg_hdr.msg_iov = &engine->pieces[index];
        engine->messages[index].msg_hdr.msg_iovlen = 1;
        engine->messages[index].msg_hdr.msg_name = &engine->names[index];
    }
    engine->shared = shared;
    if (helpers != 0)
        engine->crew = crew_new(helpers, file, crypto->protect, send);
    if (engine->table == NULL || engine->aside == NULL || engine->event < 0 || engine->wake < 0 ||
        (helpers != 0 && engine->crew == NULL)) {
        forwarder_free(engine);
        return NULL;
    }
    return engine;
}

void forwarder_free(forwarder *engine)
{
    if (engine == NULL)
        return;
    forwarder_stop(engine);
    crew_free(engine->crew);
    fanout_free(engine->table);
    fanout_free(engine->aside);
    inbox_free(&engine->inbox);
    if (engine->event >= 0)
        close(engine->event);
    if (engine->wake >= 0)
        close(engine->wake);
    pthread_mutex_destroy(&engine->lock);
    pthread_mutex_destroy(&engine->gate);
    free(engine);
}

int forwarder_start(forwarder *engine)
{
    int error = pthread_create(&engine->thread, NULL, forwarder_run, engine);
    engine->runs = error == 0;
    return error;
}

void forwarder_stop(forwarder *engine)
{
    uint64_t one = 1;
    if (!engine->runs)
        return;
    atomic_store(&engine->ends, 1);
    if (write(engine->wake, &one, sizeof one) == sizeof one)
        pthread_join(engine->thread, NULL);
    engine->runs = 0;
}

int forwarder_event(const forwarder *engine)
{
    return engine->event;
}

/* --- telling the event loop ---------------------------------------------------------- */

void forwarder_fetch(forwarder *engine, inbox *with)
{
    uint64_t count;
    forwarder_enter(engine);
    if (engine->signalled && read(engine->event, &count, sizeof count) == sizeof count)
        engine->signalled = 0;
    /* What it got the last time it is done with. */
    engine->heard = engine->fetched;
    engine->fetched = engine->put;
    inbox full = engine->inbox;
    engine->inbox = *with;
    *with = full;
    forwarder_leave(engine);
}

void forwarder_count(forwarder *engine, forwarder_totals *totals)
{
    forwarder_enter(engine);
    *totals = engine->totals;
    forwarder_leave(engine);
}

/* --- sinks --------------------------------------------------------------------------- */

/* Of a closed stream that nobody walks; slots may still know it. */
static void empty_stream(forwarder_stream *opened)
{
    for (size_t index = 0; index < opened->held_count; index++)
        stream_release(opened->held[index]);
    opened->held_count = opened->count = opened->room = 0;
    stream_end(&opened->numbers);
    free(opened->sinks);
    opened->sinks = NULL;
    if (opened->references == 0)
        free(opened);
}

static void release_source(repair_segment *segment)
{
    forwarder_stream *opened = segment->source;
    if (--opened->references == 0 && opened->closed && opened->walked == 0)
        free(opened); /* it was emptied */
}

/* Close the gaps that sinks left, when nobody walks. */
void forwarder_walked(forwarder_stream *opened)
{
    if (--opened->walked != 0)
        return;
    if (opened->closed) {
        empty_stream(opened);
        return;
    }
    size_t left = 0;
    for (size_t index = 0; index < opened->count; index++)
        if (opened->sinks[index] != NULL)
            opened->sinks[left++] = opened->sinks[index];
    opened->count = left;
}

static int is_held(const forwarder_stream *opened, const stream_packet *packet)
{
    for (size_t index = 0; index < opened->held_count; index++)
        if (opened->held[index] == packet)
            return 1;
    return 0;
}

/* Give an inserted packet to all sinks; the caller flushes. */
static void pass(forwarder *engine, forwarder_stream *opened, stream_packet *packet)
{
    stream_sent(&opened->numbers, packet);
    for (size_t index = 0; index < opened->count; index++)
        if (opened->sinks[index] != NULL)
            fanout_forward(engine->aside, engine->file, &packet->packet, &opened->sinks[index],
                           1, &engine->totals.sent);
}

static void remember(forwarder_stream *opened, repair_slot *slot, int64_t sequence,
                     uint16_t repair_head)
{
    if (slot->count == REPAIR_SEGMENTS) {
        release_source(&slot->segments[0]);
        slot->count--;
        memmove(slot->segments, slot->segments + 1, slot->count * sizeof *slot->segments);
    }
    slot->segments[slot->count++] = (repair_segment){
        .source = opened,
        .first = slot->sink.first,
        .last = INT64_MAX,
        .sequence = sequence,
        .timestamp = slot->sink.timestamp,
        .head = slot->sink.head,
        .repair_head = repair_head,
        .picture = slot->sink.picture,
        .tl0 = slot->sink.tl0,
    };
    opened->references++;
}

int forwarder_attach(forwarder *engine, forwarder_stream *opened, repair_slot *slot,
                     int64_t sequence, uint16_t repair_head)
{
    fanout_sink *sink = &slot->sink;
    int attached = 0;
    forwarder_enter(engine);
    if (opened->count == opened->room) {
        size_t room = opened->room != 0 ? 2 * opened->room : 4;
        fanout_sink **sinks = realloc(opened->sinks, room * sizeof *sinks);
        if (sinks != NULL) {
            opened->sinks = sinks;
            opened->room = room;
        }
    }
    stream_packet *begin = stream_find(&opened->numbers, sink->first);
    if (opened->count < opened->room && begin != NULL) {
        if (!begin->forwarded && !is_held(opened, begin))
            pass(engine, opened, begin); /* it was inserted just now, and others have followed */
        for (int64_t number = sink->first; number <= opened->numbers.highest; number++) {
            stream_packet *packet = stream_find(&opened->numbers, number);
            if (packet != NULL && packet->forwarded)
                fanout_forward(engine->aside, engine->file, &packet->packet, &sink, 1,
                               &engine->totals.sent);
        }
        fanout_flush(engine->aside, engine->file, &engine->totals.sent);
        opened->sinks[opened->count++] = sink;
        remember(opened, slot, sequence, repair_head);
        attached = 1;
    }
    forwarder_leave(engine);
    return attached;
}

stream_mark forwarder_detach(forwarder *engine, forwarder_stream *opened, repair_slot *slot)
{
    forwarder_enter(engine);
    for (size_t index = 0; index < opened->count; index++)
        if (opened->sinks[index] == &slot->sink)
            opened->sinks[index] = NULL;
    opened->walked++;
    stream_mark sent = opened->numbers.sent;
    for (size_t index = 0; index < slot->count; index++) {
        repair_segment *segment = &slot->segments[index];
        if (segment->source == opened && segment->last == INT64_MAX)
            segment->last = sent.number < segment->first ? segment->first - 1 : sent.number;
    }
    forwarder_walked(opened);
    forwarder_leave(engine);
    return sent;
}

/* --- peers and streams --------------------------------------------------------------- */

static int key_of(const uint8_t *name, size_t size, address_key *key)
{
    memset(key, 0, sizeof *key);
    if (size >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in four;
        memcpy(&four, name, sizeof four);
        key->family = four.sin_family;
        key->port = four.sin_port;
        if (four.sin_family == AF_INET) {
            memcpy(key->host, &four.sin_addr, 4);
            return 1;
        }
        if (four.sin_family == AF_INET6 && size >= sizeof(struct sockaddr_in6)) {
            struct sockaddr_in6 six;
            memcpy(&six, name, sizeof six);
            key->scope = six.sin6_scope_id;
            memcpy(key->host, &six.sin6_addr, 16);
            return 1;
        }
    }
    return 0;
}

static size_t bucket_of(const address_key *key)
{
    const uint8_t *bytes = (const uint8_t *)key;
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t index = 0; index < sizeof *key; index++)
        hash = (hash ^ bytes[index]) * 16777619u;
    return hash % FORWARDER_BUCKETS;
}

static forwarder_peer *find_peer(const forwarder *engine, const address_key *key)
{
    forwarder_peer *peer = engine->buckets[bucket_of(key)];
    while (peer != NULL && memcmp(&peer->address, key, sizeof *key) != 0)
        peer = peer->next;
    return peer;
}

forwarder_peer *forwarder_peer_at(const forwarder *engine, const uint8_t *name, size_t name_size)
{
    address_key key;
    return key_of(name, name_size, &key) ? find_peer(engine, &key) : NULL;
}

static void displace(forwarder *engine, forwarder_peer *peer)
{
    if (!peer->is_placed)
        return;
    forwarder_peer **at = &engine->buckets[bucket_of(&peer->address)];
    while (*at != peer)
        at = &(*at)->next;
    *at = peer->next;
    peer->is_placed = 0;
}

forwarder_peer *forwarder_admit(forwarder *engine, uint64_t id, void *context,
                                const forwarder_pace *pace)
{
    forwarder_peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL)
        return NULL;
    peer->id = id;
    peer->context = context;
    peer->packets = (forwarder_bucket){
        .rate = pace->packets, .burst = pace->packets_burst, .tokens = pace->packets_burst};
    peer->reports = (forwarder_bucket){.rate = pace->report_bytes,
                                       .burst = pace->report_bytes_burst,
                                       .tokens = pace->report_bytes_burst};
    peer->checks = (forwarder_bucket){
        .rate = pace->checks, .burst = pace->checks_burst, .tokens = pace->checks_burst};
    (void)engine;
    return peer;
}

void forwarder_trust(forwarder *engine, forwarder_peer *peer, const check_key *keys, size_t count)
{
    forwarder_enter(engine);
    peer->trusted = count < FORWARDER_KEYS ? count : FORWARDER_KEYS;
    memcpy(peer->keys, keys, peer->trusted * sizeof *keys);
    forwarder_leave(engine);
}

void forwarder_move(forwarder *engine, forwarder_peer *peer, const uint8_t *name,
                    size_t name_size)
{
    address_key key;
    int placed = key_of(name, name_size, &key);
    forwarder_enter(engine);
    displace(engine, peer);
    forwarder_peer *other = placed ? find_peer(engine, &key) : NULL;
    if (other != NULL)
        displace(engine, other); /* it was there before */
    if (placed) {
        forwarder_peer **bucket = &engine->buckets[bucket_of(&key)];
        peer->address = key;
        peer->next = *bucket;
        *bucket = peer;
        peer->is_placed = 1;
    }
    forwarder_leave(engine);
}

void forwarder_unhold(forwarder *engine, forwarder_stream *opened)
{
    if (!opened->is_held)
        return;
    forwarder_stream **at = &engine->held;
    while (*at != opened)
        at = &(*at)->next_held;
    *at = opened->next_held;
    opened->is_held = 0;
}

static void close_stream(forwarder *engine, forwarder_stream *opened)
{
    forwarder_unhold(engine, opened);
    for (size_t index = 0; index < opened->count; index++)
        opened->sinks[index] = NULL;
    opened->closed = 1;
    opened->walked++;
    forwarder_walked(opened);
}

void forwarder_dismiss(forwarder *engine, forwarder_peer *peer)
{
    forwarder_enter(engine);
    displace(engine, peer);
    for (size_t index = 0; index < peer->count; index++)
        peer->streams[index]->peer = NULL;
    free(peer->slots);
    free(peer);
    forwarder_leave(engine);
}

void forwarder_expect(forwarder *engine, forwarder_peer *peer, uint32_t ssrc)
{
    forwarder_enter(engine);
    size_t index = 0;
    while (index < peer->reporters && peer->reporter[index] != ssrc)
        index++;
    if (index == peer->reporters && index < FORWARDER_REPORTERS)
        peer->reporter[peer->reporters++] = ssrc;
    forwarder_leave(engine);
}

int forwarder_serve(forwarder *engine, forwarder_peer *peer, repair_slot *slot)
{
    forwarder_enter(engine);
    size_t index = 0;
    while (index < peer->served && peer->slots[index]->sink.ssrc != slot->sink.ssrc)
        index++;
    if (index == peer->room) {
        size_t room = peer->room != 0 ? 2 * peer->room : 4;
        repair_slot **slots = realloc(peer->slots, room * sizeof *slots);
        if (slots != NULL) {
            peer->slots = slots;
            peer->room = room;
        }
    }
    int done = index < peer->room;
    if (done)
        peer->slots[index] = slot;
    if (done && index == peer->served)
        peer->served++;
    forwarder_leave(engine);
    return done;
}

void forwarder_forget(forwarder *engine, repair_slot *slot)
{
    forwarder_enter(engine);
    for (size_t index = 0; index < slot->count; index++)
        release_source(&slot->segments[index]);
    repair_end(slot);
    forwarder_leave(engine);
}

forwarder_stream *forwarder_open(forwarder *engine, forwarder_peer *peer, uint64_t id,
                                 uint32_t ssrc, int payload_type, int video, int vp8)
{
    forwarder_stream *opened = NULL;
    forwarder_enter(engine);
    if (peer->count < FORWARDER_STREAMS)
        opened = calloc(1, sizeof *opened);
    if (opened != NULL) {
        opened->engine = engine;
        opened->peer = peer;
        opened->id = id;
        opened->handed = engine->put; /* some of it may be under way already */
        opened->ssrc = ssrc;
        opened->payload_type = (uint8_t)payload_type;
        stream_begin(&opened->numbers, video, vp8);
        peer->streams[peer->count++] = opened;
    }
    forwarder_leave(engine);
    return opened;
}

void forwarder_close(forwarder *engine, forwarder_stream *opened)
{
    forwarder_enter(engine);
    forwarder_peer *peer = opened->peer;
    for (size_t index = 0; peer != NULL && index < peer->count; index++)
        if (peer->streams[index] == opened) {
            peer->streams[index] = peer->streams[--peer->count];
            break;
        }
    close_stream(engine, opened);
    forwarder_leave(engine);
}

void forwarder_change(forwarder *engine, forwarder_stream *opened, int payload_type, int vp8)
{
    forwarder_enter(engine);
    opened->payload_type = (uint8_t)payload_type;
    opened->numbers.vp8 = vp8 != 0;
    opened->numbers.pictured = 0;
    forwarder_leave(engine);
}

int forwarder_keep(forwarder *engine, forwarder_stream *opened, int keeps)
{
    forwarder_enter(engine);
    int done = stream_keep(&opened->numbers, keeps);
    forwarder_leave(engine);
    return done;
}

size_t forwarder_flush(forwarder *engine)
{
    forwarder_enter(engine);
    size_t waiting = fanout_flush(engine->aside, engine->file, &engine->totals.sent);
    forwarder_leave(engine);
    return waiting;
}

/* --- packets of the event loop ------------------------------------------------------- */

int forwarder_insert(forwarder *engine, forwarder_stream *opened, uint16_t sequence,
                     uint32_t timestamp, int marker, double now, const uint8_t *payload,
                     size_t size, stream_place *place)
{
    forwarder_enter(engine);
    int taken = stream_take(&opened->numbers, sequence, payload, size, place);
    opened->begun = 1;
    if (taken && opened->numbers.kept != NULL) {
        stream_packet *stored =
            stream_store(&opened->numbers, place, timestamp, marker, now, payload, size);
        if (stored != NULL)
            stream_release(stored); /* what is kept has its own reference */
        else
            engine->totals.unkept++;
    }
    forwarder_leave(engine);
    return taken;
}

void forwarder_pass(forwarder *engine, forwarder_stream *opened, int64_t number)
{
    forwarder_enter(engine);
    stream_packet *packet = stream_find(&opened->numbers, number);
    if (packet != NULL && !packet->forwarded) {
        pass(engine, opened, packet);
        fanout_flush(engine->aside, engine->file, &engine->totals.sent);
    }
    forwarder_leave(engine);
}

stream_packet *forwarder_find(forwarder *engine, forwarder_stream *opened, int64_t number)
{
    forwarder_enter(engine);
    stream_packet *packet = stream_find(&opened->numbers, number);
    if (packet != NULL)
        packet->references++;
    forwarder_leave(engine);
    return packet;
}

void forwarder_release(forwarder *engine, stream_packet *packet)
{
    forwarder_enter(engine);
    stream_release(packet);
    forwarder_leave(engine);
}
