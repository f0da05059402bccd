"""One place that decides which server keeps the logs, and ends it again."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bridge.store.archive import Archive
from bridge.store.connection import ClientFactory, at_socket, at_url, shown
from bridge.store.directory import StoreDirectory
from bridge.store.embedded import EmbeddedValkey
from bridge.store.log import Log
from bridge.tasks import Tasks

__all__ = ["Store", "open_for_reading", "open_log"]


class Store:
    """A log together with the server it lives on, if that is ours.

    Args:
        connect: makes a client of the log's server.
        name: that server in log lines, without password.
        valkey: our own server, ``None`` for an external one.
    """

    def __init__(self, connect: ClientFactory, name: str, valkey: EmbeddedValkey | None) -> None:
        self.log = Log(connect, name=name)
        self.archive = Archive(connect)
        self.valkey = valkey

    async def close(self) -> None:
        """Close the log, then stop our server."""
        try:
            await self.archive.close()
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
        store = Store(partial(at_url, redis_url), shown(redis_url), None)
        try:
            await store.log.check()
        except BaseException:
            await store.close()
            raise
        return store
    valkey = EmbeddedValkey(data_dir, tasks)
    await valkey.start()
    return Store(partial(at_socket, valkey.socket_path), "in the data directory", valkey)


async def open_for_reading(redis_url: str | None, data_dir: Path, tasks: Tasks) -> Store:
    """Return the logs to read, beside a running server or, if none runs, without one.

    Raises:
        ConfigError: wrong address, or nothing to read there.
        StoreUnavailable: the server cannot be used.
    """
    if not redis_url:
        socket = StoreDirectory(data_dir).socket_in_use()
        if socket:
            return Store(partial(at_socket, socket), "of the running server", None)
    return await open_log(redis_url, data_dir, tasks)
