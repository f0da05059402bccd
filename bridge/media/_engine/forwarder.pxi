# The thread that media flows through, for Python: peers, streams, and what it tells.


cdef extern from "inbox.h" nogil:
    const int INBOX_DATAGRAM
    const int INBOX_PLAIN
    const int INBOX_REPORT
    const int INBOX_CHECKED
    const int INBOX_TAKEN
    ctypedef struct inbox_record:
        double at
        uint64_t owner
        int64_t number
        uint32_t whole
        uint32_t payload
        uint32_t size
        uint16_t name_size
        uint16_t picture
        uint8_t picture_at
        uint8_t tl0_at
        uint8_t tl0
        uint8_t kind
        uint8_t stamp[3]
        uint8_t name[28]
    ctypedef struct inbox:
        pass
    const inbox_record *inbox_next(inbox *, const uint8_t **)
    void inbox_clear(inbox *)
    void inbox_free(inbox *)


cdef extern from "check.h" nogil:
    const size_t CHECK_UFRAG
    const size_t CHECK_PASSWORD
    ctypedef struct check_key:
        size_t ufrag_size
        size_t password_size
        uint8_t *ufrag
        uint8_t *password


cdef extern from "stream.h" nogil:
    ctypedef struct stream_packet:
        fanout_packet packet
    ctypedef struct stream_mark:
        int64_t number
        double at
        uint32_t timestamp
        uint16_t picture
        uint8_t tl0
    ctypedef struct stream_place:
        int64_t number
        size_t picture_at
        size_t tl0_at
        uint16_t picture
        uint8_t tl0


cdef extern from "forwarder.h" nogil:
    const size_t FORWARDER_DATAGRAM
    const size_t FORWARDER_KEYS
    const size_t CREW_MOST
    ctypedef int (*forwarder_unprotect)(void *, void *, int *) noexcept nogil
    ctypedef struct forwarder:
        pass
    ctypedef struct forwarder_peer:
        pass
    ctypedef struct forwarder_stream:
        pass
    ctypedef struct forwarder_totals:
        fanout_result sent
        uint64_t packets
        uint64_t bytes
        uint64_t refused
        uint64_t malformed
        uint64_t flood
        uint64_t unheard
        uint64_t unkept
        uint64_t reports_refused
        uint64_t resent
    ctypedef struct forwarder_crypto:
        fanout_protect protect
        forwarder_unprotect unprotect
        forwarder_unprotect unprotect_report
        fanout_protect protect_report
    ctypedef struct forwarder_pace:
        double packets
        double packets_burst
        double report_bytes
        double report_bytes_burst
        double checks
        double checks_burst
    forwarder *forwarder_new(int, const forwarder_crypto *, fanout_send, size_t, size_t)
    void forwarder_free(forwarder *)
    int forwarder_event(const forwarder *)
    int forwarder_start(forwarder *)
    void forwarder_stop(forwarder *)
    void forwarder_receive_all(forwarder *)
    void forwarder_receive(forwarder *, uint8_t *, size_t, const uint8_t *, size_t, double)
    void forwarder_settle(forwarder *)
    void forwarder_enter(forwarder *)
    void forwarder_leave(forwarder *)
    void forwarder_fetch(forwarder *, inbox *)
    void forwarder_count(forwarder *, forwarder_totals *)
    forwarder_peer *forwarder_admit(forwarder *, uint64_t, void *, const forwarder_pace *)
    void forwarder_trust(forwarder *, forwarder_peer *, const check_key *, size_t)
    void forwarder_expect(forwarder *, forwarder_peer *, uint32_t)
    bint forwarder_serve(forwarder *, forwarder_peer *, repair_slot *)
    void forwarder_forget(forwarder *, repair_slot *)
    void forwarder_answer(forwarder *, forwarder_peer *, const uint8_t *, size_t, double)
    size_t forwarder_report(forwarder *, forwarder_peer *, uint64_t, double)
    void forwarder_dismiss(forwarder *, forwarder_peer *)
    void forwarder_move(forwarder *, forwarder_peer *, const uint8_t *, size_t)
    forwarder_stream *forwarder_open(
        forwarder *, forwarder_peer *, uint64_t, uint32_t, int, bint, bint
    )
    void forwarder_close(forwarder *, forwarder_stream *)
    void forwarder_change(forwarder *, forwarder_stream *, int, bint)
    bint forwarder_keep(forwarder *, forwarder_stream *, bint)
    bint forwarder_insert(
        forwarder *, forwarder_stream *, uint16_t, uint32_t, bint, double, const uint8_t *, size_t,
        stream_place *
    )
    void forwarder_pass(forwarder *, forwarder_stream *, int64_t)
    bint forwarder_attach(forwarder *, forwarder_stream *, repair_slot *, int64_t, uint16_t)
    stream_mark forwarder_detach(forwarder *, forwarder_stream *, repair_slot *)
    size_t forwarder_flush(forwarder *)
    stream_packet *forwarder_find(forwarder *, forwarder_stream *, int64_t)
    void forwarder_release(forwarder *, stream_packet *)


