"""``python -m fuzz``: every target for its share of the inputs, and a table of them."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from fuzz.targets import TARGETS, Target

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "fuzz"
#: Over all targets together a million and more.
RUNS = 170_000
#: An input that takes longer than this has found a defect, on any machine.
SLOWEST_S = 5
_EXECUTED = re.compile(r"^Done (\d+) ", re.MULTILINE)
_COVERED = re.compile(r"cov: (\d+)")


@dataclass(frozen=True)
class Outcome:
    """What became of one target."""

    name: str
    executed: int
    covered: int
    seconds: float
    broken: str
    """The end of libFuzzer's report, "" if every promise was kept."""

    @property
    def line(self) -> str:
        """One line of the table."""
        rate = self.executed / max(self.seconds, 0.001)
        return (
            f"{self.name:10}{self.executed:>10}{self.covered:>9}{self.seconds:>9.1f}{rate:>9.0f}"
            f"  {'BROKEN' if self.broken else 'ok'}"
        )


def fuzz(target: Target, runs: int, build: Path) -> Outcome:
    """Give *target* so many inputs; keep what reached something new, and what broke it."""
    corpus = build / "corpus" / target.name
    corpus.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "fuzz.one", target.name, str(corpus)),
            *(f"-atheris_runs={runs}", f"-timeout={SLOWEST_S}"),
            f"-artifact_prefix={build}/{target.name}-",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    report = done.stdout + done.stderr
    executed, covered = (found.findall(report) for found in (_EXECUTED, _COVERED))
    return Outcome(
        target.name,
        int(executed[-1]) if executed else 0,
        int(covered[-1]) if covered else 0,
        time.monotonic() - began,
        # Said only after the last input. How the process ends then says nothing of the target:
        # atheris has been seen to fall over while Python shuts down.
        "" if executed else f"{report[-4000:]}\nexit code {done.returncode}",
    )


def main() -> None:
    """Fuzz, print, and fail if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    default = int(os.environ.get("FUZZ_RUNS", RUNS))
    parser.add_argument("--runs", type=int, default=default, help="per target (%(default)s)")
    parser.add_argument("--build", type=Path, default=BUILD, help="for corpus and finds")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}")
    options = parser.parse_args()
    unknown = set(options.targets) - set(TARGETS)
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    print(f"{'target':10}{'inputs':>10}{'covered':>9}{'seconds':>9}{'per s':>9}", flush=True)
    outcomes = []
    for name in options.targets or TARGETS:
        target = TARGETS[name]
        outcomes.append(fuzz(target, max(1, int(options.runs * target.share)), options.build))
        print(outcomes[-1].line, flush=True)
    print(f"{'all':10}{sum(outcome.executed for outcome in outcomes):>10}")
    broken = [outcome for outcome in outcomes if outcome.broken]
    for outcome in broken:
        print(f"\n{outcome.name} broke a promise:\n{outcome.broken}")
    raise SystemExit(bool(broken))


if __name__ == "__main__":
    main()
