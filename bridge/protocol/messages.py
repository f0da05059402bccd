"""Websocket messages, both directions. ``docs/protocol.md`` is the contract in prose.

A client's unknown field is refused; clients ignore unknown fields of the server.
All times are Unix seconds of the server's clock; ``now`` lets a page know its offset.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from bridge.floor.commands import (
    AcceptRequest,
    ApplyProposal,
    CallFollowing,
    CallOnDeck,
    CancelRequest,
    ClearRequests,
    ConfirmReturn,
    CorrectTime,
    DenyRequest,
    EditRequest,
    ExtendFloor,
    FileRequest,
    GrantFloor,
    KeepFloor,
    MoveRequest,
    PauseFloor,
    ReaddRequest,
    ReleaseFloor,
    RequestFloor,
    ResumeFloor,
    ReturnToQueue,
    RevokeFloor,
    SetList,
    SetPolicy,
    UnacceptRequest,
    UnfileRequest,
    WithdrawGrant,
)
from bridge.history import Undo
from bridge.link.actions import ActionKind, ActionState
from bridge.link.findings import Call
from bridge.link.rehearsal import SiteRehearsal
from bridge.link.samples import PageStats, PathKind
from bridge.protocol.link_views import (
    AlertView,
    DeviceView,
    DirectionView,
    LinkView,
    ServerLoadView,
    VerdictView,
)
from bridge.show.commands import SetLayout, SetPreview, StartItem, Take

__all__ = [
    "Ack",
    "Acknowledge",
    "Action",
    "ActionDone",
    "AlertView",
    "ClientCommand",
    "ClientMessage",
    "ClientStruct",
    "DeviceView",
    "DirectionView",
    "Hello",
    "Joined",
    "LinkView",
    "Links",
    "Nack",
    "Patch",
    "PathReport",
    "Rehearsal",
    "Rehearse",
    "ServerLoadView",
    "ServerMessage",
    "SiteAction",
    "SlidesEnded",
    "Slots",
    "Stats",
    "Status",
    "Talk",
    "TalkAnswer",
    "TalkTo",
    "UseDevice",
    "VerdictView",
    "View",
    "Watch",
    "WatchedView",
    "You",
]


class ClientStruct(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"
):
    """Base of client messages that are not commands: never logged, never acknowledged."""


class Hello(ClientStruct, frozen=True, kw_only=True, tag="hello"):
    """First message of a page: resume after *rev* if the server still can.

    Attributes:
        rev: newest revision the page has, -1 for none.
        instance: what the view it came from said; after a restart the whole view is sent.
        lang: language of messages, ``vi`` or ``en``.
    """

    rev: int = -1
    instance: Annotated[str, Meta(max_length=64)] = ""
    lang: Annotated[str, Meta(pattern="^(vi|en)$")] = "vi"


class Watch(ClientStruct, frozen=True, kw_only=True, tag="watch"):
    """Show the camera of *source* in a slot of this page (technician, moderator); empty for none.

    Attributes:
        peer: the page's media connection.
        source: source id; only its site counts.
        slot: ``monitor``, or ``thumb1`` to ``thumb16`` for the smallest picture there is.
    """

    peer: str
    source: str = ""
    slot: Annotated[str, Meta(pattern="^(monitor|thumb([1-9]|1[0-6]))$")] = "monitor"


class Joined(ClientStruct, frozen=True, kw_only=True, tag="joined"):
    """This page's media connection is *peer*: it wants to hear what its line carries."""

    peer: str


class PathReport(ClientStruct, frozen=True, kw_only=True, tag="path"):
    """The packets of this page's media connection *peer* travel like this, says its browser."""

    peer: str
    kind: PathKind


class Stats(ClientStruct, frozen=True, kw_only=True, tag="stats"):
    """What the browser of media connection *peer* measures; every 2 s from pages that publish."""

    peer: str
    page: PageStats


class SlidesEnded(ClientStruct, frozen=True, kw_only=True, tag="slides_ended"):
    """The page of media connection *peer* has ended its slides: nobody need wait for more."""

    peer: str


