/* The thread that media flows through: receive, decrypt, number, forward. No Python in here.
 *
 * Owns: the lock, the table of addresses, and the packets of a picture that wait for its last one.
 * It forwards what it was told to forward, and nothing more: who watches whom, which layer, and
 * when to change is decided by the event loop, which is told of every packet through the inbox.
 * Checks (check.h) and repairs (report.c) it answers itself. Everything else goes there as it came.
 * What it forwards it also reports of, when it is asked to (sender.c).
 *
 *      socket ──recvmmsg──► known address, known SSRC? ──no──────────────► inbox ─► event loop
 *                              │ yes                                          ▲
 *                           decrypt ─► number ─► keep ─► (last of a picture) ─┤ what came
 *                                                             │
 *      socket ◄──sendmmsg── encrypt for each sink ◄───────────┘
 *
 * The lock is let go between two viewers when the event loop wants it, and around every call of
 * sendmmsg: nobody waits for longer than the packets of one viewer take.
 */
#ifndef FORWARDER_H
#define FORWARDER_H

#include "check.h"
#include "crew.h"
#include "fanout.h"
#include "inbox.h"
#include "repair.h"
#include "stream.h"

#define FORWARDER_BATCH 64       /* datagrams of one recvmmsg */
#define FORWARDER_DATAGRAM 2048  /* bytes; longer ones are cut, and then refused */
#define FORWARDER_REPORTERS 16   /* SSRCs that reports of one peer begin with */
#define FORWARDER_KEYS 4         /* credentials of one peer; as MAX_CREDENTIALS in mux.py */
#define FORWARDER_ASKED 500      /* packets looked at for one NACK; as MAX_ASKED in feedback.py */
#define FORWARDER_NAMED 8192     /* of one datagram; as MAX_TOLD in rtcp.py */
#define FORWARDER_STREAMS 16     /* of one peer: three layers, slides, sound, and what restarts leave */
#define FORWARDER_TOLD 160       /* bytes of a picture's payload that the event loop is told */
#define FORWARDER_HELD_NS 1000000 /* a picture's packets wait for its last one for so long */
#define FORWARDER_BUCKETS 4096

/* srtp_unprotect of libsrtp 2: decrypts in place, changes the size; 0 is success. */
typedef int (*forwarder_unprotect)(void *context, void *packet, int *size);

typedef struct forwarder forwarder;
typedef struct forwarder_peer forwarder_peer;

/* What libsrtp does; each works in place, changes the size, and returns 0 for success. */
typedef struct {
    fanout_protect protect;
    forwarder_unprotect unprotect;
    forwarder_unprotect unprotect_report; /* srtp_unprotect_rtcp */
    fanout_protect protect_report;        /* srtp_protect_rtcp */
} forwarder_crypto;

/* How much of one peer is worth a look at its keys, a second and at once. */
typedef struct {
    double packets, packets_burst;
    double report_bytes, report_bytes_burst;
    double checks, checks_burst;
} forwarder_pace;

/* What became of datagrams; only ever grows. */
typedef struct {
    fanout_result sent;
    uint64_t packets;    /* decrypted here */
    uint64_t bytes;      /* of them as they came */
    uint64_t refused;    /* by libsrtp: forged, replayed */
    uint64_t malformed;
    uint64_t flood;      /* more of one peer than any page has reason to send */
    uint64_t unheard;    /* the event loop did not fetch what is in the inbox */
    uint64_t unkept;     /* no memory */
    uint64_t reports_refused; /* by libsrtp */
    uint64_t resent;     /* packets that were asked for again, whatever the kernel does with them */
} forwarder_totals;

/* file: the media socket, non-blocking, or -1; helpers: threads besides the one that reads, which
 * share a stream's sinks with it where there are at least *shared*. NULL: no memory, no event
 * descriptor, no thread. */
forwarder *forwarder_new(int file, const forwarder_crypto *crypto, fanout_send send,
                         size_t helpers, size_t shared);
/* Ends the thread; peers and streams of it must have been removed. */
void forwarder_free(forwarder *engine);

/* Readable while there is something in the inbox. */
int forwarder_event(const forwarder *engine);
/* Start the thread. 0, or an errno. */
int forwarder_start(forwarder *engine);
void forwarder_stop(forwarder *engine);

