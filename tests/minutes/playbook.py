"""A session that is played by commands, and keeps its log as minutes read it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from bridge.commands import Actor
from bridge.floor.commands import (
    AcceptRequest,
    CancelRequest,
    CheckDeadlines,
    CorrectTime,
    DenyRequest,
    FileRequest,
    GrantFloor,
    KeepFloor,
    MarkLive,
    PauseFloor,
    PriorityClass,
    ReaddRequest,
    ReleaseFloor,
    ReportFlow,
    ReportLink,
    RequestFloor,
    ResumeFloor,
    RevokeFloor,
)
from bridge.history import Undo
from bridge.ids import Role
from bridge.minutes import Entry, Minutes, Plan, compose
from bridge.minutes.document import PlannedItem, Speech
from bridge.protocol.views import SiteView, Text
from bridge.show.commands import StartItem
from bridge.state import (
    FloorPolicy,
    SessionCommand,
    SessionEvent,
    SessionSetup,
    decide,
    fold,
    initial,
)

START = 1_638_756_000.0  # 6 December 2021, 09:00 in Hanoi
MODERATOR = Actor(role=Role.MODERATOR, name="Bà Hương", key="m1")
COLLEAGUE = Actor(role=Role.MODERATOR, name="Ông Tuấn", key="m2")
SYSTEM = Actor(role=Role.SYSTEM)
EVENTS = msgspec.json.Decoder(list[SessionEvent])

NAMES = {
    "ha-noi": ("Hà Nội", "Hanoi", "song-hong"),
    "dien-bien": ("Điện Biên", "Dien Bien", "tay-bac"),
    "son-la": ("Sơn La", "Son La", "tay-bac"),
    "ca-mau": ("Cà Mau", "Ca Mau", "cuu-long"),
}
PLAN = Plan(
    session_id="plenary",
    event=Text(vi="Diễn đàn", en="Forum"),
    session=Text(vi="Phiên toàn thể", en="Plenary session"),
    date=dt.date(2021, 12, 6),
    time_zone="Asia/Ho_Chi_Minh",
    venue="ha-noi",
    sites={
        code: SiteView(
            code=code,
            name=Text(vi=vi, en=en),
            venue=code == "ha-noi",
            co_chair=False,
            region=region,
        )
        for code, (vi, en, region) in NAMES.items()
    },
    regions={
        "tay-bac": Text(vi="Tây Bắc", en="Northwest"),
        "song-hong": Text(vi="Đồng bằng sông Hồng", en="Red River Delta"),
        "cuu-long": Text(vi="Đồng bằng sông Cửu Long", en="Mekong Delta"),
    },
    agenda=(
        PlannedItem(id="opening", title=Text(vi="Khai mạc", en="Opening"), starts_at="09:00",
                    minutes=10),
        PlannedItem(id="debate", title=Text(vi="Thảo luận", en="Debate"), starts_at="09:10",
                    minutes=50),
    ),
)  # fmt: skip


def host(site: str) -> Actor:
    """Return the host of *site*."""
    return Actor(role=Role.HOST, site=site, key=f"h-{site}")


class Session:
    """Decides and folds; ``now`` is seconds since 09:00."""

    def __init__(self, setup: SessionSetup | None = None, **policy: Any) -> None:
        self.setup = setup or SessionSetup(
            id="plenary",
            venue="ha-noi",
            sites=tuple(NAMES),
            items=tuple(item.id for item in PLAN.agenda),
            policy=msgspec.convert(policy, FloorPolicy),
        )
        self.state = initial(self.setup)
        self.entries: list[Entry] = []
        self.now = 0.0

    def says(self, actor: Actor, command: SessionCommand) -> int:
        """Play *command*; return the revision it led to. Events go through the log's format."""
        at = START + self.now
        events = decide(self.setup, self.state, actor, command, at)
        if events:
            rev = len(self.entries) + 1
            stored = EVENTS.decode(msgspec.json.encode(events))
            self.entries.append(Entry(rev=rev, at=at, actor=actor, events=stored))
            self.state = fold(self.setup, self.state, actor, stored, at, rev)
        return len(self.entries)

    def minutes(self, plan: Plan = PLAN) -> Minutes:
        """Return the minutes of everything so far."""
        head = "ab" * 32 if self.entries else ""
        return compose(plan, self.entries, head, START + self.now)

    def speech(self, request: str) -> Speech:
        """Return the speech of *request* as the minutes have it."""
        return next(one for one in self.minutes().speeches if one.request == request)

    # what people do

    def ask(
        self, name: str = "Lò Văn An", site: str = "dien-bien", by: Actor = MODERATOR, **more: Any
    ) -> str:
        """Make a request and return its id."""
        priority_class = PriorityClass(more.pop("priority_class", "normal"))
        self.says(
            by,
            RequestFloor(cmd_id="c", name=name, site=site, priority_class=priority_class, **more),
        )
        return f"r{self.state.floor.requests_made}"

    def give(self, request: str) -> None:
        """Give the floor; nothing is heard yet."""
        self.says(MODERATOR, GrantFloor(cmd_id="c", request=request, override=True))

    def grant(self, request: str, *, heard_after: float = 0.5) -> None:
        """Give the floor; the first sound is forwarded *heard_after* seconds later."""
        self.give(request)
        self.now += heard_after
        self.says(SYSTEM, MarkLive(cmd_id="c", grant=self.turn(request)))

    def live(self, name: str = "Lò Văn An", site: str = "dien-bien", **more: Any) -> str:
        """Return a request that has just been heard for the first time."""
        request = self.ask(name, site, **more)
        self.grant(request)
        return request

    def spoken(self, seconds: float, name: str = "Lò Văn An", site: str = "dien-bien") -> str:
        """Return a request that was live for *seconds* and released."""
        request = self.live(name, site)
        self.now += seconds
        self.release(request)
        return request

    def turn(self, request: str) -> str:
        return self.state.floor.requests[request].turn.id

    def release(self, request: str, by: Actor = MODERATOR) -> None:
        self.says(by, ReleaseFloor(cmd_id="c", request=request))

    def revoke(self, request: str, reason: str = "") -> None:
        self.says(MODERATOR, RevokeFloor(cmd_id="c", request=request, reason=reason))

    def keep(self, request: str) -> None:
        self.says(MODERATOR, KeepFloor(cmd_id="c", request=request))

    def pause(self, request: str) -> None:
        self.says(MODERATOR, PauseFloor(cmd_id="c", request=request))

    def resume(self, request: str) -> None:
        self.says(MODERATOR, ResumeFloor(cmd_id="c", request=request))

    def flow(self, request: str, *, flowing: bool) -> None:
        self.says(SYSTEM, ReportFlow(cmd_id="c", grant=self.turn(request), flowing=flowing))

    def link(self, site: str, *, up: bool) -> None:
        self.says(SYSTEM, ReportLink(cmd_id="c", site=site, up=up))

    def cancel(self, request: str, reason: str = "", by: Actor = MODERATOR) -> None:
        self.says(by, CancelRequest(cmd_id="c", request=request, reason=reason))

    def deny(self, request: str, reason: str = "") -> None:
        self.says(MODERATOR, DenyRequest(cmd_id="c", request=request, reason=reason))

    def accept(self, request: str) -> None:
        self.says(MODERATOR, AcceptRequest(cmd_id="c", request=request))

    def file(self, request: str) -> None:
        self.says(MODERATOR, FileRequest(cmd_id="c", request=request))

    def readd(self, request: str) -> str:
        self.says(MODERATOR, ReaddRequest(cmd_id="c", request=request))
        return f"r{self.state.floor.requests_made}"

    def correct(self, request: str, seconds: int, reason: str = "", by: Actor = MODERATOR) -> None:
        self.says(by, CorrectTime(cmd_id="c", request=request, seconds=seconds, reason=reason))

    def start(self, item: str, by: Actor = MODERATOR) -> int:
        return self.says(by, StartItem(cmd_id="c", item=item))

    def undo(self, by: Actor = MODERATOR) -> None:
        self.says(by, Undo(cmd_id="c"))

    def tick(self) -> None:
        self.says(SYSTEM, CheckDeadlines(cmd_id="c"))
