"""Who may do what, and what each command does to a request in each state."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest

from bridge.commands import Actor
from bridge.errors import Code, FloorRefused
from bridge.floor import FloorCommand, FloorSetup, FloorState, decide
from bridge.floor.commands import Check, ListState, PriorityClass
from bridge.floor.tables import RequestState
from bridge.ids import Role
from tests.floor.playbook import (
    MODERATOR,
    STAGE,
    SYSTEM,
    TECHNICIAN,
    Floor,
    accept,
    apply,
    ask,
    call,
    cancel,
    change,
    check,
    checks,
    clear,
    confirm,
    correct,
    deny,
    edit,
    extend,
    file,
    flow,
    following,
    give_back,
    grant,
    host,
    keep,
    link,
    mark_live,
    move,
    pause,
    phone,
    readd,
    release,
    restore,
    resume,
    revoke,
    set_list,
    unaccept,
    unfile,
    withdraw,
)

D, H, M, S = Role.DELEGATE, Role.HOST, Role.MODERATOR, Role.SYSTEM
ACTORS = {
    D: phone("dien-bien"),
    H: host("dien-bien"),
    M: MODERATOR,
    S: SYSTEM,
    Role.TECHNICIAN: TECHNICIAN,
    Role.STAGE: STAGE,
}

WHO_MAY: list[tuple[FloorCommand, set[Role]]] = [
    (ask(site="dien-bien"), {D, H, M}),
    (accept("r1"), {M}),
    (unaccept("r1"), {M}),
    (file("r1"), {M}),
    (unfile("r1"), {M}),
    (readd("r1"), {M}),
    (clear(0), {M}),
    (deny("r1"), {M}),
    (cancel("r1"), {D, H, M}),
    (edit("r1", "Lò Văn An"), {D, H, M}),
    (move("r1", before="r2"), {M}),
    (apply(), {M}),
    (restore(), {M}),
    (call("r1"), {M}),
    (following("r1", "r2"), {M}),
    (give_back("r1"), {H, M}),
    (confirm("r1"), {H, M}),
    (grant("r1"), {M}),
    (withdraw("r1"), {M}),
    (release("r1"), {H, M}),
    (revoke("r1"), {M}),
    (keep("r1"), {M}),
    (pause("r1"), {M}),
    (resume("r1"), {M}),
    (extend("r1", 60), {M}),
    (correct("r1", 60), {M}),
    (set_list(ListState.CLOSED), {M}),
    (change(capacity=2), {M}),
    (link("dien-bien", up=False), {S}),
    (flow("g1", flowing=False), {S}),
    (checks("r1"), {S}),
    (mark_live("g1"), {S}),
    (check(), {S}),
]


def test_every_command_is_asked_about() -> None:
    assert {type(command) for command, _ in WHO_MAY} == set(get_args(FloorCommand))


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


@pytest.mark.parametrize(
    "command", [cancel, release, give_back, confirm, lambda r: edit(r, "Một người khác")]
)
def test_a_host_acts_for_its_own_site_only(command: Callable[[str], FloorCommand]) -> None:
    floor = Floor()
    floor.live()
    refusal = floor.refuses(host("lao-cai"), command("r1"))
    assert refusal.code is Code.NOT_YOURS
    assert refusal.details == {"site": "dien-bien", "own_site": "lao-cai"}


ABOUT_ONE: dict[str, FloorCommand] = {
    "accept": accept("r1"),
    "unaccept": unaccept("r1"),
    "file": file("r1"),
    "unfile": unfile("r1"),
    "readd": readd("r1"),
    "deny": deny("r1"),
    "cancel": cancel("r1"),
    "edit": edit("r1", "Một người khác"),
    "move": move("r1", after="r3"),
    "call": call("r1"),
    "give_back": give_back("r1"),
    "confirm": confirm("r1"),
    "grant": grant("r1"),
    "withdraw": withdraw("r1"),
    "release": release("r1"),
    "revoke": revoke("r1"),
    "keep": keep("r1"),
    "pause": pause("r1"),
    "resume": resume("r1"),
    "extend": extend("r1", 60),
    "correct": correct("r1", 60),
}


@pytest.mark.parametrize("command", ABOUT_ONE.values(), ids=ABOUT_ONE)
def test_an_unknown_request_is_refused(command: FloorCommand) -> None:
    refusal = Floor().refuses(MODERATOR, command)
    assert refusal.code is Code.REQUEST_UNKNOWN
    assert refusal.details == {"request": "r1"}


def _reach(state: str) -> Floor:
    """Return a floor on which request r1 is in *state*, r2 queued and r3 queued."""
    floor = Floor(prep_timeout=600)
    ways: dict[str, list[tuple[Actor, FloorCommand]]] = {
        "pending": [],
        "queued": [(MODERATOR, accept("r1"))],
        "filed": [(MODERATOR, file("r1"))],
        "denied": [(MODERATOR, deny("r1"))],
        "cancelled": [(MODERATOR, cancel("r1"))],
    }
    ways["held"] = [*ways["queued"], (SYSTEM, link("dien-bien", up=False))]
    ways["checking"] = [*ways["queued"], (MODERATOR, call("r1"))]
    ways["ready"] = [*ways["checking"], (SYSTEM, checks("r1"))]
    ways["failed"] = [*ways["ready"], (SYSTEM, checks("r1", Check.SOUND))]
    ways["arming"] = [*ways["queued"], (MODERATOR, grant("r1"))]
    ways["live"] = [*ways["arming"], (SYSTEM, mark_live("g1"))]
    ways["paused"] = [*ways["live"], (MODERATOR, pause("r1"))]
    ways["link_lost"] = [*ways["live"], (SYSTEM, flow("g1", flowing=False))]
    ways["revoking"] = [*ways["live"], (MODERATOR, revoke("r1"))]
    ways["released"] = [*ways["live"], (MODERATOR, release("r1"))]
    ways["revoked"] = [*ways["arming"], (MODERATOR, revoke("r1"))]
    floor.request(name="Một")
    for actor, command in ways[state]:
        floor.says(actor, command)
    floor.queued(name="Hai")
    floor.queued(name="Ba")
    assert floor.is_in("r1").value == state
    return floor


#: What each command does: events, "-" for nothing, "busy", or "wrong" for a refusal.
OF_WHO_WAITS = """
           accept           unaccept           file          unfile          deny           cancel            edit           move          call          give_back  confirm          readd
