"""Encoders and players in pages of other origins: CORS for ``/whip`` and ``/whep``.

RFC 9725 4.2 wants it. A foreign page may speak for nobody but the bearer of
the token it shows itself: no browser adds an ``Authorization`` header on its own,
while it does add cookies. So a preflight is granted if it announces that
header, answers are readable by every origin, and none is ever readable to a
request with cookies (``*`` without ``Access-Control-Allow-Credentials``, Fetch
3.3.5). ``access.check_origin`` refuses foreign requests without a token.
"""

from __future__ import annotations

from aiohttp import web

__all__ = ["expose", "preflight_headers"]

#: First path segments of what other origins may use.
OPEN = {"whip", "whep"}
#: Chromium keeps a preflight for two hours at most, Firefox for a day.
MAX_AGE_S = 7200
#: What a client of RFC 9725 reads, beyond what Fetch lets every page read.
EXPOSED = "Accept-Patch, Accept-Post, ETag, Link, Location, Retry-After"


async def expose(request: web.Request, response: web.StreamResponse) -> None:
    """Let pages of other origins read *response*, if it is one of WHIP or WHEP.

    For the application's ``on_response_prepare``: refusals must be readable too.
    """
    opened = request.path.split("/")[1] in OPEN and request.method != "OPTIONS"
    if opened and "Origin" in request.headers:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = EXPOSED


def preflight_headers(request: web.Request, methods: str) -> dict[str, str]:
    """Return what an ``OPTIONS`` answer says to a preflight; nothing to any other one.

    Args:
        request: with or without the two ``Access-Control-Request-`` headers.
        methods: of the resource, separated by commas.
    """
    asked = request.headers.get("Access-Control-Request-Headers", "")
    names = {name.strip().lower() for name in asked.split(",")}
    if "Access-Control-Request-Method" not in request.headers or "authorization" not in names:
        return {}
    return {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
        "Access-Control-Max-Age": str(MAX_AGE_S),
        "Vary": "Access-Control-Request-Headers",
    }
