/* One RTP packet to many viewers: build, encrypt, send. No Python in here.
 *
 * Owns: the memory of the datagrams that leave together, and of those that a full socket keeps
 * waiting; pictures leave the last part of it to sound. What a sink's constants mean is the
 * caller's affair (bridge/media/sink.py); engine_python.py does the same in Python, byte for byte.
 *
 *      0      2          4           8      12
 *     +------+----------+-----------+------+--------+-------+-------+---------+
 *     | head | sequence | timestamp | SSRC | before | stamp | after | payload |
 *     +------+----------+-----------+------+--------+-------+-------+---------+
 *      RFC 3550 5.1                         extensions, 0..64 bytes  picture numbers rewritten
 */
#ifndef FANOUT_H
#define FANOUT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define FANOUT_SLOTS 64       /* sinks of one call */
#define FANOUT_MESSAGES 512   /* that may wait: eight packets to 64 viewers */
#define FANOUT_MEMORY 524288  /* bytes of all that waits */
#define FANOUT_TOGETHER 16    /* datagrams of one message (UDP_SEGMENT) */
#define FANOUT_RESERVE 8      /* one in so many places, and bytes, is for sound alone */
#define FANOUT_CAPACITY 2048  /* bytes of one datagram, as in srtp.py */
#define FANOUT_TRAILER 148    /* what encryption may add, as in srtp.py */
#define FANOUT_HEADER 12
#define FANOUT_STAMP 3        /* abs-send-time */
#define FANOUT_EXTENSIONS 64  /* bytes before and after the stamp, together with it */
#define FANOUT_NAME 28        /* sockaddr_in6, the longest */

/* srtp_protect of libsrtp 2: encrypts in place, changes the size; 0 is success. */
typedef int (*fanout_protect)(void *context, void *packet, int *size);
/* sendmmsg(2). */
typedef int (*fanout_send)(int file, struct mmsghdr *messages, unsigned count, int flags);

/* What one viewer's slot makes of a source's packets. */
typedef struct {
    void *context;       /* of libsrtp, with the viewer's keys; the caller keeps it alive */
    int64_t first;       /* number of the first packet that may be forwarded */
    uint64_t packets;    /* sent, as they are counted for sender reports */
    uint64_t octets;     /* their payloads */
    uint32_t ssrc;
    uint32_t timestamp;  /* added to the packet's */
    uint32_t turn;       /* the core's own: in which round message is open */
    uint32_t message;
    uint16_t sequence;   /* added to the packet's number */
    uint16_t head;       /* first 16 bits of the header without the marker */
    uint16_t picture;    /* added to VP8 picture numbers */
    uint8_t tl0;
    uint8_t before_size; /* 0: there is no stamp either */
    uint8_t after_size;
    uint8_t name_size;
    uint8_t extensions[FANOUT_EXTENSIONS]; /* before, then after */
    uint8_t name[FANOUT_NAME];             /* sockaddr */
} fanout_sink;

typedef struct {
    int64_t number;      /* endless */
    const uint8_t *payload;
    size_t size;
    size_t picture_at;   /* offset in the payload, 0: none; two bytes */
    size_t tl0_at;       /* the same, one byte */
    uint32_t timestamp;
    uint16_t picture;
    uint8_t marker;      /* 0x80 or 0 */
    uint8_t video;       /* 1 or 0 */
    uint8_t tl0;
    uint8_t stamp[FANOUT_STAMP];
} fanout_packet;

/* How a packet is sent once more: as the retransmission stream's (RFC 4588 4). */
typedef struct {
    uint32_t ssrc;
    uint16_t sequence;
    uint16_t head;       /* as in the sink; 0: as it was sent the first time */
} fanout_repair;

/* What became of packets, summed over their sinks. */
typedef struct {
    uint64_t packets;    /* encrypted, whatever the kernel does with them */
    uint64_t bytes;      /* of them, before encryption */
    uint64_t refused;    /* by libsrtp */
    uint64_t failed;     /* destinations that the kernel cannot send to */
    uint64_t full;       /* lost: the socket is full, and the memory for what waits too */
    uint64_t misfits;    /* too long, or picture numbers beyond the end: nothing was written */
} fanout_result;

typedef struct fanout fanout;

/* NULL: no memory. */
fanout *fanout_new(fanout_protect protect, fanout_send send);
void fanout_free(fanout *table);

/* Make packet for up to FANOUT_SLOTS sinks; more are ignored. It leaves with fanout_flush, or
 * when there is no room for more. Adds to result. Nothing may change a sink, or free what it
 * points to, before this returns; afterwards the table points to none of it. */
void fanout_forward(fanout *table, int file, const fanout_packet *packet,
                    fanout_sink *const *sinks, size_t count, fanout_result *result);

/* Make packet once more for one sink. Adds to result, and not to the sink's counts. */
void fanout_repeat(fanout *table, int file, const fanout_packet *packet, fanout_sink *sink,
                   const fanout_repair *repair, fanout_result *result);

/* Make one datagram of data, encrypted by protect, for the sink's viewer; it leaves as packets do.
 * 0: there is no room, or it was refused. Adds to result, but to no count of packets. */
int fanout_control(fanout *table, int file, fanout_sink *sink, fanout_protect protect,
                   const uint8_t *data, size_t size, fanout_result *result);

/* Send what was made; return how many messages a full socket keeps waiting. Adds to result. */
size_t fanout_flush(fanout *table, int file, fanout_result *result);

/* Send one datagram at once, as it is. 0: not now. */
int fanout_send_plain(fanout *table, int file, uint8_t *data, size_t size, uint8_t *name,
                      size_t name_size);

/* Bytes that were made and may not have left. */
size_t fanout_written(const fanout *table);

#endif
