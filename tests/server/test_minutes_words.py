"""How minutes say dates, times, lengths, and what happened to a speech."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace

from bridge.config import web_root
from bridge.floor.tables import RequestState
from bridge.minutes.document import Speech
from bridge.protocol.views import Text
from bridge.server.locales import LANGUAGES, Catalogues
from bridge.server.minutes_words import Words
from tests.minutes.playbook import PLAN, START, SYSTEM, Session, host

CATALOGUES = Catalogues(web_root() / "locales")


def words(language: str = "vi", session: Session | None = None) -> Words:
    return Words(CATALOGUES, language, (session or Session()).minutes())


def said_of(session: Session, request: str, language: str = "vi") -> list[str]:
    """Return the notes on a speech; every one must be a sentence, not the key of one."""
    found = list(words(language, session).notes(session.speech(request)))
    assert not any("minutes." in note or "{" in note for note in found)
    return found


@pytest.mark.parametrize(
    ("day", "vi", "en"),
    [
        (dt.date(2021, 12, 6), "ngày 06 tháng 12 năm 2021", "6 December 2021"),
        (dt.date(2022, 2, 28), "ngày 28 tháng 02 năm 2022", "28 February 2022"),
        (dt.date(2022, 3, 1), "ngày 01 tháng 3 năm 2022", "1 March 2022"),
    ],
)
def test_dates(day: dt.date, vi: str, en: str) -> None:
    assert words("vi").date(day) == vi
    assert words("en").date(day) == en


def test_times_are_those_of_the_events_zone() -> None:
    assert words("vi").time(START) == "09 giờ 00 phút"
    assert words("en").time(START) == "09:00"
    assert words().clock(START + 61, seconds=True) == "09:01:01"
    assert words().clock(START - 86_400) == "09:00 05/12/2021"
    assert words("en").time(START + 86_400) == "09:00 7 December 2021"
    assert words().span(START, 0.0) == "09:00 – …"


@pytest.mark.parametrize(
    ("seconds", "short", "long"),
    [
        (0.0, "00:00", "0 phút 00 giây"),
        (437.6, "07:18", "7 phút 18 giây"),
        (3599.9, "1:00:00", "60 phút 00 giây"),
        (36_125.0, "10:02:05", "602 phút 05 giây"),
    ],
)
def test_lengths(seconds: float, short: str, long: str) -> None:
    assert words().length(seconds) == short
    assert words().long_length(seconds) == long


def test_numbers() -> None:
    assert words("vi").number(1_284) == "1.284"
    assert words("en").number(1_284) == "1,284"
    assert words("vi").decimal(0.449) == "0,4"
    assert words("en").decimal(0.449) == "0.4"


def test_the_town_of_the_venue() -> None:
    venue = PLAN.sites["ha-noi"]
    for name, town in (("Hà Nội", "Hà Nội"), ("Trung tâm (Hà Nội)", "Hà Nội")):
        sites = {**PLAN.sites, "ha-noi": replace(venue, name=Text(vi=name, en=name))}
        minutes = replace(Session().minutes(), plan=replace(PLAN, sites=sites))
        assert Words(CATALOGUES, "vi", minutes).place() == town


def test_places_the_event_file_no_longer_has() -> None:
    assert words().site("ha-tay") == "ha-tay"
    assert words().region("") == ""


def test_who() -> None:
    assert words().who(None) == ""
    assert words().who(host("dien-bien")) == "phụ trách điểm cầu Điện Biên"
    assert words("en").who(SYSTEM) == "the system"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_ordinary_speech_needs_no_note(language: str) -> None:
    session = Session()
    assert said_of(session, session.spoken(60), language) == []


def test_a_class_that_is_not_normal_is_named() -> None:
    session = Session()
    request = session.ask(priority_class="point_of_order")
    session.grant(request)
    session.release(request)
    assert said_of(session, request) == ["Ý kiến về trình tự"]


def test_a_speech_that_goes_on() -> None:
    session = Session()
    request = session.live()
    assert said_of(session, request) == ["Đang phát biểu"]
    session.now += 10
    session.pause(request)
    assert said_of(session, request) == ["Tạm dừng 09:00:10 – …", "Đang phát biểu"]


def test_a_speech_whose_link_dropped() -> None:
    session = Session(drop_timeout=30.0)
    request = session.live()
    session.now += 60
    session.flow(request, flowing=False)
    session.now += 30
    session.tick()
    assert said_of(session, request) == ["Mất kết nối, chưa phát biểu xong"]
    session.cancel(request, "Hết giờ")
    assert said_of(session, request) == ["Mất kết nối, không phát biểu tiếp: Hết giờ"]


def test_a_speech_that_was_cut() -> None:
    session = Session(overtime="cut", first_limit=60, warning=10, revoke_grace=0.0)
    request = session.live()
    session.now += 60
    session.tick()
    session.tick()
    assert said_of(session, request) == ["Kết thúc do hết thời gian"]


def test_a_speech_taken_up_again() -> None:
    session = Session()
    session.spoken(60)
    session.undo()
    again = f"r{session.state.floor.requests_made}"
    session.grant(again)
    session.release(again)
    assert said_of(session, again) == ["Tiếp tục lượt phát biểu trước"]


def test_a_revocation_without_a_reason() -> None:
    session = Session()
    request = session.live()
    session.pause(request)
    session.revoke(request)
    notes = said_of(session, request, "en")
    assert notes[-1] == "Floor revoked (Bà Hương)"
    assert notes[0].startswith("Paused 09:00:00 – 09:00:00 (00:00)")


def test_why_nobody_heard_them() -> None:
    session = Session(arm_timeout=30.0)
    called, waits = session.ask("Một"), session.ask("Hai", "son-la")
    session.give(called)
    told = {one.request: words("vi", session).fate(one) for one in session.minutes().unspoken}
    assert told == {called: "Đã mời, không có tiếng", waits: "Đã duyệt, chưa được mời"}


@pytest.mark.parametrize("state", RequestState)
@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_words_for_every_state(state: RequestState, language: str) -> None:
    session = Session()
    heard: Speech = replace(session.speech(session.spoken(60)), state=state)
    session.ask("Bình")
    silent = replace(session.minutes().unspoken[0], state=state)
    said = [*words(language).notes(heard), words(language).fate(silent)]
    assert not any("minutes." in sentence or "{" in sentence for sentence in said)
