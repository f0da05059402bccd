"""``/api/sessions/{session}/preflight``: what a host's page checks before it enters the room.

Its line, by a probe (``sessions/probes.py``), and its report, which the technicians see.
"""

from __future__ import annotations

import secrets

from aiohttp import web

from bridge.errors import Code, FloorRefused
from bridge.ids import Role
from bridge.link.rehearsal import Preflight
from bridge.server.access import check_origin, require, who
from bridge.server.context import CONTEXT
from bridge.server.media_api import SDP, own_peer, read_sdp
from bridge.server.problems import problem
from bridge.server.rehearsal_api import body_of, json
from bridge.server.tokens import Claims
from bridge.sessions.probes import PROBE_S

__all__ = ["routes"]

#: After how many seconds a page that was refused may try again: a probe may have ended, and its
#: 8 s of waiting for a turn (``check-deadlines.js``) are three tries.
RETRY_AFTER_S = 3


def _host(request: web.Request) -> Claims:
    context = request.app[CONTEXT]
    check_origin(request)
    session = request.match_info["session"]
    context.runtime(session)
    claims = who(request, context.tokens, session)
    require(claims, Role.HOST)
    return claims


async def begin(request: web.Request) -> web.Response:
    """``POST``: an SDP offer; 201 with the answer, or 409 while the line must be left alone."""
    context = request.app[CONTEXT]
    claims = _host(request)
    offer = await read_sdp(request, SDP)
    context.rehearsals[claims.session].require_idle(claims.site)
    try:
        peer, answer = context.probes.begin(
            claims.session,
            claims.site,
            offer,
            client=f"probe-{request.query.get('client', '')[:48] or secrets.token_hex(8)}",
            key=claims.key,
            expires=claims.expires,
        )
    except FloorRefused as refused:
        if refused.code is not Code.TEST_RUNNING:
            raise
        response = problem(refused.code, refused.message)
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
        return response
    headers = {"Location": f"{request.path}/{peer.id}", "Probe-Seconds": str(round(PROBE_S))}
    return web.Response(status=201, text=answer, content_type=SDP, headers=headers)


async def read(request: web.Request) -> web.Response:
    """``GET …/{peer}``: what the server measured so far."""
    return json(request.app[CONTEXT].probes.report(own_peer(request).id))


async def end(request: web.Request) -> web.Response:
    """``DELETE …/{peer}``: the page has measured enough."""
    check_origin(request)
    await request.app[CONTEXT].probes.end(own_peer(request).id)
    return web.Response()


async def report(request: web.Request) -> web.Response:
    """``PUT``: what the page found, for the technicians."""
    claims = _host(request)
    found = await body_of(request, Preflight)
    await request.app[CONTEXT].rehearsals[claims.session].report(claims.actor(), found)
    return web.Response(status=204)


def routes() -> list[web.RouteDef]:
    """Return the routes."""
    path = "/api/sessions/{session}/preflight"
    return [
        web.post(path, begin),
        web.put(path, report),
        web.get(path + "/{peer}", read),
        web.delete(path + "/{peer}", end),
    ]
