"""Turns loops into RTP at the right moment (RFC 3550, 7741, 7587) and repairs losses.

Pure: time is the argument *now*, packets come out as bytes, nothing is encoded. Two
counters run apart: the **tick** follows the clock and makes timestamps, the **place**
walks through the loop. So a jump to a key frame or a pause of the process never sends
timestamps backwards and never skips a frame the next one depends on.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from aiortc.rtp import (
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
)

from bridge.simulator.content import AudioLoop, VideoLoop
from bridge.simulator.sdp import (
    AUDIO_LEVEL_EXTENSION,
    MID_EXTENSION,
    OPUS,
    OPUS_CLOCK,
    VP8,
    VP8_CLOCK,
    VP8_RTX,
)

__all__ = ["AudioReplay", "VideoReplay", "feedback_in", "ntp_time"]

_CHUNK = 1180  # VP8 bytes per packet: fits 1280 with SRTP, RTP, UDP and IPv6 around it
_HISTORY = 512  # packets kept for repair, about 10 s of a 400 kbit/s picture
_MOST_BEHIND = 5  # ticks made up for after a stall; older ones are dropped
_NTP_EPOCH = 2_208_988_800  # seconds from 1900 to 1970
_RTCP_FEEDBACK, _RTCP_PICTURE = 205, 206  # RTPFB and PSFB, RFC 4585 6.1
_NACK, _PLI, _FIR = 1, 1, 4


def ntp_time(unix_s: float) -> int:
    """Return the 64-bit NTP timestamp of a Unix time."""
    return int((unix_s + _NTP_EPOCH) * 4294967296)


def feedback_in(compound: bytes) -> Iterator[tuple[bool, int, tuple[int, ...]]]:
    """Yield (wants a key frame, media SSRC, missing sequence numbers) of a compound.

    Everything else in it (reports, REMB, transport-wide feedback) is passed over, and
    so is the rest after a length that points past the end.
    """
    at = 0
    while at + 4 <= len(compound):
        kind, words = compound[at + 1], int.from_bytes(compound[at + 2 : at + 4])
        end = at + 4 + 4 * words
        if end > len(compound):
            return
        form = compound[at] & 0x1F
        if kind in (_RTCP_FEEDBACK, _RTCP_PICTURE) and words >= 2:
            media = int.from_bytes(compound[at + 8 : at + 12])
            if kind == _RTCP_PICTURE and form == _PLI:
                yield True, media, ()
            elif kind == _RTCP_PICTURE and form == _FIR and words >= 4:
                yield True, int.from_bytes(compound[at + 12 : at + 16]), ()
            elif kind == _RTCP_FEEDBACK and form == _NACK:
                missing = []
                for pair in range(at + 12, end, 4):
                    first, mask = struct.unpack_from("!HH", compound, pair)
                    missing.append(first)
                    missing += [(first + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1]
                yield False, media, tuple(missing)
        at = end


def _extensions(items: list[tuple[int, bytes]]) -> bytes:
    """Return an RFC 8285 one-byte extension block with its own header."""
    body = b"".join(bytes(((number << 4) | (len(data) - 1),)) + data for number, data in items)
    body += bytes(-len(body) % 4)
    return struct.pack("!HH", 0xBEDE, len(body) // 4) + body


class _Stream:
    """Sequence numbers, timestamps, totals and sender reports of one SSRC."""

    def __init__(
        self, *, ssrc: int, clock: int, per_second: int, start: float, first_sequence: int
    ) -> None:
        self.ssrc = ssrc
        self.packets = 0
        self.octets = 0
        self._clock = clock
        self._per_second = per_second
        self._start = start
        self._ticks = 0
        # below 2^15, so that a lost first packet cannot look like a wrap (libsrtp's index guess)
        self._sequence = first_sequence & 0x7FFF

    def due_ticks(self, now: float) -> range:
        """Return the ticks to send now, dropping those too old to be of use."""
        newest = int((now - self._start) * self._per_second)
        first = max(self._ticks, newest - _MOST_BEHIND + 1)
        self._ticks = max(self._ticks, newest + 1)
        return range(first, newest + 1)

    def timestamp(self, tick: int) -> int:
        """Return the RTP timestamp of *tick*, 0..2^32-1."""
        return tick * self._clock // self._per_second & 0xFFFFFFFF

    def next_sequence(self, octets: int) -> int:
        """Count a packet with *octets* of payload and return its sequence number."""
        sequence = self._sequence
        self._sequence = (sequence + 1) & 0xFFFF
        self.packets += 1
        self.octets += octets
        return sequence

    def report(self, now: float, unix_s: float) -> bytes:
        """Return a sender report with a source description (RFC 3550 6.4.1, 6.5)."""
        timestamp = int((now - self._start) * self._clock) & 0xFFFFFFFF
        sender = RtcpSrPacket(
            ssrc=self.ssrc,
            sender_info=RtcpSenderInfo(
                ntp_timestamp=ntp_time(unix_s),
                rtp_timestamp=timestamp,
                packet_count=self.packets & 0xFFFFFFFF,
                octet_count=self.octets & 0xFFFFFFFF,
            ),
        )
        name = RtcpSdesPacket(chunks=[RtcpSourceInfo(ssrc=self.ssrc, items=[(1, b"site")])])
        return bytes(sender) + bytes(name)


class VideoReplay:
    """A camera: the frames of a loop as VP8 packets, with repair and key frames on demand.

    Args:
        loop: what is shown.
        mid: of the m-line, sent in every packet.
        ssrc: of the picture. rtx_ssrc: of its repaired packets.
        start: ``now`` of the first frame; shift it per site so that frames do not coincide.
        first_sequence: of both streams; taken modulo 2^15.
    """

    def __init__(
        self,
        loop: VideoLoop,
        *,
        mid: str,
        ssrc: int,
        rtx_ssrc: int,
        start: float,
        first_sequence: int,
    ) -> None:
        self._loop = loop
        self._stream = _Stream(
            ssrc=ssrc,
            clock=VP8_CLOCK,
            per_second=loop.fps,
            start=start,
            first_sequence=first_sequence,
        )
        self.rtx_ssrc = rtx_ssrc
        self._repair_sequence = first_sequence & 0x7FFF
        self._extensions = _extensions([(MID_EXTENSION, mid.encode())])
        self._place = 0
        self._picture = first_sequence & 0x7FFF
        self._key_wanted = False
        self._history: list[tuple[int, bytes]] = [(-1, b"")] * _HISTORY

    @property
    def ssrc(self) -> int:
        """Synchronisation source of the picture."""
        return self._stream.ssrc

    @property
    def packets(self) -> int:
        """Packets sent, without repairs."""
        return self._stream.packets

    def want_key_frame(self) -> None:
        """Continue at the next key frame of the loop: answer to PLI and FIR."""
        self._key_wanted = True

    def due(self, now: float) -> list[bytes]:
        """Return the packets to send now."""
        packets: list[bytes] = []
        for tick in self._stream.due_ticks(now):
            if self._key_wanted:
                self._key_wanted = False
                self._place = next((key for key in self._loop.keys if key >= self._place), 0)
            packets += self._frame(self._loop.frames[self._place], self._stream.timestamp(tick))
            self._place = (self._place + 1) % len(self._loop.frames)
        return packets

    def _frame(self, frame: bytes, timestamp: int) -> list[bytes]:
        """Split a frame into packets with a VP8 descriptor and picture id (RFC 7741 4.2)."""
        packets = []
        picture = struct.pack("!H", 0x8000 | self._picture)
        self._picture = (self._picture + 1) & 0x7FFF
        for at in range(0, len(frame), _CHUNK):
            part = frame[at : at + _CHUNK]
            begins = b"\x90\x80" if at == 0 else b"\x80\x80"  # X, S on the first; I
            sequence = self._stream.next_sequence(len(part) + 4)
            marker = 0x80 if at + _CHUNK >= len(frame) else 0
            packet = (
                struct.pack("!BBHII", 0x90, marker | VP8, sequence, timestamp, self._stream.ssrc)
                + self._extensions
                + begins
                + picture
                + part
            )
            self._history[sequence % _HISTORY] = (sequence, packet)
            packets.append(packet)
        return packets

    def repairs(self, missing: tuple[int, ...]) -> list[bytes]:
        """Return RTX packets (RFC 4588) for those sequence numbers that are still kept."""
        packets = []
        for wanted in missing:
            sequence, packet = self._history[wanted % _HISTORY]
            if sequence != wanted:
                continue
            body = 12 + len(self._extensions)
            packets.append(
                struct.pack(
                    "!BBHI",
                    0x90,
                    packet[1] & 0x80 | VP8_RTX,
                    self._repair_sequence,
                    int.from_bytes(packet[4:8]),
                )
                + struct.pack("!I", self.rtx_ssrc)
                + packet[12:body]
                + struct.pack("!H", sequence)
                + packet[body:]
            )
            self._repair_sequence = (self._repair_sequence + 1) & 0xFFFF
        return packets

    def report(self, now: float, unix_s: float) -> bytes:
        """Return a sender report compound."""
        return self._stream.report(now, unix_s)


class AudioReplay:
    """A microphone: the voice while ``speaking``, the empty room otherwise.

    Args:
        speech: loop of the voice. room: loop of the room.
        mid: of the m-line. ssrc: of the sound.
        start: ``now`` of the first packet.
        first_sequence: taken modulo 2^15.
    """

    def __init__(
        self,
        speech: AudioLoop,
        room: AudioLoop,
        *,
        mid: str,
        ssrc: int,
        start: float,
        first_sequence: int,
    ) -> None:
        self.speaking = False
        self._speech = speech
        self._room = room
        self._stream = _Stream(
            ssrc=ssrc,
            clock=OPUS_CLOCK,
            per_second=50,
            start=start,
            first_sequence=first_sequence,
        )
        self._extensions = [
            _extensions([(MID_EXTENSION, mid.encode()), (AUDIO_LEVEL_EXTENSION, bytes((level,)))])
            for level in range(256)  # the highest bit says voice, RFC 6464 3
        ]
        self._places = [0, 0]
        self._spoke = False

    @property
    def ssrc(self) -> int:
        """Synchronisation source of the sound."""
        return self._stream.ssrc

    @property
    def packets(self) -> int:
        """Packets sent."""
        return self._stream.packets

    def due(self, now: float) -> list[bytes]:
        """Return the packets to send now."""
        packets = []
        for tick in self._stream.due_ticks(now):
            loop = self._speech if self.speaking else self._room
            begins = self.speaking and not self._spoke  # marker: start of a talkspurt, RFC 3551 4.1
            self._spoke = self.speaking
            if begins:
                self._places[1] = 0
            place = self._places[self.speaking]
            self._places[self.speaking] = (place + 1) % len(loop.packets)
            payload, level = loop.packets[place], loop.levels[place]
            voice = 0x80 if self.speaking else 0
            packets.append(
                struct.pack(
                    "!BBHII",
                    0x90,
                    (0x80 if begins else 0) | OPUS,
                    self._stream.next_sequence(len(payload)),
                    self._stream.timestamp(tick),
                    self._stream.ssrc,
                )
                + self._extensions[voice | level]
                + payload
            )
        return packets

    def report(self, now: float, unix_s: float) -> bytes:
        """Return a sender report compound."""
        return self._stream.report(now, unix_s)
