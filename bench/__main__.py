"""Measure a real server: media beside Janus, then pages, then the replay of a log."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from bench import janus_server
from bench.blocked import measure_blocked
from bench.comparison import Comparison, Run
from bench.fanout import measure_fanout
from bench.media import Unmeasured, measure, schedule, sentence
from bench.replay import measure_replay
from bench.report import Report
from bench.server import Server

EPILOG = """
The media part starts each server anew for each number of viewers, lets them join, lets one
camera of 720p and 1.5 Mb/s with sound send to all of them, and measures a steady window: ours
with the last --engine before and after Janus, the other engines once. Results of this project
stand in docs/performance.md; `python -m bench.plot FILE docs/media-cost.svg` draws them from
what --json wrote.
"""


def engines_of(options: argparse.Namespace) -> list[str]:
    """Return the engines that were asked for, each once."""
    return list(dict.fromkeys(options.engine))


async def measure_media(options: argparse.Namespace, folder: Path) -> list[Run]:
    """Run every server at every number of viewers."""
    with_janus = options.janus and janus_server.installed()
    if options.janus and not with_janus:
        print("Janus is not installed, so there is nothing to compare with: see bench/janus.sh")
    engines = engines_of(options)
    runs: list[Run] = []
    for viewers in options.viewers:
        for place, name in enumerate(schedule(engines, with_janus=with_janus)):
            files = folder / f"{viewers}-{place}-{name}"
            try:
                runs.append(await measure(name, viewers, options.seconds, files, options.threads))
            except (Unmeasured, TimeoutError) as error:
                print(f"{name} with {viewers} viewers was not measured: {error!r}", flush=True)
            else:
                print(sentence(runs[-1]), flush=True)
    return runs


async def run(options: argparse.Namespace) -> tuple[Comparison | None, Report]:
    """Run every measurement that was asked for."""
    report = Report()
    with tempfile.TemporaryDirectory(prefix="diemcau-bench-") as name:
        folder = Path(name)
        options.viewers = sorted({viewers for viewers in options.viewers if viewers})
        runs = await measure_media(options, folder) if options.viewers else []
        for engine in engines_of(options) if options.blocked else ():
            try:
                print(await measure_blocked(engine, options.blocked, folder / f"blocked-{engine}"))
            except (Unmeasured, TimeoutError) as error:
                print(f"{engine} with its event loop blocked was not measured: {error!r}")
        if options.pages:
            with Server(folder / "pages") as server:
                await measure_fanout(server, options.pages, options.commands, report)
        if options.commits:
            await measure_replay(options.commits, report)
    return Comparison(runs) if runs else None, report


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    media = parser.add_argument_group("media")
    media.add_argument(
        "--viewers",
        type=int,
        nargs="+",
        default=[63],
        metavar="N",
        help="one measurement of each server for each of these numbers (63), 0: no media",
    )
    media.add_argument(
        "--engine",
        nargs="+",
        choices=("auto", "python", "native"),
        default=["auto"],
        help="what forwards in our server (auto: the best there is)",
    )
    media.add_argument(
        "--threads", type=int, default=1, metavar="N", help="of the native engine (1)"
    )
    media.add_argument(
        "--seconds", type=float, default=10, metavar="S", help="length of a window (10)"
    )
    media.add_argument(
        "--janus",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="measure Janus too, if it is installed",
    )
    media.add_argument(
        "--blocked",
        type=int,
        default=63,
        metavar="N",
        help="delays while the event loop of our server stands still, with N viewers (63), 0: none",
    )
    pages = parser.add_argument_group("pages and log")
    pages.add_argument("--pages", type=int, default=2000, metavar="N", help="(2000), 0: none")
    pages.add_argument("--commands", type=int, default=200, metavar="N", help="to all pages (200)")
    pages.add_argument(
        "--commits", type=int, default=10_000, metavar="N", help="replayed (10000), 0: none"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args()
    comparison, report = asyncio.run(run(options))
    written = report.as_json()
    if comparison is not None:
        print(f"\n{comparison.table()}\n")
        written["media"] = comparison.as_json()
    if report.figures:
        print(report.table())
    if options.json:
        options.json.write_text(json.dumps(written, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main()
