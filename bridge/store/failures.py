"""What an error of the Redis client means, as one sentence that says what to do.

Owns the translation from the server's and the client's errors to
:class:`StoreUnavailable`; the log calls it, nothing else looks at ``redis`` errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from redis import exceptions

from bridge.errors import Code, StoreUnavailable

__all__ = ["corrupt", "translated", "unavailable"]

# First match wins; the text is what the server's message starts with or contains.
_BY_TEXT = (
    (
        "MISCONF",
        "The store refuses writes because it cannot save to its disk: free disk space there.",
    ),
    (
        "maxmemory",
        "The store has no memory left: raise its maxmemory (policy noeviction).",
    ),
    (
        "WRONGTYPE",
        "The key of this session's log holds something else: use a database of its own.",
    ),
)
_BY_TYPE: tuple[tuple[type[Exception], str], ...] = (
    (
        exceptions.AuthenticationError,
        "The store refuses the login: check user and password in the --redis address.",
    ),
    (
        exceptions.NoPermissionError,
        "The store's user lacks a right: allow the stream commands, EVAL and WAITAOF on diemcau:*.",
    ),
    (
        exceptions.BusyLoadingError,
        "The store is loading its data: this ends by itself, try again in a moment.",
    ),
    (
        exceptions.ReadOnlyError,
        "The store is a read-only replica: point --redis to the primary.",
    ),
    (
        exceptions.TimeoutError,
        "The store does not answer in time: check the load of its machine and the network.",
    ),
    (
        TimeoutError,
        "The store does not answer in time: check the load of its machine and the network.",
    ),
    (
        exceptions.ConnectionError,
        "The store cannot be reached: check that it runs; work goes on when it is back.",
    ),
    (
        OSError,
        "The store cannot be reached: check that it runs; work goes on when it is back.",
    ),
)


def unavailable(error: Exception) -> StoreUnavailable:
    """Return the error our callers know for an error of the Redis client."""
    # A refusal during the connection's greeting comes wrapped in a ConnectionError.
    if type(error) is exceptions.ConnectionError and isinstance(
        error.__cause__, exceptions.RedisError
    ):
        return unavailable(error.__cause__)
    reason = str(error) or type(error).__name__
    for text, sentence in _BY_TEXT:
        if text in reason:
            return _with_reason(sentence, reason)
    for kind, sentence in _BY_TYPE:
        if isinstance(error, kind):
            return _with_reason(sentence, reason)
    return _with_reason("The store refused the request: see the reason.", reason)


def _with_reason(sentence: str, reason: str) -> StoreUnavailable:
    return StoreUnavailable(Code.STORE_UNAVAILABLE, f"{sentence} ({reason})", {"reason": reason})


def corrupt(session: str, rev: int, why: str) -> StoreUnavailable:
    """Return the error for a log that is not what was written.

    Args:
        session: session id.
        rev: the revision that is wrong.
        why: half a sentence, continued after "Revision N ".
    """
    return StoreUnavailable(
        Code.STORE_CORRUPT,
        f"Revision {rev} of the log of session {session} {why}: restore the log from a backup.",
        {"session": session, "rev": rev},
    )


@contextmanager
def translated() -> Iterator[None]:
    """Turn every error of the Redis client inside into :class:`StoreUnavailable`."""
    try:
        yield
    except (exceptions.RedisError, OSError, TimeoutError) as error:
        raise unavailable(error) from error
