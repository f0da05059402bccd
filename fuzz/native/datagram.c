/* Feeds the engine's thread with scripts of datagrams and of what the event loop does meanwhile:
 * libFuzzer makes them, AddressSanitizer and UBSan watch. Build and run: make fuzz-engine.
 *
 * Keys are played: a packet is authentic if it ends with a tag that is written here, so that the
 * fuzzer need not guess it; datagrams that are all the script's have none. No socket, no thread.
 */
#define _GNU_SOURCE
#include "forwarder.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define PEERS 3
#define STREAMS 4
#define SINKS 6
#define TAG 16
#define REPORTER 7

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} script;

static int full;

static int protect(void *context, void *packet, int *size)
{
    memset((uint8_t *)packet + *size, 0x5A, TAG);
    *size += TAG;
    return context == NULL;
}

static int unprotect(void *context, void *packet, int *size)
{
    const uint8_t *bytes = packet;
    if (*size < TAG || bytes[*size - 1] != 0x5A)
        return 1;
    *size -= TAG;
    return context == NULL;
}

static int transmit(int file, struct mmsghdr *messages, unsigned count, int flags)
{
    (void)file;
    (void)flags;
    volatile uint8_t sum = 0;
    for (unsigned index = 0; index < count; index++) {
        const struct msghdr *header = &messages[index].msg_hdr;
        for (size_t piece = 0; piece < header->msg_iovlen; piece++)
            for (size_t at = 0; at < header->msg_iov[piece].iov_len; at++)
                sum += ((const uint8_t *)header->msg_iov[piece].iov_base)[at];
        for (size_t at = 0; at < header->msg_namelen; at++)
            sum += ((const uint8_t *)header->msg_name)[at];
    }
    if (full) {
        errno = full == 1 ? EAGAIN : EINVAL;
        full = 0;
        return -1;
    }
    return (int)count;
}

static uint8_t take8(script *one)
{
    return one->at < one->end ? *one->at++ : 0;
}

static uint16_t take16(script *one)
{
    uint8_t high = take8(one);
    return (uint16_t)(high << 8 | take8(one));
}

static void address(int which, struct sockaddr_in6 *name, size_t *size)
{
    memset(name, 0, sizeof *name);
    name->sin6_port = htons((uint16_t)(1000 + which));
    name->sin6_family = which % 2 ? AF_INET6 : AF_INET; /* the port is at one place in both */
    *size = which % 2 ? sizeof *name : sizeof(struct sockaddr_in);
}

typedef struct {
    forwarder *engine;
    forwarder_peer *peers[PEERS];
    forwarder_stream *streams[PEERS][STREAMS];
    repair_slot slots[SINKS];
    forwarder_stream *attached[SINKS];
    double now;
    uint64_t ids;
} world;

static void detach(world *all, int which)
{
    if (all->attached[which] != NULL)
        forwarder_detach(all->engine, all->attached[which], &all->slots[which]);
    all->attached[which] = NULL;
}

static void open_stream(world *all, int peer, int which)
{
    if (all->streams[peer][which] == NULL)
        all->streams[peer][which] =
            forwarder_open(all->engine, all->peers[peer], ++all->ids, (uint32_t)(which + 1),
                           96 + which % 2, which != 3, which % 2 == 0);
}

/* Its first packet comes by the event loop. */
static void begin_stream(world *all, int peer, int which)
{
    static const uint8_t payload[] = {0x10, 1};
    stream_place place;
    if (forwarder_insert(all->engine, all->streams[peer][which], 0, 0, 1, all->now, payload,
                         sizeof payload, &place))
        forwarder_pass(all->engine, all->streams[peer][which], place.number);
}

static void close_stream(world *all, int peer, int which)
{
    forwarder_stream *opened = all->streams[peer][which];
    for (int sink = 0; sink < SINKS; sink++)
        if (all->attached[sink] == opened && opened != NULL)
            detach(all, sink);
    if (opened != NULL)
        forwarder_close(all->engine, opened);
    all->streams[peer][which] = NULL;
}

/* A compound with what the script has, perhaps as the items of a NACK for one of the slots. Some
 * come as datagrams, others by the event loop. */
