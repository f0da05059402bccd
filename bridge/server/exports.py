"""The minutes as a page and the ledger as a workbook, made of the whole log on request.

Reading and folding a day's log takes a moment: one at a time, in a thread, so that neither
packets nor pages wait for it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping

import msgspec
from aiohttp import web

from bridge.ids import Role
from bridge.minutes import Entry, Minutes, Plan, compose
from bridge.minutes.document import PlannedItem
from bridge.protocol.views import Text
from bridge.server.access import require, who
from bridge.server.context import CONTEXT, Context
from bridge.server.locales import LANGUAGES
from bridge.server.minutes_words import Words
from bridge.server.pages import render
from bridge.server.problems import language_of
from bridge.server.spreadsheet import workbook
from bridge.server.tokens import Claims
from bridge.sessions.facts import SessionFacts
from bridge.state import SessionEvent
from bridge.store.commit import Commit, verify_chain

__all__ = ["TURN", "plan_of", "routes"]

#: Whose turn it is to have an export made.
TURN: web.AppKey[asyncio.Lock] = web.AppKey("export_turn", asyncio.Lock)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_events = msgspec.json.Decoder(list[SessionEvent])


async def minutes_page(request: web.Request) -> web.Response:
    """``GET /minutes``: the minutes of the moderator's session, to read and to print."""
    context = request.app[CONTEXT]
    claims = who(request, context.tokens, role=Role.MODERATOR)
    require(claims, Role.MODERATOR)
    async with request.app[TURN]:
        commits = await context.runtime(claims.session).session.commits()
        return await asyncio.to_thread(_page, request, claims, commits)


async def ledger(request: web.Request) -> web.Response:
    """``GET /ledger/{session}.xlsx``: who has spoken how long, and every speech."""
    context = request.app[CONTEXT]
    session = request.match_info["session"]
    claims = who(request, context.tokens, session=session, role=Role.MODERATOR)
    require(claims, Role.MODERATOR)
    async with request.app[TURN]:
        commits = await context.runtime(session).session.commits()
        return await asyncio.to_thread(_download, request, session, commits)


def _page(request: web.Request, claims: Claims, commits: list[Commit]) -> web.Response:
    context, language = request.app[CONTEXT], language_of(request)
    minutes = _minutes(context, claims.session, commits)
    words = Words(context.catalogues, language, minutes)
    plan = minutes.plan
    heard = [one.to_air for one in minutes.speeches if one.to_air >= 0]
    values: dict[str, object] = {
        "boot": {"lang": language},
        "role": "minutes",
        "theme": "light",
        "title": words.say("minutes.page_title"),
        "key": claims.key,
        "other_language": next(other for other in LANGUAGES if other != language),
        "minutes": minutes,
        "plan": plan,
        "words": words,
        "co_chairs": [words.site(site.code) for site in plan.sites.values() if site.co_chair],
        "regions": _by_region(plan, words),
        "total": sum(one.counted for one in minutes.speeches),
        "to_air": {"mean": sum(heard) / len(heard), "most": max(heard)} if heard else None,
        "hash_parts": [minutes.hash[at : at + 4] for at in range(0, len(minutes.hash), 4)],
    }
    return render(request, "minutes.html", 200, values)


def _by_region(plan: Plan, words: Words) -> list[tuple[str, list[str]]]:
    """Return the names of the sites of each region that takes part."""
    found = [
        (name, [words.site(site.code) for site in plan.sites.values() if site.region == code])
        for code, name in ((code, words.region(code)) for code in plan.regions)
    ]
    return [(region, sites) for region, sites in found if sites]


def _download(request: web.Request, session: str, commits: list[Commit]) -> web.Response:
    context = request.app[CONTEXT]
    minutes = _minutes(context, session, commits)
    words = Words(context.catalogues, language_of(request), minutes)
    name = f"{words.say('ledger.file_name')}-{session}-{minutes.plan.date.isoformat()}.xlsx"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return web.Response(body=workbook(minutes, words), content_type=XLSX, headers=headers)


def _minutes(context: Context, session: str, commits: list[Commit]) -> Minutes:
    """Return the minutes of a whole log.

    Raises:
        StoreUnavailable: STORE_CORRUPT: the hash chain is broken, nothing can be certified.
    """
    verify_chain(commits)
    entries = (
        Entry(
            rev=commit.rev,
            at=commit.at,
            actor=commit.actor,
            events=_events.decode(commit.events),
        )
        for commit in commits
    )
    head = commits[-1].hash if commits else ""
    plan = plan_of(context.runtime(session).facts, context.regions)
    return compose(plan, entries, head, context.clock.now())


def plan_of(facts: SessionFacts, regions: Mapping[str, Text]) -> Plan:
    """Return what the event file says of a session, for its minutes."""
    return Plan(
        session_id=facts.session_id,
        event=facts.event,
        session=facts.session,
        date=dt.date.fromisoformat(facts.date),
        time_zone=facts.time_zone,
        venue=facts.venue,
        sites=facts.sites,
        regions=regions,
        agenda=tuple(
            PlannedItem(
                id=item.id, title=item.title, starts_at=item.starts_at, minutes=item.minutes
            )
            for item in facts.agenda
        ),
    )


def routes() -> list[web.RouteDef]:
    """Return the routes of what a session leaves behind."""
    return [
        web.get("/minutes", minutes_page),
        web.get("/ledger/{session}.xlsx", ledger),
    ]
