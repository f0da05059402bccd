"""One place that decides which server keeps the logs, and ends it again."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bridge.store.connection import at_socket, at_url, shown
from bridge.store.directory import StoreDirectory
from bridge.store.embedded import EmbeddedValkey
from bridge.store.log import Log
from bridge.tasks import Tasks

__all__ = ["Store", "open_for_reading", "open_log"]


class Store:
    """A log together with the server it lives on, if that is ours.

    Args:
        log: the log.
        valkey: our own server, ``None`` for an external one.
    """

    def __init__(self, log: Log, valkey: EmbeddedValkey | None) -> None:
        self.log = log
        self.valkey = valkey

    async def close(self) -> None:
        """Close the log, then stop our server."""
        try:
            await self.log.close()
        finally:
            if self.valkey is not None:
                await self.valkey.close()


async def open_log(redis_url: str | None, data_dir: Path, tasks: Tasks) -> Store:
    """Return the logs on *redis_url*, or on the embedded Valkey in *data_dir*.

    Args:
        redis_url: ``redis://``, ``rediss://`` or ``unix://`` address; ``None`` or empty: embedded.
        data_dir: the data directory, used by the embedded server only.
        tasks: owner of the task that watches the embedded server.

    Raises:
        ConfigError: wrong address, unusable data directory, or the server does not start.
        StoreUnavailable: the external server cannot be used.
    """
    if redis_url:
        log = Log(partial(at_url, redis_url), name=shown(redis_url))
        try:
            await log.check()
        except BaseException:
            await log.close()
            raise
        return Store(log, None)
    valkey = EmbeddedValkey(data_dir, tasks)
    await valkey.start()
    return Store(Log(partial(at_socket, valkey.socket_path), name="in the data directory"), valkey)


async def open_for_reading(redis_url: str | None, data_dir: Path, tasks: Tasks) -> Store:
    """Return the logs to read, beside a running server or, if none runs, without one.

    Raises:
        ConfigError: wrong address, or nothing to read there.
        StoreUnavailable: the server cannot be used.
    """
    if not redis_url:
        socket = StoreDirectory(data_dir).socket_in_use()
        if socket:
            return Store(Log(partial(at_socket, socket), name="of the running server"), None)
    return await open_log(redis_url, data_dir, tasks)
