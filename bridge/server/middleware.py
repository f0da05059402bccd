"""What happens around every request: errors become answers, browsers get their limits."""

from __future__ import annotations

import logging
import secrets

from aiohttp import web

from bridge.errors import BridgeError, Code
from bridge.logs import about, noted
from bridge.server.pages import NONCE, error_page
from bridge.server.problems import Handler, problem, unforeseen

__all__ = ["boundary"]

log = logging.getLogger(__name__)

#: First path segments of pages; everything else answers programs.
PAGES = {"", "j", "host", "moderator", "technician", "stage", "delegate", "minutes", "ledger"}


@web.middleware
async def boundary(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn errors into problem documents or pages, and add the security headers.

    What the log says meanwhile is about whoever the request turns out to come from.
    """
    with about():
        return await _answer(request, handler)


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    request[NONCE] = secrets.token_urlsafe(16)
    is_page = request.path.split("/")[1] in PAGES
    try:
        response = await handler(request)
    except web.HTTPMethodNotAllowed as answer:
        message = f"Here {request.method} is not possible, but {answer.headers['Allow']} is."
        response = problem(Code.METHOD_UNSUPPORTED, message)
        response.headers["Allow"] = answer.headers["Allow"]
    except web.HTTPException as answer:
        _add_headers(request, answer)
        raise
    except BridgeError as error:
        if noted("peer"):
            log.info("%s is refused: %s", request.method, error)
        response = error_page(request, error) if is_page else problem(error.code, error.message)
    except Exception as error:  # noqa: BLE001 - the last line before the user
        known = unforeseen(f"{request.method} {request.path}", error)
        response = error_page(request, known) if is_page else problem(known.code, known.message)
    _add_headers(request, response)
    return response


def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    if response.prepared:
        return
    if request.path.startswith("/static/"):
        response.headers["Cache-Control"] = "no-cache"  # asked again each time, mostly a 304
    response.headers.update(
        {
            "Content-Security-Policy": (
                f"default-src 'self'; script-src 'self' 'nonce-{request[NONCE]}'; "
                "style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' blob:; "
                "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; "
                "form-action 'self'; frame-ancestors 'none'"
            ),
            "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self)",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
    )
