"""What one peer sends: finding out which stream a packet belongs to (RFC 8843 9.2).

Owns: the peer's tracks and sources, RTX (RFC 4588) taken apart, and the log of
arrivals for transport-wide feedback. A stream is known by mid and rid
extensions, by an announced SSRC, or by a payload type only one m-line has.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from bridge.media.answer import AUDIO_LEVEL, MID, RID, RRID, TRANSPORT_CC, Codec, Section
from bridge.media.counters import MediaCounters
from bridge.media.packets import Packet
from bridge.media.router import FAILOVER_S
from bridge.media.source import Source, Track
from bridge.rtp.audio_level import carries_sound
from bridge.rtp.packet import RtpHeader, extension
from bridge.rtp.twcc import ArrivalLog

__all__ = ["Uplink"]

# RTX streams remembered per peer: three layers and slides, and what restarts leave behind.
MAX_REPAIRS: Final = 16


def _nothing(_source: Source, _now: float) -> None:
    """Take the place of what leads to the peer, so that it is freed at once."""


def _unknown(_source: Source) -> None:
    """Likewise."""


class Uplink:
    """The incoming side of one peer.

    Args:
        sections: negotiated; those we do not receive are skipped.
        counters: totals to count into.
        on_gap: called when packets of a source are missing.
        on_new: called with each new source.
    """

    def __init__(
        self,
        sections: Sequence[Section],
        counters: MediaCounters,
        on_gap: Callable[[Source, float], None],
        on_new: Callable[[Source], None] = lambda _: None,
    ) -> None:
        self._counters = counters
        self._on_gap = on_gap
        self._on_new = on_new
        self.tracks: dict[str, Track] = {}
        self.sources: dict[int, Source] = {}
        self._repairs: dict[int, Source] = {}
        self._track_by_mid: dict[bytes, Track] = {}
        self._track_by_ssrc: dict[int, Track] = {}
        self._codecs: dict[tuple[str, int], Codec] = {}
        self._repair_types: dict[int, Track] = {}
        self._ids: dict[str, int] = {}
        for section in sections:
            if section.uplink:
                self._take(section)
        self._transport_cc = self._ids.get(TRANSPORT_CC, 0)
        self._audio_level = self._ids.get(AUDIO_LEVEL, 0)
        self.arrivals = ArrivalLog() if self._transport_cc else None
        self.first_media = 0.0
        """When the first media packet came, seconds; 0 before."""
        self.slides_ended = -math.inf
        """When the page last said that it has ended its slides, seconds."""
        self.last_media = 0.0
        self.returned = 0.0
        """When media came again after :data:`router.FAILOVER_S` or more without; 0 for never."""

    def _take(self, section: Section) -> None:
        track = self.tracks[section.role] = Track(section)
        if section.media.mid:
            self._track_by_mid[section.media.mid.encode()] = track
        for ssrc in section.media.ssrcs:
            self._track_by_ssrc[ssrc] = track
        for codec in section.codecs:
            self._codecs[section.role, codec.payload_type] = codec
            if codec.rtx >= 0:
                self._repair_types.setdefault(codec.rtx, track)
        self._ids.update(section.extensions)

    def receive(self, plain: bytes, header: RtpHeader, now: float) -> tuple[Source, Packet] | None:
        """Take one decrypted packet; return it with its source if it is new media.

        Args:
            plain: the packet.
            header: parsed from it.
            now: seconds on the monotonic clock.
        """
        self._arrived(plain, header, now)
        payload = plain[header.payload_offset : header.payload_end]
        sequence = header.sequence
        source = self.sources.get(header.ssrc)
        if source is None and header.payload_type in self._repair_types:
            if len(payload) < 2:
                return None  # a probe
            source = self._repaired(plain, header)
            sequence, payload = int.from_bytes(payload[:2], "big"), payload[2:]
        else:
            if source is None:
                source = self._new_source(plain, header, now)
            if source is not None and not self._count(source, header, len(plain), now):
                return None
        if source is None:
            self._counters.drop("rtp_unknown_stream")
            return None
        missing = source.tracker.missing
        packet = source.receive(sequence, header.timestamp, header.marker << 7, payload, now)
        if source.tracker.missing > missing:
            self._on_gap(source, now)
        if packet is None:
            return None
        source.repaired += source.ssrc != header.ssrc
        self._heard(source, plain, header, payload, now)
        return source, packet

    def took(
        self, source: Source, packet: Packet, plain: bytes, header: RtpHeader, size: int, now: float
    ) -> None:
        """Look on: a relay has received and forwarded *packet*.

        Args:
            source: whose.
            packet: with its number.
            plain: beginning of the decrypted packet.
            header: parsed from it.
            size: bytes of the whole one.
            now: when it came, seconds on the monotonic clock.
        """
        self._arrived(plain, header, now)
        source.packets += 1
        source.bytes += size
        source.statistics.received(header.sequence, header.timestamp, now)
        missing = source.tracker.missing
        source.took(packet, header.sequence, now)
        if source.tracker.missing > missing:
            self._on_gap(source, now)
        self._heard(source, plain, header, packet.payload, now)

    def _arrived(self, plain: bytes, header: RtpHeader, now: float) -> None:
        if self.arrivals is not None:
            stamp = extension(plain, header, self._transport_cc)
            if stamp is not None and len(stamp) == 2:
                self.arrivals.record(int.from_bytes(stamp, "big"), now)

    def drop_all(self, now: float) -> None:
        """End all streams; whoever watches them is left without."""
        for track in self.tracks.values():
            for source in list(track.sources.values()):
                track.drop(source, now)
            for sink in list(track.subscribers):
                sink.follow(None, now)
        self.sources.clear()
        self._repairs.clear()
        self._on_gap = _nothing
        self._on_new = _unknown

    def _heard(
        self, source: Source, plain: bytes, header: RtpHeader, payload: bytes, now: float
    ) -> None:
        """Note when media came, and sound; once per packet received, not per viewer."""
        if self.last_media and now - self.last_media > FAILOVER_S:
            self.returned = now
        self.last_media = now
        if self.arrivals is not None:
            self.arrivals.media = source.ssrc  # browsers ignore feedback that names none of theirs
        if not source.video:
            number = self._audio_level
            level = extension(plain, header, number) if number else None
            if level:
                dbov = -(level[0] & 0x7F)
                source.level = dbov if source.level is None else max(source.level, dbov)
            if carries_sound(level, payload):
                source.track.sound_at = now

    def _count(self, source: Source, header: RtpHeader, size: int, now: float) -> bool:
        """Count an original packet; False if its payload type means nothing."""
        source.packets += 1
        source.bytes += size
        source.statistics.received(header.sequence, header.timestamp, now)
        if header.payload_type != source.codec.payload_type:
            codec = self._codecs.get((source.track.role, header.payload_type))
            if codec is None:
                self._counters.drop("rtp_unknown_codec")
                return False
            source.change_codec(codec, now)
        return True

    def _new_source(self, plain: bytes, header: RtpHeader, now: float) -> Source | None:
        track = self._track_of(plain, header)
        if track is None:
            return None
        codec = self._codecs.get((track.role, header.payload_type))
        if codec is None:
            return None
        rids = track.section.media.rids
        rid = self._extension(plain, header, RID).decode("ascii", "replace")
        if rids and rid not in rids:
            return None  # simulcast: the first packets of each layer carry the rid
        known = set(track.sources)
        source = track.add(header.ssrc, rid, codec, now)
        for gone in known - set(track.sources):
            self.sources.pop(gone, None)
        self.sources[header.ssrc] = source
        self._on_new(source)
        if source.relay is not None:
            source.keep(now)  # its first picture may begin before anybody knows that it is wanted
        if not self.first_media:
            self.first_media = now
        return source

    def _track_of(self, plain: bytes, header: RtpHeader) -> Track | None:
        mid = self._extension(plain, header, MID)
        track = self._track_by_mid.get(mid) or self._track_by_ssrc.get(header.ssrc)
        if track is not None:
            return track
        fitting = [t for t in self.tracks.values() if (t.role, header.payload_type) in self._codecs]
        return fitting[0] if len(fitting) == 1 else None

    def _repaired(self, plain: bytes, header: RtpHeader) -> Source | None:
        """Return the source an RTX packet belongs to."""
        source = self._repairs.get(header.ssrc)
        if source is not None and self.sources.get(source.ssrc) is source:
            return source
        mid = self._extension(plain, header, MID)
        track = self._track_by_mid.get(mid) or self._repair_types[header.payload_type]
        rid = self._extension(plain, header, RRID).decode("ascii", "replace")
        primary = track.section.media.rtx_ssrcs.get(header.ssrc)
        for candidate in track.sources.values():
            alone = primary is None and not rid and len(track.sources) == 1
            if alone or candidate.ssrc == primary or (rid and candidate.rid == rid):
                if len(self._repairs) >= MAX_REPAIRS:
                    self._repairs.clear()
                self._repairs[header.ssrc] = candidate
                return candidate
        return None

    def _extension(self, plain: bytes, header: RtpHeader, uri: str) -> bytes:
        number = self._ids.get(uri)
        return (extension(plain, header, number) or b"") if number else b""
