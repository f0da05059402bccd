"""Who is here: all peers of a server by id, whether one more is admitted, and their end.

Owns: the table of peers and its limits. What flows between peers is their session's, what a
peer does is ``peer``'s.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence, ValuesView
from typing import Final

from bridge.clock import monotonic
from bridge.errors import Code, MediaError
from bridge.ids import Role
from bridge.media.peer import Peer, PeerIdentity, Shared
from bridge.media.peer_id import code_of, log_fields
from bridge.media.session import MediaSession
from bridge.tasks import Tasks

__all__ = ["Peers"]

log = logging.getLogger(__name__)

# 64 sites with two devices, moderators, technicians and stages, ten times over.
MAX_PEERS: Final = 2000
# Places no stage token can take, and stage tokens are shared: 64 sites with four devices.
RESERVED_PEERS: Final = 256
# Pages of one token that is not a stage's; more are a mistake or an attack.
MAX_PEERS_PER_TOKEN: Final = 16
# Devices of one site, pages and encoders together; more are a mistake or an attack.
MAX_PEERS_PER_SITE: Final = 16
# Peers that wait for their first check: all pages of a full forum that reload within a second.
# Of more the oldest gives way, so that offers without a page behind them keep nobody out.
MAX_WAITING: Final = 500
# Peers with nothing authentic for this long are gone; browsers check every 2.5 s.
GONE_S: Final = 30.0
# Checks get 30 s and the handshake 15 s (``peer``); what is not connected by now never will be.
ESTABLISH_S: Final = 60.0
CLOSE_TIMEOUT_S: Final = 3.0


class Peers:
    """All peers of a server.

    Args:
        shared: what they share.
        tasks: where each is established, and says goodbye.
        session: returns the session of a name, made if need be.
    """

    def __init__(
        self, shared: Shared, tasks: Tasks, session: Callable[[str], MediaSession]
    ) -> None:
        self._shared = shared
        self._tasks = tasks
        self._session = session
        self._by_id: dict[str, Peer] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def values(self) -> ValuesView[Peer]:
        """Return a live view of the peers, in the order of their coming."""
        return self._by_id.values()

    def get(self, peer_id: str) -> Peer | None:
        """Return the peer *peer_id* if it still lives."""
        return self._by_id.get(peer_id)

    def known(self, peer_id: str) -> Peer:
        """Return the peer *peer_id*.

        Raises:
            MediaError: PEER_UNKNOWN.
        """
        peer = self._by_id.get(peer_id)
        if peer is None:
            raise MediaError(
                Code.PEER_UNKNOWN, "This connection has ended: make a new one with a new offer."
            )
        return peer

    def waiting(self) -> list[Peer]:
        """Return those that wait for their first check, the oldest first."""
        return [peer for peer in self._by_id.values() if peer.state == "new"]

    # --- coming -----------------------------------------------------------------------

    def admit(self, offer: str, who: PeerIdentity) -> Peer:
        """Make a peer for *offer* and begin to establish it; it takes its predecessor's place.

        Raises:
            ProtocolError: SDP_MALFORMED or SDP_UNSUPPORTED.
            MediaError: TOO_MANY_PEERS.
        """
        same = [
            peer
            for peer in self._by_id.values()
            if who.client
            and (peer.who.client, peer.who.token_key, peer.who.session)
            == (who.client, who.token_key, who.session)
        ]
        if _full(who, [peer.who for peer in self._by_id.values() if peer not in same]):
            raise MediaError(
                Code.TOO_MANY_PEERS,
                "Too many pages are connected: close some that are no longer needed.",
            )
        waiting = self.waiting()
        if len(waiting) >= MAX_WAITING:
            log.warning("%d peers wait for their first check; the oldest gives way", len(waiting))
            self.end(waiting[0], "it gives way to another one")
        session = self._session(who.session)
        peer = Peer(who, offer, self._shared, session)
        for old in same:
            self.end(old, f"its page has made {code_of(peer.id)}")
        self._by_id[peer.id] = peer
        session.add(peer)
        self._shared.counters.peers = len(self)
        self._tasks.start("establish", self._establish(peer))
        return peer

    async def _establish(self, peer: Peer) -> None:
        try:
            await peer.establish()
        except MediaError as error:
            self.end(peer, str(error))
        except Exception:  # of OpenSSL or cryptography; a peer must not stay half made
            if peer.state != "closed":
                log.exception("the connection failed", extra=log_fields(peer))
                self.end(peer, "of an error here")
        else:
            if peer.state == "connected":
                took, address = monotonic() - peer.created, peer.endpoint.address or ("?", 0)
                text = "connected after %.1f s, from %s port %d"
                log.info(text, took, *address, extra=log_fields(peer))

    # --- going ------------------------------------------------------------------------

    def end(self, peer: Peer, why: str = "the other side has closed it") -> None:
        """Forget *peer* now and say goodbye in the background."""
        if peer.state != "closed":
            self._forget(peer, why)
            self._tasks.start("close", peer.close())

    async def disconnect(self, peer_id: str) -> None:
        """End a peer and say goodbye; an unknown one is ended already."""
        peer = self._by_id.get(peer_id)
        if peer is not None:
            self._forget(peer, "it has left")
            await peer.close()

    def end_where(self, unwelcome: Callable[[PeerIdentity], bool]) -> int:
        """End every peer whose identity is *unwelcome*; return how many there were."""
        ended = [peer for peer in self._by_id.values() if unwelcome(peer.who)]
        for peer in ended:
            self.end(peer, "its link is no longer valid")
        return len(ended)

    def end_silent(self, now: float) -> None:
        """End those that were not heard for too long, or never came."""
        for peer in list(self._by_id.values()):
            if peer.state == "connected":
                gone = now - peer.endpoint.heard > GONE_S
            else:
                gone = now - peer.created > ESTABLISH_S
            if gone:
                self.end(peer, "nothing was heard of it for too long")

    async def close(self) -> None:
        """End all and say goodbye; takes :data:`CLOSE_TIMEOUT_S` at most."""
        peers = list(self._by_id.values())
        for peer in peers:
            self._forget(peer, "the server stops")
        if peers:
            closing = [self._tasks.start("close", peer.close()) for peer in peers]
            await asyncio.wait(closing, timeout=CLOSE_TIMEOUT_S)

    def _forget(self, peer: Peer, why: str) -> None:
        if self._by_id.pop(peer.id, None) is not None:
            lived = monotonic() - peer.created
            log.info("ends %s after %.0f s: %s", peer.state, lived, why, extra=log_fields(peer))
            peer.forget()
            self._session(peer.who.session).remove(peer)
            self._shared.counters.peers = len(self)


def _full(who: PeerIdentity, others: Sequence[PeerIdentity]) -> bool:
    """Return whether there is no place left for *who* beside *others*."""
    if len(others) >= MAX_PEERS:
        return True
    if who.role is Role.STAGE:
        stages = sum(other.role is Role.STAGE for other in others)
        return stages >= MAX_PEERS - RESERVED_PEERS
    place = (who.session, who.site)
    of_site = sum((other.session, other.site) == place for other in others) if who.site else 0
    of_token = sum(other.token_key == who.token_key for other in others)
    return of_site >= MAX_PEERS_PER_SITE or of_token >= MAX_PEERS_PER_TOKEN
