"""What is found good, what is remembered, and when a site may be signed off."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bridge.errors import Code, FloorRefused
from bridge.link.findings import Return, Second, baseline_of, judge
from bridge.link.rehearsal import (
    Baseline,
    Checked,
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


@pytest.mark.parametrize(
    "event",
    [
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


def test_a_signed_site_is_closed() -> None:
    signed = msgspec.structs.replace(whole(), signed_at=3.0)
    for check in (require_open, lambda site: require_whole(site, "x")):
        with pytest.raises(FloorRefused) as refused:
            check(signed)
        assert refused.value.code is Code.SIGNED_OFF
