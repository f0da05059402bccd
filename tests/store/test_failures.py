from __future__ import annotations

import pytest
from redis import exceptions

from bridge.errors import Code, StoreUnavailable
from bridge.store.failures import corrupt, translated, unavailable


def wrapped(cause: Exception) -> Exception:
    error = exceptions.ConnectionError(cause)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (exceptions.ResponseError("MISCONF Errors writing to the AOF file"), "free disk space"),
        (exceptions.OutOfMemoryError("command not allowed, 'maxmemory'"), "no memory left"),
        (exceptions.ResponseError("WRONGTYPE Operation against a key"), "holds something else"),
        (exceptions.AuthenticationError("Authentication required."), "user and password"),
        (wrapped(exceptions.AuthenticationError("invalid password")), "user and password"),
        (exceptions.NoPermissionError("no permissions to run 'eval'"), "lacks a right"),
        (exceptions.BusyLoadingError("loading the dataset in memory"), "loading its data"),
        (exceptions.ReadOnlyError("You can't write"), "to the primary"),
        (exceptions.TimeoutError("Timeout reading"), "does not answer in time"),
        (TimeoutError(), "does not answer in time"),
        (exceptions.ConnectionError("Connection refused"), "cannot be reached"),
        (ConnectionResetError("reset by peer"), "cannot be reached"),
        (exceptions.ResponseError("NOREPLICAS Not enough good replicas"), "NOREPLICAS"),
    ],
)
def test_every_failure_says_what_to_do(error: Exception, sentence: str) -> None:
    translated_error = unavailable(error)
    assert sentence in translated_error.message
    assert translated_error.code is Code.STORE_UNAVAILABLE
    assert translated_error.details["reason"]


def test_failures_inside_the_block_are_translated() -> None:
    with pytest.raises(StoreUnavailable) as caught, translated():
        raise exceptions.ConnectionError("gone")
    assert isinstance(caught.value.__cause__, exceptions.ConnectionError)


def test_other_errors_pass() -> None:
    with pytest.raises(KeyError), translated():
        raise KeyError("a mistake of ours")


def test_corrupt_names_session_and_revision() -> None:
    error = corrupt("plenary", 7, "cannot be decoded")
    assert error.code is Code.STORE_CORRUPT
    assert error.message.startswith("Revision 7 of the log of session plenary cannot be decoded")
    assert error.details == {"session": "plenary", "rev": 7}
