/* What the forwarder has for the event loop: datagrams that are not its own, and word of those
 * that are. Records of varying length in one growing piece of memory; no lock of its own. */
#ifndef INBOX_H
#define INBOX_H

#include <stddef.h>
#include <stdint.h>

#define INBOX_MOST (16u << 20) /* bytes; two seconds of 64 publishers are 8 MB */

enum inbox_kind {
    INBOX_DATAGRAM = 1, /* as it came: name, data */
    INBOX_PLAIN = 2,    /* decrypted, of a known peer, and not taken */
    INBOX_CHECKED = 5, /* a check of a known peer was answered; no data */
    INBOX_REPORT = 4, /* RTCP, decrypted, of a known peer; what it asks for again was sent */
    INBOX_TAKEN = 3,    /* numbered, and given to whoever was there; data is its beginning */
};

typedef struct {
    double at;          /* when it came, seconds of the monotonic clock */
    uint64_t owner;     /* id of the peer (PLAIN, REPORT) or of the stream (TAKEN) */
    int64_t number;     /* TAKEN: as in stream_place and fanout_packet */
    uint32_t whole;     /* bytes of the decrypted packet; of the datagram */
    uint32_t payload;   /* TAKEN: bytes of its payload, padding apart */
    uint32_t size;      /* bytes of data that follow the record */
    uint16_t name_size;
    uint16_t picture;
    uint8_t picture_at;
    uint8_t tl0_at;
    uint8_t tl0;
    uint8_t kind;
    uint8_t stamp[3];
    uint8_t name[28];   /* sockaddr */
} inbox_record;

typedef struct {
    uint8_t *memory;
    size_t size;
    size_t used;
    size_t read;
} inbox;

/* Add a record with its data. 0: there is no room. */
int inbox_put(inbox *one, const inbox_record *record, const uint8_t *data);

/* Return the next record and where its data is; NULL: there is none. */
const inbox_record *inbox_next(inbox *one, const uint8_t **data);

/* Forget everything; memory that was needed once only is freed. */
void inbox_clear(inbox *one);
void inbox_free(inbox *one);

#endif
