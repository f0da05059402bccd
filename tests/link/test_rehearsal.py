"""What is found good, what is remembered, and when a site may be signed off."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bridge.errors import Code, FloorRefused
from bridge.link.findings import Call, Heard, Return, Second, baseline_of, judge, judge_call
from bridge.link.rehearsal import (
    FORMER,
    Baseline,
    Called,
    Checked,
    Former,
    Item,
    Mark,
    Marked,
    Measured,
    Outcome,
    Preflight,
    RehearsalEvent,
    Reopened,
    SignedOff,
    SiteRehearsal,
    evolve,
    require_open,
    require_whole,
)
from bridge.link.tones import Recognised

SITE = "dien-bien"
GOOD = Mark(outcome=Outcome.GOOD, at=1.0)
BAD = Mark(outcome=Outcome.BAD, at=1.0, reason="loss")
TONE = Recognised(at_s=1.0, tones=6, level_db=-20.0, snr_db=30.0)


def second(**fields: Any) -> Second:
    usual: dict[str, Any] = {
        "connected": True,
        "rtt_ms": 20.0,
        "loss_up": 0.0,
        "loss_down": 0.0,
        "kbps_up": 1500.0,
        "kbps_down": 1400.0,
        "fps_up": 30.0,
        "fps_down": 30.0,
        "height_up": 720,
        "score": 4.3,
    }
    return Second(**{**usual, **fields})


def baseline(**fields: Any) -> Baseline:
    found = baseline_of([second(**fields)] * 10, 99.0)
    assert found is not None
    return found


def judged(**fields: Any) -> dict[Item, Mark]:
    usual: dict[str, Any] = {
        "baseline": baseline(),
        "voice": True,
        "answer": Return(test="t1", frames=280),
        "tone": TONE,
        "delay_ms": 180.4,
        "backup": None,
        "at": 50.0,
    }
    return judge(**{**usual, **fields})


def folded(*events: RehearsalEvent) -> SiteRehearsal:
    state: dict[str, SiteRehearsal] = {}
    for event in events:
        state = evolve(state, event)
    return state[SITE]


# the baseline


def test_a_baseline_is_the_median_of_the_seconds_with_a_link() -> None:
    seconds = [second(loss_up=loss, rtt_ms=rtt) for loss, rtt in ((0, 10), (0.01, -1), (0.5, 30))]
    gone = [second(connected=False, score=0.0, kbps_up=0.0)] * 3
    found = baseline_of([*seconds, *gone, second(loss_up=0.02, rtt_ms=40), second(rtt_ms=20)], 7.0)
    assert found is not None
    assert (found.at, found.seconds) == (7.0, 5)
    assert found.loss_up == 0.01
    assert found.rtt_ms == 25.0
    assert found.kbps_up == 1500.0


def test_too_few_seconds_make_no_baseline() -> None:
    assert baseline_of([second()] * 4 + [second(connected=False)] * 20, 1.0) is None
    assert baseline_of([], 1.0) is None


def test_an_unmeasured_round_trip_stays_unmeasured() -> None:
    assert baseline(rtt_ms=-1.0).rtt_ms == -1.0


# what counts as good


def test_all_is_good() -> None:
    marks = judged(backup=True)
    assert {mark.outcome for mark in marks.values()} == {Outcome.GOOD}
    assert all(not mark.by and mark.at == 50.0 for mark in marks.values())
    assert marks[Item.SOUND_DOWN].figures == {"level_db": -20.0, "snr_db": 30.0, "delay_ms": 180}
    assert Item.EQUIPMENT not in marks
    assert Item.TALKBACK not in marks


@pytest.mark.parametrize(
    ("fields", "item", "reason"),
    [
        ({"loss_up": 0.05}, Item.LINE, "loss"),
        ({"loss_down": 0.05}, Item.LINE, "loss"),
        ({"rtt_ms": 500.0}, Item.LINE, "delay"),
        ({"score": 2.9}, Item.LINE, "score"),
        ({"height_up": 0}, Item.PICTURE_UP, "no_picture"),
        ({"height_up": 180}, Item.PICTURE_UP, "small"),
        ({"fps_up": 8.0}, Item.PICTURE_UP, "slow"),
    ],
)
def test_what_a_line_may_lack(fields: dict[str, float], item: Item, reason: str) -> None:
    marks = judged(baseline=baseline(**fields))
    assert (marks[item].outcome, marks[item].reason) == (Outcome.BAD, reason)
    assert sum(mark.outcome is Outcome.BAD for mark in marks.values()) == 1


@pytest.mark.parametrize(
    ("fields", "reasons"),
    [
        ({"baseline": None}, {Item.LINE: "no_link", Item.PICTURE_UP: "no_picture"}),
        ({"voice": False}, {Item.SOUND_UP: "quiet"}),
        ({"answer": Return(test="t1", frames=3)}, {Item.PICTURE_DOWN: "no_return"}),
        ({"tone": None}, {Item.SOUND_DOWN: "no_tone"}),
        (
            {"tone": None, "answer": Return(test="t1", frames=99, problem="sound_blocked")},
            {Item.SOUND_DOWN: "sound_blocked"},
        ),
        (
            {"tone": None, "answer": None},
            {Item.SOUND_DOWN: "no_answer", Item.PICTURE_DOWN: "no_answer"},
        ),
        (
            {"tone": msgspec.structs.replace(TONE, level_db=-60.0)},
            {Item.SOUND_DOWN: "faint"},
        ),
        ({"backup": False}, {Item.BACKUP: "backup_silent"}),
    ],
)
def test_what_else_may_be_missing(fields: dict[str, Any], reasons: dict[Item, str]) -> None:
    marks = judged(**fields)
    assert {item: mark.reason for item, mark in marks.items() if mark.reason} == reasons


def test_an_unknown_delay_is_not_told() -> None:
    assert "delay_ms" not in judged(delay_ms=-1.0)[Item.SOUND_DOWN].figures


# a call


HEARD = Heard(test="c1", level_db=-31.5)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (Call(), "not_spoken"),
        (Call(heard=HEARD, answered=True, voice=True), "not_spoken"),
        (Call(spoken=True), "not_heard"),
        (Call(spoken=True, heard=Heard(test="c1", problem="sound_blocked")), "sound_blocked"),
        (Call(spoken=True, heard=HEARD), "not_answered"),
        (Call(spoken=True, heard=HEARD, answered=True), "answer_quiet"),
    ],
)
def test_the_first_thing_on_the_way_that_is_missing_of_a_call(call: Call, reason: str) -> None:
    assert not call.complete
    mark = judge_call(call, 7.0)
    assert (mark.outcome, mark.reason, mark.at, mark.by) == (Outcome.BAD, reason, 7.0, "")


def test_a_call_in_which_both_were_heard() -> None:
    call = Call(by="Ông Thành", spoken=True, heard=HEARD, answered=True, voice=True)
    assert call.complete
    mark = judge_call(call, 7.0)
    assert (mark.outcome, mark.figures) == (Outcome.GOOD, {"level_db": -31.5})


# what is remembered


def test_marks_come_and_go_and_others_stay() -> None:
    site = folded(
        Marked(site=SITE, item=Item.TALKBACK, mark=GOOD),
        Marked(site=SITE, item=Item.LINE, mark=BAD),
        Marked(site=SITE, item=Item.TALKBACK, mark=None),
        Marked(site=SITE, item=Item.EQUIPMENT, mark=GOOD),
    )
    assert site.marks == {Item.LINE: BAD, Item.EQUIPMENT: GOOD}
    assert site.bad == [Item.LINE]
    assert site.open == [item for item in Item if item not in {Item.LINE, Item.EQUIPMENT}]


def test_sites_do_not_mix() -> None:
    state = evolve({}, Marked(site="lao-cai", item=Item.LINE, mark=GOOD))
    state = evolve(state, Measured(site=SITE, baseline=baseline()))
    assert state["lao-cai"].baseline is None
    assert state[SITE].baseline == baseline()


def test_a_signature_can_be_taken_back_and_leaves_what_was_found() -> None:
    signed = SignedOff(site=SITE, by="Ông Thành", at=5.0, note="Đã thay micro")
    checked = Checked(site=SITE, preflight=Preflight(camera="ok", at=2.0))
    events = (Marked(site=SITE, item=Item.LINE, mark=GOOD), checked, signed)
    site = folded(*events)
    assert (site.signed_by, site.signed_at, site.note) == ("Ông Thành", 5.0, "Đã thay micro")
    again = folded(*events, Reopened(site=SITE))
    assert (again.signed_by, again.signed_at, again.note) == ("", 0.0, "")
    assert again.marks == site.marks
    assert again.preflight == site.preflight


def test_a_call_is_measured_and_the_word_is_the_technicians() -> None:
    called = Called(site=SITE, mark=GOOD)
    site = folded(called)
    assert Item.TALKBACK in site.open, "no machine knows whether they understood each other"
    word = Mark(outcome=Outcome.GOOD, at=2.0, by="Ông Thành")
    ticked = Marked(site=SITE, item=Item.TALKBACK, mark=word)
    assert folded(called, ticked).overruled == []
    assert folded(ticked).overruled == [Item.TALKBACK]
    assert folded(called, ticked, Called(site=SITE, mark=BAD)).overruled == [Item.TALKBACK]


def test_what_was_measured_stays_beside_what_a_technician_says() -> None:
    measured = Marked(site=SITE, item=Item.LINE, mark=BAD)
    word = Mark(outcome=Outcome.GOOD, at=2.0, by="Ông Thành")
    site = folded(measured, Marked(site=SITE, item=Item.LINE, mark=word))
    assert (site.marks[Item.LINE], site.measured[Item.LINE]) == (word, BAD)
    assert (site.bad, site.overruled) == ([], [Item.LINE])
    noted = msgspec.structs.replace(word, note="Đã đổi dây mạng")
    assert folded(measured, Marked(site=SITE, item=Item.LINE, mark=noted)).overruled == []
    never = Mark(outcome=Outcome.NONE, at=2.0, by="Ông Thành")
    assert folded(measured, Marked(site=SITE, item=Item.LINE, mark=never)).overruled == []
    better = Marked(site=SITE, item=Item.LINE, mark=GOOD)
    assert folded(measured, Marked(site=SITE, item=Item.LINE, mark=word), better).overruled == []


def test_a_baseline_belongs_to_who_signed_it() -> None:
    first, second_one = baseline(), msgspec.structs.replace(baseline(), at=200.0, score=2.0)
    events: list[RehearsalEvent] = [
        Measured(site=SITE, baseline=first),
        SignedOff(site=SITE, by="Ông Thành", at=100.0),
    ]
    site = folded(*events)
    signed = msgspec.structs.replace(first, by="Ông Thành", signed_at=100.0)
    assert (site.baseline, site.reference) == (first, signed)
    events += [
        Reopened(site=SITE, by="Bà Hoa", at=150.0),
        Measured(site=SITE, baseline=second_one),
    ]
    site = folded(*events)
    assert (site.baseline, site.reference) == (second_one, signed), "nobody stands for the new one"
    assert site.former == [
        Former(by="Ông Thành", at=100.0, reopened_by="Bà Hoa", reopened_at=150.0)
    ]
    site = folded(*events, SignedOff(site=SITE, by="Bà Hoa", at=210.0))
    assert site.reference == msgspec.structs.replace(second_one, by="Bà Hoa", signed_at=210.0)
    assert len(site.former) == 1
    assert folded(SignedOff(site=SITE, by="A", at=1.0)).reference is None, "never tested"


def test_only_the_newest_former_signatures_are_shown() -> None:
    events: list[RehearsalEvent] = []
    for at in range(1, FORMER + 3):
        events += [SignedOff(site=SITE, by="A", at=float(at)), Reopened(site=SITE)]
    assert [one.at for one in folded(*events).former] == [float(at + 3) for at in range(FORMER)]
    assert folded(Reopened(site=SITE)).former == []


@pytest.mark.parametrize(
    "event",
    [
        Called(site=SITE, mark=BAD),
        Marked(site=SITE, item=Item.LINE, mark=BAD),
        Marked(site=SITE, item=Item.LINE),
        Measured(site=SITE, baseline=baseline()),
        Checked(site=SITE, preflight=Preflight()),
        SignedOff(site=SITE, by="", at=1.0),
        Reopened(site=SITE),
    ],
)
def test_events_are_read_as_they_were_written(event: RehearsalEvent) -> None:
    kept = msgspec.json.encode([event])
    assert msgspec.json.decode(kept, type=list[RehearsalEvent]) == [event]


# signing


def whole(**marks: Mark) -> SiteRehearsal:
    found = {item: marks.get(item, GOOD) for item in Item}
    return SiteRehearsal(marks=found)


def test_a_whole_list_may_be_signed() -> None:
    require_whole(whole(), "")
    require_whole(whole(backup=Mark(outcome=Outcome.NONE, at=1.0, by="A")), "")


def test_open_items_forbid_signing() -> None:
    with pytest.raises(FloorRefused) as refused:
        require_whole(SiteRehearsal(marks={Item.LINE: GOOD}), "xong")
    assert refused.value.code is Code.CHECKS_OPEN
    assert refused.value.details["count"] == 7


def test_what_is_bad_needs_a_note() -> None:
    with pytest.raises(FloorRefused) as refused:
        require_whole(whole(line=BAD), "  ")
    assert refused.value.code is Code.NOTE_MISSING
    require_whole(whole(line=BAD), "Dùng đường dự phòng")


def test_what_is_passed_against_its_measurement_needs_a_note() -> None:
    word = Mark(outcome=Outcome.GOOD, at=2.0, by="Ông Thành")
    site = msgspec.structs.replace(whole(line=word), measured={Item.LINE: BAD})
    with pytest.raises(FloorRefused) as refused:
        require_whole(site, "")
    assert refused.value.code is Code.NOTE_MISSING
    require_whole(site, "Đã đo lại bằng máy khác")


def test_a_signed_site_is_closed() -> None:
    signed = msgspec.structs.replace(whole(), signed_at=3.0)
    for check in (require_open, lambda site: require_whole(site, "x")):
        with pytest.raises(FloorRefused) as refused:
            check(signed)
        assert refused.value.code is Code.SIGNED_OFF
