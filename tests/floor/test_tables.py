"""The tables agree with each other; the diagram shows them."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from bridge.floor import FloorCommand, FloorEvent, FloorState, evolve
from bridge.floor.events import (
    FloorRequested,
    GrantEnded,
    ListClosed,
    ListOpened,
    ListSuspended,
    PolicyChanged,
    RequestAccepted,
    RequestDenied,
    TimeCorrected,
)
from bridge.floor.tables import (
    ALLOWED,
    INITIAL,
    LISTS,
    ON_DECK,
    REPEATS,
    ROLES,
    STATUS,
    TRANSITIONS,
    WAITING,
    RequestState,
    Status,
    diagram,
)

STATES = set(RequestState)
ENDED = {state for state in STATES if LISTS[state] == "ended"}


def test_every_state_is_in_every_table() -> None:
    assert set(TRANSITIONS) == set(STATUS) == set(LISTS) == STATES
    assert set(STATUS.values()) == set(Status)
    assert set(LISTS.values()) < set(FloorState.__struct_fields__)


def test_every_command_has_its_roles() -> None:
    assert set(ROLES) == set(get_args(FloorCommand))
    assert set(ALLOWED) == set(REPEATS)
    assert all(not ALLOWED[command] & REPEATS[command] for command in ALLOWED)


def test_every_event_about_a_request_is_a_transition() -> None:
    about_all = {FloorRequested, ListOpened, ListClosed, ListSuspended, PolicyChanged}
    used = {event for events in TRANSITIONS.values() for event in events}
    assert used == set(get_args(FloorEvent)) - about_all


def test_ended_states_absorb_and_nothing_else_does() -> None:
    """A correction of the time is noted on what has ended; it wakes nothing."""
    leaving = {
        state: {
            event
            for event, after in TRANSITIONS[state].items()
            if (event, after) != (TimeCorrected, state)
        }
        for state in STATES
    }
    assert {state for state in STATES if not leaving[state]} == ENDED
    assert not any(TimeCorrected in TRANSITIONS[state] for state in STATES - ENDED)


def test_every_state_but_the_ended_can_be_left_for_good() -> None:
    """From everywhere some way leads to an end: nobody is caught."""
    ending = set(ENDED)
    for _ in STATES:
        ending |= {state for state in STATES if ending & set(TRANSITIONS[state].values())}
    assert ending == STATES


def test_a_command_is_allowed_only_where_its_request_is_meant_to_be() -> None:
    for command, states in ALLOWED.items():
        assert states, command
    assert ON_DECK < WAITING == {state for state in STATES if LISTS[state] == "queue"}


def test_every_state_can_be_reached() -> None:
    reached = {INITIAL}
    for _ in STATES:
        reached |= {after for state in reached for after in TRANSITIONS[state].values()}
    assert reached == STATES


def test_a_grant_ends_exactly_when_its_holder_leaves_the_speakers() -> None:
    leaving = {
        event
        for state, events in TRANSITIONS.items()
        for event, after in events.items()
        if LISTS[state] == "speaking" and LISTS[after] != "speaking"
    }
    assert leaving == set(get_args(GrantEnded))


def test_the_diagram_shows_every_transition() -> None:
    lines = diagram().splitlines()
    assert lines[:2] == ["stateDiagram-v2", "    [*] --> pending: FloorRequested"]
    assert "    arming --> queued: GrantTimedOut, GrantWithdrawn" in lines
    assert "    revoked --> [*]" in lines
    assert len(lines) == 2 + sum(len({*to.values()}) for to in TRANSITIONS.values()) + len(ENDED)
    for state, events in TRANSITIONS.items():
        for event, after in events.items():
            (line,) = [one for one in lines if one.startswith(f"    {state} --> {after}: ")]
            assert event.__name__ in line.partition(": ")[2].split(", ")


def test_a_log_that_is_not_ours_is_refused_not_bent() -> None:
    with pytest.raises(LookupError):
        evolve(FloorState(), RequestAccepted(request="r1"), 0.0)
    asked = FloorRequested(request="r1", site="dien-bien", name="Lò Văn An")
    denied = evolve(evolve(FloorState(), asked, 0.0), RequestDenied(request="r1"), 0.0)
    with pytest.raises(LookupError):
        evolve(denied, RequestAccepted(request="r1"), 0.0)


def test_the_documents_show_the_present_diagram() -> None:
    text = (Path(__file__).parents[2] / "docs" / "floor.md").read_text(encoding="utf-8")
    assert diagram().strip() in text