pending    RequestAccepted  -                  RequestFiled  wrong           RequestDenied  RequestCancelled  RequestEdited  wrong         wrong         wrong      wrong            wrong
queued     -                RequestUnaccepted  RequestFiled  wrong           wrong          RequestCancelled  RequestEdited  RequestMoved  CalledOnDeck  -          wrong            wrong
held       -                RequestUnaccepted  RequestFiled  wrong           wrong          RequestCancelled  RequestEdited  RequestMoved  wrong         -          wrong            wrong
checking   -                RequestUnaccepted  RequestFiled  wrong           wrong          RequestCancelled  RequestEdited  RequestMoved  -             DeckLeft   ReturnConfirmed  wrong
ready      -                RequestUnaccepted  RequestFiled  wrong           wrong          RequestCancelled  RequestEdited  RequestMoved  -             DeckLeft   ReturnConfirmed  wrong
failed     -                RequestUnaccepted  RequestFiled  wrong           wrong          RequestCancelled  RequestEdited  RequestMoved  -             DeckLeft   ReturnConfirmed  wrong
filed      -                wrong              -             RequestUnfiled  wrong          RequestCancelled  RequestEdited  wrong         wrong         wrong      wrong            wrong
arming     wrong            wrong              wrong         wrong           wrong          wrong             wrong          wrong         wrong         wrong      wrong            wrong
live       wrong            wrong              wrong         wrong           wrong          wrong             wrong          wrong         wrong         wrong      wrong            wrong
paused     wrong            wrong              wrong         wrong           wrong          wrong             wrong          wrong         wrong         wrong      wrong            wrong
link_lost  wrong            wrong              wrong         wrong           wrong          wrong             wrong          wrong         wrong         wrong      wrong            wrong
revoking   wrong            wrong              wrong         wrong           wrong          wrong             wrong          wrong         wrong         wrong      wrong            wrong
released   wrong            wrong              wrong         wrong           wrong          wrong             wrong          wrong         wrong         wrong      wrong            FloorRequested+RequestAccepted
denied     wrong            wrong              wrong         wrong           -              wrong             wrong          wrong         wrong         wrong      wrong            FloorRequested+RequestAccepted
cancelled  wrong            wrong              wrong         wrong           wrong          -                 wrong          wrong         wrong         wrong      wrong            FloorRequested+RequestAccepted
revoked    wrong            wrong              wrong         wrong           wrong          wrong             wrong          wrong         wrong         wrong      wrong            FloorRequested+RequestAccepted
"""  # noqa: E501 - a table
OF_WHO_SPEAKS = """
           grant         withdraw        release        revoke         keep           pause        resume        extend         correct
