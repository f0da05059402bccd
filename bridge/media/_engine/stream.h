/* One incoming RTP stream: endless numbers, VP8 picture numbers, the packets kept for sinks.
 *
 * Owns: which number a packet has, and whether it is new; the last KEPT packets, while somebody
 * may want them. Knows no socket, no lock and no time. The same rules in Python: source.py and
 * NackTracker in bridge/rtp/receive.py; tests/media/test_forwarder.py compares the two.
 */
#ifndef STREAM_H
#define STREAM_H

#include "fanout.h"

#define STREAM_KEPT 512    /* packets, a power of two; as KEPT in source.py */
#define STREAM_MISSING 500 /* a larger gap is not repaired; as _MAX_MISSING in receive.py */

/* A received packet. packet.payload points to what follows. */
typedef struct {
    fanout_packet packet;
    double at;           /* when it came, seconds */
    uint32_t references;
    uint8_t forwarded;
    uint8_t payload[];
} stream_packet;

/* Where the numbers stand; of what was forwarded this is what a sink goes on from. */
typedef struct {
    int64_t number;      /* -1: nothing yet */
    double at;           /* when it came, seconds */
    uint32_t timestamp;
    uint16_t picture;
    uint8_t tl0;
} stream_mark;

typedef struct {
    uint8_t video;
    uint8_t vp8;
    uint8_t keeps;       /* packets are kept */
    uint8_t pictured;    /* picture and tl0 are of a packet */
    uint8_t tl0;
    uint16_t newest;     /* sequence number of highest */
    int32_t restart;     /* sequence number that would prove a new count, -1: none */
    int64_t highest;     /* -1: nothing yet; numbers begin with 1 */
    int64_t picture;     /* endless */
    stream_mark sent;
    uint64_t seen[STREAM_KEPT / 64]; /* of the numbers up to highest */
    stream_packet **kept;            /* STREAM_KEPT, or NULL */
} stream;

/* What is found out of a packet; its numbers and offsets are fanout_packet's. */
typedef struct {
    int64_t number;
    size_t picture_at;
    size_t tl0_at;
    uint16_t picture;
    uint8_t tl0;
    uint8_t widened;     /* one byte was put before the picture number: 7 bits became 15 */
    uint8_t gap;         /* packets before it are missing */
} stream_place;

void stream_begin(stream *one, int video, int vp8);
void stream_end(stream *one);

/* Keep packets from now on, or no more. 0: no memory. */
int stream_keep(stream *one, int keeps);

/* Number one packet. 0: it is not new, or no number can be given to it. */
int stream_take(stream *one, uint16_t sequence, const uint8_t *payload, size_t size,
                stream_place *place);

/* Whether a key frame may start here: a viewer can begin with it. */
int stream_starts(const stream *one, const uint8_t *payload, size_t size);

/* Make the packet that place was found for, with one reference, and keep it if packets are kept.
 * NULL: no memory. */
stream_packet *stream_store(stream *one, const stream_place *place, uint32_t timestamp,
                            int marker, double now, const uint8_t *payload, size_t size);

/* The kept packet with this number, or NULL. */
stream_packet *stream_find(const stream *one, int64_t number);

/* Remember that the packet was given to the sinks. */
void stream_sent(stream *one, stream_packet *packet);

void stream_release(stream_packet *packet);

#endif
