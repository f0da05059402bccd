"""Errors on their way out: one table from code to HTTP status, and problem documents.

An API answers with a problem document (RFC 9457), in English and with the
stable code; ``pages`` answers with a page. No traceback reaches anybody.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from bridge.errors import BridgeError, Code
from bridge.server.locales import DEFAULT_LANGUAGE, LANGUAGES

__all__ = ["STATUS", "Handler", "language_of", "problem", "status_of", "unforeseen"]

log = logging.getLogger(__name__)

#: HTTP status of each code; anything else is a conflict with the present state.
STATUS: dict[Code, int] = {
    Code.TOKEN_MISSING: 401,
    Code.TOKEN_INVALID: 401,
    Code.TOKEN_EXPIRED: 401,
    Code.TOKEN_REVOKED: 401,
    Code.ROLE_FORBIDDEN: 403,
    Code.ORIGIN_FORBIDDEN: 403,
    Code.NOT_YOURS: 403,
    Code.SESSION_UNKNOWN: 404,
    Code.PEER_UNKNOWN: 404,
    Code.ALERT_UNKNOWN: 404,
    Code.SITE_UNKNOWN: 404,
    Code.REQUEST_UNKNOWN: 404,
    Code.MESSAGE_TOO_LARGE: 413,
    Code.SDP_MALFORMED: 400,
    Code.MESSAGE_MALFORMED: 400,
    Code.FIELD_INVALID: 400,
    Code.METHOD_UNSUPPORTED: 405,
    Code.NOT_ACCEPTABLE: 406,
    Code.PRECONDITION_FAILED: 412,
    Code.MEDIA_TYPE_UNSUPPORTED: 415,
    Code.SDP_UNSUPPORTED: 422,
    Code.PRECONDITION_REQUIRED: 428,
    Code.TOO_MANY_MESSAGES: 429,
    Code.TOO_MANY_PEERS: 503,
    Code.STORE_UNAVAILABLE: 503,
    Code.INTERNAL: 500,
}

#: After how many seconds to try again when there is no place or no store, RFC 9110 10.2.3.
RETRY_AFTER_S = 5

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def status_of(code: Code) -> int:
    """Return the HTTP status that goes with *code*."""
    return STATUS.get(code, 409)


def language_of(request: web.Request) -> str:
    """Return the reader's language: ``?lang=``, the ``lang`` cookie, or Vietnamese."""
    wanted = request.query.get("lang") or request.cookies.get("lang") or DEFAULT_LANGUAGE
    return wanted if wanted in LANGUAGES else DEFAULT_LANGUAGE


def problem(code: Code, message: str, instance: str = "") -> web.Response:
    """Return a problem document (RFC 9457 section 3)."""
    status = status_of(code)
    body = {"type": "about:blank", "title": code, "status": status, "detail": message}
    headers = {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if instance:
        body["instance"] = instance
    return web.Response(
        status=status,
        body=msgspec.json.encode({**body, "code": code}),
        content_type="application/problem+json",
        headers=headers,
    )


def unforeseen(what: str, error: Exception) -> BridgeError:
    """Log an error nobody planned for, and return what the user is told of it."""
    log.error("%s failed", what, exc_info=error)
    return BridgeError(Code.INTERNAL, "Something went wrong on the server. Try again in a moment.")
