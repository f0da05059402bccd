"""The log of a session as a stream: append, read, follow.

Owns the one Redis stream per session and what makes it a log::

    key    diemcau:{<session>}:log          braces: one Cluster slot per session
    id     <rev>-0                          1-0, 2-0, 3-0 ... without gap
    fields c = stored bytes of the commit, h = their SHA-256

Must not know what the events mean, nor who starts the server.

Compare and append
    The server alone refuses an id that is not above the newest one. That decides
    every race between writers, but it lets two things through: a gap, when the
    writer knows *more* than the server (a failover to a replica that lagged, a
    restart without AOF, a backup put back), and a fork, when the newest revision
    has the same number but other content. So the append is one short script that
    compares id and hash of the newest entry with those the commit was decided on.
    A writer that is merely behind gets :class:`StoreConflict`: read, fold, decide
    again. A writer that is ahead, or on another branch, gets ``STORE_CORRUPT``.

Unknown outcome
    After a time-out or a lost connection nobody knows whether the entry was
    stored. Nothing may be acknowledged or take effect then. Either append *the
    same commit* again (found at the end of the log it counts as appended), or read what
    came after the last known revision and look for the ``cmd_id`` in it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterable
from typing import Any

import msgspec
from redis import exceptions

from bridge.errors import Code, StoreConflict, StoreUnavailable
from bridge.store.commit import Commit, commit_hash, decode
from bridge.store.connection import ClientFactory, Connection, command
from bridge.store.failures import corrupt, translated

__all__ = ["Log", "log_key"]

log = logging.getLogger(__name__)

TIMEOUT_S = 3.0
"""Longest wait for an answer: a moderator who clicked gets a clear refusal within it."""

PAGE = 500
"""Entries per reply; about 200 KB, decoded in a few milliseconds of the event loop."""

BLOCK_S = 5.0
"""How long a follower waits in the server before it asks again, to notice a silent network."""

RETRY_FIRST_S, RETRY_MOST_S = 0.05, 1.0
"""A follower's pauses in an outage; a restarted local server answers after about 50 ms."""

# KEYS: log. ARGV: id and hash decided on, id, hash and bytes of the commit.
# Returns id and hash of the newest entry afterwards.
_APPEND = """
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local id = newest and newest[1] or '0-0'
local hash = newest and (newest[2][4] or '') or ARGV[2]
if id == ARGV[3] and hash == ARGV[4] then
  -- already ours; a write without effect, so that WAITAOF has something to wait for
  redis.call('XSETID', KEYS[1], id)
elseif id == ARGV[1] and hash == ARGV[2] then
  redis.call('XADD', KEYS[1], ARGV[3], 'c', ARGV[5], 'h', ARGV[4])
  return {ARGV[3], ARGV[4]}
end
return {id, hash}
"""


def log_key(session: str) -> str:
    """Return the key of a session's stream."""
    return f"diemcau:{{{session}}}:log"


