"""Delegates' phones: many by one link, each with its own key, and no further than that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import aiohttp
import pytest
import zxingcpp
from PIL import Image
from websockets.exceptions import InvalidStatus

from bridge.cli import main
from bridge.errors import Code
from bridge.server.sockets import PHONE_SOCKETS
from tests.running import Client, RunningServer

SVG = "{http://www.w3.org/2000/svg}"
PIXELS = 4  # of one module of a code
SDP = {"Content-Type": "application/sdp"}


class Phone:
    """A browser on a phone: keeps its cookies."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.jar = aiohttp.CookieJar(unsafe=True)
        self.http = aiohttp.ClientSession(cookie_jar=self.jar)
        self.key = ""

    async def open(self, url: str) -> tuple[int, str]:
        """Open a join link; return status and page."""
        async with self.http.get(url) as response:
            self.key = response.url.query.get("k", "")
            return response.status, await response.text()

    @property
    def token(self) -> str:
        """The token in the cookie, which only its browser knows."""
        return next(cookie.value for cookie in self.jar if cookie.key == f"dc_{self.key}")


async def phone_with(stack: AsyncExitStack, server: RunningServer, url: str) -> Phone:
    phone = Phone(server)
    await stack.enter_async_context(phone.http)
    status, _ = await phone.open(url)
    assert status == 200
    return phone


async def page_of(stack: AsyncExitStack, server: RunningServer, token: str) -> Client:
    return await Client.hello(await stack.enter_async_context(server.socket(token)))


def scan(svg: bytes) -> str:
    """Draw the code as a browser would, and read it as a phone would."""
    root = ET.fromstring(svg)
    size = int(float(root.attrib["viewBox"].split()[2]))
    assert "width" not in root.attrib  # it takes the size it is given
    light, dark = root.findall(f"{SVG}path")
    assert (light.attrib["fill"], dark.attrib["stroke"]) == ("#fff", "#000")
    picture = Image.new("L", (size, size), 255)
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([^Mmh]*)", dark.attrib["d"]):
        values = [float(value) for value in numbers.split()]
        if command == "h":
            for at in range(int(values[0])):
                picture.putpixel((int(x) + at, int(y)), 0)
            x += values[0]
        else:
            dx, dy = values
            x, y = (dx, dy) if command == "M" else (x + dx, y + dy)
    larger = picture.resize((size * PIXELS, size * PIXELS), Image.Resampling.NEAREST)
    found = zxingcpp.read_barcodes(larger)
    assert len(found) == 1
    return str(found[0].text)


@pytest.fixture
def link(server: RunningServer) -> str:
    return str(server.invite("delegate", "dien-bien")["url"])


async def qr(server: RunningServer, token: str, query: str = "", **headers: str) -> tuple[int, Any]:
    async with (
        server.http(token) as http,
        http.get(f"/qr/plenary{query}", headers=headers) as response,
    ):
        assert response.status >= 400 or response.headers["Cache-Control"] == "no-store"
        json = response.content_type.endswith("json")
        return response.status, await (response.json() if json else response.read())


async def test_every_phone_gets_a_key_of_its_own_and_keeps_it(
    server: RunningServer, link: str
) -> None:
    async with AsyncExitStack() as stack:
        first, second = [await phone_with(stack, server, link) for _ in range(2)]
        assert first.key != second.key
        key, token = first.key, first.token
        status, page = await first.open(link)  # the code again, on the same phone
        assert (status, first.key, first.token) == (200, key, token)
        assert '"site": "dien-bien"' in page
        assert f'"key": "{key}"' in page
        await second.open(server.invite("delegate", "son-la")["url"])
        await second.open(server.invite("delegate", "dien-bien", "--ttl", "1h")["url"])
        cookies = [cookie.key for cookie in second.jar if cookie.key.startswith("dc_")]
        assert len(cookies) == 3  # another link is another key


