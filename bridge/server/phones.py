"""Phones: a delegate's comes by the link of its site and is given a key of its own.

``GET /qr/{session}`` gives that link to the host of the site, as a code to scan, and the host's
own link for the phone that is to be the site's backup line.
"""

from __future__ import annotations

import io

import msgspec
import segno
from aiohttp import web

from bridge.errors import AccessDenied, Code, ProtocolError
from bridge.ids import Role
from bridge.server.access import COOKIE_PREFIX, bearer, require, who
from bridge.server.context import CONTEXT, Context
from bridge.server.tokens import Claims

__all__ = ["own_token", "routes"]

#: Modules of light around a code (ISO/IEC 18004 section 6.3.8).
QUIET_ZONE = 4


def own_token(request: web.Request, link: Claims) -> tuple[str, Claims]:
    """Return the token of the phone that came by *link*: the one it has, or a new one.

    Raises:
        AccessDenied: too many phones came from there. ProtocolError: the site has gone.
    """
    context = request.app[CONTEXT]
    _check_site(context, link.session, link.site)
    known: list[tuple[int, str, Claims]] = []
    for name, value in request.cookies.items():
        if name.startswith(COOKIE_PREFIX):
            try:
                claims = context.tokens.read(value)
            except AccessDenied:
                continue
            if claims.parent == link.key:
                known.append((claims.issued, value, claims))
    if known:
        _, token, claims = max(known)
        return token, claims
    context.admissions.admit(request.remote or "", link.key)
    return context.tokens.mint_phone(link)


async def code(request: web.Request) -> web.Response:
    """``GET /qr/{session}``: the link for the phones of a site, as SVG, or as JSON if asked.

    With ``?backup=1`` it is the host's own link for a second device of the site.
    """
    context = request.app[CONTEXT]
    session = request.match_info["session"]
    context.runtime(session)
    claims = who(request, context.tokens, session)
    backup = request.query.get("backup") == "1"
    require(claims, Role.HOST, *(() if backup else (Role.MODERATOR,)))
    site = request.query.get("site", claims.site)
    if claims.role is Role.HOST and site != claims.site:
        raise AccessDenied(
            Code.ROLE_FORBIDDEN, f"This token has the code of {claims.site}, not of {site}."
        )
    _check_site(context, session, site)
    if backup:
        token = bearer(request) or request.cookies[COOKIE_PREFIX + claims.key]
        path, expires = f"{token}?backup=1", claims.expires
    else:
        path, link = context.site_links.link(session, site)
        expires = link.expires
    url = f"{context.url}/j/{path}"
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    if "application/json" in request.headers.get("Accept", ""):
        answer = {"url": url, "site": site, "expires": expires}
        return web.Response(
            body=msgspec.json.encode(answer), content_type="application/json", headers=headers
        )
    return web.Response(body=drawing(url), content_type="image/svg+xml", headers=headers)


def drawing(text: str) -> bytes:
    """Return *text* as a QR code in SVG without a size of its own; error correction M or better."""
    svg = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        svg,
        kind="svg",
        border=QUIET_ZONE,
        dark="#000",
        light="#fff",
        omitsize=True,
        xmldecl=False,
        svgclass=None,
        lineclass=None,
    )
    return svg.getvalue()


def _check_site(context: Context, session: str, site: str) -> None:
    sites = context.runtime(session).facts.sites
    if site not in sites:
        raise ProtocolError(
            Code.SITE_UNKNOWN,
            f"There is no site {site!r} in {session}. Give one with ?site=: {', '.join(sites)}.",
            {"site": site},
        )


def routes() -> list[web.RouteDef]:
    """Return the route of the code."""
    return [web.get("/qr/{session}", code)]
