"""WHIP and WHEP by the letter: status codes, headers, other origins (RFC 9725, WHEP draft)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import ClientResponse, ClientSession

from tests.media import offers
from tests.running import RunningServer

WHIP, WHEP = "/whip/plenary/dien-bien", "/whep/plenary"
SDP = {"Content-Type": "application/sdp"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}
FOREIGN = {"Origin": "https://studio.example"}
TRICKLED = (
    "a=ice-ufrag:uUuU\r\na=ice-pwd:pPpPpPpPpPpPpPpPpPpPpP\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
    "a=mid:0\r\na=candidate:1 1 udp 2122260223 192.0.2.9 61764 typ host\r\n"
    "a=candidate:2 1 udp 2122260223 cam.invalid 61765 typ host\r\na=end-of-candidates\r\n"
)
RESTART = TRICKLED.replace("uUuU", "wWwW")


@pytest_asyncio.fixture
async def encoder(server: RunningServer) -> AsyncIterator[ClientSession]:
    async with server.http(server.invite("host", "dien-bien")["token"]) as http:
        yield http


@pytest_asyncio.fixture
async def player(server: RunningServer) -> AsyncIterator[ClientSession]:
    async with server.http(server.invite("stage")["token"]) as http:
        yield http


async def problem(response: ClientResponse, status: int, code: str) -> str:
    """Check a problem document (RFC 9457) and return its detail."""
    assert response.status == status, await response.text()
    assert response.content_type == "application/problem+json"
    document = await response.json(content_type=None)
    assert (document["status"], document["code"]) == (status, code)
    assert len(document["detail"]) > 15
    return str(document["detail"])


Answer = AbstractAsyncContextManager[ClientResponse]


class Exchange:
    """One session, from 201 on."""

    def __init__(self, http: ClientSession, response: ClientResponse) -> None:
        self.http = http
        self.location = response.headers["Location"]
        self.etag = response.headers["ETag"]

    def patch(self, body: str, if_match: str | None, **headers: str) -> Answer:
        tag = {} if if_match is None else {"If-Match": if_match}
        return self.http.patch(self.location, data=body, headers={**FRAGMENT, **tag, **headers})


async def begin(http: ClientSession, path: str) -> Exchange:
    offer = offers.OBS if path == WHIP else offers.FIREFOX
    async with http.post(path, data=offer, headers=SDP) as response:
        assert response.status == 201, await response.text()
        assert response.content_type == "application/sdp"
        assert response.headers["Location"].startswith(path + "/")
        assert response.headers["ETag"].startswith('"'), "a strong tag"
        assert response.headers["Accept-Patch"] == FRAGMENT["Content-Type"]
        assert (await response.text()).startswith("v=0\r\n")
        return Exchange(http, response)


@pytest_asyncio.fixture(params=["whip", "whep"])
async def exchange(
    request: pytest.FixtureRequest, encoder: ClientSession, player: ClientSession
) -> AsyncIterator[Exchange]:
    made = await begin(*((encoder, WHIP) if request.param == "whip" else (player, WHEP)))
    yield made
    async with made.http.delete(made.location) as response:
        assert response.status == 200


async def test_candidates_are_trickled_into_the_session_they_belong_to(exchange: Exchange) -> None:
    for tag in (exchange.etag, f'"other", {exchange.etag}'):
        async with exchange.patch(TRICKLED, tag) as response:
            assert response.status == 204
            assert "ETag" not in response.headers
            assert await response.read() == b""
    async with exchange.patch(TRICKLED, None) as response:
        await problem(response, 428, "precondition_required")
    for tag in ('"older"', f"W/{exchange.etag}", exchange.etag.strip('"')):
        async with exchange.patch(TRICKLED, tag) as response:
            await problem(response, 412, "precondition_failed")
    async with exchange.patch(TRICKLED, "*") as response:
        assert response.status == 204, "nothing has changed"


@pytest.mark.parametrize("asterisk", ["*", '"*"'])
async def test_new_credentials_restart_ice_once(exchange: Exchange, asterisk: str) -> None:
    async with exchange.patch(RESTART, asterisk) as response:
        assert response.status == 200
        assert response.content_type == FRAGMENT["Content-Type"]
        newer = response.headers["ETag"]
        assert newer not in {"", exchange.etag}
        fragment = await response.text()
    for line in ("a=ice-lite", "a=ice-ufrag:", "a=ice-pwd:", "a=candidate:", "a=mid:0"):
        assert line in fragment
    async with exchange.patch(RESTART, asterisk) as response:
        assert response.status == 200, "its answer was lost on the way"
        assert (await response.text(), response.headers["ETag"]) == (fragment, newer)
    async with exchange.patch(TRICKLED, exchange.etag) as response:
        await problem(response, 412, "precondition_failed")
    async with exchange.patch(RESTART, newer) as response:
        assert response.status == 204


@pytest.mark.parametrize("body", ["", "hello", "a=ice-ufrag:u\r\n", "a=ice-pwd:p\r\n"])
async def test_a_broken_fragment_leaves_the_session_alone(exchange: Exchange, body: str) -> None:
    async with exchange.patch(body, "*") as response:
        await problem(response, 400, "sdp_malformed")
    async with exchange.patch(TRICKLED, exchange.etag) as response:
        assert response.status == 204


async def test_a_session_takes_fragments_only(exchange: Exchange) -> None:
    for kind in ("application/sdp", "application/json", "text/plain"):
        async with exchange.patch("v=0", "*", **{"Content-Type": kind}) as response:
            assert FRAGMENT["Content-Type"] in await problem(
                response, 415, "media_type_unsupported"
            )


async def test_it_ends_by_delete_whatever_the_tag(exchange: Exchange) -> None:
    async with exchange.http.get(exchange.location) as response:
        assert (response.status, await response.read()) == (204, b"")
    async with exchange.http.delete(exchange.location, headers={"If-Match": '"older"'}) as response:
        assert response.status == 200, "OBS takes nothing else for success"
    async with exchange.http.delete(exchange.location) as response:
        assert response.status == 200, "and so it is after a close of DTLS"
    async with exchange.http.get(exchange.location) as response:
        await problem(response, 404, "peer_unknown")
    async with exchange.patch(RESTART, "*") as response:
        await problem(response, 404, "peer_unknown")


async def test_only_its_maker_may_touch_a_session(
    server: RunningServer, exchange: Exchange
) -> None:
    async with server.http(server.invite("host", "dien-bien")["token"]) as other:
        async with other.delete(exchange.location) as response:
            await problem(response, 404, "peer_unknown")
        async with other.patch(
            exchange.location, data=RESTART, headers={**FRAGMENT, "If-Match": "*"}
        ) as response:
            await problem(response, 404, "peer_unknown")
    async with server.http() as stranger, stranger.delete(exchange.location) as response:
        await problem(response, 401, "token_missing")
        assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_offers_are_taken_as_sdp_only(encoder: ClientSession, player: ClientSession) -> None:
    for http, path in ((encoder, WHIP), (player, WHEP)):
        for kind in ("application/json", "text/plain", FRAGMENT["Content-Type"]):
            async with http.post(path, data="v=0", headers={"Content-Type": kind}) as response:
                detail = await problem(response, 415, "media_type_unsupported")
                assert "application/sdp" in detail


async def test_the_server_makes_no_offers(player: ClientSession) -> None:
    for headers in ({}, SDP):
        async with player.post(WHEP, headers=headers) as response:
            assert "no offers" in await problem(response, 406, "not_acceptable")


@pytest.mark.parametrize(
    ("path", "offer"),
    [
        (WHEP, offers.OBS),
        (WHIP, offers.FIREFOX),
        (WHIP, offers.OBS.replace("H264", "H265")),
        (WHIP, offers.OBS.replace("a=group:BUNDLE 0 1\n", "")),
    ],
)
async def test_no_session_is_half_a_success(
    encoder: ClientSession, player: ClientSession, path: str, offer: str
) -> None:
    http = encoder if path == WHIP else player
    async with http.post(path, data=offer, headers=SDP) as response:
        await problem(response, 422, "sdp_unsupported")


async def test_an_endpoint_has_nothing_to_get(
    server: RunningServer, encoder: ClientSession, player: ClientSession
) -> None:
    for http, path in ((encoder, WHIP), (player, WHEP)):
        for method in ("GET", "HEAD"):
            async with http.request(method, path) as response:
                assert (response.status, await response.read()) == (204, b"")
        for method in ("PUT", "DELETE", "PATCH"):
            async with http.request(method, path) as response:
                assert method in await problem(response, 405, "method_unsupported")
                assert set(response.headers["Allow"].split(",")) == {
                    "GET", "HEAD", "OPTIONS", "POST",
                }  # fmt: skip
    async with server.http() as stranger, stranger.get(WHEP) as response:
        await problem(response, 401, "token_missing")


async def test_options_tell_what_is_taken(server: RunningServer, exchange: Exchange) -> None:
    async with server.http() as stranger:
        for path in (WHIP, WHEP):
            async with stranger.options(path) as response:
                assert response.status == 200
                assert response.headers["Accept-Post"] == "application/sdp"
                assert "Link" not in response.headers
        async with stranger.options(exchange.location) as response:
            assert response.status == 200
            assert response.headers["Accept-Patch"] == FRAGMENT["Content-Type"]
            assert not any(name.startswith("Access-Control") for name in response.headers)


def preflight(method: str, *names: str) -> dict[str, str]:
    return {
        **FOREIGN,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": ",".join(names),
    }


async def test_a_page_of_another_origin_may_use_a_token(
    server: RunningServer, player: ClientSession
) -> None:
    async with (
        server.http() as http,
        http.options(WHEP, headers=preflight("POST", "authorization", "content-type")) as response,
    ):
        assert response.status == 200
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "POST" in response.headers["Access-Control-Allow-Methods"]
        assert "Authorization" in response.headers["Access-Control-Allow-Headers"]
        assert "Access-Control-Allow-Credentials" not in response.headers
    async with player.post(WHEP, data=offers.FIREFOX, headers={**SDP, **FOREIGN}) as response:
        assert response.status == 201
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        exposed = response.headers["Access-Control-Expose-Headers"]
        assert {"Location", "ETag", "Link"} <= set(exposed.split(", "))
        location = response.headers["Location"]
    asked = preflight("PATCH", "authorization", "content-type", "if-match")
    async with server.http() as http, http.options(location, headers=asked) as response:
        assert {"PATCH", "DELETE"} <= set(
            response.headers["Access-Control-Allow-Methods"].split(", ")
        )
        assert "If-Match" in response.headers["Access-Control-Allow-Headers"]
    async with player.post(WHEP, data="v=0", headers={**SDP, **FOREIGN}) as response:
        assert response.headers["Access-Control-Allow-Origin"] == "*", "it may read why not"
        await problem(response, 400, "sdp_malformed")
    async with player.delete(location, headers=FOREIGN) as response:
        assert response.status == 200


async def test_a_page_of_another_origin_may_not_use_a_cookie(server: RunningServer) -> None:
    stage = server.invite("stage")
    jar = aiohttp.CookieJar(unsafe=True)
    async with ClientSession(server.url, cookie_jar=jar) as browser:
        async with browser.get(stage["url"]) as response:
            key = response.url.query["k"]
        for asked in (preflight("POST", "content-type"), preflight("DELETE")):
            async with browser.options(WHEP, headers=asked) as response:
                assert not any(name.startswith("Access-Control") for name in response.headers)
        for path in (WHEP, f"{WHEP}?k={key}"):
            foreign = {**SDP, **FOREIGN}
            async with browser.post(path, data=offers.FIREFOX, headers=foreign) as response:
                await problem(response, 403, "origin_forbidden")
            async with browser.post(path, data=offers.FIREFOX, headers=SDP) as response:
                assert response.status == 201, "a page of our own may"
                location = response.headers["Location"]
        async with browser.delete(location, headers=FOREIGN) as response:
            await problem(response, 403, "origin_forbidden")
        async with browser.get("/healthz", headers=FOREIGN) as response:
            assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_bearer_token_counts_more_than_a_key(
    server: RunningServer, encoder: ClientSession
) -> None:
    async with encoder.post(WHIP + "?k=unknown", data=offers.OBS, headers=SDP) as response:
        assert response.status == 201
        location = response.headers["Location"]
    async with encoder.delete(location + "?k=unknown") as response:
        assert response.status == 200
    async with server.http() as http, http.post(WHIP + "?k=unknown", data="") as response:
        await problem(response, 401, "token_missing")
