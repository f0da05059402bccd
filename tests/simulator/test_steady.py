"""The rule by which a soak says that a server stood still."""

from __future__ import annotations

import math

from bench.steady import BOUNDS, Sample, growth_per_hour, unsteady


def samples(
    minutes: float = 30, *, mb_per_hour: float = 0, files_per_hour: float = 0, step_mb: float = 0
) -> list[Sample]:
    """Return a sample every 10 s of a process that breathes, grows and once takes a step."""
    count = int(minutes * 6)
    return [
        Sample(
            at=10.0 * n,
            resident_mb=100
            + math.sin(n)
            + 5 * (1 - math.exp(-n / 8))  # caches fill
            + mb_per_hour * n / 360
            + (step_mb if n > count * 0.9 else 0),
            open_files=25 + n % 3 + int(files_per_hour * n / 360),
            tasks=90 + n % 7,
            entries=120 + n % 11,
        )
        for n in range(count)
    ]


def test_a_process_that_breathes_and_warms_up_is_steady() -> None:
    assert unsteady(samples()) == []
    assert unsteady(samples(minutes=10)) == []


def test_one_step_is_not_growth() -> None:
    assert unsteady(samples(step_mb=3)) == []


def test_a_leak_is_growth() -> None:
    (wrong,) = unsteady(samples(mb_per_hour=15))
    assert wrong.startswith("resident memory grows by ")
    assert wrong.endswith(f"MB an hour (bound {BOUNDS['resident_mb'].per_hour:g})")
    (wrong,) = unsteady(samples(files_per_hour=60))
    assert wrong.startswith("open files grows by ")


def test_the_slope_is_that_of_the_leak() -> None:
    found = growth_per_hour(samples(mb_per_hour=50), "resident_mb")
    assert 48 < found < 52


def test_a_few_samples_prove_nothing() -> None:
    (wrong,) = unsteady(samples(minutes=1))
    assert wrong == "only 5 samples after the warm-up: run it for longer"
    assert unsteady([]) == ["only 0 samples after the warm-up: run it for longer"]
