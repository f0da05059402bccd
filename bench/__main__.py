"""``python -m bench``: see the package."""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp

from bench.child import Child
from bench.fanout import measure_fanout
from bench.replay import measure_replay
from bench.report import Report
from bench.server import CACHE, SENT, Server, camera, load_average, now
from bridge.clock import cpu_time
from bridge.ids import Role

IDLE_S = 3.0  # of the server with no clients, taken off the cost of a join
SETTLE_S = 3.0  # after the publisher has come, before measuring
VIEWER_PROCESSES = 2
#: The venue's camera: 720p at 1.5 Mb/s.
HALL = {"width": 1280, "height": 720, "fps": 30, "kbps": 1500, "seconds": 4, "key_interval": 4}


async def measure_joins(server: Server, viewers: list[Child], count: int, report: Report) -> None:
    """Let *count* viewers join, while nothing flows yet."""
    cpu, began = server.cpu_s(), now()
    await asyncio.sleep(IDLE_S)
    idle = (server.cpu_s() - cpu) / (now() - began)
    cpu, began = server.cpu_s(), now()
    for place, viewer in enumerate(viewers):
        share = count * (place + 1) // len(viewers) - count * place // len(viewers)
        if (await viewer.ask({"do": "join", "count": share}))["failed"]:
            raise SystemExit("a viewer could not join: measure again on a quieter machine")
    # the handshake of the last one ends on the server a moment after the viewer's
    await asyncio.sleep(0.5)
    spent = server.cpu_s() - cpu - idle * (now() - began)
    report.figures["join_cpu_ms"] = spent / count * 1000
    report.context["idle server"] = f"{idle * 100:.1f} % of a core"


async def count(viewers: list[Child]) -> dict[str, int]:
    """Return the viewers' counts, summed over their processes."""
    total: dict[str, int] = {}
    for viewer in viewers:
        for name, value in (await viewer.ask({"do": "count"})).items():
            total[name] = total.get(name, 0) + value
    return total


async def measure_forwarding(
    server: Server,
    http: aiohttp.ClientSession,
    viewers: list[Child],
    seconds: float,
    report: Report,
) -> None:
    """Measure the server's CPU while one source flows to all viewers."""
    await asyncio.sleep(SETTLE_S)
    seen, sent = await count(viewers), (await server.metrics(http))[SENT]
    cpu, began = server.cpu_s(), now()
    await asyncio.sleep(seconds)
    cpu, elapsed = server.cpu_s() - cpu, now() - began
    sent = (await server.metrics(http))[SENT] - sent
    after = await count(viewers)
    counted = after["packets"] - seen["packets"]
    if not sent or not counted:
        raise SystemExit(f"nothing was forwarded: server sent {sent:.0f}, viewers saw {counted}")
    report.figures["cpu_us_per_packet"] = cpu / sent * 1e6
    report.figures["resident_mb"] = server.resident_mb()
    report.context |= {
        "packets sent by the server": f"{sent:.0f} in {elapsed:.1f} s, {sent / elapsed:.0f}/s",
        "packets counted by the viewers": f"{counted} ({counted / sent:.4f} of those sent)",
        "server process": f"{cpu / elapsed * 100:.1f} % of a core",
        "missing at the viewers": after["missing"] - seen["missing"],
        "viewers lost": after["lost"],
        "sampled packets that were authentic": f"{after['authentic']} of {after['sampled']}",
        "a bare sendto of 1200 bytes here and now": f"{bare_sendto_us():.1f} us",
        "load average while forwarding": round(load_average(), 2),
    }


def bare_sendto_us(count: int = 20_000) -> float:
    """Return the CPU cost of the one system call no packet can do without, in microseconds.

    It says how fast this machine is at this moment; the forwarding figure moves with it.
    """
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        sink.bind(("127.0.0.1", 0))
        address, data = sink.getsockname(), bytes(1200)
        began = cpu_time()
        for _ in range(count):
            sender.sendto(data, address)
        return (cpu_time() - began) / count * 1e6


async def run(options: argparse.Namespace) -> Report:
    """Run every measurement, each on a server of its own."""
    report = Report()
    with tempfile.TemporaryDirectory(prefix="diemcau-bench-") as folder:
        spent: dict[str, float] = {}
        for wanted in options.engine if options.viewers else ():
            async with AsyncExitStack() as stack, aiohttp.ClientSession() as http:
                server = stack.enter_context(Server(Path(folder) / f"media-{wanted}", wanted))
                await measure_media(server, http, stack, options, report)
                spent[await server.engine(http)] = report.figures["cpu_us_per_packet"]
        if spent:
            report.context["CPU per forwarded packet by engine"] = compared(spent)
        if options.pages:
            with Server(Path(folder) / "pages") as server:
                await measure_fanout(server, options.pages, options.commands, report)
        if options.commits:
            await measure_replay(options.commits, report)
    return report


def compared(spent: dict[str, float]) -> str:
    """Return what a packet costs with each engine, and how often the first is the last."""
    each = ", ".join(f"{name} {value:.1f} us" for name, value in spent.items())
    values = list(spent.values())
    return f"{each}: {values[0] / values[-1]:.2f} times" if len(values) > 1 else each


async def measure_media(
    server: Server,
    http: aiohttp.ClientSession,
    stack: AsyncExitStack,
    options: argparse.Namespace,
    report: Report,
) -> None:
    """Measure joins, then forwarding."""
    first = {"url": f"{server.url}/whep/plenary", "token": server.token(Role.STAGE)}
    viewers = [
        await stack.enter_async_context(Child("viewers", first)) for _ in range(VIEWER_PROCESSES)
    ]
    await measure_joins(server, viewers, options.viewers, report)
    publisher = await stack.enter_async_context(
        Child(
            "publisher",
            {"join": [camera(server, server.sites[0])], "form": HALL, "cache": str(CACHE)},
        )
    )
    await publisher.answer()
    await measure_forwarding(server, http, viewers, options.seconds, report)
    if (await publisher.ask({}))["lost"]:
        report.context["publisher"] = "LOST its connection: measure again on a quieter machine"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--viewers", type=int, default=63, help="default: %(default)s, 0: none")
    parser.add_argument(
        "--engine",
        nargs="+",
        choices=("auto", "python", "native"),
        default=["auto"],
        help="what forwards; each of several is measured, the table shows the last (%(default)s)",
    )
    parser.add_argument("--seconds", type=float, default=15, help="of forwarding (%(default)s)")
    parser.add_argument("--pages", type=int, default=2000, help="default: %(default)s, 0: none")
    parser.add_argument("--commands", type=int, default=200, help="to all pages (%(default)s)")
    parser.add_argument(
        "--commits", type=int, default=10_000, help="of the log replayed (%(default)s), 0: none"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args()
    report = asyncio.run(run(options))
    print(report.table())
    if options.json:
        options.json.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main()
