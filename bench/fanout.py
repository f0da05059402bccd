"""How long from a moderator's command until every one of thousands of pages shows it.

Pages are in processes of their own (:mod:`bench.pages`); the moderators who command
are here. Commands leave on a fixed beat, whether or not the one before has arrived
everywhere: a server that falls behind shows it.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect

from bench.child import Child
from bench.report import Report, percentile
from bench.server import Server, busy_s, load_average, now
from bridge.ids import Role
from bridge.simulator.floor import merge

PROCESSES = 1  # of pages; a second one takes the core the server needs
REQUESTS = 200  # in the list of speakers while measuring
MODERATORS = 4  # who command, in turn: a page may send 20 messages a second
COMMANDS_PER_S = 20.0
WARM_COMMANDS = 20
IDLE_S = 5.0
WAIT_S = 10.0
#: Of all pages; the others are hosts' and delegates' phones, half and half, over the sites.
STAGE, MODERATOR, TECHNICIAN = 0.035, 0.01, 0.005

Command = dict[str, Any]


class Desk:
    """A moderator's page that commands, and keeps its view as a browser does."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._greeted = asyncio.Event()
        self.view: dict[str, Any] = {}
        self.rev = -1

    async def read(self) -> None:
        async for text in self._connection:
            message = msgspec.json.decode(text)
            match message["type"]:
                case "view":
                    self.view, self.rev = message["view"], message["rev"]
                    self._greeted.set()
                case "patch":
                    self.view, self.rev = merge(self.view, message["patch"]), message["rev"]
                case "ack" | "nack":
                    self._answers.pop(message["cmd_id"]).set_result(message)

    async def hello(self) -> None:
        """Ask for the whole view; return when it is there."""
        self._greeted.clear()
        await self._say({"type": "hello", "rev": -1, "lang": "vi"})
        await asyncio.wait_for(self._greeted.wait(), WAIT_S)

    async def command(self, cmd_id: str, command: Command) -> tuple[float, dict[str, Any]]:
        """Send a command; return when it was sent, and the answer."""
        answered = self._answers[cmd_id] = asyncio.get_running_loop().create_future()
        sent = now()
        await self._say({**command, "cmd_id": cmd_id})
        return sent, await answered

    async def disagrees(self) -> bool:
        """Tell whether the view with all patches is another one than the server's."""
        before = self.view
        await self.hello()
        return bool(_without_nulls(before) != _without_nulls(self.view))

    async def _say(self, message: dict[str, Any]) -> None:
        await self._connection.send(msgspec.json.encode(message).decode())


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 - JSON values
    """Return *value* as a patched view has it: what is null is absent."""
    if not isinstance(value, dict):
        return value
    return {key: _without_nulls(each) for key, each in value.items() if each is not None}


def requests(sites: list[str]) -> Iterator[Command]:
    """Yield requests for the floor, of one site after the other."""
    for n, site in enumerate(itertools.cycle(sites), 1):
        yield {
            "type": "request_floor",
            "site": site,
            "name": f"Đại biểu Nguyễn Thị Minh Khai {n}",
            "title": "Phó Giám đốc Sở Thông tin và Truyền thông",
            "topic": "Hạ tầng số cho vùng sâu, vùng xa và kinh phí duy trì hằng năm",
        }


def lively(asking: Iterator[Command], sites: list[str]) -> Iterator[Command]:
    """Yield what a busy desk does; request ``r<n>`` is the n-th that was made."""
    head = 1
    places = itertools.cycle(sites)
    while True:
        last = head + REQUESTS - 1
        yield {"type": "move_request", "request": f"r{last}", "before": f"r{head + 20}"}
        yield {"type": "edit_request", "request": f"r{head + 30}", "name": f"Bà Hà Thị Lan {head}"}
        yield {"type": "grant_floor", "request": f"r{head}", "override": True}
        yield {"type": "move_request", "request": f"r{head + 50}", "before": f"r{head + 40}"}
        yield {"type": "set_preview", "source": f"camera:{next(places)}"}
        yield {"type": "release_floor", "request": f"r{head}"}
        yield next(asking)
        yield {"type": "move_request", "request": f"r{last}", "after": f"r{last - 1}"}
        head += 1


def tokens(server: Server, pages: int) -> list[str]:
    """Return the tokens of a forum's pages."""
    shares = ((Role.STAGE, STAGE), (Role.MODERATOR, MODERATOR), (Role.TECHNICIAN, TECHNICIAN))
    found = [server.token(role) for role, share in shares for _ in range(round(pages * share))]
    at_sites = itertools.cycle(itertools.product(server.sites, (Role.HOST, Role.DELEGATE)))
    places = itertools.islice(at_sites, pages - len(found))
    return found + [server.token(role, site) for site, role in places]


