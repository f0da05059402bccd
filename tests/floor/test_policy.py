"""Changing the rules while the session runs."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bridge.errors import Code
from bridge.floor import FloorPolicy, policy_of
from bridge.floor.events import PolicyChanged
from bridge.floor.policy import ChairPriority, Contribution, Overtime, PolicyChange
from bridge.floor.tables import RequestState
from tests.floor.playbook import (
    MODERATOR,
    START,
    SYSTEM,
    Floor,
    call,
    change,
    check,
    flow,
    grant,
    release,
    revoke,
)

#: One other value for each rule.
OTHERS: dict[str, Any] = {
    "capacity": 2,
    "first_limit": 300.0,
    "next_limit": 120.0,
    "contribution": Contribution.DELEGATE,
    "chair_limit": 60.0,
    "point_of_order_limit": 90.0,
    "reply_limit": 90.0,
    "warning": 30.0,
    "overtime": Overtime.CUT,
    "auto_accept": True,
    "auto_call": True,
    "auto_grant": True,
    "several_requests": True,
    "chair_priority": ChairPriority.CLEAR,
    "check_timeout": 20.0,
    "prep_timeout": 60.0,
    "arm_timeout": 20.0,
    "drop_timeout": 20.0,
    "revoke_grace": 0.0,
}


def test_every_rule_can_be_changed() -> None:
    names = FloorPolicy.__struct_fields__
    assert set(OTHERS) == set(names) == set(PolicyChange.__struct_fields__)


@pytest.mark.parametrize("name", OTHERS)
def test_a_change_touches_its_rule_only_and_can_be_taken_back(name: str) -> None:
    floor = Floor()
    planned = floor.setup.policy
    changed = msgspec.structs.replace(planned, **{name: OTHERS[name]})
    assert changed != planned
    assert floor.says(MODERATOR, change(**{name: OTHERS[name]})) == [PolicyChanged(policy=changed)]
    assert policy_of(floor.setup, floor.state) == changed
    assert PolicyChange.between(changed, planned).applied(changed) == planned
    assert PolicyChange.between(planned, changed) == PolicyChange(**{name: OTHERS[name]})


def test_without_a_change_the_planned_rules_hold() -> None:
    floor = Floor(capacity=2)
    assert floor.state.policy is None
    assert policy_of(floor.setup, floor.state).capacity == 2


def test_what_is_so_already_is_no_change() -> None:
    floor = Floor()
    assert floor.says(MODERATOR, change(capacity=1)) == []
    assert floor.says(MODERATOR, change()) == []


def test_more_speakers_than_can_be_heard_are_refused() -> None:
    floor = Floor(max_capacity=2)
    refusal = floor.refuses(MODERATOR, change(capacity=3))
    assert refusal.code is Code.POLICY_INVALID
    assert refusal.details == {"why": "capacity", "limit": 2}


@pytest.mark.parametrize(
    "rules", [{"warning": 180}, {"first_limit": 60}, {"next_limit": 30, "warning": 30}]
)
def test_a_warning_before_the_speech_begins_is_refused(rules: dict[str, Any]) -> None:
    refusal = Floor().refuses(MODERATOR, change(**rules))
    assert refusal.code is Code.POLICY_INVALID
    shortest = min(rules.get("first_limit", 420), rules.get("next_limit", 180))
    assert refusal.details == {"why": "warning", "limit": shortest}


@pytest.mark.parametrize(
    "text",
    [
        '{"capacity": 0}',
        '{"capacity": 4}',
        '{"first_limit": 9}',
        '{"next_limit": 7201}',
        '{"chair_limit": -1}',
        '{"warning": 601}',
        '{"prep_timeout": 4}',
        '{"revoke_grace": 61}',
        '{"overtime": "shout"}',
        '{"coffee": true}',
    ],
)
def test_what_makes_no_sense_is_not_even_read(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=PolicyChange)


class TestWhatIsGivenStays:
    def test_a_speaker_keeps_the_time_and_the_warning(self) -> None:
        floor = Floor()
        floor.live()
        before = floor.turn("r1")
        floor.says(MODERATOR, change(first_limit=60, next_limit=60, warning=10))
        assert floor.turn("r1") is before
        floor.says(MODERATOR, release("r1"))
        assert floor.turn(floor.live("ca-mau")).limit == 60

    def test_less_room_ends_nobodys_speech_but_the_next_one_waits(self) -> None:
        floor = Floor(capacity=2)
        floor.live("dien-bien")
        floor.live("ca-mau")
        floor.queued("lao-cai")
        floor.says(MODERATOR, change(capacity=1))
        assert floor.state.speaking == ("r1", "r2")
        floor.says(MODERATOR, release("r1"))
        assert floor.refuses(MODERATOR, grant("r3")).details["request"] == "r2"
        floor.says(MODERATOR, release("r2"))
        assert floor.says(MODERATOR, grant("r3"))

    def test_waits_that_have_begun_last_as_long_as_they_were_to(self) -> None:
        floor = Floor(check_timeout=15, arm_timeout=30, drop_timeout=30, revoke_grace=5, capacity=3)
        floor.queued("ca-mau")
        floor.says(MODERATOR, call("r1"))
        floor.queued("ha-noi")
        floor.says(MODERATOR, grant("r2"))
        floor.lost("dien-bien")
        floor.live("lao-cai")
        floor.says(MODERATOR, revoke("r4"))
        floor.says(
            MODERATOR, change(check_timeout=600, arm_timeout=600, drop_timeout=600, revoke_grace=60)
        )
        floor.now = 5
        assert len(floor.says(SYSTEM, check())) == 1
        floor.now = 15
        assert len(floor.says(SYSTEM, check())) == 1
        floor.now = 30
        assert len(floor.says(SYSTEM, check())) == 2

    def test_new_ones_are_the_new_rules(self) -> None:
        floor = Floor()
        floor.live()
        floor.says(MODERATOR, change(drop_timeout=100, prep_timeout=200))
        floor.says(SYSTEM, flow("g1", flowing=False))
        assert floor.turn("r1").drop_until == START + 100
        floor.queued("ca-mau")
        floor.says(MODERATOR, call("r2"))
        assert floor.of("r2").checks.prep_until == START + 200

    def test_requests_that_wait_for_approval_go_on_waiting(self) -> None:
        floor = Floor()
        floor.request()
        floor.says(MODERATOR, change(auto_accept=True))
        assert floor.is_in("r1") is RequestState.PENDING
