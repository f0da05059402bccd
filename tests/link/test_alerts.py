"""Alerts: after how long, for whom sooner, until when, and who has taken them on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.link.alerts import (
    Alert,
    AlertAcknowledged,
    AlertBegan,
    AlertBook,
    AlertEnded,
    AlertEvent,
    AlertRules,
    Condition,
    Level,
    open_after,
)
from bridge.link.symptoms import Cause

FINE = Condition(score=4.4)
POOR = Condition(score=2.9, cause=Cause.UPLINK)
BAD = Condition(score=2.0, cause=Cause.UPLINK)
LOST = Condition(score=0.0, cause=Cause.NO_SIGNAL)
LEFT = Condition(score=0.0, cause=Cause.NO_SIGNAL, present=False)


def on_air(condition: Condition) -> Condition:
    return Condition(score=condition.score, cause=condition.cause, on_air=True)


class Desk:
    """A technician's desk with one site."""

    def __init__(self, rules: AlertRules | None = None) -> None:
        self.book = AlertBook(rules or AlertRules())
        self.now = 1000.0

    def seconds(self, count: int, condition: Condition) -> list[AlertEvent]:
        """Let the site be like that for so long; return what happened."""
        events: list[AlertEvent] = []
        for _ in range(count):
            self.now += 1
            events += self.book.step("hue", condition, self.now)
        return events

    def acknowledge(self, alert: Alert, by: str, note: str) -> None:
        event = self.book.acknowledgement(alert.id, by, note, self.now)
        assert event is not None
        self.book.acknowledged(event)

    @property
    def shown(self) -> Alert:
        alert = self.book.worst("hue")
        assert alert is not None
        return alert


def begun(events: list[AlertEvent]) -> list[tuple[str, Level]]:
    return [(one.alert.kind, one.alert.level) for one in events if isinstance(one, AlertBegan)]


def test_a_good_link_is_never_told_of() -> None:
    desk = Desk()
    assert desk.seconds(100, FINE) == []
    assert desk.book.worst("hue") is None
    assert desk.book.worst("son-la") is None
    assert list(desk.book.open()) == []


@pytest.mark.parametrize(
    ("condition", "begins", "level"),
    [
        (POOR, 11, Level.WARNING),
        (on_air(POOR), 4, Level.WARNING),
        (BAD, 11, Level.CRITICAL),
        (on_air(BAD), 4, Level.CRITICAL),
        (LOST, 11, Level.WARNING),
        (on_air(LOST), 4, Level.CRITICAL),
        (Condition(score=4.4, cause=Cause.CAMERA), 11, Level.WARNING),
        (on_air(Condition(score=4.4, cause=Cause.CAMERA)), 4, Level.CRITICAL),
        (on_air(Condition(score=4.4, cause=Cause.MICROPHONE)), 4, Level.CRITICAL),
        (on_air(Condition(score=3.0, cause=Cause.SERVER)), 4, Level.CRITICAL),
    ],
)
def test_an_alert_begins_once_after_its_hold_time(
    condition: Condition, begins: int, level: Level
) -> None:
    desk = Desk()
    assert desk.seconds(begins - 1, condition) == []
    assert begun(desk.seconds(1, condition)) == [(condition.cause.value, level)]
    assert desk.seconds(60, condition) == []
    assert desk.shown.since == 1000.0 + begins


def test_a_bad_moment_shorter_than_the_hold_time_is_nothing() -> None:
    desk = Desk()
    for _ in range(10):
        assert desk.seconds(9, POOR) == []
        assert desk.seconds(1, FINE) == []


def test_an_alert_ends_after_the_link_has_been_good_for_long_enough() -> None:
    desk = Desk()
    desk.seconds(11, POOR)
    known = desk.shown
    assert desk.seconds(10, FINE) == []
    assert desk.seconds(1, POOR) == [], "a short recovery is none"
    assert desk.seconds(10, FINE) == []
    assert desk.seconds(1, FINE) == [AlertEnded(alert=known)]
    assert desk.book.worst("hue") is None


