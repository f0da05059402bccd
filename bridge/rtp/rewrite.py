"""One outgoing stream out of changing sources: numbers and timestamps that never jump.

Owns RFC 3550's view of sequence numbers and timestamps on a slot. Knows no codec: when to
switch (at a key frame) is the caller's decision, PictureIDs are in ``vp8``.
"""

from __future__ import annotations

__all__ = ["StreamRewriter"]


class StreamRewriter:
    """Maps the present source's numbers onto one slot.

    ``switch`` comes before the first ``map``, and again whenever the source changes or
    its numbering restarts.

    Args:
        clock_rate: of the RTP timestamps, Hz.
        first_sequence: random; only 15 bits are used, so that the numbers cannot wrap while
            a receiver still guesses SRTP's rollover counter.
        first_timestamp: random, 0..2^32-1.
    """

    __slots__ = (
        "_anchor",
        "_anchor_at",
        "_clock_rate",
        "_highest_in",
        "_sequence",
        "_sequence_offset",
        "_since_switch",
        "_timestamp",
        "_timestamp_offset",
    )

    def __init__(self, clock_rate: int, first_sequence: int = 0, first_timestamp: int = 0) -> None:
        self._clock_rate = clock_rate
        self._sequence = (first_sequence & 0x7FFF) - 1  # newest sent
        self._timestamp = first_timestamp & 0xFFFFFFFF  # of the newest packet sent
        self._anchor = self._timestamp  # a timestamp sent, and when: the slot's clock
        self._anchor_at: float | None = None
        self._sequence_offset = 0
        self._timestamp_offset = 0
        self._highest_in = 0
        self._since_switch = 0  # how far the source has counted since the switch

    def switch(self, seq: int, ts: int, now: float) -> None:
        """Make the source of this packet the slot's source; then ``map`` the packet.

        The output continues with the next number, at a timestamp that is later by the time
        that has passed.

        Args:
            seq: of the first packet to forward, 0..65535.
            ts: its timestamp, 0..2^32-1.
            now: seconds of a clock that does not jump.
        """
        if self._anchor_at is not None:
            passed = (self.timestamp_at(now) - self._timestamp) & 0xFFFFFFFF
            self._timestamp = (self._timestamp + (passed if 0 < passed < 0x80000000 else 1)) & (
                0xFFFFFFFF
            )
        self._anchor, self._anchor_at = self._timestamp, now
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._sequence_offset = self._sequence - seq
        self._timestamp_offset = self._timestamp - ts
        self._highest_in = seq
        self._since_switch = 0

    def map(self, seq: int, ts: int, now: float | None = None) -> tuple[int, int] | None:
        """Return sequence number and timestamp for the slot.

        Args:
            seq: of a packet of the present source, 0..65535.
            ts: its timestamp, 0..2^32-1.
            now: when it came, seconds; keeps the slot's clock on the source's over hours.

        Returns:
            None for a packet from before the switch: its number is taken, and SRTP must not
            protect two packets under one number. Drop it.
        """
        step = (seq - self._highest_in) & 0xFFFF
        out_sequence = (seq + self._sequence_offset) & 0xFFFF
        out_timestamp = (ts + self._timestamp_offset) & 0xFFFFFFFF
        if step < 0x8000:
            self._highest_in = seq
            self._since_switch += step
            self._sequence = out_sequence
            if out_timestamp != self._timestamp:
                self._timestamp = out_timestamp
                if now is not None:
                    self._anchor, self._anchor_at = out_timestamp, now
        elif 0x10000 - step > self._since_switch:
            return None
        return out_sequence, out_timestamp

    def timestamp_at(self, now: float) -> int:
        """Return the slot's timestamp at a moment, for sender reports.

        Args:
            now: seconds of the clock used for ``switch``.
        """
        if self._anchor_at is None:
            return self._anchor
        passed = int((now - self._anchor_at) * self._clock_rate)
        return (self._anchor + passed) & 0xFFFFFFFF
