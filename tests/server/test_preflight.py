"""What a page checks before it enters: its line by a probe, which nobody else ever sees."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.media.client import Client as Device
from tests.media.client import offer_text, video, vp8_delta, vp8_key
from tests.running import Client, RunningServer

API = "/api/sessions/plenary/preflight"
LINES = ("video sendonly", "audio sendonly", "video recvonly")
OFFER = offer_text(LINES, ufrag="abcd", password="a" * 24)
SDP = {"content-type": "application/sdp"}
FOUND = {
    "camera": "ok",
    "microphone": "ok",
    "voice": True,
    "speaker": True,
    "path": "relay_udp",
    "kbps_up": 1900.5,
    "kbps_down": 1800.0,
    "rtt_ms": 21.0,
    "verdict": "fair",
    "reason": "relay",
}


@contextlib.asynccontextmanager
async def probe(server: RunningServer, token: str) -> AsyncIterator[tuple[Device, str]]:
    """Begin a probe; give its device and the place of its report."""
    device = Device(LINES)
    place = ""

    async def signal(offer: str) -> str:
        nonlocal place
        async with server.http(token) as http, http.post(API, data=offer, headers=SDP) as answer:
            assert answer.status == 201, await answer.text()
            assert answer.headers["probe-seconds"] == "8"
            place = answer.headers["location"]
            return await answer.text()

    try:
        await device.connect(signal)
        yield device, place
    finally:
        await device.close()


async def send(device: Device, frames: int) -> None:
    for at in range(frames):
        for part in range(3):
            number = 3 * at + part
            payload = vp8_key(at, (640, 360), 900) if not number else vp8_delta(at, 1000)
            device.send_rtp(device.packet(0, number, at * 3600, payload, marker=part == 2))
        await asyncio.sleep(0.03)


async def test_a_probe_gets_its_own_picture_back_and_nobody_else_sees_it(
    server: RunningServer,
) -> None:
    token = server.invite("host", "dien-bien")["token"]
    desk = server.invite("technician")["token"]
    async with (
        probe(server, token) as (device, place),
        server.http(token) as http,
        server.socket(desk) as socket,
    ):
        watching = await Client.hello(socket)
        sending = asyncio.create_task(send(device, 90))
        await device.until(lambda: len(video(device, "2")) > 100, 10)
        watching.links = {}
        await watching.until(lambda page: page.links)
        assert not watching.links["dien-bien"].get("connected")
        async with http.post(API, data=OFFER, headers=SDP) as again:
            assert again.status == 409
            assert (await again.json())["code"] == "test_running"
            assert int(again.headers["retry-after"]) > 0
        await sending
        seconds: list[dict[str, float]] = []
        async with asyncio.timeout(10):
            while not seconds:
                async with http.get(place) as report:
                    seconds = (await report.json())["seconds"]
        assert max(second["kbps_up"] for second in seconds) > 300
        assert max(second["kbps_down"] for second in seconds) > 300
        async with http.delete(place) as ended:
            assert ended.status == 200
        async with http.get(place) as gone:
            assert gone.status == 404


async def test_the_line_of_who_is_on_air_is_left_alone(own_server: RunningServer) -> None:
    moderator = own_server.invite("moderator")["token"]
    token = own_server.invite("host", "son-la")["token"]
    async with own_server.socket(moderator) as socket, own_server.http(token) as http:
        await (await Client.hello(socket)).command("take", source="camera:son-la")
        async with http.post(API, data=OFFER, headers=SDP) as answer:
            assert answer.status == 409
            assert (await answer.json())["code"] == "site_on_air"


async def test_technicians_see_what_a_page_found(server: RunningServer) -> None:
    token = server.invite("host", "ca-mau")["token"]
    desk = server.invite("technician")["token"]
    async with server.http(token) as http, server.socket(desk) as socket:
        client = await Client.hello(socket)
        async with http.put(API, json=FOUND) as answer:
            assert answer.status == 204
        async with asyncio.timeout(10):
            while (told := await client.receive())["type"] != "rehearsal":
                pass
    site = told["sites"]["ca-mau"]
    assert {**FOUND, "at": site["preflight"]["at"]} == {
        name: site["preflight"][name] for name in (*FOUND, "at")
    }
    assert site["preflight"]["at"] > 0
    assert site["marks"]["equipment"]["outcome"] == "good"


@pytest.mark.parametrize(
    ("role", "body", "status"),
    [
        ("technician", FOUND, 403),
        ("host", {**FOUND, "loss_up": 2}, 400),
        ("host", {**FOUND, "verdict": "splendid"}, 400),
        ("host", {**FOUND, "more": 1}, 400),
    ],
)
async def test_what_is_no_report(
    server: RunningServer, role: str, body: dict[str, Any], status: int
) -> None:
    token = server.invite(role, "ca-mau" if role == "host" else "")["token"]
    async with server.http(token) as http, http.put(API, json=body) as answer:
        assert answer.status == status


async def test_only_hosts_probe(server: RunningServer) -> None:
    for role in ("technician", "stage"):
        token = server.invite(role)["token"]
        async with server.http(token) as http, http.post(API, data=OFFER, headers=SDP) as answer:
            assert answer.status == 403
