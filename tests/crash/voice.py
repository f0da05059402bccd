"""A microphone of a site: sound over real DTLS-SRTP, so that speeches go live.

The server itself writes to the log when it first forwards somebody's sound, and
after a crash it has to notice again who is heard.
"""

from __future__ import annotations

import asyncio

import aiohttp

from bridge.errors import MediaError
from tests.media.client import Client
from tests.running import RunningServer

__all__ = ["Voice"]

PACKET_EVERY_S = 0.05
"""Slower than real sound: the session looks at the first packet only."""

RETRY_S = 0.1


class Voice:
    """Publishes sound for a site and joins again whenever it is told to."""

    def __init__(self, server: RunningServer, site: str, token: str) -> None:
        self._server = server
        self._site = site
        self._token = token
        self._stale = asyncio.Event()

    def join_again(self) -> None:
        """The server's former run and its media peers are gone."""
        self._stale.set()

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            self._stale.clear()
            client = Client(("audio sendonly",), keep=False)
            try:
                await client.connect(self._signal)
                await self._speak(client)
            except (aiohttp.ClientError, MediaError, OSError):
                await asyncio.sleep(RETRY_S)
            finally:
                await client.close()

    async def _signal(self, offer: str) -> str:
        headers = {"Content-Type": "application/sdp"}
        path = f"/whip/plenary/{self._site}"
        async with (
            self._server.http(self._token) as http,
            http.post(path, data=offer, headers=headers) as response,
        ):
            response.raise_for_status()
            return await response.text()

    async def _speak(self, client: Client) -> None:
        number = 0
        while not self._stale.is_set():
            number += 1
            client.send_rtp(client.packet(0, number, number * 960, b"sound"))
            await asyncio.sleep(PACKET_EVERY_S)
