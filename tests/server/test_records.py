"""``diemcau verify`` and ``diemcau replay`` beside a running server, and after it."""

from __future__ import annotations

import asyncio
import json

import pytest

from bridge.cli import main
from tests.running import Client, RunningServer


async def test_what_the_log_says(
    own_server: RunningServer, capsys: pytest.CaptureFixture[str]
) -> None:
    token = own_server.invite("moderator", "", "--name", "Bà Hương")["token"]
    async with own_server.socket(token) as socket:
        page = await Client.hello(socket)
        await page.command("request_floor", name="Ông Tư", site="son-la")
        await page.command("grant_floor", request="r1", override=True)
        last = await page.command("take", source="camera:lai-chau")
    data = ["--data", str(own_server.data)]
    assert await in_thread(["verify", *data]) == 0
    text = capsys.readouterr().out
    assert f"plenary: {last['rev']} commits, chain whole" in text
    assert "thematic-01: empty" in text

    assert await in_thread(["replay", *data]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "floor_requested" in lines[0]
    assert "Bà Hương" in lines[0]
    assert "name=Ông Tư" in lines[0]
    assert lines[-1].endswith("source=camera:lai-chau")

    assert await in_thread(["replay", "--at", "1", *data]) == 0
    state = json.loads(capsys.readouterr().out)
    assert state["floor"]["queue"] == ["r1"]
    assert "speaking" not in state["floor"]
    assert await in_thread(["replay", "--at", "99", *data]) == 2
    assert f"--at {last['rev']} or less" in capsys.readouterr().err
    assert await in_thread(["replay", "nowhere", *data]) == 2

    assert own_server.stop() == 0
    assert await in_thread(["verify", *data]) == 0  # and without a server
    assert f"plenary: {last['rev']} commits" in capsys.readouterr().out


async def in_thread(arguments: list[str]) -> int:
    """Run the command line, which has a loop of its own."""
    return await asyncio.to_thread(main, arguments)
