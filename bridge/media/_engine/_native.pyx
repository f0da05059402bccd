# cython: language_level=3, binding=True
"""The C core for Python: typed, and every length checked before memory is touched.

Knows nothing of what a sink is: ``bridge.media.engine_native`` does.
"""

cimport cython
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t, uintptr_t
from libc.string cimport memcpy


cdef extern from "fanout.h" nogil:
    const size_t FANOUT_SLOTS
    const size_t FANOUT_EXTENSIONS
    const size_t FANOUT_STAMP
    const size_t FANOUT_NAME
    const size_t FANOUT_CAPACITY
    const size_t FANOUT_TRAILER
    ctypedef int (*fanout_protect)(void *, void *, int *) noexcept nogil
    ctypedef struct fanout_sink:
        void *context
        int64_t first
        uint64_t packets
        uint64_t octets
        uint32_t ssrc
        uint32_t timestamp
        uint16_t sequence
        uint16_t head
        uint16_t picture
        uint8_t tl0
        uint8_t before_size
        uint8_t after_size
        uint8_t name_size
        uint8_t *extensions
        uint8_t *name
    ctypedef struct fanout_packet:
        int64_t number
        const uint8_t *payload
        size_t size
        size_t picture_at
        size_t tl0_at
        uint32_t timestamp
        uint16_t picture
        uint8_t marker
        uint8_t video
        uint8_t tl0
        uint8_t *stamp
    ctypedef struct fanout_result:
        uint64_t packets
        uint64_t bytes
        uint64_t refused
        uint64_t failed
        uint64_t full
        uint64_t misfits
    ctypedef struct fanout:
        pass
    ctypedef void *fanout_send
    fanout *fanout_new(fanout_protect, fanout_send)
    void fanout_free(fanout *)
    void fanout_forward(
        fanout *, int, const fanout_packet *, fanout_sink **, size_t, fanout_result *
    )
    size_t fanout_flush(fanout *, int, fanout_result *)


cdef extern from "repair.h" nogil:
    ctypedef struct repair_slot:
        fanout_sink sink
        uint32_t clock_rate
        uint32_t repair_ssrc
        uint32_t repair_sequence
        uint64_t resent
        uint64_t resent_packets
        uint64_t budgeted
    void repair_begin(repair_slot *)
    void repair_anew(repair_slot *)
    void repair_end(repair_slot *)
    bint repair_allows(repair_slot *, uint16_t, size_t, double)


VERSION = 6
"""Of this module's interface."""
CAPACITY = FANOUT_CAPACITY
TRAILER = FANOUT_TRAILER


