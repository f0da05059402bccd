"""What technicians order: who may, what is forwarded then, and that it is in the log."""

from __future__ import annotations

import msgspec
import pytest

from bridge.commands import Actor
from bridge.errors import Code
from bridge.ids import Role, slides
from bridge.link.orders import AudioOnly, Layer, Orders, OrderSites, SiteOrdered, orders_of
from bridge.show.commands import ReportSlides, Take
from bridge.state import SessionEvent, fold, initial
from tests.playbook import MODERATOR, SETUP, SYSTEM, Session

TECHNICIAN = Actor(role=Role.TECHNICIAN, name="Ông Sơn", key="t1")


def order(*sites: str, **what: object) -> OrderSites:
    return msgspec.convert(
        {"type": "order_sites", "cmd_id": "o", "sites": sites, **what}, OrderSites
    )


def test_a_muted_speaker_is_heard_by_nobody_until_it_is_taken_back() -> None:
    session = Session()
    session.live("dien-bien")
    before = session.routes
    assert before.microphones[0] == "dien-bien"
    session.says(order("dien-bien", muted=True), TECHNICIAN)
    assert session.routes.microphones == before.microphones[1:]
    assert session.routes.muted == {"dien-bien"}
    assert session.routes.program == "dien-bien", "the picture stays"
    session.says(order("dien-bien", muted=False), TECHNICIAN)
    assert session.routes == before


def test_the_venue_can_be_muted_too() -> None:
    session = Session()
    session.says(order("ha-noi", muted=True), TECHNICIAN)
    assert session.routes.microphones == ("lao-cai",)


def test_a_grant_to_a_muted_site_takes_its_place_among_the_microphones() -> None:
    session = Session()
    session.says(order("dien-bien", "ca-mau", muted=True), TECHNICIAN)
    session.live("dien-bien")
    assert "dien-bien" not in session.routes.microphones
    session.says(order("dien-bien", muted=False), TECHNICIAN)
    assert session.routes.microphones == ("dien-bien", "ha-noi", "lao-cai")


@pytest.mark.parametrize(
    ("value", "unseen", "without"),
    [("", False, False), ("up", True, False), ("down", False, True), ("both", True, True)],
)
def test_audio_only_in_each_direction(value: str, unseen: bool, without: bool) -> None:
    session = Session()
    session.says(order("dien-bien", audio_only="both"), TECHNICIAN)
    session.says(order("dien-bien", audio_only=value), TECHNICIAN)
    assert session.routes.unseen == ({"dien-bien"} if unseen else set())
    assert session.routes.without_pictures == ({"dien-bien"} if without else set())


def test_orders_add_up_and_several_sites_are_one_commit() -> None:
    session = Session()
    events = session.says(order("dien-bien", "ca-mau", "dien-bien", cap_kbps=400), TECHNICIAN)
    assert [event.site for event in events if isinstance(event, SiteOrdered)] == [
        "dien-bien",
        "ca-mau",
    ]
    session.says(order("ca-mau", layer="q"), TECHNICIAN)
    session.says(order("dien-bien", cap_kbps=0), TECHNICIAN)
    assert session.routes.caps == {"dien-bien": 0, "ca-mau": 400}
    assert session.routes.layers == {"ca-mau": "q"}
    assert orders_of(session.state.orders, "ca-mau") == Orders(cap_kbps=400, layer=Layer.SMALL)
    session.says(order("ca-mau", audio_only="up", layer=""), TECHNICIAN)
    assert session.state.orders["ca-mau"] == Orders(cap_kbps=400, audio_only=AudioOnly.SENDING)


def test_what_is_so_already_is_no_entry_of_the_log() -> None:
    session = Session()
    assert session.says(order("dien-bien", muted=False), TECHNICIAN) == []
    session.says(order("dien-bien", muted=True), TECHNICIAN)
    assert session.says(order("dien-bien", muted=True), TECHNICIAN) == []
    session.says(order("dien-bien", muted=False), TECHNICIAN)
    assert session.state.orders == {}


@pytest.mark.parametrize("actor", [MODERATOR, SYSTEM, Actor(role=Role.HOST, site="dien-bien")])
def test_only_technicians_order(actor: Actor) -> None:
    refusal = Session().refuses(order("dien-bien", muted=True), actor)
    assert refusal.code is Code.ROLE_FORBIDDEN


def test_of_many_sites_one_that_is_unknown_stops_all() -> None:
    refusal = Session().refuses(order("dien-bien", "atlantis", muted=True), TECHNICIAN)
    assert (refusal.code, refusal.details) == (Code.SITE_UNKNOWN, {"site": "atlantis"})


def test_the_log_replays_to_the_same_orders_and_no_moderator_can_undo_them() -> None:
    session = Session()
    events = session.says(order("dien-bien", audio_only="down", muted=True), TECHNICIAN)
    raw = msgspec.json.encode(events)
    stored = msgspec.json.decode(raw, type=list[SessionEvent])
    again = fold(SETUP, initial(SETUP), TECHNICIAN, stored, 1000.0, 1)
    assert again == session.state
    assert session.state.history.actions == ()


def test_slides_of_a_site_without_pictures_stay_chosen() -> None:
    session = Session()
    session.says(ReportSlides(cmd_id="s", site="dien-bien", flowing=True), SYSTEM)
    session.says(Take(cmd_id="t", source=slides("dien-bien")))
    session.says(order("dien-bien", audio_only="up"), TECHNICIAN)
    assert session.routes.program_slides == "dien-bien"
    assert session.routes.unseen == {"dien-bien"}
