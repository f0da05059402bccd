"""Figures of pages and log beside their bars: a table for people, JSON for machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Bar:
    """What a figure is held against: at most *limit*."""

    text: str
    unit: str
    limit: float


BARS = {
    "pages_p50_ms": Bar("command to all pages, p50", "ms", 100),
    "pages_p99_ms": Bar("command to all pages, p99", "ms", 100),
    "pages_resident_mb": Bar("resident memory with these pages", "MB", 150),
    "replay_s": Bar("replay of a long log", "s", 1),
}


@dataclass
class Report:
    """Figures by name, and what they were measured under.

    Attributes:
        context: numbers that explain the figures: rates, losses, load.
    """

    figures: dict[str, float] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return everything, bars included."""
        return {
            "figures": {name: round(value, 3) for name, value in self.figures.items()},
            "bars": {name: BARS[name].limit for name in self.figures},
            "context": self.context,
        }

    def table(self) -> str:
        """Return the table."""
        lines = [f"{'':36}{'measured':>11}{'bar':>9}"]
        for name, value in self.figures.items():
            bar = BARS[name]
            verdict = "ok" if value <= bar.limit else "OVER"
            lines.append(
                f"{bar.text:36}{value:>8.1f} {bar.unit:2}{bar.limit:>6g} {bar.unit:2}  {verdict}"
            )
        lines.append("")
        lines += [f"{name}: {value}" for name, value in self.context.items()]
        return "\n".join(lines)


def percentile(values: list[float], share: float) -> float:
    """Return the smallest of *values* that *share* (0-1) of them do not exceed."""
    ordered = sorted(values)
    rank = max(0, -(-len(ordered) * share // 1) - 1)
    return ordered[min(int(rank), len(ordered) - 1)]
