"""The media of one session: peers, publishers, and the routes made real.

Owns: which peer publishes for a site, and making every slot follow the track
the routes give it. Decides nothing about the forum: ``Routes`` come from the
session state, and ``router`` turns them into a plan. Where a camera is dark its slate
stands in (``pictures``); sound is never touched by that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from bridge import logs
from bridge.clock import monotonic
from bridge.media.answer import CAMERA, MICROPHONE, TALKBACK
from bridge.media.counters import MediaCounters
from bridge.media.election import Election
from bridge.media.engine import Engine
from bridge.media.feedback import KEY_THROTTLE_S, Feedback
from bridge.media.packets import Packet
from bridge.media.peer import Peer
from bridge.media.peer_id import log_fields
from bridge.media.pictures import Pictures
from bridge.media.router import Routes, Shown, Viewer, assign_audio, plan_video
from bridge.media.source import Source, Track
from bridge.media.talkback import Conversation, Talkback
from bridge.media.uplink import Uplink
from bridge.media.watching import Watching
from bridge.rtp.rtcp import RtcpPacket
from bridge.slates.still import Still
from bridge.state import MAX_MICROPHONES

__all__ = ["MediaObserver", "MediaSession"]

log = logging.getLogger(__name__)

AUDIO: Final = "audio"


class MediaObserver(Protocol):
    """What the media plane tells the sessions; called from the event loop, never re-entered."""

    def audio_forwarded(self, session: str, site: str) -> None:
        """Sound came from *site*, whose microphone is open.

        Once after each change of routes, and when asked for again.
        """
        ...

    def peers_changed(self, session: str) -> None:
        """A peer came, went, or began to publish."""
        ...

    def program_switched(self, session: str, site: str) -> None:
        """The key frame of *site* came and the program shows it."""
        ...

    def slots_changed(self, session: str, peer: str, /) -> None:
        """The line of *peer* carries other pictures than before; see ``MediaServer.slots``."""
        ...

    def slate_wanted(self, session: str, site: str) -> None:
        """The slate of *site* may be shown any moment: give it to ``MediaServer.put_slate``."""
        ...


class MediaSession:
    """One session.

    Args:
        name: id of the session.
        observer: told what happened.
        engine: forwards.
        feedback: asks for key frames.
        counters: totals to count into.
        on_lost: called with a peer whose association ended.
        usual_cap: of every site's pictures, bits per second, 0 for none.
    """

    def __init__(
        self,
        name: str,
        observer: MediaObserver,
        engine: Engine,
        feedback: Feedback,
        counters: MediaCounters,
        on_lost: Callable[[Peer], None],
        usual_cap: int = 0,
    ) -> None:
        self.name = name
        self._observer = observer
        self._engine = engine
        self._feedback = feedback
        self._counters = counters
        self._on_lost = on_lost
        self._usual_cap = usual_cap
        self.peers: dict[str, Peer] = {}
        self._election = Election(self.peers)
        self.publishers = self._election.publishers
        self.routes = Routes()
        self._unheard: set[str] = set()  # open microphones not heard since routes were applied
        self._unseen = ""  # site put on program whose key frame has not come yet
        self._caps: dict[str, int] = {}  # bits per second, by site; 0 if taken away
        self._watching = Watching()
        self._pictures = Pictures(self._uplink, self._want_slate)
        self._talkback = Talkback(self.peers)

    # --- what should flow -------------------------------------------------------------

    def apply(self, routes: Routes) -> None:
        """Make *routes* real."""
        before, self.routes = self.routes, routes
        # Every open microphone reports anew: a site that was open already may have been granted
        # the floor by this change, and its clock waits for the report.
        self.report_audio_again()
        if routes.program != before.program:
            self._unseen = routes.program
        self._pictures.unseen = routes.unseen
        for peer in self.peers.values():
            peer.downlink.limit(routes.layers.get(peer.who.site, ""))
        self._replan()

    def report_audio_again(self) -> None:
        """Let every open microphone report anew when sound comes from it."""
        self._unheard = set(self.routes.microphones)

    def watch(self, peer: Peer, slot: str, site: str) -> None:
        """Show *site* in a slot of *peer* that shows what its page asks for."""
        peer.watching[slot] = site
        self._plan_for(peer)

    def request_key_frame(self, site: str, now: float) -> None:
        """Ask the camera of *site* for a key frame, at most every :data:`KEY_THROTTLE_S`."""
        track = self._track(site, CAMERA)
        if track is not None:
            for source in track.flowing(now):
                self._feedback.ask_key_frame(self.publishers[site], source, now, KEY_THROTTLE_S)

    def put_slate(self, site: str, still: Still) -> None:
        """Take the slate of *site*; it is shown at once where it is missing."""
        self._pictures.put(site, still)
        self._replan()

    def tick(self, now: float) -> bool:
        """Put slates on and off, and send what they have.

        Returns:
            Whether a slate is on its way: call it again after ``feedback.TICK_S``.
        """
        if not self.peers:
            return False  # nobody watches
        sends = False
        if self._look(now):
            self._plan_all(now)
        for source, packet, starts in self._pictures.due(now):
            if starts and source.track.pending:
                self._attach(source.track, source, packet, now)
            self._engine.forward(source, packet)
            sends = True
        return sends

    def _want_slate(self, site: str) -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(self._observer.slate_wanted, self.name, site)

    def _look_after_pictures(self, now: float) -> bool:
        """Know which sites are on some slot; return whether other ones than before are dark."""
        watched = (Shown(site) for peer in self.peers.values() for site in peer.watching.values())
        self._pictures.show((*self.routes.shown.values(), *watched))
        return self._look(now)

    def _look(self, now: float) -> bool:
        before = self._pictures.dark
        changed = self._pictures.look(now)
        for site, role in sorted(self._pictures.dark - before):
            fields = logs.of(session=self.name, site=site)
            log.info("no %s comes from %s, which is shown", role, site, extra=fields)
        return changed

    def _replan(self) -> None:
        if self.peers:
            now = monotonic()
            self._look_after_pictures(now)
            self._plan_all(now)

    def _plan_for(self, peer: Peer) -> None:
        """Plan for one peer, or for all if that brings to light that a camera is dark."""
        now = monotonic()
        if self._look_after_pictures(now):
            self._plan_all(now)
        else:
            self._plan(peer, now)

    def _plan_all(self, now: float) -> None:
        for peer in self.peers.values():
            self._plan(peer, now)

    def _plan(self, peer: Peer, now: float) -> None:
        """Make every slot of *peer* follow what the routes give it."""
        if peer.state != "connected":
            return
        viewer = Viewer(peer.who.role, peer.who.site, peer.watching)
        slots = 0
        self._feedback.hurry()  # what it follows now may come with the next packet
        for name, sink in peer.sinks.items():
            if sink.video:
                shown = plan_video(self.routes, viewer, name)
                track = self._pictures.choose(shown, sink)
                sink.follow(track, now)
                if track is not None and track is self._track(shown.site, track.role):
                    for source in track.sought(now):
                        self._feedback.ask_key_frame(self.publishers[shown.site], source, now)
            elif name == TALKBACK:
                sink.follow(self._talkback.heard_by(peer), now)
            else:
                slots += 1
        slots = min(slots, MAX_MICROPHONES)
        peer.heard_sites = assign_audio(peer.heard_sites, self._audible, viewer, slots)
        for index, site in enumerate(peer.heard_sites):
            peer.sinks[f"{AUDIO}{index}"].follow(self._track(site, MICROPHONE), now)

    @property
    def _audible(self) -> Routes:
        """The routes, but for microphones that were opened while their site talks aside."""
        withheld = self._talkback.withheld(self.routes.microphones)
        if not withheld:
            return self.routes
        heard = tuple(site for site in self.routes.microphones if site not in withheld)
        return replace(self.routes, microphones=heard)

    def talk(self, peer: Peer, site: str, *, speaking: bool) -> None:
        """Let a technician's *peer* talk to the hosts of *site*; with "" to nobody."""
        self._talkback.talk(peer, site, speaking=speaking)
        self._replan()

    def answer(self, peer: Peer, *, on: bool) -> None:
        """Let the technician who talks to the site of *peer* hear it, or no longer."""
        self._talkback.answer(peer, on=on)
        self._replan()

    @property
    def conversations(self) -> Mapping[str, Conversation]:
        """Site → who talks to it."""
        return self._talkback.conversations

    def _uplink(self, site: str) -> Uplink | None:
        publisher = self.publishers.get(site) if site else None
        return publisher.uplink if publisher is not None else None

    def _track(self, site: str, role: str) -> Track | None:
        uplink = self._uplink(site)
        return uplink.tracks.get(role) if uplink is not None else None

    # --- peers ------------------------------------------------------------------------

    def add(self, peer: Peer) -> None:
        """Take in a new peer; nothing flows before it is connected."""
        self._election.come(peer)
        self.peers[peer.id] = peer
        peer.cap_bps = self._cap_of(peer.who.site) or None
        peer.downlink.limit(self.routes.layers.get(peer.who.site, ""))

    def remove(self, peer: Peer) -> None:
        """Forget *peer*; its site's other device takes over."""
        self._watching.forget(peer)
        if self.peers.pop(peer.id, None) is not None:
            now = monotonic()
            self._election.leave(peer, now)
            if self._talkback.leave(peer):
                self._replan()
            self._elect(peer.who.site, now)
            self._tell_changed()

    def connected(self, peer: Peer) -> None:
        """Let the slots of *peer* flow."""
        self._plan_for(peer)
        self._tell_changed()

    def lost(self, peer: Peer) -> None:
        """Pass on that the association of *peer* ended."""
        self._on_lost(peer)

    def use(self, peer: Peer, by: str) -> None:
        """Let *peer* publish for its site as long as it sends; *by* is the role of who wants it."""
        peer.chosen = monotonic()
        self._elect(peer.who.site, peer.chosen, by)

    @property
    def taken_by(self) -> Mapping[str, str]:
        """Site → who let its publisher take it (``election.Election``)."""
        return self._election.taken_by

    def cap(self, site: str, bps: int) -> None:
        """Let each device of *site* send at most *bps* for its pictures, 0 for no cap."""
        self._caps[site] = bps
        for peer in self.peers.values():
            if peer.who.site == site and peer.who.publish:
                peer.cap_bps = bps

    def _cap_of(self, site: str) -> int:
        return self._caps.get(site, self._usual_cap)

    def adapt(self, peer: Peer, now: float) -> None:
        """Give *peer* the layers its line carries; call it every ``downlink.ADAPT_S``."""
        before = peer.downlink.states
        for source in peer.downlink.adapt(now):
            publisher = self._publisher_of(source)
            if publisher is not None:
                self._feedback.ask_key_frame(publisher, source, now)
        if peer.downlink.states != before:
            states, sign = peer.downlink.states or "everything", peer.downlink.estimate.sign
            log.info("its line carries %s (%s)", states, sign, extra=log_fields(peer))
        if self._watching.news(peer) or peer.downlink.states != before:
            loop = asyncio.get_running_loop()
            loop.call_soon(self._observer.slots_changed, self.name, peer.id)

    def _publisher_of(self, source: Source) -> Peer | None:
        return next(
            (p for p in self.publishers.values() if p.uplink.sources.get(source.ssrc) is source),
            None,
        )

    def supervise(self, now: float) -> None:
        """Elect anew where there is a choice; call it a few times per second."""
        for site in list(self._election.contested()):
            self._elect(site, now)
        if self._talkback.conversations and self._talkback.end_opened(self.routes.microphones, now):
            self._replan()

    def _elect(self, site: str, now: float, by: str = "") -> None:
        if site and self._election.elect(site, now, by):
            publisher = self.publishers.get(site)
            if publisher is not None and site in self.taken_by:
                rank, who = publisher.who.rank, self.taken_by[site]
                log.info("it sends by its %s line now (%s)", rank, who, extra=log_fields(publisher))
            self._replan()
            self._tell_changed()

    def _tell_changed(self) -> None:
        asyncio.get_running_loop().call_soon(self._observer.peers_changed, self.name)

    # --- what comes in ----------------------------------------------------------------

    def media(self, peer: Peer, source: Source, packet: Packet) -> None:
        """Forward one packet to whoever follows its track; the hot path."""
        if not peer.sending:
            peer.sending = True
            self._elect(peer.who.site, monotonic())
        track = source.track
        if source.video:
            if packet.payload and source.is_key(packet.payload):
                self._key_frame(peer, source, packet)
        elif track.best is not source or track.pending or self._unheard:
            self._sound(peer, source, packet)
        if source.sinks:
            self._engine.forward(source, packet)

    def rtcp(self, peer: Peer, packets: Sequence[RtcpPacket], now: float) -> None:
        """Act on a compound of *peer*."""
        self._feedback.received(peer, packets, now)

    def gap(self, peer: Peer, source: Source, now: float) -> None:
        """Ask at once for packets that are missing."""
        self._feedback.ask_missing(peer, source, now)

    def _key_frame(self, peer: Peer, source: Source, packet: Packet) -> None:
        now = monotonic()
        track = source.track
        track.key_at = now
        source.key_wanted = False
        track.elect(source, now)
        site = peer.who.site
        if (site, track.role) in self._pictures.dark:
            self._replan()  # whoever sees what stood for it follows it again, from this packet on
        if track.pending and source.can_start(packet):
            self._attach(track, source, packet, now)
        if site == self._unseen and track.role == CAMERA and self.publishers.get(site) is peer:
            self._unseen = ""
            loop = asyncio.get_running_loop()
            loop.call_soon(self._observer.program_switched, self.name, site)

    def _sound(self, peer: Peer, source: Source, packet: Packet) -> None:
        now = monotonic()
        track = source.track
        if track.elect(source, now) and track.pending and source.can_start(packet):
            self._attach(track, source, packet, now)
        site = peer.who.site
        heard = site in self._unheard and self.publishers.get(site) is peer and packet.payload
        if heard and site not in self._talkback.withheld((site,)):
            self._unheard.discard(site)
            loop = asyncio.get_running_loop()
            loop.call_soon(self._observer.audio_forwarded, self.name, site)

    def _attach(self, track: Track, source: Source, packet: Packet, now: float) -> None:
        """Start every slot of *track* that waits for *source* with *packet*."""
        for sink in track.waiting(source, now):
            if sink.attach(packet, source, now):
                self._counters.switches += 1
            else:
                sink.detach(now)
                self._counters.drop("viewer_lacks_codec")
