"""Asks the printing process; the server's side of it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE
from typing import Final

import msgspec

from bridge.errors import BridgeError, Code
from bridge.papers.parts import Paper

__all__ = ["printed"]

# Starting takes a second on a busy machine, printing another one.
PATIENCE_S: Final = 60.0


async def printed(paper: Paper) -> bytes:
    """Return *paper* as a PDF file.

    Raises:
        BridgeError: INTERNAL: the process failed; what it wrote is in the server's log.
    """
    order = msgspec.json.encode(paper)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bridge.papers", stdin=PIPE, stdout=PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            made, _ = await process.communicate(order)
    except TimeoutError:
        made = b""
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode or not made:
        raise BridgeError(
            Code.INTERNAL,
            "The paper could not be printed. Take the DOCX, or try again.",
        )
    return made
