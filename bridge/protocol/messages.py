"""Websocket messages, both directions. ``docs/protocol.md`` is the contract in prose.

Here is what pages say; a field nobody knows is refused. What they are told is in
``server_messages``, and of links in ``link_views``.
"""

from __future__ import annotations

from typing import Annotated

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
from bridge.link.actions import ActionKind
from bridge.link.samples import PageStats, PathKind
from bridge.protocol.link_views import (
    AlertView,
    DeviceView,
    DirectionView,
    LinkView,
    ServerLoadView,
    VerdictView,
)
from bridge.protocol.server_messages import (
    Ack,
    Action,
    Links,
    Nack,
    Patch,
    Rehearsal,
    Rehearse,
    ServerMessage,
    Slots,
    Status,
    Talk,
    View,
    WatchedView,
    You,
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
