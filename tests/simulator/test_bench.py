"""The benchmark runs whole, on a small scale; its figures are not judged here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import compared
from bench.report import BARS, Report, percentile
from tests.running import ROOT, environment


def test_it_measures_a_real_server_and_writes_json(tmp_path: Path) -> None:
    target = tmp_path / "figures.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bench", "--viewers", "3", "--seconds", "2"),
            *("--pages", "12", "--commands", "10", "--commits", "200", "--json", str(target)),
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(),
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(target.read_text())
    assert set(result["figures"]) == set(result["bars"]) == set(BARS)
    assert all(value > 0 for value in result["figures"].values())
    assert result["context"]["viewers lost"] == 0
    sampled, _, all_of_them = result["context"]["sampled packets that were authentic"].partition(
        " of "
    )
    assert sampled == all_of_them != "0"
    by_engine = result["context"]["CPU per forwarded packet by engine"]
    assert by_engine.split()[0] in {"python", "native"}
    assert "server CPU per forwarded packet" in done.stdout


def test_engines_are_compared() -> None:
    assert compared({"python": 12.0}) == "python 12.0 us"
    assert compared({"python": 12.0, "native": 6.0}) == "python 12.0 us, native 6.0 us: 2.00 times"


def test_the_table_says_what_is_over_its_bar() -> None:
    report = Report({"cpu_us_per_packet": 20.0, "join_cpu_ms": 4.0}, {"load": 1})
    over, fine = report.table().splitlines()[1:3]
    assert "OVER" in over
    assert "Janus tuned 1.1x" in over
    assert "ok" in fine
    assert "load: 1" in report.table()


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([3, 1, 2], 0.5, 2), ([1], 0.99, 1), (list(range(1, 101)), 0.99, 99), ([2, 1], 1.0, 2)],
)
def test_percentile(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected
