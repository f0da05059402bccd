"""What stands for each picture now: itself, its site's camera for slides, a slate for a camera.

Owns: which of the pictures on some slot are dark, and the slates. A picture is dark when nothing
came of it for ``SILENCE_S``, from any of its layers, and one that was never seen is dark at
once. It is dark no more with its first packet; whoever follows it then still sees what stands for
it until its key frame. For dark slides stands their site's camera, for a dark camera its slate.
Without a still (it is being made) a dark site goes on as before: viewers keep the last frame.

When slides are dark stands in ``slides``: a still screen sends little.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

from bridge.media.answer import CAMERA, SLIDES
from bridge.media.router import Shown
from bridge.media.sink import Sink
from bridge.media.slate import Due, Slate
from bridge.media.slides import slides_flow
from bridge.media.source import SILENCE_S, Track
from bridge.media.uplink import Uplink
from bridge.slates.still import Still

__all__ = ["Pictures"]


class Pictures:
    """The pictures of one session.

    Args:
        uplink: returns what comes of a site, None if nobody publishes for it.
        wanted: called with a site whose still is needed, until it is put.
    """

    def __init__(
        self, uplink: Callable[[str], Uplink | None], wanted: Callable[[str], None]
    ) -> None:
        self._uplink = uplink
        self._wanted = wanted
        self._sites: frozenset[str] = frozenset()
        self._shown: frozenset[tuple[str, str]] = frozenset()
        self._seen: dict[str, float] = {}  # when a packet of each site's camera last came
        self._slates: dict[str, Slate | None] = {}  # None: asked for
        self.unseen: frozenset[str] = frozenset()
        """Sites whose pictures are dark whatever they send: a technician wants it so."""
        self.dark: frozenset[tuple[str, str]] = frozenset()
        """Site and role of what should be on some slot, or could have to stand in, and is not."""

    def show(self, pictures: Iterable[Shown]) -> None:
        """Look after *pictures* from now on: they are on some slot, or may be in a moment."""
        wanted = {picture for picture in pictures if picture.site}
        self._sites = frozenset(picture.site for picture in wanted)
        with_slides = {(picture.site, SLIDES) for picture in wanted if picture.slides}
        self._shown = frozenset({(site, CAMERA) for site in self._sites} | with_slides)
        self._seen = {site: at for site, at in self._seen.items() if site in self._sites}
        for site in self._sites - self._slates.keys():
            self._slates[site] = None
            self._wanted(site)

    def look(self, now: float) -> bool:
        """See which pictures are dark at *now*; return whether that has changed."""
        dark = frozenset(key for key in self._shown if self._is_dark(*key, now))
        changed = dark != self.dark
        self.dark = dark
        return changed

    def _is_dark(self, site: str, role: str, now: float) -> bool:
        if site in self.unseen:
            return True
        if role == SLIDES:
            return not slides_flow(self._uplink(site), now)
        seen = self._seen.get(site, -math.inf)
        track = self._track(site, CAMERA)
        if track is not None:
            for source in track.sources.values():
                seen = max(seen, source.arrived)
            self._seen[site] = seen
        return now - seen > SILENCE_S

    def _track(self, site: str, role: str) -> Track | None:
        uplink = self._uplink(site)
        return uplink.tracks.get(role) if uplink is not None else None

    def choose(self, shown: Shown, sink: Sink) -> Track | None:
        """Return what *sink* should follow, to show what the routes say."""
        site = shown.site
        if shown.slides and (site, SLIDES) not in self.dark:
            return self._track(site, SLIDES)
        hidden = shown.slate or site in self.unseen
        camera = None if hidden else self._track(site, CAMERA)
        if shown.slate or (site, CAMERA) in self.dark:
            slate = self._slates.get(site)
            return (slate.track_for(sink) if slate is not None else None) or camera
        return camera

    def put(self, site: str, still: Still) -> None:
        """Take the still that was wanted."""
        if self._slates.get(site) is None:
            self._slates[site] = Slate(still)

    def due(self, now: float) -> Iterator[Due]:
        """Yield what slates have to send; see ``Slate.due`` for how often to call it."""
        for site, slate in list(self._slates.items()):
            if slate is not None:
                yield from slate.due(now)
            if site not in self._sites and (slate is None or slate.idle):
                del self._slates[site]
