/* Helpers: they share the work of making and sending a picture's packets for many viewers.
 *
 * Owns: their threads and tables. A round is so many sinks; all sinks of one viewer are in one
 * lane, because they have one context of libsrtp. Lanes are taken by whoever comes first, the
 * caller too: a helper that wakes up late costs nothing. What a helper made it sends by itself,
 * when no lane is left.
 */
#ifndef CREW_H
#define CREW_H

#include "fanout.h"
#include "stream.h"

#define CREW_MOST 7    /* helpers */
#define CREW_LANES 16
#define CREW_ROUND 64  /* sinks */

typedef struct crew crew;

typedef struct {
    fanout_sink *sinks[CREW_ROUND];
    size_t sink_count;
    stream_packet *const *packets;
    size_t packet_count;
} crew_round;

/* NULL: no memory, or no threads. */
crew *crew_new(size_t helpers, int file, fanout_protect protect, fanout_send send);
void crew_free(crew *all);

/* Make every packet for every sink; own is the caller's table, which it flushes. Nothing of the
 * round is used after this returns. Adds to result, also what became of earlier rounds. */
void crew_make(crew *all, fanout *own, const crew_round *round, fanout_result *result);

/* Let helpers try again whose socket was full. */
void crew_nudge(crew *all);
/* Return when helpers have sent what they can. Adds to result. */
void crew_settle(crew *all, fanout_result *result);
/* How many messages a full socket keeps with them. Adds to result. */
size_t crew_waiting(crew *all, fanout_result *result);

#endif