cdef class Forwarder:
    """The thread, and what it tells.

    Args:
        file: descriptor of the media socket, non-blocking; -1 without.
        crypto: addresses of libsrtp's ``srtp_protect``, ``srtp_unprotect``,
            ``srtp_unprotect_rtcp`` and ``srtp_protect_rtcp``.
        send: address of a function like ``sendmmsg``, 0 for that itself.
        helpers: threads that share the viewers with the one that reads.
        shared: sinks of a stream from which on they do.

    Raises:
        ValueError: a function is missing, or there are too many helpers.
        MemoryError: no memory, no descriptor or no thread is left.
    """

    cdef forwarder *engine
    cdef inbox box
    cdef uint64_t last
    cdef readonly dict owners
    """Of peers and streams, by their ids."""
    cdef readonly double told
    """When what :meth:`drain` passed on last had come, seconds."""

    def __cinit__(
        self, int file, tuple crypto, uintptr_t send=0, size_t helpers=0, size_t shared=0
    ):
        cdef uintptr_t protect, unprotect, unprotect_report, protect_report
        protect, unprotect, unprotect_report, protect_report = crypto
        if protect == 0 or unprotect == 0 or unprotect_report == 0 or protect_report == 0:
            raise ValueError("no function to encrypt or decrypt with")
        if helpers > CREW_MOST:
            raise ValueError("too many helpers")
        cdef forwarder_crypto functions = forwarder_crypto(
            <fanout_protect> protect, <forwarder_unprotect> unprotect,
            <forwarder_unprotect> unprotect_report, <fanout_protect> protect_report,
        )
        self.owners = {}
        self.engine = forwarder_new(
            file, &functions, <fanout_send> send, helpers, shared
        )
        if self.engine is NULL:
            raise MemoryError

    def __dealloc__(self):
        if self.engine is not NULL:
            with nogil:
                forwarder_free(self.engine)
        inbox_free(&self.box)

    @property
    def event(self):
        """Descriptor that is readable while there is something to :meth:`drain`."""
        return forwarder_event(self.engine)

    def start(self):
        """Begin to read the socket.

        Raises:
            OSError: no thread can be started.
        """
        cdef int error = forwarder_start(self.engine)
        if error:
            raise OSError(error, "no thread for the media")

    def stop(self):
        """Read the socket no more; returns when the thread has ended."""
        with nogil:
            forwarder_stop(self.engine)

    def acquire(self):
        """Keep the thread from using any keys, for microseconds."""
        forwarder_enter(self.engine)

    def release(self):
        """End what :meth:`acquire` began."""
        forwarder_leave(self.engine)

    def receive(self, bytes data, bytes name, double now):
        """Take one datagram as if it came from the socket; :meth:`settle` lets its copies leave.

        Only where the thread was not started.
        """
        cdef uint8_t memory[2048]
        cdef size_t size = min(<size_t> len(data), FORWARDER_DATAGRAM)
        cdef const uint8_t *start = name
        cdef size_t name_size = len(name)
        memcpy(memory, <const char *> data, size)
        with nogil:
            forwarder_receive(self.engine, memory, size, start, name_size, now)

    def receive_all(self):
        """Take what the socket has. Only where the thread was not started."""
        with nogil:
            forwarder_receive_all(self.engine)

    def settle(self):
        """Let everything leave that waits for more. Only where the thread was not started."""
        with nogil:
            forwarder_settle(self.engine)

    def flush(self):
        """Let leave what the event loop forwarded; return how many messages wait all the same."""
        return forwarder_flush(self.engine)

    def drain(self, datagram, plain, report, checked, taken, int limit):
        """Pass on what came since, oldest first, at most *limit* of it; return whether more waits.

        What a callable raises ends the call; the rest waits for the next one.

        Args:
            datagram: called with a datagram as it came, its ``sockaddr``, and when it came.
            plain: called with a peer's owner, a decrypted packet, and when it came.
            report: the same of a decrypted RTCP compound; what it asks for again has been sent.
            checked: called with a peer's owner, and when a check of it came that was answered.
            taken: called with a stream's owner, the beginning of a decrypted packet (header and
                160 bytes of payload; of sound all), when it came, its number, its size, the size of its
                payload; a tuple of place and value of the VP8 picture number, and of TL0PICIDX, 0
                without.
            limit: records.
        """
        cdef const uint8_t *data = NULL
        cdef const inbox_record *record
        cdef object owner
        while limit > 0:
            record = inbox_next(&self.box, &data)
            if record is NULL:
                inbox_clear(&self.box)
                forwarder_fetch(self.engine, &self.box)
                record = inbox_next(&self.box, &data)
                if record is NULL:
                    return False
            limit -= 1
            self.told = record.at
            if record.kind == INBOX_DATAGRAM:
                datagram(
                    (<const char *> data)[: record.size],
                    (<const char *> record.name)[: record.name_size],
                    record.at,
                )
                continue
            owner = self.owners.get(record.owner)
            if owner is None:
                continue
            if record.kind == INBOX_PLAIN:
                plain(owner, (<const char *> data)[: record.size], record.at)
            elif record.kind == INBOX_REPORT:
                report(owner, (<const char *> data)[: record.size], record.at)
            elif record.kind == INBOX_CHECKED:
                checked(owner, record.at)
            else:
                taken(
                    owner, (<const char *> data)[: record.size], record.at, record.number,
                    record.whole, record.payload,
                    (record.picture_at, record.picture, record.tl0_at, record.tl0),
                )
        return True

    def totals(self):
        """Return what became of datagrams since the start.

        Returns:
            Packets sent and their bytes before encryption; packets that libsrtp refused to
            encrypt, that could not be sent, that found the socket full, that do not fit; packets
            received and their bytes; packets refused by libsrtp, malformed, too many of one
            peer, not told for lack of room, not kept for lack of memory; reports refused by
            libsrtp; packets sent again.
        """
        cdef forwarder_totals all
        forwarder_count(self.engine, &all)
        return (
            all.sent.packets, all.sent.bytes, all.sent.refused, all.sent.failed, all.sent.full,
            all.sent.misfits, all.packets, all.bytes, all.refused, all.malformed, all.flood,
            all.unheard, all.unkept, all.reports_refused, all.resent,
        )

    def rename(self, Slot slot, address, bytes name):
        """Send what is for *slot* to another address from now on."""
        if len(name) > <Py_ssize_t> FANOUT_NAME:
            raise ValueError("address too long")
        forwarder_enter(self.engine)
        slot.address = address
        slot.own.sink.name_size = <uint8_t> len(name)
        memcpy(slot.own.sink.name, <const char *> name, len(name))
        forwarder_leave(self.engine)


