"""Every branch of the floor is taken by the tests beside this file, by them alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__)
ROOT = HERE.parents[2]


def test_no_branch_of_the_floor_is_untried(tmp_path: Path) -> None:
    """Another process, so that what other tests load and run does not count."""
    command = [sys.executable, "-m", "pytest", str(HERE.parent), f"--ignore={HERE}"]
    command += ["-p", "no:cacheprovider", "--cov=bridge.floor", "--cov-branch"]
    command += ["--cov-fail-under=100", "--cov-report=term-missing:skip-covered"]
    environment = {**os.environ, "COVERAGE_FILE": str(tmp_path / "coverage")}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
