"""What the server tells pages on the websocket; ``docs/protocol.md`` is the contract in prose.

Clients ignore fields they do not know. All times are Unix seconds of the server's clock; ``now``
lets a page know its offset.
"""

from __future__ import annotations

from typing import Any

import msgspec

from bridge.link.actions import ActionKind, ActionState
from bridge.link.findings import Call
from bridge.link.rehearsal import SiteRehearsal
from bridge.protocol.link_views import LinkView, ServerLoadView

__all__ = [
    "Ack",
    "Action",
    "Links",
    "Nack",
    "Patch",
    "Rehearsal",
    "Rehearse",
    "ServerMessage",
    "Slots",
    "Status",
    "Talk",
    "View",
    "WatchedView",
    "You",
]


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
