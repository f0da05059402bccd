"""Every alert fires when it must and stays silent when it must: promtool plays the series."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.monitoring.promtool import RULES, alert_names, promtool

SERVER = 'job="diemcau",instance="a"'
SESSION = f'{SERVER},session="plenary"'
CRITICAL, WARNING = "critical", "warning"


def site(name: str, series: str, more: str = "") -> str:
    return f'diemcau_link_{series}{{{SESSION},site="{name}"{more}}}'


@dataclass(frozen=True)
class Case:
    """One alert: series that make it fire, with values every 5 s, and series that do not.

    ``at`` is when it must have fired, and ``not_yet`` when the same series must not have made it
    fire, seconds; 0 for an alert that does not wait.
    """

    alert: str
    severity: str
    bad: dict[str, str]
    good: dict[str, str]
    at: int = 120
    not_yet: int = 0


def flat(value: float) -> str:
    return f"{value:g}x200"


def growing(a_second: float) -> str:
    return f"0+{a_second * 5:g}x200"


def links(critical: int, all_: int) -> dict[str, str]:
    bad = {site(f"s{n}", "alert", ',level="critical"'): flat(1) for n in range(critical)}
    return bad | {site(f"s{n}", "connected"): flat(1) for n in range(all_)}


def paths(relayed: int, direct: int) -> dict[str, str]:
    found = {site(f"r{n}", "path", ',path="relay_tcp"'): flat(1) for n in range(relayed)}
    return found | {site(f"d{n}", "path", ',path="direct"'): flat(1) for n in range(direct)}


def loss(lost: float) -> dict[str, str]:
    up = ',direction="up"'
    return {
        site("ha-noi", "lost_packets_total", up): growing(lost),
        site("ha-noi", "expected_packets_total", up): growing(100),
        site("lao-cai", "lost_packets_total", up): growing(0),
        site("lao-cai", "expected_packets_total", up): growing(100),
    }


def one(name: str, labels: str, bad: str, good: str) -> tuple[dict[str, str], dict[str, str]]:
    series = f"{name}{{{labels}}}"
    return {series: bad}, {series: good}


def grants(seconds: float) -> dict[str, str]:
    """Return a grant every 50 s that takes so long."""
    return {
        f"diemcau_grant_to_air_seconds_sum{{{SESSION}}}": growing(seconds / 50),
        f"diemcau_grant_to_air_seconds_count{{{SESSION}}}": growing(1 / 50),
    }


CASES = (
    Case("DiemCauDown", CRITICAL, *one("up", SERVER, flat(0), flat(1)), not_yet=10),
    Case(
        "DiemCauRestarted",
        WARNING,
        *one("process_start_time_seconds", SERVER, "5x10 90x200", flat(5)),
    ),
    Case(
        "DiemCauNotSaving",
        CRITICAL,
        {f"diemcau_session_saving{{{SESSION}}}": flat(0)},
        {f"diemcau_session_saving{{{SESSION}}}": flat(1)},
        not_yet=5,
    ),
    Case(
        "DiemCauEventLoopLate",
        WARNING,
        # One late second in 15 is told for 15 s; that alone must not wake anybody.
        *one("diemcau_event_loop_lag_seconds", SERVER, flat(0.3), "0.3x3 0.01x200"),
        not_yet=25,
    ),
    Case(
        "DiemCauPacketsUnread",
        CRITICAL,
        *one("diemcau_media_unread_datagrams_total", SERVER, growing(5), growing(0)),
    ),
    Case(
        "DiemCauPacketsUnsent",
        CRITICAL,
        *one("diemcau_media_unsent_packets_total", SERVER, growing(5), growing(0)),
    ),
    Case(
        "DiemCauPacketsRefused",
        WARNING,
        {
            f'diemcau_media_refused_packets_total{{{SERVER},reason="{reason}"}}': growing(600)
            for reason in ("srtp_refused", "rtp_malformed")
        },
        {f'diemcau_media_refused_packets_total{{{SERVER},reason="srtp_refused"}}': growing(600)},
        at=180,
        not_yet=55,
    ),
    Case(
        "DiemCauDiskLow",
        WARNING,
        {
            f"diemcau_data_free_bytes{{{SERVER}}}": flat(9e9),
            f"diemcau_data_size_bytes{{{SERVER}}}": flat(1e11),
        },
        {
            f"diemcau_data_free_bytes{{{SERVER}}}": flat(11e9),
            f"diemcau_data_size_bytes{{{SERVER}}}": flat(1e11),
        },
        not_yet=55,
    ),
    Case(
        "DiemCauDiskFull",
        CRITICAL,
        *one("diemcau_data_free_bytes", SERVER, flat(1.9e8), flat(2.1e8)),
        not_yet=5,
    ),
    Case(
        "DiemCauFilesLow",
        WARNING,
        {
            f"process_open_fds{{{SERVER}}}": flat(900),
            f"process_max_fds{{{SERVER}}}": flat(1024),
        },
        {
            f"process_open_fds{{{SERVER}}}": flat(800),
            f"process_max_fds{{{SERVER}}}": flat(1024),
        },
        not_yet=25,
    ),
    Case(
        "DiemCauMemoryHigh",
        WARNING,
        *one("process_resident_memory_bytes", SERVER, flat(1.1e9), flat(0.9e9)),
        at=400,
        not_yet=295,
    ),
    Case("DiemCauGrantSlow", WARNING, grants(1.5), grants(0.3)),
    Case("DiemCauLinkCritical", CRITICAL, links(1, 1), links(0, 1)),
    Case(
        "DiemCauLinkWarning",
        WARNING,
        {site("ha-noi", "alert", ',level="warning"'): flat(1)},
        {site("ha-noi", "alert", ',level="critical"'): flat(1)},
        not_yet=55,
    ),
    # Three of eleven; but not two of two, which are few, nor three of twelve, which are a quarter.
    Case("DiemCauManyLinksCritical", CRITICAL, links(3, 11), links(3, 12), not_yet=5),
    Case("DiemCauManyLinksCritical", CRITICAL, links(3, 3), links(2, 2), not_yet=5),
    Case("DiemCauLossEverywhere", WARNING, loss(15), loss(8), not_yet=25),
    Case("DiemCauRelayShare", WARNING, paths(3, 2), paths(2, 2), not_yet=55),
    Case("DiemCauRelayShare", WARNING, paths(4, 0), paths(3, 0), not_yet=55),
)


def firing(name: str, at: int, severities: list[str]) -> dict[str, Any]:
    """Return that of alert *name* just one, or none, fires."""
    samples = [
        {"labels": f'{{alertname="{name}",severity="{one}"}}', "value": 1} for one in severities
    ]
    query = f'count by (alertname, severity) (ALERTS{{alertname="{name}",alertstate="firing"}}) > 0'
    # However many series fire, it is told once a severity.
    query = f"({query}) ^ 0"
    return {"expr": query, "eval_time": f"{at}s", "exp_samples": samples}


def played(name: str, series: dict[str, str], expected: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": name,
        "interval": "5s",
        "input_series": [{"series": key, "values": value} for key, value in series.items()],
        "promql_expr_test": expected,
    }


def run(folder: Path, tests: list[dict[str, Any]]) -> tuple[int, str]:
    file = folder / "alerts.yml"  # JSON is YAML
    document = {"rule_files": [str(RULES)], "evaluation_interval": "5s", "tests": tests}
    file.write_text(json.dumps(document), "utf-8")
    return promtool("test", "rules", str(file))


def test_every_alert_has_its_case() -> None:
    assert sorted(set(alert_names())) == sorted({case.alert for case in CASES})
    assert len(alert_names()) == len(set(alert_names()))


def test_they_fire_when_they_must_and_are_silent_else(tmp_path: Path) -> None:
    tests = []
    for case in CASES:
        fires = [firing(case.alert, case.at, [case.severity])]
        if case.not_yet:
            fires.append(firing(case.alert, case.not_yet, []))
        tests.append(played(f"{case.alert} fires", case.bad, fires))
        silent = [firing(case.alert, at, []) for at in range(5, case.at + 60, 25)]
        tests.append(played(f"{case.alert} is silent", case.good, silent))
    code, said = run(tmp_path, tests)
    assert code == 0, said
    assert "SUCCESS" in said


@pytest.mark.parametrize("case", [CASES[0], CASES[-1]], ids=lambda case: case.alert)
def test_the_cases_can_fail(case: Case, tmp_path: Path) -> None:
    silent = [firing(case.alert, case.at, [])]
    fires = [firing(case.alert, case.at, [case.severity])]
    assert run(tmp_path, [played("swapped", case.bad, silent)])[0] != 0
    assert run(tmp_path, [played("swapped", case.good, fires)])[0] != 0


def test_what_they_say_names_site_and_cause(tmp_path: Path) -> None:
    labels = {"job": "diemcau", "instance": "a", "session": "plenary", "site": "ha-noi"}
    alert = {
        "exp_labels": {**labels, "level": "critical", "severity": CRITICAL},
        "exp_annotations": {
            "summary": "Đường truyền của ha-noi rất kém hoặc mất",
            "description": "The link of ha-noi in plenary is critical. Cause: uplink.",
        },
    }
    series = {
        site("ha-noi", "alert", ',level="critical"'): flat(1),
        site("ha-noi", "cause", ',cause="uplink"'): flat(1),
        site("lao-cai", "cause", ',cause="camera"'): flat(1),
    }
    test = played("words", series, [])
    test["alert_rule_test"] = [
        {"alertname": "DiemCauLinkCritical", "eval_time": "1m", "exp_alerts": [alert]}
    ]
    code, said = run(tmp_path, [test])
    assert code == 0, said
