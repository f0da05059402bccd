"""The checker finds what must never happen: each made-up history has one fault, or none."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from bridge.commands import Actor
from bridge.floor.commands import MarkLive
from bridge.ids import Role
from bridge.protocol.codec import decode_client
from bridge.protocol.messages import ClientStruct
from bridge.records import state_at
from bridge.state import (
    FloorPolicy,
    SessionCommand,
    SessionSetup,
    SessionState,
    decide,
    fold,
    initial,
)
from bridge.store.commit import Commit, following
from tests.crash.checker import Answer, Entry, LogChecker, Seen, diverged, unlike_log

SETUP = SessionSetup(
    id="plenary", venue="ha-noi", sites=("ha-noi", "son-la"), policy=FloorPolicy(arm_timeout=5.0)
)
MODERATOR = Actor(role=Role.MODERATOR, name="Bà Hương", key="m1")
COLLEAGUE = Actor(role=Role.MODERATOR, name="Ông Tư", key="m2")
START = 1_000_000.0


class Server:
    """A server that makes a right log, unless it is told to do wrong."""

    def __init__(self) -> None:
        self.state: SessionState = initial(SETUP)
        self.commits: list[Commit] = []
        self.answers: list[Answer] = []
        self.now = START

    def command(self, kind: str, *, by: Actor = MODERATOR, **fields: Any) -> Answer:
        """Carry out a command and acknowledge it."""
        self.now += 1
        cmd_id = fields.pop("cmd_id", f"c{len(self.answers)}")
        message = {"type": kind, "cmd_id": cmd_id, **fields}
        self.carry_out(message, by)
        answer = Answer(by, message, "", len(self.commits), self.now, self.now)
        self.answers.append(answer)
        return answer

    def carry_out(self, message: dict[str, Any], by: Actor = MODERATOR) -> None:
        command = decode_client(json.dumps(message))
        assert not isinstance(command, ClientStruct)
        self.append(command, by)

    def append(self, command: SessionCommand, by: Actor) -> None:
        events = decide(SETUP, self.state, by, command, self.now)
        if events:
            head = self.commits[-1] if self.commits else None
            commit = following(head, at=self.now, actor=by, cmd_id=command.cmd_id, events=events)
            self.commits.append(commit)
            self.state = fold(SETUP, self.state, by, events, self.now, commit.rev)

    def entries(self) -> list[Entry]:
        return [Entry(f"{one.rev}-0", one.data, one.hash) for one in self.commits]

    def problems(self) -> list[str]:
        return LogChecker(SETUP).take(self.entries(), self.answers)


@pytest.fixture
def server() -> Server:
    """Four commits and one command that was so already."""
    server = Server()
    server.command("request_floor", name="Ông Bình", site="son-la")
    server.command("request_floor", name="Bà Lan", site="son-la", by=COLLEAGUE)
    server.command("move_request", request="r2", before="r1", expected_rev=2)
    server.command("move_request", request="r2", before="r1", by=COLLEAGUE)
    server.command("set_preview", source="camera:son-la")
    assert [one.rev for one in server.answers] == [1, 2, 3, 3, 4]
    return server


def only(problems: list[str], word: str) -> None:
    """Exactly one thing is wrong, and it is called *word*."""
    assert len(problems) == 1, problems
    assert word in problems[0]


def test_a_right_history_passes(server: Server) -> None:
    server.answers.append(replace(server.answers[0], message={"cmd_id": "no"}, code="floor_busy"))
    assert server.problems() == []


def test_a_right_history_passes_in_parts(server: Server) -> None:
    checker = LogChecker(SETUP)
    entries = server.entries()
    assert checker.take([], []) == []
    assert checker.take(entries[:2], server.answers[:2]) == []
    assert checker.take(entries[1:3], server.answers[2:4]) == []
    assert checker.take(entries[2:], server.answers[4:]) == []
    assert checker.rev == 4
    assert checker.state == server.state
    assert checker.take(entries[3:], []) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "request_floor", "name": "Bà Mai", "site": "son-la"},
        {"type": "move_request", "request": "r1", "before": "r2"},
        {"type": "take", "source": "camera:son-la"},
        {"type": "grant_floor", "request": "r1"},
        {"type": "accept_request", "request": "r9"},
    ],
)
@pytest.mark.parametrize("rev", [0, 2, 4])
def test_a_lost_ack(server: Server, fields: dict[str, Any], rev: int) -> None:
    """Acknowledged, not in the log, and not so already at the revision it was acknowledged at."""
    lost = Answer(MODERATOR, {**fields, "cmd_id": "lost"}, "", rev, server.now, server.now)
    server.answers.append(lost)
    if fields["type"] == "move_request" and rev == 2:
        assert server.problems() == []  # r1 stood before r2 then
    else:
        only(server.problems(), "lost: no commit")


def test_a_lost_ack_whose_revision_is_another_s(server: Server) -> None:
    """The log was cut and went on: the revision is there, but it is somebody else's."""
    server.commits.pop()
    server.state = state_at(SETUP, server.commits, 3)
    server.command("set_list", state="closed", by=COLLEAGUE)
    assert server.answers[-1].rev == 4
    only(server.problems(), "lost: no commit")


