"""Who did what last, and how it is undone. Pure; part of the session's state.

Kept for the newest actions of people: enough for a clear word when two moderators
meet, and for taking back one's own last step. Undoing is a new entry of the log that
compensates; nothing is ever removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import asdict, replace

from bridge.commands import Actor, Command, Event
from bridge.floor import FloorEvent, FloorPolicy, FloorState
from bridge.floor.commands import RestoreOrder
from bridge.floor.events import ListClosed, ListOpened, ListSuspended, PolicyChanged
from bridge.floor.policy import PolicyChange
from bridge.ids import Role
from bridge.show import ShowEvent, ShowState
from bridge.show.events import (
    InsetTaken,
    LayoutTaken,
    PreviewInsetSet,
    PreviewLayoutSet,
    PreviewSet,
    ProgramTaken,
)
from bridge.undoing import Part, inverse

__all__ = [
    "KEPT",
    "Action",
    "ActionUndone",
    "History",
    "Undo",
    "about",
    "last_of",
    "overtaken",
    "record",
]

#: Actions of moderators that are remembered, and as many of everybody else: a hall full of
#: phones must not push out what a moderator wants to take back.
KEPT = 60


class Undo(Command, frozen=True, kw_only=True, tag="undo"):
    """Take back one's own last action.

    Attributes:
        rev: the revision of the action that is meant, so that a second click takes back nothing
            more; 0 for the newest that can be taken back.
    """

    rev: Annotated[int, Meta(ge=0)] = 0


class ActionUndone(Event, frozen=True, kw_only=True, tag="action_undone"):
    """What follows in this commit takes back the commit of revision *rev*."""

    rev: int


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One commit of a person.

    Attributes:
        rev: its revision. at: Unix seconds.
        actor: who it was.
        deed: tag of the event that says what was done.
        request: the request it was about, empty for none.
        matter: what else it was about: two actions meet if they change the same matter of the
            same things.
        touched: those things: requests, or names of rules; empty if the matter is but one.
        undo: commands that take it back, empty if nothing does.
        undone: it was taken back.
    """

    rev: int
    at: float
    actor: Actor
    deed: str
    request: str = ""
    matter: str = ""
    touched: tuple[str, ...] = ()
    undo: tuple[Part, ...] = ()
    undone: bool = False


class History(msgspec.Struct, frozen=True):
    """The newest actions of people, oldest first; at most :data:`KEPT` of each kind."""

    actions: tuple[Action, ...] = ()


def record(
    history: History,
    floor: tuple[FloorState, FloorPolicy],
    show: ShowState,
    actor: Actor,
    events: Sequence[FloorEvent | ShowEvent | ActionUndone],
    at: float,
    rev: int,
) -> History:
    """Return *history* with a commit in it; what the server did by itself is left out.

    *floor* is the queue and the rules in force, *show* the show, before the commit of *rev*
    at *at* (Unix seconds); the first of its *events* says what it was about.
    """
    if actor.role is Role.SYSTEM or not events:
        return history
    first = events[0]
    actions = history.actions
    if isinstance(first, ActionUndone):
        actions = tuple(
            replace(one, undone=True) if one.rev == first.rev else one for one in actions
        )
        meant = (one for one in history.actions if one.rev == first.rev)
        nothing = Action(rev=rev, at=at, actor=actor, deed="")
        action = replace(
            next(meant, nothing), rev=rev, at=at, actor=actor, deed=_tag(first), undo=()
        )
    else:
        action = Action(
            rev=rev,
            at=at,
            actor=actor,
            deed=_tag(first),
            request=getattr(first, "request", ""),
            matter=_MATTERS.get(type(first), _tag(first)),
            touched=_touched(floor[1], first, events),
            undo=inverse(*floor, show, first, events),
        )
    return History(_newest((*actions, action)))


def _tag(event: Event) -> str:
    return str(event.__struct_config__.tag)


#: Kinds of events that change one and the same thing.
_MATTERS: dict[type[Event], str] = {
    **dict.fromkeys((ListOpened, ListClosed, ListSuspended), "list"),
    **dict.fromkeys((ProgramTaken, InsetTaken, LayoutTaken), "program"),
    **dict.fromkeys((PreviewSet, PreviewInsetSet, PreviewLayoutSet), "preview"),
}


def _touched(
    policy: FloorPolicy,
    first: FloorEvent | ShowEvent,
    events: Sequence[Event],
) -> tuple[str, ...]:
    """Return the requests that *events* do the same to as *first*, or the rules it changes."""
    if isinstance(first, PolicyChanged):
        change = PolicyChange.between(policy, first.policy)
        return tuple(name for name, value in asdict(change).items() if value is not None)
    same = [getattr(event, "request", "") for event in events if type(event) is type(first)]
    return tuple(filter(None, same))


def _newest(actions: tuple[Action, ...]) -> tuple[Action, ...]:
    """Return *actions* without the oldest of the kind the newest is of, if those are too many."""
    moderators = actions[-1].actor.role is Role.MODERATOR
    alike = [
        place
        for place, action in enumerate(actions)
        if (action.actor.role is Role.MODERATOR) is moderators
    ]
    if len(alike) <= KEPT:
        return actions
    return (*actions[: alike[0]], *actions[alike[0] + 1 :])


def last_of(history: History, actor: Actor, rev: int = 0) -> Action | None:
    """Return the newest action of *actor* that can be taken back, if it is that of *rev*."""
    for action in reversed(history.actions):
        if action.actor.key == actor.key and action.undo and not action.undone:
            return action if rev in {0, action.rev} else None
    return None


def overtaken(history: History, action: Action) -> Action | None:
    """Return what somebody else did since that taking *action* back would take back, too."""
    others = [
        later
        for later in history.actions
        if later.rev > action.rev
        and later.actor.key != action.actor.key
        and later.matter == action.matter
        and not later.undone
    ]
    if action.touched and not any(isinstance(part, RestoreOrder) for part in action.undo):
        others = [later for later in others if set(action.touched) & set(later.touched)]
    return others[-1] if others else None


def about(history: History, request: str, besides: Actor) -> Action | None:
    """Return what somebody else did last with *request*."""
    for action in reversed(history.actions):
        if request in action.touched and action.actor.key != besides.key:
            return action
    return None
