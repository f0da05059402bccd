"""What the engine must agree with, written the plain way: one rewriter per slot, packet by packet.

The engine adds constants per source instead; tests drive both with the same input.
"""

from __future__ import annotations

import struct

from bridge.rtp.packet import Buffer
from bridge.rtp.vp8 import Vp8Descriptor, parse_descriptor

__all__ = ["StreamRewriter", "Vp8Rewriter", "build_header"]

_HEADER = struct.Struct("!BBHII")
_PICTURE = struct.Struct("!H")
_PICTURE_TL0 = struct.Struct("!HB")


def build_header(
    payload_type: int, marker: bool, sequence: int, timestamp: int, ssrc: int, has_ext: bool
) -> bytes:
    """Return the 12 bytes of a fixed header without CSRC and padding.

    Args:
        payload_type: 0..127.
        marker: end of a frame (video) or start of a talk spurt (audio).
        sequence: 0..65535.
        timestamp: 0..2^32-1.
        ssrc: 0..2^32-1.
        has_ext: whether the bytes of ``build_extensions`` follow.
    """
    return _HEADER.pack(
        0x90 if has_ext else 0x80,
        payload_type | 0x80 if marker else payload_type,
        sequence,
        timestamp,
        ssrc,
    )


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


class Vp8Rewriter:
    """Keeps PictureID and TL0PICIDX of one slot continuous over changes of source.

    The output always has 15-bit PictureIDs, because players take a 7-bit wrap for a jump.
    Packets from before a switch must not come here (``StreamRewriter.map`` gives None).
    """

    __slots__ = ("_fresh", "_picture", "_picture_in", "_picture_offset", "_tl0", "_tl0_offset")

    def __init__(self) -> None:
        self._fresh = True  # the next packet is the first of its source
        self._picture: int | None = None  # newest sent
        self._picture_in = 0  # newest received, beyond 7 bits for narrow sources
        self._picture_offset = 0
        self._tl0: int | None = None  # newest sent
        self._tl0_offset = 0

    def switch(self) -> None:
        """Continue with a new source from the next packet on."""
        self._fresh = True

    def rewrite(self, payload: Buffer, descriptor: Vp8Descriptor | None = None) -> Buffer:
        """Return the payload for the slot; the same object when nothing changes.

        Args:
            payload: of a packet of the present source; anything malformed passes unchanged.
            descriptor: of this payload, to spare parsing it again for every viewer.
        """
        descriptor = descriptor or parse_descriptor(payload)
        if descriptor is None or descriptor.picture_id is None:
            return payload
        wide, tl0_in = descriptor.wide, descriptor.tl0_index
        picture = self._map_picture(descriptor.picture_id, 0x8000 if wide else 0x80)
        tl0 = None if tl0_in is None else self._map_tl0(tl0_in)
        self._fresh = False
        if wide and picture == descriptor.picture_id and tl0 == tl0_in:
            return payload
        at = descriptor.picture_id_offset
        rest = at + 2 if wide else at + 1
        if tl0 is None:
            return b"".join((payload[:at], _PICTURE.pack(0x8000 | picture), payload[rest:]))
        changed = _PICTURE_TL0.pack(0x8000 | picture, tl0)  # TL0PICIDX comes right after
        return b"".join((payload[:at], changed, payload[rest + 1 :]))

    def _map_picture(self, picture: int, span: int) -> int:
        if self._fresh:
            out = picture if self._picture is None else (self._picture + 1) & 0x7FFF
            self._picture_in, self._picture_offset, self._picture = picture, out - picture, out
            return out
        half = span // 2
        step = ((picture - self._picture_in + half) & (span - 1)) - half
        out = (self._picture_in + step + self._picture_offset) & 0x7FFF
        if step > 0:
            self._picture_in += step
            self._picture = out
        return out

    def _map_tl0(self, tl0: int) -> int:
        if self._fresh:
            self._tl0_offset = 0 if self._tl0 is None else self._tl0 + 1 - tl0
        out = (tl0 + self._tl0_offset) & 0xFF
        if self._tl0 is None or self._fresh or (out - self._tl0) & 0xFF < 0x80:
            self._tl0 = out
        return out
