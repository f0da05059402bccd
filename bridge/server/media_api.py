"""SDP over HTTP: ``/media`` for our pages, and what ``whip_api`` shares with it.

All of it is one exchange (RFC 9725 section 4.2): an offer is answered with
201, the answer and the ``Location`` of the new resource; ``PATCH`` restarts
ICE, ``DELETE`` ends it. They differ in who may come and what may be sent.
"""

from __future__ import annotations

import logging
import secrets

from aiohttp import web

from bridge.errors import AccessDenied, Code, MediaError, ProtocolError
from bridge.ids import Rank, Role
from bridge.logs import note
from bridge.media.peer_id import code_of, new_peer_id
from bridge.media.router import THUMBNAILS
from bridge.media.server import Peer, PeerIdentity
from bridge.server.access import check_origin, require, who
from bridge.server.context import CONTEXT
from bridge.server.tokens import Claims

__all__ = [
    "FRAGMENT",
    "SDP",
    "VIEWERS",
    "connect",
    "joining",
    "own_peer",
    "rank_of",
    "read_sdp",
    "routes",
]

log = logging.getLogger(__name__)

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
#: What browsers say of themselves has 100 to 150 characters.
MAX_AGENT = 200
#: An offer with 64 video slots has 250 KiB.
MAX_SDP_BYTES = 512 * 1024
CONTROL_SLOTS = {"preview", "preview_inset", "monitor", *THUMBNAILS}
SLOTS = {"main", "inset", *CONTROL_SLOTS}
CONTROL_ROLES = {Role.MODERATOR, Role.TECHNICIAN}
#: Who may see and hear; a delegate's phone only asks for the floor.
VIEWERS = (Role.HOST, Role.MODERATOR, Role.TECHNICIAN, Role.STAGE)


async def read_sdp(request: web.Request, *types: str) -> str:
    """Return the SDP in the body.

    Raises:
        ProtocolError: too large, not text, or not said to be of one of the media *types*.
    """
    if request.content_type not in types:
        raise ProtocolError(
            Code.MEDIA_TYPE_UNSUPPORTED, f"Send it with `Content-Type: {' or '.join(types)}`."
        )
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
    wrong = [name for name in names if name not in SLOTS or names.count(name) > 1]
    if wrong:
        raise ProtocolError(
            Code.FIELD_INVALID,
            f"No slot {wrong[0]!r}, or not twice; slots are: {', '.join(sorted(SLOTS))}.",
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
    peer = joining(request)
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
        talks=claims.role is Role.TECHNICIAN and request.query.get("talk") == "1",
        peer=peer,
    )
    return connect(request, await read_sdp(request, SDP), identity)


def joining(request: web.Request) -> str:
    """Return the id of the peer that *request* will make; what the log says is about it."""
    peer = new_peer_id()
    note(peer=code_of(peer))
    browser = request.headers.get("User-Agent", "?")[:MAX_AGENT]
    log.info("joins by %s with %r", request.path, browser)
    return peer


def connect(request: web.Request, offer: str, identity: PeerIdentity) -> web.Response:
    """Make the peer; return 201 with its answer."""
    peer, answer = request.app[CONTEXT].media.connect(offer, identity)
    headers = {"Location": f"{request.path}/{peer.id}", "ETag": peer.etag}
    return web.Response(status=201, text=answer, content_type=SDP, headers=headers)


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
    note(peer=code_of(peer.id))
    return peer


async def restart(request: web.Request) -> web.Response:
    """``PATCH``: an ICE restart of a page, as a whole offer or as an SDP fragment."""
    check_origin(request)
    peer = own_peer(request)
    media = request.app[CONTEXT].media
    sdp = await read_sdp(request, SDP, FRAGMENT)
    expected = request.headers.get("If-Match", "*")
    if expected not in {"*", peer.etag}:
        raise ProtocolError(
            Code.PRECONDITION_FAILED, "The ICE session has changed; use its newest ETag."
        )
    if request.content_type == SDP:
        answered = media.restart(peer.id, sdp)
        log.info("restarts ICE")
        return web.Response(text=answered, content_type=SDP, headers={"ETag": peer.etag})
    fragment = media.restart_ice(peer.id, sdp)
    if fragment is None:
        return web.Response(status=204)  # trickled candidates: an ICE-lite server needs none
    log.info("restarts ICE")
    return web.Response(text=fragment, content_type=FRAGMENT, headers={"ETag": peer.etag})


async def delete(request: web.Request) -> web.Response:
    """``DELETE``: the client leaves."""
    check_origin(request)
    await request.app[CONTEXT].media.disconnect(own_peer(request).id)
    return web.Response()


def routes() -> list[web.RouteDef]:
    """Return the routes of our pages' media."""
    path = "/media/{session}"
    return [
        web.post(path, media),
        web.patch(path + "/{peer}", restart),
        web.delete(path + "/{peer}", delete),
    ]