class Log:
    """All sessions' logs on one server.

    Args:
        connect: makes a client; called once for requests and once per follower.
        name: the server in log lines, without password.
        timeout_s: longest wait for one answer, in seconds.
    """

    def __init__(self, connect: ClientFactory, *, name: str, timeout_s: float = TIMEOUT_S) -> None:
        self._connect = connect
        self._client = connect()
        self._name = name
        self._timeout_s = timeout_s
        self._waitaof: bool | None = None  # does the server answer WAITAOF; None: ask it
        self._warned = False
        self._closed = asyncio.Event()
        self._followers: set[Connection] = set()

    async def append(self, session: str, commit: Commit) -> None:
        """Append *commit* if the newest entry is the one it was decided on; durable on return.

        Calling again with the very same commit is safe, whatever became of the first call.

        Raises:
            StoreConflict: another commit has this revision. Read, fold, decide again.
            StoreUnavailable: ``STORE_UNAVAILABLE``: outcome unknown, see the module text;
                ``STORE_CORRUPT``: the log lost or replaced what this commit follows.
        """
        try:
            newest, newest_hash = await self._compare_and_append(session, commit)
        except StoreUnavailable:
            self._waitaof = None  # behind the same address there may be another server next time
            raise
        if (newest, newest_hash) == (commit.rev, commit.hash):
            return
        if newest >= commit.rev:
            raise StoreConflict(
                Code.STORE_CONFLICT,
                f"Revision {commit.rev} was written by somebody else first: read the log and "
                "decide again.",
                {"rev": newest},
            )
        lost = commit.rev - 1
        if newest < lost:
            raise corrupt(session, lost, f"was acknowledged, but the log now ends at {newest}")
        raise corrupt(session, lost, "is not the one that was acknowledged")

    async def _compare_and_append(self, session: str, commit: Commit) -> tuple[int, str]:
        with translated():
            async with asyncio.timeout(self._timeout_s):
                if self._waitaof is None:
                    await self._ask_durability()
                pipeline = self._client.pipeline(transaction=False)
                pipeline.execute_command(
                    "EVAL", _APPEND, 1, log_key(session),
                    f"{commit.rev - 1}-0", commit.prev_hash,
                    f"{commit.rev}-0", commit.hash, commit.data,
                )  # fmt: skip
                if self._waitaof:
                    # Inside our own deadline, so that "not on disk yet" can be told from silence.
                    patience_ms = int(self._timeout_s * 1000 * 2 / 3)
                    pipeline.execute_command("WAITAOF", 1, 0, patience_ms)
                replies = await pipeline.execute(raise_on_error=False)
        for reply in replies:
            if isinstance(reply, Exception):
                with translated():
                    raise reply
        if self._waitaof and replies[1][0] < 1:
            raise StoreUnavailable(
                Code.STORE_UNAVAILABLE,
                "The store took the change but its disk did not confirm it in time: check the "
                "disk of the store's machine, then try again.",
            )
        newest, newest_hash = replies[0]
        return int(newest.partition(b"-")[0]), newest_hash.decode()

    async def _ask_durability(self) -> None:
        """Find out how this server makes an append durable, and say it if it does not."""
        try:
            await command(self._client, "WAITAOF", 1, 0, 1)
        except exceptions.ResponseError:
            self._waitaof = False  # before 7.2, without AOF, or not allowed
        else:
            self._waitaof = True
            return
        try:
            persistence = await self._client.info("persistence")
            settings = await self._client.config_get("appendfsync")
        except exceptions.ResponseError as error:
            self._warn(f"does not tell how it saves ({error})")
            return
        if not persistence.get("aof_enabled"):
            self._warn("has no append-only file: what it acknowledged is lost when it stops")
        elif settings.get("appendfsync") != "always":
            self._warn("may lose its last second when its machine fails")

    def _warn(self, what: str) -> None:
        if not self._warned:
            self._warned = True
            log.warning(
                "store %s %s; set 'appendonly yes' and 'appendfsync always' there, "
                "or use version 7.2 or newer with 'appendonly yes'",
                self._name,
                what,
            )

    async def read(self, session: str, after: int = 0) -> list[Commit]:
        """Return all commits above revision *after*, in order, without gap.

        The hash chain is not checked here; :func:`~bridge.store.commit.verify_chain` does.

        Raises:
            StoreUnavailable: ``STORE_UNAVAILABLE``, or ``STORE_CORRUPT`` naming the revision.
        """
        commits: list[Commit] = []
        while True:
            with translated():
                async with asyncio.timeout(self._timeout_s):
                    entries = await command(
                        self._client,
                        "XRANGE",
                        log_key(session),
                        f"{after + 1}-0",
                        "+",
                        "COUNT",
                        PAGE,
                    )
            page = _decode_entries(session, after, entries)
            commits += page
            after += len(page)
            if len(page) < PAGE:
                return commits

    async def follow(self, session: str, after: int = 0) -> AsyncGenerator[Commit, None]:
        """Yield every commit above *after*, first the stored ones, then each as it comes.

        Survives outages and goes on where it was. Ends when the log is closed.
        It has its own connection: close the generator (or cancel its task) to free it.

        Raises:
            StoreUnavailable: ``STORE_CORRUPT`` only; an outage is waited for.
        """
        pause_s = RETRY_FIRST_S
        while not self._closed.is_set():
            client = self._connect()
            self._followers.add(client)
            try:
                await self._check_reaches(client, session, after)
                while True:
                    for commit in await self._wait(client, session, after):
                        after = commit.rev
                        yield commit
                    pause_s = RETRY_FIRST_S
            except StoreUnavailable as error:
                if error.code is Code.STORE_CORRUPT:
                    raise
                if pause_s == RETRY_FIRST_S and not self._closed.is_set():
                    log.warning("following session %s is interrupted: %s", session, error)
            finally:
                self._followers.discard(client)
                await client.aclose()
            try:
                async with asyncio.timeout(pause_s):
                    await self._closed.wait()
            except TimeoutError:
                pause_s = min(2 * pause_s, RETRY_MOST_S)

    async def _check_reaches(self, client: Connection, session: str, rev: int) -> None:
        """Refuse to wait for what never comes: a log that ends before what we have seen."""
        with translated():
            async with asyncio.timeout(self._timeout_s):
                newest = await command(client, "XREVRANGE", log_key(session), "+", "-", "COUNT", 1)
        end = int(newest[0][0].partition(b"-")[0]) if newest else 0
        if end < rev:
            raise corrupt(session, rev, f"was acknowledged, but the log now ends at {end}")

    async def _wait(self, client: Connection, session: str, after: int) -> list[Commit]:
        with translated():
            async with asyncio.timeout(BLOCK_S + self._timeout_s):
                streams = await command(
                    client, "XREAD", "COUNT", PAGE, "BLOCK", int(BLOCK_S * 1000),
                    "STREAMS", log_key(session), f"{after}-0",
                )  # fmt: skip
        return _decode_entries(session, after, streams[0][1]) if streams else []

    async def check(self) -> None:
        """Ask the server once and warn if it does not keep what it acknowledges.

        Raises:
            StoreUnavailable: it cannot be reached or refuses us.
        """
        with translated():
            async with asyncio.timeout(self._timeout_s):
                await self._ask_durability()

    async def ping(self) -> bool:
        """Return whether the server answers within the time-out."""
        try:
            with translated():
                async with asyncio.timeout(self._timeout_s):
                    await self._client.ping()
        except StoreUnavailable:
            return False
        return True

    async def close(self) -> None:
        """Close all connections; followers end."""
        self._closed.set()
        for client in [self._client, *self._followers]:
            await client.aclose()


def _decode_entries(
    session: str, after: int, entries: Iterable[tuple[bytes, dict[bytes, Any]]]
) -> list[Commit]:
    """Return the commits in *entries*, which must begin at revision ``after + 1``."""
    commits = []
    for rev, (entry_id, fields) in enumerate(entries, start=after + 1):
        if entry_id != b"%d-0" % rev:
            raise corrupt(session, rev, f"is missing, entry {entry_id.decode()} is in its place")
        data = fields.get(b"c")
        if data is None or fields.get(b"h") != commit_hash(data).encode():
            raise corrupt(session, rev, "does not match its checksum")
        try:
            commit = decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise corrupt(session, rev, f"cannot be decoded ({error})") from error
        if commit.rev != rev:
            raise corrupt(session, rev, f"says that it is revision {commit.rev}")
        commits.append(commit)
    return commits