@cython.no_gc_clear
cdef class Slot:
    """A sink's constants in the core's form, the objects they were made of, and its counts.

    It keeps those objects alive, the keys above all, and is out of date as soon as the sink has
    others in their place: ``Fanout.forward`` compares them by identity for every packet. Once it
    was given to a thread it is read and written with that one's lock.

    Args:
        packets, octets, resent, resent_packets: counted so far.
        repair_sequence: of the newest RTX packet.
    """

    cdef repair_slot own
    cdef int64_t offset
    cdef uint16_t repair_head
    cdef object segment, srtp, endpoint, address
    cdef Forwarder engine

    def __cinit__(self):
        repair_begin(&self.own)

    def __init__(
        self, uint64_t packets=0, uint64_t octets=0, uint64_t resent=0, uint64_t resent_packets=0,
        uint32_t repair_sequence=0,
    ):
        self.own.sink.packets = packets
        self.own.sink.octets = self.own.budgeted = octets
        self.own.resent = resent
        self.own.resent_packets = resent_packets
        self.own.repair_sequence = repair_sequence

    def __dealloc__(self):
        if self.engine is not None:
            forwarder_forget(self.engine.engine, &self.own)
        else:
            repair_end(&self.own)

    cdef enter(self):
        if self.engine is not None:
            forwarder_enter(self.engine.engine)

    cdef leave(self):
        if self.engine is not None:
            forwarder_leave(self.engine.engine)

    def write(
        self, *, segment, srtp, endpoint, address, uintptr_t context, bytes name, int64_t first,
        uint32_t ssrc, uint16_t head, uint16_t sequence, uint32_t timestamp, bytes before,
        bytes after, uint16_t picture, uint8_t tl0, int64_t offset=0, uint16_t repair_head=0,
        uint32_t repair_ssrc=0, uint32_t clock_rate=0,
    ):
        """Replace all constants.

        Args:
            segment, srtp, endpoint, address: what the others were made of.
            context: address of libsrtp's context in *srtp*.
            name: ``sockaddr`` of *address*.
            first: number of the source's first packet that may be forwarded.
            ssrc: 0..2^32-1.
            head: first 16 bits of the header without the marker.
            sequence, timestamp, picture, tl0: added to the packet's; modulo 2^16, 2^32, 2^15, 2^8.
            before, after: extensions around abs-send-time; b"" before it: there is none.
            offset: *sequence* as it is without end.
            repair_head: as *head*, of RTX packets; 0: there are none.
            repair_ssrc: theirs.
            clock_rate: of its RTP timestamps, Hz; 0: sender reports do not tell what passed since
                the newest packet.

        Raises:
            ValueError: something is longer than the core's memory for it, or no context.
            OverflowError: a number is out of its range.
        """
        cdef size_t before_size = len(before), after_size = len(after), name_size = len(name)
        if before_size > FANOUT_EXTENSIONS or after_size > FANOUT_EXTENSIONS or (
            before_size + after_size > FANOUT_EXTENSIONS - FANOUT_STAMP
        ):
            raise ValueError("extensions too long")
        if name_size > FANOUT_NAME:
            raise ValueError("address too long")
        if context == 0:
            raise ValueError("no keys")
        # First what is pointed to, so that no moment exists in which it may be freed; what was
        # pointed to is freed when nobody reads it any more.
        cdef tuple until_then = (self.segment, self.srtp, self.endpoint, self.address)
        self.enter()
        self.segment, self.srtp, self.endpoint, self.address = segment, srtp, endpoint, address
        self.offset = offset
        self.repair_head = repair_head
        self.own.repair_ssrc = repair_ssrc
        self.own.clock_rate = clock_rate
        self.own.sink.context = <void *> context
        self.own.sink.first = first
        self.own.sink.ssrc = ssrc
        self.own.sink.head = head
        self.own.sink.sequence = sequence
        self.own.sink.timestamp = timestamp
        self.own.sink.picture = picture
        self.own.sink.tl0 = tl0
        self.own.sink.before_size = <uint8_t> before_size
        self.own.sink.after_size = <uint8_t> after_size
        memcpy(self.own.sink.extensions, <const char *> before, before_size)
        memcpy(self.own.sink.extensions + before_size, <const char *> after, after_size)
        self.own.sink.name_size = <uint8_t> name_size
        memcpy(self.own.sink.name, <const char *> name, name_size)
        self.leave()

    def next_repair(self):
        """Return the sequence number of the next RTX packet, endless."""
        self.enter()
        self.own.repair_sequence += 1
        cdef uint32_t taken = self.own.repair_sequence
        self.leave()
        return taken

    def may_resend(self, uint16_t sequence, size_t size, double now):
        """Return whether the budget allows to send *sequence* again, *size* bytes; spend them."""
        self.enter()
        cdef bint allowed = repair_allows(&self.own, sequence, size, now)
        self.leave()
        return allowed

    def forget(self):
        """Repeat nothing of what was sent until now, and begin the budget anew."""
        if self.engine is not None:
            forwarder_forget(self.engine.engine, &self.own)
        self.enter()
        repair_anew(&self.own)
        self.leave()

    def repeated(self, uint64_t size):
        """Count bytes sent again that nobody asked for."""
        self.enter()
        self.own.resent += size
        self.leave()

    @property
    def resent(self):
        return self.own.resent

    @property
    def resent_packets(self):
        return self.own.resent_packets

    @property
    def repair_sequence(self):
        return self.own.repair_sequence

    @repair_sequence.setter
    def repair_sequence(self, uint32_t value):
        self.own.repair_sequence = value

    @property
    def packets(self):
        return self.own.sink.packets

    @packets.setter
    def packets(self, uint64_t value):
        self.own.sink.packets = value

    @property
    def octets(self):
        return self.own.sink.octets

    @octets.setter
    def octets(self, uint64_t value):
        self.own.sink.octets = value


