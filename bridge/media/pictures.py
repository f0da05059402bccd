"""What stands for each site's picture now: its camera, or its slate while that is dark.

Owns: which of the sites on some slot are dark, and their slates. A camera is dark when nothing
came from it for ``SILENCE_S``, from any of its layers, and one that was never seen is dark at
once. It is dark no more with its first packet; whoever follows it then still sees the slate
until its key frame. Without a still (it is being made) a dark site goes on as before: viewers
keep the last frame.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

from bridge.media.router import Shown
from bridge.media.sink import Sink
from bridge.media.slate import Due, Slate
from bridge.media.source import SILENCE_S, Track
from bridge.slates.still import Still

__all__ = ["Pictures"]


class Pictures:
    """The pictures of one session.

    Args:
        camera: returns the track of a site's camera, None if nobody publishes for it.
        wanted: called with a site whose still is needed, until it is put.
    """

    def __init__(
        self, camera: Callable[[str], Track | None], wanted: Callable[[str], None]
    ) -> None:
        self._camera = camera
        self._wanted = wanted
        self._sites: frozenset[str] = frozenset()
        self._seen: dict[str, float] = {}  # when a packet of each site's camera last came
        self._slates: dict[str, Slate | None] = {}  # None: asked for
        self.dark: frozenset[str] = frozenset()
        """Sites on some slot that have no picture now."""

    def show(self, sites: Iterable[str]) -> None:
        """Look after *sites* from now on: they are on some slot, or may be in a moment."""
        self._sites = frozenset(sites) - {""}
        self._seen = {site: at for site, at in self._seen.items() if site in self._sites}
        for site in self._sites - self._slates.keys():
            self._slates[site] = None
            self._wanted(site)

    def look(self, now: float) -> bool:
        """See which cameras are dark at *now*; return whether that has changed."""
        dark = frozenset(site for site in self._sites if self._is_dark(site, now))
        changed = dark != self.dark
        self.dark = dark
        return changed

    def _is_dark(self, site: str, now: float) -> bool:
        seen = self._seen.get(site, -math.inf)
        track = self._camera(site)
        if track is not None:
            for source in track.sources.values():
                seen = max(seen, source.arrived)
            self._seen[site] = seen
        return now - seen > SILENCE_S

    def choose(self, shown: Shown, sink: Sink) -> Track | None:
        """Return what *sink* should follow, to show what the routes say."""
        camera = None if shown.slate else self._camera(shown.site)
        if shown.slate or shown.site in self.dark:
            slate = self._slates.get(shown.site)
            return (slate.track_for(sink) if slate is not None else None) or camera
        return camera

    def put(self, site: str, still: Still) -> None:
        """Take the still that was wanted."""
        if self._slates.get(site) is None:
            self._slates[site] = Slate(still)

    def due(self, now: float) -> Iterator[Due]:
        """Yield what slates have to send; call it every ``feedback.TICK_S`` (``Slate.due``)."""
        for site, slate in list(self._slates.items()):
            if slate is not None:
                yield from slate.due(now)
            if site not in self._sites and (slate is None or slate.idle):
                del self._slates[site]
