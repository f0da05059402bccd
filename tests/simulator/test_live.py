"""Simulated sites at a real server: they join, ask, speak, survive its death, and leave."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.cli import main
from tests.running import ROOT, Client, RunningServer, environment

SITES = 3
DEADLINE_S = 60.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path_factory.mktemp("simulated") / "data")
    running.start()
    yield running
    running.stop()
    assert "Traceback" not in running.log()


def simulate(server: RunningServer, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "bridge", "simulate", "--url", server.url),
            *("--sites", str(SITES), "--data", str(server.data), *arguments),
        ],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(),
    )


@pytest.fixture
def simulator(server: RunningServer) -> Iterator[subprocess.Popen[str]]:
    process = simulate(server)
    yield process
    process.terminate()
    _, log = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in log


def connected(client: Client) -> int:
    return sum(
        link.get("connected", False) and link.get("up", {}).get("kbps", 0) > 100
        for link in client.links.values()
    )


def pending(client: Client) -> list[str]:
    view: dict[str, Any] = client.view
    return list(view["pending"])


async def test_sites_send_real_media_ask_for_the_floor_and_speak(
    server: RunningServer, simulator: subprocess.Popen[str]
) -> None:
    assert simulator.poll() is None
    async with server.socket(server.invite("moderator")["token"]) as socket:
        moderator = await Client.hello(socket)
        await moderator.until(lambda client: connected(client) == SITES, DEADLINE_S)
        venue = moderator.links[moderator.view["venue"]]
        assert (venue["up"]["width"], venue["up"]["height"]) == (640, 360)
        assert venue["pages"] == 1

        await moderator.until(pending, DEADLINE_S)
        request = pending(moderator)[0]
        shown = moderator.view["requests"][request]
        assert shown["name"]
        assert shown["title"]
        assert (await moderator.command("accept_request", request=request))["type"] == "ack"
        unready = await moderator.command("grant_floor", request=request)
        assert unready["code"] == "not_ready"
        assert (await moderator.command("call_on_deck", request=request))["type"] == "ack"
        await moderator.until(
            lambda client: client.view["requests"][request]["state"] == "ready", DEADLINE_S
        )
        assert (await moderator.command("grant_floor", request=request))["type"] == "ack"
        await moderator.until(
            lambda client: client.view["requests"][request].get("grant", {}).get("phase") == "live",
            DEADLINE_S,
        )
        assert moderator.view["program"]["site"] == shown["site"]
        assert (await moderator.command("revoke_floor", request=request))["type"] == "ack"


async def test_sites_come_back_by_themselves_after_the_server_was_killed(
    server: RunningServer, simulator: subprocess.Popen[str]
) -> None:
    token = server.invite("technician")["token"]
    async with server.socket(token) as socket:
        technician = await Client.hello(socket)
        await technician.until(lambda client: connected(client) == SITES, DEADLINE_S)
    server.kill()
    server.start()
    async with server.socket(token) as socket:
        technician = await Client.hello(socket)
        await technician.until(lambda client: connected(client) == SITES, DEADLINE_S)
        await technician.until(
            lambda client: sum(link.get("pages", 0) for link in client.links.values()) == SITES,
            DEADLINE_S,
        )
    assert simulator.poll() is None


async def test_the_simulator_ends_with_the_process_that_started_it(server: RunningServer) -> None:
    starter = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import subprocess, sys, time\n"
        "child = subprocess.Popen(sys.argv[1:])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n",
        *(sys.executable, "-m", "bridge", "simulate", "--url", server.url, "--sites", "1"),
        *("--data", str(server.data), "--follow-parent", "--no-requests"),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=environment(),
    )
    assert starter.stdout is not None
    child = Path("/proc") / (await starter.stdout.readline()).decode().strip()
    async with server.socket(server.invite("technician")["token"]) as socket:
        technician = await Client.hello(socket)
        await technician.until(lambda client: connected(client) == 1, DEADLINE_S)
    starter.kill()
    await starter.wait()
    async with asyncio.timeout(20):
        while child.exists() and "Z" not in (child / "stat").read_text().rpartition(")")[2][:3]:
            await asyncio.sleep(0.1)


def test_without_a_server_it_says_so(
    tmp_path: Path,
    server: RunningServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("bridge.simulator.cli._SERVER_STARTS_IN_S", 0.1)
    data = tmp_path / "data"
    data.mkdir()
    for name in ("secret", "server.json"):
        (data / name).write_bytes((server.data / name).read_bytes())
    assert main(["simulate", "--url", "http://127.0.0.1:9", "--data", str(data)]) == 1
    assert "no server at http://127.0.0.1:9" in capsys.readouterr().err
