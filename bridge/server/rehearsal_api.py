"""``/api/sessions/{session}/rehearsal``: the roll-call of the sites, over HTTP.

Technicians test, tick and sign; the page of a site under test answers. What changed is pushed
to the technicians' pages (``rehearsal`` on the websocket).
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Final, TypeVar

import msgspec
from aiohttp import web
from msgspec import Meta

from bridge.commands import Actor
from bridge.errors import AccessDenied, Code, ProtocolError
from bridge.ids import Role
from bridge.link.findings import Heard, Return
from bridge.link.rehearsal import Baseline, Item, Note, Outcome
from bridge.minutes import compose
from bridge.papers.parts import Paper
from bridge.papers.printer import printed
from bridge.server.access import check_origin, require, who
from bridge.server.context import CONTEXT
from bridge.server.exports import TURN, plan_of
from bridge.server.minutes_words import Words
from bridge.server.problems import language_of
from bridge.server.rehearsal_sheet import sheet
from bridge.server.wordprocessing import DOCX, document
from bridge.sessions.rehearsal import Rehearsal

__all__ = ["body_of", "json", "routes"]

#: Of what pages send here; a note has 500 characters.
MAX_BODY_BYTES = 8192
#: What the sheet is handed out as, by the ending of its address.
KINDS: Final = {"docx": DOCX, "pdf": "application/pdf"}

T = TypeVar("T")


class Tick(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item as a technician found it; without an outcome it is open again."""

    outcome: Outcome | None = None
    note: Note = ""


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said with a sign-off."""

    note: Note = ""


class Playing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The row of tones of a test begins now."""

    test: Annotated[str, Meta(max_length=32)]


class Baselines(msgspec.Struct, frozen=True):
    """How each site's link was when it was signed off, or else last tested."""

    baselines: dict[str, Baseline]


