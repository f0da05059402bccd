"""What the slots show that a page chooses for itself, and what it was told of them."""

from __future__ import annotations

from bridge.media.peer import Peer
from bridge.media.sink import Sink

__all__ = ["Watched", "Watching", "watched"]

Watched = dict[str, tuple[str, int | None]]
"""Of each such slot: which site it was asked to show, and since when it does, in its RTP time;
None as long as what flows may be another picture."""


def watched(peer: Peer) -> Watched:
    """Return what *peer* asked to see, and sees; slots asked to show nothing are left out."""
    return {
        slot: (site, _since(peer.sinks[slot]))
        for slot, site in peer.watching.items()
        if site and slot in peer.sinks
    }


def _since(sink: Sink) -> int | None:
    source = sink.source
    return sink.begins if source is not None and source.track is sink.track else None


class Watching:
    """Knows of each peer what its page was told last."""

    def __init__(self) -> None:
        self._told: dict[str, Watched] = {}

    def news(self, peer: Peer) -> bool:
        """Return whether there is something to tell, and take it as told."""
        now = watched(peer)
        if now == self._told.get(peer.id, {}):
            return False
        self._told[peer.id] = now
        return True

    def forget(self, peer: Peer) -> None:
        """The peer has gone."""
        self._told.pop(peer.id, None)
