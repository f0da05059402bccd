"""``/whip`` and ``/whep``: encoders and players that are not our pages.

RFC 9725 and draft-ietf-wish-whep. An endpoint takes ``POST`` with an offer and
answers 201 with the location of a session; the session takes ``PATCH`` with a
fragment (trickled candidates, or new credentials to restart ICE) and
``DELETE``. docs/protocol.md has the table of what is supported.
"""

from __future__ import annotations

import logging
import secrets

from aiohttp import web

from bridge.errors import AccessDenied, Code, ProtocolError
from bridge.ids import Role
from bridge.media.constraints import check_egress, check_ingest
from bridge.media.sdp import parse_offer
from bridge.media.server import PeerIdentity
from bridge.server.access import check_origin, require, who
from bridge.server.context import CONTEXT
from bridge.server.cross_origin import preflight_headers
from bridge.server.media_api import (
    FRAGMENT,
    SDP,
    VIEWERS,
    connect,
    joining,
    own_peer,
    rank_of,
    read_sdp,
)
from bridge.server.tokens import Claims
from bridge.server.turn import ice_links

__all__ = ["routes"]

log = logging.getLogger(__name__)

ENDPOINT_METHODS = "GET, HEAD, OPTIONS, POST"
SESSION_METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH"


def publisher(request: web.Request) -> Claims:
    """Return the claims of an encoder that may publish as the site in the path.

    Raises:
        AccessDenied: not a host's token, or another site's. ProtocolError: no such site.
    """
    context = request.app[CONTEXT]
    check_origin(request)
    session, site = request.match_info["session"], request.match_info["site"]
    runtime = context.runtime(session)
    claims = who(request, context.tokens, session)
    require(claims, Role.HOST)
    if site not in runtime.facts.sites:
        raise ProtocolError(Code.SITE_UNKNOWN, f"There is no site {site!r}.", {"site": site})
    if claims.site != site:
        raise AccessDenied(
            Code.ROLE_FORBIDDEN, f"This token publishes for {claims.site}, not for {site}."
        )
    return claims


def viewer(request: web.Request) -> Claims:
    """Return the claims of a player; any token but a phone's may.

    Raises:
        AccessDenied: a phone's token, or none.
    """
    context = request.app[CONTEXT]
    check_origin(request)
    session = request.match_info["session"]
    context.runtime(session)
    claims = who(request, context.tokens, session)
    require(claims, *VIEWERS)
    return claims


async def whip(request: web.Request) -> web.Response:
    """``POST /whip/{session}/{site}``: an encoder publishes as a site (RFC 9725 4.2)."""
    claims = publisher(request)
    peer = joining(request)
    offer = await read_sdp(request, SDP)
    check_ingest(parse_offer(offer))
    identity = PeerIdentity(
        session=claims.session,
        role=claims.role,
        site=claims.site,
        client=secrets.token_hex(8),
        slots=(),
        publish=True,
        token_key=claims.key,
        expires=claims.expires,
        rank=rank_of(request),
        peer=peer,
    )
    return created(request, offer, identity)


async def whep(request: web.Request) -> web.Response:
    """``POST /whep/{session}``: a player views the program (draft-ietf-wish-whep 4.2)."""
    claims = viewer(request)
    if request.content_length == 0:
        # The first drafts of WHEP let a player ask for an offer this way.
        raise ProtocolError(
            Code.NOT_ACCEPTABLE,
            "This server makes no offers: send one, and it is answered.",
        )
    peer = joining(request)
    offer = await read_sdp(request, SDP)
    check_egress(parse_offer(offer))
    identity = PeerIdentity(
        session=claims.session,
        role=claims.role,
        site=claims.site,
        client=secrets.token_hex(8),
        slots=("main",),
        publish=False,
        token_key=claims.key,
        expires=claims.expires,
        stream="program",
        peer=peer,
    )
    return created(request, offer, identity)


