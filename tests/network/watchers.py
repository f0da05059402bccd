"""What technicians are told of the links, second by second, while a test makes faults."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.network.lab import HubServer
from tests.running import Client

__all__ = ["Fault", "Verdicts", "technician"]

#: Seconds without a word, so that one fault does not look like the end of another.
CALM = 8
#: Where three browsers share two cores, no link is excellent all the time.
FAIR = 3.1


@dataclass
class Fault:
    """One fault, and what was said while it lasted and until it was over.

    Attributes:
        name: for the table. site: where it is.
        cause: what is to be named; of several, with " or " between them, one.
        named_s: after how long it was, None if never.
        cleared_s: how long after its end nothing was said of anybody any more, None if never.
        said: seconds in which each cause was said, by site.
    """

    name: str
    site: str
    cause: str
    named_s: float | None = None
    cleared_s: float | None = None
    said: dict[str, dict[str, int]] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)

    def blamed(self) -> dict[str, set[str]]:
        """Return what was said of other sites that is their own fault."""
        others = {site: set(causes) - {"remote"} for site, causes in self.said.items()}
        return {site: causes for site, causes in others.items() if causes and site != self.site}


class Verdicts:
    """Keeps what is said.

    Args:
        client: a technician's connection.
        sites: those that are there.
    """

    def __init__(self, client: Client, sites: tuple[str, ...]) -> None:
        self._client = client
        self._sites = sites
        self._frames: list[tuple[float, dict[str, Any]]] = []
        self._news = asyncio.Condition()

    async def read(self) -> None:
        """Take messages in for ever."""
        while True:
            message = await self._client.receive(60.0)
            if message["type"] == "links":
                async with self._news:
                    self._frames.append((time.monotonic(), message))
                    self._news.notify_all()

    def newest(self) -> Mapping[str, Any]:
        """Return the newest links, by site."""
        return self._frames[-1][1]["sites"] if self._frames else {}

    def causes(self) -> dict[str, str]:
        """Return what is said now, by site; nothing where nothing is wrong."""
        links = self.newest()
        told = {site: links.get(site, {}).get("verdict", {}) for site in self._sites}
        return {site: one["cause"] for site, one in told.items() if one.get("cause")}

    def story(self, since: float) -> list[str]:
        """Return the seconds since then in short, for whoever reads why a test has failed."""
        lines = []
        for at, frame in self._frames:
            if at < since:
                continue
            parts = []
            for site in self._sites:
                link = frame["sites"].get(site, {})
                up, down, page = (link.get(name) or {} for name in ("up", "down", "page"))
                parts.append(
                    f"{site} {link.get('score', 0)} {link.get('verdict', {})} "
                    f"rtt {link.get('rtt_ms')} up {_short(up)} down {_short(down)} page {page}"
                )
            lines.append(f"{at - since:5.1f} {frame.get('server')}\n   " + "\n   ".join(parts))
        return lines

    async def good(self, timeout_s: float) -> float | None:
        """Wait until nothing is said of anybody; return how long it took, None if too long."""
        return await self._until(lambda: bool(self._frames) and not self.causes(), timeout_s)

    async def calm(self, timeout_s: float) -> bool:
        """Wait until nothing has been said of anybody for a while, and all links are good."""

        def is_calm() -> bool:
            newest = [frame["sites"] for _, frame in self._frames[-CALM:]]
            links = [sites.get(site, {}) for sites in newest for site in self._sites]
            return len(newest) == CALM and all(
                one.get("score", 0) >= FAIR and not one.get("verdict", {}).get("cause")
                for one in links
            )

        return await self._until(is_calm, timeout_s) is not None

    async def named(self, wanted: Mapping[str, str], timeout_s: float) -> float | None:
        """Wait until every site of *wanted* has its cause; return how long it took."""
        return await self._until(
            lambda: all(
                self.causes().get(site) in cause.split(" or ") for site, cause in wanted.items()
            ),
            timeout_s,
        )

    async def connected(self, timeout_s: float) -> None:
        """Wait until all sites send pictures."""

        def sending() -> bool:
            links = self.newest()
            return all(links.get(s, {}).get("up", {}).get("fps", 0) > 0 for s in self._sites)

        assert await self._until(sending, timeout_s) is not None, self.newest()

    async def _until(self, condition: Any, timeout_s: float) -> float | None:
        begin = time.monotonic()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s), self._news:
                await self._news.wait_for(condition)
                return time.monotonic() - begin
        return None

    @asynccontextmanager
    async def watching(self, fault: Fault) -> AsyncIterator[None]:
        """Count into *fault* what is said of every site while the block runs."""
        first = len(self._frames)
        try:
            yield
        finally:
            for _, frame in self._frames[first:]:
                for site in self._sites:
                    cause = frame["sites"].get(site, {}).get("verdict", {}).get("cause", "")
                    if cause:
                        of_site = fault.said.setdefault(site, {})
                        of_site[cause] = of_site.get(cause, 0) + 1


def _short(one: Mapping[str, Any]) -> str:
    kept = ("kbps", "loss", "missing", "jitter_ms", "height", "fps", "freeze_s", "concealed")
    return " ".join(f"{name}={one[name]}" for name in kept if name in one)


@asynccontextmanager
async def technician(server: HubServer, sites: tuple[str, ...]) -> AsyncIterator[Verdicts]:
    """Give a technician at the hub who writes down what is said of *sites*."""
    async with server.socket(server.invite("technician")["token"]) as socket:
        verdicts = Verdicts(await Client.hello(socket), sites)
        reading = asyncio.create_task(verdicts.read())
        try:
            yield verdicts
        finally:
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reading
