"""SDP over HTTP: ``/media`` for our pages, ``/whip`` and ``/whep`` for everybody else.

All three are one exchange (RFC 9725 section 4.2): an offer is answered with
201, the answer and the ``Location`` of the new resource; ``PATCH`` restarts
ICE, ``DELETE`` ends it. They differ in who may come and what may be sent.
"""

from __future__ import annotations

import secrets

from aiohttp import web

from bridge.errors import AccessDenied, Code, MediaError, ProtocolError
from bridge.ids import Rank, Role
from bridge.media.server import Peer, PeerIdentity
from bridge.server.access import check_origin, require, who
from bridge.server.context import CONTEXT
from bridge.server.tokens import Claims
from bridge.server.turn import ice_links

__all__ = ["routes"]

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
#: An offer with 64 video slots has 250 KiB.
MAX_SDP_BYTES = 512 * 1024
SLOTS = {"main", "inset", "preview", "preview_inset", "monitor"}
CONTROL_SLOTS = {"preview", "preview_inset", "monitor"}
CONTROL_ROLES = {Role.MODERATOR, Role.TECHNICIAN}
#: Who may see and hear; a delegate's phone only asks for the floor.
VIEWERS = (Role.HOST, Role.MODERATOR, Role.TECHNICIAN, Role.STAGE)


async def read_sdp(request: web.Request) -> str:
    """Return the SDP in the body.

    Raises:
        ProtocolError: too large, not text, or not said to be SDP.
    """
    if request.content_type not in {SDP, FRAGMENT}:
        raise ProtocolError(Code.SDP_MALFORMED, f"Send the offer with `Content-Type: {SDP}`.")
    body = await request.content.read(MAX_SDP_BYTES + 1)
    while len(body) <= MAX_SDP_BYTES and (more := await request.content.read(MAX_SDP_BYTES)):
        body += more
    if len(body) > MAX_SDP_BYTES:
        raise ProtocolError(
            Code.MESSAGE_TOO_LARGE,
            f"An offer may have {MAX_SDP_BYTES} bytes.",
            {"limit": MAX_SDP_BYTES},
        )
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise ProtocolError(Code.SDP_MALFORMED, "The offer is not UTF-8 text.") from None


def slots_of(request: web.Request, claims: Claims) -> tuple[str, ...]:
    """Return the names of the page's receive-only video m-lines, in order.

    Raises:
        ProtocolError: an unknown name. AccessDenied: one this role may not have.
    """
    names = tuple(filter(None, request.query.get("slots", "main,inset").split(",")))
    unknown = [name for name in names if name not in SLOTS]
    if unknown or len(names) > 8:
        raise ProtocolError(
            Code.FIELD_INVALID,
            f"Unknown slot {unknown[:1] or 'count'}; slots are: {', '.join(sorted(SLOTS))}.",
            {"field": "slots"},
        )
    if claims.role not in CONTROL_ROLES and CONTROL_SLOTS.intersection(names):
        raise AccessDenied(Code.ROLE_FORBIDDEN, "Only the control room has preview and monitor.")
    return names


def rank_of(request: web.Request) -> Rank:
    """Return what the device says it is to its site: ``backup=1``, ``standby=1`` or neither."""
    if request.query.get("backup") == "1":
        return Rank.BACKUP
    return Rank.STANDBY if request.query.get("standby") == "1" else Rank.MAIN


async def media(request: web.Request) -> web.Response:
    """``POST /media/{session}``: a page joins; hosts publish, everybody but phones may view."""
    context = request.app[CONTEXT]
    check_origin(request)
    session = request.match_info["session"]
    context.runtime(session)
    claims = who(request, context.tokens, session)
    require(claims, *VIEWERS)
    identity = PeerIdentity(
        session=session,
        role=claims.role,
        site=claims.site,
        client=request.query.get("client", "")[:64] or secrets.token_hex(8),
        slots=slots_of(request, claims),
        publish=claims.role is Role.HOST,
        token_key=claims.key,
        expires=claims.expires,
        rank=rank_of(request),
    )
    return await answer(request, identity, f"/media/{session}")


