"""What an event decides about its speaker queue, and what follows from it for one speech.

Defaults are the house rules of Vietnam's National Assembly: 7 minutes for a
first speech, 3 for a second.
"""

from __future__ import annotations

import msgspec

from bridge.floor.state import FloorState, Request

__all__ = ["FloorPolicy", "FloorSetup", "limit_for"]


class FloorPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Rules of one session.

    Attributes:
        capacity: how many may have the floor at once; the chair's class is not counted.
        first_limit: seconds for a site's first speech.
        next_limit: seconds for every later one.
        warning: seconds left when the speaker is warned.
        arm_timeout: seconds between grant and first sound before the place is given back.
        revoke_grace: seconds a speaker is still heard after the floor was revoked.
        auto_accept: hosts' requests join the queue without a moderator.
    """

    capacity: int = 1
    first_limit: float = 420.0
    next_limit: float = 180.0
    warning: float = 60.0
    arm_timeout: float = 30.0
    revoke_grace: float = 5.0
    auto_accept: bool = False


class FloorSetup(msgspec.Struct, frozen=True, kw_only=True):
    """What ``decide`` must know that is not in the log.

    Attributes:
        sites: site codes that may ask for the floor.
        policy: the rules.
    """

    sites: tuple[str, ...]
    policy: FloorPolicy = FloorPolicy()


def limit_for(policy: FloorPolicy, state: FloorState, request: Request) -> float:
    """Return the seconds *request* is given: more for the first speech of its site."""
    return policy.next_limit if state.spoken(request.site).speeches else policy.first_limit