static void compound(world *all, script *one)
{
    uint8_t data[FORWARDER_DATAGRAM];
    struct sockaddr_in6 name;
    size_t name_size, size = 8, wanted = 8 + take16(one) % (FORWARDER_DATAGRAM - TAG - 8);
    int from = take8(one) % PEERS, how = take8(one);
    memset(data, 0, 12);
    data[0] = how & 1 ? 0x81 : take8(one);
    data[1] = how & 1 ? 205 : take8(one);
    data[7] = how & 2 ? REPORTER : take8(one);
    if (how & 1) {
        data[11] = (uint8_t)(1 + take8(one) % SINKS);
        size = 12;
    }
    while (size < wanted && one->at < one->end)
        data[size++] = take8(one);
    size_t words = how & 4 ? size / 4 - 1 : take8(one);
    data[2] = (uint8_t)(words >> 8);
    data[3] = (uint8_t)words;
    all->now += how & 8 ? 0.001 : 0.05;
    if (how & 16) {
        forwarder_answer(all->engine, all->peers[from], data, size, all->now);
        return;
    }
    memset(data + size, 0x5A, TAG);
    address(from, &name, &name_size);
    forwarder_receive(all->engine, data, size + TAG, (const uint8_t *)&name, name_size, all->now);
}

/* RTP around what the script has, or the script's bytes as they are. */
static void datagram(world *all, script *one, int how)
{
    uint8_t data[FORWARDER_DATAGRAM];
    struct sockaddr_in6 name;
    size_t name_size, size = 0, wanted = take16(one) % (FORWARDER_DATAGRAM - TAG);
    int from = take8(one) % (PEERS + 1);
    if (how != 0) {
        static const uint8_t head[] = {0x80, 96};
        memcpy(data, head, sizeof head);
        data[1] = (uint8_t)(96 + take8(one) % 2 + (how == 2 ? 128 : 0));
        data[2] = take8(one);
        data[3] = take8(one);
        memset(data + 4, 0, 8);
        data[11] = (uint8_t)(1 + take8(one) % STREAMS);
        size = 12;
    }
    while (size < wanted && one->at < one->end)
        data[size++] = take8(one);
    if (how != 0) {
        memset(data + size, 0x5A, TAG);
        size += TAG;
    }
    address(from, &name, &name_size);
    all->now += 0.001;
    forwarder_receive(all->engine, data, size, (const uint8_t *)&name, name_size, all->now);
}

/* A binding request whose attributes the script has: it is read to its end, and its signature is
 * wrong, since nobody guesses it (tests/media/test_checks.py has right ones). */
static void check(world *all, script *one)
{
    static const uint8_t head[8] = {0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42};
    static const uint8_t user[] = {0, 6, 0, 6, 'p', 'e', 'e', 'r', ':', 'x', 0, 0};
    static const uint8_t signature[] = {0, 8, 0, 20};
    uint8_t data[CHECK_LONGEST + 64] = {0};
    struct sockaddr_in6 name;
    size_t name_size, size = 20, wanted = take16(one) % (CHECK_LONGEST + 8);
    memcpy(data, head, sizeof head);
    memcpy(data + size, user, sizeof user);
    size += sizeof user;
    while (size < wanted && one->at < one->end)
        data[size++] = take8(one);
    if (take8(one) % 2) {
        size = (size + 3) & ~(size_t)3;
        memcpy(data + size, signature, sizeof signature);
        size += sizeof signature + 20;
    }
    data[2] = (uint8_t)((size - 20) >> 8);
    data[3] = (uint8_t)((size - 20) + (take8(one) == 0));
    address(take8(one) % (PEERS + 1), &name, &name_size);
    forwarder_receive(all->engine, data, size, (const uint8_t *)&name, name_size, all->now);
}

static void attach(world *all, script *one, int peer, int which)
{
    int place = take8(one) % SINKS;
    forwarder_stream *opened = all->streams[peer][which];
    struct sockaddr_in6 name;
    size_t name_size;
    detach(all, place);
    if (opened == NULL)
        return;
    fanout_sink *sink = &all->slots[place].sink;
    sink->context = all;
    sink->first = take16(one);
    sink->picture = take16(one);
    sink->tl0 = take8(one);
    sink->before_size = take8(one) % 24;
    sink->after_size = take8(one) % 24;
    address(place, &name, &name_size);
    sink->name_size = (uint8_t)name_size;
    memcpy(sink->name, &name, name_size);
    sink->ssrc = (uint32_t)(1 + place);
    forwarder_serve(all->engine, all->peers[place % PEERS], &all->slots[place]);
    if (forwarder_attach(all->engine, opened, &all->slots[place], take16(one) - 30000,
                         take8(one) % 2 ? 0x9061 : 0))
        all->attached[place] = opened;
}

