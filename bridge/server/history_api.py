"""``GET /api/sessions/{session}/history`` and ``.../history/moment``: the past of the links."""

from __future__ import annotations

import asyncio

import msgspec
from aiohttp import web

from bridge.errors import Code, ProtocolError
from bridge.ids import Role
from bridge.link.columns import SECONDS
from bridge.server.access import require, who
from bridge.server.context import CONTEXT
from bridge.sessions.history import HistoryView, MomentView
from bridge.sessions.runtime import SessionRuntime

__all__ = ["routes"]

#: Longest step, seconds: two hours in a dozen figures.
MAX_STEP = 600

_encoder = msgspec.json.Encoder()


async def site_history(request: web.Request) -> web.Response:
    """``GET .../history?site=&since=&until=&step=``: one site's past in columns."""
    runtime = _runtime(request)
    site = request.query.get("site", "")
    if site not in runtime.facts.sites:
        raise ProtocolError(Code.SITE_UNKNOWN, f"There is no site {site!r}.", {"site": site})
    now = int(request.app[CONTEXT].clock.now())
    until = min(now + 1, _seconds(request, "until", now + 1))
    since = max(now - SECONDS, _seconds(request, "since", now - SECONDS))
    step = max(1, min(MAX_STEP, _seconds(request, "step", 1)))
    # Two hours at one second are 16 ms of work: neither packets nor pages wait for them.
    return await asyncio.to_thread(_site, runtime, site, since, until, step)


async def moment(request: web.Request) -> web.Response:
    """``GET .../history/moment?at=``: every site's link at one second, and what led to it."""
    runtime = _runtime(request)
    at = _seconds(request, "at", int(request.app[CONTEXT].clock.now()))
    return await asyncio.to_thread(_moment, runtime, at)


def _site(runtime: SessionRuntime, site: str, since: int, until: int, step: int) -> web.Response:
    return _json(runtime.history.view(site, since, until, step))


def _moment(runtime: SessionRuntime, at: int) -> web.Response:
    return _json(runtime.history.moment(at))


def _runtime(request: web.Request) -> SessionRuntime:
    """Return the session, if the sender's token lets it see links."""
    context = request.app[CONTEXT]
    session = request.match_info["session"]
    runtime = context.runtime(session)
    require(who(request, context.tokens, session), Role.TECHNICIAN, Role.MODERATOR)
    return runtime


def _seconds(request: web.Request, name: str, default: int) -> int:
    """Return a whole number of the query.

    Raises:
        ProtocolError: it is none.
    """
    try:
        return int(float(request.query.get(name, default)))
    except (ValueError, OverflowError):
        raise ProtocolError(
            Code.FIELD_INVALID, f"{name} must be a number of seconds.", {"field": name}
        ) from None


def _json(view: HistoryView | MomentView) -> web.Response:
    return web.Response(
        body=_encoder.encode(view),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def routes() -> list[web.RouteDef]:
    """Return the routes."""
    return [
        web.get("/api/sessions/{session}/history", site_history),
        web.get("/api/sessions/{session}/history/moment", moment),
    ]
