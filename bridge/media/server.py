"""The media server: what the rest of the program may ask of the media plane.

Owns: the one UDP port. Who is here is ``peers``', what is done at regular times is ``rounds``',
what a session's routes mean is ``session``'s, packets are the engine's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from bridge.clock import SystemClock, monotonic
from bridge.errors import ConfigError
from bridge.ids import Role
from bridge.link.samples import LinkSample, PathKind
from bridge.media.counters import MediaCounters
from bridge.media.dtls import Certificate
from bridge.media.engine import Engine
from bridge.media.engines import AUTO, open_engine
from bridge.media.feedback import TICK_S, Feedback
from bridge.media.hearing import Hearing
from bridge.media.links import LinkSampler
from bridge.media.mux import Endpoint, Mux
from bridge.media.peer import Peer, PeerIdentity, Shared
from bridge.media.peers import Peers
from bridge.media.rounds import Rounds
from bridge.media.router import MONITOR, WATCHING, Routes
from bridge.media.sdp import parse_fragment
from bridge.media.session import MediaObserver, MediaSession
from bridge.media.signals import Signal, read_signals
from bridge.media.talkback import Conversation
from bridge.media.udp import Address, UdpSocket
from bridge.media.watching import Watched, watched
from bridge.slates.still import Still
from bridge.tasks import Rhythm, Tasks

__all__ = [
    "MediaCounters",
    "MediaObserver",
    "MediaServer",
    "Peer",
    "PeerIdentity",
    "Routes",
    "Signal",
]

# A line of 1 Gb/s empties a third of the socket's buffer in this time.
FULL_RETRY_S: Final = 0.001


class MediaServer:
    """All media of one process.

    Args:
        host: address to bind, ``0.0.0.0`` for all.
        port: UDP port, 0 for any free one.
        public_addresses: addresses browsers reach us at, best first; empty: *host*.
        observer: told what happened.
        site_kbps: what each site's pictures may take, kilobits per second, 0 for no cap.
        engine: what forwards packets: "native", "python", or "auto" for the best there is.
        threads: of the native engine, 1..8.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        public_addresses: Sequence[str],
        observer: MediaObserver,
        site_kbps: int = 0,
        engine: str = AUTO,
        threads: int = 1,
    ) -> None:
        self._host = host
        self._wanted_port = port
        wildcard = host in {"0.0.0.0", "::", ""}  # noqa: S104 - compared, not bound
        self._addresses = tuple(public_addresses) or (("127.0.0.1",) if wildcard else (host,))
        self._observer = observer
        self._site_kbps = site_kbps
        self._wanted_engine = engine, threads
        self._counters = MediaCounters()
        self._tasks = Tasks("media")
        self._udp = UdpSocket(self._receive, self._flush)
        self._mux = Mux(self._udp.send, self._counters, self._moved)
        self._shared = Shared(self._mux, Certificate.generate(), self._counters, self._udp.send)
        self._engine: Engine | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._feedback: Feedback | None = None
        self._rounds: Rounds | None = None
        self._sessions: dict[str, MediaSession] = {}
        self._peers = Peers(self._shared, self._tasks, self._session)
        self._started = monotonic()
        self._samplers: dict[str, LinkSampler] = {}

    # --- life -------------------------------------------------------------------------

    async def start(self) -> None:
        """Bind the port and begin.

        Raises:
            ConfigError: PORT_IN_USE, CONFIG_INVALID for an address of another machine, or
                ENGINE_MISSING.
        """
        self._udp.open(self._host, self._wanted_port)
        self._shared.candidates = [(address, self.port) for address in self._addresses]
        try:
            wanted, threads = self._wanted_engine
            self._engine = open_engine(wanted, self._udp.raw, self._counters, threads)
        except ConfigError:
            self._udp.close()
            raise
        self._engine.holds = True
        self._shared.engine = self._engine
        if self._engine.receives:
            self._engine.start(self._mux.receive)
        else:
            self._udp.read()
        rhythm = Rhythm(TICK_S)
        feedback = Feedback(self._engine, self._counters, SystemClock(), rhythm.hurry)
        self._feedback = feedback
        self._rounds = Rounds(
            self._engine, feedback, self._peers, self._sessions, rhythm, self._flush
        )
        self._tasks.start("rounds", self._rounds.run())

    async def close(self) -> None:
        """End all peers and free the port; takes a few seconds at most."""
        await self._peers.close()
        await self._tasks.close()
        if self._retry is not None:
            self._retry.cancel()
        if self._engine is not None:
            self._engine.close()
        self._udp.close()

    @property
    def port(self) -> int:
        """The bound UDP port."""
        return self._udp.port

    @property
    def engine(self) -> str:
        """Which engine forwards packets, "native" or "python"; "" before :meth:`start`."""
        return self._engine.name if self._engine is not None else ""

    # --- peers ------------------------------------------------------------------------

    def connect(self, offer: str, who: PeerIdentity) -> tuple[Peer, str]:
        """Make a peer for *offer*; return it and the SDP answer.

        Raises:
            ProtocolError: SDP_MALFORMED or SDP_UNSUPPORTED.
            MediaError: TOO_MANY_PEERS.
        """
        peer = self._peers.admit(offer, who)
        return peer, peer.answer()

    def restart(self, peer_id: str, offer: str) -> str:
        """Take a new offer of a known peer (ICE restart); return the answer.

        Raises:
            MediaError: PEER_UNKNOWN.
            ProtocolError: SDP_MALFORMED or SDP_UNSUPPORTED.
        """
        return self._peers.known(peer_id).restart(offer)

    def restart_ice(self, peer_id: str, fragment: str, *, wanted: bool = False) -> str | None:
        """Take a trickle-ice-sdpfrag (RFC 9725 4.3); return ours if it restarts ICE, else None.

        Candidates in it are ignored: we are ICE-lite and learn addresses from checks.

        Args:
            peer_id: whose.
            fragment: as it came.
            wanted: a restart is what the client asks for. If it asks again with the same
                credentials, our answer was lost: it gets the same one.

        Raises:
            MediaError: PEER_UNKNOWN.
            ProtocolError: SDP_MALFORMED.
        """
        peer = self._peers.known(peer_id)
        ufrag, _ = parse_fragment(fragment)
        if not ufrag or not (peer.restart_ice(ufrag) or (wanted and peer.restarted)):
            return None
        return peer.fragment()

    def peer(self, peer_id: str) -> Peer | None:
        """Return the peer *peer_id* if it still lives."""
        return self._peers.get(peer_id)

    async def disconnect(self, peer_id: str) -> None:
        """End a peer; an unknown one is ended already."""
        await self._peers.disconnect(peer_id)

    def end_where(self, unwelcome: Callable[[PeerIdentity], bool]) -> int:
        """End every peer whose identity is *unwelcome*; return how many there were."""
        return self._peers.end_where(unwelcome)

    # --- what flows -------------------------------------------------------------------

    def apply(self, session: str, routes: Routes) -> None:
        """Let *routes* flow in *session*; what flows follows from this alone."""
        self._catch_up(monotonic())  # what came until now came for the routes that were
        self._session(session).apply(routes)

    def report_audio_again(self, session: str) -> None:
        """Let every open microphone of *session* report anew, because a report was lost."""
        self._session(session).report_audio_again()

    def put_slate(self, session: str, site: str, still: Still) -> None:
        """Give the slate of *site* that ``MediaObserver.slate_wanted`` asked for."""
        known = self._sessions.get(session)
        if known is not None:
            known.put_slate(site, still)

    def cap(self, session: str, site: str, kbps: int) -> None:
        """Let *site* send at most *kbps* for its pictures, kilobits per second; 0 for no cap."""
        self._session(session).cap(site, kbps * 1000)

    def watch(self, peer_id: str, site: str, slot: str = MONITOR) -> None:
        """Show *site* in the monitor or a thumbnail of a peer, if it has that slot."""
        peer = self._peers.get(peer_id)
        if peer is not None and slot in WATCHING and slot in peer.sinks:
            self._session(peer.who.session).watch(peer, slot, site)

    def report_path(self, peer_id: str, path: PathKind) -> None:
        """Remember how the packets of a peer travel; unknown peers are ignored."""
        peer = self._peers.get(peer_id)
        if peer is not None:
            peer.meter.path = path

    def end_slides(self, peer_id: str) -> None:
        """Do not wait for more slides of a peer; unknown peers are ignored."""
        peer = self._peers.get(peer_id)
        if peer is not None:
            peer.uplink.slides_ended = monotonic()

    def use_device(self, peer_id: str, by: Role) -> None:
        """Let this peer publish for its site, as *by* wants; unknown peers are ignored."""
        peer = self._peers.get(peer_id)
        if peer is not None and peer.who.publish:
            self._session(peer.who.session).use(peer, by)

    def talk(self, peer_id: str, site: str, *, speaking: bool) -> None:
        """Let a technician's peer talk to the hosts of *site*, to nobody with "".

        Peers that are unknown, or not for talkback, are ignored.
        """
        peer = self._peers.get(peer_id)
        if peer is not None and peer.who.talks:
            self._session(peer.who.session).talk(peer, site, speaking=speaking)

    def answer(self, peer_id: str, *, on: bool) -> None:
        """Let a host's peer be heard by whoever talks to its site; unknown peers are ignored."""
        peer = self._peers.get(peer_id)
        if peer is not None and peer.who.publish:
            self._session(peer.who.session).answer(peer, on=on)

    def conversations(self, session: str) -> Mapping[str, Conversation]:
        """Return who talks to which site; the objects are live."""
        known = self._sessions.get(session)
        return known.conversations if known is not None else {}

    def request_key_frame(self, session: str, site: str) -> None:
        """Ask the camera of *site* for a key frame, watched or not.

        Call it until ``Signal.key_frame_at`` is as new as wanted: a request may be lost. A camera
        is asked twice a second at most, however often this is called; one that sends nothing, or
        that does not exist, is not asked. Encoders may refuse: FFmpeg sends one key frame per
        group of pictures, whoever asks.
        """
        known = self._sessions.get(session)
        if known is not None:
            known.request_key_frame(site, monotonic())

    def _session(self, name: str) -> MediaSession:
        session = self._sessions.get(name)
        if session is None:
            if self._engine is None or self._feedback is None:
                raise RuntimeError("the media server is not started")
            session = self._sessions[name] = MediaSession(
                name,
                self._observer,
                self._engine,
                self._feedback,
                self._counters,
                self._peers.end,
                self._site_kbps * 1000,
            )
        return session

    # --- figures ----------------------------------------------------------------------

    def link_samples(self, session: str) -> dict[str, LinkSample]:
        """Return the figures of each site since the last call; call it once a second."""
        now = monotonic()
        self._have_heard(now)
        sampler = self._samplers.setdefault(session, LinkSampler(self._started))
        known = self._session(session)
        return sampler.sample(known.peers.values(), known.publishers, known.taken_by, now)

    def signals(self, session: str) -> dict[str, Signal]:
        """Return what is observed now of each site that has a device; call it as often as wanted.

        A site that is not in it has no device at all: its pages were closed, or never came.
        """
        known = self._sessions.get(session)
        if known is None:
            return {}
        now = monotonic()
        self._have_heard(now)
        return read_signals(known.peers.values(), known.publishers, now)

    def hear(self, session: str, site: str) -> Hearing:
        """Return what collects the sound of *site*, whoever publishes for it."""
        return Hearing(lambda: self._session(session).publishers.get(site))

    def slots(self, peer_id: str) -> dict[str, str]:
        """Return the slots of a peer whose pictures its line does not carry as they are.

        Slot → "reduced": a smaller picture than there is; "paused": none, only sound.
        """
        peer = self._peers.get(peer_id)
        return peer.downlink.states if peer is not None else {}

    def watched(self, peer_id: str) -> Watched:
        """Return what the slots of a peer show by its own wish."""
        peer = self._peers.get(peer_id)
        return watched(peer) if peer is not None else {}

    @property
    def unread(self) -> int:
        """Datagrams the kernel threw away because nobody read them, see ``UdpSocket.dropped``."""
        return self._udp.dropped

    def counters(self) -> MediaCounters:
        """Return the totals; the object is live, copy what must not change."""
        self._catch_up(monotonic())
        self._counters.publishers = sum(len(s.publishers) for s in self._sessions.values())
        return self._counters

    def sizes(self) -> dict[str, int]:
        """Return how many entries each table has now; none grows without peers."""
        return {
            "waiting": len(self._peers.waiting()),
            "tasks": len(self._tasks),
            **self._mux.sizes(),
        }

    # --- work -------------------------------------------------------------------------

    def _receive(self, data: bytes, address: Address) -> None:
        self._mux.receive(data, address, monotonic())

    def _moved(self, endpoint: Endpoint) -> None:
        if self._engine is not None:
            self._engine.moved(endpoint)

    def _flush(self) -> None:
        """Let leave what was forwarded; what a full socket keeps is tried again soon."""
        if self._engine is not None and self._engine.flush() and self._retry is None:
            loop = asyncio.get_running_loop()
            self._retry = loop.call_later(FULL_RETRY_S, self._flush_again)

    def _flush_again(self) -> None:
        self._retry = None
        self._flush()

    def _catch_up(self, now: float) -> None:
        """Hear what came."""
        if self._engine is not None:
            self._engine.look(now)

    def _have_heard(self, now: float) -> None:
        """Hear what came, unless that was done just now."""
        if self._rounds is not None:
            self._rounds.catch_up(now)
