"""What the runs measured: figures of every scenario, and how busy the machine was.

Kept in ``tests/_output/network.json``; ``python -m tests.network.record`` writes the table of
``docs/network.md`` from it.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "tests" / "_output" / "network.json"
DOCUMENT = ROOT / "docs" / "network.md"
BEGIN, END = "<!-- measured -->", "<!-- end of measured -->"


def note(scenario: str, measured: str, bar: str, **figures: Any) -> None:
    """Keep what a scenario measured, and print it.

    Args:
        scenario: its name, stable; a new run replaces the old one.
        measured: for people.
        bar: what is asked for.
        figures: everything that was measured.
    """
    load = os.getloadavg()[0]
    print(f"\n{scenario}: {measured} (bar: {bar}; load {load:.1f}) {json.dumps(figures)}")
    RESULTS.parent.mkdir(exist_ok=True)
    known = read()
    known[scenario] = {
        "measured": measured,
        "bar": bar,
        "load": round(load, 1),
        "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        "figures": figures,
    }
    RESULTS.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read() -> dict[str, dict[str, Any]]:
    """Return what was noted so far."""
    if not RESULTS.exists():
        return {}
    known: dict[str, dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return known


def table() -> str:
    """Return the figures as a Markdown table."""
    rows = ["| scenario | measured | bar | load | UTC |", "| --- | --- | --- | --- | --- |"]
    for name, one in read().items():
        rows.append(f"| {name} | {one['measured']} | {one['bar']} | {one['load']} | {one['at']} |")
    return "\n".join(rows)


def main() -> None:
    """Write the table into the document, between its marks."""
    text = DOCUMENT.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    DOCUMENT.write_text(f"{head}{BEGIN}\n{table()}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
