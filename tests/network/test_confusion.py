from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.network import confusion
from tests.network.starve import starved
from tests.network.watchers import Fault

RIGHT = Fault("loss", "hue", "uplink", 4.25, 9.0, {"hue": {"uplink": 9}, "son-la": {"remote": 3}})
WRONG = Fault("dark", "hue", "camera", None, None, {"hue": {"uplink": 2}, "son-la": {"uplink": 1}})


def test_a_remote_source_is_no_blame_and_everything_else_is() -> None:
    assert RIGHT.blamed() == {}
    assert WRONG.blamed() == {"son-la": {"uplink"}}


def test_the_table_says_who_was_told_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = tmp_path / "health.md"
    document.write_text(f"before\n{confusion.BEGIN}\nold\n{confusion.END}\nafter\n")
    monkeypatch.setattr(confusion, "RESULTS", tmp_path / "verdicts.json")
    monkeypatch.setattr(confusion, "STORIES", tmp_path / "stories")
    monkeypatch.setattr(confusion, "DOCUMENT", document)
    confusion.keep(RIGHT, "every second")
    confusion.keep(WRONG, "every second")
    confusion.main()
    text = document.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert "| loss | uplink | 4.2 s | 9.0 s | nothing | remote 3 s |" in text
    assert "| dark | camera | never | never | uplink 2 s | uplink 1 s |" in text
    assert (tmp_path / "stories" / "loss.txt").read_text() == "every second\n"


def state_of(pid: int) -> str:
    """Return the letter of a process's state, ``T`` for one that was stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


async def test_a_process_gets_some_of_its_turns_and_all_of_them_afterwards() -> None:
    busy = subprocess.Popen(["sh", "-c", "while :; do :; done"])
    try:
        async with starved([busy.pid], run_s=0.02, stop_s=5.0):
            async with asyncio.timeout(20):
                while state_of(busy.pid) != "T":
                    await asyncio.sleep(0.01)
        async with asyncio.timeout(20):
            while state_of(busy.pid) == "T":
                await asyncio.sleep(0.01)
    finally:
        os.kill(busy.pid, signal.SIGKILL)
        busy.wait()