cdef class Fanout:
    """The memory of the datagrams that leave together, or wait for a socket that is full.

    Args:
        protect: address of libsrtp's ``srtp_protect``.
        send: address of a function like ``sendmmsg``, 0 for that itself.
        engine: a thread that uses the same keys and slots, and is kept from it meanwhile.

    Raises:
        ValueError: no *protect*.
        MemoryError: no memory.
    """

    cdef fanout *table
    cdef bint busy
    cdef object engine
    cdef forwarder *lock

    def __cinit__(self, uintptr_t protect, uintptr_t send=0, Forwarder engine=None):
        self.engine = engine
        self.lock = engine.engine if engine is not None else NULL
        if protect == 0:
            raise ValueError("no function to encrypt with")
        self.table = fanout_new(<fanout_protect> protect, <fanout_send> send)
        if self.table is NULL:
            raise MemoryError

    def __dealloc__(self):
        fanout_free(self.table)

    def forward(self, int file, list sinks, packet, bint video, renew):
        """Make *packet* for each sink, without the GIL; :meth:`flush` sends.

        One thread at a time may be in here, and while it is nothing may write slots.

        Args:
            file: descriptor of the socket.
            sinks: to whom.
            packet: what.
            video: pictures leave the last room to sound when the socket is full.
            renew: returns a sink's slot, written anew, or None if it has no keys.

        Returns:
            Packets made, their bytes before encryption; packets that libsrtp refused, that
            could not be sent, that are lost because there is no room, that do not fit.

        Raises:
            RuntimeError: another thread is in here.
            TypeError, ValueError, OverflowError: the packet is none; nothing was sent.
        """
        cdef fanout_packet one
        cdef fanout_result result
        cdef fanout_sink *row[64]
        cdef bytes payload = packet.payload, stamp = packet.stamp
        cdef Py_ssize_t count = len(sinks), done = 0, place, used
        cdef Slot slot
        cdef list held
        if self.busy:
            raise RuntimeError("one packet at a time")
        if len(stamp) != <Py_ssize_t> FANOUT_STAMP:
            raise ValueError("abs-send-time has three bytes")
        one.number = packet.number
        one.payload = <const uint8_t *> <const char *> payload
        one.size = len(payload)
        one.picture_at = packet.picture_at
        one.tl0_at = packet.tl0_at
        one.timestamp = packet.timestamp
        one.picture = packet.picture & 0x7FFF
        one.marker = packet.marker
        one.video = video
        one.tl0 = packet.tl0
        memcpy(one.stamp, <const char *> stamp, FANOUT_STAMP)
        result = fanout_result(0, 0, 0, 0, 0, 0)
        if count == 0:
            return 0, 0, 0, 0, 0, 0
        place = one.number % count
        self.busy = True
        try:
            while done < count:
                # Held, so that nothing of a sink that is removed meanwhile is freed.
                held = []
                used = 0
                while done < count and used < <Py_ssize_t> FANOUT_SLOTS:
                    sink = sinks[place]
                    slot = current(sink, renew)
                    done += 1
                    place += 1
                    if place == count:
                        place = 0
                    if slot is None:
                        if one.number >= sink.first:
                            result.refused += 1
                        continue
                    held.append(slot)
                    row[used] = &slot.own.sink
                    used += 1
                with nogil:
                    if self.lock is not NULL:
                        forwarder_enter(self.lock)
                    fanout_forward(self.table, file, &one, row, <size_t> used, &result)
                    if self.lock is not NULL:
                        forwarder_leave(self.lock)
        finally:
            self.busy = False
        return (
            result.packets, result.bytes, result.refused, result.failed, result.full,
            result.misfits,
        )

    def flush(self, int file):
        """Send what was made.

        Returns:
            How many messages wait because the socket is full, how many packets could not be sent.

        Raises:
            RuntimeError: another thread is in here.
        """
        cdef fanout_result result = fanout_result(0, 0, 0, 0, 0, 0)
        cdef size_t waiting
        if self.busy:
            raise RuntimeError("one packet at a time")
        self.busy = True
        try:
            with nogil:
                waiting = fanout_flush(self.table, file, &result)
        finally:
            self.busy = False
        return waiting, result.failed


cdef inline Slot current(sink, renew):
    """Return the sink's slot, written anew if anything it was made of is another object now."""
    cdef object tally = sink.tally
    cdef Slot slot
    if type(tally) is Slot:
        slot = <Slot> tally
        if (
            slot.segment is sink.segment
            and slot.srtp is sink.srtp
            and slot.endpoint is not None
            and slot.address is slot.endpoint.address
        ):
            return slot
    return renew(sink)


include "forwarder.pxi"
