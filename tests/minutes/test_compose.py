"""What minutes say of each thing that can happen in a session."""

from __future__ import annotations

import msgspec
import pytest

from bridge.floor.commands import (
    EditRequest,
    ListState,
    PriorityClass,
    SetList,
    UnfileRequest,
)
from bridge.floor.tables import RequestState
from bridge.minutes import compose
from bridge.minutes.document import Absence, Answered, Break, BreakKind, Stretch
from bridge.protocol.views import Text
from bridge.show.commands import Take
from tests.minutes.playbook import (
    COLLEAGUE,
    MODERATOR,
    PLAN,
    START,
    SYSTEM,
    Session,
    host,
)


@pytest.fixture
def session() -> Session:
    return Session(drop_timeout=30.0, arm_timeout=30.0, revoke_grace=5.0)


def test_a_session_without_a_log() -> None:
    minutes = compose(PLAN, [], "", START)
    assert (minutes.rev, minutes.hash, minutes.first_at, minutes.last_at) == (0, "", 0.0, 0.0)
    assert minutes.opened_at == 0.0
    assert not minutes.speeches
    assert not minutes.opinions
    assert not minutes.unspoken
    assert not minutes.absences
    assert [(item.id, item.stretches) for item in minutes.agenda] == [
        ("opening", ()), ("debate", ())
    ]  # fmt: skip
    assert minutes.ledger.delegates == minutes.ledger.sites == minutes.ledger.regions == []


def test_an_ordinary_speech(session: Session) -> None:
    request = session.ask(
        "Lò Thị Minh Nguyệt", title="Phó Giám đốc Sở", topic="Chuyển đổi số ở vùng cao"
    )
    session.now = 10
    session.grant(request, heard_after=0.25)
    session.now += 438
    session.release(request, by=host("dien-bien"))
    speech = session.speech(request)
    assert speech.name == "Lò Thị Minh Nguyệt"
    assert (speech.title, speech.topic) == ("Phó Giám đốc Sở", "Chuyển đổi số ở vùng cao")
    assert (speech.site, speech.priority_class) == ("dien-bien", PriorityClass.NORMAL)
    assert speech.requested_at == START
    assert speech.started_at == START + 10.25
    assert speech.ended_at == START + 448.25
    assert speech.to_air == 0.25
    assert (speech.counted, speech.measured) == (438.0, 438.0)
    assert (speech.limit, speech.overtime) == (420.0, 18.0)
    assert speech.state is RequestState.RELEASED
    assert speech.ended_by == host("dien-bien")
    assert (speech.breaks, speech.corrections, speech.answers) == ((), (), None)


def test_where_the_log_ends(session: Session) -> None:
    session.now = 3
    session.spoken(60)
    minutes = session.minutes()
    assert minutes.rev == len(session.entries)
    assert minutes.hash == "ab" * 32
    assert minutes.first_at == START + 3
    assert minutes.last_at == START + 63.5
    assert minutes.made_at == START + 63.5


def test_speeches_stand_in_the_order_they_were_heard(session: Session) -> None:
    late, early = session.ask("An", "dien-bien"), session.ask("Bình", "son-la")
    for request in (early, late):
        session.grant(request)
        session.now += 60
        session.release(request)
    assert [one.request for one in session.minutes().speeches] == [early, late]


def test_a_speech_that_goes_on_has_no_end_and_is_not_in_the_ledger(session: Session) -> None:
    request = session.live()
    session.now += 30
    speech = session.speech(request)
    assert (speech.ended_at, speech.state) == (0.0, RequestState.LIVE)
    assert session.minutes().ledger.delegates == []


def test_pauses_are_noted_and_not_counted(session: Session) -> None:
    request = session.live()
    session.now = 60.5
    session.pause(request)
    session.now = 90.5
    session.resume(request)
    session.now = 120.5
    session.release(request)
    speech = session.speech(request)
    assert speech.breaks == (Break(kind=BreakKind.PAUSED, since=START + 60.5, until=START + 90.5),)
    assert (speech.measured, speech.ended_at) == (90.0, START + 120.5)