def created(request: web.Request, offer: str, identity: PeerIdentity) -> web.Response:
    """Make the session; return 201 with its answer, address, tag and TURN servers."""
    response = connect(request, offer, identity)
    for link in ice_links(request.app[CONTEXT].turn, identity.role, identity.token_key):
        response.headers.add("Link", link)
    response.headers["Accept-Patch"] = FRAGMENT
    return response


async def patch(request: web.Request) -> web.Response:
    """``PATCH``: trickled candidates (204), or an ICE restart (200) (RFC 9725 4.3)."""
    check_origin(request)
    peer = own_peer(request)
    wanted = request.headers.get("If-Match")
    if wanted is None:
        raise ProtocolError(
            Code.PRECONDITION_REQUIRED,
            "Send the session's newest ETag as `If-Match`, or `If-Match: *` to restart ICE.",
        )
    tags = {tag.strip() for tag in wanted.split(",")}
    # RFC 9725 writes the asterisk without quotes in its text and with them in its examples.
    restart = not tags.isdisjoint({"*", '"*"'})
    if not restart and peer.etag not in tags:
        raise ProtocolError(
            Code.PRECONDITION_FAILED, "The ICE session has changed; use its newest ETag."
        )
    fragment = request.app[CONTEXT].media.restart_ice(
        peer.id, await read_sdp(request, FRAGMENT), wanted=restart
    )
    if fragment is None:
        return web.Response(status=204)
    log.info("restarts ICE")
    return web.Response(text=fragment, content_type=FRAGMENT, headers={"ETag": peer.etag})


async def leave(request: web.Request) -> web.Response:
    """``DELETE``: the session ends, whatever ``If-Match`` says (RFC 9725 4.3.1).

    One that has ended is no error: OBS closes DTLS first, deletes then, and wants 200.
    """
    check_origin(request)
    context = request.app[CONTEXT]
    who(request, context.tokens, request.match_info["session"])
    if context.media.peer(request.match_info["peer"]) is not None:
        await context.media.disconnect(own_peer(request).id)
    return web.Response()


async def whip_endpoint(request: web.Request) -> web.Response:
    """``GET`` of an endpoint: it has no representation (RFC 9725 4.1)."""
    publisher(request)
    return web.Response(status=204)


async def whep_endpoint(request: web.Request) -> web.Response:
    """``GET`` of an endpoint: it has no representation (draft-ietf-wish-whep 4.1)."""
    viewer(request)
    return web.Response(status=204)


async def session(request: web.Request) -> web.Response:
    """``GET`` of a session: it has no representation either."""
    check_origin(request)
    own_peer(request)
    return web.Response(status=204)


async def endpoint_options(request: web.Request) -> web.Response:
    """``OPTIONS`` of an endpoint: what it takes, from whom (RFC 9725 4.2)."""
    headers = {"Allow": ENDPOINT_METHODS, "Accept-Post": SDP}
    return web.Response(headers={**headers, **preflight_headers(request, ENDPOINT_METHODS)})


async def session_options(request: web.Request) -> web.Response:
    """``OPTIONS`` of a session (RFC 5789 3.1)."""
    headers = {"Allow": SESSION_METHODS, "Accept-Patch": FRAGMENT}
    return web.Response(headers={**headers, **preflight_headers(request, SESSION_METHODS)})


def routes() -> list[web.RouteDef]:
    """Return all routes of WHIP and WHEP."""
    found = []
    for path, post, get in (
        ("/whip/{session}/{site}", whip, whip_endpoint),
        ("/whep/{session}", whep, whep_endpoint),
    ):
        found += [
            web.post(path, post),
            web.get(path, get),
            web.options(path, endpoint_options),
            web.patch(path + "/{peer}", patch),
            web.delete(path + "/{peer}", leave),
            web.get(path + "/{peer}", session),
            web.options(path + "/{peer}", session_options),
        ]
    return found
