"""The benchmark runs whole, on a small scale; its figures are not judged here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.report import BARS, Report, percentile
from tests.running import CACHE, ROOT, environment


def test_it_measures_a_real_server_and_writes_json(tmp_path: Path) -> None:
    target = tmp_path / "figures.json"
    CACHE.mkdir(parents=True, exist_ok=True)
    (tmp_path / "diemcau-bench-cache").symlink_to(CACHE)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bench", "--viewers", "3", "--seconds", "2", "--no-janus"),
            *("--blocked", "0"),
            *("--pages", "12", "--commands", "10", "--commits", "200", "--json", str(target)),
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment() | {"TMPDIR": str(tmp_path)},
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(target.read_text())
    assert set(result["figures"]) == set(result["bars"]) == set(BARS)
    assert all(value > 0 for value in result["figures"].values())
    [media] = result["media"]
    assert media["server"] in {"python", "native"}
    assert media["viewers"] == 3
    assert media["lost"] == 0
    assert media["sampled"] == media["authentic"] > 0
    assert media["reached"] > 0
    assert media["us_per_packet"] == pytest.approx(
        media["cpu_s"] / media["reached"] * 1e6, rel=0.01
    )
    assert media["p50_ms"] > 0, "pictures were recognised at the viewers"
    assert "us/packet" in done.stdout


def test_the_table_says_what_is_over_its_bar() -> None:
    report = Report({"pages_p50_ms": 101.0, "replay_s": 0.5}, {"load": 1})
    over, fine = report.table().splitlines()[1:3]
    assert "OVER" in over
    assert "ok" in fine
    assert "load: 1" in report.table()


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([3, 1, 2], 0.5, 2), ([1], 0.99, 1), (list(range(1, 101)), 0.99, 99), ([2, 1], 1.0, 2)],
)
def test_percentile(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected
