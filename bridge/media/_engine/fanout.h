/* One RTP packet to many viewers: build, encrypt, send. No Python in here.
 *
 * Owns: the memory of the datagrams that leave together. What a sink's constants mean is the
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

#define FANOUT_SLOTS 64       /* datagrams of one system call, as in batch.py */
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
    uint8_t tl0;
    uint8_t stamp[FANOUT_STAMP];
} fanout_packet;

/* What became of a packet, summed over its sinks. */
typedef struct {
    uint64_t packets;    /* handed to the kernel, whatever it did with them */
    uint64_t bytes;      /* of them, before encryption */
    uint64_t refused;    /* by libsrtp */
    uint64_t failed;     /* destinations that the kernel cannot send to */
    uint64_t full;       /* lost to a full socket buffer */
    uint64_t misfits;    /* too long, or picture numbers beyond the end: nothing was written */
} fanout_result;

typedef struct fanout fanout;

/* NULL: no memory. */
fanout *fanout_new(fanout_protect protect, fanout_send send);
void fanout_free(fanout *table);

/* Send packet to up to FANOUT_SLOTS sinks; more are ignored. Adds to result.
 * Nothing may change a sink, or free what it points to, before this returns. */
void fanout_forward(fanout *table, int file, const fanout_packet *packet,
                    fanout_sink *const *sinks, size_t count, fanout_result *result);

#endif
