"""What was said of every site while each fault lasted: the table of ``docs/link-health.md``.

Kept in ``tests/_output/verdicts.json``; ``python -m tests.network.confusion`` writes the table.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.network.watchers import Fault

__all__ = ["keep", "table"]

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "tests" / "_output" / "verdicts.json"
STORIES = ROOT / "tests" / "_output" / "verdicts"
DOCUMENT = ROOT / "docs" / "link-health.md"
BEGIN, END = "<!-- verdicts -->", "<!-- end of verdicts -->"


def keep(fault: Fault, story: str) -> None:
    """Keep what became of a fault; a new run replaces the old one.

    Args:
        fault: with what was measured.
        story: every second of it, for whoever wants to know why.
    """
    load = os.getloadavg()[0]
    print(f"\n{fault} (load {load:.1f})")
    STORIES.mkdir(parents=True, exist_ok=True)
    name = "".join(c if c.isascii() and c.isalnum() else "-" for c in fault.name)
    (STORIES / f"{name}.txt").write_text(story + "\n", encoding="utf-8")
    known = read()
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    known[fault.name] = {**asdict(fault), "load": round(load, 1), "at": at}
    RESULTS.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read() -> dict[str, dict[str, Any]]:
    """Return what was kept so far."""
    if not RESULTS.exists():
        return {}
    known: dict[str, dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return known


def table() -> str:
    """Return what was said, as a Markdown table."""
    rows = [
        "| fault | right cause | named | over after | else there | of others | load | UTC |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, one in read().items():
        said = one["said"]
        right = one["cause"].split(" or ")
        own = {cause: s for cause, s in said.get(one["site"], {}).items() if cause not in right}
        others: dict[str, int] = {}
        for site, causes in said.items():
            if site != one["site"]:
                for cause, seconds in causes.items():
                    others[cause] = others.get(cause, 0) + seconds
        rows.append(
            f"| {name} | {one['cause']} | {_seconds(one['named_s'])} "
            f"| {_seconds(one['cleared_s'])} | {_causes(own)} | {_causes(others)} "
            f"| {one['load']} | {one['at']} |"
        )
    return "\n".join(rows)


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"


def _causes(said: dict[str, int]) -> str:
    return ", ".join(f"{cause} {seconds} s" for cause, seconds in said.items()) or "nothing"


def main() -> None:
    """Write the table into the document, between its marks."""
    text = DOCUMENT.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    DOCUMENT.write_text(f"{head}{BEGIN}\n{table()}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
