"""Prometheus' own tool, and what the shipped files ask Prometheus for."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bridge.config.resources import config_root

DEPLOY = config_root() / "deploy"
RULES = DEPLOY / "prometheus" / "diemcau.rules.yml"
DASHBOARD = DEPLOY / "grafana" / "dashboards" / "diemcau.json"

#: What Grafana puts into a query before it asks.
VARIABLES = {
    "$__rate_interval": "1m",
    "$__range": "1h",
    "$instance": "127.0.0.1:8080",
    "$session": "plenary",
    "$site": "ha-noi",
}


def promtool(*arguments: str, text: str = "") -> tuple[int, str]:
    """Run it; return its exit code and all it said."""
    done = subprocess.run(
        ["promtool", *arguments],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


def alert_names() -> list[str]:
    return re.findall(r"^ +- alert: (\w+)$", RULES.read_text(encoding="utf-8"), re.MULTILINE)


def panels() -> list[dict[str, Any]]:
    """Return the panels of the dashboard that ask for something."""
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def queries() -> Iterator[tuple[str, str]]:
    """Yield title and PromQL of everything the dashboard asks for, variables filled in."""
    for panel in panels():
        for target in panel["targets"]:
            query = target["expr"]
            for name, value in VARIABLES.items():
                query = query.replace(name, value)
            yield panel["title"], query


def metric_names(text: str) -> set[str]:
    """Return the metrics of the server that a query or a rule file names."""
    return set(re.findall(r"\b(?:diemcau|process|python)_[a-z0-9_]+\b(?!\.)", text))


def promql_check(folder: Path, found: list[tuple[str, str]]) -> tuple[int, str]:
    """Let promtool parse each query as if it were a rule."""
    rules = [
        {"record": f"query:{number}", "expr": query, "labels": {"title": title}}
        for number, (title, query) in enumerate(found)
    ]
    file = folder / "queries.yml"  # JSON is YAML
    file.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}), "utf-8")
    return promtool("check", "rules", str(file))
