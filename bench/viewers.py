"""Viewers that cost little: real WHEP, ICE and DTLS-SRTP, then headers are counted.

They send receiver reports as a player does. Of each viewer's packets one in a thousand
is decrypted, to know that what is counted is what was meant for it.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import aiohttp
from aiortc.rtcdtlstransport import RTCCertificate
from yarl import URL

from bench.child import answer, messages
from bridge.clock import monotonic
from bridge.simulator.media import CONNECT_TIMEOUT_S, Endpoint, exchange, leave, new_ssrc, receiving
from bridge.simulator.receiver import Receiver
from bridge.simulator.sdp import VP8, build_offer, parse_answer
from bridge.simulator.transport import SecureTransport, certificate_fingerprint

REPORT_INTERVAL_S = 2.0
SAMPLE_EVERY = 1000


class Viewer:
    """One player: a video and an audio line."""

    def __init__(self, certificate: RTCCertificate) -> None:
        self.receiver = Receiver(new_ssrc())
        self.lost = False
        self.authentic = 0
        self.sampled = 0
        self._transport = SecureTransport(certificate, self, self._lose)
        self._joined: tuple[Endpoint, URL] | None = None

    def _lose(self) -> None:
        self.lost = True

    async def join(self, http: aiohttp.ClientSession, endpoint: Endpoint) -> None:
        ice = self._transport.ice
        offer = build_offer(
            receiving(video=1, audio=1, first_mid=0),
            session_id=secrets.randbits(60),
            ufrag=ice.ufrag,
            password=ice.password,
            fingerprint=certificate_fingerprint(self._transport.certificate),
        )
        text, location = await exchange(http, endpoint, offer)
        self._joined = endpoint, location
        await self._transport.connect(parse_answer(text), CONNECT_TIMEOUT_S)

    def rtp_received(self, datagram: bytes) -> None:
        self.receiver.rtp(datagram)
        if self.receiver.packets % SAMPLE_EVERY == 1:
            self.sampled += 1
            self.authentic += self._transport.decrypt(datagram) is not None

    def rtcp_received(self, compound: bytes) -> None:
        self.receiver.rtcp(compound, monotonic())

    def report(self) -> None:
        if self.receiver.streams:
            self._transport.send_rtcp(self.receiver.reports(monotonic()))

    async def leave(self, http: aiohttp.ClientSession) -> None:
        if self._joined is not None:
            await leave(http, *self._joined)
        await self._transport.close()


def figures(viewers: list[Viewer]) -> dict[str, Any]:
    streams = [stream for viewer in viewers for stream in viewer.receiver.streams.values()]
    return {
        "packets": sum(viewer.receiver.packets for viewer in viewers),
        "octets": sum(viewer.receiver.octets for viewer in viewers),
        "frames": sum(stream.frames for stream in streams if stream.kind == VP8),
        "missing": sum(stream.statistics.packets_lost for stream in streams),
        "lost": sum(viewer.lost for viewer in viewers),
        "sampled": sum(viewer.sampled for viewer in viewers),
        "authentic": sum(viewer.authentic for viewer in viewers),
    }


async def main() -> None:
    commands = messages()
    first = await anext(commands)
    endpoint = Endpoint(first["url"], first["token"])
    certificate = RTCCertificate.generateCertificate()
    viewers: list[Viewer] = []

    async def report() -> None:
        while True:
            for viewer in viewers:
                viewer.report()
                await asyncio.sleep(REPORT_INTERVAL_S / max(1, len(viewers)))
            await asyncio.sleep(0.01)

    async with aiohttp.ClientSession() as http:
        reports = asyncio.create_task(report())
        async for command in commands:
            match command["do"]:
                case "join":
                    for _ in range(command["count"]):
                        viewer = Viewer(certificate)
                        await viewer.join(http, endpoint)
                        viewers.append(viewer)
                    answer({"joined": len(viewers)})
                case "count":
                    answer(figures(viewers))
        reports.cancel()
        await asyncio.gather(*(viewer.leave(http) for viewer in viewers))


if __name__ == "__main__":
    asyncio.run(main())
