"""What must be true after a crash, as functions of what was seen. Pure.

Each returns the sentences that say what is wrong; an empty list is a pass. The
storm feeds them what really happened, ``test_checker`` what must never happen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from bridge.commands import Actor
from bridge.errors import FloorRefused
from bridge.protocol.codec import decode_client
from bridge.protocol.messages import ClientStruct
from bridge.state import (
    SessionCommand,
    SessionEvent,
    SessionSetup,
    SessionState,
    decide,
    fold,
    initial,
)
from bridge.store.commit import GENESIS, Commit, decode

__all__ = ["Answer", "Entry", "LogChecker", "Seen", "diverged", "unlike_log"]

_events = msgspec.json.Decoder(list[SessionEvent])


@dataclass(frozen=True)
class Entry:
    """One entry of the log as the store gives it: stream id, stored bytes, stored hash."""

    id: str
    data: bytes
    hash: str


@dataclass(frozen=True)
class Answer:
    """The final answer to a command.

    Attributes:
        actor: whose token it was.
        message: the command as sent.
        code: empty for an ack, else that of the nack; never one that leaves the outcome unclear.
        rev: what the answer carried.
        sent, at: Unix seconds when it was first sent, and when the answer came.
    """

    actor: Actor
    message: Mapping[str, Any]
    code: str
    rev: int
    sent: float
    at: float

    @property
    def key(self) -> tuple[str, str]:
        """What names a command for ever."""
        return self.actor.key, self.message["cmd_id"]

    def __str__(self) -> str:
        said = self.code or f"ack of {self.rev}"
        return f"{self.actor.role} {self.actor.key}: {dict(self.message)} ({said})"


@dataclass(frozen=True)
class Seen:
    """A view somebody has; *audience* is role and site."""

    who: str
    audience: tuple[str, str]
    rev: int
    view: Mapping[str, Any]


class LogChecker:
    """Reads a log as it grows and holds every answer against it.

    Attributes:
        rev, head: the newest entry taken in.
        state: the session there, folded from nothing but the log.
    """

    def __init__(self, setup: SessionSetup) -> None:
        self.rev = 0
        self.head: Entry | None = None
        self.state: SessionState = initial(setup)
        self._setup = setup
        self._at = 0.0
        self._effects: dict[tuple[str, str], int] = {}

    def take(self, entries: Sequence[Entry], answers: Iterable[Answer]) -> list[str]:
        """Take in what was appended since the last time and what was answered meanwhile.

        Args:
            entries: from :attr:`head` on, that one included.
            answers: all final answers since the last time.
        """
        if self.head is not None:
            if not entries or entries[0] != self.head:
                return [f"lost: revision {self.rev} is not what it was"]
            entries = entries[1:]
        problems = self._broken_chain(entries)
        if problems:
            return problems
        first = self.rev
        commits = [decode(entry.data) for entry in entries]
        acks: dict[int, list[Answer]] = {}
        for answer in answers:
            acks.setdefault(-1 if answer.code else answer.rev, []).append(answer)
        refused = acks.pop(-1, [])
        problems += self._doubled(commits)
        problems += self._answered_here(acks.pop(first, []))
        for entry, commit in zip(entries, commits, strict=True):
            mine = acks.pop(commit.rev, [])
            problems += self._step(entry, commit, mine)
        for answer in (one for rest in acks.values() for one in rest):
            problems.append(f"lost: the log has revisions {first} to {self.rev}, but {answer}")
        for answer in refused:
            if answer.key in self._effects:
                problems.append(f"refused, yet revision {self._effects[answer.key]}: {answer}")
        return problems

    def _broken_chain(self, entries: Sequence[Entry]) -> list[str]:
        rev, before = self.rev, self.head.hash if self.head else GENESIS
        for entry in entries:
            rev += 1
            stored = json.loads(entry.data)
            if entry.id != f"{rev}-0" or stored["rev"] != rev:
                return [f"not dense: entry {entry.id} holds {stored['rev']}, expected {rev}"]
            if entry.hash != hashlib.sha256(entry.data).hexdigest():
                return [f"chain broken: revision {rev} is not what its hash says"]
            if stored["prev_hash"] != before:
                return [f"chain broken: revision {rev} does not follow {rev - 1}"]
            before = entry.hash
        return []

    def _doubled(self, commits: Iterable[Commit]) -> list[str]:
        problems = []
        for commit in commits:
            key = (commit.actor.key, commit.cmd_id)
            before = self._effects.setdefault(key, commit.rev)
            if before != commit.rev:
                problems.append(f"applied twice: {key} at revisions {before} and {commit.rev}")
        return problems

    def _step(self, entry: Entry, commit: Commit, acked: Sequence[Answer]) -> list[str]:
        """Fold *commit*, and check what was acknowledged at its revision."""
        events = _events.decode(commit.events)
        problems = []
        for answer in acked:
            if answer.key == (commit.actor.key, commit.cmd_id):
                problems += self._other_effect(answer, commit, events)
        self.state = fold(self._setup, self.state, commit.actor, events, commit.at, commit.rev)
        self.rev, self.head, self._at = commit.rev, entry, commit.at
        return problems + self._answered_here(
            [one for one in acked if one.key != (commit.actor.key, commit.cmd_id)]
        )

    def _other_effect(
        self, answer: Answer, commit: Commit, events: Sequence[SessionEvent]
    ) -> list[str]:
        """Check that *commit* is what the command does to the state before it."""
        expected = answer.message.get("expected_rev")
        if expected is not None and commit.rev != expected + 1:
            return [f"not at the revision expected: {answer}"]
        if commit.actor != answer.actor:
            return [f"revision {commit.rev} says {commit.actor}: {answer}"]
        if self._decided(answer, commit.at) != list(events):
            return [f"revision {commit.rev} holds another effect: {answer}"]
        return []

    def _answered_here(self, acked: Iterable[Answer]) -> list[str]:
        """Check acks that carry the present revision but are not its commit's.

        Either such a command was so already, or its effect was lost. It was so already
        exactly if the rules, asked again about that state, let nothing happen.
        """
        problems = []
        for answer in acked:
            found = self._effects.get(answer.key)
            if found is not None:
                problems.append(f"acknowledged at another revision than its own {found}: {answer}")
            elif [] not in (self._decided(answer, self._at), self._decided(answer, answer.at)):
                problems.append(f"lost: no commit, and it was not so already: {answer}")
        return problems

    def _decided(self, answer: Answer, now: float) -> list[SessionEvent] | None:
        """Return what the rules make of the command in the present state, None if they refuse."""
        try:
            return decide(self._setup, self.state, answer.actor, _command(answer), now)
        except FloorRefused:
            return None


def _command(answer: Answer) -> SessionCommand:
    command = decode_client(json.dumps(answer.message))
    assert not isinstance(command, ClientStruct)
    return command


def diverged(pages: Iterable[Seen], fresh: Iterable[Seen]) -> list[str]:
    """Compare what pages have, patch by patch, with what a new page of their audience gets."""
    right = {one.audience: one for one in fresh}
    problems = []
    for page in pages:
        truth = right[page.audience]
        if page.rev != truth.rev:
            problems.append(f"{page.who} stands at {page.rev}, a new page at {truth.rev}")
        elif difference := _first_difference(page.view, truth.view):
            problems.append(f"{page.who} sees something else at {page.rev}: {difference}")
    return problems


def _first_difference(one: Any, other: Any, path: str = "view") -> str:
    """Say where two JSON values differ; a null member counts as absent, as in a merge patch."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in {**one, **other}:
            found = _first_difference(one.get(key), other.get(key), f"{path}.{key}")
            if found:
                return found
        return ""
    return "" if one == other else f"{path} is {one!r}, should be {other!r}"


