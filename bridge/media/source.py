"""What a publisher sends: one :class:`Source` per SSRC, one :class:`Track` per m-line.

Owns: sequence numbers made endless, key frames, picture numbers, loss
bookkeeping and the packets kept for resending. Does not know who watches:
that is a list of sinks others fill, and only the engine walks it.

Kept packets are shared by all viewers: 512 packets of 1.2 kB for each of 63
viewers would be 39 MB, once per source they are 0.6 MB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bridge.media.answer import CAMERA, SLIDES, Codec, Section
from bridge.media.packets import Mark, Packet, set_picture, widened
from bridge.rtp import h264, vp8
from bridge.rtp.packet import abs_send_time
from bridge.rtp.receive import NackTracker, ReceiveStatistics

if TYPE_CHECKING:
    from bridge.media.relay import Relay
    from bridge.media.sink import Sink

__all__ = ["KEPT", "SILENCE_S", "VIDEO_ROLES", "Source", "Track"]

# Packets kept per source, a power of two: three seconds of 720p at 1.5 Mb/s.
KEPT: Final = 512
# A source without packets for this long is gone for the time being.
SILENCE_S: Final = 1.5
# A layer is not sent any more, by a publisher whose other layers go on: its line has become narrow.
LAYER_SILENCE_S: Final = 0.5
# The same stream with a new SSRC: the old one has stopped for five audio packets.
REPLACED_S: Final = 0.1
# How often the rate of a source is measured, and over how many such times it is smoothed.
RATE_S: Final = 0.5
SMOOTHED: Final = 3
# After the last viewer left, a late NACK may still come for this long.
FORGET_S: Final = 2.0
# Sources of one m-line: three simulcast layers, and one new SSRC for each after a restart.
MAX_SOURCES: Final = 6
VIDEO_ROLES: Final = (CAMERA, SLIDES)


class Source:
    """One incoming RTP stream.

    Args:
        track: the m-line it belongs to.
        ssrc: as the publisher uses it.
        rid: simulcast name, "" without simulcast.
        codec: negotiated codec of its payload type.
    """

    def __init__(self, track: Track, ssrc: int, rid: str, codec: Codec) -> None:
        self.track = track
        self.ssrc = ssrc
        self.rid = rid
        self.codec = codec
        self.video = track.video
        self.statistics = ReceiveStatistics(codec.clock_rate)
        self.tracker = NackTracker()
        self.relay: Relay | None = None
        """What receives and forwards it, if that is not the event loop."""
        self.sinks: list[Sink] = []
        self.kept: list[Packet | None] = []
        """Not where a relay keeps them."""
        self.idle_since = 0.0
        self.highest = -1
        """Endless number of the newest packet, -1 before the first; they begin at 1."""
        self.timestamp = 0
        self.arrived = 0.0
        """When the newest packet came, seconds."""
        self._newest = 0  # sequence number of ``highest``
        self._pictures = False
        self.picture = 0
        self.tl0 = 0
        self.keyed = False
        """A key frame has begun to come: viewers can start with it."""
        self.bps = 0.0
        """Rate of late, bits per second."""
        self._octets = 0  # since the rate was measured
        self._measured = 0.0
        self.packets = 0
        self.bytes = 0
        self.frames = 0
        self.repaired = 0
        """Packets that came by RTX."""
        self.level: int | None = None
        """Loudest sound since the last link sample, dBov; None if its packets do not say."""
        self.heard: int | None = None
        """The same of the interval before."""
        self.fps = 0.0
        """Frames per second over the last link sample."""
        self.size = (0, 0)
        self.key_asked = -1.0
        """When a key frame was last asked for."""
        self.key_wanted = False
        """A viewer asked for a key frame since the last one."""
        self.sampled: tuple[int, ...] = (0,) * 7
        """Figures at the last link sample (``links``)."""

    @property
    def area(self) -> int:
        """Pixels of the newest key frame."""
        return self.size[0] * self.size[1]

    def receive(
        self, sequence: int, timestamp: int, marker: int, payload: bytes, now: float
    ) -> Packet | None:
        """Take one packet, original or repaired; return it if it is new.

        Args:
            sequence: 0..65535, wraps.
            timestamp: 0..2^32-1, wraps, in the codec's clock.
            marker: 0x80 or 0, as in the second byte of the header.
            payload: without padding; may be empty (a probe).
            now: seconds on the monotonic clock.
        """
        if self.relay is not None:
            if self.video and not self.tracker.received(sequence, now):
                return None
            inserted = self.relay.insert(sequence, timestamp, marker, payload, now)
            if inserted is not None:
                self._count(inserted, sequence, now)
            return inserted
        if self.highest < 0:
            self.highest, self._newest = 0, (sequence - 1) & 0xFFFF
        number = self.highest + ((sequence - self._newest + 0x8000) & 0xFFFF) - 0x8000
        if self.video:
            if not self.tracker.received(sequence, now):
                return None
            if self.lost_beyond_repair():
                # Go on as if the gap were not there, so that a number is never used twice.
                number = self.highest + 1
        packet = Packet(number, timestamp, marker, payload, abs_send_time(now))
        self._count(packet, sequence, now)
        if payload and self.codec.name == "vp8":
            self._number_picture(packet, newest=number == self.highest)
        if self.kept:
            self.kept[number & (KEPT - 1)] = packet
        return packet

    def took(self, packet: Packet, sequence: int, now: float) -> None:
        """Look on: the relay has received and forwarded *packet*.

        Args:
            packet: with its number and picture number.
            sequence: 0..65535.
            now: when it came, seconds on the monotonic clock.
        """
        if self.video:
            self.tracker.received(sequence, now)
        self._count(packet, sequence, now)

    def _count(self, packet: Packet, sequence: int, now: float) -> None:
        if packet.marker:
            self.frames += 1
        self._octets += packet.size
        if now - self._measured >= RATE_S:
            self._measure(now)
        if packet.number > self.highest:
            self.highest, self._newest = packet.number, sequence
            self.timestamp, self.arrived = packet.timestamp, now

    def _measure(self, now: float) -> None:
        passed = now - self._measured
        rate = self._octets * 8 / passed
        # After a silence, and at the beginning, there is nothing to smooth.
        fresh = passed > SMOOTHED * RATE_S
        self.bps = rate if fresh or not self.bps else self.bps + (rate - self.bps) / SMOOTHED
        self._octets, self._measured = 0, now

    def change_codec(self, codec: Codec, now: float) -> None:
        """Go on in another codec (RFC 3264 8.3.2 allows it); sinks wait for its key frame."""
        for sink in list(self.sinks):
            sink.detach(now)  # remembers the picture numbers of the codec that was
            self.track.pending = True
        self.codec = codec
        self.keyed = False
        self._pictures = False
        if self.relay is not None:
            self.relay.change(codec)

    def lost_beyond_repair(self) -> bool:
        """Return whether packets were given up since the last call; a key frame is then wanted."""
        if not self.tracker.needs_key_frame:
            return False
        self.tracker.needs_key_frame = False
        self.key_wanted = True
        return True

    def _number_picture(self, packet: Packet, *, newest: bool) -> None:
        descriptor = vp8.parse_descriptor(packet.payload)
        if descriptor is None or descriptor.picture_id is None:
            return
        if not descriptor.wide:
            packet.payload = widened(packet.payload, descriptor)
            packet.size += 1
        span = 0x8000 if descriptor.wide else 0x80
        half = span // 2
        step = ((descriptor.picture_id - self.picture + half) & (span - 1)) - half
        packet.picture = self.picture + step if self._pictures else descriptor.picture_id
        packet.picture_at = descriptor.picture_id_offset
        if not descriptor.wide:
            set_picture(packet)
        if descriptor.tl0_index is not None:
            packet.tl0_at = descriptor.picture_id_offset + 2  # RFC 7741 4.2: right after it
            packet.tl0 = descriptor.tl0_index
        if newest:
            self._pictures = True
            self.picture, self.tl0 = packet.picture, packet.tl0

    def is_key(self, payload: bytes) -> bool:
        """Return whether a key frame starts in *payload*, and remember its size."""
        codec = h264 if self.codec.name == "h264" else vp8
        if not codec.is_keyframe(payload):
            return False
        self.keyed = True
        self.size = codec.frame_size(payload) or self.size
        return True

    def keep(self, now: float) -> None:
        """Keep packets from now on, as if a viewer had just left."""
        self.idle_since = now
        if self.relay is not None:
            self.relay.keep(keeps=True)
        elif not self.kept:
            self.kept = [None] * KEPT

    def can_start(self, packet: Packet) -> bool:
        """Return whether a slot can begin with *packet*: what followed it is still there."""
        if self.relay is not None:
            return self.relay.packet(packet.number) is not None
        return packet.number == self.highest or bool(self.kept)

    def packet_at(self, number: int) -> Packet | None:
        """Return the packet with this number if it is still kept."""
        if self.relay is not None:
            return self.relay.packet(number)
        packet = self.kept[number & (KEPT - 1)] if self.kept else None
        return packet if packet is not None and packet.number == number else None

    def fed(self, sink: Sink, packet: Packet) -> bool:
        """Begin to forward to *sink*, with *packet*; False if it is not there any more."""
        if self.relay is not None:
            if not self.relay.attach(sink):
                return False
        else:
            self.keep(self.arrived)
            self.kept[packet.number & (KEPT - 1)] = packet
        self.sinks.append(sink)
        return True

    def starved(self, sink: Sink, now: float) -> Mark:
        """Stop forwarding to *sink*; return how far it got."""
        if sink in self.sinks:
            self.sinks.remove(sink)
            self.idle_since = now
        if self.relay is not None:
            return self.relay.detach(sink)
        return Mark(self.highest, self.timestamp, self.arrived, self.picture, self.tl0)

    def forget(self, now: float) -> None:
        """Free the kept packets if nobody has watched for :data:`FORGET_S`."""
        if self.sinks or now - self.idle_since <= FORGET_S:
            return
        self.kept = []
        if self.relay is not None and not self.track.subscribers:
            self.relay.keep(keeps=False)

    def end(self) -> None:
        """Keep and receive nothing any more."""
        self.kept = []
        if self.relay is not None:
            self.relay.close()


class Track:
    """One m-line a publisher sends in.

    Args:
        section: as negotiated.
    """

    def __init__(self, section: Section) -> None:
        self.section = section
        self.role = section.role
        self.video = section.role in VIDEO_ROLES
        self.sources: dict[int, Source] = {}
        self.best: Source | None = None
        """The largest picture that flows; of sound, the source that is forwarded."""
        self.subscribers: list[Sink] = []
        self.pending = False
        """Some subscriber may not be fed by what it should be yet."""
        self.sound_at = 0.0
        """When sound last came, seconds; 0 for never."""
        self.key_at = 0.0
        """When the newest key frame began to come, seconds; 0 for never."""

    def add(self, ssrc: int, rid: str, codec: Codec, now: float) -> Source:
        """Return the new source *ssrc*; of too many the longest silent one is forgotten."""
        while len(self.sources) >= MAX_SOURCES:
            oldest = min(self.sources.values(), key=lambda source: source.arrived)
            self.drop(oldest, now)
        source = self.sources[ssrc] = Source(self, ssrc, rid, codec)
        return source

    def subscribe(self, sink: Sink, now: float) -> None:
        """Remember that *sink* follows it."""
        self.subscribers.append(sink)
        for source in self.sources.values():
            # A relay is ahead: it keeps what the event loop has not heard of yet.
            if source.relay is not None:
                source.keep(now)

    def drop(self, source: Source, now: float) -> None:
        """Forget *source*; its sinks wait for the next one."""
        del self.sources[source.ssrc]
        for sink in list(source.sinks):
            sink.detach(now)
            self.pending = True
        source.end()  # slots remember their last sources for long
        if self.best is source:
            self.best = None

    def elect(self, source: Source, now: float) -> bool:
        """Decide whether *source*, which can start now, is the best one."""
        best = self.best
        if best is source:
            return True
        quiet = now - best.arrived if best is not None else SILENCE_S
        better = (
            best is None
            or quiet >= SILENCE_S
            or (quiet > REPLACED_S and best.rid == source.rid)
            or source.area > best.area
        )
        if better:
            self.best = source
            self.pending = bool(self.subscribers)
        return better

    def layers(self, now: float) -> list[Source]:
        """Return what viewers could be shown, smallest picture first: one source of each layer."""
        newest = max((source.arrived for source in self.sources.values()), default=0.0)
        since = max(now - SILENCE_S, newest - LAYER_SILENCE_S)
        # Of two with one name the later: a restart gives a layer a new SSRC.
        layers = {s.rid: s for s in self.sources.values() if s.keyed and s.arrived >= since}
        return sorted(layers.values(), key=lambda source: source.area)

    def layer_for(self, sink: Sink, now: float) -> Source | None:
        """Return what *sink* should be fed by: the largest picture it may have, or the smallest.

        None while no key frame has come, and if *sink* is paused or lacks the codec.
        """
        if sink.paused:
            return None
        able = [source for source in self.layers(now) if source.codec.name in sink.codecs]
        fitting = [source for source in able if source.area <= sink.largest]
        if fitting:
            return fitting[-1]
        return able[0] if able else None

    def waiting(self, source: Source, now: float) -> list[Sink]:
        """Return the subscribers that *source*, which can start now, should feed and does not.

        Those that lack its codec are among them, if nothing of this track feeds them. ``pending``
        says afterwards whether others still wait for another source.
        """
        self.pending = False
        found = []
        for sink in self.subscribers:
            if sink.source is source or sink.paused:
                continue
            lacks = source.codec.name not in sink.codecs
            if lacks or not self.video or self.layer_for(sink, now) is source:
                if not (lacks and sink.source is not None and sink.source.track is self):
                    found.append(sink)
            else:
                self.pending = True
        return found

    def sought(self, now: float) -> list[Source]:
        """Return the sources to ask for a key frame because subscribers wait for one.

        If none waits after all, ``pending`` is cleared.
        """
        if not self.pending:
            return []
        waiting = [sink for sink in self.subscribers if not sink.paused]
        if waiting and not self.layers(now):
            return self.flowing(now)
        wanted = {}
        for sink in waiting:
            source = self.layer_for(sink, now)
            if source is not None and source is not sink.source:
                wanted[source.ssrc] = source
        self.pending = bool(wanted)
        return list(wanted.values())

    def flowing(self, now: float) -> list[Source]:
        """Return the largest picture that flows, or all sources that may be it."""
        if self.best is not None and now - self.best.arrived <= SILENCE_S:
            return [self.best]
        return [s for s in self.sources.values() if now - s.arrived <= SILENCE_S]
