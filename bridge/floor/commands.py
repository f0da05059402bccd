"""What can be asked of the speaker queue. Imperative; see ``events`` for what happened.

Words follow RFC 8855 (BFCP) section 4: floor request, beneficiary, grant, deny,
release, revoke.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from bridge.commands import Command
from bridge.floor.policy import PolicyChange

__all__ = [
    "AcceptRequest",
    "ApplyProposal",
    "CallFollowing",
    "CallOnDeck",
    "CancelRequest",
    "Check",
    "CheckDeadlines",
    "ClearRequests",
    "ConfirmReturn",
    "CorrectTime",
    "DenyRequest",
    "EditRequest",
    "ExtendFloor",
    "FileRequest",
    "FloorCommand",
    "GrantFloor",
    "KeepFloor",
    "ListState",
    "MarkLive",
    "MoveRequest",
    "PauseFloor",
    "PriorityClass",
    "ReaddRequest",
    "ReleaseFloor",
    "ReportChecks",
    "ReportFlow",
    "ReportLink",
    "RequestFloor",
    "RestoreOrder",
    "ResumeFloor",
    "ReturnToQueue",
    "RevokeFloor",
    "SetList",
    "SetPolicy",
    "UnacceptRequest",
    "UnfileRequest",
    "WithdrawGrant",
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
    CLOSED = "closed"  # points of order excepted
    SUSPENDED = "suspended"  # none at all, for a while


class Check(StrEnum):
    """What the server looks for before a speaker on deck is ready, in the order people check."""

    LINK = "link"  # RTP arrives
    PICTURE = "picture"  # a key frame was seen
    SOUND = "sound"  # a level above silence was heard
    RETURN = "return"  # the site said that it sees and hears the program


class RequestFloor(Command, frozen=True, kw_only=True, tag="request_floor"):
    """Ask for the floor for a delegate.

    Attributes:
        name: the beneficiary, 1-120 characters.
        title: office held, shown in the lower third.
        topic: one or two lines for the chair.
        priority_class: a host may ask for normal, reply, point_of_order or written.
        site: site code; required from a moderator, must be empty or own from others.
        reply_to: the request whose speech a reply answers; empty for the newest speech.
    """

    name: Name
    title: Title = ""
    topic: Topic = ""
    priority_class: PriorityClass = PriorityClass.NORMAL
    site: str = ""
    reply_to: str = ""


class AcceptRequest(Command, frozen=True, kw_only=True, tag="accept_request"):
    """Put a pending request at the end of its class in the queue."""

    request: str


class UnacceptRequest(Command, frozen=True, kw_only=True, tag="unaccept_request"):
    """Put an accepted request back among those that wait for approval."""

    request: str


class FileRequest(Command, frozen=True, kw_only=True, tag="file_request"):
    """Take a request as a written opinion: it is kept, and not called to speak."""

    request: str


class UnfileRequest(Command, frozen=True, kw_only=True, tag="unfile_request"):
    """Let a written opinion be spoken after all: it joins the queue at the end of a class.

    Attributes:
        priority_class: a reply answers what it answered before, else the newest speech.
        pending: it waits for approval instead, in that class; then written ones may, too.
    """

    request: str
    priority_class: PriorityClass = PriorityClass.NORMAL
    pending: bool = False


class ReaddRequest(Command, frozen=True, kw_only=True, tag="readd_request"):
    """Make a new request like one that has ended.

    Attributes:
        pending: it waits for approval instead of joining the queue.
        before: the accepted request to stand before, if it is there; empty for the end.
        at_head: it becomes the first of its class instead.
    """

    request: str
    pending: bool = False
    before: str = ""
    at_head: bool = False


class ClearRequests(Command, frozen=True, kw_only=True, tag="clear_requests"):
    """Cancel everything that waits, pending and accepted; who speaks and what is filed stays.

    Attributes:
        count: how many the sender saw; any other number now refuses the command.
    """

    count: Annotated[int, Meta(ge=0)]
    reason: Reason = ""


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


class ApplyProposal(Command, frozen=True, kw_only=True, tag="apply_proposal"):
    """Bring the queue into the order that fairness proposes.

    Attributes:
        order: the proposal as the sender saw it; another one now refuses the command.
    """

    order: Annotated[list[str], Meta(max_length=2000)]


class RestoreOrder(Command, frozen=True, kw_only=True, tag="restore_order"):
    """Bring those of *order* that are still waiting back into it; only to undo."""

    order: tuple[str, ...]


class CallOnDeck(Command, frozen=True, kw_only=True, tag="call_on_deck"):
    """Ask the site to get ready; the server begins to check what it sees of it."""

    request: str


class ReturnToQueue(Command, frozen=True, kw_only=True, tag="return_to_queue"):
    """Take a request off deck; its place in line stays (its site, or a moderator)."""

    request: str


class ConfirmReturn(Command, frozen=True, kw_only=True, tag="confirm_return"):
    """The site sees and hears the program."""

    request: str


class CallFollowing(Command, frozen=True, kw_only=True, tag="call_following"):
    """Ask somebody who stands behind *request* to get ready instead; its place stays.

    Attributes:
        request: whose link is bad; it leaves the deck, if it is there.
        following: who is called on deck, unless that has happened already.
    """

    request: str
    following: str


class GrantFloor(Command, frozen=True, kw_only=True, tag="grant_floor"):
    """Give the floor to an accepted request.

    Attributes:
        override: although the server has not found it ready, or its link is bad.
    """

    request: str
    override: bool = False


class WithdrawGrant(Command, frozen=True, kw_only=True, tag="withdraw_grant"):
    """Take back a grant of which nothing was heard yet: head of its class again."""

    request: str


class ReleaseFloor(Command, frozen=True, kw_only=True, tag="release_floor"):
    """End a speech in the ordinary way (its site, or a moderator)."""

    request: str


class RevokeFloor(Command, frozen=True, kw_only=True, tag="revoke_floor"):
    """Take the floor back: after the grace time forwarding stops whatever the client does."""

    request: str
    reason: Reason = ""


class KeepFloor(Command, frozen=True, kw_only=True, tag="keep_floor"):
    """Let a speaker whose floor is being revoked go on."""

    request: str


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


class CorrectTime(Command, frozen=True, kw_only=True, tag="correct_time"):
    """Correct the speaking time of a speech that has ended; the log keeps both.

    Attributes:
        seconds: what is to be counted, 0-36,000.
    """

    request: str
    seconds: Annotated[float, Meta(ge=0, le=36_000)]
    reason: Reason = ""


class SetList(Command, frozen=True, kw_only=True, tag="set_list"):
    """Open, close or suspend the list of speakers."""

    state: ListState


class SetPolicy(Command, frozen=True, kw_only=True, tag="set_policy"):
    """Change rules while the session runs; grants already given keep theirs."""

    change: PolicyChange


class ReportLink(Command, frozen=True, kw_only=True, tag="report_link"):
    """The link of a site was lost, or is back: its waiting requests are held (system only)."""

    site: str
    up: bool


class ReportFlow(Command, frozen=True, kw_only=True, tag="report_flow"):
    """Nothing arrives of a speaker any more, or something again (system only)."""

    grant: str
    flowing: bool


class ReportChecks(Command, frozen=True, kw_only=True, tag="report_checks"):
    """What the server still misses of a speaker on deck (system only)."""

    request: str
    missing: tuple[Check, ...]


class MarkLive(Command, frozen=True, kw_only=True, tag="mark_live"):
    """The server forwarded the first audio packet of a grant (system only)."""

    grant: str


class CheckDeadlines(Command, frozen=True, kw_only=True, tag="check_deadlines"):
    """Time has passed: do what is due (system only)."""


FloorCommand = (
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
    | RestoreOrder
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
    | ReportLink
    | ReportFlow
    | ReportChecks
    | MarkLive
    | CheckDeadlines
)
