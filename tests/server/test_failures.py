"""Things break: the server, the store, the disk, the port. Nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from tests.running import ROOT, Client, RunningServer, environment, free_port


def refused(server: RunningServer) -> str:
    """Start a server that cannot start; return what it says."""
    done = subprocess.run(
        server.command(),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(),
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "ready" not in done.stdout
    return done.stderr


def test_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        text = refused(RunningServer(tmp_path / "data", port=taken.getsockname()[1]))
    assert "--port" in text


def test_media_port_in_use(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        text = refused(RunningServer(tmp_path / "data", media_port=taken.getsockname()[1]))
    assert "--media-port" in text


def test_unwritable_data_directory() -> None:
    text = refused(RunningServer(Path("/proc/diemcau")))
    assert "--data" in text


def test_two_servers_on_one_data_directory(own_server: RunningServer) -> None:
    text = refused(RunningServer(own_server.data))
    assert "data" in text


def test_a_broken_event_file_names_every_mistake(tmp_path: Path) -> None:
    event = tmp_path / "event.toml"
    event.write_text('id = "x"\ndate = "2021-13-45"\nvenue = "atlantis"\n', encoding="utf-8")
    text = refused(RunningServer(tmp_path / "data", event=event))
    for key in ("name", "date", "sites_file", "sessions"):
        assert key in text
    assert "4 mistakes" in text


def test_invite_without_a_server_says_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "invite", "--role", "stage", "--data", str(tmp_path)],
        capture_output=True, text=True, cwd=ROOT, env=environment(), check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "diemcau serve" in done.stderr


async def test_kill_nine_loses_nothing(own_server: RunningServer) -> None:
    server = own_server
    moderator = server.invite("moderator")["token"]
    async with server.socket(moderator) as sock:
        page = await Client.hello(sock)
        for n in range(5):
            await page.command("request_floor", name=f"Ông {n}", site="son-la", topic="Đường sá")
        await page.until(lambda one: len(one.view["queue"]) == 5)
        queue = page.view["queue"]
        await page.command("move_request", request=queue[4], before=queue[0])
        await page.command("take", source="camera:dien-bien")
        last = await page.command("grant_floor", request=queue[2], override=True)
        await page.until(lambda one: one.rev >= last["rev"])
        before = page.view
        server.kill()
    await asyncio.to_thread(server.start)
    async with server.socket(moderator) as sock:  # the same link works
        page = await Client.hello(sock)
        assert page.rev >= last["rev"]
        for part in ("queue", "speaking", "program", "preview", "list_state"):
            assert page.view[part] == before[part], part
        granted = queue[2]
        assert page.view["requests"][granted]["grant"] == before["requests"][granted]["grant"]


async def test_store_killed_while_running(own_server: RunningServer) -> None:
    server = own_server
    async with server.socket(server.invite("moderator")["token"]) as sock:
        page = await Client.hello(sock)
        assert (await page.command("set_preview", source="camera:son-la"))["type"] == "ack"
        pid = server.valkey_pid()
        os.kill(pid, signal.SIGSTOP)  # it hangs: the command must still be answered
        try:
            answer = await page.command("set_preview", source="camera:lai-chau")
            assert answer["code"] == "store_unavailable"
            assert "Hình và tiếng vẫn tiếp tục" in answer["message"]
            await page.until(lambda one: not one.saving)
            async with server.http() as http, http.get("/readyz") as response:
                assert response.status == 503
        finally:
            os.kill(pid, signal.SIGKILL)
        await page.until(lambda one: one.saving)
        answer = await page.command("set_preview", source="camera:cao-bang")
        assert answer["type"] == "ack"
        await page.until(lambda one: one.view["preview"]["site"] == "cao-bang")


async def test_two_servers_share_one_redis(tmp_path: Path) -> None:
    port = free_port()
    redis = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
         "--appendonly", "yes", "--appendfsync", "always", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    url = ("--redis", f"redis://127.0.0.1:{port}/0")
    one = RunningServer(tmp_path / "one" / "data", arguments=url)
    two = RunningServer(tmp_path / "two" / "data", arguments=url)
    try:
        one.data.mkdir(parents=True)
        two.data.mkdir(parents=True)
        await wait_for_port(port)
        one.start()
        (two.data / "secret").write_text((one.data / "secret").read_text())
        two.start()
        token = one.invite("moderator")["token"]
        other = one.invite("moderator")["token"]
        async with AsyncExitStack() as stack:
            left = await Client.hello(await stack.enter_async_context(one.socket(token)))
            right = await Client.hello(await stack.enter_async_context(two.socket(other)))
            for n in range(4):
                answers = await asyncio.gather(
                    left.command("request_floor", name=f"Trái {n}", site="son-la"),
                    right.command("request_floor", name=f"Phải {n}", site="lai-chau"),
                )
                assert {answer["type"] for answer in answers} == {"ack"}
            await left.until(lambda page: len(page.view["queue"]) == 8)
            await right.until(lambda page: len(page.view["queue"]) == 8)
            queue = left.view["queue"]
            answers = await asyncio.gather(
                left.command("grant_floor", request=queue[0], override=True),
                right.command("grant_floor", request=queue[1], override=True),
            )
            assert sorted(answer["type"] for answer in answers) == ["ack", "nack"]
            rev = max(answer["rev"] for answer in answers)
            for page in (left, right):
                await page.until(lambda client: client.rev >= rev)
            assert left.view["speaking"] == right.view["speaking"]
            assert left.view["queue"] == right.view["queue"]
    finally:
        for server in (one, two):
            if server.process is not None:
                server.stop()
        redis.terminate()
        redis.wait(10)


async def wait_for_port(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
