"""``GET /ice/{session}``: the TURN server and credentials for it, for whoever may have media."""

from __future__ import annotations

import msgspec
from aiohttp import web

from bridge.ids import Role
from bridge.server.access import require, who
from bridge.server.context import CONTEXT
from bridge.server.turn import ice_servers

__all__ = ["routes"]


async def ice(request: web.Request) -> web.Response:
    """Answer with what a page gives to ``new RTCPeerConnection``."""
    context = request.app[CONTEXT]
    session = request.match_info["session"]
    context.runtime(session)
    claims = who(request, context.tokens, session)
    # All but a delegate's phone, which has no media.
    require(claims, Role.HOST, Role.MODERATOR, Role.TECHNICIAN, Role.STAGE)
    return web.Response(
        body=msgspec.json.encode(ice_servers(context.turn, claims.role, claims.key)),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def routes() -> list[web.RouteDef]:
    """Return the route."""
    return [web.get("/ice/{session}", ice)]
