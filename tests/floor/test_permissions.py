"""Who may do what, and what each command does to a request in each state."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.commands import Actor
from bridge.errors import Code, FloorRefused
from bridge.floor import FloorCommand, FloorSetup, FloorState, decide
from bridge.floor.commands import ListState, PriorityClass, SetList
from bridge.ids import Role
from tests.floor.playbook import (
    MODERATOR,
    STAGE,
    SYSTEM,
    TECHNICIAN,
    Floor,
    accept,
    ask,
    cancel,
    check,
    deny,
    extend,
    grant,
    host,
    mark_live,
    move,
    release,
    revoke,
)

H, M, S = Role.HOST, Role.MODERATOR, Role.SYSTEM
ACTORS = {H: host("dien-bien"), M: MODERATOR, S: SYSTEM, Role.TECHNICIAN: TECHNICIAN}
ACTORS[Role.STAGE] = STAGE

WHO_MAY: list[tuple[FloorCommand, set[Role]]] = [
    (ask(site="dien-bien"), {H, M}),
    (accept("r1"), {M}),
    (deny("r1"), {M}),
    (cancel("r1"), {H, M}),
    (move("r1", before="r2"), {M}),
    (grant("r1"), {M}),
    (release("r1"), {H, M}),
    (revoke("r1"), {M}),
    (extend("r1", 60), {M}),
    (SetList(cmd_id="c", state=ListState.CLOSED), {M}),
    (mark_live("g1"), {S}),
    (check(), {S}),
]


def _code(floor: Floor, actor: Actor, command: FloorCommand) -> Code | None:
    try:
        floor.says(actor, command)
    except FloorRefused as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(
    ("command", "roles"), WHO_MAY, ids=[type(command).__name__ for command, _ in WHO_MAY]
)
@pytest.mark.parametrize("role", list(Role))
def test_roles(command: FloorCommand, roles: set[Role], role: Role) -> None:
    """A role without the right learns nothing about the request, not even whether it exists."""
    floor = Floor()
    if role in roles:
        assert _code(floor, ACTORS[role], command) is not Code.ROLE_FORBIDDEN
        return
    refusal = floor.refuses(ACTORS[role], command)
    assert refusal.code is Code.ROLE_FORBIDDEN
    tag = command.__struct_config__.tag
    assert refusal.details == {"role": role.value, "command": tag}
    assert "moderator" in refusal.message


@pytest.mark.parametrize("command", [cancel, release])
def test_a_host_acts_for_its_own_site_only(command: Callable[[str], FloorCommand]) -> None:
    floor = Floor()
    floor.live()
    refusal = floor.refuses(host("lao-cai"), command("r1"))
    assert refusal.code is Code.NOT_YOURS
    assert refusal.details == {"site": "dien-bien", "own_site": "lao-cai"}


@pytest.mark.parametrize(
    "command", [accept, deny, cancel, grant, release, revoke, lambda r: extend(r, 1)]
)
def test_an_unknown_request_is_refused(command: Callable[[str], FloorCommand]) -> None:
    refusal = Floor().refuses(MODERATOR, command("r7"))
    assert refusal.code is Code.REQUEST_UNKNOWN
    assert refusal.details == {"request": "r7"}


def _reach(state: str) -> Floor:
    """Return a floor on which request r1 is in *state*, r2 queued and r3 queued."""
    floor = Floor()
    ways: dict[str, list[tuple[Actor, FloorCommand]]] = {
        "pending": [],
        "queued": [(MODERATOR, accept("r1"))],
        "arming": [(MODERATOR, accept("r1")), (MODERATOR, grant("r1"))],
        "denied": [(MODERATOR, deny("r1"))],
        "cancelled": [(MODERATOR, cancel("r1"))],
    }
    ways["live"] = [*ways["arming"], (SYSTEM, mark_live("g1"))]
    ways["revoking"] = [*ways["live"], (MODERATOR, revoke("r1"))]
    ways["released"] = [*ways["live"], (MODERATOR, release("r1"))]
    ways["revoked"] = [*ways["arming"], (MODERATOR, revoke("r1"))]
    if state == "filed":
        floor.queued(name="Một", priority_class=PriorityClass.WRITTEN)
    else:
        floor.request(name="Một")
        for actor, command in ways[state]:
            floor.says(actor, command)
    floor.queued(name="Hai")
    floor.queued(name="Ba")
    assert floor.of("r1").state.value == state
    return floor


#: What each command does: an event, "-" for nothing, "busy", or "wrong" for a refusal.
OUTCOMES = """
           accept           deny           cancel            move          grant         release        revoke         extend
pending    RequestAccepted  RequestDenied  RequestCancelled  wrong         wrong         wrong          wrong          wrong
queued     -                wrong          RequestCancelled  RequestMoved  FloorGranted  wrong          wrong          wrong
filed      -                wrong          RequestCancelled  wrong         wrong         wrong          wrong          wrong
arming     wrong            wrong          wrong             wrong         busy          FloorReleased  FloorRevoked   FloorExtended
live       wrong            wrong          wrong             wrong         busy          FloorReleased  RevokeStarted  FloorExtended
revoking   wrong            wrong          wrong             wrong         busy          FloorReleased  -              wrong
released   wrong            wrong          wrong             wrong         wrong         -              wrong          wrong
denied     wrong            -              wrong             wrong         wrong         wrong          wrong          wrong
cancelled  wrong            wrong          -                 wrong         wrong         wrong          wrong          wrong
revoked    wrong            wrong          wrong             wrong         wrong         wrong          -              wrong
"""  # noqa: E501 - a table
COMMANDS: dict[str, FloorCommand] = {
    "accept": accept("r1"),
    "deny": deny("r1"),
    "cancel": cancel("r1"),
    "move": move("r1", after="r3"),
    "grant": grant("r1"),
    "release": release("r1"),
    "revoke": revoke("r1"),
    "extend": extend("r1", 60),
}


def _rows() -> list[tuple[str, str, str]]:
    header, *rows = OUTCOMES.strip().splitlines()
    return [
        (state, command, outcome)
        for state, *outcomes in map(str.split, rows)
        for command, outcome in zip(header.split(), outcomes, strict=True)
    ]


@pytest.mark.parametrize(("state", "command", "outcome"), _rows())
def test_every_command_in_every_state(state: str, command: str, outcome: str) -> None:
    floor = _reach(state)
    if outcome in {"wrong", "busy"}:
        refusal = floor.refuses(MODERATOR, COMMANDS[command])
        expected = {"name": "Một", "site": "dien-bien", "request": "r1"}
        if outcome == "busy":
            assert refusal.code is Code.FLOOR_BUSY
        else:
            assert refusal.code is Code.WRONG_STATE
            expected["state"] = state
        assert refusal.details == expected
        assert refusal.message.startswith("Một (dien-bien) ")
    else:
        events = floor.says(MODERATOR, COMMANDS[command])
        assert [type(event).__name__ for event in events] == ([] if outcome == "-" else [outcome])


def test_a_request_that_never_spoke_has_no_turn() -> None:
    with pytest.raises(LookupError, match=r"r1 \(pending\)"):
        _ = _reach("pending").of("r1").turn


def test_a_command_nobody_knows_is_refused() -> None:
    with pytest.raises(KeyError):
        decide(FloorSetup(sites=()), FloorState(), MODERATOR, object(), 0.0)  # type: ignore[arg-type]
