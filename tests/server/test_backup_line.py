"""A site's second device: the link it comes by, and who may choose between devices."""

from __future__ import annotations

from contextlib import AsyncExitStack

from bridge.errors import Code
from tests.media.client import PUBLISHER, offer_text
from tests.running import Client, RunningServer
from tests.server.test_phones import Phone, qr, scan


async def test_the_host_shows_its_own_link_for_a_second_device(server: RunningServer) -> None:
    host = server.invite("host", "dien-bien")
    status, said = await qr(server, host["token"], "?backup=1", Accept="application/json")
    assert status == 200
    assert said["url"] == f"{host['url']}?backup=1"
    assert scan((await qr(server, host["token"], "?backup=1"))[1]) == said["url"]
    async with AsyncExitStack() as stack:
        phone = Phone(server)
        await stack.enter_async_context(phone.http)
        status, page = await phone.open(said["url"])
        assert status == 200
        assert "/static/js/backup/main.js" in page
        assert phone.token == host["token"], "whoever withdraws the link sends both away"
        status, page = await phone.open(host["url"])
        assert "/static/js/host/main.js" in page
        async with phone.http.get(f"{server.url}/qr/plenary?backup=1") as response:
            assert response.status == 200, "a browser shows it by its cookie"


async def test_nobody_else_shows_or_uses_such_a_link(server: RunningServer) -> None:
    for role, site in (("moderator", ""), ("technician", ""), ("stage", "")):
        token = server.invite(role, site)["token"]
        assert (await qr(server, token, "?backup=1&site=dien-bien"))[0] == 403
    async with AsyncExitStack() as stack:
        phone = Phone(server)
        await stack.enter_async_context(phone.http)
        _, page = await phone.open(f"{server.invite('stage')['url']}?backup=1")
        assert "/static/js/stage/main.js" in page


async def device(server: RunningServer, token: str, path: str) -> str:
    """Join with media that never come; return the id of the peer."""
    offer = offer_text(PUBLISHER, ufrag="abcd", password="a" * 24)
    headers = {"Content-Type": "application/sdp"}
    async with (
        server.http(token) as http,
        http.post(path, data=offer, headers=headers) as response,
    ):
        assert response.status == 201
        return response.headers["Location"].rpartition("/")[2]


async def refusal(page: Client, peer: str) -> str:
    """Ask for a device, then say nonsense; return the code of what was refused first."""
    await page.tell("use_device", peer=peer)
    await page.tell("nonsense")
    while (message := await page.receive())["type"] != "nack":
        continue
    code = str(message["code"])
    if code != Code.COMMAND_UNKNOWN:  # so the nonsense is refused as well
        while (message := await page.receive())["type"] != "nack":
            continue
        assert message["code"] == Code.COMMAND_UNKNOWN
    return code


async def test_who_may_choose_a_device(own_server: RunningServer) -> None:
    server = own_server
    host = server.invite("host", "dien-bien")["token"]
    main = await device(server, host, "/media/plenary")
    backup = await device(server, host, "/media/plenary?backup=1")
    encoder = await device(server, host, "/whip/plenary/dien-bien?backup=1")
    async with AsyncExitStack() as stack:

        async def page(role: str, site: str = "") -> Client:
            token = server.invite(role, site)["token"]
            return await Client.hello(await stack.enter_async_context(server.socket(token)))

        technician = await page("technician")
        await technician.until(lambda p: len(p.links.get("dien-bien", {}).get("lines", [])) == 3)
        ranks = {line["peer"]: line.get("rank") for line in technician.links["dien-bien"]["lines"]}
        assert ranks == {main: None, backup: "backup", encoder: "backup"}

        for who in (technician, await page("moderator"), await page("host", "dien-bien")):
            assert await refusal(who, backup) == Code.COMMAND_UNKNOWN, "the nonsense alone"
            assert await refusal(who, "nobody") == Code.PEER_UNKNOWN
        assert await refusal(await page("host", "son-la"), backup) == Code.PEER_UNKNOWN
        assert await refusal(await page("stage"), backup) == Code.ROLE_FORBIDDEN
