/* What forwarder.c (life, peers, streams) and flow.c (the way of a packet) share. */
#ifndef FORWARDER_PARTS_H
#define FORWARDER_PARTS_H

#include "forwarder.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

/* Of a sockaddr what tells addresses apart. */
typedef struct {
    uint16_t family;
    uint16_t port;
    uint32_t scope;
    uint8_t host[16];
} address_key;

/* What may still come of something; as pace.py. */
typedef struct {
    double rate, burst, tokens, filled;
} forwarder_bucket;

struct forwarder_stream {
    forwarder *engine;
    forwarder_peer *peer;
    forwarder_stream *next_held; /* of those with held packets */
    uint64_t id;
    uint32_t ssrc;
    uint8_t payload_type;
    uint8_t begun;               /* its first packet has been inserted */
    uint8_t ready;               /* so has everything of it that the event loop was handed */
    uint64_t handed;             /* records of the inbox until the last of these */
    uint8_t closed;              /* to be freed when nobody walks through its sinks any more */
    uint8_t walked;              /* how many do */
    uint8_t is_held;
    uint32_t references;         /* of slots that may repeat its packets */
    size_t turn;                 /* where the next walk begins */
    size_t count;                /* of sinks, with empty places */
    size_t room;
    fanout_sink **sinks;
    size_t held_count;
    stream_packet *held[FANOUT_TOGETHER];
    stream numbers;
};

struct forwarder_peer {
    forwarder_peer *next;        /* of the same bucket */
    uint64_t id;
    void *context;               /* of libsrtp, with the peer's keys; the caller keeps it alive */
    address_key address;
    uint8_t is_placed;
    forwarder_bucket packets;
    forwarder_bucket reports;
    forwarder_bucket checks;
    size_t trusted;
    check_key keys[FORWARDER_KEYS];
    size_t reporters;
    uint32_t reporter[FORWARDER_REPORTERS];
    size_t served;               /* slots of it as a viewer */
    size_t room;
    repair_slot **slots;
    size_t count;
    forwarder_stream *streams[FORWARDER_STREAMS];
};

struct forwarder {
    int file;
    int event;                   /* for the event loop */
    int wake;                    /* for the thread */
    int signalled;
    forwarder_crypto crypto;
    fanout *table;               /* the thread's */
    fanout *aside;               /* the event loop's */
    crew *crew;                  /* NULL: no helpers */
    size_t shared;
    size_t waiting;              /* messages of table that a full socket keeps */
    forwarder_stream *held;
    int64_t held_since;          /* nanoseconds; 0: nothing is held */
    inbox inbox;
    uint64_t put, fetched, heard; /* records of it until now, the last exchange, the one before */
    forwarder_totals totals;
    pthread_mutex_t lock;
    pthread_mutex_t gate;        /* held by the event loop while it wants the lock, or has it */
    atomic_int wanted;           /* whether it does */
    atomic_int ends;
    int runs;
    pthread_t thread;
    forwarder_peer *buckets[FORWARDER_BUCKETS];
    struct mmsghdr messages[FORWARDER_BATCH];
    struct iovec pieces[FORWARDER_BATCH];
    struct sockaddr_storage names[FORWARDER_BATCH];
    uint8_t datagrams[FORWARDER_BATCH][FORWARDER_DATAGRAM];
};

/* forwarder.c; all with the lock held */
forwarder_peer *forwarder_peer_at(const forwarder *engine, const uint8_t *name, size_t name_size);
void forwarder_take_again(forwarder *engine);
void forwarder_walked(forwarder_stream *opened);
void forwarder_unhold(forwarder *engine, forwarder_stream *opened);

/* report.c; with the lock held */
/* Whether a compound asks for a key frame; all else that is in one can wait. */
int forwarder_hurries(const uint8_t *compound, size_t size);
void forwarder_repeat(forwarder *engine, fanout *table, forwarder_peer *peer,
                      const uint8_t *compound, size_t size, double now);

/* flow.c */
void *forwarder_run(void *engine);

#endif
