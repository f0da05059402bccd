"""What each role sees, and that what many see is made once."""

from __future__ import annotations

import msgspec
import pytest

from bridge.commands import Actor
from bridge.floor.commands import (
    AcceptRequest,
    CancelRequest,
    CorrectTime,
    GrantFloor,
    MarkLive,
    PriorityClass,
    ReleaseFloor,
    RequestFloor,
)
from bridge.ids import Role, camera, slides
from bridge.protocol import merge_patch
from bridge.sessions.channels import Audience
from bridge.sessions.views import ENDED_SHOWN, Outlook
from bridge.show.commands import ReportSlides, SetPreview, StartItem, Take
from bridge.show.scene import Layout
from tests.sessions.pages import FACTS, MODERATOR, SETUP, SITES, SYSTEM, Session, host

MODERATORS = Audience(Role.MODERATOR, "")
AUDIENCES = [
    MODERATORS,
    Audience(Role.TECHNICIAN, ""),
    Audience(Role.STAGE, ""),
    *(Audience(role, site) for role in (Role.HOST, Role.DELEGATE) for site in SITES),
]


def asked(session: Session, actor: Actor, name: str, site: str) -> str:
    """Request the floor; return the request."""
    assert session.commit(actor, RequestFloor(cmd_id="c", name=name, site=site))
    return f"r{session.state.floor.requests_made}"


@pytest.fixture
def session() -> Session:
    """A session with a speaker, three who wait, one pending and one that was cancelled."""
    session = Session()
    for name in ("An", "Bình", "Châu"):
        asked(session, MODERATOR, name, "dien-bien")
    asked(session, MODERATOR, "Dũng", "lao-cai")
    asked(session, host("lao-cai"), "Én", "lao-cai")
    asked(session, MODERATOR, "Giang", "dien-bien")
    assert session.commit(MODERATOR, GrantFloor(cmd_id="c", request="r1", override=True))
    assert session.commit(MODERATOR, CancelRequest(cmd_id="c", request="r3"))
    return session


@pytest.mark.parametrize("audience", AUDIENCES)
def test_json_is_the_view_whoever_asked_before(session: Session, audience: Audience) -> None:
    shared = Outlook(FACTS, SETUP, session.state)
    for other in AUDIENCES:
        shared.view_json(other)
    alone = Outlook(FACTS, SETUP, session.state).view(audience)
    assert shared.view_json(audience) == msgspec.to_builtins(alone)


def test_what_many_see_is_made_once(session: Session) -> None:
    outlook = Outlook(FACTS, SETUP, session.state)
    views = [outlook.view_json(audience) for audience in AUDIENCES]
    for name in ("sites", "program", "speaking", "agenda", "lower_third"):
        assert all(view[name] is views[0][name] for view in views)
    speaker = [view["requests"]["r1"] for view in views]
    assert all(request is speaker[0] for request in speaker)


def test_what_never_changes_is_passed_over_when_views_are_compared(session: Session) -> None:
    before = Outlook(FACTS, SETUP, session.state).view_json(MODERATORS)
    assert session.commit(MODERATOR, AcceptRequest(cmd_id="c", request="r5"))
    after = Outlook(FACTS, SETUP, session.state).view_json(MODERATORS)
    assert after["sites"] is before["sites"]
    assert {"requests", "queue", "pending"} < set(merge_patch.difference(before, after))


def test_a_host_sees_its_own_requests_and_who_speaks(session: Session) -> None:
    outlook = Outlook(FACTS, SETUP, session.state)
    host_view = outlook.view_json(Audience(Role.HOST, "lao-cai"))
    assert host_view["mine"] == ["r4", "r5"]
    assert set(host_view["requests"]) == {"r1", "r4", "r5"}
    assert host_view["positions"] == {"r4": 2}
    assert host_view["ahead"] == {"r4": 420.0}
    assert (host_view["waiting"], host_view["on_program"]) == (3, False)
    speaker = outlook.view_json(Audience(Role.HOST, "dien-bien"))
    assert speaker["mine"] == ["r1", "r2", "r6", "r3"]
    assert speaker["positions"] == {"r2": 1, "r6": 3}
    assert (speaker["on_program"], speaker["microphone_open"]) == (True, True)
    nobody = outlook.view_json(Audience(Role.HOST, "ha-noi"))
    assert (nobody["mine"], set(nobody["requests"])) == ([], {"r1"})


