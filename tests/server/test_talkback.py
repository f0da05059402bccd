"""Talkback over real sockets and media: who is told of it, and what is refused."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

from bridge.errors import Code
from tests.running import Client, RunningServer
from tests.server.test_line_messages import connected, received

SITE = "dien-bien"
TALKER = ("audio sendonly", "audio recvonly")
HOST = ("video sendonly", "audio sendonly", *["audio recvonly"] * 5)


async def talk(page: Client) -> dict[str, Any]:
    """Return what is heard next of a conversation, without what names it."""
    told = await received(page, "talk")
    return {name: value for name, value in told.items() if name not in {"type", "peer"}}


async def test_a_conversation_is_told_to_the_site_and_to_technicians(
    own_server: RunningServer,
) -> None:
    server = own_server
    technician = str(server.invite("technician", "", "--name", "Ông Sơn")["token"])
    colleague = str(server.invite("technician")["token"])
    host = str(server.invite("host", SITE)["token"])
    async with AsyncExitStack() as stack:

        async def page(token: str) -> Client:
            return await Client.hello(await stack.enter_async_context(server.socket(token)))

        talking = connected(server, technician, TALKER, "?talk=1&slots=")
        ours = await stack.enter_async_context(talking)
        theirs = await stack.enter_async_context(
            connected(server, colleague, TALKER, "?talk=1&slots=")
        )
        device = await stack.enter_async_context(connected(server, host, HOST, ""))
        at_technician, at_colleague, at_host = (
            await page(technician),
            await page(colleague),
            await page(host),
        )
        other = await page(str(server.invite("host", "son-la")["token"]))

        await at_technician.tell("talk_to", peer=ours, site=SITE, speaking=True)
        spoken = {"site": SITE, "by": "Ông Sơn", "speaking": True}
        for one in (at_technician, at_colleague, at_host):
            assert await talk(one) == spoken
        asked = await received(at_host, "action")
        assert (asked["action"], asked["value"], asked["state"]) == ("talk", "on", "sent")
        await at_host.tell("action_done", action_id=asked["id"], ok=True)

        await at_colleague.tell("talk_to", peer=theirs, site=SITE, speaking=True)
        assert (await received(at_colleague, "nack"))["code"] == Code.TALK_BUSY
        await at_colleague.tell("talk_to", peer=ours, site=SITE, speaking=True)
        assert (await received(at_colleague, "nack"))["code"] == Code.PEER_UNKNOWN
        await at_technician.tell("talk_to", peer=ours, site="atlantis")
        assert (await received(at_technician, "nack"))["code"] == Code.SITE_UNKNOWN

        await at_host.tell("talk_answer", peer=device, on=True)
        assert await talk(at_host) == {**spoken, "answering": True}
        late = await page(host)
        assert await talk(late) == {**spoken, "answering": True}, "whoever comes later is told"
        await at_technician.tell("talk_to", peer=ours, site="")
        assert await talk(late) == {"site": SITE}
        assert await talk(at_colleague) == {**spoken, "answering": True}
        assert await talk(at_colleague) == {"site": SITE}
        await other.tell("nonsense")
        while (heard := await other.receive())["type"] != "nack":
            assert heard["type"] not in {"talk", "action"}, "it is nobody else's concern"


async def test_nobody_answers_while_the_conference_hears_the_site(server: RunningServer) -> None:
    host = str(server.invite("host", "ha-noi")["token"])
    moderator = str(server.invite("moderator")["token"])
    async with (
        connected(server, host, HOST, "") as device,
        server.socket(host) as socket,
        server.socket(moderator) as another,
    ):
        page, other = await Client.hello(socket), await Client.hello(another)
        assert page.view["microphone_open"], "the venue's is always open"
        await page.tell("talk_answer", peer=device, on=True)
        assert (await received(page, "nack"))["code"] == Code.TALK_ON_AIR
        await other.tell("talk_to", peer=device, site="ha-noi")
        assert (await received(other, "nack"))["code"] == Code.PEER_UNKNOWN
        await page.tell("talk_to", peer=device, site="ha-noi", speaking=True)
        assert (await received(page, "nack"))["code"] == Code.ROLE_FORBIDDEN
