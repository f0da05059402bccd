"""Technicians act on sites over real sockets: told, answered, refused, kept over a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection

from tests.media.client import PUBLISHER
from tests.media.client import Client as Device
from tests.running import Client, RunningServer
from tests.server.test_line_messages import connected

SITE = "dien-bien"


class Page(Client):
    """A page that also keeps what it hears of actions."""

    def __init__(self, socket: ClientConnection) -> None:
        super().__init__(socket)
        self.actions: list[dict[str, Any]] = []

    async def receive(self, timeout_s: float = 10.0) -> dict[str, Any]:
        message = await super().receive(timeout_s)
        if message["type"] == "action":
            self.actions.append(message)
        return message

    async def heard(self, **fields: object) -> dict[str, Any]:
        """Wait for an action like this and return it."""

        def found(_page: object) -> list[dict[str, Any]]:
            return [one for one in self.actions if fields.items() <= one.items()]

        await self.until(found)
        return found(self)[-1]


async def opened(socket: ClientConnection) -> Page:
    """Say hello and wait for the view."""
    page = Page(socket)
    await page.tell("hello")
    await page.until(lambda one: one.rev >= 0)
    return page


async def pages(stack: AsyncExitStack, server: RunningServer, *who: tuple[str, str]) -> list[Page]:
    made: list[Page] = []
    for role, site in who:
        name = ("--name", "Ông Sơn") if role == "technician" else ()
        token = server.invite(role, site, *name)["token"]
        made.append(await opened(await stack.enter_async_context(server.socket(token))))
    return made


TECHNICIAN, MODERATOR, HOST = ("technician", ""), ("moderator", ""), ("host", SITE)


async def test_a_page_is_asked_and_its_answer_is_told_to_all_technicians(
    server: RunningServer,
) -> None:
    async with AsyncExitStack() as stack:
        ours, theirs, host, other = await pages(
            stack, server, TECHNICIAN, TECHNICIAN, HOST, ("host", "son-la")
        )
        assert (await ours.command("site_action", site=SITE, action="reconnect"))["type"] == "ack"
        asked = await host.heard(action="reconnect")
        assert asked == {
            "type": "action",
            "id": asked["id"],
            "site": SITE,
            "action": "reconnect",
            "by": "Ông Sơn",
            "at": asked["at"],
            "state": "sent",
        }
        for page in (ours, theirs):
            assert (await page.heard(id=asked["id"]))["state"] == "sent"
        await other.tell("action_done", action_id=asked["id"], ok=True)  # not its own
        await host.tell("action_done", action_id=asked["id"], ok=False, detail="unreachable")
        for page in (ours, theirs):
            told = await page.heard(id=asked["id"], state="failed")
            assert told["detail"] == "unreachable"
        assert other.actions == []
        [late] = await pages(stack, server, TECHNICIAN)
        assert await late.heard(id=asked["id"], state="failed"), "whoever comes later is told"


async def test_muting_holds_at_once_and_moderator_and_host_see_it(server: RunningServer) -> None:
    async with AsyncExitStack() as stack:
        technician, moderator, host = await pages(stack, server, TECHNICIAN, MODERATOR, HOST)
        await technician.command("site_action", site=SITE, action="mute", value="on")
        await moderator.until(lambda p: p.view["orders"] == {SITE: {"muted": True}})
        await host.until(lambda p: p.view["orders"] == {"muted": True})
        asked = await host.heard(action="mute", value="on")
        await host.tell("action_done", action_id=asked["id"], ok=True)
        await technician.heard(id=asked["id"], state="done")
        await technician.until(lambda p: p.links[SITE].get("muted"))
        await technician.command("site_action", site=SITE, action="mute", value="off")
        await moderator.until(lambda p: p.view["orders"] == {})


async def test_orders_and_caps_survive_a_restart(own_server: RunningServer) -> None:
    server = own_server
    technician = server.invite("technician")["token"]
    async with server.socket(technician) as socket:
        page = await opened(socket)
        await page.command("site_action", sites=[SITE, "son-la"], action="mute", value="on")
        await page.command("site_action", site="son-la", action="audio_only", value="both")
        await page.command("site_action", site=SITE, action="cap", value="400")
        assert (await page.heard(action="cap"))["detail"] == "no_page", "the order holds anyway"
        await page.until(lambda p: "cap_kbps" in p.view["orders"][SITE])
        orders = page.view["orders"]
        server.kill()
    await asyncio.to_thread(server.start)
    async with server.socket(technician) as socket:
        page = await opened(socket)
        assert page.view["orders"] == orders
        assert orders[SITE] == {"muted": True, "cap_kbps": 400}
        assert orders["son-la"] == {"muted": True, "audio_only": "both"}
        assert page.actions == []


async def test_the_same_message_twice_is_carried_out_once(server: RunningServer) -> None:
    async with AsyncExitStack() as stack:
        technician, host = await pages(stack, server, TECHNICIAN, HOST)
        fields = {"site": SITE, "action": "note", "value": "Tắt quạt giúp", "cmd_id": "once"}
        for _ in range(2):
            assert (await technician.command("site_action", **fields))["type"] == "ack"
        note = await host.heard(action="note")
        await technician.command("site_action", site=SITE, action="reconnect")
        await host.heard(action="reconnect")
        assert [one["action"] for one in host.actions] == ["note", "reconnect"]
        await host.tell("action_done", action_id=note["id"], ok=True, detail="shown")
        await technician.heard(id=note["id"], state="shown")
        [again] = await pages(stack, server, HOST)
        assert (await again.heard(id=note["id"]))["value"] == "Tắt quạt giúp", "not read yet"
        await again.tell("action_done", action_id=note["id"], ok=True, detail="read")
        await technician.heard(id=note["id"], state="done")


async def test_a_page_that_does_not_answer_and_a_site_without_one(server: RunningServer) -> None:
    async with AsyncExitStack() as stack:
        technician, _silent = await pages(stack, server, TECHNICIAN, HOST)
        await technician.command("site_action", sites=[SITE, "lai-chau"], action="layer", value="q")
        assert (await technician.heard(site="lai-chau"))["detail"] == "no_page"
        told = await technician.heard(site=SITE, action="layer", state="failed")
        assert told["detail"] == "no_answer"
        await technician.command("site_action", sites=[SITE, "lai-chau"], action="layer", value="")


async def test_another_line_of_a_site_is_taken_or_why_not(server: RunningServer) -> None:
    token = str(server.invite("host", SITE)["token"])
    async with AsyncExitStack() as stack:
        technician, host = await pages(stack, server, TECHNICIAN, HOST)
        wanted = {"action": "line", "value": "backup"}
        await technician.command("site_action", site=SITE, **wanted)
        assert (await technician.heard(site=SITE, **wanted))["detail"] == "no_line"
        assert host.actions == [], "a page is not asked for what there is not"

        main = await stack.enter_async_context(sending(server, token, ""))
        await technician.until(lambda p: publisher(p) == main)
        spare = await stack.enter_async_context(sending(server, token, "?backup=1"))
        silent = str(server.invite("host", "son-la")["token"])
        await stack.enter_async_context(connected(server, silent, PUBLISHER, "?backup=1"))
        await technician.until(lambda p: ranks(p, "son-la") == {"backup": False})
        await technician.until(lambda p: ranks(p, SITE) == {"main": True, "backup": True})
        await technician.command("site_action", sites=[SITE, "son-la"], **wanted)
        refused = await technician.heard(site="son-la", **wanted)
        assert (refused["state"], refused["detail"]) == ("failed", "line_silent")
        asked = await host.heard(site=SITE, state="sent", **wanted)
        await host.tell("action_done", action_id=asked["id"], ok=True)
        await technician.heard(id=asked["id"], state="done")
        await technician.until(lambda p: publisher(p) == spare)
        assert technician.links[SITE]["taken_by"] == "technician"

        await technician.command("site_action", site=SITE, action="line", value=main)
        assert await host.heard(action="line", value="main"), "an id is told as what it is"
        await technician.until(lambda p: publisher(p) == main)


def publisher(page: Client) -> str:
    return str(page.links.get(SITE, {}).get("publisher", ""))


def ranks(page: Client, site: str) -> dict[str, bool]:
    """Return which devices of a site send."""
    lines = page.links.get(site, {}).get("lines", [])
    return {line.get("rank", "main"): line.get("sending", False) for line in lines}


@asynccontextmanager
async def sending(server: RunningServer, token: str, query: str) -> AsyncIterator[str]:
    """Connect a device that sends sound all the while; give the id of its peer."""
    async with connected(server, token, PUBLISHER, query, (device := Device(PUBLISHER))) as peer:

        async def send() -> None:
            for number in count(1):
                device.send_rtp(device.packet(1, number, number * 960, b"sound", level=30))
                await asyncio.sleep(0.02)

        task = asyncio.create_task(send())
        try:
            yield peer
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    ("role", "message", "code"),
    [
        ("moderator", {"site": SITE, "action": "reload"}, "role_forbidden"),
        ("host", {"site": SITE, "action": "mute", "value": "off"}, "role_forbidden"),
        ("technician", {"site": "atlantis", "action": "reload"}, "site_unknown"),
        ("technician", {"action": "reload"}, "field_invalid"),
        ("technician", {"site": SITE, "action": "explode"}, "field_invalid"),
        ("technician", {"site": SITE, "action": "mute", "value": "maybe"}, "field_invalid"),
        ("technician", {"site": SITE, "action": "cap", "value": "-1"}, "field_invalid"),
        ("technician", {"site": SITE, "action": "cap", "value": "1000000000"}, "field_invalid"),
        ("technician", {"site": SITE, "action": "note", "value": "x" * 201}, "field_invalid"),
    ],
)
async def test_actions_that_are_refused(
    server: RunningServer, role: str, message: dict[str, Any], code: str
) -> None:
    async with AsyncExitStack() as stack:
        [page] = await pages(stack, server, (role, SITE if role == "host" else ""))
        answer = await page.command("site_action", **message)
        assert (answer["type"], answer["code"]) == ("nack", code)
