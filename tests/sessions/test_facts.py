"""What the event file says reaches the pages that need it, and no others."""

from __future__ import annotations

from pathlib import Path

from bridge.config import load_event
from bridge.ids import Role
from bridge.sessions.channels import Audience
from bridge.sessions.facts import facts_of
from bridge.sessions.views import Outlook
from tests.sessions.pages import SETUP, Session

EVENT = Path(__file__).parents[2] / "config" / "events" / "industry40-2021.toml"


def test_a_technician_sees_where_every_site_is() -> None:
    event = load_event(EVENT)
    facts = facts_of(event, event.sessions[0])
    outlook = Outlook(facts, SETUP, Session().state)
    seen = outlook.view_json(Audience(Role.TECHNICIAN, ""))
    assert seen["points"].keys() == seen["sites"].keys()
    assert seen["points"]["dien-bien"] == {"lat": 21.39, "lon": 103.02}
    regions = [region["code"] for region in seen["regions"]]
    assert regions[0] == "northern-midlands-and-mountains"
    assert set(regions) == {site["region"] for site in seen["sites"].values()}


def test_only_regions_that_take_part_are_named() -> None:
    event = load_event(EVENT)
    few = facts_of(event, next(one for one in event.sessions if len(one.sites) < len(event.sites)))
    assert {region.code for region in few.regions} == {site.region for site in few.sites.values()}
    assert few.points.keys() == few.sites.keys()


def test_nobody_else_is_told_of_the_map() -> None:
    event = load_event(EVENT)
    outlook = Outlook(facts_of(event, event.sessions[0]), SETUP, Session().state)
    for audience in (Audience(Role.STAGE, ""), Audience(Role.DELEGATE, "dien-bien")):
        assert outlook.view_json(audience).keys().isdisjoint({"regions", "points"})