async def body_of(request: web.Request, kind: type[T]) -> T:
    """Return the JSON body of *request*.

    Raises:
        ProtocolError: too large, or not of that kind.
    """
    data = await request.content.read(MAX_BODY_BYTES + 1)
    while len(data) <= MAX_BODY_BYTES and (more := await request.content.read(MAX_BODY_BYTES)):
        data += more
    if len(data) > MAX_BODY_BYTES:
        raise ProtocolError(Code.MESSAGE_TOO_LARGE, f"Send at most {MAX_BODY_BYTES} bytes.")
    try:
        return msgspec.json.decode(data or b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise ProtocolError(Code.FIELD_INVALID, f"{error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ProtocolError(Code.MESSAGE_MALFORMED, "The body is not JSON.") from None


def json(value: object, status: int = 200) -> web.Response:
    """Answer with *value*, which is not to be kept."""
    return web.Response(
        status=status,
        body=msgspec.json.encode(value),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _of(request: web.Request, role: Role) -> tuple[Rehearsal, Actor]:
    """Return the session's rehearsal and who asks, if that is a *role*."""
    context = request.app[CONTEXT]
    check_origin(request)
    session = request.match_info["session"]
    context.runtime(session)
    claims = who(request, context.tokens, session)
    require(claims, role)
    return context.rehearsals[session], claims.actor()


def _item(request: web.Request) -> Item:
    try:
        return Item(request.match_info["item"])
    except ValueError:
        raise ProtocolError(
            Code.FIELD_INVALID, f"Items are: {', '.join(Item)}.", {"field": "item"}
        ) from None


async def state(request: web.Request) -> web.Response:
    """``GET``: how far every site is."""
    rehearsal, _ = _of(request, Role.TECHNICIAN)
    return json(rehearsal.message())


async def baselines(request: web.Request) -> web.Response:
    """``GET /api/sessions/{session}/baselines``: the links as they were when tested."""
    rehearsal, _ = _of(request, Role.TECHNICIAN)
    return json(Baselines(rehearsal.baselines()))


async def test(request: web.Request) -> web.Response:
    """``POST …/{site}/test``: begin to test a site."""
    rehearsal, actor = _of(request, Role.TECHNICIAN)
    return json({"test": rehearsal.test(actor, request.match_info["site"])}, 202)


async def call(request: web.Request) -> web.Response:
    """``POST …/{site}/call``: watch how this technician and the site hear each other."""
    rehearsal, actor = _of(request, Role.TECHNICIAN)
    return json({"test": rehearsal.call(actor, request.match_info["site"])}, 202)


async def heard(request: web.Request) -> web.Response:
    """``POST …/heard``: the site's page has the technician's voice, or says why nobody hears it."""
    rehearsal, actor = _of(request, Role.HOST)
    rehearsal.heard(actor.site, await body_of(request, Heard))
    return web.Response(status=204)


async def tick(request: web.Request) -> web.Response:
    """``PUT …/{site}/items/{item}``: tick an item by hand, or open it again."""
    rehearsal, actor = _of(request, Role.TECHNICIAN)
    said = await body_of(request, Tick)
    site = request.match_info["site"]
    await rehearsal.mark(actor, site, _item(request), said.outcome, said.note)
    return web.Response(status=204)


async def sign(request: web.Request) -> web.Response:
    """``PUT …/{site}/signature``: sign a site off in the name on the token."""
    rehearsal, actor = _of(request, Role.TECHNICIAN)
    said = await body_of(request, Signature)
    await rehearsal.sign(actor, request.match_info["site"], said.note)
    return web.Response(status=204)


async def reopen(request: web.Request) -> web.Response:
    """``DELETE …/{site}/signature``: take the signature back."""
    rehearsal, actor = _of(request, Role.TECHNICIAN)
    await rehearsal.reopen(actor, request.match_info["site"])
    return web.Response(status=204)


async def playing(request: web.Request) -> web.Response:
    """``POST …/playing``: the site's page plays its row from now on."""
    rehearsal, actor = _of(request, Role.HOST)
    rehearsal.playing(actor.site, (await body_of(request, Playing)).test)
    return web.Response(status=204)


async def answer(request: web.Request) -> web.Response:
    """``POST …/answer``: the site's page has played, or says why not."""
    rehearsal, actor = _of(request, Role.HOST)
    rehearsal.answered(actor.site, await body_of(request, Return))
    return web.Response(status=204)


async def sheet_file(request: web.Request) -> web.Response:
    """``GET /api/sessions/{session}/rehearsal.docx``, ``.pdf``: all sites, to sign and file."""
    context = request.app[CONTEXT]
    session, ending = request.match_info["session"], request.match_info["ending"]
    context.runtime(session)
    claims = who(request, context.tokens, session)
    if claims.role not in {Role.TECHNICIAN, Role.MODERATOR}:
        raise AccessDenied(Code.ROLE_FORBIDDEN, "Only the control room gets the sheet.")
    async with request.app[TURN]:
        paper, name = await asyncio.to_thread(_sheet, request, session)
        if ending == "pdf":
            made = await printed(paper)
        else:
            made = await asyncio.to_thread(document, paper)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{ending}"',
        "Cache-Control": "no-store",
    }
    return web.Response(body=made, content_type=KINDS[ending], headers=headers)


def _sheet(request: web.Request, session: str) -> tuple[Paper, str]:
    """Return the sheet and the name of its file, without an ending."""
    context = request.app[CONTEXT]
    facts, now = context.runtime(session).facts, context.clock.now()
    nothing_said = compose(plan_of(facts, context.regions), (), "", now)
    words = Words(context.catalogues, language_of(request), nothing_said)
    made = sheet(context.rehearsals[session].sites, list(facts.sites), words, now)
    return made, f"{words.say('rehearsal.file_name')}-{session}-{facts.date}"


def routes() -> list[web.RouteDef]:
    """Return the routes."""
    path = "/api/sessions/{session}/rehearsal"
    site = path + "/{site}"
    return [
        web.get(path, state),
        web.get(path + ".{ending:docx|pdf}", sheet_file),
        web.get("/api/sessions/{session}/baselines", baselines),
        web.post(path + "/playing", playing),
        web.post(path + "/answer", answer),
        web.post(path + "/heard", heard),
        web.post(site + "/test", test),
        web.post(site + "/call", call),
        web.put(site + "/items/{item}", tick),
        web.put(site + "/signature", sign),
        web.delete(site + "/signature", reopen),
    ]
