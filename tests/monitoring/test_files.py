"""The files for Prometheus and Grafana: valid, and of one mind with one another."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.monitoring.promtool import (
    DASHBOARD,
    DEPLOY,
    RULES,
    alert_names,
    panels,
    promql_check,
    promtool,
    queries,
)


def test_promtool_accepts_the_scrape_example_and_its_rules() -> None:
    code, said = promtool("check", "config", str(DEPLOY / "prometheus" / "prometheus.yml"))
    assert code == 0, said
    assert f"SUCCESS: {len(alert_names())} rules found" in said


def test_every_query_of_the_dashboard_is_promql(tmp_path: Path) -> None:
    found = list(queries())
    assert len(found) > 30
    assert not [query for _, query in found if "$" in query], "an unknown variable"
    code, said = promql_check(tmp_path, found)
    assert code == 0, said
    code, said = promql_check(tmp_path, [("broken", "rate(diemcau_tasks[1m]")])
    assert code != 0, "what is no PromQL must be found"


def test_counters_are_not_shown_as_they_are() -> None:
    for title, query in queries():
        bare = re.sub(r"\b(rate|increase)\([^)]*\)", "", query)
        assert not re.search(r"_total\b|_seconds_(sum|count)\b", bare), title


def test_every_alert_says_how_urgent_it_is_and_what_it_means() -> None:
    text = RULES.read_text(encoding="utf-8")
    operations = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    for rule in text.split("- alert: ")[1:]:
        name = rule.split()[0]
        assert re.search(r"severity: (critical|warning)\n", rule), name
        assert "summary: " in rule, name
        assert "description: " in rule, name
        assert f"`{name}`" in operations, f"docs/operations.md says nothing about {name}"


def test_dashboard_and_provisioning_fit_together() -> None:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    sources = (DEPLOY / "grafana/provisioning/datasources/diemcau.yml").read_text("utf-8")
    providers = (DEPLOY / "grafana/provisioning/dashboards/diemcau.yml").read_text("utf-8")
    uid = re.search(r"uid: (\w+)", sources)
    assert uid is not None
    asked = {part["datasource"]["uid"] for panel in panels() for part in (panel, *panel["targets"])}
    assert asked == {uid[1]}
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    assert dashboard["uid"]
    compose = (DEPLOY / "compose" / "compose.yaml").read_text(encoding="utf-8")
    folder = re.search(r"path: (\S+)", providers)
    assert folder is not None
    assert f"../grafana/dashboards:{folder[1]}:ro" in compose
    assert "../grafana/provisioning:/etc/grafana/provisioning:ro" in compose
    assert "../prometheus:/etc/prometheus:ro" in compose


def test_panels_do_not_lie_on_each_other() -> None:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