def test_the_end_of_the_log_is_gone(server: Server) -> None:
    checker = LogChecker(SETUP)
    only(checker.take(server.entries()[:-1], server.answers), "lost")


def test_what_was_checked_before_is_gone(server: Server) -> None:
    checker = LogChecker(SETUP)
    assert checker.take(server.entries(), server.answers) == []
    only(checker.take([], []), "lost")


def test_what_was_checked_before_is_replaced(server: Server) -> None:
    checker = LogChecker(SETUP)
    entries = server.entries()
    assert checker.take(entries[:3], server.answers[:4]) == []
    server.commits[2:] = []
    server.now += 1
    server.carry_out({"type": "set_list", "cmd_id": "x", "state": "closed"})
    only(checker.take(server.entries()[2:], []), "lost")


def test_so_already_at_a_revision_where_it_was_not(server: Server) -> None:
    late = server.answers[3]
    server.answers[3] = replace(late, rev=2)
    only(server.problems(), "not so already")


def test_so_already_depends_on_time() -> None:
    """To take time from a speech that has none left changes nothing; before, it would have."""
    server = Server()
    server.command("request_floor", name="Ông Bình", site="son-la")
    server.command("grant_floor", request="r1", override=True)
    server.append(MarkLive(cmd_id="live", grant="g1"), Actor(role=Role.SYSTEM))
    server.now += SETUP.policy.first_limit
    late = server.command("extend_floor", request="r1", seconds=-60)
    assert late.rev == 3
    assert server.problems() == []
    server.answers[-1] = replace(late, at=START)
    only(server.problems(), "not so already")


def test_a_doubled_command(server: Server) -> None:
    twice = server.command("request_floor", name="Bà Mai", site="son-la")
    server.carry_out({**twice.message, "name": "Bà Mai Hoa"})
    only(server.problems(), "applied twice")


def test_a_command_doubled_after_a_part_was_checked(server: Server) -> None:
    checker = LogChecker(SETUP)
    assert checker.take(server.entries(), server.answers) == []
    again = dict(server.answers[0].message)
    server.carry_out({**again, "name": "Người khác"})
    only(checker.take(server.entries()[3:], []), "applied twice")


def test_the_same_id_of_another_link_is_another_command(server: Server) -> None:
    server.command("set_list", state="closed", cmd_id="same")
    server.command("set_list", state="open", cmd_id="same", by=COLLEAGUE)
    assert server.problems() == []


def test_an_ack_at_a_wrong_revision(server: Server) -> None:
    server.answers[1] = replace(server.answers[1], rev=3)
    only(server.problems(), "another revision")


def test_a_refused_command_that_had_an_effect(server: Server) -> None:
    server.answers[1] = replace(server.answers[1], code="wrong_state")
    only(server.problems(), "refused, yet revision 2")


def test_an_effect_that_is_not_the_command_s(server: Server) -> None:
    server.answers[4] = replace(
        server.answers[4], message={**server.answers[4].message, "source": "camera:ha-noi"}
    )
    only(server.problems(), "another effect")


def test_an_effect_under_another_name(server: Server) -> None:
    server.answers[1] = replace(server.answers[1], actor=replace_name(COLLEAGUE, "Ai đó"))
    only(server.problems(), "revision 2 says")


def replace_name(actor: Actor, name: str) -> Actor:
    return msgspec.structs.replace(actor, name=name)