def test_a_link_between_the_limit_and_the_margin_changes_nothing() -> None:
    between = Condition(score=3.2, cause=Cause.UPLINK)
    desk = Desk()
    assert desk.seconds(60, between) == [], "above the limit"
    desk.seconds(11, POOR)
    assert desk.seconds(60, between) == [], "not far enough above it to end"
    known = desk.shown
    assert desk.seconds(60, Condition(score=3.31)) == [AlertEnded(alert=known)]


def test_an_acknowledgement_has_a_name_a_note_and_a_time() -> None:
    desk = Desk()
    desk.seconds(11, POOR)
    event = desk.book.acknowledgement(desk.shown.id, "Trần Văn Kỹ", "đang gọi VNPT", desk.now)
    assert event is not None
    assert desk.shown.acked_by == "", "not before it is saved"
    desk.book.acknowledged(event)
    assert event == AlertAcknowledged(alert=desk.shown)
    assert (desk.shown.acked_by, desk.shown.note) == ("Trần Văn Kỹ", "đang gọi VNPT")
    assert desk.shown.acked_at == desk.now
    desk.seconds(30, POOR)
    assert desk.shown.acked_by == "Trần Văn Kỹ"
    assert desk.book.acknowledgement("hue:quality:1", "A", "", desk.now) is None
    desk.seconds(20, FINE)
    desk.book.acknowledged(event)
    assert desk.book.worst("hue") is None, "it came too late"


def test_what_becomes_critical_wants_to_be_seen_again() -> None:
    desk = Desk()
    desk.seconds(11, POOR)
    first = desk.shown
    desk.acknowledge(first, "A", "")
    assert begun(desk.seconds(12, BAD)) == [("uplink", Level.CRITICAL)]
    assert (desk.shown.id, desk.shown.since, desk.shown.acked_by) == (first.id, first.since, "")
    desk.acknowledge(first, "B", "")
    assert desk.seconds(60, POOR) == [], "that it became better is no news"
    assert desk.shown.acked_by == "B"


def test_a_fault_that_comes_back_is_a_new_alert_that_nobody_has_taken_on() -> None:
    desk = Desk()
    desk.seconds(11, POOR)
    first = desk.shown
    desk.acknowledge(first, "A", "")
    desk.seconds(20, FINE)
    assert begun(desk.seconds(11, POOR)) == [("uplink", Level.WARNING)]
    assert desk.shown.id != first.id
    assert desk.shown.acked_by == ""


def test_a_site_on_air_gets_its_alert_sooner_in_the_middle_of_a_fault() -> None:
    desk = Desk()
    assert desk.seconds(5, POOR) == []
    assert begun(desk.seconds(1, on_air(POOR))) == [("uplink", Level.WARNING)]


def test_several_faults_of_a_site_are_several_alerts_and_the_most_urgent_is_shown() -> None:
    desk = Desk()
    desk.seconds(11, POOR)
    quality = desk.shown
    desk.seconds(11, Condition(score=2.9, cause=Cause.CAMERA))
    camera = desk.shown
    assert camera.kind == "camera"
    assert set(desk.book.open()) == {quality, camera}
    desk.acknowledge(camera, "A", "")
    assert desk.shown == quality, "what nobody has taken on comes first"
    desk.seconds(11, Condition(score=2.0, cause=Cause.CAMERA))
    assert desk.shown.level is Level.CRITICAL


def test_a_low_score_without_a_verdict_is_told_of_as_such() -> None:
    desk = Desk()
    assert begun(desk.seconds(11, Condition(score=2.9))) == [("quality", Level.WARNING)]


@pytest.mark.parametrize("cause", [Cause.REMOTE, Cause.SERVER])
def test_who_suffers_from_others_is_not_told_of(cause: Cause) -> None:
    assert Desk().seconds(60, Condition(score=1.5, cause=cause)) == []


