"""Every refusal of the speaker queue: its code, what to do about it, its details.

The keys of ``details`` are as stable as the codes: the translated catalogues
use them as placeholders.
"""

from __future__ import annotations

from bridge.commands import Actor, Command
from bridge.errors import Code, FloorRefused
from bridge.floor.state import Request
from bridge.floor.tables import RequestState

__all__ = [
    "capacity_too_large",
    "class_forbidden",
    "count_changed",
    "duplicate_request",
    "floor_busy",
    "link_bad",
    "list_closed",
    "list_suspended",
    "move_invalid",
    "name_missing",
    "not_ready",
    "not_your_phone",
    "not_yours",
    "proposal_changed",
    "reply_unknown",
    "request_unknown",
    "role_forbidden",
    "site_unknown",
    "too_many_requests",
    "warning_too_long",
    "wrong_state",
]

#: What a request that is in the wrong state is doing, and what to do about it.
_SITUATIONS = {
    RequestState.PENDING: "is still waiting for approval. Accept it first.",
    RequestState.QUEUED: "is waiting in the queue. Grant the floor, or cancel the request.",
    RequestState.HELD: "has lost the connection; the place is held. Call the next one.",
    RequestState.CHECKING: "is on deck already. Wait for the checks, or grant the floor.",
    RequestState.READY: "is on deck and ready. Grant the floor, or take the request off deck.",
    RequestState.FAILED: "is on deck, not ready. Look at what is missing.",
    RequestState.FILED: "gave a written opinion. Let it be spoken first, or cancel it.",
    RequestState.ARMING: "already has the floor. Release or revoke it instead.",
    RequestState.LIVE: "is speaking now. Release or revoke the floor instead.",
    RequestState.PAUSED: "is paused. Let the speech go on, or release or revoke the floor.",
    RequestState.LINK_LOST: "has the floor, but the connection is lost. Wait, or end the speech.",
    RequestState.REVOKING: "is losing the floor already. Let the speech go on, or wait a moment.",
    RequestState.RELEASED: "has finished speaking. Make a new request.",
    RequestState.DENIED: "was denied. Make a new request.",
    RequestState.CANCELLED: "was cancelled. Make a new request.",
    RequestState.REVOKED: "lost the floor. Make a new request.",
}


def role_forbidden(actor: Actor, command: Command) -> FloorRefused:
    """Return the refusal of a command this role never may give."""
    return FloorRefused(
        Code.ROLE_FORBIDDEN,
        "Your role does not allow this. Ask a moderator to do it.",
        {"role": actor.role.value, "command": str(command.__struct_config__.tag)},
    )


def class_forbidden(actor: Actor, priority_class: str) -> FloorRefused:
    """Return the refusal of a priority class this role may not ask for."""
    return FloorRefused(
        Code.ROLE_FORBIDDEN,
        "Only a moderator can make a request of this class. Choose another class or ask one.",
        {"role": actor.role.value, "command": "request_floor", "priority_class": priority_class},
    )


def not_yours(actor: Actor, site: str) -> FloorRefused:
    """Return the refusal of a host who acts for another site."""
    return FloorRefused(
        Code.NOT_YOURS,
        f"This belongs to the bridge point {site}. Act for your own bridge point only.",
        {"site": site, "own_site": actor.site},
    )


def site_unknown(site: str) -> FloorRefused:
    """Return the refusal of a site this session does not have."""
    return FloorRefused(
        Code.SITE_UNKNOWN,
        f"This session has no bridge point “{site}”. Choose one from the list.",
        {"site": site},
    )


def name_missing() -> FloorRefused:
    """Return the refusal of a request that names nobody."""
    return FloorRefused(
        Code.FIELD_INVALID,
        "The name of the delegate is empty. Enter who is going to speak.",
        {"field": "name"},
    )


def list_closed() -> FloorRefused:
    """Return the refusal of a host's request to a closed list."""
    return FloorRefused(
        Code.LIST_CLOSED,
        "The list of speakers is closed. Only a point of order can be requested now; "
        "for anything else ask a moderator.",
    )


def list_suspended() -> FloorRefused:
    """Return the refusal of any request of a site while the list is suspended."""
    return FloorRefused(
        Code.LIST_SUSPENDED,
        "The list of speakers is suspended for the moment. Try again when it is open.",
    )


def too_many_requests(limit: int) -> FloorRefused:
    """Return the refusal of one more request from the same phone."""
    return FloorRefused(
        Code.TOO_MANY_REQUESTS,
        f"This phone has {limit} open requests already. Cancel one before making another.",
        {"limit": limit},
    )