def test_a_speech_released_in_a_pause_ends_there(session: Session) -> None:
    request = session.live()
    session.now = 60.5
    session.pause(request)
    session.now = 70.5
    assert session.speech(request).breaks[0].until == 0.0
    session.release(request)
    speech = session.speech(request)
    assert speech.breaks[0].until == speech.ended_at == START + 70.5
    assert speech.measured == 60.0


def test_the_chair_suspends_a_speech() -> None:
    session = Session(chair_priority="suspend")
    request = session.live()
    session.now = 30.5
    chair = session.live("Chủ tọa", "ha-noi", priority_class="chair")
    session.now = 51.0
    session.release(chair)
    assert session.speech(request).breaks == (
        Break(kind=BreakKind.SUSPENDED, since=START + 30.5, until=START + 51.0),
    )


def test_a_lost_link_is_noted(session: Session) -> None:
    request = session.live()
    session.now = 40.5
    session.flow(request, flowing=False)
    session.now = 52.5
    session.flow(request, flowing=True)
    session.now = 60.5
    session.release(request)
    speech = session.speech(request)
    assert speech.breaks == (
        Break(kind=BreakKind.LINK_LOST, since=START + 40.5, until=START + 52.5),
    )
    assert speech.measured == 48.0


def test_a_speech_that_dropped_goes_on_later_as_the_same(session: Session) -> None:
    request = session.live()
    session.now = 40.5
    session.flow(request, flowing=False)
    session.now = 70.5
    session.tick()
    dropped = session.speech(request)
    assert dropped.state is RequestState.HELD
    assert (dropped.ended_at, dropped.breaks) == (START + 40.5, ())
    assert dropped.measured == 40.0
    assert session.minutes().unspoken == ()

    other = session.spoken(100, "Bình", "son-la")
    session.link("dien-bien", up=True)
    session.grant(request, heard_after=2.0)
    back = START + session.now
    session.now += 20
    session.release(request)
    speech = session.speech(request)
    assert speech.started_at == START + 0.5
    assert speech.breaks == (Break(kind=BreakKind.LINK_LOST, since=START + 40.5, until=back),)
    assert speech.to_air == 0.5  # of its first sound
    assert (speech.measured, speech.ended_at) == (60.0, back + 20)
    assert [one.request for one in session.minutes().speeches] == [request, other]


@pytest.mark.parametrize("end", ["cancelled", "released"])
def test_a_speech_that_dropped_for_good_ended_with_its_last_sound(
    session: Session, end: str
) -> None:
    request = session.live()
    session.now = 40.5
    session.flow(request, flowing=False)
    session.now = 70.5
    session.tick()
    session.now = 400
    if end == "cancelled":
        session.cancel(request, "Hết giờ")
    else:
        session.link("dien-bien", up=True)
        session.give(request)
        session.release(request)  # before it was heard again
    speech = session.speech(request)
    assert speech.state == end
    assert (speech.ended_at, speech.breaks) == (START + 40.5, ())
    assert (speech.measured, speech.ended_by) == (40.0, MODERATOR)
    assert session.minutes().ledger.sites[0].seconds == 40.0


def test_a_grant_without_sound_is_no_speech(session: Session) -> None:
    request = session.ask()
    session.give(request)
    session.now = 31
    session.tick()
    minutes = session.minutes()
    assert minutes.speeches == ()
    assert [one.state for one in minutes.unspoken] == [RequestState.QUEUED]
    session.grant(request, heard_after=1.0)
    assert session.speech(request).to_air == 1.0  # from the grant that led to sound


def test_a_revocation_says_who_and_why(session: Session) -> None:
    request = session.live()
    session.now = 60.5
    session.revoke(request, "Ngoài nội dung")
    session.now = 66.5  # the deadline came a second late; forwarding had stopped
    session.tick()
    speech = session.speech(request)
    assert speech.state is RequestState.REVOKED
    assert (speech.reason, speech.ended_by, speech.cut) == ("Ngoài nội dung", MODERATOR, False)
    assert (speech.ended_at, speech.measured) == (START + 65.5, 65.0)


