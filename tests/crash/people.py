"""What the people of a storm want next, from the view they have: mostly sensible, at random.

A refusal is as good as an acknowledgement here, so nothing below knows the rules
of the floor; it only keeps the lists short enough that something always happens.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

__all__ = ["Person", "host", "moderator", "watcher"]

Message = dict[str, Any]
Person = Callable[[Random, Message, int], Message | None]
"""From chance, a view and its revision to the command wanted now, if any, without ``cmd_id``."""

Wishes = list[tuple[float, Message]]
"""Commands with how much they are wanted."""

QUEUE_LONG = 12
"""From this many on, moderators rather shorten the queue: views stay small."""

OPEN_AT_ONCE = 3
"""Requests a site has open at once before it waits."""

CLASSES = ("normal", "normal", "normal", "reply", "point_of_order", "written")

IN_LINE = ("call_on_deck", "return_to_queue", "unaccept_request", "file_request", "accept_request")
SPEAKING = (
    "release_floor", "revoke_floor", "keep_floor", "pause_floor", "resume_floor",
    "extend_floor", "withdraw_grant",
)  # fmt: skip


def moderator(rng: Random, view: Message, rev: int) -> Message:
    """Return what a moderator who sees *view* does."""
    wishes = [
        *_show(rng, view),
        *_house(rng, view),
        *_pending(view),
        *_in_line(rng, view["queue"], rev),
        *_on_air(rng, view["speaking"]),
        *_filed_and_ended(rng, view),
    ]
    return _choose(rng, wishes)


def host(rng: Random, view: Message, rev: int) -> Message:
    """Return what the host of a site does; now and then about a request of another site."""
    del rev
    requests = view["requests"]
    mine = [requests[key] for key in view["mine"]]
    waiting = [one["id"] for one in mine if one["status"] in {"pending", "accepted"}]
    request = {"type": "request_floor", **_delegate(rng)}
    wishes: Wishes = [(6 if len(waiting) < OPEN_AT_ONCE else 1, request)]
    if waiting:
        one = rng.choice(waiting)
        wishes += [
            (1, _because("cancel_request", one)),
            (1, {"type": "edit_request", "request": one, **_texts(rng)}),
            (1, {"type": "confirm_return", "request": one}),
        ]
    if view["speaking"]:
        wishes.append((1, {"type": "release_floor", "request": rng.choice(view["speaking"])}))
    return _choose(rng, wishes)


def watcher(rng: Random, view: Message, rev: int) -> Message | None:
    """Return what somebody who may only watch tries all the same, now and then."""
    del rev
    if rng.random() < 0.9:
        return None
    return _choose(rng, [(1, _camera("take", rng, view)), (1, _list(rng))])


def _show(rng: Random, view: Message) -> Wishes:
    wishes: Wishes = [
        (3, _camera("set_preview", rng, view)),
        (1, _camera("take", rng, view)),
        (1, {"type": "start_item", "item": rng.choice(view["agenda"])["id"]}),
    ]
    if view["preview"]["source"]:
        wishes.append((1, {"type": "take"}))
        wishes.append((1, {"type": "take", "preview": view["preview"]["source"]}))
    return wishes


def _house(rng: Random, view: Message) -> Wishes:
    proposal = [place["request"] for place in view["proposal"]]
    change = {"capacity": rng.choice((1, 2)), "auto_call": rng.random() < 0.5}
    site = rng.choice(list(view["sites"]))
    return [
        (1, {"type": "request_floor", "site": site, **_delegate(rng)}),
        (1 if view["list_state"] == "open" else 4, _list(rng)),
        (1, {"type": "apply_proposal", "order": proposal}),
        (0.3, {"type": "set_policy", "change": change}),
        (0.1, {"type": "clear_requests", "count": len(view["queue"]) + len(view["pending"])}),
        (1, {"type": "undo"}),
    ]


def _pending(view: Message) -> Wishes:
    wishes: Wishes = []
    for request in view["pending"][:3]:
        wishes.append((6, {"type": "accept_request", "request": request}))
        wishes.append((1, _because("deny_request", request)))
    return wishes


def _in_line(rng: Random, queue: list[str], rev: int) -> Wishes:
    if not queue:
        return []
    one, other = rng.choice(queue), rng.choice(queue)
    move: Message = {"type": "move_request", "request": one, rng.choice(("before", "after")): other}
    if rng.random() < 0.25:
        move["expected_rev"] = rev
    return [
        (6, move),
        (4, {"type": "grant_floor", "request": queue[0], "override": True}),
        (1, {"type": "grant_floor", "request": one}),
        (1, {"type": "edit_request", "request": one, **_texts(rng)}),
        (8 if len(queue) > QUEUE_LONG else 1, _because("cancel_request", one)),
        *((0.6, {"type": kind, "request": one}) for kind in IN_LINE),
    ]


def _on_air(rng: Random, speaking: list[str]) -> Wishes:
    return [(1.5, _about_speech(rng, kind, key)) for key in speaking for kind in SPEAKING]


def _filed_and_ended(rng: Random, view: Message) -> Wishes:
    wishes: Wishes = []
    if view["filed"]:
        one = rng.choice(view["filed"])
        wishes.append((2, _because("cancel_request", one)))
        wishes.append((1, {"type": "unfile_request", "request": one}))
    if view["ended"]:
        one = rng.choice(view["ended"])
        wishes.append((1, {"type": "readd_request", "request": one}))
        wishes.append((0.5, {"type": "correct_time", "request": one, "seconds": 60}))
    return wishes


def _choose(rng: Random, wishes: Wishes) -> Message:
    return rng.choices([wish for _, wish in wishes], [weight for weight, _ in wishes])[0]


def _camera(kind: str, rng: Random, view: Message) -> Message:
    return {"type": kind, "source": f"camera:{rng.choice(list(view['sites']))}"}


def _list(rng: Random) -> Message:
    return {"type": "set_list", "state": rng.choice(("open", "open", "open", "closed"))}


def _because(kind: str, request: str) -> Message:
    return {"type": kind, "request": request, "reason": "Hết giờ"}


def _about_speech(rng: Random, kind: str, request: str) -> Message:
    if kind == "extend_floor":
        return {"type": kind, "request": request, "seconds": rng.choice((-60, -5, 5, 60))}
    return {"type": kind, "request": request}


def _texts(rng: Random) -> Message:
    return {
        "name": f"Đại biểu {rng.randrange(500)}",
        "title": rng.choice(("", "Giám đốc Sở", "Trưởng phòng")),
        "topic": rng.choice(("", "Chuyển đổi số ở vùng cao", "Đường sá, cầu cống")),
    }


def _delegate(rng: Random) -> Message:
    return {**_texts(rng), "priority_class": rng.choice(CLASSES)}