def reply_unknown(named: str) -> FloorRefused:
    """Return the refusal of a reply to a speech nobody has given."""
    speech = "that one was not given" if named else "there is none yet"
    return FloorRefused(
        Code.REPLY_UNKNOWN,
        f"A reply answers a speech, and {speech}. Ask for a normal speech instead.",
        {"request": named},
    )


def duplicate_request(request: Request) -> FloorRefused:
    """Return the refusal of a second request for the same delegate and class."""
    return FloorRefused(
        Code.DUPLICATE_REQUEST,
        f"{request.name} is on the list already. Cancel that request before making a new one.",
        {
            "name": request.name,
            "site": request.site,
            "request": request.id,
            "state": request.state.value,
        },
    )


def not_your_phone(request: Request) -> FloorRefused:
    """Return the refusal of a phone that acts on somebody else's request."""
    return FloorRefused(
        Code.NOT_YOURS,
        "This request was made elsewhere. Ask the host of your bridge point.",
        {"site": request.site, "own_site": request.site},
    )


def request_unknown(request_id: str) -> FloorRefused:
    """Return the refusal of an id that is not, or no longer, where the command wants it."""
    return FloorRefused(
        Code.REQUEST_UNKNOWN,
        f"The request “{request_id}” is not on the list any more. Look at the list and try again.",
        {"request": request_id},
    )


def wrong_state(request: Request) -> FloorRefused:
    """Return the refusal of a command the request's state does not allow."""
    return FloorRefused(
        Code.WRONG_STATE,
        f"{request.name} ({request.site}) {_SITUATIONS[request.state]}",
        {
            "name": request.name,
            "site": request.site,
            "request": request.id,
            "state": request.state.value,
        },
    )


def floor_busy(holder: Request) -> FloorRefused:
    """Return the refusal of a grant while *holder* has the floor."""
    return FloorRefused(
        Code.FLOOR_BUSY,
        f"{holder.name} ({holder.site}) has the floor. End that speech first.",
        {"name": holder.name, "site": holder.site, "request": holder.id},
    )


def not_ready(request: Request) -> FloorRefused:
    """Return the refusal of a grant to a site that was not found ready."""
    missing = request.deck.missing if request.deck else ()
    if request.state is RequestState.HELD:
        what = "the connection is lost. Wait until it is back"
    else:
        what = ", ".join(missing) if missing else "it was not checked"
        what += ". Call the request on deck and wait"
    return FloorRefused(
        Code.NOT_READY,
        f"{request.name} ({request.site}) is not ready: {what}, or grant the floor all the same.",
        {
            "name": request.name,
            "site": request.site,
            "request": request.id,
            "state": request.state.value,
            "missing": ",".join(missing),
        },
    )


def link_bad(request: Request, why: str) -> FloorRefused:
    """Return the refusal of a grant to a site whose link is bad; *why* is a stable word."""
    return FloorRefused(
        Code.LINK_BAD,
        f"The link of {request.site} is bad. Call the following one and keep the place, "
        "or grant the floor all the same.",
        {"name": request.name, "site": request.site, "request": request.id, "why": why},
    )


def count_changed(count: int) -> FloorRefused:
    """Return the refusal to clear another number of requests than was seen."""
    return FloorRefused(
        Code.STALE_REVISION,
        "Somebody changed the list meanwhile. Look at it again, then repeat.",
        {"count": count},
    )


def proposal_changed() -> FloorRefused:
    """Return the refusal of a proposal that is no longer the one that was seen."""
    return FloorRefused(
        Code.PROPOSAL_CHANGED,
        "The proposed order has changed meanwhile. Look at it again, then apply it.",
    )


def capacity_too_large(limit: int) -> FloorRefused:
    """Return the refusal of more simultaneous speakers than can be heard."""
    return FloorRefused(
        Code.POLICY_INVALID,
        f"At most {limit} may speak at once here, more could not be heard.",
        {"why": "capacity", "limit": limit},
    )


def warning_too_long(limit: float) -> FloorRefused:
    """Return the refusal of a warning that would come before the speech begins."""
    return FloorRefused(
        Code.POLICY_INVALID,
        f"The warning must come less than {limit:g} s before the end.",
        {"why": "warning", "limit": int(limit)},
    )


def move_invalid(why: str, sentence: str) -> FloorRefused:
    """Return the refusal of a move; *why* is a stable word: ``target``, ``self`` or ``class``."""
    return FloorRefused(Code.MOVE_INVALID, sentence, {"why": why})