async def measure_fanout(server: Server, pages: int, commands: int, report: Report) -> None:
    """Measure how fast commands are everywhere, and what that costs the server."""
    url = server.url.replace("http", "ws", 1) + "/ws/plenary"
    async with AsyncExitStack() as stack:
        desks = [await _open_desk(stack, server, url) for _ in range(MODERATORS)]
        cmd_ids, asking = map(str, itertools.count()), requests(server.sites)
        await _fill_the_list(desks, cmd_ids, asking)
        alone_mb = server.resident_mb()
        children = await _open_pages(stack, server, url, pages, report)
        cpu, began = server.cpu_s(), now()
        await asyncio.sleep(IDLE_S)
        idle = (server.cpu_s() - cpu) / (now() - began)
        script = lively(asking, server.sites)
        await _beat(desks, children, cmd_ids, script, WARM_COMMANDS)
        meter = Meter(server, children)
        sent, arrivals = await _beat(desks, children, cmd_ids, script, commands)
        meter.stop()
        resident_mb = server.resident_mb()
        wrong = sum([await desk.disagrees() for desk in desks])
    missing = [rev for rev in sent if arrivals["count"].get(rev) != pages]
    if missing or arrivals["gaps"] or arrivals["closed"] or wrong:
        raise SystemExit(
            f"{arrivals['closed']} pages were closed, {arrivals['gaps']} revisions skipped, "
            f"{wrong} views are wrong, these revisions did not reach all: {missing[:10]}"
        )
    late_ms = [(arrivals["last"][rev] - at) * 1000 for rev, at in sent.items()]
    report.figures["pages_p50_ms"] = percentile(late_ms, 0.5)
    report.figures["pages_p99_ms"] = percentile(late_ms, 0.99)
    report.figures["pages_resident_mb"] = resident_mb
    report.context |= {
        "pages": f"{pages}, with {REQUESTS} requests in the list",
        "commands": f"{len(sent)} at {COMMANDS_PER_S:.0f} a second; everywhere after "
        f"{sum(late_ms) / len(late_ms):.1f} ms in the mean, {max(late_ms):.1f} at worst",
        "server CPU per command": f"{(meter.server - idle * meter.seconds) / commands * 1000:.1f}"
        f" ms, besides {idle * 100:.1f} % of a core for pages that only wait",
        "resident memory without pages": f"{alone_mb:.1f} MB, a page then has "
        f"{(resident_mb - alone_mb) / pages * 1000:.1f} kB",
        "cores busy during commands": f"{meter.busy / meter.seconds:.2f} in all: server "
        f"{meter.server / meter.seconds:.2f}, pages {meter.pages / meter.seconds:.2f}",
        "load average with pages": round(load_average(), 2),
    }


class Meter:
    """CPU seconds from its making until :meth:`stop`: of the server, the pages, everything."""

    def __init__(self, server: Server, children: list[Child]) -> None:
        self._server, self._children = server, children
        self._began = self._read()

    def _read(self) -> tuple[float, ...]:
        pages = sum(child.cpu_s() for child in self._children)
        return now(), self._server.cpu_s(), pages, busy_s()

    def stop(self) -> None:
        spent = [after - before for after, before in zip(self._read(), self._began, strict=True)]
        self.seconds, self.server, self.pages, self.busy = spent


async def _fill_the_list(
    desks: list[Desk], cmd_ids: Iterator[str], asking: Iterator[Command]
) -> None:
    for _ in range(REQUESTS // len(desks)):
        ask = [desk.command(next(cmd_ids), next(asking)) for desk in desks]
        for _, answer in await asyncio.gather(*ask):
            if answer["type"] == "nack":
                raise SystemExit(f"a request was refused: {answer}")
        await asyncio.sleep(1 / COMMANDS_PER_S)


async def _open_pages(
    stack: AsyncExitStack, server: Server, url: str, pages: int, report: Report
) -> list[Child]:
    everyone = tokens(server, pages)
    cpu, began = server.cpu_s(), now()
    children = [
        await stack.enter_async_context(
            Child("pages", {"url": url, "tokens": everyone[place::PROCESSES]})
        )
        for place in range(PROCESSES)
    ]
    for child in children:
        await child.answer()
    each_ms = (server.cpu_s() - cpu) / pages * 1000
    report.context["server CPU per page that joins"] = (
        f"{each_ms:.2f} ms; all were there after {now() - began:.1f} s"
    )
    return children


async def _open_desk(stack: AsyncExitStack, server: Server, url: str) -> Desk:
    headers = {"Authorization": f"Bearer {server.token(Role.MODERATOR)}"}
    connection = await stack.enter_async_context(
        connect(url, additional_headers=headers, compression=None, max_size=None, proxy=None)
    )
    desk = Desk(connection)
    reading = asyncio.create_task(desk.read())
    stack.callback(reading.cancel)
    await desk.hello()
    return desk


async def _beat(
    desks: list[Desk],
    children: list[Child],
    cmd_ids: Iterator[str],
    script: Iterator[Command],
    count: int,
) -> tuple[dict[int, float], dict[str, Any]]:
    """Send *count* commands on the beat.

    Returns:
        When the command of each revision was sent, and what the pages noted: by revision the
        count of pages and the time of the last one; gaps and closed pages in all.
    """
    began = now()
    turns = itertools.cycle(desks)
    pending = []
    for n in range(count):
        await asyncio.sleep(began + n / COMMANDS_PER_S - now())
        pending.append(asyncio.create_task(next(turns).command(next(cmd_ids), next(script))))
    sent: dict[int, float] = {}
    for at, answer in await asyncio.gather(*pending):
        if answer["type"] == "nack":
            raise SystemExit(f"a command was refused: {answer}")
        sent[answer["rev"]] = at
    for desk in desks:
        while desk.rev < max(sent):
            await asyncio.sleep(0.01)
    total: dict[str, Any] = {"count": {}, "last": {}, "gaps": 0, "closed": 0}
    for child in children:
        noted = await child.ask({"rev": max(sent)})
        total["gaps"] += noted["gaps"]
        total["closed"] += noted["closed"]
        for rev, pages in noted["count"].items():
            total["count"][int(rev)] = total["count"].get(int(rev), 0) + pages
            total["last"][int(rev)] = max(total["last"].get(int(rev), 0.0), noted["last"][rev])
    return sent, total
