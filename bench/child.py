"""Helper processes: one JSON object per line in, one per line out."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections.abc import AsyncIterator
from typing import Any, Self

from bench.server import cpu_s

ANSWER_TIMEOUT_S = 120.0
LONGEST_LINE = 1 << 24  # the tokens of thousands of pages


class Child:
    """A module of this package in a process of its own.

    Args:
        module: its name.
        first: the first message it gets.
    """

    def __init__(self, module: str, first: dict[str, Any]) -> None:
        self._module = module
        self._first = first
        self._turn = asyncio.Lock()

    def cpu_s(self) -> float:
        """Return CPU seconds that the child has used."""
        return cpu_s(self._process.pid)

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", f"bench.{self._module}"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
        )
        await self._say(self._first)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()  # the end of its input ends it
        try:
            await asyncio.wait_for(self._process.wait(), 10)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _say(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        await self._process.stdin.drain()

    async def answer(self) -> dict[str, Any]:
        """Return the next message of the child."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), ANSWER_TIMEOUT_S)
        if not line:
            raise SystemExit(f"bench.{self._module} ended without an answer")
        message: dict[str, Any] = json.loads(line)
        return message

    async def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a message and return the answer; questions wait for one another."""
        async with self._turn:
            await self._say(message)
            return await self.answer()


async def messages() -> AsyncIterator[dict[str, Any]]:
    """Yield what the parent says, in the child; ends with the parent."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(LONGEST_LINE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield json.loads(line)


def answer(message: dict[str, Any]) -> None:
    """Answer the parent, in the child."""
    print(json.dumps(message), flush=True)


def raise_open_files(count: int) -> None:
    """Allow this process, and those it starts, *count* open files.

    Raises:
        SystemExit: the machine does not allow that many.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= count:
        return
    if hard != resource.RLIM_INFINITY and hard < count:
        raise SystemExit(
            f"{count} open files are needed and {hard} allowed: raise 'ulimit -Hn' or measure "
            "fewer --pages"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
