"""One peer: its transport from the first check to the last packet, its tracks and slots.

Owns: the life of one ICE and DTLS association, and reading what comes in.
What it sends is sorted by ``uplink``, its slots are ``sink``s. Does not decide
what flows: ``session`` does, by making slots follow tracks.

    new ──first valid check──► connecting ──keys──► connected
     └── 30 s ──┐                └── 15 s ──┐          └── 30 s silence, close_notify
                └───────────────────────────┴──────────────► closed
"""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from bridge.clock import monotonic
from bridge.errors import Code, MediaError, ProtocolError
from bridge.ids import Rank, Role
from bridge.media.answer import LocalDescription, build_answer, build_fragment, negotiate
from bridge.media.counters import MediaCounters
from bridge.media.downlink import Downlink
from bridge.media.dtls import Certificate, DtlsConnection
from bridge.media.engine import Engine
from bridge.media.meter import Meter
from bridge.media.mux import Endpoint, Mux
from bridge.media.packets import Packet
from bridge.media.peer_id import new_peer_id
from bridge.media.sdp import Offer, parse_offer
from bridge.media.sink import Sink
from bridge.media.source import Source
from bridge.media.srtp import SrtpPair
from bridge.media.uplink import Uplink
from bridge.rtp.packet import parse_header
from bridge.rtp.rtcp import RtcpPacket, parse_compound

__all__ = ["Peer", "PeerIdentity", "PeerOwner"]

# From the answer to the first valid check; a browser that gathers slowly needs a few seconds.
CHECK_TIMEOUT_S: Final = 30.0
# Browsers send something (RTCP, checks) at least every 2.5 s.
CONNECTED_S: Final = 5.0


@dataclass(frozen=True)
class PeerIdentity:
    """Whose peer it is, as the server knows it from the token; never from the offer.

    Attributes:
        session: id of the session.
        role: what the token allows.
        site: code of the site, "" if none.
        client: id of the browser tab; a new peer of the same client replaces the old one.
        slots: names of the offer's receive-only video lines, in order (see ``router.plan_video``).
        publish: whether it may send for its site.
        rank: what it is to the site, if it may send.
        stream: the one MediaStream all its slots are tracks of; "" for a stream per slot.
        talks: it is a technician's, for talkback alone (``talkback``).
        peer: id of its connection if it has one already, see ``peer_id``.
        token_key: short id of the token.
        expires: when the token ends, Unix seconds; 0 for never.
    """

    session: str
    role: Role
    site: str
    client: str
    slots: tuple[str, ...]
    publish: bool
    token_key: str
    expires: float = 0.0
    rank: Rank = Rank.MAIN
    stream: str = ""
    talks: bool = False
    peer: str = ""


class PeerOwner(Protocol):
    """What a peer tells the session it belongs to; see ``session.MediaSession``."""

    def connected(self, peer: Peer) -> None:
        """Keys are there; slots can flow."""
        ...

    def lost(self, peer: Peer) -> None:
        """The association ended; the owner closes the peer."""
        ...

    def media(self, peer: Peer, source: Source, packet: Packet) -> None:
        """A new packet of one of the peer's sources."""
        ...

    def rtcp(self, peer: Peer, packets: Sequence[RtcpPacket], now: float) -> None:
        """A compound of the peer."""
        ...

    def gap(self, peer: Peer, source: Source, now: float) -> None:
        """Packets of *source* are missing; ask for them."""
        ...


@dataclass
class Shared:
    """What all peers of a server share."""

    mux: Mux
    certificate: Certificate
    counters: MediaCounters
    send: Callable[[bytes, tuple[str, int]], None]
    candidates: list[tuple[str, int]] = field(default_factory=list)
    engine: Engine | None = None


