"""Clients of the Redis protocol with the settings the log relies on.

The client never retries by itself: an ``XADD`` sent twice because the answer to
the first got lost would look like a conflict with ourselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from bridge.errors import Code, ConfigError

__all__ = ["ClientFactory", "Connection", "at_socket", "at_url", "command", "shown"]

Connection: TypeAlias = "Redis"
ClientFactory: TypeAlias = Callable[[], Connection]

CONNECT_TIMEOUT_S = 2.0
"""A TCP handshake that takes longer means lost packets; the next try is cheaper than waiting."""


def _options() -> dict[str, Any]:
    return {
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": None,  # every call has its own deadline
        "socket_connect_timeout": CONNECT_TIMEOUT_S,
        "protocol": 2,  # the shape of replies below; Redis 7 and Valkey speak both
    }


def at_socket(path: str) -> Connection:
    """Return a client of the server listening on the unix socket *path*."""
    return Redis(unix_socket_path=path, **_options())


def at_url(url: str) -> Connection:
    """Return a client of ``redis://``, ``rediss://`` or ``unix://`` *url*; nothing is sent yet.

    Raises:
        ConfigError: the address has another form.
    """
    try:
        return Redis.from_url(url, **_options())
    except (ValueError, TypeError):
        # The library's message may quote the password, so neither text nor cause is kept.
        raise ConfigError(
            Code.CONFIG_INVALID,
            "The --redis address cannot be read: use redis://[user:password@]host:port/0, "
            "rediss://... with TLS, or unix:///path.",
        ) from None


def shown(url: str) -> str:
    """Return *url* without user and password, for log lines."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{place}{parts.path}"


async def command(client: Connection, *words: str | int) -> Any:  # noqa: ANN401 - the server's reply
    """Send one command and return its reply.

    Raises:
        redis.exceptions.RedisError: as the client library says it.
    """
    return await client.execute_command(*words)  # type: ignore[no-untyped-call]
