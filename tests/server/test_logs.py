"""One code finds a media connection in the log, from its offer to its end."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from tests.media.client import PUBLISHER, VIEWER, Client
from tests.running import Client as Page
from tests.running import RunningServer

LINES = ("video sendonly", "audio sendonly", "audio recvonly", "audio recvonly")
SDP = {"Content-Type": "application/sdp"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    data = tmp_path_factory.mktemp("logs") / "data"
    running = RunningServer(data, arguments=("--log-format", "json"))
    running.start()
    yield running
    assert running.stop() == 0


def told(server: RunningServer) -> list[dict[str, Any]]:
    """Return the log; every line of it is an object."""
    return [json.loads(line) for line in server.log().splitlines()]


def about(server: RunningServer, code: str) -> list[dict[str, Any]]:
    return [line for line in told(server) if line.get("peer") == code]


def test_every_line_is_an_object(server: RunningServer) -> None:
    lines = told(server)
    assert any(line["logger"] == "bridge.media.engines" for line in lines)
    for line in lines:
        assert {"time", "level", "logger", "message"} <= line.keys()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])


async def test_a_code_tells_the_whole_story(server: RunningServer) -> None:
    invite = server.invite("host", "lao-cai")
    peer = Client(LINES)
    place = ""
    async with server.http(invite["token"]) as http, server.socket(invite["token"]) as socket:

        async def offer(sdp: str) -> str:
            nonlocal place
            path = "/media/plenary?slots="
            async with http.post(path, data=sdp, headers=SDP) as response:
                assert response.status == 201, await response.text()
                place = response.headers["Location"]
                return await response.text()

        await peer.connect(offer)
        peer_id = place.rpartition("/")[2]
        page = await Page.hello(socket)
        await page.tell("joined", peer=peer_id)
        await socket.send(json.dumps({"type": "path", "peer": peer_id, "kind": "relay_tcp"}))
        await page.until(lambda one: one.links.get("lao-cai", {}).get("path") == "relay_tcp")
        peer.ufrag = "anew"
        async with http.patch(place, data=peer.offer, headers=SDP) as response:
            assert response.status == 200, await response.text()
        async with http.delete(place) as response:
            assert response.status == 200
    peer.sock.close()
    story = about(server, peer_id.partition("-")[0])
    for line in story:
        assert (line["session"], line["site"], line["role"]) == ("plenary", "lao-cai", "host")
    expected = (
        r"joins by /media/plenary with 'Python.*",
        r"connected after .* s, from 127\.0\.0\.1 port \d+",
        r"its page is here",
        r"its packets travel: relay_tcp",
        r"restarts ICE",
        r"ends connected after \d+ s: it has left",
    )
    heard = [line["message"] for line in story]
    places = [next(i for i, m in enumerate(heard) if re.fullmatch(part, m)) for part in expected]
    assert places == sorted(places), heard


async def test_a_line_about_another_site_names_that_one(server: RunningServer) -> None:
    invite = server.invite("host", "son-la")
    peer = Client(LINES)

    async def offer(sdp: str) -> str:
        async with http.post("/media/plenary?slots=", data=sdp, headers=SDP) as response:
            return await response.text()

    async with server.http(invite["token"]) as http:
        await peer.connect(offer)
        async with asyncio.timeout(20):
            while not (dark := [x for x in told(server) if "which is shown" in x["message"]]):
                await asyncio.sleep(0.05)
    peer.sock.close()
    for line in dark:
        assert (line["session"], line["site"]) == ("plenary", "ha-noi")
        assert "peer" not in line, "it came while another one joined, and is not about that one"


async def test_others_are_not_in_it(server: RunningServer) -> None:
    codes = []
    for role, site in (("host", "yen-bai"), ("stage", "")):
        invite = server.invite(role, site)
        peer = Client(PUBLISHER if site else VIEWER)
        async with server.http(invite["token"]) as http:
            path = "/whip/plenary/yen-bai" if site else "/whep/plenary"
            async with http.post(path, data=peer.offer, headers=SDP) as response:
                assert response.status == 201, await response.text()
                codes.append(response.headers["Location"].rpartition("/")[2].partition("-")[0])
            async with http.delete(response.headers["Location"]) as response:
                assert response.status == 200
        peer.sock.close()
    encoder, player = (about(server, code) for code in codes)
    assert {line["site"] for line in encoder} == {"yen-bai"}
    assert {line["role"] for line in player} == {"stage"}
    assert not any("site" in line for line in player)


async def test_an_offer_that_is_refused_has_a_code_too(server: RunningServer) -> None:
    invite = server.invite("stage")
    async with (
        server.http(invite["token"]) as http,
        http.post("/whep/plenary", data="v=0", headers=SDP) as response,
    ):
        assert response.status == 400
    (refused,) = [line for line in told(server) if "is refused" in line["message"]]
    assert (refused["role"], refused["logger"]) == ("stage", "bridge.server.middleware")
    joins, again = about(server, refused["peer"])
    assert joins["message"].startswith("joins by /whep/plenary")
    assert again == refused


async def test_a_stranger_writes_no_lines(server: RunningServer) -> None:
    invite = server.invite("stage")
    headers = {**SDP, "User-Agent": "\u2028\u202e" + "x" * 500}
    async with (
        server.http(invite["token"]) as http,
        http.post("/whep/plenary", data="v=1", headers=headers) as response,
    ):
        assert response.status == 400
    joins = next(line["message"] for line in told(server) if "xxx" in line["message"])
    assert joins.isprintable()
    assert len(joins) < 300
    async with aiohttp.ClientSession() as http:
        before = len(told(server))
        async with http.post(f"{server.url}/whep/plenary", data="v=0") as response:
            assert response.status == 401
    assert len(told(server)) == before
