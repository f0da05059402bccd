"""TURN credentials: made as coturn checks them, for whoever may have media, in no log."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.config import Settings
from bridge.config.values import Secret
from bridge.ids import Role
from bridge.server.turn import IceServers, Turn, ice_links, ice_servers, turn_of
from tests.running import Client, RunningServer
from tests.server.test_bad_input import OFFER_HEAD, m_line

SECRET = "a-secret-of-forty-characters-or-so"
URLS = ("turn:t.example.vn:3478", "turns:t.example.vn:443?transport=tcp")
SDP = {"Content-Type": "application/sdp"}


def turn(ttl_s: int = 3600) -> Turn:
    return Turn(URLS, SECRET, ttl_s, lambda: 1_700_000_000.9)


def test_a_password_is_the_hmac_of_when_it_expires_and_for_whom() -> None:
    """The expected one is OpenSSL's: dgst -sha1 -hmac SECRET -binary | base64."""
    (server,) = turn().servers("k1").servers
    assert server.username == "1700003600:k1"
    assert server.credential == "ZhX1VQLu/ExbkXGlFKxQGLQSVJs="
    assert server.urls == URLS


def test_a_page_is_to_renew_at_half_time() -> None:
    assert turn(600).servers("k1").renew_after == 300


def test_links_for_whip_and_whep_name_every_address() -> None:
    assert ice_links(turn(), Role.HOST, "k1") == [
        f'<{url}>; rel="ice-server"; username="1700003600:k1"; '
        'credential="ZhX1VQLu/ExbkXGlFKxQGLQSVJs="; credential-type="password"'
        for url in URLS
    ]
    assert ice_links(None, Role.HOST, "k1") == []


def test_everybody_before_a_stage_is_a_user_of_their_own() -> None:
    names = {ice_servers(turn(), Role.STAGE, "k1").servers[0].username for _ in range(3)}
    assert len(names) == 3
    assert all(name.startswith("1700003600:k1.") for name in names)
    assert ice_servers(turn(), Role.HOST, "k1") == ice_servers(turn(), Role.HOST, "k1")


def test_without_a_turn_server_there_are_none() -> None:
    assert turn_of(Settings(), lambda: 0.0) is None
    assert ice_servers(None, Role.HOST, "k1") == IceServers()
    made = turn_of(Settings(turn_urls=URLS, turn_secret=Secret(SECRET)), lambda: 0.0)
    assert made is not None
    assert SECRET not in repr(made)


@pytest.fixture(scope="module")
def relayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder: Path = tmp_path_factory.mktemp("relayed")
    (folder / "turn.secret").write_text(SECRET)
    arguments = ("--turn-secret-file", str(folder / "turn.secret"), "--turn-urls", URLS[0])
    running = RunningServer(folder / "data", arguments=(*arguments, "--turn-urls", URLS[1]))
    running.start()
    yield running
    assert running.stop() == 0
    assert "Traceback" not in running.log()
    assert SECRET not in running.log()


async def ice(server: RunningServer, token: str, session: str = "plenary") -> tuple[int, Any]:
    async with server.http(token) as http, http.get(f"/ice/{session}") as response:
        return response.status, await response.json()


@pytest.mark.parametrize("role", ["host", "moderator", "technician", "stage"])
async def test_who_has_media_is_given_credentials(relayed: RunningServer, role: str) -> None:
    invite = relayed.invite(role, "dien-bien" if role == "host" else "")
    status, answer = await ice(relayed, invite["token"])
    (server,) = answer["servers"]
    assert (status, answer["renew_after"]) == (200, 1800)
    assert server["urls"] == list(URLS)
    digest = hmac.new(SECRET.encode(), server["username"].encode(), hashlib.sha1).digest()
    assert base64.b64decode(server["credential"]) == digest


async def test_nobody_else_is(relayed: RunningServer) -> None:
    tokens = relayed.tokens()
    _, link = tokens.mint(Role.DELEGATE, "plenary", site="dien-bien")
    assert (await ice(relayed, tokens.mint_phone(link)[0]))[0] == 403
    assert (await ice(relayed, ""))[0] == 401
    host = relayed.invite("host", "dien-bien")["token"]
    assert (await ice(relayed, host, "elsewhere"))[0] == 404


async def test_a_server_without_turn_answers_with_none(server: RunningServer) -> None:
    token = server.invite("stage")["token"]
    assert await ice(server, token) == (200, {"servers": [], "renew_after": 0})


async def test_whip_and_whep_answers_carry_them(relayed: RunningServer) -> None:
    for address, direction in (
        ("/whip/plenary/dien-bien", "sendonly"),
        ("/whep/plenary", "recvonly"),
    ):
        token = relayed.invite("host", "dien-bien")["token"]
        offer = OFFER_HEAD + m_line("audio", "opus/48000/2", direction)
        async with (
            relayed.http(token) as http,
            http.post(address, data=offer, headers=SDP) as response,
        ):
            assert response.status == 201
            links = response.headers.getall("Link")
        assert [link.partition(">")[0] for link in links] == [f"<{url}" for url in URLS]


async def say(page: Client, peer: str, kind: str) -> None:
    await page.socket.send(json.dumps({"type": "path", "peer": peer, "kind": kind}))


async def test_a_page_says_how_its_packets_travel(server: RunningServer) -> None:
    invite, other = server.invite("host", "dien-bien"), server.invite("host", "dien-bien")
    offer = OFFER_HEAD + m_line("audio", "opus/48000/2", "sendonly")
    async with (
        server.http(invite["token"]) as http,
        http.post("/media/plenary?slots=", data=offer, headers=SDP) as response,
    ):
        assert response.status == 201
        peer = response.headers["Location"].rpartition("/")[2]
    async with (
        server.socket(server.invite("technician")["token"]) as watching,
        server.socket(invite["token"]) as socket,
        server.socket(other["token"]) as foreign,
    ):
        technician, host = await Client.hello(watching), await Client.hello(socket)
        await say(host, peer, "relay_tcp")
        await technician.until(
            lambda page: page.links.get("dien-bien", {}).get("path") == "relay_tcp"
        )
        stranger = await Client.hello(foreign)
        for kind, code in (("direct", "peer_unknown"), ("pigeon", "field_invalid")):
            await say(stranger, peer, kind)
            while (message := await stranger.receive())["type"] != "nack":
                pass
            assert message["code"] == code
