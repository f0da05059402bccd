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
    RequestAccepted,
    RequestDenied,
)
from bridge.floor.tables import (
    ALLOWED,
    INITIAL,
    LISTS,
    REPEATS,
    ROLES,
    STATUS,
    TRANSITIONS,
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
    about_list = {FloorRequested, ListOpened, ListClosed}
    used = {event for events in TRANSITIONS.values() for event in events}
    assert used == set(get_args(FloorEvent)) - about_list


def test_ended_states_absorb_and_nothing_else_does() -> None:
    assert {state for state in STATES if not TRANSITIONS[state]} == ENDED


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
    assert "    arming --> queued: GrantTimedOut" in lines
    assert "    revoked --> [*]" in lines
    assert len(lines) == 2 + sum(map(len, TRANSITIONS.values())) + len(ENDED)


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
