"""The pages of the roles, the join link that leads to them, and their languages."""

from __future__ import annotations

from collections.abc import Mapping

import jinja2
import msgspec
from aiohttp import web

from bridge.errors import AccessDenied, BridgeError, Code
from bridge.ids import Role
from bridge.server.access import COOKIE_PREFIX, superfluous_cookies, who
from bridge.server.context import CONTEXT, Context
from bridge.server.locales import LANGUAGES
from bridge.server.phones import own_token
from bridge.server.problems import language_of, status_of
from bridge.server.tokens import Claims

__all__ = ["NONCE", "error_page", "routes", "templates"]

NONCE: web.RequestKey[str] = web.RequestKey("nonce", str)

#: Control rooms are dark, so that the pictures are the brightest thing in them.
THEMES = {
    Role.HOST: "light",
    Role.DELEGATE: "light",
    Role.MODERATOR: "dark",
    Role.TECHNICIAN: "dark",
    Role.STAGE: "dark",
}


def render(
    request: web.Request, template: str, status: int, values: Mapping[str, object]
) -> web.Response:
    """Return *template* as a response in the reader's language."""
    context = request.app[CONTEXT]
    language = language_of(request)

    def translate(key: str, **fields: object) -> str:
        return context.catalogues.text(language, key, fields)

    html = context.templates.get_template(template).render(
        lang=language, nonce=request[NONCE], t=translate, **values
    )
    response = web.Response(status=status, text=html, content_type="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


def boot(context: Context, claims: Claims, language: str) -> dict[str, object]:
    """Return what a page must know before its websocket is open."""
    facts = context.runtime(claims.session).facts
    return {
        "role": claims.role,
        "site": claims.site,
        "session": claims.session,
        "key": claims.key,
        "lang": language,
        "name": claims.name,
        "event": msgspec.to_builtins(facts.event),
        "session_name": msgspec.to_builtins(facts.session),
    }


async def join(request: web.Request) -> web.Response:
    """``GET /j/{token}``: exchange the link for a cookie and go to the role's page.

    A site link is exchanged for a token of this phone's own. A host's link with ``?backup=1``
    makes the device that opens it the site's backup line.
    """
    context = request.app[CONTEXT]
    token = request.match_info["token"]
    claims = (context.site_links if "/" in token else context.tokens).read(token)
    context.runtime(claims.session)
    if claims.shared:
        token, claims = own_token(request, claims)
    backup = "&backup=1" if is_backup(request, claims) else ""
    response = web.HTTPFound(f"/{claims.role}?k={claims.key}{backup}")
    for name in superfluous_cookies(request, context.tokens):
        response.del_cookie(name)
    response.set_cookie(
        COOKIE_PREFIX + claims.key,
        token,
        max_age=max(0, claims.expires - int(context.clock.now())),
        httponly=True,
        secure=context.secure,
        samesite="Lax",
    )
    raise response


async def role_page(request: web.Request) -> web.Response:
    """``GET /host`` and so on: the page of a role, for whoever holds a link of that role."""
    context = request.app[CONTEXT]
    role = Role(request.path.lstrip("/"))
    claims = who(request, context.tokens, role=role)
    if claims.role is not role:
        raise AccessDenied(
            Code.ROLE_FORBIDDEN,
            f"This join link is for the {claims.role} page.",
            {"role": claims.role},
        )
    name = "backup" if is_backup(request, claims) else str(role)
    values: dict[str, object] = {
        "boot": boot(context, claims, language_of(request)),
        "role": role,
        "theme": THEMES[role],
        "title": context.catalogues.text(language_of(request), f"title.{name}"),
    }
    return render(request, f"{name}.html", 200, values)


def is_backup(request: web.Request, claims: Claims) -> bool:
    """Return whether the device that asks is to be the backup line of a host's site."""
    return claims.role is Role.HOST and request.query.get("backup") == "1"


async def locale(request: web.Request) -> web.Response:
    """``GET /locales/{lang}.json``: all texts of one language."""
    language = request.match_info["lang"]
    if language not in LANGUAGES:
        raise web.HTTPNotFound
    body = msgspec.json.encode(request.app[CONTEXT].catalogues.texts(language))
    return web.Response(
        body=body, content_type="application/json", headers={"Cache-Control": "no-cache"}
    )


async def home(_request: web.Request) -> web.Response:
    """``GET /``: say that a join link is needed."""
    raise AccessDenied(Code.TOKEN_MISSING, "Open the join link you were given first.")


def error_page(request: web.Request, error: BridgeError) -> web.Response:
    """Return the page that says what went wrong and what to do."""
    context = request.app[CONTEXT]
    language = language_of(request)
    status = status_of(error.code)
    values: dict[str, object] = {
        "status": status,
        "heading": context.catalogues.text(language, f"error.heading.{status}"),
        "text": context.catalogues.error(language, error),
        "title": context.catalogues.text(language, "title.error"),
        "role": "",
        "theme": "light",
        "boot": {"lang": language},
    }
    return render(request, "error.html", status, values)


def templates(root: str) -> jinja2.Environment:
    """Return the template environment for the templates in *root*."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(root),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def routes() -> list[web.RouteDef]:
    """Return the routes of all pages."""
    return [
        web.get("/", home),
        web.get("/j/{token:.+}", join),
        web.get("/locales/{lang}.json", locale),
        *(web.get(f"/{role}", role_page) for role in THEMES),
    ]
