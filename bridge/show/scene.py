"""One picture or two: how a bus is arranged, and what becomes of it where slides are not there.

Owns the words: a *scene* is a layout and what is in its slots. Pure; who changes a scene
stands in ``decide`` and ``follow``.
"""

from __future__ import annotations

from collections.abc import Container
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from bridge.ids import SourceKind, camera, split_source

__all__ = ["Layout", "Scene", "Slot", "shown", "speaker_slot"]


class Layout(StrEnum):
    """How many pictures there are, and how they stand."""

    SINGLE = "single"
    INSET = "inset"  # a small one in the lower right of a large one
    SIDE_BY_SIDE = "side_by_side"


class Slot(StrEnum):
    """A place in a layout for two; with one picture there is ``MAIN`` alone."""

    MAIN = "main"  # the large one, or the left one
    INSET = "inset"  # the small one, or the right one


class Scene(msgspec.Struct, frozen=True):
    """What a bus shows.

    Attributes:
        main: source id, empty for nothing (preview only).
        layout: how it is arranged.
        inset: source id of the second picture; empty while none is chosen, and with one picture.
    """

    main: str
    layout: Layout = Layout.SINGLE
    inset: str = ""

    def at(self, slot: Slot) -> str:
        """Return what is in *slot*."""
        return self.main if slot is Slot.MAIN else self.inset

    def put(self, slot: Slot, source: str) -> Scene:
        """Return the scene with *source* in *slot*."""
        if slot is Slot.MAIN:
            return replace(self, main=source)
        return replace(self, inset=source)


def speaker_slot(scene: Scene) -> Slot:
    """Return where the floor puts a speaker's camera: slides that are shown large stay."""
    two = scene.layout is not Layout.SINGLE
    return Slot.INSET if two and _of_slides(scene.main) else Slot.MAIN


def shown(scene: Scene, sharing: Container[str]) -> Scene:
    """Return what is seen of *scene*.

    Slides that are not there leave the whole screen to the other picture, or to their
    site's camera if there is no other. One site's camera is not shown twice.

    Args:
        scene: as chosen.
        sharing: sites whose slides flow.
    """
    if not scene.main:
        return scene
    if scene.layout is Layout.SINGLE or not scene.inset:
        return Scene(scene.main if _is_there(scene.main, sharing) else _stand_in(scene.main))
    there = [source for source in (scene.main, scene.inset) if _is_there(source, sharing)]
    if not there:
        return Scene(_stand_in(scene.main))
    if len(there) == 1 or _same_picture(scene.main, scene.inset):
        return Scene(there[0])
    return scene


def _of_slides(source: str) -> bool:
    return bool(source) and split_source(source)[0] is SourceKind.SLIDES


def _is_there(source: str, sharing: Container[str]) -> bool:
    return not _of_slides(source) or split_source(source)[1] in sharing


def _stand_in(slides: str) -> str:
    return camera(split_source(slides)[1])


def _same_picture(one: str, other: str) -> bool:
    """Return whether two sources are the same; a slate stands for its site's camera."""
    if _of_slides(one) or _of_slides(other):
        return one == other
    return split_source(one)[1] == split_source(other)[1]