def test_an_effect_on_another_revision_than_the_one_expected(server: Server) -> None:
    message = {**server.answers[2].message, "expected_rev": 1}
    server.answers[2] = replace(server.answers[2], message=message)
    only(server.problems(), "not at the revision expected")


def test_a_gap(server: Server) -> None:
    del server.commits[1]
    only(LogChecker(SETUP).take(server.entries(), []), "not dense")


def test_a_changed_commit(server: Server) -> None:
    entries = server.entries()
    changed = entries[1].data.replace("Bà Lan".encode(), "Bà Lam".encode())
    entries[1] = Entry(entries[1].id, changed, entries[1].hash)
    only(LogChecker(SETUP).take(entries, []), "not what its hash says")


def test_a_changed_commit_with_its_hash_made_new(server: Server) -> None:
    commit = server.commits[1]
    events = commit.events.replace("Bà Lan".encode(), "Bà Lam".encode())
    changed = replace(commit, events=events, data=b"")
    assert changed.data != commit.data
    server.commits[1] = changed
    only(LogChecker(SETUP).take(server.entries(), []), "does not follow 2")


VIEW: dict[str, Any] = {
    "queue": ["r1", "r2"],
    "requests": {"r1": {"name": "Ông Bình", "grant": None}},
}
AUDIENCE = ("moderator", "")


def seen(view: dict[str, Any], rev: int = 7, who: str = "moderator-1") -> Seen:
    return Seen(who, AUDIENCE, rev, view)


def test_views_that_are_the_same() -> None:
    patched = copy.deepcopy(VIEW)
    del patched["requests"]["r1"]["grant"]
    assert diverged([seen(VIEW), seen(patched, who="moderator-2")], [seen(VIEW)]) == []


@pytest.mark.parametrize(
    "other",
    [
        {**VIEW, "queue": ["r2", "r1"]},
        {**VIEW, "queue": ["r1"]},
        {**VIEW, "pending": []},
        {"queue": VIEW["queue"]},
        {**VIEW, "requests": {"r1": {"name": "Ông Bình", "grant": {"id": "g1"}}}},
        {**VIEW, "requests": {"r1": {"name": "Ông Bính"}}},
    ],
)
def test_a_diverged_view(other: dict[str, Any]) -> None:
    only(diverged([seen(VIEW), seen(other, who="moderator-2")], [seen(VIEW)]), "moderator-2 sees")


def test_a_page_that_stays_behind() -> None:
    only(diverged([seen(VIEW, 6)], [seen(VIEW)]), "stands at 6")


def moderators_view(state: SessionState) -> dict[str, Any]:
    """What the moderators of the fixture's session should see."""
    floor = state.floor
    requests = {
        key: {
            "site": one.site,
            "name": one.name,
            "title": one.title,
            "topic": one.topic,
            "priority_class": one.priority_class.value,
            "status": one.status.value,
            "reason": one.reason,
        }
        for key, one in floor.requests.items()
    }
    return {
        "queue": ["r2", "r1"],
        "pending": [],
        "filed": [],
        "speaking": [],
        "list_state": "open",
        "agenda": [{"id": "opening", "state": "next"}],
        "program": {"source": "camera:ha-noi"},
        "preview": {"source": "camera:son-la"},
        "requests": requests,
    }


def test_a_view_as_the_log_says(server: Server) -> None:
    assert unlike_log(moderators_view(server.state), server.state) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"queue": ["r1", "r2"]}, "see queue"),
        ({"pending": ["r3"]}, "see pending"),
        ({"list_state": "closed"}, "see list_state"),
        ({"preview": {"source": ""}}, "see preview"),
        ({"agenda": [{"id": "opening", "state": "now"}]}, "see item"),
    ],
)
def test_a_view_that_is_not_what_the_log_says(
    server: Server, change: dict[str, Any], word: str
) -> None:
    only(unlike_log({**moderators_view(server.state), **change}, server.state), word)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "Ai đó"), ("status", "granted"), ("grant", {"id": "g9"}), ("site", "ha-noi")],
)
def test_a_request_that_is_not_what_the_log_says(server: Server, field: str, value: object) -> None:
    view = moderators_view(server.state)
    view["requests"]["r1"][field] = value
    only(unlike_log(view, server.state), "r1")
