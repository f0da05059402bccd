"""What technicians see besides what everybody does: who is next, and where all sites are."""

from __future__ import annotations

from bridge.link.orders import Orders
from bridge.protocol.views import ProgramView, SessionView, Shape, Text

__all__ = ["PointView", "RegionView", "TechnicianView"]


class RegionView(Shape, frozen=True, kw_only=True):
    """A part of the country, for sorting and filtering; sites name it by its code."""

    code: str
    name: Text


class PointView(Shape, frozen=True, kw_only=True):
    """Where a site is, degrees north and east (WGS 84)."""

    lat: float
    lon: float


class TechnicianView(SessionView, frozen=True, kw_only=True):
    """Who is on air, who comes next, who shares slides, and where all of them are.

    Attributes:
        regions: those that take part, in the order of the site file.
        points: by site.
        orders: what technicians have ordered, by site.
    """

    preview: ProgramView
    queue: list[str]
    microphones: list[str]
    slides: list[str]
    regions: list[RegionView]
    points: dict[str, PointView]
    orders: dict[str, Orders]
