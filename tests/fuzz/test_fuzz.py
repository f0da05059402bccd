"""Damaged input for every parser, the same each time; ``make fuzz`` looks for more (atheris)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.__main__ import fuzz as run
from fuzz.mutate import mutations
from fuzz.targets import TARGETS, Target
from tests.running import ROOT, environment

INPUTS = 3000  # of a target with a full share


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda target: target.name)
def test_no_damaged_input_breaks_a_promise(target: Target) -> None:
    count = int(INPUTS * target.share)
    for data in mutations(target.seeds, count, seed=2021, limit=target.limit):
        try:
            target.check(data)
        except Exception as error:
            error.add_note(f"fuzz target {target.name}, input {data.hex()}")
            raise


def test_an_error_that_no_parser_may_raise_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(data: bytes) -> list[object]:
        return [data[data[-1]]]

    monkeypatch.setattr("fuzz.targets.parse_compound", careless)
    with pytest.raises(IndexError):
        TARGETS["rtcp"].check(b"\x80\xff")


def test_inputs_are_the_same_in_every_run_and_differ_from_their_seeds() -> None:
    seeds = [b"one seed", b"another"]
    found = list(mutations(seeds, 500, seed=1, limit=12))
    assert found == list(mutations(seeds, 500, seed=1, limit=12))
    assert found != list(mutations(seeds, 500, seed=2, limit=12))
    assert found[:2] == seeds
    assert len(set(found)) > 400
    assert max(map(len, found)) == 12


def test_coverage_guided_fuzzing_runs_and_counts(tmp_path: Path) -> None:
    done = fuzz("--runs", "200", "--build", str(tmp_path), "fragment")
    assert done.returncode == 0, done.stdout + done.stderr
    name, inputs, covered, *_, verdict = done.stdout.splitlines()[1].split()
    assert (name, inputs, verdict) == ("fragment", "200", "ok")
    assert int(covered) > 10, "what is fuzzed is instrumented"
    assert len(list((tmp_path / "corpus" / "fragment").iterdir())) >= 3


def test_a_broken_promise_is_told_with_the_end_of_the_report(tmp_path: Path) -> None:
    def breaks(data: bytes) -> None:
        raise AssertionError(data)

    broken = run(Target("no such target", breaks, [b""]), 1, tmp_path)
    assert broken.executed == 0
    assert "no such target" in broken.broken
    assert broken.line.endswith("BROKEN")


def fuzz(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m fuzz``."""
    return subprocess.run(
        [sys.executable, "-m", "fuzz", *arguments],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
