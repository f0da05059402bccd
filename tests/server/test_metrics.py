"""What a real server tells Prometheus: by the conventions, in both formats, with few labels."""

from __future__ import annotations

import re
from collections.abc import Iterable

import aiohttp
import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics import parser
from prometheus_client.parser import text_string_to_metric_families as prometheus

from bridge.config import load_event
from bridge.ids import Role
from tests.monitoring.promtool import DASHBOARD, RULES, metric_names, promtool, queries
from tests.running import EVENT, Client, RunningServer

OPENMETRICS = "application/openmetrics-text"
#: What Prometheus 3 sends.
SCRAPER = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
UNITS = ("_seconds", "_bytes", "_ratio")


def openmetrics(text: str) -> Iterable[Metric]:
    """Return the families in *text*; the parser raises for whatever the standard forbids."""
    found: Iterable[Metric] = parser.text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    return found


async def scrape(server: RunningServer, accept: str = "") -> tuple[str, str]:
    """Return content type and text of /metrics while the page of one site is open."""
    invite = server.invite("host", "lao-cai")
    async with server.socket(invite["token"]) as socket:
        page = await Client.hello(socket)
        await page.until(lambda one: one.links.get("lao-cai", {}).get("pages"))
        headers = {"Accept": accept} if accept else {}
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{server.url}/metrics", headers=headers) as response,
        ):
            assert response.status == 200
            return response.headers["Content-Type"], await response.text()


def ours(families: Iterable[Metric]) -> dict[str, Metric]:
    return {one.name: one for one in families if one.name.startswith("diemcau_")}


async def test_promtool_finds_nothing_to_say(server: RunningServer) -> None:
    _, text = await scrape(server)
    assert promtool("check", "metrics", text=text) == (0, "")
    worse = text.replace("diemcau_event_loop_lag_seconds", "diemcau_event_loop_lag_milliseconds")
    assert promtool("check", "metrics", text=worse)[0] != 0


@pytest.mark.parametrize("accept", [OPENMETRICS, f"{OPENMETRICS}; version=1.0.0", SCRAPER])
async def test_openmetrics_for_those_who_ask(server: RunningServer, accept: str) -> None:
    content_type, text = await scrape(server, accept)
    assert content_type.startswith(f"{OPENMETRICS}; version=1.0.0; charset=utf-8")
    assert text.endswith("\n# EOF\n")
    told = ours(openmetrics(text))
    assert {name: one.type for name, one in told.items() if one.type == "info"} == {
        "diemcau_build": "info",
        "diemcau_media_engine": "info",
    }
    assert told["diemcau_link_bytes"].type == "counter"
    assert {one.labels["site"] for one in told["diemcau_link_bytes"].samples} == {"lao-cai"}


@pytest.mark.parametrize("accept", ["", "*/*", "text/plain;version=0.0.4", "text/html"])
async def test_the_older_format_for_all_others(server: RunningServer, accept: str) -> None:
    content_type, text = await scrape(server, accept)
    assert content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert "# EOF" not in text
    assert "diemcau_link_connected" in ours(prometheus(text))


async def test_a_version_nobody_has_heard_of_is_no_error(server: RunningServer) -> None:
    _, text = await scrape(server, f"{OPENMETRICS}; version=next")
    assert "diemcau_link_connected" in text


async def test_units_stand_in_the_names(server: RunningServer) -> None:
    _, text = await scrape(server, OPENMETRICS)
    for name, metric in ours(openmetrics(text)).items():
        assert metric.documentation.endswith("."), name
        assert metric.type in {"gauge", "counter", "info", "summary"}, name
        for unit in ("_ms", "_milliseconds", "_kbps", "_bits", "_percent", "_kb", "_minutes"):
            assert unit not in name
        if unit := next((one for one in UNITS if name.endswith(one)), ""):
            assert metric.unit == unit.removeprefix("_"), name
        if name.endswith("_ratio"):
            assert all(0 <= sample.value <= 1 for sample in metric.samples)


async def test_labels_have_few_values(server: RunningServer) -> None:
    event = load_event(EVENT)
    bounds = {
        "session": {one.id for one in event.sessions},
        "site": {code for one in event.sessions for code in one.sites},
        "role": {role.value for role in Role},
        "direction": {"up", "down"},
        "table": {"waiting", "tasks", "credentials", "addresses", "streams"},
        "engine": {"native", "python"},
    }
    async with server.http() as http:  # a stranger's words appear nowhere
        for path in ("/ws/evil", "/media/evil?client=evil", "/whip/plenary/evil", "/evil"):
            async with http.post(path, data="evil") as response:
                assert response.status >= 400
    _, text = await scrape(server)
    assert "evil" not in text
    seen: set[str] = set()
    for metric in ours(prometheus(text)).values():
        for sample in metric.samples:
            for label, value in sample.labels.items():
                seen.add(label)
                assert value in bounds.get(label, {value}), (metric.name, label, value)
    assert seen == {*bounds, "version"}


async def test_the_disk_of_the_data_is_told(server: RunningServer) -> None:
    _, text = await scrape(server)
    told = ours(prometheus(text))
    free = told["diemcau_data_free_bytes"].samples[0].value
    assert 0 < free <= told["diemcau_data_size_bytes"].samples[0].value


async def test_alerts_and_dashboard_ask_for_what_there_is(server: RunningServer) -> None:
    _, text = await scrape(server)
    there = {"diemcau_grant_to_air_seconds_sum", "diemcau_grant_to_air_seconds_count"}
    there |= set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE))
    there |= {sample.name for one in prometheus(text) for sample in one.samples}
    asked = metric_names(RULES.read_text(encoding="utf-8"))
    asked |= metric_names(DASHBOARD.read_text(encoding="utf-8"))
    assert len(asked) > 40
    assert asked <= there


async def test_every_label_they_ask_by_is_there(server: RunningServer) -> None:
    _, text = await scrape(server)
    given = {label for one in prometheus(text) for sample in one.samples for label in sample.labels}
    # Prometheus adds where it scraped; the last four there are only when something is wrong.
    known = given | {"job", "instance", "cause", "level", "path", "reason"}
    for title, query in [*queries(), ("alerts", RULES.read_text(encoding="utf-8"))]:
        grouped = re.findall(r"\b(?:by|on|group_left) \(([\w, ]+)\)", query)
        names = {name.strip() for group in grouped for name in group.split(",")}
        names |= set(re.findall(r'[{,](\w+)=~?"', query))
        assert names <= known, title
