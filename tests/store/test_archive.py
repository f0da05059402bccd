"""Pieces that may be lost: kept in order, the newest only, beside the log."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bridge.errors import StoreUnavailable
from bridge.store.archive import FORGET_S, KEPT, Archive, archive_key
from bridge.store.connection import at_url
from bridge.store.log import Log
from tests.store.servers import Server


@pytest.fixture
async def archive(server: Server) -> AsyncIterator[Archive]:
    opened = Archive(server.connect)
    yield opened
    await opened.close()


async def test_the_newest_pieces_come_back_the_oldest_first(archive: Archive, log: Log) -> None:
    assert await archive.newest("s", 10) == []
    for number in range(5):
        await archive.append("s", bytes((number,)) * 3)
    assert await archive.newest("s", 2) == [b"\3\3\3", b"\4\4\4"]
    assert await archive.newest("other", 2) == []
    assert await log.read("s") == [], "the log is another key"


async def test_old_pieces_go_and_all_of_them_in_time(archive: Archive, server: Server) -> None:
    client, key = server.connect(), archive_key("s")
    pipeline = client.pipeline(transaction=False)
    for _ in range(2 * KEPT):
        pipeline.xadd(key, {"m": b"old"})
    await pipeline.execute()
    await archive.append("s", b"new")
    assert KEPT <= await client.xlen(key) < KEPT + 200, "trimmed by whole nodes"
    assert FORGET_S - 60 < await client.ttl(key) <= FORGET_S
    await client.aclose()


async def test_a_server_that_is_gone_is_said_to_be() -> None:
    archive = Archive(lambda: at_url("redis://127.0.0.1:1"), timeout_s=0.5)
    with pytest.raises(StoreUnavailable):
        await archive.append("s", b"piece")
    with pytest.raises(StoreUnavailable):
        await archive.newest("s", 1)
    await archive.close()
