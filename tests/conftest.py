"""Settings of all tests: Hypothesis judges what is right, never how fast a shared machine is."""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

ROOT = Path(__file__).parent.parent

settings.register_profile("bridge", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bridge")

#: Files of few tests that take long: pytest-xdist leaves those of few tests to the end.
LONG = ("tests/test_state_machine.py", "tests/crash/test_storm.py", "tests/simulator/test_bench.py")


class Needs(IntEnum):
    """What the tests of a file need of the machine, dearest first."""

    CAMERAS = 0
    """Chromium, or another's program, that encodes pictures: one at a time has enough to do."""
    PAGES = 1
    """Chromium for pages that are looked at only."""
    LITTLE = 2


@cache
def needs(file: str) -> Needs:
    """Return what the tests of *file*, relative to the root, need."""
    text = (ROOT / file).read_text(encoding="utf-8")
    if "pytest.mark.browser" not in text:
        return Needs.LITTLE
    return Needs.PAGES if "pytest.mark.pages" in text else Needs.CAMERAS


class OneCameraAtOnce(LoadScopeScheduling):
    """Side by side: each file by one worker, and all those with cameras by the same.

    Two sets of browsers that encode pictures starve each other while others compute. The other
    workers begin with what takes long and needs little, mostly time; then they take pages, and
    when there is nothing else one of them helps with the cameras.
    """

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0]

    def _assign_work_unit(self, node: WorkerController) -> None:
        order = [*Needs] if node in self.nodes[:1] else [Needs.LITTLE, Needs.PAGES]
        if node in self.nodes[1:2]:
            order.append(Needs.CAMERAS)
        files = [file for file in self.workqueue if needs(file) in order]
        if not files:
            node.shutdown()
            return
        best = min(files, key=lambda file: (order.index(needs(file)), file not in LONG))
        self.workqueue.move_to_end(best, last=False)
        super()._assign_work_unit(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneCameraAtOnce:
    """Say how pytest-xdist shares the tests out."""
    return OneCameraAtOnce(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print why tests failed that were tried again: a second try may not hide a race."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"failed at first: {report.nodeid}")
        terminalreporter.line(report.longreprtext)