async def whip(request: web.Request) -> web.Response:
    """``POST /whip/{session}/{site}``: an encoder publishes as a site (RFC 9725)."""
    context = request.app[CONTEXT]
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
    identity = PeerIdentity(
        session=session,
        role=claims.role,
        site=site,
        client=secrets.token_hex(8),
        slots=(),
        publish=True,
        token_key=claims.key,
        expires=claims.expires,
        rank=rank_of(request),
    )
    return await answer(request, identity, f"/whip/{session}/{site}")


async def whep(request: web.Request) -> web.Response:
    """``POST /whep/{session}``: a player views the program; any token but a phone's may."""
    context = request.app[CONTEXT]
    session = request.match_info["session"]
    context.runtime(session)
    claims = who(request, context.tokens, session)
    require(claims, *VIEWERS)
    identity = PeerIdentity(
        session=session,
        role=claims.role,
        site=claims.site,
        client=secrets.token_hex(8),
        slots=("main",),
        publish=False,
        token_key=claims.key,
        expires=claims.expires,
    )
    return await answer(request, identity, f"/whep/{session}")


async def answer(request: web.Request, identity: PeerIdentity, base: str) -> web.Response:
    """Make the peer and send 201 with its answer."""
    offer = await read_sdp(request)
    peer, sdp = request.app[CONTEXT].media.connect(offer, identity)
    headers = {"Location": f"{base}/{peer.id}", "ETag": peer.etag}
    response = web.Response(status=201, text=sdp, content_type=SDP, headers=headers)
    if not base.startswith("/media/"):  # our pages need them before they make an offer
        for link in ice_links(request.app[CONTEXT].turn, identity.role, identity.token_key):
            response.headers.add("Link", link)
    return response


def own_peer(request: web.Request) -> Peer:
    """Return the peer in the path, if the sender made it.

    Raises:
        MediaError: it is not there (any more), or somebody else's.
    """
    context = request.app[CONTEXT]
    claims = who(request, context.tokens, request.match_info["session"])
    peer = context.media.peer(request.match_info["peer"])
    if peer is None or peer.who.token_key != claims.key:
        raise MediaError(
            Code.PEER_UNKNOWN, "That media connection has ended. Join again with a new offer."
        )
    return peer


async def restart(request: web.Request) -> web.Response:
    """``PATCH``: an ICE restart, as a whole offer or as an SDP fragment (RFC 9725 section 4.3)."""
    check_origin(request)
    peer = own_peer(request)
    media = request.app[CONTEXT].media
    sdp = await read_sdp(request)
    expected = request.headers.get("If-Match", "*")
    if expected not in {"*", peer.etag}:
        raise web.HTTPPreconditionFailed(text="The ICE session has changed; use its newest ETag.")
    if request.content_type == SDP:
        answered = media.restart(peer.id, sdp)
        return web.Response(text=answered, content_type=SDP, headers={"ETag": peer.etag})
    fragment = media.restart_ice(peer.id, sdp)
    if fragment is None:
        return web.Response(status=204)  # trickled candidates: an ICE-lite server needs none
    return web.Response(text=fragment, content_type=FRAGMENT, headers={"ETag": peer.etag})


async def delete(request: web.Request) -> web.Response:
    """``DELETE``: the client leaves."""
    check_origin(request)
    await request.app[CONTEXT].media.disconnect(own_peer(request).id)
    return web.Response()


def routes() -> list[web.RouteDef]:
    """Return all media routes."""
    resources = ("/media/{session}", "/whip/{session}/{site}", "/whep/{session}")
    starts = zip(resources, (media, whip, whep), strict=True)
    return [
        *(web.post(path, handler) for path, handler in starts),
        *(web.patch(path + "/{peer}", restart) for path in resources),
        *(web.delete(path + "/{peer}", delete) for path in resources),
    ]
