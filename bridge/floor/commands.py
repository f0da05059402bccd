"""What can be asked of the speaker queue. Imperative; see ``events`` for what happened.

Words follow RFC 8855 (BFCP) section 4: floor request, beneficiary, grant, deny,
release, revoke.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from bridge.commands import Command

__all__ = [
    "AcceptRequest",
    "CancelRequest",
    "CheckDeadlines",
    "DenyRequest",
    "EditRequest",
    "ExtendFloor",
    "FloorCommand",
    "GrantFloor",
    "ListState",
    "MarkLive",
    "MoveRequest",
    "PauseFloor",
    "PriorityClass",
    "ReleaseFloor",
    "RequestFloor",
    "ResumeFloor",
    "RevokeFloor",
    "SetList",
]

Name = Annotated[str, Meta(min_length=1, max_length=120)]
Title = Annotated[str, Meta(max_length=200)]
Topic = Annotated[str, Meta(max_length=500)]
Reason = Annotated[str, Meta(max_length=300)]


class PriorityClass(StrEnum):
    """Classes of requests, highest first."""

    CHAIR = "chair"
    POINT_OF_ORDER = "point_of_order"
    REPLY = "reply"
    NORMAL = "normal"
    WRITTEN = "written"


class ListState(StrEnum):
    """Whether new requests are taken."""

    OPEN = "open"
    CLOSED = "closed"


class RequestFloor(Command, frozen=True, kw_only=True, tag="request_floor"):
    """Ask for the floor for a delegate.

    Attributes:
        name: the beneficiary, 1-120 characters.
        title: office held, shown in the lower third.
        topic: one or two lines for the chair.
        priority_class: a host may ask for normal, reply, point_of_order or written.
        site: site code; required from a moderator, must be empty or own from a host.
    """

    name: Name
    title: Title = ""
    topic: Topic = ""
    priority_class: PriorityClass = PriorityClass.NORMAL
    site: str = ""


class AcceptRequest(Command, frozen=True, kw_only=True, tag="accept_request"):
    """Put a pending request at the end of its class in the queue."""

    request: str


class DenyRequest(Command, frozen=True, kw_only=True, tag="deny_request"):
    """Refuse a pending request, with a reason the site will read."""

    request: str
    reason: Reason = ""


class CancelRequest(Command, frozen=True, kw_only=True, tag="cancel_request"):
    """Withdraw a pending or accepted request (its site, or a moderator)."""

    request: str
    reason: Reason = ""


class EditRequest(Command, frozen=True, kw_only=True, tag="edit_request"):
    """Correct name, title and topic before the floor is granted (its site, or a moderator).

    All three are replaced; place in line and class stay.
    """

    request: str
    name: Name
    title: Title = ""
    topic: Topic = ""


class MoveRequest(Command, frozen=True, kw_only=True, tag="move_request"):
    """Move an accepted request directly before or after another one.

    Exactly one of *before* and *after* is given: an intent that stays true
    whatever joined the list meanwhile.
    """

    request: str
    before: str = ""
    after: str = ""


class GrantFloor(Command, frozen=True, kw_only=True, tag="grant_floor"):
    """Give the floor to an accepted request."""

    request: str


class ReleaseFloor(Command, frozen=True, kw_only=True, tag="release_floor"):
    """End a speech in the ordinary way (its site, or a moderator)."""

    request: str


class RevokeFloor(Command, frozen=True, kw_only=True, tag="revoke_floor"):
    """Take the floor back: after the grace time forwarding stops whatever the client does."""

    request: str
    reason: Reason = ""


class PauseFloor(Command, frozen=True, kw_only=True, tag="pause_floor"):
    """Stop forwarding a live speech and its clock; the grant is kept."""

    request: str


class ResumeFloor(Command, frozen=True, kw_only=True, tag="resume_floor"):
    """Let a paused speech go on where its clock stood."""

    request: str


class ExtendFloor(Command, frozen=True, kw_only=True, tag="extend_floor"):
    """Change the time limit of a granted request by ``seconds`` (negative takes time away)."""

    request: str
    seconds: Annotated[int, Meta(ge=-3600, le=3600)]


class SetList(Command, frozen=True, kw_only=True, tag="set_list"):
    """Open or close the list of speakers."""

    state: ListState


class MarkLive(Command, frozen=True, kw_only=True, tag="mark_live"):
    """The server forwarded the first audio packet of a grant (system only)."""

    grant: str


class CheckDeadlines(Command, frozen=True, kw_only=True, tag="check_deadlines"):
    """Time has passed: do what is due (system only)."""


FloorCommand = (
    RequestFloor
    | AcceptRequest
    | DenyRequest
    | CancelRequest
    | EditRequest
    | MoveRequest
    | GrantFloor
    | ReleaseFloor
    | RevokeFloor
    | PauseFloor
    | ResumeFloor
    | ExtendFloor
    | SetList
    | MarkLive
    | CheckDeadlines
)
