"""Settings of all tests: Hypothesis judges what is right, never how fast a shared machine is."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parent.parent

settings.register_profile("bridge", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bridge")


@cache
def drives_browsers(file: str) -> bool:
    """Return whether the tests of *file*, relative to the root, start browsers."""
    return "pytest.mark.browser" in (ROOT / file).read_text(encoding="utf-8")


class OneBrowserAtOnce(LoadScopeScheduling):
    """Side by side: each file by one worker, and all those with browsers by the same.

    Two sets of browsers at once starve each other on a small machine.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "browsers" if drives_browsers(file) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneBrowserAtOnce:
    """Say how pytest-xdist shares the tests out."""
    return OneBrowserAtOnce(config, log)