async def test_a_phone_touches_only_what_it_asked_for(own_server: RunningServer) -> None:
    server = own_server
    link = server.invite("delegate", "dien-bien")["url"]
    async with AsyncExitStack() as stack:
        one, two = [await phone_with(stack, server, link) for _ in range(2)]
        first, second = [await page_of(stack, server, phone.token) for phone in (one, two)]
        moderator = await page_of(stack, server, server.invite("moderator")["token"])
        assert first.you == {"role": "delegate", "site": "dien-bien", "key": one.key}

        ask = {"title": "Phó Giám đốc Sở", "topic": "Cà phê Mường Ảng"}
        sent = await first.command("request_floor", name="Quàng Thị Phượng", **ask)
        assert sent["type"] == "ack"
        await second.until(lambda page: page.view["mine"])
        (request,) = second.view["mine"]
        assert second.view["requests"][request]["by"] == one.key
        changed = {"request": request, "name": "Người khác", "title": "", "topic": ""}
        for kind, fields in (("cancel_request", {"request": request}), ("edit_request", changed)):
            refused = await second.command(kind, **fields)
            assert (refused["type"], refused["code"]) == ("nack", Code.NOT_YOURS)

        await moderator.until(lambda page: page.view["pending"] == [request])
        await moderator.command("accept_request", request=request)
        await first.until(lambda page: page.view["positions"].get(request) == 1)
        corrected = {**changed, **ask, "name": "Quàng Thị Phương"}
        assert (await first.command("edit_request", **corrected))["type"] == "ack"
        assert (await first.command("cancel_request", request=request))["type"] == "ack"
        await moderator.until(lambda page: not page.view["queue"])

        for n in range(3):
            assert (await first.command("request_floor", name=f"Đại biểu {n}"))["type"] == "ack"
        refused = await first.command("request_floor", name="Một người nữa")
        assert refused["code"] == Code.TOO_MANY_REQUESTS
        assert "Điện thoại này đã có 3 đăng ký" in refused["message"]
        refused = await first.command("request_floor", name="Ông Bình", site="son-la")
        assert refused["code"] == Code.NOT_YOURS


async def test_what_a_phone_may_not_do(server: RunningServer, link: str) -> None:
    async with AsyncExitStack() as stack:
        phone = await phone_with(stack, server, link)
        page = await page_of(stack, server, phone.token)
        for kind, fields in (
            ("grant_floor", {"request": "r1"}),
            ("accept_request", {"request": "r1"}),
            ("release_floor", {"request": "r1"}),
            ("confirm_return", {"request": "r1"}),
            ("return_to_queue", {"request": "r1"}),
            ("set_list", {"state": "closed"}),
            ("take", {"source": "camera:dien-bien"}),
            ("start_item", {"item": "opening"}),
            ("set_policy", {"change": {"auto_accept": True}}),
            ("undo", {"rev": 1}),
        ):
            refused = await page.command(kind, **fields)
            assert (kind, refused["code"]) == (kind, Code.ROLE_FORBIDDEN)
        assert not {"preview", "queue", "pending", "policy", "ledger"} & set(page.view)
        assert page.links == {}  # what the line of the site carries is the host's to know

        http = await stack.enter_async_context(server.http(phone.token))
        for path in ("/media/plenary", "/whep/plenary", "/whip/plenary/dien-bien"):
            async with http.post(path, data="v=0", headers=SDP) as response:
                assert (path, response.status) == (path, 403)
                assert (await response.json(content_type=None))["code"] == Code.ROLE_FORBIDDEN
        for path in ("/host", "/moderator", "/technician", "/stage"):
            async with http.get(path) as response:
                assert (path, response.status) == (path, 403)
            async with phone.http.get(f"{server.url}{path}?k={phone.key}") as response:
                assert (path, response.status) == (path, 403)
        async with http.get("/qr/plenary") as response:
            assert response.status == 403
        for role, site in (("host", "dien-bien"), ("moderator", ""), ("stage", "")):
            other = await stack.enter_async_context(server.http(server.invite(role, site)["token"]))
            async with other.get("/delegate") as response:
                assert (role, response.status) == (role, 403)


