"""Transport-wide congestion control feedback: which packets arrived, and when.

Owns draft-holmer-rmcat-transport-wide-cc-extensions-01: the RTCP packet (type 205,
format 15) and the log of arrivals it is made from. The sender's browser estimates its
bandwidth from it; we estimate nothing here. Times are kept in ticks of 250 µs::

    |V=2|P|  FMT=15 |    PT=205     |           length              |
    |                     SSRC of packet sender                     |
    |                      SSRC of media source                     |
    |      base sequence number     |      packet status count      |
    |          reference time (24 bits, 64 ms)      | feedback count|
    |   chunks of 16 bits ...       |  receive deltas, 8 or 16 bits, padded
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from bridge.errors import Code, ProtocolError
from bridge.rtp.packet import Buffer

__all__ = ["TICKS_PER_SECOND", "ArrivalLog", "TransportFeedback", "parse_feedback"]

TICKS_PER_SECOND = 4000  # a receive delta counts 250 µs
_REFERENCE_TICKS = 256  # the reference time counts 64 ms
_PACKET = struct.Struct("!BBHIIHHI")
_SHORT = struct.Struct("!H")
_DELTA = struct.Struct("!h")
_MAX_RUN = 0x1FFF  # 13 bits of run length
_MAX_STATUSES = 400  # 2 bytes of delta and 2/7 of chunk each: stays below 1,000 bytes, one datagram
_MAX_JUMP = 2000  # more than a second of 720p; further away means the counter was restarted
_MAX_REPORTED = 8192  # statuses we read in one packet: tiny runs must not buy us long loops
_MAX_KEPT = 4096  # arrivals held, and numbers spoken of, when nobody asks for feedback
_KEEP_TICKS = TICKS_PER_SECOND // 2  # a packet overtaken by feedback is reported again within 0.5 s


@dataclass(frozen=True, slots=True)
class TransportFeedback:
    """One feedback packet."""

    sender: int
    """SSRC of who reports."""
    media: int
    base_sequence: int
    """Transport-wide sequence number of the first status, 0..65535."""
    reference_time: int
    """Multiple of 64 ms, 0..2^24-1, wraps; the first delta counts from it."""
    feedback_count: int
    """0..255, wraps; a gap means a lost feedback packet."""
    deltas: tuple[int | None, ...]
    """Per packet from ``base_sequence`` on: ticks of 250 µs since the previous arrival
    (-32768..32767), or None if it did not arrive. 1 to 65535 of them."""

    def to_bytes(self) -> bytes:
        """Return the whole RTCP packet, padded to 32 bits."""
        body = bytearray(encode_chunks([_symbol(delta) for delta in self.deltas]))
        for delta in self.deltas:
            if delta is not None:
                body += bytes((delta,)) if 0 <= delta <= 255 else _DELTA.pack(delta)
        padding = -len(body) % 4
        if padding:
            body += bytes(padding - 1) + bytes((padding,))
        return (
            _PACKET.pack(
                0xAF if padding else 0x8F,
                205,
                4 + len(body) // 4,
                self.sender,
                self.media,
                self.base_sequence,
                len(self.deltas),
                self.reference_time << 8 | self.feedback_count,
            )
            + body
        )

    def arrivals(self) -> list[tuple[int, int]]:
        """Return sequence number and arrival of each packet that came, in ticks of 250 µs."""
        ticks = self.reference_time * _REFERENCE_TICKS
        result = []
        for index, delta in enumerate(self.deltas):
            if delta is not None:
                ticks += delta
                result.append(((self.base_sequence + index) & 0xFFFF, ticks))
        return result


def _symbol(delta: int | None) -> int:
    """0: not received, 1: delta of one byte, 2: delta of two."""
    if delta is None:
        return 0
    return 1 if 0 <= delta <= 255 else 2


def encode_chunks(symbols: list[int]) -> bytes:
    """Return packet status chunks: a run length where it covers more than a vector would.

    Args:
        symbols: 0, 1 or 2 per packet.
    """
    out = bytearray()
    start, total = 0, len(symbols)
    while start < total:
        symbol = symbols[start]
        run = 1
        while start + run < total and run < _MAX_RUN and symbols[start + run] == symbol:
            run += 1
        vector = symbols[start : start + 14]
        if run >= 14 or (run >= 7 and 2 in vector) or start + run == total:
            out += _SHORT.pack(symbol << 13 | run)
            start += run
        elif 2 in vector:
            out += _SHORT.pack(0xC000 | _bits(vector[:7], 2) << 2 * (7 - len(vector[:7])))
            start += 7
        else:
            out += _SHORT.pack(0x8000 | _bits(vector, 1) << 14 - len(vector))
            start += 14
    return bytes(out)


def _bits(symbols: list[int], width: int) -> int:
    value = 0
    for symbol in symbols:
        value = value << width | symbol
    return value


def parse_feedback(data: Buffer) -> TransportFeedback:
    """Read one feedback packet, header and padding included.

    Bytes after the last delta are ignored: old senders pad without setting the padding bit.

    Raises:
        ProtocolError: cut off, a reserved status symbol, no status at all or more than 8,192.
    """
    if len(data) < _PACKET.size:
        raise ProtocolError(Code.PACKET_MALFORMED, "transport feedback shorter than its header")
    first, kind, words, sender, media, base, count, reference = _PACKET.unpack_from(data)
    end = 4 * (words + 1)
    if first & 0xDF != 0x8F or kind != 205 or end > len(data):
        raise ProtocolError(Code.PACKET_MALFORMED, "not a whole transport feedback packet")
    if first & 0x20:
        end -= data[end - 1]
    if not 1 <= count <= _MAX_REPORTED:
        raise ProtocolError(Code.PACKET_MALFORMED, f"transport feedback about {count} packets")
    symbols, offset = _decode_chunks(data, _PACKET.size, end, count)
    deltas: list[int | None] = []
    for symbol in symbols:
        if not symbol:
            deltas.append(None)
            continue
        if offset + symbol > end:
            raise ProtocolError(Code.PACKET_MALFORMED, "transport feedback lacks receive deltas")
        deltas.append(data[offset] if symbol == 1 else _DELTA.unpack_from(data, offset)[0])
        offset += symbol
    return TransportFeedback(sender, media, base, reference >> 8, reference & 0xFF, tuple(deltas))


def _decode_chunks(data: Buffer, offset: int, end: int, count: int) -> tuple[list[int], int]:
    """Return ``count`` status symbols and the offset after the chunks."""
    symbols: list[int] = []
    while len(symbols) < count:
        if offset + 2 > end:
            raise ProtocolError(Code.PACKET_MALFORMED, "transport feedback lacks status chunks")
        (chunk,) = _SHORT.unpack_from(data, offset)
        offset += 2
        if chunk < 0x8000:
            symbols += [chunk >> 13] * (chunk & _MAX_RUN)
        elif chunk < 0xC000:
            symbols += [chunk >> shift & 1 for shift in range(13, -1, -1)]
        else:
            symbols += [chunk >> shift & 3 for shift in range(12, -1, -2)]
    del symbols[count:]
    if 3 in symbols:
        raise ProtocolError(Code.PACKET_MALFORMED, "transport feedback has a reserved status")
    return symbols, offset


class ArrivalLog:
    """Arrivals of one transport, turned into feedback without a gap between two packets.

    Ask for feedback every 50 to 100 ms, before media is sent. A packet that comes after
    feedback called it lost is reported again, with what followed it.

    Args:
        sender: SSRC to report as.
        media: SSRC of any stream of the reported transport.
    """

    __slots__ = ("_arrivals", "_base", "_count", "_floor", "_highest", "media", "sender")

    def __init__(self, sender: int = 1, media: int = 0) -> None:
        self.sender = sender
        self.media = media
        self._arrivals: dict[int, int] = {}  # unwrapped sequence number → tick
        self._base = 0  # first unwrapped number the next feedback speaks of
        self._highest: int | None = None
        self._floor = 0  # below it arrivals are forgotten, so nothing can be reported again
        self._count = 0

    def record(self, sequence16: int, arrival_s: float) -> None:
        """Note one packet; of duplicates the first counts.

        Args:
            sequence16: the extension's value, 0..65535, wraps.
            arrival_s: when it came, seconds of any clock that does not jump.
        """
        number = sequence16
        if self._highest is not None:
            number = self._highest + ((sequence16 - self._highest + 0x8000) & 0xFFFF) - 0x8000
        if (
            self._highest is None
            or abs(number - self._highest) > _MAX_JUMP
            or len(self._arrivals) >= _MAX_KEPT
            or number - self._base >= _MAX_KEPT  # many small jumps must not buy long reports
        ):
            self._arrivals.clear()
            self._base = self._highest = number
            self._floor = number - _MAX_JUMP
        elif number > self._highest:
            self._highest = number
        elif number < self._floor or number in self._arrivals:
            return
        else:
            self._base = min(self._base, number)
        self._arrivals[number] = int(arrival_s * TICKS_PER_SECOND)

    def feedback(self, now: float) -> list[bytes]:
        """Return RTCP packets about everything since the last call; none if nothing came.

        Args:
            now: seconds of the clock used for ``record``.
        """
        if self._highest is None:
            return []
        packets: list[bytes] = []
        deltas: list[int | None] = []
        previous: int | None = None
        base, reference = self._base, 0
        for number in range(self._base, self._highest + 1):
            tick = self._arrivals.get(number)
            full = len(deltas) >= _MAX_STATUSES
            if previous is not None and (
                full or (tick is not None and not -32768 <= tick - previous <= 32767)
            ):
                packets.append(self._packet(base, reference, deltas))
                base, deltas, previous = number, [], None
            if tick is None:
                deltas.append(None)
                continue
            if previous is None:
                reference = tick // _REFERENCE_TICKS
                previous = reference * _REFERENCE_TICKS
            deltas.append(tick - previous)
            previous = tick
        if deltas:
            packets.append(self._packet(base, reference, deltas))
        self._base = self._highest + 1
        self._forget(int(now * TICKS_PER_SECOND) - _KEEP_TICKS)
        return packets

    def _forget(self, oldest: int) -> None:
        """Drop arrivals before a tick; what came before one of them is not reported again."""
        for number in [n for n, tick in self._arrivals.items() if tick < oldest]:
            del self._arrivals[number]
            self._floor = max(self._floor, number + 1)

    def _packet(self, base: int, reference: int, deltas: list[int | None]) -> bytes:
        feedback = TransportFeedback(
            self.sender,
            self.media,
            base & 0xFFFF,
            reference & 0xFFFFFF,
            self._count,
            tuple(deltas),
        )
        self._count = (self._count + 1) & 0xFF
        return feedback.to_bytes()
