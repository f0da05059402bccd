"""External servers: addresses, and warnings about servers that forget."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.errors import Code, ConfigError, StoreUnavailable
from bridge.store.connection import shown
from bridge.store.embedded import EmbeddedValkey
from bridge.store.open import open_log
from bridge.tasks import Tasks
from tests.store.servers import EmbeddedServer, RedisServer, chain, noted

SESSION = "plenary"
# Two thirds of it the store waits for its disk; the last third is for a machine with other work.
PATIENCE_S = 2.4


@pytest.fixture
async def valkey(directory: Path) -> AsyncIterator[EmbeddedValkey]:
    server = EmbeddedServer(directory)
    await server.start()
    yield server.valkey
    await server.stop()


async def warnings_of(
    directory: Path, tasks: Tasks, caplog: pytest.LogCaptureFixture, *extra: str, aof: bool
) -> str:
    server = RedisServer(directory, *extra, aof=aof)
    await server.start()
    caplog.set_level(logging.WARNING, logger="bridge.store")
    store = await open_log(server.url, directory, tasks)
    for commit in chain(3):
        await store.log.append(SESSION, commit)
    await store.log.check()
    await store.close()
    await server.stop()
    assert RedisServer.PASSWORD not in caplog.text
    return caplog.text


async def test_external_server_starts_none_of_ours(
    valkey: EmbeddedValkey, directory: Path, tasks: Tasks
) -> None:
    store = await open_log(valkey.url, directory / "none", tasks)
    assert store.valkey is None
    await store.log.append(SESSION, noted(None, "c1"))
    await store.close()
    assert not (directory / "none").exists()


@pytest.mark.parametrize("url", ["http://127.0.0.1", "redis://:pa/ss@host:port", "nonsense"])
async def test_wrong_address(url: str, directory: Path, tasks: Tasks) -> None:
    with pytest.raises(ConfigError, match="--redis address") as caught:
        await open_log(url, directory, tasks)
    assert caught.value.code is Code.CONFIG_INVALID
    assert "pa/ss" not in caught.value.message


async def test_nobody_at_the_address(directory: Path, tasks: Tasks) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        await open_log("redis://127.0.0.1:1", directory, tasks)


async def test_wrong_password(directory: Path, tasks: Tasks) -> None:
    server = RedisServer(directory)
    await server.start()
    with pytest.raises(StoreUnavailable, match="check user and password"):
        await open_log(f"redis://:wrong@127.0.0.1:{server.port}", directory, tasks)
    await server.stop()


async def test_server_without_append_only_file_is_warned_about_once(
    directory: Path, tasks: Tasks, caplog: pytest.LogCaptureFixture
) -> None:
    text = await warnings_of(directory, tasks, caplog, aof=False)
    assert text.count("has no append-only file") == 1


async def test_server_that_syncs_every_second_is_warned_about(
    directory: Path, tasks: Tasks, caplog: pytest.LogCaptureFixture
) -> None:
    text = await warnings_of(directory, tasks, caplog, "--appendfsync", "everysec", aof=True)
    assert text.count("may lose its last second") == 1


async def test_server_that_does_not_tell_is_warned_about(
    directory: Path, tasks: Tasks, caplog: pytest.LogCaptureFixture
) -> None:
    text = await warnings_of(directory, tasks, caplog, "--rename-command", "CONFIG", "", aof=True)
    assert text.count("does not tell how it saves") == 1


async def test_durable_server_is_not_warned_about(
    directory: Path, tasks: Tasks, caplog: pytest.LogCaptureFixture
) -> None:
    assert await warnings_of(directory, tasks, caplog, aof=True) == ""


async def test_valkey_that_syncs_every_second_is_waited_for(
    valkey: EmbeddedValkey, directory: Path, tasks: Tasks, caplog: pytest.LogCaptureFixture
) -> None:
    """WAITAOF makes up for a lax setting, so there is nothing to warn about."""
    caplog.set_level(logging.WARNING, logger="bridge.store")
    store = await open_log(valkey.url, directory, tasks)
    client = store.log._client
    await client.config_set("appendfsync", "everysec")
    first = noted(None, "c1")
    await store.log.append(SESSION, first)
    await store.log.append(SESSION, first)
    assert (await client.info("persistence"))["aof_pending_bio_fsync"] == 0
    await store.close()
    assert caplog.text == ""


async def test_disk_that_does_not_confirm_is_no_success(
    valkey: EmbeddedValkey, directory: Path, tasks: Tasks
) -> None:
    store = await open_log(valkey.url, directory, tasks)
    await store.log._client.config_set("appendfsync", "no")
    store.log._timeout_s = PATIENCE_S
    with pytest.raises(StoreUnavailable, match="did not confirm") as caught:
        await store.log.append(SESSION, noted(None, "c1"))
    assert caught.value.code is Code.STORE_UNAVAILABLE
    other = await open_log(valkey.url, directory, tasks)
    other.log._timeout_s = PATIENCE_S
    with pytest.raises(StoreUnavailable, match="did not confirm"):
        await other.log.append(SESSION, noted(None, "c1"))  # there already, but not on disk
    await other.close()
    await store.log._client.config_set("appendfsync", "always")
    await store.log.append(SESSION, noted(None, "c1"))
    assert len(await store.log.read(SESSION)) == 1
    await store.close()


def test_shown_address_has_no_password() -> None:
    assert shown("rediss://user:secret@redis.example:6380/2") == "rediss://redis.example:6380/2"
    assert shown("unix:///run/redis.sock") == "unix:///run/redis.sock"
