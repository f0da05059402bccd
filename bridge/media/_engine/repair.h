/* What a viewer missed and asks for: found again, and how much of it may be sent.
 *
 * Owns: a slot, which is a sink with the stretches of its stream (which source's packets got which
 * numbers) and a budget. The same rules in Python: find in sink.py, ResendBudget in rtp/send.py;
 * tests/media/test_forwarder.py compares the two. Knows no socket, and no time but what it is told.
 */
#ifndef REPAIR_H
#define REPAIR_H

#include "fanout.h"
#include "stream.h"

#define REPAIR_SEGMENTS 4     /* as SEGMENTS in sink.py */
#define REPAIR_REMEMBERED 256 /* numbers in each half: of KEPT in source.py the half */
#define REPAIR_INTERVAL_S 0.04
#define REPAIR_SHARE 0.5
#define REPAIR_START 15000.0  /* bytes */
#define REPAIR_BURST 60000.0

typedef struct forwarder_stream forwarder_stream;

/* A stretch of the slot's stream from one source. */
typedef struct {
    forwarder_stream *source; /* with a reference */
    int64_t first;            /* numbers of the source that the slot got */
    int64_t last;             /* INT64_MAX: it goes on */
    int64_t sequence;         /* added to a number; the slot's own are endless too */
    uint32_t timestamp;
    uint16_t head;
    uint16_t repair_head;     /* of RTX packets; 0: there are none */
    uint16_t picture;
    uint8_t tl0;
} repair_segment;

/* What was repeated of late: two halves, of which the older one is forgotten. */
typedef struct {
    double since;
    unsigned newer;
    size_t counts[2];
    uint16_t sequences[2][REPAIR_REMEMBERED];
    double at[2][REPAIR_REMEMBERED];
} repair_memory;

typedef struct {
    fanout_sink sink;
    uint32_t clock_rate;      /* of its RTP timestamps */
    uint32_t repair_ssrc;
    uint32_t repair_sequence; /* of the newest RTX packet */
    uint64_t resent;          /* bytes, encryption apart */
    uint64_t resent_packets;
    uint64_t budgeted;        /* of the sink's octets */
    double tokens;
    repair_memory *memory;    /* NULL until something was repeated */
    size_t count;
    repair_segment segments[REPAIR_SEGMENTS];
} repair_slot;

void repair_begin(repair_slot *slot);
/* The caller has released the segments' sources. */
void repair_end(repair_slot *slot);
/* The budget of a slot that has just begun. */
void repair_anew(repair_slot *slot);

/* Whether this sequence number, and so many bytes, may be sent again; spends them. */
int repair_allows(repair_slot *slot, uint16_t sequence, size_t size, double now);

/* Where in the slot's stream *sequence* is: the segment and the number in its source. NULL: in
 * none of those that are known. newest: endless, of the slot's newest packet. */
const repair_segment *repair_locate(const repair_slot *slot, uint16_t sequence, int64_t newest,
                                    int64_t *number);

/* Bytes before the payload. */
size_t repair_overhead(const repair_slot *slot);

#endif