def test_a_revocation_of_a_paused_speech_is_at_once(session: Session) -> None:
    request = session.live()
    session.now = 10.5
    session.pause(request)
    session.now = 20.5
    session.revoke(request, "Hết giờ")
    speech = session.speech(request)
    assert (speech.ended_at, speech.measured, speech.ended_by) == (START + 20.5, 10.0, MODERATOR)


def test_a_stopped_revocation_leaves_no_trace(session: Session) -> None:
    request = session.live()
    session.now = 10.5
    session.revoke(request, "Nhầm")
    session.now = 12.5
    session.keep(request)
    assert session.speech(request).ended_by is None
    session.now = 30.5
    session.release(request, by=host("dien-bien"))
    speech = session.speech(request)
    assert (speech.ended_by, speech.reason, speech.ended_at) == (
        host("dien-bien"), "", START + 30.5
    )  # fmt: skip


def test_time_that_is_used_cuts(session: Session) -> None:
    session = Session(overtime="cut", first_limit=60, warning=10, revoke_grace=5.0)
    request = session.live()
    session.now = 60.5
    session.tick()
    session.now = 65.5
    session.tick()
    speech = session.speech(request)
    assert speech.cut
    assert speech.ended_by == SYSTEM
    assert speech.overtime == 5.0


def test_released_while_being_cut_is_no_cut(session: Session) -> None:
    session = Session(overtime="cut", first_limit=60, warning=10, revoke_grace=5.0)
    request = session.live()
    session.now = 60.5
    session.tick()
    session.now = 62.5
    session.release(request, by=host("dien-bien"))
    assert not session.speech(request).cut
    assert session.speech(request).ended_by == host("dien-bien")


def test_a_correction_keeps_what_was_measured(session: Session) -> None:
    request = session.spoken(100)
    session.now += 5
    session.correct(request, 90, "Micro mở muộn")
    session.correct(request, 95, "Nghe lại băng", by=COLLEAGUE)
    speech = session.speech(request)
    assert (speech.counted, speech.measured) == (95.0, 100.0)
    first, last = speech.corrections
    assert (first.seconds, first.reason, first.by) == (90, "Micro mở muộn", MODERATOR)
    assert (last.seconds, last.reason, last.by) == (95, "Nghe lại băng", COLLEAGUE)
    assert last.at == START + session.now
    assert session.minutes().ledger.delegates[0].seconds == 95.0


def test_a_correction_that_was_taken_back_is_not_told(session: Session) -> None:
    request = session.spoken(100)
    session.correct(request, 90, "Micro mở muộn")
    session.undo()
    speech = session.speech(request)
    assert speech.corrections == ()
    assert speech.counted == 100.0


def test_what_counts_by_correction_is_a_speech(session: Session) -> None:
    request = session.ask()
    session.give(request)
    session.now = 5
    session.release(request)
    assert session.minutes().speeches == ()
    assert session.minutes().unspoken[0].state is RequestState.RELEASED
    session.correct(request, 240, "Nói qua điện thoại")
    minutes = session.minutes()
    assert minutes.unspoken == ()
    speech = minutes.speeches[0]
    assert (speech.started_at, speech.ended_at, speech.to_air) == (0.0, START + 5, -1.0)
    assert (speech.counted, speech.measured) == (240.0, 0.0)


def test_a_reply_says_whom_it_answers(session: Session) -> None:
    first = session.spoken(60, "Bình", "son-la")
    session.spoken(60, "Châu", "ca-mau")
    reply = session.ask("An", "dien-bien", priority_class="reply", reply_to=first)
    session.grant(reply)
    assert session.speech(reply).answers == Answered(name="Bình", site="son-la")


def test_a_speech_taken_up_again_names_the_one_before(session: Session) -> None:
    first = session.spoken(60)
    session.undo()  # of the release
    again = f"r{session.state.floor.requests_made}"
    session.grant(again)
    session.now += 20
    session.release(again)
    assert session.speech(again).continues == first
    assert session.speech(first).continues == ""


