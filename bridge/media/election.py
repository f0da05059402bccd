"""Which device publishes for each site of one session.

Owns: the publishers, and what a page keeps when it is loaded again. The rule itself is
``router.choose_publisher``. A site with a backup changes devices by itself only when the
present one dies; whichever took over stays until somebody chooses, so taking over counts as
having been chosen at that moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bridge.ids import Rank
from bridge.media.peer import Peer, PeerIdentity
from bridge.media.router import Candidate, choose_publisher
from bridge.media.source import SILENCE_S

__all__ = ["ITSELF", "Election"]

# A reloaded page sends again within a few seconds, camera prompt included.
HEIR_S: Final = 10.0
# Pages whose rights are kept for a reload, the oldest are forgotten: 64 sites with eight each.
MAX_FORMER: Final = 512
#: Who chose a site's publisher: nobody, it was there when the one before was not.
ITSELF: Final = "server"


@dataclass(frozen=True)
class Former:
    """What a page had when its connection ended.

    Attributes:
        chosen: when it was chosen, seconds, 0 for never.
        heir_until: until when it may take back what it published, seconds.
    """

    chosen: float
    heir_until: float


class Election:
    """The publishers of one session.

    Args:
        peers: of the session by id; whoever owns it adds and removes.
    """

    def __init__(self, peers: Mapping[str, Peer]) -> None:
        self._peers = peers
        self.publishers: dict[str, Peer] = {}
        """Site → the peer that publishes for it."""
        self.taken_by: dict[str, str] = {}
        """Site → who let that peer take it: :data:`ITSELF`, or the role of whoever chose it."""
        # the last publisher that was no standby one, by site
        self._real: dict[str, PeerIdentity] = {}
        self._former: dict[tuple[str, str], Former] = {}

    def come(self, peer: Peer) -> None:
        """Give a new peer what the same page had before it was loaded again."""
        former = self._former.pop(_page(peer.who), None)
        if former is not None:
            peer.chosen, peer.heir_until = former.chosen, former.heir_until

    def leave(self, peer: Peer, now: float) -> None:
        """Keep what the page of *peer*, which has gone, may have again; elect afterwards."""
        publishes = self.publishers.get(peer.who.site) is peer
        heir_until = now + HEIR_S if publishes else peer.heir_until
        if peer.who.client and (peer.chosen or heir_until > now):
            self._former[_page(peer.who)] = Former(peer.chosen, heir_until)
            if len(self._former) > MAX_FORMER:
                del self._former[next(iter(self._former))]

    def contested(self) -> Iterator[str]:
        """Yield the sites with more than one device that has sent."""
        if len(self._peers) < 2:
            return iter(())
        devices = Counter(peer.who.site for peer in self._peers.values() if peer.sending)
        return (site for site, count in devices.items() if count > 1)

    def elect(self, site: str, now: float, by: str = "") -> bool:
        """Find the publisher of *site*; return whether it is another one than before.

        Args:
            site: code of the site.
            now: seconds on the monotonic clock.
            by: the role of whoever has just chosen a device of the site, "" for nobody.
        """
        devices = [
            peer
            for peer in self._peers.values()
            if peer.who.site == site and peer.uplink.first_media and peer.state == "connected"
        ]
        current = self.publishers.get(site)
        present = next((peer for peer in devices if now < peer.heir_until), current)
        elected = self._peers.get(
            choose_publisher(
                present.id if present is not None else "",
                [_candidate(peer) for peer in devices],
                now,
                SILENCE_S,
            )
        )
        if elected is not None:
            elected.heir_until = 0.0
        if elected is current:
            return False
        if elected is None:
            del self.publishers[site]
        else:
            self.publishers[site] = elected
            self._enter(site, elected, now, by)
        return True

    def _enter(self, site: str, peer: Peer, now: float, by: str) -> None:
        """Note why *peer* publishes now, and let it stay if a backup has to do with it."""
        if peer.who.rank is Rank.STANDBY:
            self.taken_by.pop(site, None)
            return
        before = self._real.get(site)
        self._real[site] = peer.who
        if by:
            self.taken_by[site] = by
        elif before is None or Rank.BACKUP not in {before.rank, peer.who.rank}:
            self.taken_by.pop(site, None)
        elif not _same_page(before, peer.who):
            peer.chosen = now
            self.taken_by[site] = ITSELF


def _candidate(peer: Peer) -> Candidate:
    uplink = peer.uplink
    return Candidate(
        peer.id, peer.who.rank, uplink.first_media, uplink.last_media, peer.chosen, uplink.returned
    )


def _page(who: PeerIdentity) -> tuple[str, str]:
    return who.token_key, who.client


def _same_page(one: PeerIdentity, other: PeerIdentity) -> bool:
    return bool(one.client) and _page(one) == _page(other)
