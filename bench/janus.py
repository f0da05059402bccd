"""Janus's websocket API, for one room with one publisher (Janus 1.1, videoroom plugin).

Owns the transactions, and the answer to its offer to a subscriber; knows nothing of
media. https://janus.conf.meetecho.com/docs/rest, /docs/videoroom
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from typing import Any, Self

from websockets.asyncio.client import connect

from bench.viewer import Viewer
from bridge.simulator.media import Device
from bridge.simulator.sdp import Direction, Kind, Line, build_offer
from bridge.tasks import Tasks

ROOM = FEED = 1
ANSWER_TIMEOUT_S = 20.0
#: Janus drops a handshake that comes before libnice has told it of the path.
NOTICE_S = 0.05

Message = dict[str, Any]


def answer_to(offer: str, *, ufrag: str, password: str, fingerprint: str) -> str:
    """Return the answer that takes everything *offer* wants to send.

    Args:
        offer: of a videoroom subscription; VP8 and Opus with the numbers of our own offers.
        ufrag: ours. password: ours. fingerprint: of our certificate.
    """
    lines = [
        Line(Kind(kind), Direction.RECEIVE, mid)
        for kind, mid in re.findall(r"m=(audio|video) .*?a=mid:(\S+)", offer, re.DOTALL)
    ]
    text = build_offer(
        lines,
        session_id=secrets.randbits(60),
        ufrag=ufrag,
        password=password,
        fingerprint=fingerprint,
    )
    return text.replace("a=setup:actpass", "a=setup:active")


class Janus:
    """One websocket and one session; a handle for each peer.

    Args:
        url: of the websocket.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._tasks = Tasks("janus")
        self._waiting: dict[str, asyncio.Future[Message]] = {}
        self._session: Message = {}

    async def __aenter__(self) -> Self:
        self._socket = await connect(self._url, subprotocols=["janus-protocol"], proxy=None)  # type: ignore[list-item]
        self._tasks.start("read", self._read())
        created = await self._ask({"janus": "create"})
        self._session = {"session_id": created["data"]["id"]}
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._tasks.close()
        await self._socket.close()

    async def _read(self) -> None:
        async for text in self._socket:
            message = json.loads(text)
            if message["janus"] == "ack":
                continue  # the plugin's answer is still to come
            waiting = self._waiting.pop(message.get("transaction", ""), None)
            if waiting is not None:
                waiting.set_result(message)

    async def _ask(self, message: Message) -> Message:
        transaction = secrets.token_hex(6)
        answered = asyncio.get_running_loop().create_future()
        self._waiting[transaction] = answered
        await self._socket.send(
            json.dumps({**message, **self._session, "transaction": transaction})
        )
        answer: Message = await asyncio.wait_for(answered, ANSWER_TIMEOUT_S)
        data = answer.get("plugindata", {}).get("data", {})
        if answer["janus"] == "error" or "error" in data:
            raise ConnectionError(f"Janus: {answer.get('error', data)}")
        return answer

    async def _attach(self) -> Message:
        attached = await self._ask({"janus": "attach", "plugin": "janus.plugin.videoroom"})
        return {"handle_id": attached["data"]["id"]}

    async def _tell(self, handle: Message, body: Message, description: Message | None) -> Message:
        jsep = {"jsep": description} if description else {}
        return await self._ask({"janus": "message", **handle, "body": body, **jsep})

    async def publish(self, device: Device) -> None:
        """Let *device* publish; return when its media connection is up."""
        handle = await self._attach()
        join = {"request": "join", "ptype": "publisher", "room": ROOM, "id": FEED}
        await self._tell(handle, join, None)
        offer = {"type": "offer", "sdp": device.offer()}
        configured = await self._tell(handle, {"request": "configure"}, offer)
        await device.accept(configured["jsep"]["sdp"])

    async def join(self, viewer: Viewer) -> None:
        """Let *viewer* subscribe; return when its media connection is up.

        Raises:
            ConnectionError: Janus refused, or there is no path.
        """
        viewer.left = handle = await self._attach()
        streams = [{"feed": FEED}]
        join = {"request": "join", "ptype": "subscriber", "room": ROOM, "streams": streams}
        offer = (await self._tell(handle, join, None))["jsep"]["sdp"]
        answer = {"type": "answer", "sdp": answer_to(offer, **viewer.credentials)}
        await self._tell(handle, {"request": "start"}, answer)
        await viewer.connect(offer, pause_s=NOTICE_S)

    async def leave(self, viewer: Viewer) -> None:
        """Detach *viewer*."""
        if viewer.left:
            await self._ask({"janus": "detach", **viewer.left})