def test_written_opinions(session: Session) -> None:
    session.now = 5
    written = session.ask("Bình", "son-la", priority_class="written", topic="Học liệu số")
    session.now = 9
    spoken = session.ask("An", "dien-bien")
    session.now = 12
    session.file(spoken)
    opinions = session.minutes().opinions
    assert [(one.request, one.filed_at) for one in opinions] == [
        (written, START + 5), (spoken, START + 12)
    ]  # fmt: skip
    assert opinions[0].topic == "Học liệu số"
    assert session.minutes().unspoken == ()
    session.says(MODERATOR, UnfileRequest(cmd_id="c", request=spoken))
    minutes = session.minutes()
    assert [one.request for one in minutes.opinions] == [written]
    assert [one.request for one in minutes.unspoken] == [spoken]


def test_who_asked_and_was_not_heard(session: Session) -> None:
    waits = session.ask("Một", by=host("dien-bien"))
    denied = session.ask("Hai", by=host("dien-bien"))
    cancelled = session.ask("Ba", "son-la")
    queued = session.ask("Bốn", "ca-mau")
    session.now = 20
    session.deny(denied, "Ngoài nội dung")
    session.cancel(cancelled, "Đại biểu đã về")
    found = {one.request: one for one in session.minutes().unspoken}
    assert list(found) == [waits, denied, cancelled, queued]
    assert found[waits].state is RequestState.PENDING
    assert (found[waits].closed_at, found[waits].closed_by) == (0.0, None)
    assert found[denied].state is RequestState.DENIED
    assert found[denied].reason == "Ngoài nội dung"
    assert (found[denied].closed_at, found[denied].closed_by) == (START + 20, MODERATOR)
    assert found[cancelled].reason == "Đại biểu đã về"
    assert found[queued].state is RequestState.QUEUED


def test_who_was_cancelled_and_asked_again_is_told_once(session: Session) -> None:
    first = session.ask()
    session.cancel(first)
    again = session.readd(first)
    assert [one.request for one in session.minutes().unspoken] == [again]


def test_names_are_those_that_were_corrected(session: Session) -> None:
    request = session.ask("Lo Van An")
    session.says(
        MODERATOR,
        EditRequest(cmd_id="c", request=request, name="Lò Văn An", title="Chủ tịch", topic="Số"),
    )
    one = session.minutes().unspoken[0]
    assert (one.name, one.title, one.topic) == ("Lò Văn An", "Chủ tịch", "Số")


def test_the_agenda_as_it_went(session: Session) -> None:
    session.now = 60
    session.start("opening")
    session.now = 300
    session.start("debate")
    session.now = 900
    session.start("opening")
    opening, debate = session.minutes().agenda
    assert opening.stretches == (
        Stretch(since=START + 60, until=START + 300),
        Stretch(since=START + 900),
    )
    assert debate.stretches == (Stretch(since=START + 300, until=START + 900),)
    assert (debate.title.vi, debate.starts_at, debate.minutes) == ("Thảo luận", "09:10", 50)
    assert session.minutes().opened_at == START + 60


def test_an_item_started_by_mistake_was_not_under_way(session: Session) -> None:
    session.now = 60
    session.start("opening")
    session.now = 300
    session.start("debate")
    session.now = 302
    session.undo()
    opening, debate = session.minutes().agenda
    assert opening.stretches == (Stretch(since=START + 60),)
    assert debate.stretches == ()


def test_an_item_the_event_file_no_longer_has_is_kept(session: Session) -> None:
    session.start("opening")
    plan = msgspec.structs.replace(PLAN, agenda=PLAN.agenda[1:])
    debate, gone = session.minutes(plan).agenda
    assert debate.id == "debate"
    assert (gone.id, gone.title, gone.starts_at) == (
        "opening",
        Text(vi="opening", en="opening"),
        "",
    )
    assert len(gone.stretches) == 1


