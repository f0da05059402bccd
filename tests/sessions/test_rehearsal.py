"""The rehearsal's log: two servers on one store, and what a refusal leaves behind."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bridge.clock import SystemClock
from bridge.commands import Actor
from bridge.errors import BridgeError, Code, StoreConflict, StoreUnavailable
from bridge.ids import Role
from bridge.link.rehearsal import Item, Outcome, Preflight
from bridge.sessions.rehearsal import Rehearsal, rehearsal_log
from bridge.store.commit import Commit, verify_chain
from bridge.tasks import Tasks

THANH = Actor(role=Role.TECHNICIAN, name="Ông Thành", key="k1")
NAMELESS = Actor(role=Role.TECHNICIAN, key="k2")
NAME = rehearsal_log("event/plenary")


class Store:
    """One log that several servers append to, as the real one compares and appends."""

    def __init__(self) -> None:
        self.commits: list[Commit] = []
        self.down = False

    async def append(self, name: str, commit: Commit) -> None:
        assert name == NAME
        await asyncio.sleep(0)
        if self.down:
            raise StoreUnavailable(Code.STORE_UNAVAILABLE, "down")
        if commit.rev != len(self.commits) + 1:
            raise StoreConflict(Code.STORE_CONFLICT, "somebody was first")
        self.commits.append(commit)

    async def read(self, name: str, after: int = 0) -> list[Commit]:
        assert name == NAME
        return self.commits[after:]


class Page:
    """A page that remembers how often it was told something."""

    def __init__(self, role: Role) -> None:
        self.actor = Actor(role=role)
        self.told = 0

    def write(self, _frames: bytes) -> None:
        self.told += 1


def server(store: Store, *pages: Page) -> Rehearsal:
    sites = dict.fromkeys(("lao-cai", "dien-bien"))
    room: Any = SimpleNamespace(facts=SimpleNamespace(sites=sites), pages=lambda: list(pages))
    return Rehearsal(
        room, cast("Any", None), cast("Any", store), NAME, SystemClock(), Tasks("test")
    )


async def test_two_servers_see_each_others_ticks() -> None:
    store = Store()
    one, other = server(store), server(store)
    await one.mark(THANH, "lao-cai", Item.LINE, Outcome.GOOD, "")
    await other.mark(NAMELESS, "dien-bien", Item.LINE, Outcome.BAD, " Dây đứt ")
    await asyncio.gather(
        one.mark(THANH, "lao-cai", Item.TALKBACK, Outcome.GOOD, ""),
        other.mark(THANH, "lao-cai", Item.BACKUP, Outcome.NONE, ""),
    )
    verify_chain(store.commits)
    late = server(store)
    await late.start()
    assert set(late.sites["lao-cai"].marks) == {Item.LINE, Item.TALKBACK, Item.BACKUP}
    mark = late.sites["dien-bien"].marks[Item.LINE]
    assert (mark.note, mark.by) == ("Dây đứt", "technician")
    assert late.sites in (other.sites, one.sites)


async def test_nobody_is_told_of_what_was_not_saved() -> None:
    store, desk = Store(), Page(Role.TECHNICIAN)
    rehearsal = server(store, desk)
    store.down = True
    with pytest.raises(StoreUnavailable):
        await rehearsal.mark(THANH, "lao-cai", Item.LINE, Outcome.GOOD, "")
    assert (rehearsal.sites, desk.told) == ({}, 0)
    store.down = False
    await rehearsal.mark(THANH, "lao-cai", Item.LINE, Outcome.GOOD, "")
    assert desk.told == 1


async def test_only_technicians_are_told() -> None:
    desk, host = Page(Role.TECHNICIAN), Page(Role.HOST)
    rehearsal = server(Store(), desk, host)
    await rehearsal.reopen(THANH, "lao-cai")  # was not signed: nothing happens
    assert desk.told == 0
    await rehearsal.mark(THANH, "lao-cai", Item.LINE, Outcome.GOOD, "")
    assert (desk.told, host.told) == (1, 0)


async def test_a_site_that_found_everything_is_equipped_unless_it_is_signed() -> None:
    rehearsal = server(Store())
    host = Actor(role=Role.HOST, site="lao-cai")
    ready = Preflight(camera="ok", microphone="ok", voice=True, speaker=True, verdict="good")
    await rehearsal.report(host, Preflight(camera="ok", microphone="busy"))
    assert rehearsal.site("lao-cai").marks == {}
    await rehearsal.report(host, ready)
    assert rehearsal.site("lao-cai").marks[Item.EQUIPMENT].outcome is Outcome.GOOD
    for item in Item:
        await rehearsal.mark(THANH, "lao-cai", item, Outcome.GOOD, "")
    await rehearsal.sign(THANH, "lao-cai", "Gọi bằng điện thoại")
    before = rehearsal.site("lao-cai").marks
    await rehearsal.report(host, ready)
    assert rehearsal.site("lao-cai").marks == before


async def test_who_signed_is_logged_and_stays_with_the_site(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "bridge.sessions.rehearsal")
    store = Store()
    rehearsal = server(store)
    for item in Item:
        await rehearsal.mark(THANH, "lao-cai", item, Outcome.GOOD, "")
    with pytest.raises(BridgeError) as refused:
        await rehearsal.sign(THANH, "lao-cai", " ")
    assert refused.value.code is Code.NOTE_MISSING, "nobody has called the site"
    assert "signs" not in caplog.text
    await rehearsal.sign(THANH, "lao-cai", "Gọi bằng điện thoại")
    assert "signs lao-cai off: 0 checks bad, 1 passed without a measurement" in caplog.text
    await rehearsal.reopen(NAMELESS, "lao-cai")
    assert "opens lao-cai again" in caplog.text
    [former] = rehearsal.site("lao-cai").former
    assert (former.by, former.note) == ("Ông Thành", "Gọi bằng điện thoại")
    assert former.reopened_by == "technician"
    late = server(store)
    await late.start()
    assert late.sites == rehearsal.sites


async def test_a_page_that_reports_without_end_is_refused() -> None:
    store = Store()
    rehearsal = server(store)
    host = Actor(role=Role.HOST, site="lao-cai")
    for _ in range(6):
        await rehearsal.report(host, Preflight())
    with pytest.raises(BridgeError) as refused:
        await rehearsal.report(host, Preflight())
    assert refused.value.code is Code.TOO_MANY_MESSAGES
    assert len(store.commits) == 6
    await rehearsal.report(Actor(role=Role.HOST, site="dien-bien"), Preflight())


async def test_a_site_of_another_session_is_unknown() -> None:
    rehearsal = server(Store())
    with pytest.raises(BridgeError) as refused:
        await rehearsal.mark(THANH, "ca-mau", Item.LINE, Outcome.GOOD, "")
    assert refused.value.code is Code.SITE_UNKNOWN
