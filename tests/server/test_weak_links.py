"""Moderators are asked before they rely on a link that was lost; over real sockets and media."""

from __future__ import annotations

from bridge.errors import Code
from tests.running import Client, RunningServer
from tests.server.test_line_messages import joined

SITE = "dien-bien"


def connected(page: Client) -> bool:
    return bool(page.links.get(SITE, {}).get("connected"))


async def test_a_lost_site_is_taken_only_when_that_is_meant(own_server: RunningServer) -> None:
    server = own_server
    async with server.socket(str(server.invite("moderator")["token"])) as socket:
        moderator = await Client.hello(socket)
        answer = await moderator.command("take", source=f"camera:{SITE}")
        assert answer["type"] == "ack", "a site that never came is no surprise"
        await moderator.command("take", source="camera:ha-noi")
        async with joined(server, str(server.invite("host", SITE)["token"])):
            await moderator.until(connected)
        await moderator.until(lambda page: not connected(page))
        answer = await moderator.command("take", source=f"camera:{SITE}")
        assert (answer["type"], answer["code"]) == ("nack", Code.LINK_BAD)
        assert answer["message"] == "Điểm cầu này đang mất tín hiệu."
        assert moderator.view["program"]["site"] == "ha-noi"
        assert (await moderator.command("take", source=f"slate:{SITE}"))["type"] == "ack"
        await moderator.command("take", source="camera:ha-noi")
        answer = await moderator.command("take", source=f"camera:{SITE}", override=True)
        assert answer["type"] == "ack"


async def test_the_following_one_is_called_and_the_place_kept(server: RunningServer) -> None:
    async with server.socket(str(server.invite("moderator")["token"])) as socket:
        moderator = await Client.hello(socket)
        for site in (SITE, "son-la"):
            await moderator.command("request_floor", name="Ông Một", site=site)
        await moderator.until(lambda page: len(page.view["queue"]) == 2)
        first, second = moderator.view["queue"]
        await moderator.command("call_on_deck", request=first)
        before = moderator.rev
        done = await moderator.command("call_following", request=first, following=second)
        assert done["type"] == "ack"
        assert done["rev"] == before + 1, "one entry of the log"
        await moderator.until(lambda page: page.rev >= done["rev"])
        assert moderator.view["queue"] == [first, second]
        assert [moderator.view["requests"][one]["state"] for one in (first, second)] == [
            "queued",
            "checking",
        ]
