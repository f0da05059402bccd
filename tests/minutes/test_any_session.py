"""What holds of the minutes of whatever session Hypothesis can think of."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import FloorRefused
from bridge.floor.tables import RequestState
from bridge.minutes.chronicle import Chronicle
from bridge.minutes.document import Minutes, Speech
from tests.minutes.playbook import COLLEAGUE, MODERATOR, NAMES, START, Session, host

NAMES_OF_DELEGATES = ("An", "Bình", "Châu", "Dũng")
CLASSES = ("normal", "chair", "normal", "reply", "point_of_order", "normal", "written")

#: What happens next, to which request, and how many seconds later.
Step = tuple[str, int, float]
DEEDS = (
    *("ask", "ask", "ask", "grant", "grant", "grant", "give", "release", "revoke", "keep"),
    *("pause", "resume", "lost", "lost", "back", "down", "up", "cancel", "deny", "file"),
    *("readd", "correct", "opening", "debate", "undo"),
)
steps = st.tuples(
    st.sampled_from(DEEDS),
    st.integers(0, 7),
    st.sampled_from([0.0, 0.25, 3.0, 10.0, 40.0]),
)


def whom(session: Session, what: str, which: int) -> str:
    """Return one of the requests that *what* may be done to."""
    state = session.state.floor
    match what:
        case "grant" | "give":
            fitting = state.queue
        case "release" | "revoke" | "keep" | "pause" | "resume" | "lost" | "back":
            fitting = state.speaking
        case "readd" | "correct":
            fitting = state.ended
        case _:
            fitting = (*state.pending, *state.queue, *state.filed)
    return fitting[which % len(fitting)] if fitting else ""


def play(session: Session, step: Step) -> None:
    """Do one step if it is allowed now; what is due is done before."""
    what, which, later = step
    session.now += later
    session.tick()
    request = whom(session, what, which)
    site = list(NAMES)[which % len(NAMES)]
    actor = (MODERATOR, COLLEAGUE)[which % 2]
    with contextlib.suppress(FloorRefused, LookupError):
        match what:
            case "ask":
                name = NAMES_OF_DELEGATES[which % len(NAMES_OF_DELEGATES)]
                by = actor if which % 3 else host(site)
                session.ask(name, site, by, priority_class=CLASSES[which % len(CLASSES)])
            case "lost" | "back":
                session.flow(request, flowing=what == "back")
            case "down" | "up":
                session.link(site, up=what == "up")
            case "correct":
                session.correct(request, which * 10, "Nghe lại", by=actor)
            case "opening" | "debate":
                session.start(what, by=actor)
            case "undo":
                session.undo(actor)
            case _:
                getattr(session, what)(request)


def off_air(speech: Speech) -> float:
    return sum(one.until - one.since for one in speech.breaks)


def check(session: Session) -> None:
    """Compare the minutes with the state, which is folded by other code."""
    minutes = session.minutes()
    requests = session.state.floor.requests
    check_nobody_is_forgotten(session, minutes)
    for speech in minutes.speeches:
        request = requests[speech.request]
        assert speech.counted == round(request.counted)
        if not request.heard:
            continue
        for one in speech.breaks:
            assert speech.started_at <= one.since <= (one.until or START + session.now)
        if speech.ended_at:
            # The clock of the state and the times of the minutes tell the same story.
            assert speech.ended_at - speech.started_at - off_air(speech) == pytest.approx(
                speech.measured
            )
        else:
            assert speech.request in session.state.floor.speaking
    counted = {one.key: one.seconds for one in minutes.ledger.sites}
    for site in NAMES:
        spoken = session.state.floor.spoken(site)
        rounded = 0.5 * spoken.speeches  # each of them to a whole second
        assert counted.get(site, 0.0) == pytest.approx(spoken.seconds, abs=rounded)
    for accounts in (minutes.ledger.delegates, minutes.ledger.regions):
        assert sum(one.seconds for one in accounts) == sum(counted.values())
    under_way = [one for item in minutes.agenda for one in item.stretches if not one.until]
    assert len(under_way) == (1 if session.state.show.item else 0)
    held = {request.site for request in requests.values() if request.state is RequestState.HELD}
    chronicle = Chronicle()
    for entry in session.entries:
        chronicle.take(entry)
    assert {one.site for one in chronicle.absences if not one.until} == held
    assert set(minutes.absences) <= set(chronicle.absences)


def check_nobody_is_forgotten(session: Session, minutes: Minutes) -> None:
    """Everybody who asked is told of, once, unless the request was taken up again."""
    requests = session.state.floor.requests
    told = [one.request for one in (*minutes.speeches, *minutes.unspoken)]
    told += [one.request for one in minutes.opinions if one.request not in told]
    assert len(told) == len(set(told))
    taken_up = {one.readd_of for one in requests.values()}
    assert set(requests) - taken_up <= set(told) <= set(requests)


@settings(max_examples=200)
@given(
    st.lists(steps, min_size=30, max_size=60),
    st.sampled_from(["warn", "cut"]),
    st.sampled_from(["beside", "suspend", "clear"]),
    st.integers(1, 2),
)
def test_any_session(played: list[Step], overtime: str, chair: str, capacity: int) -> None:
    session = Session(
        overtime=overtime, chair_priority=chair, capacity=capacity, first_limit=60, warning=10
    )
    for step in played:
        play(session, step)
    check(session)