def test_a_site_that_has_left_is_not_missed_for_ever() -> None:
    desk = Desk()
    assert begun(desk.seconds(11, LEFT)) == [("no_signal", Level.WARNING)]
    events = desk.seconds(310, LEFT)
    assert [type(one) for one in events] == [AlertEnded]
    assert desk.seconds(600, LEFT) == []
    assert begun(desk.seconds(11, LOST)) == [("no_signal", Level.WARNING)], "its page is back"


def test_a_speaker_who_has_left_is_missed_as_long_as_it_takes() -> None:
    gone = Condition(score=0.0, cause=Cause.NO_SIGNAL, present=False, on_air=True)
    desk = Desk()
    desk.seconds(1000, gone)
    assert desk.shown.level is Level.CRITICAL


def test_the_events_own_limits_hold() -> None:
    rules = AlertRules(warning_score=4.0, critical_score=3.0, hold=2, clear=1)
    desk = Desk(rules)
    assert begun(desk.seconds(3, Condition(score=3.9))) == [("quality", Level.WARNING)]
    assert [type(one) for one in desk.seconds(2, FINE)] == [AlertEnded]


def test_an_alert_survives_a_restart_with_whoever_has_taken_it_on() -> None:
    desk = Desk()
    desk.seconds(11, BAD)
    desk.acknowledge(desk.shown, "A", "đã gọi")
    after = Desk()
    after.now = desk.now + 5
    after.book.restore(desk.shown)
    assert after.shown == desk.shown
    assert after.seconds(30, BAD) == [], "known already"
    assert after.shown.acked_by == "A"
    assert [type(one) for one in after.seconds(11, FINE)] == [AlertEnded]


def test_what_is_open_follows_from_all_that_happened() -> None:
    desk = Desk()
    events = desk.seconds(11, POOR)
    taken = desk.book.acknowledgement(desk.shown.id, "A", "", desk.now)
    assert taken is not None
    assert open_after([*events, taken]) == [taken.alert]
    assert open_after([*events, taken, AlertEnded(alert=taken.alert)]) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from([FINE, POOR, BAD, LOST, LEFT]), st.booleans(), st.integers(1, 20)
        ),
        max_size=30,
    )
)
def test_every_alert_that_ends_has_begun_and_none_begins_twice(
    story: list[tuple[Condition, bool, int]],
) -> None:
    desk = Desk()
    levels: dict[str, Level] = {}
    for condition, air, count in story:
        for event in desk.seconds(count, on_air(condition) if air else condition):
            alert = event.alert
            if isinstance(event, AlertBegan):
                assert levels.get(alert.id) in {None, Level.WARNING}
                assert alert.id not in levels or alert.level is Level.CRITICAL
                levels[alert.id] = alert.level
            else:
                del levels[alert.id]
    assert set(levels) == {alert.id for alert in desk.book.open()}


CONDITIONS = st.builds(
    Condition,
    score=st.sampled_from((0.0, 2.0, 2.9, 3.1, 3.2, 4.4)),
    cause=st.sampled_from((Cause.NONE, Cause.UPLINK, Cause.NO_SIGNAL, Cause.CAMERA, Cause.SERVER)),
    on_air=st.booleans(),
    present=st.booleans(),
)


@given(st.lists(st.tuples(CONDITIONS, st.integers(1, 15)), max_size=30))
def test_a_quiet_site_is_passed_over_and_nothing_else(
    course: list[tuple[Condition, int]],
) -> None:
    passing, looking = Desk(), Desk()
    for condition, seconds in course:
        for _ in range(seconds):
            for known in looking.book._sites.values():
                known.quiet = False
            assert passing.seconds(1, condition) == looking.seconds(1, condition)
        assert passing.book.worst("hue") == looking.book.worst("hue")