def test_the_session_opens_with_its_first_speech_if_no_item_was_started(session: Session) -> None:
    session.now = 7
    session.live()
    assert session.minutes().opened_at == START + 7.5


def test_places_were_held_while_a_site_was_away(session: Session) -> None:
    session.start("opening")
    for name in ("Một", "Hai"):
        session.ask(name, "son-la")
    speaking = session.live("Ba", "ca-mau")
    session.now = 100
    session.link("son-la", up=False)
    session.now = 110
    assert session.minutes().absences == (Absence(site="son-la", since=START + 100),)
    session.now = 340
    session.link("son-la", up=True)
    session.now = 500
    session.link("son-la", up=False)
    session.cancel("r1")
    session.now = 520
    session.cancel("r2")
    session.now = 600
    session.release(speaking)
    assert session.minutes().absences == (
        Absence(site="son-la", since=START + 100, until=START + 340),
        Absence(site="son-la", since=START + 500, until=START + 520),
    )


def test_who_was_away_before_and_after_the_session_is_not_told(session: Session) -> None:
    session.ask("Một", "son-la")
    session.ask("Hai", "dien-bien")
    session.link("son-la", up=False)
    session.link("dien-bien", up=False)
    assert session.minutes().absences == ()
    session.now = 100
    session.link("son-la", up=True)
    session.now = 200
    session.start("opening")
    session.now = 250
    session.link("dien-bien", up=True)
    session.now = 300
    session.spoken(60, "Ba", "ca-mau")
    session.now = 400
    session.link("dien-bien", up=False)
    assert session.minutes().absences == (
        Absence(site="dien-bien", since=START, until=START + 250),
    )


def test_the_ledger_adds_up_by_delegate_site_and_region(session: Session) -> None:
    session.spoken(100, "An", "dien-bien")
    session.spoken(200, "Bình", "dien-bien")
    session.spoken(50, "Châu", "son-la")
    session.spoken(60, "an", "dien-bien")
    session.spoken(500, "Dũng", "ca-mau")
    ledger = session.minutes().ledger
    assert [(one.key, one.name, one.speeches, one.seconds) for one in ledger.delegates] == [
        ("ca-mau", "Dũng", 1, 500.0),
        ("dien-bien", "Bình", 1, 200.0),
        ("dien-bien", "an", 2, 160.0),
        ("son-la", "Châu", 1, 50.0),
    ]
    assert [(one.key, one.seconds) for one in ledger.sites] == [
        ("ca-mau", 500.0), ("dien-bien", 360.0), ("son-la", 50.0)
    ]  # fmt: skip
    assert [(one.key, one.speeches, one.seconds, one.overtime) for one in ledger.regions] == [
        ("cuu-long", 1, 500.0, 80.0),
        ("tay-bac", 4, 410.0, ledger.regions[1].overtime),
    ]


def test_a_site_the_event_file_no_longer_has_has_no_region(session: Session) -> None:
    session.spoken(100)
    sites = {code: site for code, site in PLAN.sites.items() if code != "dien-bien"}
    minutes = session.minutes(msgspec.structs.replace(PLAN, sites=sites))
    assert [one.key for one in minutes.ledger.regions] == [""]


def test_what_is_no_part_of_minutes_changes_nothing_in_them(session: Session) -> None:
    session.spoken(10)
    before = session.minutes()
    session.says(MODERATOR, SetList(cmd_id="c", state=ListState.CLOSED))
    session.says(MODERATOR, SetList(cmd_id="c", state=ListState.SUSPENDED))
    session.says(MODERATOR, SetList(cmd_id="c", state=ListState.OPEN))
    session.says(MODERATOR, Take(cmd_id="c", source="camera:son-la"))
    after = session.minutes()
    assert after.rev == before.rev + 4
    assert msgspec.structs.replace(after, rev=before.rev) == before


def test_a_log_of_somebody_else_is_refused(session: Session) -> None:
    session.spoken(10)
    with pytest.raises(LookupError):
        compose(PLAN, session.entries[1:], "", START)
