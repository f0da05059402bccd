"""The rules of a speaker queue, as an event file writes them under ``[policy]``."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from bridge.config.document import Table
from bridge.floor.policy import FloorPolicy
from bridge.state import MAX_MICROPHONES

__all__ = ["read_policy"]

E = TypeVar("E", bound=StrEnum)


def read_policy(table: Table, default: FloorPolicy) -> FloorPolicy:
    """Return the policy of *table*, its gaps filled from *default*; mistakes are noted."""
    policy = FloorPolicy(
        capacity=table.whole("capacity", 1, MAX_MICROPHONES - 1, default.capacity),
        first_limit=table.number("first_limit", 10, 7200, default.first_limit),
        next_limit=table.number("next_limit", 10, 7200, default.next_limit),
        contribution=_one_of(table, "contribution", default.contribution),
        chair_limit=table.number("chair_limit", 0, 7200, default.chair_limit),
        point_of_order_limit=table.number(
            "point_of_order_limit", 0, 7200, default.point_of_order_limit
        ),
        reply_limit=table.number("reply_limit", 0, 7200, default.reply_limit),
        warning=table.number("warning", 0, 600, default.warning),
        overtime=_one_of(table, "overtime", default.overtime),
        auto_accept=table.flag("auto_accept", default=default.auto_accept),
        auto_call=table.flag("auto_call", default=default.auto_call),
        auto_grant=table.flag("auto_grant", default=default.auto_grant),
        several_requests=table.flag("several_requests", default=default.several_requests),
        chair_priority=_one_of(table, "chair_priority", default.chair_priority),
        check_timeout=table.number("check_timeout", 5, 600, default.check_timeout),
        prep_timeout=table.number("prep_timeout", 5, 600, default.prep_timeout),
        arm_timeout=table.number("arm_timeout", 5, 600, default.arm_timeout),
        drop_timeout=table.number("drop_timeout", 5, 600, default.drop_timeout),
        revoke_grace=table.number("revoke_grace", 0, 60, default.revoke_grace),
    )
    shortest = min(policy.first_limit, policy.next_limit)
    inherited = min(default.first_limit, default.next_limit)
    if policy.warning >= shortest and (policy.warning, shortest) != (default.warning, inherited):
        table.note(
            "warning",
            f"the warning {policy.warning:g} s before the end comes before a speech "
            f"of {shortest:g} s begins",
            f"write fewer seconds than {shortest:g}",
        )
    table.finish()
    return policy


def _one_of(table: Table, key: str, default: E) -> E:
    options = type(default)
    value = table.choice(key, tuple(options), default)
    return options(value) if value in tuple(options) else default
