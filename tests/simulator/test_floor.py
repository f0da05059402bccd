"""A simulated host's websocket against a server of the websockets library."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from bridge.simulator.floor import Floor, merge, session_sites

VIEW: dict[str, Any] = {
    "sites": {
        "ha-noi": {"name": {"vi": "Hà Nội", "en": "Hanoi"}, "venue": True, "co_chair": False},
        "da-nang": {"name": {"vi": "Đà Nẵng", "en": "Da Nang"}, "venue": False, "co_chair": True},
    },
    "requests": {},
    "mine": [],
    "waiting": 2,
    "list_state": "open",
    "speaking": [],
}


class Server:
    """Answers hello with a view and keeps what clients sent."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.tokens: list[str | None] = []
        self.connection: ServerConnection | None = None
        self.url = ""

    async def handle(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        self.tokens.append(connection.request.headers.get("Authorization"))
        self.connection = connection
        async for text in connection:
            message = json.loads(text)
            self.got.append(message)
            if message["type"] == "hello":
                await self.say(
                    {"type": "view", "rev": 5, "now": 1.0, "you": {"role": "host"}, "view": VIEW}
                )

    async def say(self, message: dict[str, Any]) -> None:
        assert self.connection is not None
        await self.connection.send(json.dumps(message))


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    async with serve(server.handle, "127.0.0.1", 0) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        server.url = f"ws://127.0.0.1:{port}/ws/plenary"
        yield server


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def test_it_follows_the_view_and_resumes_where_it_was(server: Server) -> None:
    greetings: list[bool] = []
    floor = Floor("da-nang", server.url, lambda: greetings.append(True))
    talk = asyncio.get_running_loop().create_task(floor.converse("t1"))
    await until(lambda: floor.online)
    assert server.tokens == ["Bearer t1"]
    assert server.got[0] == {"type": "hello", "rev": -1, "lang": "vi"}
    assert floor.outlook(may_ask=True).waiting == 2

    await floor.send("request_floor", name="Lò Văn Hùng", title="", topic="")
    await until(lambda: len(server.got) == 2)
    assert server.got[1]["type"] == "request_floor"
    assert server.got[1]["cmd_id"]

    request = {"status": "granted", "grant": {"phase": "live"}}
    await server.say({"type": "ack", "cmd_id": server.got[1]["cmd_id"], "rev": 6})
    await server.say(
        {
            "type": "patch",
            "rev": 6,
            "now": 2.0,
            "patch": {"requests": {"r1": request}, "mine": ["r1"], "speaking": ["r1"]},
        }
    )
    await until(lambda: floor.has_floor)
    assert floor.somebody_speaks
    assert floor.requests[0].live

    await server.say({"type": "nack", "cmd_id": "x", "code": "c", "message": "m", "rev": 6})
    await until(lambda: floor.refusals == 1)

    assert server.connection is not None
    await server.connection.close()
    await talk
    assert not floor.online
    await floor.send("release_floor", request="r1")

    again = asyncio.get_running_loop().create_task(floor.converse("t2"))
    await until(lambda: len(server.got) == 3)
    assert server.got[2]["rev"] == 6
    await until(lambda: len(greetings) == 2)
    again.cancel()
    with pytest.raises(asyncio.CancelledError):
        await again


async def test_it_does_what_technicians_ask(server: Server) -> None:
    floor = Floor("da-nang", server.url, lambda: None)
    conversing = asyncio.create_task(floor.converse("token"))
    async with asyncio.timeout(5):
        while not floor.online:
            await asyncio.sleep(0.01)
        for name, kind in (("a1", "reconnect"), ("a2", "note")):
            await server.say({"type": "action", "id": name, "site": "da-nang", "action": kind})
        while len(server.got) < 3:
            await asyncio.sleep(0.01)
    assert server.got[1:] == [
        {"type": "action_done", "action_id": "a1", "ok": True, "detail": ""},
        {"type": "action_done", "action_id": "a2", "ok": True, "detail": "read"},
    ]
    conversing.cancel()


async def test_the_sites_are_asked_of_the_server(server: Server) -> None:
    hanoi, danang = await session_sites(server.url, "t")
    assert (hanoi.code, hanoi.name, hanoi.venue, hanoi.co_chair) == (
        "ha-noi",
        "Hà Nội",
        True,
        False,
    )
    assert (danang.code, danang.co_chair) == ("da-nang", True)


@pytest.mark.parametrize("text", ["[]", "{", '{"type":"patch","rev":6}', '{"rev":1}'])
async def test_a_message_against_the_protocol_ends_the_connection(
    server: Server, text: str
) -> None:
    floor = Floor("da-nang", server.url, lambda: None)
    talk = asyncio.get_running_loop().create_task(floor.converse("t"))
    await until(lambda: floor.online)
    assert server.connection is not None
    await server.connection.send(text)
    with pytest.raises(ValueError, match="cannot read"):
        await talk
    assert not floor.online


async def test_nobody_there_is_an_ordinary_error() -> None:
    with pytest.raises(OSError, match=r"refused|Connect"):
        await Floor("da-nang", "ws://127.0.0.1:9/ws/plenary", lambda: None).converse("t")


@pytest.mark.parametrize(  # RFC 7396 appendix A, the cases a view can meet
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": "foo"}, {"a": {"b": None, "c": 1}}, {"a": {"c": 1}}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        (["a"], {"a": 1}, {"a": 1}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ],
)
def test_merge_patch(target: object, patch: object, result: object) -> None:
    assert merge(target, patch) == result