@cython.no_gc_clear
cdef class Peer:
    """Somebody who sends.

    Args:
        engine: the thread.
        owner: passed on with its packets.
        srtp: kept alive.
        context: address of libsrtp's context in *srtp* for what comes in.
        pace: what is looked at: packets a second, and at once, bytes of RTCP a second, and at
            once, checks a second, and at once.
    """

    cdef Forwarder engine
    cdef forwarder_peer *peer
    cdef object srtp
    cdef uint64_t id
    cdef readonly set slots
    """Those it is served."""

    def __cinit__(self, Forwarder engine, owner, srtp, uintptr_t context, tuple pace):
        cdef forwarder_pace bounds
        bounds.packets, bounds.packets_burst, bounds.report_bytes, bounds.report_bytes_burst = (
            pace[:4]
        )
        bounds.checks, bounds.checks_burst = pace[4:]
        self.slots = set()
        if context == 0:
            raise ValueError("no keys")
        self.engine = engine
        self.srtp = srtp
        engine.last += 1
        self.id = engine.last
        self.peer = forwarder_admit(engine.engine, self.id, <void *> context, &bounds)
        if self.peer is NULL:
            raise MemoryError
        engine.owners[self.id] = owner

    def __dealloc__(self):
        self._end()

    cdef _end(self):
        if self.peer is not NULL:
            forwarder_dismiss(self.engine.engine, self.peer)
            self.peer = NULL

    def move(self, bytes name):
        """Decrypt what comes from this ``sockaddr``, and from nowhere else; b"" for nowhere."""
        cdef const uint8_t *start = name
        if self.peer is not NULL:
            forwarder_move(self.engine.engine, self.peer, start, len(name))

    def trust(self, dict credentials):
        """Answer checks that one of *credentials* signed, and that come from where it is.

        Args:
            credentials: password by ufrag; of too many the last ones count.

        Raises:
            ValueError: one is longer than the core's memory for it.
        """
        cdef check_key keys[4]
        cdef size_t count = 0
        cdef bytes name, password
        if self.peer is NULL:
            return
        for ufrag, password in list(credentials.items())[-<int> FORWARDER_KEYS :]:
            name = ufrag.encode()
            if not len(name) or len(name) > CHECK_UFRAG or len(password) > CHECK_PASSWORD:
                raise ValueError("credentials too long")
            keys[count].ufrag_size = len(name)
            keys[count].password_size = len(password)
            memcpy(keys[count].ufrag, <const char *> name, len(name))
            memcpy(keys[count].password, <const char *> password, len(password))
            count += 1
        forwarder_trust(self.engine.engine, self.peer, keys, count)

    def expect(self, uint32_t ssrc):
        """Decrypt reports that begin with *ssrc* from now on; the first was by other means."""
        if self.peer is not NULL:
            forwarder_expect(self.engine.engine, self.peer, ssrc)

    def serve(self, Slot slot):
        """Answer what it asks for again of *slot*, instead of an older one with the same SSRC."""
        if self.peer is NULL or slot in self.slots:
            return
        slot.engine = self.engine
        if not forwarder_serve(self.engine.engine, self.peer, &slot.own):
            raise MemoryError
        self.slots.add(slot)  # it is pointed to

    def answer(self, bytes compound, double now):
        """Send what an RTCP compound asks for again that came by other means."""
        cdef const uint8_t *start = compound
        if self.peer is not NULL:
            forwarder_answer(self.engine.engine, self.peer, start, len(compound), now)

    def report(self, uint64_t ntp, double now):
        """Make sender reports of its slots that something flows to; they leave with a flush.

        Args:
            ntp: of this moment, 64 bits.
            now: the same on the monotonic clock, seconds.

        Returns:
            How many compounds they are.
        """
        return forwarder_report(self.engine.engine, self.peer, ntp, now) if self.peer else 0

    def close(self):
        """Decrypt nothing of it any more."""
        self.engine.owners.pop(self.id, None)
        self._end()
        for slot in self.slots:
            forwarder_forget(self.engine.engine, &(<Slot> slot).own)
        self.slots.clear()
        self.srtp = None


