"""Everything a stranger, a bug or a bad line may send: a clear word back, nothing lost."""

from __future__ import annotations

import asyncio
import contextlib
import json

import aiohttp
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bridge.cli import main
from bridge.ids import Role
from tests.media.kernel import ENGINES
from tests.running import Client, RunningServer

OFFER_HEAD = (
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
    "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32) + "\r\na=setup:actpass\r\n"
)


def m_line(kind: str, codec: str, direction: str) -> str:
    return (
        f"m={kind} 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtcp-mux\r\n"
        f"a={direction}\r\na=rtpmap:96 {codec}\r\n"
    )


@pytest.fixture(scope="module")
def moderator(server: RunningServer) -> str:
    return str(server.invite("moderator")["token"])


@pytest.fixture(scope="module")
def host(server: RunningServer) -> str:
    return str(server.invite("host", "dien-bien")["token"])


async def answer_to(server: RunningServer, token: str, text: str | bytes) -> dict[str, object]:
    async with server.socket(token) as socket:
        client = await Client.hello(socket)
        await socket.send(text)
        while (message := await client.receive())["type"] != "nack":
            pass
        return message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "message_malformed"),
        ("[]", "message_malformed"),
        ("{}", "message_malformed"),
        (b"\xff\xfe", "message_malformed"),
        ('{"type": "make_tea", "cmd_id": "a"}', "command_unknown"),
        ('{"type": "mark_live", "cmd_id": "a", "grant": "g1"}', "command_unknown"),
        ('{"type": "grant_floor", "cmd_id": "a"}', "field_invalid"),
        ('{"type": "grant_floor", "cmd_id": "a", "request": "r1", "x": 1}', "field_invalid"),
        ('{"type": "grant_floor", "cmd_id": "a", "request": "r99"}', "request_unknown"),
        ('{"type": "take", "cmd_id": "a", "source": "camera:atlantis"}', "source_unknown"),
        (
            '{"type": "extend_floor", "cmd_id": "a", "request": "r1", "seconds": 1e9}',
            "field_invalid",
        ),
        (json.dumps({"type": "take", "cmd_id": "a", "source": "x" * 20_000}), "message_too_large"),
    ],
)
async def test_bad_message(
    server: RunningServer, moderator: str, text: str | bytes, code: str
) -> None:
    answer = await answer_to(server, moderator, text)
    assert answer["code"] == code
    assert len(str(answer["message"])) > 15


async def test_message_is_in_the_language_of_the_page(
    server: RunningServer, moderator: str
) -> None:
    async with server.socket(moderator) as socket:
        client = await Client.hello(socket, lang="vi")
        assert "tải lại trang" in (await client.command("make_tea"))["message"]
        await client.tell("hello", lang="en")
        assert "Reload the page" in (await client.command("make_tea"))["message"]


async def test_ten_megabytes_close_the_socket_with_a_reason(
    server: RunningServer, moderator: str
) -> None:
    async with server.socket(moderator) as socket:
        client = await Client.hello(socket)
        with contextlib.suppress(ConnectionClosed):  # it need not read to the end
            await socket.send("x" * 10_000_000)
        code, reason = await client.until_closed()
    assert code == 1009
    assert "bytes" in reason
    async with server.socket(moderator) as socket:  # and the server is still there
        await Client.hello(socket)


async def test_a_flood_of_messages_is_slowed(server: RunningServer, moderator: str) -> None:
    async with server.socket(moderator) as socket:
        client = await Client.hello(socket)
        for n in range(80):
            await client.tell("grant_floor", cmd_id=f"flood-{n}", request="r99")
        codes = set()
        while "too_many_messages" not in codes:
            message = await client.receive()
            codes.add(message.get("code"))
        assert "request_unknown" in codes


async def test_roles_cannot_do_what_they_may_not(server: RunningServer, host: str) -> None:
    stage = server.invite("stage")["token"]
    for token, kind, fields in (
        (host, "take", {"source": "camera:dien-bien"}),
        (host, "grant_floor", {"request": "r1"}),
        (host, "set_list", {"state": "closed"}),
        (stage, "request_floor", {"name": "Ai đó", "site": "dien-bien"}),
    ):
        async with server.socket(token) as socket:
            client = await Client.hello(socket)
            answer = await client.command(kind, **fields)
            assert answer["type"] == "nack"
            assert answer["code"] in {"role_forbidden", "not_yours"}


async def test_host_cannot_ask_for_another_site(server: RunningServer, host: str) -> None:
    async with server.socket(host) as socket:
        client = await Client.hello(socket)
        answer = await client.command("request_floor", name="Ông Nam", site="son-la")
    assert answer["code"] == "not_yours"


async def status(
    server: RunningServer, path: str, token: str = "", **kwargs: object
) -> tuple[int, str]:
    async with server.http(token) as http, http.get(path, **kwargs) as response:  # type: ignore[arg-type]
        return response.status, await response.text()


async def test_tokens(server: RunningServer, host: str) -> None:
    revoked = server.invite("host", "dien-bien")["url"]
    assert main(["revoke", revoked, "--data", str(server.data)]) == 0
    expired = server.invite("host", "dien-bien", "--ttl", "1s")
    await asyncio.sleep(1.1)  # the token's own lifetime
    for token, words in (
        ("nonsense", "không đúng"),
        (host[:-3] + "abc", "không đúng"),
        (expired["token"], "đã hết hạn"),
        (revoked.rpartition("/")[2], "đã bị thu hồi"),
    ):
        code, page = await status(server, f"/j/{token}")
        assert code == 401, token
        assert words in page
        assert "<html" in page
    assert (await status(server, "/host"))[0] == 401
    assert (await status(server, "/nonsense"))[0] == 404


