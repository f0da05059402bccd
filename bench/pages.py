"""Many pages' websockets: how long from a moderator's command until every page has it."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Iterator
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect

from bench.child import answer, messages
from bench.report import percentile
from bridge.clock import monotonic

JOIN_AT_ONCE = 20
WAIT_S = 10.0


class Message(msgspec.Struct):
    """The part of a server message that is measured; the rest is skipped while decoding."""

    type: str
    rev: int = -1
    cmd_id: str = ""
    code: str = ""


class Page:
    """One open page."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.rev = -1
        self.refused = 0
        self._moved = asyncio.Event()
        self._decoder = msgspec.json.Decoder(Message)

    async def read(self) -> None:
        async for text in self.connection:
            message = self._decoder.decode(text)
            self.refused += message.type == "nack"
            if message.type in ("view", "patch"):
                self.rev = message.rev
                self._moved.set()

    async def reached(self, rev: int) -> float:
        """Wait until this page is at *rev*; return when."""
        while self.rev < rev:
            self._moved.clear()
            await self._moved.wait()
        return monotonic()


async def open_pages(url: str, tokens: list[str]) -> list[Page]:
    gate = asyncio.Semaphore(JOIN_AT_ONCE)

    async def one(token: str) -> Page:
        async with gate:
            connection = await connect(
                url,
                additional_headers={"Authorization": f"Bearer {token}"},
                compression=None,
                max_size=None,
                proxy=None,
            )
            await connection.send('{"type":"hello","rev":-1,"lang":"vi"}')
            return Page(connection)

    return list(await asyncio.gather(*(one(token) for token in tokens)))


async def measure(
    pages: list[Page], states: Iterator[str], count: int, interval_s: float
) -> dict[str, Any]:
    """Close or open the list of speakers *count* times; every page shows that."""
    moderator = pages[0]
    everywhere_ms: list[float] = []
    each_ms: list[float] = []
    for _ in range(count):
        before = {page.rev for page in pages}
        if len(before) != 1:
            raise SystemExit(f"pages disagree before a command: {before}")
        rev = before.pop() + 1
        waiting = [asyncio.create_task(page.reached(rev)) for page in pages]
        began = monotonic()
        command = {
            "type": "set_list",
            "cmd_id": secrets.token_hex(8),
            "state": next(states),
        }
        await moderator.connection.send(msgspec.json.encode(command).decode())
        arrivals = await asyncio.wait_for(asyncio.gather(*waiting), WAIT_S)
        everywhere_ms.append((max(arrivals) - began) * 1000)
        each_ms += [(arrival - began) * 1000 for arrival in arrivals]
        await asyncio.sleep(interval_s)
    return {
        "everywhere_ms": [percentile(everywhere_ms, share) for share in (0.5, 0.99)],
        "each_ms": [percentile(each_ms, share) for share in (0.5, 0.99)],
        "refused": sum(page.refused for page in pages),
    }


async def main() -> None:
    commands = messages()
    first = await anext(commands)
    pages = await open_pages(first["url"], first["tokens"])
    readers = [asyncio.create_task(page.read()) for page in pages]
    await asyncio.wait_for(asyncio.gather(*(page.reached(0) for page in pages)), 60)
    answer({"open": len(pages)})
    states = itertools.cycle(("closed", "open"))  # sessions start with an open list
    async for command in commands:
        answer(await measure(pages, states, command["count"], command["interval_s"]))
    await asyncio.gather(*(page.connection.close() for page in pages))
    for reader in readers:
        reader.cancel()


if __name__ == "__main__":
    asyncio.run(main())