static void drain(world *all)
{
    static inbox box;
    const uint8_t *data;
    volatile uint8_t sum = 0;
    const inbox_record *record;
    do { /* until there is nothing more, as the event loop does */
        inbox_clear(&box);
        forwarder_fetch(all->engine, &box);
        for (record = inbox_next(&box, &data); record != NULL; record = inbox_next(&box, &data))
            for (uint32_t at = 0; at < record->size; at++)
                sum += data[at];
    } while (box.used != 0);
    inbox_free(&box);
}

static void play(world *all, script *one)
{
    stream_place place;
    uint8_t payload[64];
    int peer = take8(one) % PEERS, which = take8(one) % STREAMS;
    forwarder_stream *opened = all->streams[peer][which];
    switch (take8(one) % 24) {
    case 0:
        datagram(all, one, 0);
        break;
    case 11:
        close_stream(all, peer, which);
        break;
    case 12:
        open_stream(all, peer, which);
        break;
    case 13:
        attach(all, one, peer, which);
        break;
    case 14:
        detach(all, take8(one) % SINKS);
        break;
    case 15:
        if (opened != NULL)
            forwarder_keep(all->engine, opened, take8(one) % 2);
        break;
    case 16:
        for (size_t at = 0; at < sizeof payload; at++)
            payload[at] = take8(one);
        if (opened != NULL &&
            forwarder_insert(all->engine, opened, take16(one), take16(one), take8(one) % 2,
                             all->now, payload, take8(one) % sizeof payload, &place))
            forwarder_pass(all->engine, opened, place.number);
        break;
    case 17:
        if (opened != NULL) {
            stream_packet *found = forwarder_find(all->engine, opened, take16(one));
            if (found != NULL)
                forwarder_release(all->engine, found);
            forwarder_change(all->engine, opened, 96 + take8(one) % 2, take8(one) % 2);
        }
        break;
    case 18:
        full = take8(one) % 3;
        forwarder_settle(all->engine);
        forwarder_flush(all->engine);
        break;
    case 19:
        drain(all);
        break;
    case 22:
        check(all, one);
        break;
    case 23:
        forwarder_report(all->engine, all->peers[peer], take16(one), all->now);
        break;
    case 20:
    case 21:
        compound(all, one);
        break;
    default:
        datagram(all, one, 1 + take8(one) % 2);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const forwarder_crypto crypto = {protect, unprotect, unprotect, protect};
    static const forwarder_pace pace = {2000, 4000, 100000, 200000, 100, 200};
    static const check_key key = {4, 8, "peer", "password"};
    static forwarder *engine; /* its memory is large: one for all scripts, empty between them */
    script one = {data, data + size};
    world all = {.engine = engine, .now = 1.0};
    if (engine == NULL)
        all.engine = engine = forwarder_new(-1, &crypto, transmit, 0, 0);
    full = 0;
    for (int place = 0; place < SINKS; place++)
        repair_begin(&all.slots[place]);
    for (int peer = 0; peer < PEERS; peer++) {
        struct sockaddr_in6 name;
        size_t name_size;
        address(peer, &name, &name_size);
        all.peers[peer] = forwarder_admit(engine, ++all.ids, &all, &pace);
        forwarder_expect(engine, all.peers[peer], REPORTER);
        forwarder_trust(engine, all.peers[peer], &key, 1);
        forwarder_move(engine, all.peers[peer], (const uint8_t *)&name, name_size);
        for (int which = 0; which < STREAMS; which++) {
            open_stream(&all, peer, which);
            forwarder_keep(engine, all.streams[peer][which], 1);
            begin_stream(&all, peer, which);
        }
    }
    while (one.at < one.end)
        play(&all, &one);
    for (int sink = 0; sink < SINKS; sink++)
        detach(&all, sink);
    for (int peer = 0; peer < PEERS; peer++) {
        for (int which = 0; which < STREAMS; which++)
            close_stream(&all, peer, which);
        forwarder_dismiss(engine, all.peers[peer]);
    }
    for (int place = 0; place < SINKS; place++)
        forwarder_forget(engine, &all.slots[place]);
    full = 0;
    forwarder_settle(engine);
    forwarder_flush(engine);
    drain(&all);
    return 0;
}
