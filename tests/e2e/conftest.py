"""A server for a story, and the rule that no page may throw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import browser
from tests.running import RunningServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    browser.ERRORS.clear()
    running = RunningServer(tmp_path / "data")
    running.start()
    yield running
    running.stop()
    assert "Traceback" not in running.log(), running.log()
    assert not browser.ERRORS
