"""A lab for each test; the long scenarios run with ``make network`` only."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.network.forum import Speech
from tests.network.lab import Lab, network_lab

#: They take ten minutes and want a quiet machine.
collect_ignore = [] if "DIEMCAU_NETWORK" in os.environ else ["scenarios"]


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with network_lab(tmp_path) as made:
        yield made


@pytest.fixture
def speech(tmp_path: Path) -> Speech:
    return Speech(tmp_path)
