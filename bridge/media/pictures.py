"""What stands for each picture now: itself, its site's camera for slides, a slate for a camera.

Owns: which of the pictures on some slot are dark, and the slates. A picture is dark when nothing
came of it for ``SILENCE_S``, from any of its layers, and one that was never seen is dark at
once. It is dark no more with its first packet; whoever follows it then still sees what stands for
it until its key frame. For dark slides stands their site's camera, for a dark camera its slate.
Without a still (it is being made) a dark site goes on as before: viewers keep the last frame.

Slides that stand still send one packet a second; if that one is late, they are asked for a key
frame before they are taken for gone (:meth:`Pictures.doubtful`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from bridge.media.answer import CAMERA, SLIDES
from bridge.media.router import Shown
from bridge.media.sink import Sink
from bridge.media.slate import Due, Slate
from bridge.media.source import SILENCE_S, Track
from bridge.slates.still import Still

__all__ = ["DOUBT_S", "Pictures"]

#: A browser repeats the last frame of a still screen once a second; what is later may be lost.
DOUBT_S: Final = 1.1


class Pictures:
    """The pictures of one session.

    Args:
        track: returns the track of a site (first) in a role (second): its camera or slides;
            None if nobody publishes it.
        wanted: called with a site whose still is needed, until it is put.
    """

    def __init__(
        self, track: Callable[[str, str], Track | None], wanted: Callable[[str], None]
    ) -> None:
        self._track = track
        self._wanted = wanted
        self._sites: frozenset[str] = frozenset()
        self._shown: frozenset[tuple[str, str]] = frozenset()
        self._seen: dict[tuple[str, str], float] = {}  # when a packet of each last came
        self._slates: dict[str, Slate | None] = {}  # None: asked for
        self.dark: frozenset[tuple[str, str]] = frozenset()
        """Site and role of what should be on some slot, or could have to stand in, and is not."""

    def show(self, pictures: Iterable[Shown]) -> None:
        """Look after *pictures* from now on: they are on some slot, or may be in a moment."""
        wanted = {picture for picture in pictures if picture.site}
        self._sites = frozenset(picture.site for picture in wanted)
        with_slides = {(picture.site, SLIDES) for picture in wanted if picture.slides}
        self._shown = frozenset({(site, CAMERA) for site in self._sites} | with_slides)
        self._seen = {key: at for key, at in self._seen.items() if key in self._shown}
        for site in self._sites - self._slates.keys():
            self._slates[site] = None
            self._wanted(site)

    def look(self, now: float) -> bool:
        """See which pictures are dark at *now*; return whether that has changed."""
        dark = frozenset(key for key in self._shown if now - self._newest(key) > SILENCE_S)
        changed = dark != self.dark
        self.dark = dark
        return changed

    def doubtful(self, now: float) -> list[str]:
        """Return the sites whose slides are on some slot and late, but not dark yet."""
        slides = (key for key in self._shown - self.dark if key[1] == SLIDES)
        return [key[0] for key in slides if now - self._newest(key) > DOUBT_S]

    def _newest(self, key: tuple[str, str]) -> float:
        """Return when a packet of the picture last came, as far as it was looked after."""
        seen = self._seen.get(key, -math.inf)
        track = self._track(*key)
        if track is not None:
            for source in track.sources.values():
                seen = max(seen, source.arrived)
            self._seen[key] = seen
        return seen

    def choose(self, shown: Shown, sink: Sink) -> Track | None:
        """Return what *sink* should follow, to show what the routes say."""
        site = shown.site
        if shown.slides and (site, SLIDES) not in self.dark:
            return self._track(site, SLIDES)
        camera = None if shown.slate else self._track(site, CAMERA)
        if shown.slate or (site, CAMERA) in self.dark:
            slate = self._slates.get(site)
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
