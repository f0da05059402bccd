"""The rules an event chooses for its speaker queue; moderators may change them while it runs.

Defaults are the house rules of Vietnam's National Assembly: 7 minutes for a
first speech, 3 for a second or a debate turn.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

__all__ = ["ChairPriority", "Contribution", "FloorPolicy", "FloorSetup", "Overtime", "PolicyChange"]


class Overtime(StrEnum):
    """What happens when a speech has used its time."""

    WARN = "warn"  # the clock runs on in red and is counted
    CUT = "cut"  # the floor is taken back, with the usual grace


class ChairPriority(StrEnum):
    """What a grant of the chair's class does to those who speak."""

    BESIDE = "beside"
    SUSPEND = "suspend"  # they pause, and go on when the chair has ended
    CLEAR = "clear"  # their speeches end


class Contribution(StrEnum):
    """Whose earlier speeches make a speech a second one."""

    SITE = "site"
    DELEGATE = "delegate"


Capacity = Annotated[int, Meta(ge=1, le=3)]
Limit = Annotated[float, Meta(ge=10, le=7200)]
ClassLimit = Annotated[float, Meta(ge=0, le=7200)]
Wait = Annotated[float, Meta(ge=5, le=600)]
Warning_ = Annotated[float, Meta(ge=0, le=600)]
Grace = Annotated[float, Meta(ge=0, le=60)]


class FloorPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Rules of one session. Times are seconds.

    Attributes:
        capacity: how many may have the floor at once; the chair's class is not counted.
        first_limit: for a first speech.
        next_limit: for every later one.
        contribution: whether a site or a delegate is counted for "first".
        chair_limit, point_of_order_limit, reply_limit: for these classes; 0: as for a
            normal speech.
        warning: time left when the speaker is warned.
        overtime: what happens at the end of the time.
        auto_accept: hosts' requests join the queue without a moderator.
        auto_call: the first in line is called on deck by itself.
        auto_grant: the first one on deck gets the floor as soon as it is free and they are ready.
        several_requests: a delegate may have more than one open request of a class.
        chair_priority: what the chair's class does to those who speak.
        check_timeout: how long the checks of an on-deck speaker may take before they have failed.
        prep_timeout: how long a speaker may stay on deck without being ready.
        arm_timeout: between grant and first sound before the place is given back.
        drop_timeout: how long a speaker whose link dropped keeps the floor.
        revoke_grace: how long a speaker is still heard after the floor was revoked.
    """

    capacity: Capacity = 1
    first_limit: Limit = 420.0
    next_limit: Limit = 180.0
    contribution: Contribution = Contribution.SITE
    chair_limit: ClassLimit = 0.0
    point_of_order_limit: ClassLimit = 180.0
    reply_limit: ClassLimit = 180.0
    warning: Warning_ = 60.0
    overtime: Overtime = Overtime.WARN
    auto_accept: bool = False
    auto_call: bool = False
    auto_grant: bool = False
    several_requests: bool = False
    chair_priority: ChairPriority = ChairPriority.BESIDE
    check_timeout: Wait = 15.0
    prep_timeout: Wait = 120.0
    arm_timeout: Wait = 30.0
    drop_timeout: Wait = 30.0
    revoke_grace: Grace = 5.0


class PolicyChange(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """The fields of :class:`FloorPolicy` to change; ``None`` leaves one as it is."""

    capacity: Capacity | None = None
    first_limit: Limit | None = None
    next_limit: Limit | None = None
    contribution: Contribution | None = None
    chair_limit: ClassLimit | None = None
    point_of_order_limit: ClassLimit | None = None
    reply_limit: ClassLimit | None = None
    warning: Warning_ | None = None
    overtime: Overtime | None = None
    auto_accept: bool | None = None
    auto_call: bool | None = None
    auto_grant: bool | None = None
    several_requests: bool | None = None
    chair_priority: ChairPriority | None = None
    check_timeout: Wait | None = None
    prep_timeout: Wait | None = None
    arm_timeout: Wait | None = None
    drop_timeout: Wait | None = None
    revoke_grace: Grace | None = None

    def applied(self, policy: FloorPolicy) -> FloorPolicy:
        """Return *policy* with these changes."""
        values = msgspec.structs.asdict(self)
        return msgspec.structs.replace(
            policy, **{name: value for name, value in values.items() if value is not None}
        )

    @classmethod
    def between(cls, old: FloorPolicy, new: FloorPolicy) -> PolicyChange:
        """Return what changes *old* into *new*."""
        before, after = msgspec.structs.asdict(old), msgspec.structs.asdict(new)
        return cls(**{name: value for name, value in after.items() if value != before[name]})


class FloorSetup(msgspec.Struct, frozen=True, kw_only=True):
    """What ``decide`` must know that is not in the log.

    Attributes:
        sites: site codes that may ask for the floor.
        policy: the rules until a moderator changes them.
        max_capacity: the largest capacity at which every speaker can be heard.
    """

    sites: tuple[str, ...]
    policy: FloorPolicy = FloorPolicy()
    max_capacity: int = 3
