"""Delivery gives way: whatever else the loop has to do happens between its slices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bridge.commands import Actor
from bridge.floor.commands import ListState, SetList
from bridge.ids import Role
from bridge.sessions.delivery import SLICE, Delivery
from bridge.tasks import Tasks
from tests.sessions.pages import MODERATOR, FakePage, Session

STAGE = Actor(role=Role.STAGE, key="s")
PAGES = 3 * SLICE + 1


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def pages(session: Session) -> list[FakePage]:
    pages = [FakePage(STAGE) for _ in range(PAGES)]
    for page in pages:
        session.join(page)
    return pages


@pytest.fixture
async def delivery(session: Session) -> AsyncIterator[Delivery]:
    tasks = Tasks("test")
    delivery = Delivery(session.channels)
    tasks.start("deliver", delivery.run())
    await asyncio.sleep(0)
    yield delivery
    await tasks.close()


def change(session: Session, state: ListState) -> None:
    assert session.commit(MODERATOR, SetList(cmd_id="c", state=state))


def behind(session: Session, pages: list[FakePage]) -> int:
    return sum(page.rev < session.rev for page in pages)


async def test_pages_are_written_to_in_slices(
    session: Session, pages: list[FakePage], delivery: Delivery
) -> None:
    change(session, ListState.CLOSED)
    delivery.wake()
    left = [behind(session, pages)]
    while left[-1]:
        await asyncio.sleep(0)
        left.append(behind(session, pages))
    # the event wakes the task one turn of the loop later
    assert [number for number in left if number < PAGES] == [2 * SLICE + 1, SLICE + 1, 1, 0]


async def test_a_commit_under_way_reaches_everybody_and_late_pages_with_one_write(
    session: Session, pages: list[FakePage], delivery: Delivery
) -> None:
    change(session, ListState.CLOSED)
    delivery.wake()
    while behind(session, pages) == PAGES:
        await asyncio.sleep(0)
    change(session, ListState.OPEN)
    delivery.wake()
    while behind(session, pages):
        await asyncio.sleep(0)
    writes = [len(page.writes) for page in pages]
    assert writes == [3] * SLICE + [2] * (PAGES - SLICE)  # the first was the view
    assert {page.rev for page in pages} == {2}


async def test_pages_that_come_and_go_meanwhile_do_no_harm(
    session: Session, pages: list[FakePage], delivery: Delivery
) -> None:
    change(session, ListState.CLOSED)
    delivery.wake()
    while behind(session, pages) == PAGES:
        await asyncio.sleep(0)
    session.channels.leave(pages[-1])
    session.join(newcomer := FakePage(STAGE))
    while behind(session, pages) > 1:
        await asyncio.sleep(0)
    change(session, ListState.OPEN)
    delivery.wake()
    while newcomer.rev < 2:
        await asyncio.sleep(0)
    assert len(pages[-1].writes) == 1
