"""What a parser answers to bytes from a stranger."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bridge.errors import Code, ProtocolError

Result = TypeVar("Result")


def answer(parse: Callable[[bytes], Result], data: bytes) -> Result | Code:
    """The result, or the code of the only error allowed; any other error fails the test."""
    try:
        return parse(data)
    except ProtocolError as error:
        return error.code
