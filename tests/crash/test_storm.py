"""kill -9 at random moments of a storm of commands: nothing acknowledged is lost or done twice.

``DIEMCAU_CRASH_ROUNDS`` says how many rounds (default 20), ``DIEMCAU_CRASH_SEED`` repeats
the choices of a run that failed; what the processes make of them still differs.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random, SystemRandom

import pytest

from tests.crash.kills import Kill
from tests.crash.storm import Figures, Storm
from tests.running import ROOT, environment

ROUNDS = int(os.environ.get("DIEMCAU_CRASH_ROUNDS") or 20)
SEED = int(os.environ.get("DIEMCAU_CRASH_SEED") or SystemRandom().randrange(10**9))
ROUNDS_EACH = 20
"""Rounds on one data directory: each begins with all that the ones before left behind."""

STORMS = [min(ROUNDS_EACH, ROUNDS - first) for first in range(0, ROUNDS, ROUNDS_EACH)]


@pytest.mark.timeout(1200)  # for a storm that hangs
@pytest.mark.parametrize("number", range(len(STORMS)))
async def test_storm(number: int, tmp_path: Path, figures: list[Figures]) -> None:
    rng = Random(f"{SEED}-{number}")
    kills = [kill for _ in range(-(-STORMS[number] // len(Kill))) for kill in Kill]
    rng.shuffle(kills)
    async with Storm.started(tmp_path / "data", rng) as storm:
        figures.append(storm.figures)
        for count, kill in enumerate(kills[: STORMS[number]], 1):
            where = f"DIEMCAU_CRASH_SEED={SEED}, storm {number}, round {count}, killed {kill}"
            try:
                problems = await storm.round(kill)
            except BaseException as error:
                error.add_note(where)
                raise
            if problems:
                text = "\n".join(problems[:20])
                pytest.fail(f"{where}: {len(problems)} problems\n{text}", pytrace=False)
        queue = list(storm.checker.state.floor.queue)
        rev = storm.checker.rev
    assert "Traceback" not in storm.server.log()
    verified = await asyncio.to_thread(_diemcau, storm, "verify")
    assert "chain whole" in verified
    state = json.loads(await asyncio.to_thread(_diemcau, storm, "replay", "--at", str(rev)))
    assert state["floor"].get("queue", []) == queue


def _diemcau(storm: Storm, *arguments: str) -> str:
    """Run the command line on what the storm left; return what it prints."""
    return subprocess.run(
        [sys.executable, "-m", "bridge", *arguments, "--data", str(storm.server.data)],
        check=True, capture_output=True, text=True, cwd=ROOT, env=environment(),
    ).stdout  # fmt: skip