async def test_the_link_of_many_is_nobodys_key(server: RunningServer, link: str) -> None:
    for shared in (
        server.invite("delegate", "dien-bien", "--ttl", "1h")["token"],
        link.rpartition("/j/")[2],
    ):
        with pytest.raises(InvalidStatus) as refused:
            async with server.socket(shared):
                pass
        assert refused.value.response.status_code in {401, 403}
        async with server.http(shared) as http:
            for path in ("/delegate", "/host", "/qr/plenary"):
                async with http.get(path) as response:
                    assert response.status in {401, 403}


async def test_withdrawing_the_link_sends_all_its_phones_away(own_server: RunningServer) -> None:
    server = own_server
    host = server.invite("host", "dien-bien")["token"]
    url = (await qr(server, host, Accept="application/json"))[1]["url"]
    assert url == server.invite("delegate", "dien-bien")["url"]
    other = server.invite("delegate", "dien-bien", "--ttl", "1h")["url"]
    async with AsyncExitStack() as stack:
        gone = [await phone_with(stack, server, url) for _ in range(2)]
        pages = [await page_of(stack, server, phone.token) for phone in gone]
        staying = await phone_with(stack, server, other)
        stays = await page_of(stack, server, staying.token)
        await pages[0].command("request_floor", name="Quàng Thị Phượng")

        assert main(["revoke", url, "--data", str(server.data)]) == 0
        for page in pages:
            code, _ = await page.until_closed()
            assert code == 4401
        for phone in gone:
            status, text = await phone.open(f"{server.url}/delegate?k={phone.key}")
            assert status == 401
            assert "đã bị thu hồi" in text
        status, _ = await gone[0].open(url)
        assert status == 401
        # Those that came by another link stay.
        answer = await stays.command("request_floor", name="Ông Bình")
        assert answer["type"] == "ack"

        new = (await qr(server, host, Accept="application/json"))[1]["url"]
        assert new != url
        status, _ = await gone[0].open(new)
        assert status == 200
        first = await page_of(stack, server, gone[0].token)
        (asked, _) = sorted(first.view["mine"])
        assert (
            first.view["requests"][asked]["by"] != gone[0].key
        )  # what was asked stays with the old key


async def test_the_code_leads_to_the_page(server: RunningServer) -> None:
    host = server.invite("host", "dien-bien")["token"]
    status, svg = await qr(server, host)
    assert status == 200
    status, said = await qr(server, host, Accept="application/json")
    assert status == 200
    assert said["site"] == "dien-bien"
    assert scan(svg) == said["url"]
    assert said["url"].startswith(f"{server.url}/j/plenary/dien-bien/")
    assert (await qr(server, host))[1] == svg  # as printed, so it stays
    async with AsyncExitStack() as stack:
        phone = await phone_with(stack, server, scan(svg))
        assert phone.key


async def test_who_is_given_which_code(server: RunningServer) -> None:
    host = server.invite("host", "dien-bien")["token"]
    moderator = server.invite("moderator")["token"]
    assert (await qr(server, host, "?site=dien-bien"))[0] == 200
    assert (await qr(server, host, "?site=son-la"))[0] == 403
    status, svg = await qr(server, moderator, "?site=son-la")
    assert status == 200
    assert "/son-la/" in scan(svg)
    for query in ("", "?site=atlantis"):
        status, said = await qr(server, moderator, query)
        assert (status, said["code"]) == (404, Code.SITE_UNKNOWN)
        assert "dien-bien" in said["detail"]
    assert (await qr(server, ""))[0] == 401
    for role in ("technician", "stage"):
        assert (await qr(server, server.invite(role)["token"]))[0] == 403
    async with server.http(host) as http, http.get("/qr/nowhere") as response:
        assert response.status == 404


