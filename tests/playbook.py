"""A session that is played by commands, at times the test sets; see ``tests.floor.playbook``."""

from __future__ import annotations

import pytest

from bridge.commands import Actor
from bridge.errors import FloorRefused
from bridge.floor.commands import PriorityClass
from bridge.ids import Role, camera
from bridge.show.commands import SetPreview, Take
from bridge.show.events import ProgramTaken, TakenBy
from bridge.state import (
    Routes,
    SessionCommand,
    SessionEvent,
    SessionSetup,
    decide,
    fold,
    initial,
    routes,
)
from tests.floor.playbook import ask, check, grant, mark_live, release

SETUP = SessionSetup(
    id="plenary",
    venue="ha-noi",
    sites=("ha-noi", "dien-bien", "lao-cai", "ca-mau"),
    co_chairs=("lao-cai",),
    items=("khai-mac", "phat-bieu"),
)
MODERATOR = Actor(role=Role.MODERATOR, name="Ban tổ chức", key="m1")
COLLEAGUE = Actor(role=Role.MODERATOR, name="Thư ký", key="m2")
SYSTEM = Actor(role=Role.SYSTEM)
HANOI, DIEN_BIEN, CA_MAU = camera("ha-noi"), camera("dien-bien"), camera("ca-mau")


class Session:
    """Decides and folds at the time ``now``, one commit for each command that does anything."""

    def __init__(self, setup: SessionSetup = SETUP) -> None:
        self.setup = setup
        self.state = initial(setup)
        self.now = 1000.0
        self.rev = 0

    def says(self, command: SessionCommand, actor: Actor = MODERATOR) -> list[SessionEvent]:
        events = decide(self.setup, self.state, actor, command, self.now)
        if events:
            self.rev += 1
            self.state = fold(self.setup, self.state, actor, events, self.now, self.rev)
        return events

    def refuses(self, command: SessionCommand, actor: Actor = MODERATOR) -> FloorRefused:
        """Play *command*, which must be refused and change nothing."""
        before = self.state
        with pytest.raises(FloorRefused) as caught:
            self.says(command, actor)
        assert self.state is before
        return caught.value

    def queued(
        self, site: str, priority_class: PriorityClass = PriorityClass.NORMAL, name: str = "Một"
    ) -> str:
        self.says(ask(name, site=site, priority_class=priority_class))
        return f"r{self.state.floor.requests_made}"

    def grant(self, request: str) -> list[SessionEvent]:
        return self.says(grant(request))

    def live(self, site: str, priority_class: PriorityClass = PriorityClass.NORMAL) -> str:
        """Return a request that is speaking since now."""
        request = self.queued(site, priority_class)
        self.grant(request)
        self.says(mark_live(self.state.floor.requests[request].turn.id), SYSTEM)
        return request

    def release(self, request: str) -> list[SessionEvent]:
        return self.says(release(request))

    def take(self, source: str, actor: Actor = MODERATOR) -> list[SessionEvent]:
        return self.says(Take(cmd_id="c", source=source), actor)

    def preview(self, source: str, actor: Actor = MODERATOR) -> list[SessionEvent]:
        return self.says(SetPreview(cmd_id="c", source=source), actor)

    def check(self) -> list[SessionEvent]:
        return self.says(check(), SYSTEM)

    @property
    def routes(self) -> Routes:
        return routes(self.setup, self.state)


def by_floor(source: str) -> ProgramTaken:
    return ProgramTaken(source=source, by=TakenBy.FLOOR)
