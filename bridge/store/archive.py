"""What may be lost: pieces of link history, kept beside the log, on a connection of their own.

Owns one Redis stream per session::

    key    diemcau:{<session>}:links        the log's slot; nothing of the log depends on it
    id     given by the server
    fields m = one piece, compressed

The stream is trimmed to its newest pieces and forgotten some weeks after the last one. Pieces are
not waited for until they are on disk, so a commit never waits for one.
"""

from __future__ import annotations

import asyncio

from bridge.store.connection import ClientFactory, command
from bridge.store.failures import translated

__all__ = ["KEPT", "Archive", "archive_key"]

#: Newest pieces kept of a session: a day of minutes, at 25 kB with 64 sites 36 MB.
KEPT = 1440
#: A session's pieces are forgotten this long after the last one, seconds: 30 days.
FORGET_S = 30 * 24 * 3600
TIMEOUT_S = 5.0


def archive_key(session: str) -> str:
    """Return the key of a session's stream."""
    return f"diemcau:{{{session}}}:links"


class Archive:
    """All sessions' pieces on one server.

    Args:
        connect: makes a client.
        timeout_s: longest wait for one answer, seconds.
    """

    def __init__(self, connect: ClientFactory, *, timeout_s: float = TIMEOUT_S) -> None:
        self._client = connect()
        self._timeout_s = timeout_s

    async def append(self, session: str, piece: bytes) -> None:
        """Keep *piece* as the newest one.

        Raises:
            StoreUnavailable: it may or may not be kept.
        """
        key = archive_key(session)
        with translated():
            async with asyncio.timeout(self._timeout_s):
                pipeline = self._client.pipeline(transaction=False)
                pipeline.execute_command("XADD", key, "MAXLEN", "~", KEPT, "*", "m", piece)
                pipeline.execute_command("EXPIRE", key, FORGET_S)
                await pipeline.execute()

    async def newest(self, session: str, count: int) -> list[bytes]:
        """Return the newest *count* pieces, the oldest first.

        Raises:
            StoreUnavailable: they cannot be read now.
        """
        with translated():
            async with asyncio.timeout(self._timeout_s):
                entries: list[tuple[bytes, dict[bytes, bytes]]] = await command(
                    self._client, "XREVRANGE", archive_key(session), "+", "-", "COUNT", count
                )
        return [fields.get(b"m", b"") for _, fields in reversed(entries)]

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()