@cython.no_gc_clear
cdef class Stream:
    """One SSRC of a peer. Its first packet is to be inserted; the thread takes those after it.

    Args:
        peer: whose.
        owner: passed on with its packets.
        ssrc: 0..2^32-1.
        payload_type: packets of another are not taken.
        video: gaps are repaired, duplicates dropped, and a picture's packets leave together.
        vp8: picture numbers are found.

    Raises:
        ValueError: the peer is closed, or has too many.
    """

    cdef Forwarder engine
    cdef forwarder_stream *stream
    cdef uint64_t id
    cdef set slots

    def __cinit__(self, Peer peer, owner, uint32_t ssrc, int payload_type, bint video, bint vp8):
        self.engine = peer.engine
        self.slots = set()
        if peer.peer is NULL:
            raise ValueError("the peer is gone")
        self.engine.last += 1
        self.id = self.engine.last
        self.stream = forwarder_open(
            self.engine.engine, peer.peer, self.id, ssrc, payload_type, video, vp8
        )
        if self.stream is NULL:
            raise ValueError("too many streams")
        self.engine.owners[self.id] = owner

    def __dealloc__(self):
        self._end()

    cdef _end(self):
        if self.stream is not NULL:
            forwarder_close(self.engine.engine, self.stream)
            self.stream = NULL

    def close(self):
        """Take and forward nothing of it any more."""
        self.engine.owners.pop(self.id, None)
        self._end()
        self.slots.clear()

    def change(self, int payload_type, bint vp8):
        """Go on in another codec."""
        if self.stream is not NULL:
            forwarder_change(self.engine.engine, self.stream, payload_type, vp8)

    def keep(self, bint keeps):
        """Keep packets from now on, or no more."""
        if self.stream is not NULL and not forwarder_keep(self.engine.engine, self.stream, keeps):
            raise MemoryError

    def insert(self, uint16_t sequence, uint32_t timestamp, bint marker, bytes payload, double now):
        """Number a packet that came by another way, and keep it.

        Returns:
            Its number, and a tuple as ``Forwarder.drain`` has it; None: it is not new.
        """
        cdef stream_place place
        cdef const uint8_t *start = payload
        if self.stream is NULL or not forwarder_insert(
            self.engine.engine, self.stream, sequence, timestamp, marker, now, start,
            len(payload), &place
        ):
            return None
        return place.number, (place.picture_at, place.picture, place.tl0_at, place.tl0)

    def forward(self, int64_t number):
        """Give the sinks a packet that was inserted."""
        if self.stream is not NULL:
            forwarder_pass(self.engine.engine, self.stream, number)

    def attach(self, Slot slot):
        """Give *slot* everything from its first packet on; return False if that is not kept.

        While it is attached nothing may write it.
        """
        slot.engine = self.engine
        if self.stream is NULL or not forwarder_attach(
            self.engine.engine, self.stream, &slot.own, slot.offset, slot.repair_head
        ):
            return False
        self.slots.add(slot)  # it is pointed to
        return True

    def detach(self, Slot slot):
        """Give *slot* nothing more.

        Returns:
            Of the newest packet that was forwarded: number (-1: none was), RTP timestamp, when it
            came, picture number, TL0PICIDX.
        """
        cdef stream_mark mark
        if self.stream is NULL:
            return -1, 0, 0.0, 0, 0
        mark = forwarder_detach(self.engine.engine, self.stream, &slot.own)
        self.slots.discard(slot)
        return mark.number, mark.timestamp, mark.at, mark.picture, mark.tl0

    def packet(self, int64_t number):
        """Return a packet that is kept, or None.

        Returns:
            Its payload, RTP timestamp, marker, abs-send-time, and a tuple as ``Forwarder.drain``
            has it.
        """
        cdef stream_packet *found
        if self.stream is NULL:
            return None
        found = forwarder_find(self.engine.engine, self.stream, number)
        if found is NULL:
            return None
        try:
            return (
                (<const char *> found.packet.payload)[: found.packet.size],
                found.packet.timestamp, found.packet.marker,
                (<const char *> found.packet.stamp)[:3],
                (
                    found.packet.picture_at, found.packet.picture, found.packet.tl0_at,
                    found.packet.tl0,
                ),
            )
        finally:
            forwarder_release(self.engine.engine, found)
