"""What technicians have ordered for a site's link until further notice. Pure.

An order is part of the session's log like everything else that decides what is forwarded:
it holds for every server, survives a restart, and the log says who gave it. What a site does
once (connect anew, read a note) is no order; see ``sessions.actions``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import asdict, replace

from bridge.commands import Actor, Command, Event
from bridge.errors import Code, FloorRefused
from bridge.ids import Role

__all__ = [
    "AudioOnly",
    "Layer",
    "OrderSites",
    "Orders",
    "SiteOrdered",
    "decide",
    "evolve",
    "orders_of",
]


class AudioOnly(StrEnum):
    """In which direction a site's link carries sound only."""

    NO = ""
    RECEIVING = "down"  # the site is sent no pictures
    SENDING = "up"  # nobody is sent the site's pictures, and its page sends none
    BOTH = "both"

    @property
    def receiving(self) -> bool:
        """Whether the site is sent sound only."""
        return self in {AudioOnly.RECEIVING, AudioOnly.BOTH}

    @property
    def sending(self) -> bool:
        """Whether only sound of the site is forwarded."""
        return self in {AudioOnly.SENDING, AudioOnly.BOTH}


class Layer(StrEnum):
    """The largest picture a site is sent: what its line carries, or no larger than this.

    A picture that comes in one size only (slides, slates, encoders) is sent as it is.
    """

    FREE = ""
    SMALL = "q"  # a quarter of the camera's lines: 180 of 720
    MEDIUM = "h"  # half of them


class Orders(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What holds for one site.

    Attributes:
        muted: its sound is forwarded to nobody, whoever has the floor.
        audio_only: where its pictures are left out.
        cap_kbps: what its pictures may take on the way up, kilobits per second; 0 for no cap,
            ``None`` for what the event says.
        layer: the largest picture it is sent.
    """

    muted: bool = False
    audio_only: AudioOnly = AudioOnly.NO
    cap_kbps: int | None = None
    layer: Layer = Layer.FREE


class OrderSites(Command, frozen=True, kw_only=True, tag="order_sites"):
    """Order something for sites; what is ``None`` stays as it is."""

    sites: Annotated[tuple[str, ...], Meta(min_length=1)]
    muted: bool | None = None
    audio_only: AudioOnly | None = None
    cap_kbps: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    layer: Layer | None = None


class SiteOrdered(Event, frozen=True, kw_only=True, tag="site_ordered"):
    """These are the orders of *site* from now on, all of them."""

    site: str
    orders: Orders


def orders_of(known: Mapping[str, Orders], site: str) -> Orders:
    """Return what holds for *site*."""
    return known.get(site, _NONE)


def decide(
    sites: Collection[str], known: Mapping[str, Orders], actor: Actor, command: OrderSites
) -> list[SiteOrdered]:
    """Return what *command* changes, site by site; nothing where it is so already.

    Args:
        sites: all of the session.
        known: the orders before.
        actor: who orders.
        command: what.

    Raises:
        FloorRefused: ROLE_FORBIDDEN for all but technicians, SITE_UNKNOWN.
    """
    if actor.role is not Role.TECHNICIAN:
        raise FloorRefused(
            Code.ROLE_FORBIDDEN,
            "Your role does not allow this. Ask a technician to do it.",
            {"role": actor.role.value, "command": "order_sites"},
        )
    changes = {
        name: value
        for name, value in asdict(command).items()
        if name in Orders.__struct_fields__ and value is not None
    }
    events = []
    for site in dict.fromkeys(command.sites):
        if site not in sites:
            raise FloorRefused(
                Code.SITE_UNKNOWN,
                f"This session has no bridge point “{site}”. Choose one from the list.",
                {"site": site},
            )
        before = orders_of(known, site)
        after = replace(before, **changes)
        if after != before:
            events.append(SiteOrdered(site=site, orders=after))
    return events


def evolve(known: Mapping[str, Orders], event: SiteOrdered) -> dict[str, Orders]:
    """Return the orders after *event*; a site without any is not in it."""
    after = {**known, event.site: event.orders}
    if event.orders == _NONE:
        del after[event.site]
    return after


_NONE = Orders()
