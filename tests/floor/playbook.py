"""A floor that is played by commands, at times the test sets, and asserts on everything."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.commands import Actor
from bridge.errors import FloorRefused
from bridge.floor import (
    FloorCommand,
    FloorEvent,
    FloorPolicy,
    FloorSetup,
    FloorState,
    decide,
    evolve,
)
from bridge.floor.commands import (
    AcceptRequest,
    CancelRequest,
    CheckDeadlines,
    DenyRequest,
    EditRequest,
    ExtendFloor,
    GrantFloor,
    MarkLive,
    MoveRequest,
    PauseFloor,
    PriorityClass,
    ReleaseFloor,
    RequestFloor,
    ResumeFloor,
    RevokeFloor,
)
from bridge.floor.state import Grant, Request
from bridge.ids import Role

SITES = ("ha-noi", "dien-bien", "lao-cai", "ca-mau")
MODERATOR = Actor(role=Role.MODERATOR, name="Ban tổ chức", key="m1")
TECHNICIAN = Actor(role=Role.TECHNICIAN, key="t1")
STAGE = Actor(role=Role.STAGE, key="s1")
SYSTEM = Actor(role=Role.SYSTEM)
START = 1_638_756_000.0  # 6 December 2021, 09:00 in Hanoi


def host(site: str) -> Actor:
    return Actor(role=Role.HOST, site=site, key=f"h-{site}")


class Floor:
    """Decides and evolves; ``now`` is seconds since the start of the test."""

    def __init__(self, **policy: Any) -> None:
        self.setup = FloorSetup(sites=SITES, policy=FloorPolicy(**policy))
        self.state = FloorState()
        self.now = 0.0
        self.log: list[tuple[float, FloorEvent]] = []

    def says(self, actor: Actor, command: FloorCommand) -> list[FloorEvent]:
        """Play *command* and return what it made happen."""
        at = START + self.now
        events = decide(self.setup, self.state, actor, command, at)
        for event in events:
            self.state = evolve(self.state, event, at)
            self.log.append((at, event))
        return events

    def refuses(self, actor: Actor, command: FloorCommand) -> FloorRefused:
        """Play *command*, which must be refused and change nothing."""
        before = self.state
        with pytest.raises(FloorRefused) as caught:
            self.says(actor, command)
        assert self.state is before
        assert caught.value.message.endswith(".")
        assert str(caught.value) == caught.value.message
        return caught.value

    def request(
        self, site: str = "dien-bien", name: str = "Lò Văn An", by: Actor | None = None, **more: Any
    ) -> str:
        """Make a request, by the site's host unless *by* says who, and return its id."""
        self.says(by or host(site), ask(name, site=site, **more))
        return f"r{self.state.requests_made}"

    def queued(self, site: str = "dien-bien", name: str = "Lò Văn An", **more: Any) -> str:
        """Return a request in the queue."""
        return self.request(site, name, by=MODERATOR, **more)

    def live(self, site: str = "dien-bien", name: str = "Lò Văn An", **more: Any) -> str:
        """Return a request that is speaking since now."""
        request = self.queued(site, name, **more)
        self.says(MODERATOR, grant(request))
        self.says(SYSTEM, mark_live(self.turn(request).id))
        return request

    def of(self, request: str) -> Request:
        return self.state.requests[request]

    def turn(self, request: str) -> Grant:
        return self.of(request).turn


def ask(
    name: str = "Lò Văn An",
    *,
    site: str = "",
    title: str = "",
    topic: str = "",
    priority_class: PriorityClass = PriorityClass.NORMAL,
) -> RequestFloor:
    return RequestFloor(
        cmd_id="c", name=name, title=title, topic=topic, priority_class=priority_class, site=site
    )


def accept(request: str) -> AcceptRequest:
    return AcceptRequest(cmd_id="c", request=request)


def deny(request: str, reason: str = "") -> DenyRequest:
    return DenyRequest(cmd_id="c", request=request, reason=reason)


def cancel(request: str, reason: str = "") -> CancelRequest:
    return CancelRequest(cmd_id="c", request=request, reason=reason)


def edit(request: str, name: str, *, title: str = "", topic: str = "") -> EditRequest:
    return EditRequest(cmd_id="c", request=request, name=name, title=title, topic=topic)


def move(request: str, *, before: str = "", after: str = "") -> MoveRequest:
    return MoveRequest(cmd_id="c", request=request, before=before, after=after)


def grant(request: str, *, override: bool = True) -> GrantFloor:
    return GrantFloor(cmd_id="c", request=request, override=override)


def release(request: str) -> ReleaseFloor:
    return ReleaseFloor(cmd_id="c", request=request)


def revoke(request: str, reason: str = "") -> RevokeFloor:
    return RevokeFloor(cmd_id="c", request=request, reason=reason)


def pause(request: str) -> PauseFloor:
    return PauseFloor(cmd_id="c", request=request)


def resume(request: str) -> ResumeFloor:
    return ResumeFloor(cmd_id="c", request=request)


def extend(request: str, seconds: int) -> ExtendFloor:
    return ExtendFloor(cmd_id="c", request=request, seconds=seconds)


def mark_live(grant_id: str) -> MarkLive:
    return MarkLive(cmd_id="c", grant=grant_id)


def check() -> CheckDeadlines:
    return CheckDeadlines(cmd_id="c")
