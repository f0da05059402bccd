"""Whose datagram is this: ICE-lite on one port (RFC 8445 2.5) and demultiplexing (RFC 7983).

Owns: ICE credentials, the table of remote addresses, and the three rules by
which a peer moves to a new address. Knows no socket and no clock (time is an
argument), nothing of DTLS or RTP: an :class:`Endpoint` passes what is its own
to three callables.

A peer moves

(a) on a valid check with the current credentials and USE-CANDIDATE,
(b) on a valid check with the current credentials from another address when
    nothing authentic came from the current one for :data:`QUIET_S`,
(c) on an SRTP or SRTCP packet from another address that passes decryption; if
    that address was already known to be the peer's, only when the current one
    has been silent for :data:`PAUSE_S`, so that two paths do not alternate.

Nothing is ever answered without valid MESSAGE-INTEGRITY, and whoever sends more than any
page has reason to is not listened to for the excess (``docs/limits.md``).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from bridge.errors import ProtocolError
from bridge.media.counters import MediaCounters
from bridge.media.pace import Pace
from bridge.media.udp import Address
from bridge.rtp.demux import Kind, classify
from bridge.rtp.stun import build_answer, is_authentic, parse_check

__all__ = ["Endpoint", "Mux"]

# Rule (b); browsers repeat checks of a working pair every 0.5-2.5 s, media comes every 20 ms.
QUIET_S: Final = 1.0
# Rule (c); a dozen audio packets long, a freeze nobody sees.
PAUSE_S: Final = 0.25
# Addresses of one peer: interfaces times relays, with room for some NAT rebindings.
MAX_ADDRESSES: Final = 16
# Remote SSRCs of one peer: 3 layers, slides, audio, RTX and reports are 10; the rest is room for
# an encoder that begins anew. libsrtp keeps a state for each and searches them one by one.
MAX_SSRCS: Final = 64
# Old credentials stay valid for checks under way; a page restarts ICE once per network change.
MAX_CREDENTIALS: Final = 4
# RTP of one peer: three layers, slides and sound with repairs are below 1,000; the burst is what
# waits in the socket after 2 s in which the event loop stood still.
PACKETS_PER_S: Final = 2000
PACKETS_BURST: Final = 4000
# RTCP of one peer, in bytes because that is what reading it costs: 64 lossy slots ask with 25 kB/s.
REPORT_BYTES_PER_S: Final = 100_000
REPORT_BYTES_BURST: Final = 200_000
# Checks and DTLS of one peer: a browser with many interfaces sends 50 a second to begin with.
CONTROL_PER_S: Final = 100
CONTROL_BURST: Final = 200
# Decryptions tried for unknown addresses (rule c), of all peers together: 2 us each. Viewers share
# SSRC 1, so one packet may cost as many as there are; beyond it rules (a) and (b) find the peer.
TRIES_PER_S: Final = 4000
TRIES_BURST: Final = 4000


class Endpoint:
    """One peer's place in the mux.

    Args:
        on_ready: called once, at the first valid check; DTLS may start.
        on_dtls: called with each DTLS datagram.
        on_media: called with each SRTP or SRTCP datagram and its time of arrival;
            returns whether it was authentic.
    """

    def __init__(
        self,
        on_ready: Callable[[], None],
        on_dtls: Callable[[bytes], None],
        on_media: Callable[[bytes, float], bool],
    ) -> None:
        self.on_ready = on_ready
        self.on_dtls = on_dtls
        self.on_media = on_media
        self.address: Address | None = None
        self.addresses: list[Address] = []
        self.ssrcs: set[int] = set()
        self.ufrag = ""
        self.password = ""
        self.credentials: dict[str, bytes] = {}
        self.heard = 0.0
        """When the last authentic packet or check came from the current address."""
        self.closed = False
        self.packets = Pace(PACKETS_PER_S, PACKETS_BURST)
        self.reports = Pace(REPORT_BYTES_PER_S, REPORT_BYTES_BURST)
        self.control = Pace(CONTROL_PER_S, CONTROL_BURST)


class Mux:
    """All endpoints of one port.

    Args:
        send: sends one control datagram.
        counters: totals to count into.
        moved: called when a peer has another address, or other credentials.
    """

    def __init__(
        self,
        send: Callable[[bytes, Address], None],
        counters: MediaCounters,
        moved: Callable[[Endpoint], None] = lambda _: None,
    ) -> None:
        self._send = send
        self._moved = moved
        self._counters = counters
        self._by_address: dict[Address, Endpoint] = {}
        self._by_ufrag: dict[str, Endpoint] = {}
        self._by_ssrc: dict[int, list[Endpoint]] = {}
        self._tries = Pace(TRIES_PER_S, TRIES_BURST)

    def sizes(self) -> dict[str, int]:
        """Return how many entries each table has, by name."""
        return {
            "addresses": len(self._by_address),
            "credentials": len(self._by_ufrag),
            "streams": len(self._by_ssrc),
        }

    def add(self, endpoint: Endpoint, now: float) -> None:
        """Give *endpoint* its first credentials and listen for its checks."""
        endpoint.heard = now
        self.renew(endpoint)

    def renew(self, endpoint: Endpoint) -> None:
        """Give *endpoint* new credentials (ICE restart); the old ones stay valid for a while."""
        while len(endpoint.credentials) >= MAX_CREDENTIALS:
            oldest = next(iter(endpoint.credentials))
            del endpoint.credentials[oldest]
            del self._by_ufrag[oldest]
        # RFC 8839 5.4: at least 24 and 128 bits, letters, digits, + and /
        endpoint.ufrag = secrets.token_hex(4)
        endpoint.password = secrets.token_hex(16)
        endpoint.credentials[endpoint.ufrag] = endpoint.password.encode()
        self._by_ufrag[endpoint.ufrag] = endpoint
        self._moved(endpoint)

    def remove(self, endpoint: Endpoint) -> None:
        """Forget *endpoint* and everything that leads to it, and to whom it leads."""
        endpoint.closed = True
        endpoint.on_ready, endpoint.on_dtls, endpoint.on_media = _nobody, _nobody, _unheard
        for ufrag in endpoint.credentials:
            self._by_ufrag.pop(ufrag, None)
        for address in endpoint.addresses:
            if self._by_address.get(address) is endpoint:
                del self._by_address[address]
        for ssrc in endpoint.ssrcs:
            others = [e for e in self._by_ssrc.get(ssrc, ()) if e is not endpoint]
            if others:
                self._by_ssrc[ssrc] = others
            else:
                self._by_ssrc.pop(ssrc, None)

    def learn_ssrc(self, endpoint: Endpoint, ssrc: int) -> None:
        """Remember that authentic packets with *ssrc* came from *endpoint* (rule c)."""
        if ssrc not in endpoint.ssrcs and len(endpoint.ssrcs) < MAX_SSRCS:
            endpoint.ssrcs.add(ssrc)
            self._by_ssrc.setdefault(ssrc, []).append(endpoint)

    def receive(self, data: bytes, address: Address, now: float) -> None:
        """Take one datagram; never raises for bad input.

        Args:
            data: as it came.
            address: of the sender.
            now: seconds on the monotonic clock.
        """
        kind = classify(data)
        if kind >= Kind.RTP:
            endpoint = self._by_address.get(address)
            if endpoint is None:
                self._unknown_media(data, address, now, kind)
            elif self._admits(endpoint, data, now, kind) and endpoint.on_media(data, now):
                if address == endpoint.address:
                    endpoint.heard = now
                elif now - endpoint.heard > PAUSE_S:
                    self._move(endpoint, address, now)
        elif kind is Kind.STUN:
            self._check(data, address, now)
        elif kind is Kind.DTLS:
            endpoint = self._by_address.get(address)
            if endpoint is None:
                self._counters.drop("dtls_unknown_address")
            elif endpoint.control.allow(now):
                endpoint.on_dtls(data)
            else:
                self._counters.drop("control_flood")
        else:
            self._counters.drop("unknown_protocol")

    def _admits(self, endpoint: Endpoint, data: bytes, now: float, kind: Kind) -> bool:
        """Return whether *data* is worth a decryption; it runs for every packet received."""
        if not (
            endpoint.packets.allow(now)
            if kind is Kind.RTP
            else endpoint.reports.allow(now, len(data))
        ):
            self._counters.drop("peer_flood")
            return False
        if len(endpoint.ssrcs) >= MAX_SSRCS and _ssrc(data, kind) not in endpoint.ssrcs:
            self._counters.drop("peer_streams")
            return False
        return True

    def _unknown_media(self, data: bytes, address: Address, now: float, kind: Kind) -> None:
        for endpoint in self._by_ssrc.get(_ssrc(data, kind), ()):
            if not self._tries.allow(now):
                self._counters.drop("media_flood")
                return
            if endpoint.on_media(data, now):
                self._know(endpoint, address)
                self._move(endpoint, address, now)
                return
        self._counters.drop("media_unknown_address")

    def _check(self, data: bytes, address: Address, now: float) -> None:
        try:
            check = parse_check(data)
        except ProtocolError:
            self._counters.drop("stun_malformed")
            return
        if check is None:
            self._counters.drop("stun_not_a_check")
            return
        endpoint = self._by_ufrag.get(check.ufrag)
        if endpoint is None:
            self._counters.drop("stun_unknown_user")
            return
        if not endpoint.control.allow(now):
            self._counters.drop("control_flood")
            return
        key = endpoint.credentials[check.ufrag]
        if not is_authentic(data, check, key):
            self._counters.drop("stun_bad_integrity")
            return
        self._send(build_answer(check.transaction, address[0], address[1], key), address)
        self._checked(endpoint, address, now, check.ufrag, check.nominated)

    def _checked(
        self, endpoint: Endpoint, address: Address, now: float, ufrag: str, nominated: bool
    ) -> None:
        self._know(endpoint, address)
        if endpoint.address is None:
            self._move(endpoint, address, now)
            endpoint.on_ready()
        elif address == endpoint.address:
            endpoint.heard = now
        elif ufrag == endpoint.ufrag and (nominated or now - endpoint.heard > QUIET_S):
            self._move(endpoint, address, now)

    def _know(self, endpoint: Endpoint, address: Address) -> None:
        if self._by_address.get(address) is endpoint:
            return
        if len(endpoint.addresses) >= MAX_ADDRESSES:
            oldest = next(a for a in endpoint.addresses if a != endpoint.address)
            endpoint.addresses.remove(oldest)
            if self._by_address.get(oldest) is endpoint:
                del self._by_address[oldest]
        if address not in endpoint.addresses:
            endpoint.addresses.append(address)
        self._by_address[address] = endpoint

    def _move(self, endpoint: Endpoint, address: Address, now: float) -> None:
        if endpoint.address is not None:
            self._counters.moves += 1
        endpoint.address = address
        endpoint.heard = now
        self._moved(endpoint)


def _nobody(*_: object) -> None:
    """Take the place of what leads from an endpoint to its peer, so that it is freed at once."""


def _unheard(_data: bytes, _now: float) -> bool:
    return False


def _ssrc(data: bytes, kind: Kind) -> int:
    """Return the SSRC of an RTP packet, or of the first report of a compound."""
    start = 8 if kind is Kind.RTP else 4
    return int.from_bytes(data[start : start + 4], "big")
