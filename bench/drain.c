/* Empties the sockets of many viewers at little cost: headers are counted, nothing is decrypted.
 *
 * The sockets have UDP_GRO set: what a server hands to the kernel as one message of many datagrams
 * is received as one, and taken apart here. Loopback would cut it on the sender's account.
 *
 * One call looks at every socket once. It is made on a beat, not when something arrives: the
 * kernel notes the time of each datagram (SO_TIMESTAMPNS), so that being late costs no accuracy,
 * and nobody has to be woken while the server sends. What is not RTP (checks, DTLS, RTCP), and
 * one RTP packet in `sample_every`, is handed out whole.
 *
 * The structures are those of bench/drain.py.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#ifndef UDP_GRO
#define UDP_GRO 104 /* linux/udp.h */
#endif
enum { BATCH = 32, MESSAGE = 65536, ROUNDS = 16, STREAMS = 4 };

struct stream { /* RFC 3550 A.1 and A.8, without probation */
    uint32_t ssrc, received, first, highest; /* sequence numbers with their cycles; received 0: free */
    uint32_t transit, jitter;                /* in units of the clock; the jitter times 16 */
    uint32_t kind, frames;                   /* payload type; packets with the marker bit */
};

struct viewer {
    int32_t fd; /* -1: nobody */
    uint32_t video, audio; /* payload types; others (repairs) are counted as packets only */
    uint32_t dropped;      /* by the kernel, because this socket was full */
    uint64_t packets, octets;
    struct stream streams[STREAMS];
};

struct mark { /* the last packet of a picture */
    uint64_t at; /* kernel time of arrival, Unix nanoseconds */
    uint32_t viewer, timestamp, length, unused;
};

struct outlet {
    uint8_t *bytes; /* whole datagrams, each after its viewer and its length, 32 bits each */
    struct mark *marks;
    uint32_t bytes_room, bytes_used, marks_room, marks_used; /* marks_room 0: note none */
    uint32_t sample_every, unused;
};

static uint32_t be32(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static struct stream *stream_of(struct viewer *viewer, uint32_t ssrc, uint32_t kind) {
    for (int i = 0; i < STREAMS; i++) {
        struct stream *stream = &viewer->streams[i];
        if (!stream->received) {
            stream->ssrc = ssrc;
            stream->kind = kind;
            return stream;
        }
        if (stream->ssrc == ssrc) return stream;
    }
    return 0;
}

static void count(struct stream *stream, const uint8_t *packet, uint64_t at, uint32_t clock) {
    uint32_t sequence = (uint32_t)packet[2] << 8 | packet[3];
    /* seconds and the rest apart: nanoseconds times the clock are more than 64 bits hold */
    uint32_t arrival = (uint32_t)(at / 1000000000u * clock + at % 1000000000u * clock / 1000000000u);
    uint32_t transit = arrival - be32(packet + 4);
    if (!stream->received++) {
        stream->first = stream->highest = sequence + 65536; /* room for what comes out of order */
    } else {
        int16_t step = (int16_t)(sequence - stream->highest);
        int32_t moved = (int32_t)(transit - stream->transit);
        if (step > 0) stream->highest += (uint32_t)step;
        stream->jitter += (uint32_t)(moved < 0 ? -moved : moved) - ((stream->jitter + 8) >> 4);
    }
    stream->transit = transit;
    stream->frames += packet[1] >> 7;
}

/* When a message came; *piece: bytes of each of its datagrams but the last. */
static uint64_t arrival_of(struct viewer *viewer, struct msghdr *message, uint32_t *piece) {
    struct timespec at = {0, 0};
    int size = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO)
            memcpy(&size, CMSG_DATA(c), sizeof size);
        if (c->cmsg_level != SOL_SOCKET) continue;
        if (c->cmsg_type == SO_TIMESTAMPNS) memcpy(&at, CMSG_DATA(c), sizeof at);
        if (c->cmsg_type == SO_RXQ_OVFL)
            memcpy(&viewer->dropped, CMSG_DATA(c), sizeof viewer->dropped);
    }
    *piece = size > 0 ? (uint32_t)size : MESSAGE;
    return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

static void hand_out(struct outlet *out, uint32_t place, const uint8_t *data, uint32_t length) {
    memcpy(out->bytes + out->bytes_used, &place, 4);
    memcpy(out->bytes + out->bytes_used + 4, &length, 4);
    memcpy(out->bytes + out->bytes_used + 8, data, length);
    out->bytes_used += 8 + length;
}

static void take(struct viewer *viewer, uint32_t place, const uint8_t *data, uint32_t length,
                 uint64_t at, struct outlet *out) {
    /* RFC 7983 and RFC 5761: what is RTP */
    if (length < 12 || (data[0] & 0xC0) != 0x80 || (data[1] >= 192 && data[1] <= 223)) {
        hand_out(out, place, data, length);
        return;
    }
    uint32_t kind = data[1] & 0x7F;
    viewer->packets++;
    viewer->octets += length;
    if (viewer->packets % out->sample_every == 1) hand_out(out, place, data, length);
    if (kind != viewer->video && kind != viewer->audio) return;
    struct stream *stream = stream_of(viewer, be32(data + 8), kind);
    if (stream) count(stream, data, at, kind == viewer->video ? 90000 : 48000);
    if (kind == viewer->video && data[1] >> 7 && out->marks_used < out->marks_room) {
        struct mark mark = {at, place, be32(data + 4), length, 0};
        out->marks[out->marks_used++] = mark;
    }
}

/* Read what waits for all viewers; what finds no room in `out` waits on for the next call. */
void drain(struct viewer *viewers, uint32_t viewer_count, struct outlet *out) {
    static uint8_t data[BATCH][MESSAGE];
    static uint8_t control[BATCH][128];
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    for (uint32_t place = 0; place < viewer_count; place++) {
        struct viewer *viewer = &viewers[place];
        if (viewer->fd < 0) continue;
        for (int round = 0; round < ROUNDS; round++) {
            if (out->bytes_room - out->bytes_used < BATCH * 2 * MESSAGE) return;
            for (int i = 0; i < BATCH; i++) {
                parts[i] = (struct iovec){data[i], MESSAGE};
                messages[i].msg_hdr = (struct msghdr){
                    .msg_iov = &parts[i], .msg_iovlen = 1,
                    .msg_control = control[i], .msg_controllen = sizeof control[i]};
            }
            int got = recvmmsg(viewer->fd, messages, BATCH, MSG_DONTWAIT, 0);
            for (int i = 0; i < got; i++) {
                uint32_t piece, length = messages[i].msg_len;
                uint64_t at = arrival_of(viewer, &messages[i].msg_hdr, &piece);
                for (uint32_t begin = 0; begin < length; begin += piece) {
                    uint32_t left = length - begin;
                    take(viewer, place, data[i] + begin, left < piece ? left : piece, at, out);
                }
            }
            if (got < BATCH) break; /* empty; or an error, which the next call does not see again */
        }
    }
}