def unlike_log(moderator: Mapping[str, Any], state: SessionState) -> list[str]:
    """Compare a moderator's view with the session the log alone gives."""
    floor, show = state.floor, state.show
    now = [item["id"] for item in moderator["agenda"] if item["state"] == "now"]
    told = {name: moderator[name] for name in ("queue", "pending", "filed", "speaking")}
    told |= {"list_state": moderator["list_state"], "item": now}
    told |= {bus: moderator[bus]["source"] for bus in ("program", "preview")}
    true: dict[str, Any] = {
        "queue": list(floor.queue),
        "pending": list(floor.pending),
        "filed": list(floor.filed),
        "speaking": list(floor.speaking),
        "list_state": floor.list_state.value,
        "item": [show.item] if show.item else [],
        "program": show.program.source,
        "preview": show.preview.source,
    }
    problems = [
        f"moderators see {name} {told[name]}, the log says {true[name]}"
        for name in true
        if told[name] != true[name]
    ]
    for key, shown in moderator["requests"].items():
        request = floor.requests[key]
        for name in ("site", "name", "title", "topic", "priority_class", "status", "reason"):
            if shown[name] != getattr(request, name):
                right = getattr(request, name)
                problems.append(f"{key}: {name} is {shown[name]!r}, the log says {right!r}")
        if ((shown.get("grant") or {}).get("id")) != (request.grant.id if request.grant else None):
            problems.append(f"{key}: the grant is {shown.get('grant')}, not {request.grant}")
    return problems
