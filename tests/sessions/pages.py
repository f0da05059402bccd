"""A small session and pages without connections, for tests of what pages are sent."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from websockets.client import ClientProtocol
from websockets.frames import Frame
from websockets.protocol import State
from websockets.uri import parse_uri

from bridge.commands import Actor
from bridge.errors import FloorRefused
from bridge.ids import Role
from bridge.protocol import merge_patch
from bridge.protocol.messages import Hello
from bridge.protocol.views import AgendaView, SiteView, Text
from bridge.sessions.channels import Audience, Channels
from bridge.sessions.facts import SessionFacts
from bridge.sessions.views import Outlook
from bridge.state import SessionCommand, SessionSetup, decide, fold, initial

SITES = ("ha-noi", "dien-bien", "lao-cai")
INSTANCE = "this run"
MODERATOR = Actor(role=Role.MODERATOR, key="m")
SYSTEM = Actor(role=Role.SYSTEM)
START = 1_000_000.0
SETUP = SessionSetup(
    id="plenary", venue="ha-noi", sites=SITES, co_chairs=("lao-cai",), items=("one", "two")
)
TEXT = Text(vi="Diễn đàn", en="Forum")
FACTS = SessionFacts(
    session_id="plenary",
    event=TEXT,
    session=TEXT,
    date="2021-12-06",
    time_zone="Asia/Ho_Chi_Minh",
    venue="ha-noi",
    sites={
        code: SiteView(code=code, name=TEXT, venue=code == "ha-noi", co_chair=False, region="")
        for code in SITES
    },
    agenda=[
        AgendaView(id=item, title=TEXT, starts_at="", minutes=5, state="next", started_at=0.0)
        for item in SETUP.items
    ],
)


def delegate(site: str) -> Actor:
    return Actor(role=Role.DELEGATE, site=site, key=f"phone in {site}")


def host(site: str) -> Actor:
    return Actor(role=Role.HOST, site=site, key=f"host of {site}")


def without_nulls(value: Any) -> Any:
    """Return *value* as a patched view has it: what is null is absent."""
    if not isinstance(value, dict):
        return value
    return {key: without_nulls(each) for key, each in value.items() if each is not None}


class FakePage:
    """A page that reads when the test lets it; frames are taken apart by another library.

    Attributes:
        stalled: does not take what comes.
        writes: how many pieces it was sent.
        told: every message it has read, in order.
    """

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.stalled = False
        self.writes: list[bytes] = []
        self.told: list[dict[str, Any]] = []
        self.view: dict[str, Any] = {}
        self.rev = -1
        self._unread = b""
        self._protocol = ClientProtocol(parse_uri("ws://page/"), state=State.OPEN, max_size=None)

    def write(self, frames: bytes) -> None:
        self.writes.append(frames)
        self._unread += frames
        if not self.stalled:
            self.read()

    def reads(self) -> bool:
        return not self.stalled

    def read(self) -> None:
        """Read everything, and go on reading."""
        self.stalled = False
        self._protocol.receive_data(self._unread)
        self._unread = b""
        for frame in self._protocol.events_received():
            assert isinstance(frame, Frame)
            message = json.loads(bytes(frame.data))
            self.told.append(message)
            if message["type"] == "view":
                self.view, self.rev = without_nulls(message["view"]), message["rev"]
            elif message["type"] == "patch":
                if message["patch"]:
                    assert message["rev"] == self.rev + 1
                self.view = merge_patch.apply(self.view, message["patch"])
                self.rev = message["rev"]


class Session:
    """A session in memory, and the channels of its pages."""

    def __init__(self) -> None:
        self.state = initial(SETUP)
        self.rev = 0
        self.now = START
        self.outlook = Outlook(FACTS, SETUP, self.state)
        self.channels = Channels(self.build, INSTANCE)

    def build(self, audience: Audience) -> dict[str, Any]:
        """Build what *audience* sees as the server does, with one outlook a commit."""
        if self.outlook.state is not self.state:
            self.outlook = Outlook(FACTS, SETUP, self.state, self.outlook)
        return self.outlook.view_json(audience)

    def commit(self, actor: Actor, command: SessionCommand) -> bool:
        """Do *command*; tell whether it had an effect."""
        try:
            events = decide(SETUP, self.state, actor, command, self.now)
        except FloorRefused:
            return False
        if not events:
            return False
        self.rev += 1
        self.state = fold(SETUP, self.state, actor, events, self.now, self.rev)
        self.channels.advance(self.rev, self.now)
        return True

    def join(self, page: FakePage, *, resume: bool = False, instance: str = INSTANCE) -> None:
        hello = Hello(rev=page.rev if resume else -1, instance=instance)
        page.write(self.channels.join(page, hello, self.rev, self.now))

    def deliver(self) -> int:
        """Let everybody have what they can take; return how many pages were sent something."""
        return sum(self.channels.deliver())

    def expected(self, actor: Actor) -> Any:
        """Return the view of *actor*, made in the most direct way."""
        view = Outlook(FACTS, SETUP, self.state).view(Audience.of(actor))
        return without_nulls(msgspec.to_builtins(view))