/* Without the thread: take what the socket has; take one datagram; let leave what waits. */
void forwarder_receive_all(forwarder *engine);
void forwarder_receive(forwarder *engine, uint8_t *data, size_t size, const uint8_t *name,
                       size_t name_size, double now);
void forwarder_settle(forwarder *engine);

/* Everything below is the event loop's. */
void forwarder_enter(forwarder *engine); /* take the lock */
void forwarder_leave(forwarder *engine);

/* Exchange the inbox for an empty one; what was fetched before has been dealt with. */
void forwarder_fetch(forwarder *engine, inbox *with);
void forwarder_count(forwarder *engine, forwarder_totals *totals);

/* NULL: no memory. */
forwarder_peer *forwarder_admit(forwarder *engine, uint64_t id, void *context,
                                const forwarder_pace *pace);
void forwarder_dismiss(forwarder *engine, forwarder_peer *peer);
/* Only what comes from there is the peer's; an empty name is nowhere. */
void forwarder_move(forwarder *engine, forwarder_peer *peer, const uint8_t *name,
                    size_t name_size);

/* Answer checks that one of these keys signed, instead of others, and that come from where the
 * peer is. More than FORWARDER_KEYS are ignored. */
void forwarder_trust(forwarder *engine, forwarder_peer *peer, const check_key *keys, size_t count);

/* Reports that begin with this SSRC are decrypted from now on; the first one was by another. */
void forwarder_expect(forwarder *engine, forwarder_peer *peer, uint32_t ssrc);
/* Answer what the peer asks for of this slot, instead of an older one with its SSRC. 0: no memory.
 * Both outlive the peer, or forwarder_forget comes first. */
int forwarder_serve(forwarder *engine, forwarder_peer *peer, repair_slot *slot);
/* Let go of what the slot was made of. */
void forwarder_forget(forwarder *engine, repair_slot *slot);
/* Answer the NACKs of a compound that came by another way. */
void forwarder_answer(forwarder *engine, forwarder_peer *peer, const uint8_t *compound,
                      size_t size, double now);

/* Make sender reports of all slots of the peer that something flows to; they leave with
 * forwarder_flush. Return how many compounds they are.
 *
 * ntp: of this moment, 64 bits; now: of the clock by which packets came. */
size_t forwarder_report(forwarder *engine, forwarder_peer *peer, uint64_t ntp, double now);

/* NULL: no memory, or too many. Its first packet is to be inserted; those after it are taken. */
forwarder_stream *forwarder_open(forwarder *engine, forwarder_peer *peer, uint64_t id,
                                 uint32_t ssrc, int payload_type, int video, int vp8);
void forwarder_close(forwarder *engine, forwarder_stream *opened);
/* The stream goes on in another codec. */
void forwarder_change(forwarder *engine, forwarder_stream *opened, int payload_type, int vp8);
int forwarder_keep(forwarder *engine, forwarder_stream *opened, int keeps);

/* Number and keep a packet that came by another way (repaired, or before its stream was known).
 * 0: it is not new. forwarder_pass then gives it to the sinks. */
int forwarder_insert(forwarder *engine, forwarder_stream *opened, uint16_t sequence,
                     uint32_t timestamp, int marker, double now, const uint8_t *payload,
                     size_t size, stream_place *place);
void forwarder_pass(forwarder *engine, forwarder_stream *opened, int64_t number);

/* Give the slot everything from its sink's first packet on, and remember it for repairs.
 *
 * sequence: added to numbers, endless; repair_head: of RTX packets, 0 without.
 * 0: no memory, or that packet is not kept. */
int forwarder_attach(forwarder *engine, forwarder_stream *opened, repair_slot *slot,
                     int64_t sequence, uint16_t repair_head);
/* Give it nothing more; return what the stream's sinks got last. */
stream_mark forwarder_detach(forwarder *engine, forwarder_stream *opened, repair_slot *slot);

/* Let leave what the functions above could not send; return how much still waits. */
size_t forwarder_flush(forwarder *engine);

/* A kept packet, with a reference for the caller; NULL: it is not kept. */
stream_packet *forwarder_find(forwarder *engine, forwarder_stream *opened, int64_t number);
void forwarder_release(forwarder *engine, stream_packet *packet);

#endif
