"""The log on both servers: the same tests on the embedded Valkey and on redis-server."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from bridge.errors import Code, StoreConflict, StoreUnavailable
from bridge.store.commit import Commit, commit_hash, verify_chain
from bridge.store.log import PAGE, Log, log_key
from bridge.tasks import Tasks
from tests.store.servers import Server, chain, noted, open_log_on

SESSION = "plenary"


async def append_all(log: Log, commits: list[Commit]) -> None:
    for commit in commits:
        await log.append(SESSION, commit)


async def take(followed: AsyncGenerator[Commit, None], count: int) -> list[Commit]:
    async with asyncio.timeout(10):
        return [await anext(followed) for _ in range(count)]


async def plant(server: Server, rev: int, data: bytes, checksum: str | None = None) -> None:
    """Write an entry as no correct writer would."""
    client = server.connect()
    await client.xadd(
        log_key(SESSION), {"c": data, "h": checksum or commit_hash(data)}, id=f"{rev}-0"
    )
    await client.aclose()


class TestAppendAndRead:
    async def test_new_log_is_empty(self, log: Log) -> None:
        assert await log.read(SESSION) == []
        assert await log.ping()

    async def test_appended_commits_are_read_in_order(self, log: Log) -> None:
        commits = chain(5)
        await append_all(log, commits)
        stored = await log.read(SESSION)
        assert stored == commits
        assert [commit.data for commit in stored] == [commit.data for commit in commits]
        verify_chain(stored)

    async def test_read_after_a_revision(self, log: Log) -> None:
        commits = chain(5)
        await append_all(log, commits)
        assert await log.read(SESSION, after=3) == commits[3:]
        assert await log.read(SESSION, after=5) == []

    async def test_read_over_several_pages(self, server: Server, log: Log) -> None:
        commits = chain(2 * PAGE + 1)
        client = server.connect()
        async with client.pipeline(transaction=False) as pipeline:
            for commit in commits:
                fields = {"c": commit.data, "h": commit.hash}
                pipeline.xadd(log_key(SESSION), fields, id=f"{commit.rev}-0")  # type: ignore[arg-type]
            await pipeline.execute()
        await client.aclose()
        assert await log.read(SESSION) == commits
        assert len(await log.read(SESSION, after=PAGE + 1)) == PAGE

    async def test_sessions_are_separate(self, log: Log) -> None:
        await log.append("plenary", noted(None, "a"))
        await log.append("thematic-1", noted(None, "b"))
        assert [commit.cmd_id for commit in await log.read("plenary")] == ["a"]
        assert [commit.cmd_id for commit in await log.read("thematic-1")] == ["b"]


class TestConflict:
    async def test_second_writer_at_a_revision_is_refused(self, log: Log) -> None:
        first = noted(None, "c1")
        await append_all(log, [first, noted(first, "c2")])
        with pytest.raises(StoreConflict) as caught:
            await log.append(SESSION, noted(first, "late"))
        assert caught.value.code is Code.STORE_CONFLICT
        assert caught.value.details == {"rev": 2}
        assert [commit.cmd_id for commit in await log.read(SESSION)] == ["c1", "c2"]

    async def test_same_commit_again_counts_as_appended(self, log: Log) -> None:
        first = noted(None, "c1")
        await log.append(SESSION, first)
        await log.append(SESSION, first)
        assert await log.read(SESSION) == [first]

    async def test_of_two_racing_writers_exactly_one_wins(self, server: Server) -> None:
        one, two = open_log_on(server), open_log_on(server)
        previous: Commit | None = None
        for number in range(20):
            mine, yours = noted(previous, f"one-{number}"), noted(previous, f"two-{number}")
            results = await asyncio.gather(
                one.append(SESSION, mine), two.append(SESSION, yours), return_exceptions=True
            )
            kinds = sorted(type(result).__name__ for result in results)
            assert kinds == ["NoneType", "StoreConflict"]
            previous = mine if results[0] is None else yours
        stored = await one.read(SESSION)
        assert len(stored) == 20
        verify_chain(stored)
        await one.close()
        await two.close()

    async def test_many_writers_lose_nothing_and_leave_no_gap(self, server: Server) -> None:
        async def write(name: str) -> None:
            log = open_log_on(server)
            newest: Commit | None = None
            for number in range(15):
                while True:
                    commit = noted(newest, f"{name}-{number}")
                    try:
                        await log.append(SESSION, commit)
                    except StoreConflict:
                        newest = (await log.read(SESSION, after=newest.rev if newest else 0))[-1]
                    else:
                        newest = commit
                        break
            await log.close()

        names = ["a", "b", "c", "d"]
        await asyncio.gather(*(write(name) for name in names))
        log = open_log_on(server)
        stored = await log.read(SESSION)
        await log.close()
        verify_chain(stored)
        expected = {f"{name}-{number}" for name in names for number in range(15)}
        assert len(stored) == len(expected)
        assert {commit.cmd_id for commit in stored} == expected


class TestDamage:
    async def test_writer_ahead_of_the_log_cannot_leave_a_gap(self, log: Log) -> None:
        commits = chain(4)
        await append_all(log, commits[:2])
        with pytest.raises(StoreUnavailable, match=r"Revision 3 .* log now ends at 2") as caught:
            await log.append(SESSION, commits[3])
        assert caught.value.code is Code.STORE_CORRUPT
        assert len(await log.read(SESSION)) == 2

    async def test_writer_on_another_branch_cannot_append(self, log: Log) -> None:
        await append_all(log, chain(2))
        other = noted(noted(noted(None, "x1"), "x2"), "x3")
        with pytest.raises(StoreUnavailable, match=r"Revision 2 .* not the one") as caught:
            await log.append(SESSION, other)
        assert caught.value.code is Code.STORE_CORRUPT

    @pytest.mark.parametrize(
        ("data", "checksum", "why"),
        [
            (b"\xff not a commit", None, "cannot be decoded"),
            (b'{"rev":3}', None, "cannot be decoded"),
            (noted(None, "c1").data, None, "says that it is revision 1"),
            (noted(None, "c1").data, "0" * 64, "does not match its checksum"),
        ],
    )
    async def test_corrupt_entry_is_named(
        self, server: Server, log: Log, data: bytes, checksum: str | None, why: str
    ) -> None:
        await append_all(log, chain(2))
        await plant(server, 3, data, checksum)
        with pytest.raises(StoreUnavailable, match=f"Revision 3 .* {why}") as caught:
            await log.read(SESSION)
        assert caught.value.code is Code.STORE_CORRUPT
        assert caught.value.details["rev"] == 3
        followed = log.follow(SESSION, after=2)
        with pytest.raises(StoreUnavailable, match="Revision 3"):
            await take(followed, 1)

    async def test_missing_entry_is_named(self, server: Server, log: Log) -> None:
        await append_all(log, chain(3))
        client = server.connect()
        await client.xdel(log_key(SESSION), "2-0")
        await client.aclose()
        with pytest.raises(StoreUnavailable, match=r"Revision 2 .* is missing") as caught:
            await log.read(SESSION)
        assert caught.value.code is Code.STORE_CORRUPT

    async def test_tampering_is_found_by_the_chain(self, server: Server, log: Log) -> None:
        commits = chain(4)
        forged = replace(commits[1], events=commits[1].events.replace(b"ghi", b"xoa"), data=b"")
        for commit in [commits[0], forged, *commits[2:]]:
            await plant(server, commit.rev, commit.data)
        with pytest.raises(StoreUnavailable, match="between revisions 2 and 3"):
            verify_chain(await log.read(SESSION))

    async def test_key_of_another_kind(self, server: Server, log: Log) -> None:
        client = server.connect()
        await client.set(log_key(SESSION), "x")
        await client.aclose()
        with pytest.raises(StoreUnavailable, match="holds something else"):
            await log.append(SESSION, noted(None, "c1"))


class TestFollow:
    async def test_stored_commits_come_first_then_new_ones(self, log: Log) -> None:
        commits = chain(4)
        await append_all(log, commits[:2])
        followed = log.follow(SESSION)
        assert await take(followed, 2) == commits[:2]
        waiting = asyncio.gather(take(followed, 2))
        await append_all(log, commits[2:])
        assert (await waiting)[0] == commits[2:]
        await followed.aclose()

    async def test_follow_of_a_log_that_does_not_exist_yet(self, log: Log) -> None:
        followed = log.follow(SESSION)
        waiting = asyncio.gather(take(followed, 1))
        first = noted(None, "c1")
        await log.append(SESSION, first)
        assert (await waiting)[0] == [first]
        await followed.aclose()

    async def test_closing_the_log_ends_followers(self, server: Server, tasks: Tasks) -> None:
        log = open_log_on(server)
        await log.append(SESSION, noted(None, "c1"))
        seen = asyncio.Event()

        async def follow() -> int:
            count = 0
            async for _ in log.follow(SESSION):
                count += 1
                seen.set()
            return count

        task = tasks.start("follow", follow())
        async with asyncio.timeout(10):
            await seen.wait()
            await log.close()
            assert await task == 1

    async def test_log_that_lost_its_end_is_not_waited_for(self, log: Log) -> None:
        await append_all(log, chain(2))
        with pytest.raises(StoreUnavailable, match=r"Revision 5 .* ends at 2"):
            await take(log.follow(SESSION, after=5), 1)


class TestOutage:
    async def test_kill_9_keeps_what_was_acknowledged(
        self, server: Server, log: Log, tasks: Tasks, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.CRITICAL, logger="bridge")
        received: list[Commit] = []

        async def follow() -> None:
            async for commit in log.follow(SESSION):
                received.append(commit)  # noqa: PERF401 - watched while it grows

        tasks.start("follow", follow())
        acknowledged: list[Commit] = []

        async def append_next() -> None:
            commit = noted(acknowledged[-1] if acknowledged else None, f"c{len(acknowledged) + 1}")
            await log.append(SESSION, commit)
            acknowledged.append(commit)

        for _ in range(50):
            await append_next()
        await server.kill()
        async with asyncio.timeout(10):
            with pytest.raises(StoreUnavailable) as caught:  # noqa: PT012 - until it is noticed
                while True:
                    await append_next()
        assert caught.value.code is Code.STORE_UNAVAILABLE
        await server.revive()
        async with asyncio.timeout(10):
            while not await log.ping():
                await asyncio.sleep(0.01)
        # the commit of unknown outcome, once more: it is the same one, so it has one effect
        await append_next()
        for _ in range(10):
            await append_next()
        async with asyncio.timeout(10):
            while len(received) < len(acknowledged):
                await asyncio.sleep(0.01)
        stored = await log.read(SESSION)
        assert stored == acknowledged == received
        verify_chain(stored)

    async def test_silent_server_is_given_up_in_bounded_time(self, server: Server) -> None:
        log, impatient = open_log_on(server), open_log_on(server, timeout_s=0.2)
        commits = chain(3)
        await log.append(SESSION, commits[0])
        os.kill(server.pid, signal.SIGSTOP)
        try:
            with pytest.raises(StoreUnavailable, match="does not answer in time"):
                await impatient.append(SESSION, commits[1])
            with pytest.raises(StoreUnavailable):
                await impatient.read(SESSION)
            assert not await impatient.ping()
        finally:
            os.kill(server.pid, signal.SIGCONT)
            await impatient.close()
        await log.append(SESSION, commits[1])
        await log.append(SESSION, commits[2])
        assert await log.read(SESSION) == commits
        await log.close()

    @pytest.mark.parametrize(
        ("settings", "sentence"),
        [
            ({"maxmemory": "1"}, "no memory left"),
            ({"min-replicas-to-write": "1"}, "NOREPLICAS"),
            ({"requirepass": "x"}, "check user and password"),
        ],
    )
    async def test_refusing_server_is_explained(
        self, server: Server, settings: dict[str, str], sentence: str
    ) -> None:
        client = server.connect()
        for name, value in settings.items():
            await client.config_set(name, value)
        log = open_log_on(server)
        with pytest.raises(StoreUnavailable, match=sentence) as caught:
            await log.append(SESSION, noted(None, "c1"))
        assert caught.value.code is Code.STORE_UNAVAILABLE
        await log.close()
        await client.aclose()

    async def test_replica_is_explained(self, server: Server, log: Log) -> None:
        client = server.connect()
        await client.replicaof("127.0.0.1", "1")
        with pytest.raises(StoreUnavailable, match="point --redis to the primary"):
            await log.append(SESSION, noted(None, "c1"))
        await client.aclose()
