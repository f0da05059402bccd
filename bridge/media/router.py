"""Who gets what: pure planning from the session's routes. Performing is ``session``'s.

The rules, and there are no others: ``microphones`` decides sound, ``program``,
``preview`` and what a technician watches decide pictures. Nobody hears
themself (mix-minus). Nothing a client sends changes a route.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from bridge.ids import Rank, Role, SourceKind, split_source

__all__ = [
    "FAILOVER_S",
    "Candidate",
    "Routes",
    "Shown",
    "Viewer",
    "assign_audio",
    "choose_publisher",
    "plan_video",
]

MAIN = "main"
INSET = "inset"
PREVIEW = "preview"
PREVIEW_INSET = "preview_inset"
MONITOR = "monitor"
# A screenful of small pictures.
THUMBNAILS = tuple(f"thumb{number}" for number in range(1, 17))
# Slots that show what their page asks for.
WATCHING = frozenset({MONITOR, *THUMBNAILS})
# How long a device that was silent must send again before it takes its site back.
RETURN_S = 1.0
# Without sound and picture for this long, a device is dead if another line stands ready. Opus sends
# every 0.4 s even in discontinuous silence (RFC 6716 2.1.9), so half of that may be jitter; and
# with 0.1 s until somebody looks, 0.3 s of the second this may take are left for the key frame.
FAILOVER_S = 0.6
# What everybody sees.
ON_AIR = frozenset({MAIN, INSET})
# Those who prepare what comes next may see it.
PREPARING = frozenset({Role.MODERATOR, Role.TECHNICIAN})


@dataclass(frozen=True)
class Routes:
    """What the session state says should flow.

    Attributes:
        program: code of the site whose camera is on air, "" for none.
        preview: code of the site whose camera is prepared to be next, "" for none.
        microphones: open microphones, most important first: speakers, venue, co-chairs.
        program_slate, preview_slate: the site whose slate is there instead, "" for none.
        program_slides, preview_slides: the site whose slides are there instead, "" for none.
        inset, preview_inset: source id of the second picture, "" for none.
        unseen: sites of which nobody is sent a picture, whatever they send.
        without_pictures: sites that are sent none.
        layers: the largest picture sites may be sent, "q" or "h", of those that may not have any.
    """

    program: str = ""
    preview: str = ""
    microphones: tuple[str, ...] = ()
    program_slate: str = ""
    preview_slate: str = ""
    program_slides: str = ""
    preview_slides: str = ""
    inset: str = ""
    preview_inset: str = ""
    unseen: frozenset[str] = frozenset()
    without_pictures: frozenset[str] = frozenset()
    layers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def shown(self) -> dict[str, Shown]:
        """What belongs into each slot."""
        return {
            MAIN: _shown(self.program, self.program_slate, self.program_slides),
            INSET: _of_source(self.inset),
            PREVIEW: _shown(self.preview, self.preview_slate, self.preview_slides),
            PREVIEW_INSET: _of_source(self.preview_inset),
        }


class Shown(NamedTuple):
    """What belongs into a slot: the camera of *site*, its slate or its slides; "" for nothing."""

    site: str = ""
    slate: bool = False
    slides: bool = False


@dataclass(frozen=True)
class Viewer:
    """What planning needs to know of a peer.

    Attributes:
        role, site: whose page it is.
        watching: the sites it wants to see, by slot: monitor and thumbnails.
    """

    role: Role
    site: str
    watching: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """A peer that could publish for a site.

    Attributes:
        peer: id.
        rank: what it is to the site.
        first: when its first media packet came, seconds. last: when its newest came.
        chosen: when it was chosen, by hand or by taking over for a backup's sake, 0 for never.
        returned: when media came again after :data:`FAILOVER_S` or more without, 0 for never.
    """

    peer: str
    rank: Rank
    first: float
    last: float
    chosen: float = 0.0
    returned: float = 0.0

    def steady(self, now: float) -> bool:
        """Return whether it has sent for long enough since it was silent, or is wanted anyway."""
        return self.chosen > self.returned or now - self.returned >= RETURN_S


def plan_video(routes: Routes, viewer: Viewer, slot: str) -> Shown:
    """Return what belongs into *slot* of *viewer*."""
    if slot not in ON_AIR and viewer.role not in PREPARING:
        return Shown()
    if viewer.site in routes.without_pictures:
        return Shown()
    if slot in WATCHING:
        return Shown(viewer.watching.get(slot, ""))
    return routes.shown.get(slot, Shown())


def _shown(camera: str, slate: str, slides: str) -> Shown:
    if slate:
        return Shown(slate, slate=True)
    return Shown(slides, slides=True) if slides else Shown(camera)


def _of_source(source: str) -> Shown:
    if not source:
        return Shown()
    kind, site = split_source(source)
    return Shown(site, slate=kind is SourceKind.SLATE, slides=kind is SourceKind.SLIDES)


def assign_audio(
    before: Sequence[str], routes: Routes, viewer: Viewer, slots: int
) -> tuple[str, ...]:
    """Return the site heard in each audio slot, "" for an empty one.

    With fewer slots than open microphones the first ones of the routes are
    heard. A site keeps its slot as long as it is heard.

    Args:
        before: the assignment until now, of any length.
        routes: what should flow.
        viewer: for whom; its own site is left out.
        slots: how many audio slots it has.
    """
    open_sites = [site for site in dict.fromkeys(routes.microphones) if site != viewer.site]
    wanted = open_sites[:slots]
    kept = [site if site in wanted else "" for site in before[:slots]]
    kept += [""] * (slots - len(kept))
    missing = iter([site for site in wanted if site not in kept])
    return tuple(site or next(missing, "") for site in kept)


def choose_publisher(
    current: str, candidates: Iterable[Candidate], now: float, silence_s: float
) -> str:
    """Return the peer that publishes for a site, "" if none could.

    Whoever sends beats who is silent; of those a real device beats a standby one; then the last
    one chosen, then a main device, then the present one, then the first. A device back from a
    silence replaces one that sends only when it is steady: the picture must not flap.

    Args:
        current: the peer that publishes now, or "".
        candidates: peers of the site that have ever sent media.
        now: seconds on the monotonic clock.
        silence_s: after how long without media a peer counts as silent; where a backup and
            another device stand for each other it is :data:`FAILOVER_S`.
    """
    everybody = list(candidates)
    present = next((c for c in everybody if c.peer == current), None)
    if present is not None:
        if any(_stands_for(c, present, now) for c in everybody):
            silence_s = FAILOVER_S
        if now - present.last <= silence_s:
            everybody = [c for c in everybody if c is present or c.steady(now)]
    best = min(
        everybody,
        key=lambda c: (
            now - c.last > silence_s,
            c.rank is Rank.STANDBY,
            -c.chosen,
            c.rank is not Rank.MAIN,
            c.peer != current,
            c.first,
            c.peer,
        ),
        default=None,
    )
    return best.peer if best is not None else ""


def _stands_for(other: Candidate, present: Candidate, now: float) -> bool:
    """Return whether *other* is a line ready to take over from *present*.

    After a moment in which the server itself did not breathe nobody is: all of them return.
    """
    ranks = {other.rank, present.rank}
    return (
        other is not present
        and Rank.BACKUP in ranks
        and Rank.STANDBY not in ranks
        and now - other.last <= FAILOVER_S
        and other.steady(now)
    )