def test_what_a_commit_did_not_touch_is_not_made_again(session: Session) -> None:
    session.commit(SYSTEM, MarkLive(cmd_id="c", grant="g1"))
    session.now += 60
    assert session.commit(MODERATOR, ReleaseFloor(cmd_id="c", request="r1"))
    before = session.build(MODERATORS)
    assert [one["seconds"] for one in before["ledger"]["delegates"]] == [60]
    assert session.commit(MODERATOR, SetPreview(cmd_id="c", source="camera:lao-cai"))
    after = session.build(MODERATORS)
    assert after["ledger"] is before["ledger"]
    assert after["agenda"] is before["agenda"]
    assert session.commit(MODERATOR, StartItem(cmd_id="c", item="one"))
    started = session.build(MODERATORS)
    assert [item["state"] for item in started["agenda"]] == ["now", "next"]
    assert started["ledger"] is before["ledger"]
    assert session.commit(MODERATOR, CorrectTime(cmd_id="c", request="r1", seconds=40))
    corrected = session.build(MODERATORS)
    assert [one["seconds"] for one in corrected["ledger"]["delegates"]] == [40]
    assert corrected["agenda"] is started["agenda"]


def test_a_request_is_made_again_when_anything_shown_of_it_changed(session: Session) -> None:
    before = session.build(MODERATORS)["requests"]
    session.commit(SYSTEM, MarkLive(cmd_id="c", grant="g1"))
    live = session.build(MODERATORS)["requests"]
    assert live["r1"]["grant"]["phase"] == "live"
    assert all(live[key] is before[key] for key in live if key != "r1")
    session.now += 60
    assert session.commit(MODERATOR, ReleaseFloor(cmd_id="c", request="r1"))
    after = session.build(MODERATORS)["requests"]
    # what a site has spoken is shown with each of its requests
    assert {key for key in after if after[key]["spoken"] == 60} == {"r1", "r2", "r3", "r6"}
    assert all(after[key] is before[key] for key in ("r4", "r5"))
    reply = RequestFloor(
        cmd_id="c", name="Hà", site="lao-cai", priority_class=PriorityClass.REPLY, reply_to="r1"
    )
    assert session.commit(MODERATOR, reply)
    assert session.build(MODERATORS)["requests"]["r7"]["reply_name"] == "An"


def test_of_what_has_ended_the_newest_is_shown() -> None:
    session = Session()
    for n in range(1, ENDED_SHOWN + 3):
        asked(session, MODERATOR, f"Đại biểu {n}", SITES[n % 2])
        assert session.commit(MODERATOR, CancelRequest(cmd_id="c", request=f"r{n}"))
    outlook = Outlook(FACTS, SETUP, session.state)
    newest = [f"r{n}" for n in range(ENDED_SHOWN + 2, 2, -1)]
    assert outlook.view_json(MODERATORS)["ended"] == newest
    assert outlook.view_json(Audience(Role.HOST, SITES[0]))["mine"][:2] == ["r32", "r30"]


def test_of_two_pictures_everybody_is_told_what_is_seen() -> None:
    """Chosen are slides beside a speaker; seen is what of that is there."""
    session = Session()
    site, source = "dien-bien", camera("dien-bien")
    lecture = Take(cmd_id="c", source=slides(site), layout=Layout.INSET, inset=source)
    assert session.commit(MODERATOR, lecture)
    chosen = {"source": slides(site), "layout": "inset", "inset": source}

    def seen() -> tuple[dict[str, object], bool, bool]:
        outlook = Outlook(FACTS, SETUP, session.state)
        own = outlook.view_json(Audience(Role.HOST, site))
        other = outlook.view_json(Audience(Role.HOST, "lao-cai"))
        assert (other["on_program"], other["slides_on_program"]) == (False, False)
        program = outlook.view_json(MODERATORS)["program"]
        assert program.items() >= chosen.items()
        rest = {key: program[key] for key in ("site", "slate", "slides", "shown", "second")}
        return rest, own["on_program"], own["slides_on_program"]

    alone = {"site": site, "slate": False, "slides": False, "shown": "single", "second": None}
    assert seen() == (alone, True, False)
    assert session.commit(SYSTEM, ReportSlides(cmd_id="c", site=site, flowing=True))
    beside = {"site": site, "slate": False, "slides": False}
    two = {**alone, "slides": True, "shown": "inset", "second": beside}
    assert seen() == (two, True, True)
    for audience in (MODERATORS, Audience(Role.TECHNICIAN, "")):
        assert Outlook(FACTS, SETUP, session.state).view_json(audience)["slides"] == [site]
    assert session.commit(MODERATOR, Take(cmd_id="c", source=slides(site)))
    assert session.state.show.program.layout is Layout.SINGLE
    outlook = Outlook(FACTS, SETUP, session.state)
    own = outlook.view_json(Audience(Role.HOST, site))
    assert (own["on_program"], own["slides_on_program"]) == (False, True)
    assert outlook.view_json(MODERATORS)["preview"]["second"] is None