class Peer:
    """One peer connection.

    Args:
        who: whose.
        offer: SDP text.
        shared: of the server.
        owner: the session it belongs to.

    Raises:
        ProtocolError: SDP_MALFORMED or SDP_UNSUPPORTED.
    """

    def __init__(self, who: PeerIdentity, offer: str, shared: Shared, owner: PeerOwner) -> None:
        parsed = parse_offer(offer)
        sections = negotiate(parsed, who.slots, publish=who.publish, talks=who.talks)
        self.id = who.peer or new_peer_id()
        self.who = who
        self.state = "new"
        self.created = monotonic()
        self.established = asyncio.Event()
        self._shared = shared
        self._owner = owner
        self._session_id = secrets.randbits(40)
        self._version = self._restarts = 0
        self._remote_ufrag = parsed.ufrag
        self._mixed = parsed.mixed
        self._checked = asyncio.Event()
        self.endpoint = Endpoint(self._checked.set, self._on_dtls, self.on_media)
        self._active = parsed.setup == "passive"
        self._fingerprints = parsed.fingerprints
        self._dtls = DtlsConnection(
            shared.certificate,
            self._send_datagram,
            active=self._active,
            fingerprints=parsed.fingerprints,
            on_closed=lambda: owner.lost(self),
        )
        self.srtp: SrtpPair | None = None

        self.sinks: dict[str, Sink] = {}
        self.sinks_by_ssrc: dict[int, Sink] = {}
        self._sections = sections
        self.reduced_size = any(section.media.reduced_size for section in sections)
        for section in sections:
            if section.direction == "sendonly":
                sink = self.sinks[section.role] = Sink(section, self.endpoint)
                self.sinks_by_ssrc[sink.ssrc] = sink
        self.downlink = Downlink(self.sinks.values())
        self.uplink = Uplink(
            sections,
            shared.counters,
            lambda source, now: owner.gap(self, source, now),
            self._adopt,
        )
        for section in sections:
            section.media.shed()

        self.sending = False
        """Media has come from it; from then on it may be its site's publisher."""
        self.chosen = 0.0
        """When it was chosen to publish for its site (``election``), 0 for never."""
        self.heir_until = 0.0
        """Until when it may take back what its page published before a reload, seconds."""
        self.watching: dict[str, str] = {}
        """Site in each slot that shows what the page asks for."""
        self.heard_sites: tuple[str, ...] = ()
        """Site in each audio slot."""
        self.cap_bps: int | None = None
        """What it may send at most, bits per second; 0 for no cap any more, None for never one."""
        self.rtt: float | None = None
        """Seconds, from the newest receiver report."""
        self.meter = Meter()
        """What is counted for its site's link."""
        self.feedback_at = self.report_at = self.doubt_report_at = 0.0
        self.adapt_at = self.created
        self.look_at = math.inf
        """When something is next to be done for it; nothing before its keys are there."""
        shared.mux.add(self.endpoint, monotonic())

    # --- signalling -------------------------------------------------------------------

    @property
    def etag(self) -> str:
        """Entity tag of the ICE session, quoted as in headers (RFC 9725 4.3.1, RFC 9110 8.8.3).

        Changes with each ICE restart and with nothing else.
        """
        return f'"{self.id}.{self._restarts}"'

    def answer(self) -> str:
        """Return the SDP answer to the newest offer."""
        self._version += 1
        for section in self._sections:
            if sink := self.sinks.get(section.role):
                section.announce = (sink.ssrc, sink.repair_ssrc)
        return build_answer(self._sections, self._local())

    def _local(self) -> LocalDescription:
        return LocalDescription(
            self.endpoint.ufrag,
            self.endpoint.password,
            self._shared.certificate.fingerprint,
            self._shared.candidates,
            self._active,
            self._session_id,
            self._version,
            self._mixed,
            self.who.stream,
        )

    def restart(self, offer: str) -> str:
        """Take a new offer of the same page, usually for an ICE restart; return the answer.

        Raises:
            ProtocolError: SDP_MALFORMED, or SDP_UNSUPPORTED if it is another page's.
        """
        parsed = parse_offer(offer)
        self._check_same(parsed)
        self.restart_ice(parsed.ufrag)
        return self.answer()

    def restart_ice(self, remote_ufrag: str) -> bool:
        """Renew our credentials if the remote ones changed; return whether they did."""
        if remote_ufrag == self._remote_ufrag:
            return False
        self._remote_ufrag = remote_ufrag
        self._restarts += 1
        self._shared.mux.renew(self.endpoint)
        return True

    def fragment(self) -> str:
        """Return our trickle-ice-sdpfrag (RFC 8840 9)."""
        return build_fragment(self._sections, self._local())

    @property
    def restarted(self) -> bool:
        """Whether ICE has been restarted at least once."""
        return self._restarts > 0

    def _check_same(self, offer: Offer) -> None:
        if set(offer.fingerprints) != set(self._fingerprints):
            raise ProtocolError(
                Code.SDP_UNSUPPORTED,
                "The offer has another certificate: make a new connection instead of a restart.",
            )
        who = self.who
        sections = negotiate(offer, who.slots, publish=who.publish, talks=who.talks)
        same = len(sections) == len(self._sections) and all(
            (new.media.mid, new.role) == (known.media.mid, known.role)
            and {str(codec.payload_type) for codec in known.codecs} <= set(new.media.formats)
            for new, known in zip(sections, self._sections, strict=False)
        )
        if not same:
            raise ProtocolError(
                Code.SDP_UNSUPPORTED,
                "The offer has other m= lines than before: make a new connection.",
            )

    # --- transport --------------------------------------------------------------------

    async def establish(self) -> None:
        """Wait for the first valid check and make the keys.

        Raises:
            MediaError: NO_VALID_CHECK: nothing came, or DTLS failed.
        """
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                await self._checked.wait()
        except TimeoutError:
            raise MediaError(
                Code.NO_VALID_CHECK,
                "No packet of this page reached the media port: open UDP, or use TURN.",
            ) from None
        if self.state == "closed":
            return
        self.state = "connecting"
        srtp = await self._dtls.handshake()
        if self.state != "connecting":
            return
        self.srtp = srtp
        engine = self._shared.engine
        if engine is not None:
            engine.secure(srtp)
            engine.admit(self)
        for sink in self.sinks.values():
            sink.secure(srtp)
        self.state = "connected"
        self.look_at = 0.0
        self.established.set()
        self._owner.connected(self)

    def forget(self) -> None:
        """Leave the mux and all routes at once; the caller awaits :meth:`close` afterwards."""
        self.state = "closed"
        now = monotonic()
        for sink in self.sinks.values():
            sink.follow(None, now)
        self.uplink.drop_all(now)
        if self._shared.engine is not None:
            self._shared.engine.dismiss(self)
        self._checked.set()
        self._shared.mux.remove(self.endpoint)

    def alive(self, now: float) -> bool:
        """Return whether it is connected and was heard within :data:`CONNECTED_S`."""
        return self.state == "connected" and now - self.endpoint.heard <= CONNECTED_S

    async def close(self) -> None:
        """Send close_notify and let go of the keys.

        What leads from its parts back to the peer is cut: it and libsrtp's part of it are 40 kB,
        which the collector, who counts objects and not bytes, would free after hundreds of joins.
        """
        await self._dtls.close()
        self.srtp = None
        for sink in self.sinks.values():
            sink.release()

    def send_rtcp(self, compound: bytes) -> None:
        """Encrypt and send one RTCP compound."""
        if self.srtp is None or self.endpoint.address is None:
            return
        protected = self.srtp.protect_rtcp(compound)
        if protected is None:
            self._shared.counters.drop("encrypt_failed")
            return
        self._shared.counters.rtcp_out += 1
        self._shared.send(protected, self.endpoint.address)

    def _send_datagram(self, data: bytes) -> None:
        if self.endpoint.address is not None:
            self._shared.send(data, self.endpoint.address)

    def _on_dtls(self, data: bytes) -> None:
        if not self._dtls.receive(data):
            self._shared.counters.drop("dtls_flood")

    # --- what comes in ----------------------------------------------------------------

    def on_media(self, data: bytes, now: float) -> bool:
        """Take one SRTP or SRTCP datagram; return whether it was authentic. Never raises."""
        counters = self._shared.counters
        srtp = self.srtp
        if srtp is None:
            counters.drop("media_before_keys")
            return False
        if 192 <= data[1] <= 223:
            return self._on_rtcp(srtp, data, now)
        plain = srtp.unprotect(data)
        if plain is None:
            counters.drop("srtp_refused")
            return False
        counters.packets_in += 1
        counters.bytes_in += len(data)
        self.on_plain(plain, now)
        return True

    def on_plain(self, plain: bytes, now: float) -> None:
        """Take one decrypted RTP packet. Never raises."""
        try:
            header = parse_header(plain)
        except ProtocolError:
            self._shared.counters.drop("rtp_malformed")
            return
        if header.ssrc not in self.endpoint.ssrcs:
            self._shared.mux.learn_ssrc(self.endpoint, header.ssrc)
        found = self.uplink.receive(plain, header, now)
        if found is not None:
            self._owner.media(self, *found)

    def on_taken(self, source: Source, packet: Packet, plain: bytes, size: int, now: float) -> None:
        """Look on: the engine has received and forwarded *packet*; see ``Uplink.took``."""
        self.endpoint.heard = now
        header = parse_header(plain)
        packet.timestamp, packet.marker = header.timestamp, header.marker << 7
        packet.payload = plain[header.payload_offset : header.payload_end]
        self.uplink.took(source, packet, plain, header, size, now)
        self._owner.media(self, source, packet)

    def _adopt(self, source: Source) -> None:
        if self._shared.engine is not None:
            self._shared.engine.adopt(self, source)

    def _on_rtcp(self, srtp: SrtpPair, data: bytes, now: float) -> bool:
        counters = self._shared.counters
        plain = srtp.unprotect_rtcp(data)
        if plain is None:
            counters.drop("srtcp_refused")
            return False
        engine = self._shared.engine
        if engine is not None:
            engine.answer(self, plain, now)
        if self._read_report(plain, now):
            ssrc = int.from_bytes(plain[4:8], "big")
            self._shared.mux.learn_ssrc(self.endpoint, ssrc)
            if engine is not None and ssrc in self.endpoint.ssrcs:
                engine.expect(self, ssrc)
        return True

    def on_report(self, compound: bytes, now: float) -> None:
        """Take a decrypted RTCP compound; what it asks for again was sent. Never raises."""
        self.endpoint.heard = now
        self._read_report(compound, now)

    def _read_report(self, compound: bytes, now: float) -> bool:
        """Act on a compound; return whether it is well-formed."""
        self._shared.counters.rtcp_in += 1
        try:
            packets = parse_compound(compound)
        except ProtocolError:
            self._shared.counters.drop("rtcp_malformed")
            return False
        self._owner.rtcp(self, packets, now)
        return True
