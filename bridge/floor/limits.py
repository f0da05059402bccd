"""How long one speech may take. Pure."""

from __future__ import annotations

from bridge.floor.commands import PriorityClass
from bridge.floor.names import same_person
from bridge.floor.policy import Contribution, FloorPolicy
from bridge.floor.state import FloorState, Request

__all__ = ["earlier_speeches", "limit_for"]


def limit_for(policy: FloorPolicy, state: FloorState, request: Request) -> float:
    """Return the seconds *request* is given.

    A speech whose link dropped keeps its limit, a class may have its own; otherwise
    a first contribution gets more than a later one.
    """
    if request.carried_limit:
        return request.carried_limit
    own = {
        PriorityClass.CHAIR: policy.chair_limit,
        PriorityClass.POINT_OF_ORDER: policy.point_of_order_limit,
        PriorityClass.REPLY: policy.reply_limit,
    }.get(request.priority_class, 0.0)
    if own:
        return own
    return policy.next_limit if earlier_speeches(policy, state, request) else policy.first_limit


def earlier_speeches(policy: FloorPolicy, state: FloorState, request: Request) -> int:
    """Return how many speeches make *request* a later contribution."""
    if policy.contribution is Contribution.SITE:
        return state.spoken(request.site).speeches
    of_site = state.speeches_by_site.get(request.site, ())
    return sum(same_person(one.name, request.name) for one in of_site)
