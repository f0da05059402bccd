"""Who a request comes from: cookie or bearer token, and what that allows.

Every join link sets its own cookie (``dc_<key>``), so that one browser may
hold a moderator's and a host's page side by side; ``?k=<key>`` says which one
a page means. Nothing else in a request is believed about its sender.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web

from bridge.errors import AccessDenied, Code
from bridge.ids import Role
from bridge.logs import note
from bridge.server.tokens import Claims, Tokens

__all__ = ["COOKIE_PREFIX", "bearer", "check_origin", "require", "superfluous_cookies", "who"]

COOKIE_PREFIX = "dc_"
#: Links one browser can hold side by side; 350 bytes each, of the 8 KiB a header may have.
KEPT_COOKIES = 12


def bearer(request: web.Request) -> str:
    """Return the bearer token of *request* (RFC 6750 section 2.1), or an empty string."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def who(
    request: web.Request, tokens: Tokens, session: str = "", role: Role | None = None
) -> Claims:
    """Return what the sender's token says.

    A bearer token wins; then the cookie that ``?k=`` names; then the newest
    valid cookie that fits *session* and *role*.

    Raises:
        AccessDenied: no token, a bad one, one of another session, or a link for many phones.
    """
    token = bearer(request)
    key = request.query.get("k", "")
    if token or key:
        claims = tokens.read(token or request.cookies.get(COOKIE_PREFIX + key, ""))
    else:
        claims = _newest_cookie(request, tokens, session, role)
    if claims.shared:
        raise AccessDenied(
            Code.ROLE_FORBIDDEN,
            "A link for phones is opened, and gives each phone a key of its own.",
            {"role": claims.role},
        )
    if session and claims.session != session:
        raise AccessDenied(
            Code.ROLE_FORBIDDEN,
            "This join link is for another session. Open the link of this session.",
        )
    note(session=claims.session, site=claims.site, role=claims.role.value)
    return claims


def _newest_cookie(request: web.Request, tokens: Tokens, session: str, role: Role | None) -> Claims:
    found: list[Claims] = []
    problem: AccessDenied | None = None
    for name, value in request.cookies.items():
        if name.startswith(COOKIE_PREFIX):
            try:
                found.append(tokens.read(value))
            except AccessDenied as error:
                problem = error
    fitting = [
        claims
        for claims in found
        if (not session or claims.session == session) and (role is None or claims.role is role)
    ]
    if not fitting:
        raise (
            problem
            if problem and not found
            else AccessDenied(Code.TOKEN_MISSING, "Open the join link you were given first.")
        )
    return max(fitting, key=lambda claims: claims.issued)


def superfluous_cookies(request: web.Request, tokens: Tokens) -> list[str]:
    """Return the names of our cookies that no longer work, and the oldest beyond those kept.

    A browser sends all of them with every request, and a server refuses long headers.
    """
    valid: list[tuple[int, str]] = []
    useless: list[str] = []
    for name, value in request.cookies.items():
        if name.startswith(COOKIE_PREFIX):
            try:
                valid.append((tokens.read(value).issued, name))
            except AccessDenied:
                useless.append(name)
    return useless + [name for _, name in sorted(valid)[:-KEPT_COOKIES]]


def require(claims: Claims, *roles: Role) -> None:
    """Check that the token is for one of *roles*.

    Raises:
        AccessDenied: it is not.
    """
    if claims.role not in roles:
        raise AccessDenied(
            Code.ROLE_FORBIDDEN,
            "This join link does not allow that. Use a link for: " + ", ".join(roles) + ".",
            {"role": claims.role},
        )


def check_origin(request: web.Request) -> None:
    """Refuse a browser that acts for another site (cookies are sent along by themselves).

    Raises:
        AccessDenied: the Origin header names another host than the one asked.
    """
    origin = request.headers.get("Origin")
    if origin is not None and not bearer(request) and urlsplit(origin).netloc != request.host:
        raise AccessDenied(
            Code.ORIGIN_FORBIDDEN, "This page may not speak for Điểm Cầu. Open the join link."
        )