async def test_links_that_are_none(server: RunningServer) -> None:
    async with AsyncExitStack() as stack:
        phone = Phone(server)
        await stack.enter_async_context(phone.http)
        for wrong in ("a/b/c", "plenary/dien-bien/", "plenary/%ff/x", "plenary%2Fdien-bien%2F2"):
            status, page = await phone.open(f"{server.url}/j/{wrong}")
            assert (wrong, status) == (wrong, 401)
            assert "không đúng" in page


@pytest.fixture
def public(tmp_path: Path) -> Iterator[RunningServer]:
    server = RunningServer(tmp_path / "data", arguments=("--public-url", "https://cau.example.vn"))
    server.start()
    yield server
    server.stop()


async def test_the_code_has_the_public_address_and_survives_a_restart(
    public: RunningServer,
) -> None:
    host = public.invite("host", "dien-bien")["token"]
    svg = (await qr(public, host))[1]
    assert scan(svg).startswith("https://cau.example.vn/j/plenary/dien-bien/")
    public.kill()
    public.start()
    assert (await qr(public, host))[1] == svg


async def test_a_program_cannot_make_keys_without_end(own_server: RunningServer) -> None:
    server = own_server
    link = server.invite("delegate", "dien-bien")["url"]
    statuses: list[int] = []
    page = ""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        while 429 not in statuses and len(statuses) < 2000:
            async with http.get(link, allow_redirects=False) as response:
                statuses.append(response.status)
                page = await response.text()
        assert statuses.count(302) >= 300  # a full hall behind one address
        assert statuses[-1] == 429
        assert "Xin chờ một phút rồi quét lại" in page
        async with http.get(
            server.invite("delegate", "son-la")["url"], allow_redirects=False
        ) as response:
            assert response.status == 302  # another hall behind the same proxy


async def test_one_phone_opens_few_sockets_and_many_phones_many(
    server: RunningServer, link: str
) -> None:
    async with AsyncExitStack() as stack:
        phone = await phone_with(stack, server, link)
        sockets = [
            await stack.enter_async_context(server.socket(phone.token))
            for _ in range(PHONE_SOCKETS)
        ]
        with pytest.raises(InvalidStatus) as refused:
            await stack.enter_async_context(server.socket(phone.token))
        assert refused.value.response.status_code == 503
        assert b"too_many_peers" in (refused.value.response.body or b"")
        neighbour = await phone_with(stack, server, link)
        await page_of(stack, server, neighbour.token)
        await sockets[0].close()
        await page_of(stack, server, phone.token)  # as soon as one is closed


async def test_phones_are_no_devices_of_the_site(own_server: RunningServer) -> None:
    server = own_server
    link = server.invite("delegate", "dien-bien")["url"]
    async with AsyncExitStack() as stack:
        technician = await page_of(stack, server, server.invite("technician")["token"])
        phone = await phone_with(stack, server, link)
        page = await page_of(stack, server, phone.token)
        await page_of(stack, server, server.invite("host", "dien-bien")["token"])
        await technician.until(lambda one: one.links.get("dien-bien", {}).get("pages"))
        assert technician.links["dien-bien"]["pages"] == 1
        for _ in range(2):  # signs of life, so that a dead line is noticed
            while (message := await page.receive())["type"] != "links":
                pass
            assert message["sites"] == {}


def test_invite_says_what_is_missing(
    server: RunningServer, capsys: pytest.CaptureFixture[str]
) -> None:
    invite = ["invite", "--role", "delegate", "--data", str(server.data)]
    assert main(invite) == 2
    assert "A delegate needs a site. Give one with --site" in capsys.readouterr().err
    assert main([*invite, "--site", "dien-bien", "--name", "Bà Phượng"]) == 2
    assert "leave --name out" in capsys.readouterr().err
    assert main([*invite, "--site", "dien-bien", "--qr"]) == 0
    assert "/j/plenary/dien-bien/" in capsys.readouterr().out
    assert main(["revoke", "plenary/dien-bien/2222-2222-2222", "--data", str(server.data)]) == 2
    assert "not valid" in capsys.readouterr().err
