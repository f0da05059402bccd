"""The floor over real websockets: order, winners, idempotence, resuming."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack

from tests.running import Client, RunningServer


async def open_pages(stack: AsyncExitStack, server: RunningServer, *tokens: str) -> list[Client]:
    pages = []
    for token in tokens:
        socket = await stack.enter_async_context(server.socket(token))
        pages.append(await Client.hello(socket))
    return pages


async def test_a_session_begins_with_the_venue_on_program(own_server: RunningServer) -> None:
    async with AsyncExitStack() as stack:
        stage, moderator = await open_pages(
            stack,
            own_server,
            own_server.invite("stage")["token"],
            own_server.invite("moderator")["token"],
        )
        assert stage.view["program"]["source"] == "camera:ha-noi"
        assert stage.view["venue"] == "ha-noi"
        assert moderator.view["list_state"] == "open"
        co_chairs = [code for code, site in moderator.view["sites"].items() if site["co_chair"]]
        assert len(co_chairs) == 2
        assert moderator.view["microphones"][0] == "ha-noi"
        assert sorted(moderator.view["microphones"][1:]) == sorted(co_chairs)


async def test_story_of_a_request(own_server: RunningServer) -> None:
    server = own_server
    async with AsyncExitStack() as stack:
        host, other, moderator, colleague = await open_pages(
            stack,
            server,
            server.invite("host", "dien-bien")["token"],
            server.invite("host", "son-la")["token"],
            server.invite("moderator", "", "--name", "Bà Hương")["token"],
            server.invite("moderator")["token"],
        )
        sent = await host.command(
            "request_floor", name="Lò Thị Minh Nguyệt", title="Phó Giám đốc", topic="Vùng cao"
        )
        assert sent["type"] == "ack"
        await other.command("request_floor", name="Ông Bình")
        await moderator.until(lambda page: len(page.view["pending"]) == 2)
        first, second = moderator.view["pending"]
        assert moderator.view["requests"][first]["site"] == "dien-bien"
        for request in (first, second):
            assert (await moderator.command("accept_request", request=request))["type"] == "ack"
        await host.until(lambda page: page.view["waiting"] == 2)
        assert host.view["positions"] == {first: 1}
        assert second not in host.view["requests"]  # others' requests are not theirs to see

        await moderator.command("move_request", request=second, before=first)
        await host.until(lambda page: page.view["positions"].get(first) == 2)

        answers = await asyncio.gather(
            moderator.command("grant_floor", request=first, override=True),
            colleague.command("grant_floor", request=second, override=True),
        )
        assert sorted(answer["type"] for answer in answers) == ["ack", "nack"]
        loser = next(answer for answer in answers if answer["type"] == "nack")
        assert loser["code"] == "floor_busy"
        winner = first if answers[0]["type"] == "ack" else second
        name = moderator.view["requests"][winner]["name"]
        assert name in loser["message"]
        await colleague.until(lambda page: page.view["speaking"] == [winner])
        site = moderator.view["requests"][winner]["site"]
        assert colleague.view["program"]["source"] == f"camera:{site}"
        assert site in colleague.view["microphones"]

        speaker = host if winner == first else other
        await speaker.until(lambda page: page.view["microphone_open"])
        await moderator.command("revoke_floor", request=winner)  # no sound came: at once
        await speaker.until(lambda page: not page.view["microphone_open"])
        assert speaker.view["requests"][winner]["status"] == "revoked"
        await colleague.until(lambda page: page.view["program"]["source"] == "camera:ha-noi")


async def test_the_same_command_twice_has_one_effect(server: RunningServer) -> None:
    async with AsyncExitStack() as stack:
        (moderator,) = await open_pages(stack, server, server.invite("moderator")["token"])
        fields = {"name": "Ông Tư", "site": "lai-chau", "cmd_id": "only-once"}
        first = await moderator.command("request_floor", **fields)
        again = await moderator.command("request_floor", **fields)
        assert first["rev"] == again["rev"]
        await moderator.until(lambda page: page.rev >= first["rev"])
        names = [request["name"] for request in moderator.view["requests"].values()]
        assert names.count("Ông Tư") == 1


async def test_an_expected_revision_that_is_past_is_refused(server: RunningServer) -> None:
    async with AsyncExitStack() as stack:
        (moderator,) = await open_pages(stack, server, server.invite("moderator")["token"])
        await moderator.command("set_preview", source="camera:son-la")
        old = moderator.rev
        await moderator.command("set_preview", source="camera:lai-chau")
        answer = await moderator.command("take", expected_rev=old)
        assert answer["code"] == "stale_revision"
        assert (await moderator.command("take", expected_rev=answer["rev"]))["type"] == "ack"


async def test_a_page_that_returns_gets_only_what_it_missed(server: RunningServer) -> None:
    token = server.invite("moderator")["token"]
    async with server.socket(token) as socket:
        page = await Client.hello(socket)
        await page.tell("hello")
        message: dict[str, object] = {}
        while message.get("type") != "view":
            message = await page.receive()
        view, rev, instance = page.view, page.rev, message["instance"]
    async with server.socket(token) as socket:
        other = await Client.hello(socket)
        for site in ("cao-bang", "ha-giang"):
            await other.command("set_preview", source=f"camera:{site}")
        expected = other.view
    async with server.socket(token) as socket:
        page = Client(socket)
        page.view, page.rev = view, rev
        await page.tell("hello", rev=rev, instance=instance)
        kinds = []
        while page.rev < rev + 2:
            kinds.append((await page.receive())["type"])
        assert set(kinds) <= {"patch", "links"}
        assert page.view == expected
        await page.tell("hello", rev=rev, instance="of another run")
        while (await page.receive())["type"] != "view":
            pass


async def test_every_page_ends_with_the_same_order(own_server: RunningServer) -> None:
    server = own_server
    async with AsyncExitStack() as stack:
        pages = await open_pages(
            stack, server, *(server.invite("moderator")["token"] for _ in range(4))
        )
        for k in range(5):
            await asyncio.gather(
                *(
                    page.command("request_floor", name=f"Đại biểu {n}-{k}", site="yen-bai")
                    for n, page in enumerate(pages)
                )
            )
        queue = pages[0].view["queue"]
        moves = zip(pages, queue, strict=False)
        answers = await asyncio.gather(
            *(
                page.command("move_request", request=queue[-1], before=other)
                for page, other in moves
            )
        )
        rev = max(answer["rev"] for answer in answers)
        for page in pages:
            await page.until(lambda one: one.rev >= rev)
        orders = {json.dumps(page.view["queue"]) for page in pages}
        assert len(orders) == 1
        assert len(set(pages[0].view["queue"])) == 20