pending    wrong         wrong           wrong          wrong          wrong          wrong        wrong         wrong          wrong
queued     FloorGranted  -               wrong          wrong          wrong          wrong        wrong         wrong          wrong
held       FloorGranted  -               wrong          wrong          wrong          wrong        wrong         wrong          wrong
checking   FloorGranted  wrong           wrong          wrong          wrong          wrong        wrong         wrong          wrong
ready      FloorGranted  wrong           wrong          wrong          wrong          wrong        wrong         wrong          wrong
failed     FloorGranted  wrong           wrong          wrong          wrong          wrong        wrong         wrong          wrong
filed      wrong         wrong           wrong          wrong          wrong          wrong        wrong         wrong          wrong
arming     busy          GrantWithdrawn  FloorReleased  FloorRevoked   wrong          wrong        wrong         FloorExtended  wrong
live       busy          wrong           FloorReleased  RevokeStarted  -              FloorPaused  -             FloorExtended  wrong
paused     busy          wrong           FloorReleased  FloorRevoked   wrong          -            FloorResumed  FloorExtended  wrong
link_lost  busy          wrong           FloorReleased  FloorRevoked   wrong          wrong        wrong         FloorExtended  wrong
revoking   busy          wrong           FloorReleased  -              RevokeStopped  wrong        wrong         wrong          wrong
released   wrong         wrong           -              wrong          wrong          wrong        wrong         wrong          TimeCorrected
denied     wrong         wrong           wrong          wrong          wrong          wrong        wrong         wrong          wrong
cancelled  wrong         wrong           wrong          wrong          wrong          wrong        wrong         wrong          wrong
revoked    wrong         wrong           wrong          -              wrong          wrong        wrong         wrong          TimeCorrected
"""  # noqa: E501 - a table


def _rows(table: str) -> list[tuple[str, str, str]]:
    header, *rows = table.strip().splitlines()
    assert [row.split()[0] for row in rows] == list(RequestState)
    return [
        (state, command, outcome)
        for state, *outcomes in map(str.split, rows)
        for command, outcome in zip(header.split(), outcomes, strict=True)
    ]


@pytest.mark.parametrize(
    ("state", "command", "outcome"), [*_rows(OF_WHO_WAITS), *_rows(OF_WHO_SPEAKS)]
)
def test_every_command_in_every_state(state: str, command: str, outcome: str) -> None:
    floor = _reach(state)
    if outcome in {"wrong", "busy"}:
        refusal = floor.refuses(MODERATOR, ABOUT_ONE[command])
        expected = {"name": "Một", "site": "dien-bien", "request": "r1"}
        if outcome == "busy":
            assert refusal.code is Code.FLOOR_BUSY
        else:
            assert refusal.code is Code.WRONG_STATE
            expected["state"] = state
        assert refusal.details == expected
        assert refusal.message.startswith("Một (dien-bien) ")
    else:
        events = floor.says(MODERATOR, ABOUT_ONE[command])
        names = [] if outcome == "-" else outcome.split("+")
        assert [type(event).__name__ for event in events] == names


def test_the_tables_ask_about_every_command_on_one_request() -> None:
    asked = {command for _, command, _ in (*_rows(OF_WHO_WAITS), *_rows(OF_WHO_SPEAKS))}
    assert asked == set(ABOUT_ONE)


@pytest.mark.parametrize("priority_class", [PriorityClass.NORMAL, PriorityClass.CHAIR])
def test_of_two_moderators_granting_one_request_the_second_hears_it(
    priority_class: PriorityClass,
) -> None:
    floor = Floor(capacity=2)
    floor.queued(priority_class=priority_class)
    floor.says(MODERATOR, grant("r1"))
    assert floor.refuses(MODERATOR, grant("r1")).code is Code.FLOOR_BUSY


def test_a_request_that_never_spoke_has_no_turn() -> None:
    with pytest.raises(LookupError, match=r"r1 \(pending\)"):
        _ = _reach("pending").of("r1").turn


def test_a_request_that_is_not_on_deck_has_no_checks() -> None:
    with pytest.raises(LookupError, match=r"r1 \(held\)"):
        _ = _reach("held").of("r1").checks


def test_a_command_nobody_knows_is_refused() -> None:
    with pytest.raises(KeyError):
        decide(FloorSetup(sites=()), FloorState(), MODERATOR, object(), 0.0)  # type: ignore[arg-type]
