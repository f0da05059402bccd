"""``python -m bench.plot FILE TARGET``: what a packet costs against viewers, as an SVG.

FILE is what ``python -m bench --json`` wrote. Both axes are logarithmic: a straight
line that falls is a fixed cost shared by more viewers, a level one is the packets' own.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 44, 56
#: Title, colour (readable on white, and apart for colour-blind eyes) and dash of each server.
STYLES = {
    "janus": ("Janus, event_loops=2", "#b3500f", "7 4"),
    "python": ("Python engine", "#6b4fa0", "2 3"),
    "native": ("native engine", "#00695c", ""),
}
BAR_US = 4.0
_FIGURE_PX = 12  # between two figures above one another
_LABEL_PX = 15  # between the labels at the ends of two lines
_STEPS = (1, 2, 3, 5)


class Axis:
    """A logarithmic axis.

    Args:
        values: all that must fit.
        first: pixel of the smallest. last: and of the largest.
        margin: factor left free at both ends.
    """

    def __init__(self, values: Sequence[float], first: float, last: float, margin: float) -> None:
        self.low, self.high = min(values) / margin, max(values) * margin
        self._first = first
        self._pixels = (last - first) / math.log(self.high / self.low)

    def at(self, value: float) -> float:
        """Return the pixel of *value*."""
        return self._first + math.log(value / self.low) * self._pixels

    def ticks(self) -> list[float]:
        """Return the round numbers on it."""
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        round_numbers = (step * 10.0**decade for decade in decades for step in _STEPS)
        return [number for number in round_numbers if self.low <= number <= self.high]


def _text(x: float, y: float, text: str, anchor: str = "start", more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{text}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{dashed}/>'
    )


def apart(wanted: Sequence[float], distance: float) -> list[float]:
    """Return *wanted* pixels, in their order, moved down until *distance* is between any two."""
    placed = list(wanted)
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    for above, below in itertools.pairwise(order):
        placed[below] = max(placed[below], placed[above] + distance)
    return placed


def draw(runs: Sequence[dict[str, Any]]) -> str:
    """Return the picture of *runs*: of each ``server``, ``viewers`` and ``us_per_packet``."""
    sizes = sorted({run["viewers"] for run in runs})
    x = Axis(sizes, LEFT, WIDTH - RIGHT, 1.1)
    y = Axis([*(run["us_per_packet"] for run in runs), BAR_US], HEIGHT - BOTTOM, TOP, 1.2)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'role="img" font-family="system-ui, sans-serif" font-size="13" fill="#222">'
        ),
        "<title>Server CPU per forwarded packet against viewers</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(LEFT, 24, "Server CPU per forwarded packet, microseconds", more=' font-size="15"'),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, "viewers of one 1.5 Mb/s camera", "middle"),
    ]
    for tick in y.ticks():
        parts.append(_line(LEFT, y.at(tick), WIDTH - RIGHT, y.at(tick), "#e2e2e2"))
        parts.append(_text(LEFT - 8, y.at(tick) + 4, f"{tick:g}", "end"))
    for size in sizes:
        parts.append(_line(x.at(size), TOP, x.at(size), HEIGHT - BOTTOM, "#f0f0f0"))
        parts.append(_text(x.at(size), HEIGHT - BOTTOM + 20, f"{size}", "middle"))
    parts.append(_line(LEFT, y.at(BAR_US), WIDTH - RIGHT, y.at(BAR_US), "#777", "1 3"))
    ends = [y.at(BAR_US)]
    labels = [(f"bar {BAR_US:g} at 63", "#555")]
    for server, (title, colour, dash) in STYLES.items():
        own = sorted(
            (run["viewers"], run["us_per_packet"]) for run in runs if run["server"] == server
        )
        if not own:
            continue
        points = [(x.at(viewers), y.at(cost)) for viewers, cost in own]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>'
        )
        for px, py in points:
            parts.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3.5" fill="{colour}"/>')
        ends.append(points[-1][1])
        labels.append((title, colour))
    for place, (title, colour) in zip(apart(ends, _LABEL_PX), labels, strict=True):
        parts.append(_text(WIDTH - RIGHT + 10, place + 4, title, more=f' fill="{colour}"'))
    for size in sizes:
        parts += _figures([run for run in runs if run["viewers"] == size], x.at(size), y)
    return "\n".join([*parts, "</svg>", ""])


def _figures(runs: Sequence[dict[str, Any]], x: float, y: Axis) -> list[str]:
    """Return the figures of *runs*, all at *x*, above their points."""
    costs = [run["us_per_packet"] for run in runs]
    depths = apart([8 - y.at(cost) for cost in costs], _FIGURE_PX)  # downwards is up there
    halo = ' font-size="11" stroke="#fff" stroke-width="3" paint-order="stroke"'
    return [
        _text(x, -depth, f"{cost:.1f}", "middle", f'{halo} fill="{STYLES[name][1]}"')
        for name, cost, depth in zip([run["server"] for run in runs], costs, depths, strict=True)
    ]


def main() -> None:
    """Read, draw, write."""
    parser = argparse.ArgumentParser(prog="python -m bench.plot", description=__doc__)
    parser.add_argument("file", type=Path, help="written by python -m bench --json")
    parser.add_argument("target", type=Path, help="SVG to write")
    options = parser.parse_args()
    options.target.write_text(draw(json.loads(options.file.read_text())["media"]))


if __name__ == "__main__":
    main()