class SiteAction(ClientStruct, frozen=True, kw_only=True, tag="site_action"):
    """A technician acts on the link of *site*, or of several *sites*; see ``link.actions``.

    Attributes:
        site, sites: codes; one of the two.
        action: what is done.
        value: how, or what for; ``ActionKind`` says what it may be.
        cmd_id: chosen by the page: names the message in its ``ack`` or ``nack``, and the same one
            twice is carried out once. Without one there is no ``ack``.
    """

    action: ActionKind
    site: str = ""
    sites: Annotated[list[str], Meta(max_length=64)] = []
    value: Annotated[str, Meta(max_length=200)] = ""
    cmd_id: Annotated[str, Meta(max_length=64)] = ""


class Acknowledge(ClientStruct, frozen=True, kw_only=True, tag="acknowledge"):
    """A technician takes on an alert, or changes the note; the name is that of the token.

    Attributes:
        alert: id, as ``LinkView.alert`` has it.
        note: for the others; empty for none.
        cmd_id: as in ``site_action``.
    """

    alert: Annotated[str, Meta(max_length=200)]
    note: Annotated[str, Meta(max_length=200)] = ""
    cmd_id: Annotated[str, Meta(max_length=64)] = ""


class ActionDone(ClientStruct, frozen=True, kw_only=True, tag="action_done"):
    """A page of the site has done what an ``action`` asked for, or could not.

    Attributes:
        action_id: which.
        ok: it is done; of a note: it is shown, or with the detail ``read`` was read.
        detail: a stable word that says more.
    """

    action_id: Annotated[str, Meta(max_length=64)]
    ok: bool
    detail: Annotated[str, Meta(max_length=40, pattern="^[a-z_]*$")] = ""


class TalkTo(ClientStruct, frozen=True, kw_only=True, tag="talk_to"):
    """A technician talks to the hosts of one site, beside the program.

    Attributes:
        peer: the media connection that was made for it (``talk=1``).
        site: code; empty ends the conversation.
        speaking: they are heard now. Between two words the conversation goes on.
    """

    peer: str
    site: str = ""
    speaking: bool = False


class TalkAnswer(ClientStruct, frozen=True, kw_only=True, tag="talk_answer"):
    """A host answers the technician who talks to its site, or answers no more.

    Attributes:
        peer: the page's media connection.
        on: nobody but that technician hears it then.
    """

    peer: str
    on: bool


class UseDevice(ClientStruct, frozen=True, kw_only=True, tag="use_device"):
    """Several devices of one site are connected: send this one's camera and microphone.

    A host may say so of its own site's devices, moderator and technician of any.
    """

    peer: str


ClientCommand = (
    RequestFloor
    | AcceptRequest
    | UnacceptRequest
    | FileRequest
    | UnfileRequest
    | ReaddRequest
    | ClearRequests
    | DenyRequest
    | CancelRequest
    | EditRequest
    | MoveRequest
    | ApplyProposal
    | CallOnDeck
    | CallFollowing
    | ReturnToQueue
    | ConfirmReturn
    | GrantFloor
    | WithdrawGrant
    | ReleaseFloor
    | RevokeFloor
    | KeepFloor
    | PauseFloor
    | ResumeFloor
    | ExtendFloor
    | CorrectTime
    | SetList
    | SetPolicy
    | Undo
    | SetPreview
    | SetLayout
    | Take
    | StartItem
)
ClientMessage = (
    ClientCommand
    | Hello
    | Watch
    | Joined
    | PathReport
    | Stats
    | SlidesEnded
    | UseDevice
    | SiteAction
    | ActionDone
    | TalkTo
    | TalkAnswer
    | Acknowledge
)


class ServerStruct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Base of server messages."""


class You(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom the server takes this page for."""

    role: str
    site: str = ""
    name: str = ""
    key: str = ""


class View(ServerStruct, frozen=True, kw_only=True, tag="view"):
    """Everything this role may see, as of *rev*; *instance* names this run of the server."""

    rev: int
    now: float
    instance: str
    you: You
    view: dict[str, Any]