async def test_a_withdrawn_link_closes_the_open_page(server: RunningServer) -> None:
    invite = server.invite("moderator")
    async with server.socket(invite["token"]) as socket:
        client = await Client.hello(socket)
        assert main(["revoke", invite["token"], "--data", str(server.data)]) == 0
        code, _ = await client.until_closed()
    assert code == 4401


async def test_a_withdrawn_link_ends_its_media(server: RunningServer) -> None:
    invite = server.invite("stage")
    offer = OFFER_HEAD + m_line("audio", "opus/48000/2", "recvonly")
    async with server.http(invite["token"]) as http:
        headers = {"Content-Type": "application/sdp"}
        async with http.post("/whep/plenary", data=offer, headers=headers) as response:
            assert response.status == 201
            assert response.headers["ETag"].startswith('"')
        async with http.get("/metrics") as response:
            text = await response.text()
            assert "diemcau_media_peers 1.0" in text
            assert 'diemcau_media_entries{table="waiting"} 1.0' in text
            assert 'diemcau_media_entries{table="credentials"} 1.0' in text
            assert 'diemcau_media_entries{table="addresses"} 0.0' in text
            assert "\ndiemcau_tasks " in text
        assert main(["revoke", invite["token"], "--data", str(server.data)]) == 0
        async with asyncio.timeout(10):
            while True:
                async with http.get("/metrics") as response:
                    text = await response.text()
                    if "diemcau_media_peers 0.0" in text:
                        assert 'diemcau_media_entries{table="credentials"} 0.0' in text
                        break
                await asyncio.sleep(0.1)


async def test_many_links_do_not_lock_a_browser_out(server: RunningServer) -> None:
    tokens = server.tokens()
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        for _ in range(40):
            token, claims = tokens.mint(Role.STAGE, "plenary")
            async with http.get(f"{server.url}/j/{token}") as response:
                assert response.status == 200, await response.text()
                assert response.url.query["k"] == claims.key
        kept = [cookie for cookie in jar if cookie.key.startswith("dc_")]
        assert len(kept) < 20


async def test_join_link_sets_a_cookie_and_leads_to_the_page(server: RunningServer) -> None:
    invite = server.invite("host", "dien-bien")
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        async with http.get(invite["url"]) as response:
            assert response.url.path == "/host"
            page = await response.text()
            assert response.status == 200
            policy = response.headers["Content-Security-Policy"]
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
        assert "dien-bien" in page
        async with http.ws_connect(f"{server.url}/ws/plenary") as socket:  # the cookie is enough
            await socket.send_json({"type": "hello"})
            assert (await socket.receive_json())["you"]["site"] == "dien-bien"
        async with http.get(f"{server.url}/moderator") as response:
            assert response.status in {401, 403}
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(f"{server.url}/ws/plenary", origin="https://evil.example")
        assert refused.value.status == 403


async def test_sessions_that_do_not_exist(server: RunningServer, moderator: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with server.socket(moderator, "nowhere"):
            pass
    assert refused.value.response.status_code == 404
    body = json.loads(refused.value.response.body or b"")
    assert body["code"] == "session_unknown"
    async with server.http(moderator) as http:
        for path in ("/media/nowhere", "/whep/nowhere"):
            async with http.post(path, data="v=0") as response:
                assert response.status == 404
                assert "plenary" in (await response.json(content_type=None))["detail"]


async def test_another_session_needs_its_own_link(server: RunningServer, moderator: str) -> None:
    other = next(name for name in server.sessions() if name != "plenary")
    with pytest.raises(InvalidStatus) as refused:
        async with server.socket(moderator, other):
            pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    ("offer", "expected"),
    [
        ("", 400),
        ("hello", 400),
        ("v=0\r\no=-", 400),
        (OFFER_HEAD, 400),  # no m-line: cut off
        (OFFER_HEAD + m_line("video", "VP8/90000", "sendonly"), 422),  # no audio
        (OFFER_HEAD + m_line("audio", "G7221/16000", "sendonly"), 422),  # unknown codec
        ((OFFER_HEAD + m_line("audio", "opus/48000/2", "sendonly"))[:-30], 400),  # truncated
        ("v=0\r\n" + "a=x\r\n" * 200_000, 413),
    ],
)
async def test_bad_offers(server: RunningServer, host: str, offer: str, expected: int) -> None:
    async with (
        server.http(host) as http,
        http.post(
            "/whip/plenary/dien-bien", data=offer, headers={"Content-Type": "application/sdp"}
        ) as response,
    ):
        problem = await response.json(content_type=None)
        assert response.status == expected, problem
        assert response.content_type == "application/problem+json"
        assert len(problem["detail"]) > 15


async def test_whip_for_another_site(server: RunningServer, host: str) -> None:
    for site, expected in (("son-la", 403), ("atlantis", 404)):
        async with (
            server.http(host) as http,
            http.post(f"/whip/plenary/{site}", data="v=0") as response,
        ):
            assert response.status == expected
    for role in ("moderator", "stage"):
        async with (
            server.http(server.invite(role)["token"]) as http,
            http.post("/whip/plenary/dien-bien", data="v=0") as response,
        ):
            assert response.status == 403
    async with server.http() as http, http.post("/whep/plenary", data="v=0") as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_health_and_metrics(server: RunningServer) -> None:
    assert (await status(server, "/healthz"))[0] == 200
    assert (await status(server, "/readyz"))[0] == 200
    code, text = await status(server, "/metrics")
    assert code == 200
    assert "diemcau_media_sent_packets_total" in text
    assert f'diemcau_media_engine_info{{engine="{ENGINES[-1]}"}} 1.0' in text
    headers = {"Accept": "application/openmetrics-text"}
    code, text = await status(server, "/metrics", headers=headers)
    assert text.endswith("# EOF\n")
