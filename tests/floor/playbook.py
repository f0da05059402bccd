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
    ApplyProposal,
    CallFollowing,
    CallOnDeck,
    CancelRequest,
    Check,
    CheckDeadlines,
    ClearRequests,
    ConfirmReturn,
    CorrectTime,
    DenyRequest,
    EditRequest,
    ExtendFloor,
    FileRequest,
    GrantFloor,
    KeepFloor,
    ListState,
    MarkLive,
    MoveRequest,
    PauseFloor,
    PriorityClass,
    ReaddRequest,
    ReleaseFloor,
    ReportChecks,
    ReportFlow,
    ReportLink,
    RequestFloor,
    RestoreOrder,
    ResumeFloor,
    ReturnToQueue,
    RevokeFloor,
    SetList,
    SetPolicy,
    UnacceptRequest,
    UnfileRequest,
    WithdrawGrant,
)
from bridge.floor.policy import PolicyChange
from bridge.floor.state import Grant, Request
from bridge.floor.tables import RequestState
from bridge.ids import Role

SITES = ("ha-noi", "dien-bien", "lao-cai", "ca-mau")
MODERATOR = Actor(role=Role.MODERATOR, name="Ban tổ chức", key="m1")
TECHNICIAN = Actor(role=Role.TECHNICIAN, key="t1")
STAGE = Actor(role=Role.STAGE, key="s1")
SYSTEM = Actor(role=Role.SYSTEM)
START = 1_638_756_000.0  # 6 December 2021, 09:00 in Hanoi


def host(site: str) -> Actor:
    return Actor(role=Role.HOST, site=site, key=f"h-{site}")


def phone(site: str, key: str = "p1") -> Actor:
    """Return a delegate with a phone at *site*."""
    return Actor(role=Role.DELEGATE, site=site, key=key)


class Floor:
    """Decides and evolves; ``now`` is seconds since the start of the test."""

    def __init__(self, *, max_capacity: int = 3, **policy: Any) -> None:
        self.setup = FloorSetup(
            sites=SITES, policy=FloorPolicy(**policy), max_capacity=max_capacity
        )
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

    def spoke(self, site: str, name: str, seconds: float, **more: Any) -> str:
        """Return a request whose speech has ended after *seconds*."""
        request = self.live(site, name, **more)
        self.now += seconds
        self.says(MODERATOR, release(request))
        return request

    def ready(self, site: str = "dien-bien", name: str = "Lò Văn An", **more: Any) -> str:
        """Return a request that is on deck and found ready."""
        request = self.queued(site, name, **more)
        self.says(MODERATOR, call(request))
        self.says(SYSTEM, checks(request))
        return request

    def lost(self, site: str = "dien-bien", name: str = "Lò Văn An", **more: Any) -> str:
        """Return a request whose speaker's link is lost since now."""
        request = self.live(site, name, **more)
        self.says(SYSTEM, flow(self.turn(request).id, flowing=False))
        return request

    def is_in(self, request: str) -> RequestState:
        return self.of(request).state

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
    reply_to: str = "",
) -> RequestFloor:
    return RequestFloor(
        cmd_id="c",
        name=name,
        title=title,
        topic=topic,
        priority_class=priority_class,
        site=site,
        reply_to=reply_to,
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


def unaccept(request: str) -> UnacceptRequest:
    return UnacceptRequest(cmd_id="c", request=request)


def file(request: str) -> FileRequest:
    return FileRequest(cmd_id="c", request=request)


def unfile(
    request: str,
    priority_class: PriorityClass = PriorityClass.NORMAL,
    *,
    pending: bool = False,
) -> UnfileRequest:
    return UnfileRequest(
        cmd_id="c", request=request, priority_class=priority_class, pending=pending
    )


def readd(
    request: str, *, pending: bool = False, before: str = "", at_head: bool = False
) -> ReaddRequest:
    return ReaddRequest(
        cmd_id="c", request=request, pending=pending, before=before, at_head=at_head
    )


def clear(count: int, reason: str = "") -> ClearRequests:
    return ClearRequests(cmd_id="c", count=count, reason=reason)


def apply(*order: str) -> ApplyProposal:
    return ApplyProposal(cmd_id="c", order=[*order])


def restore(*order: str) -> RestoreOrder:
    return RestoreOrder(cmd_id="c", order=order)


def call(request: str) -> CallOnDeck:
    return CallOnDeck(cmd_id="c", request=request)


def following(request: str, instead: str) -> CallFollowing:
    return CallFollowing(cmd_id="c", request=request, following=instead)


def give_back(request: str) -> ReturnToQueue:
    return ReturnToQueue(cmd_id="c", request=request)


def confirm(request: str) -> ConfirmReturn:
    return ConfirmReturn(cmd_id="c", request=request)


def checks(request: str, *missing: Check) -> ReportChecks:
    """Return what the server still misses; nothing: the site is ready."""
    return ReportChecks(cmd_id="c", request=request, missing=missing)


def link(site: str, *, up: bool) -> ReportLink:
    return ReportLink(cmd_id="c", site=site, up=up)


def flow(grant_id: str, *, flowing: bool) -> ReportFlow:
    return ReportFlow(cmd_id="c", grant=grant_id, flowing=flowing)


def withdraw(request: str) -> WithdrawGrant:
    return WithdrawGrant(cmd_id="c", request=request)


def keep(request: str) -> KeepFloor:
    return KeepFloor(cmd_id="c", request=request)


def correct(request: str, seconds: float, reason: str = "") -> CorrectTime:
    return CorrectTime(cmd_id="c", request=request, seconds=seconds, reason=reason)


def set_list(state: ListState) -> SetList:
    return SetList(cmd_id="c", state=state)


def change(**rules: Any) -> SetPolicy:
    return SetPolicy(cmd_id="c", change=PolicyChange(**rules))