class Patch(ServerStruct, frozen=True, kw_only=True, tag="patch"):
    """JSON Merge Patch (RFC 7396) from the previous view of this page to that of *rev*."""

    rev: int
    now: float
    patch: dict[str, Any]


class Ack(ServerStruct, frozen=True, kw_only=True, tag="ack"):
    """The command is durable at *rev*."""

    cmd_id: str
    rev: int


class Nack(ServerStruct, frozen=True, kw_only=True, tag="nack"):
    """The command had no effect; *message* says in the page's language what to do.

    ``cmd_id`` is empty when the message could not be read far enough to know it.
    """

    cmd_id: str
    code: str
    message: str
    rev: int


class Status(ServerStruct, frozen=True, kw_only=True, tag="status"):
    """Whether commands can be saved now; media goes on either way."""

    saving: bool


class WatchedView(msgspec.Struct, frozen=True, kw_only=True):
    """What a slot was last asked to show with ``watch``.

    Attributes:
        site: code.
        since: RTP timestamp of the first packet of its picture in this slot; null as long as
            none has come, and what still flows may be another site's.
    """

    site: str
    since: int | None


class Slots(ServerStruct, frozen=True, kw_only=True, tag="slots"):
    """What the line of this page's media connection does not carry as it is.

    Attributes:
        slots: video slot → ``reduced``: a smaller picture than there is; ``paused``: none, only
            sound. Slots that are not in it are shown as well as they can be.
        watched: slots that were asked for with ``watch``; those asked to show nothing are left out.
    """

    slots: dict[str, str]
    watched: dict[str, WatchedView] = {}


class Links(ServerStruct, frozen=True, kw_only=True, tag="links"):
    """Link health once a second: all sites for technician and moderator, its own for a host.

    ``server`` is for technicians.
    """

    now: float
    sites: dict[str, LinkView]
    server: ServerLoadView | None = None


class Talk(ServerStruct, frozen=True, kw_only=True, tag="talk"):
    """A technician has a conversation with a site: to technicians, and to the site's hosts.

    Attributes:
        site: code.
        by: name of the technician, may be empty. peer: their media connection; empty when the
            conversation is over.
        speaking: the technician is heard at the site. answering: a host is heard by them.
    """

    site: str
    by: str = ""
    peer: str = ""
    speaking: bool = False
    answering: bool = False


class Action(ServerStruct, frozen=True, kw_only=True, tag="action"):
    """A technician acts on a site: to its pages while it is ``sent``, to technicians all along.

    Attributes:
        id: names it in ``action_done``.
        site, action, value: what was asked of whom.
        by: name of the technician, may be empty. at: when, Unix seconds.
        state: what became of it. detail: why, or more, as a stable word.
    """

    id: str
    site: str
    action: ActionKind
    value: str = ""
    by: str = ""
    at: float
    state: ActionState
    detail: str = ""


class Rehearsal(ServerStruct, frozen=True, kw_only=True, tag="rehearsal"):
    """How far the rehearsal is; to technicians, after each change.

    Attributes:
        sites: those that changed, whole; all of them on ``GET /api/sessions/{session}/rehearsal``.
        testing: site → who began the test that is under way.
        calling: site → the call of a technician that is under way.
    """

    sites: dict[str, SiteRehearsal]
    testing: dict[str, str]
    calling: dict[str, Call] = {}


class Rehearse(ServerStruct, frozen=True, kw_only=True, tag="rehearse"):
    """A technician tests a site; to its pages, of which the one with *peer* does as it says.

    Attributes:
        test: names it in the answers.
        step: ``speak``, ask the host to say something; ``play``, let the loudspeaker give a row
            of tones: ``notes`` in Hz, each for ``tone_ms``, then silence for ``gap_ms``;
            ``listen``, say when the technician is heard in the talkback.
        peer: the media connection that publishes.
    """

    test: str
    step: str
    peer: str
    notes: list[int] = []
    tone_ms: int = 0
    gap_ms: int = 0


ServerMessage = (
    View | Patch | Ack | Nack | Status | Links | Slots | Action | Talk | Rehearsal | Rehearse
)
