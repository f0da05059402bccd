"""Viewers that cost little: real WHEP, ICE and DTLS-SRTP, then headers are counted.

They send receiver reports as a player does. Of each viewer's packets one in a thousand
is decrypted, to know that what is counted is what was meant for it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter

import aiohttp
from aiortc.rtcdtlstransport import RTCCertificate
from yarl import URL

from bench.child import answer, messages
from bridge.clock import monotonic
from bridge.simulator.media import (
    CONNECT_TIMEOUT_S,
    Endpoint,
    JoinRefused,
    exchange,
    leave,
    new_ssrc,
    receiving,
)
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

    def vanish(self) -> None:
        """Be gone without a word, as a page whose device was switched off."""
        self._transport.ice.close()


def figures(viewers: list[Viewer]) -> dict[str, int]:
    streams = [stream for viewer in viewers for stream in viewer.receiver.streams.values()]
    return {
        "viewers": len(viewers),
        "packets": sum(viewer.receiver.packets for viewer in viewers),
        "octets": sum(viewer.receiver.octets for viewer in viewers),
        "frames": sum(stream.frames for stream in streams if stream.kind == VP8),
        "missing": sum(stream.statistics.packets_lost for stream in streams),
        "lost": sum(viewer.lost for viewer in viewers),
        "sampled": sum(viewer.sampled for viewer in viewers),
        "authentic": sum(viewer.authentic for viewer in viewers),
    }


class Crowd:
    """All viewers of this process, and the figures of those who have left."""

    def __init__(self, endpoint: Endpoint, http: aiohttp.ClientSession) -> None:
        self._endpoint = endpoint
        self._http = http
        self._certificate = RTCCertificate.generateCertificate()
        self._viewers: list[Viewer] = []
        self._gone: Counter[str] = Counter()

    async def join(self, count: int) -> dict[str, int]:
        """Let *count* viewers join, one after the other; return how many there are and failed."""
        failed = 0
        for _ in range(count):
            viewer = Viewer(self._certificate)
            try:
                await viewer.join(self._http, self._endpoint)
            except (ConnectionError, JoinRefused, aiohttp.ClientError):
                failed += 1
                await viewer.leave(self._http)
            else:
                self._viewers.append(viewer)
        return {"joined": len(self._viewers), "failed": failed}

    async def leave(self, count: int, *, silently: bool) -> dict[str, int]:
        """Let the *count* oldest viewers leave; return how many are left."""
        going, self._viewers = self._viewers[:count], self._viewers[count:]
        self._gone.update(figures(going))
        for viewer in going:
            if silently:
                viewer.vanish()
            else:
                await viewer.leave(self._http)
        return {"joined": len(self._viewers)}

    def count(self) -> dict[str, int]:
        """Return the figures of all who were ever here."""
        return {name: n + self._gone[name] for name, n in figures(self._viewers).items()}

    async def report(self) -> None:
        """Send receiver reports, for ever."""
        while True:
            for viewer in list(self._viewers):
                viewer.report()
                await asyncio.sleep(REPORT_INTERVAL_S / len(self._viewers or (0,)))
            await asyncio.sleep(0.01)


async def main() -> None:
    commands = messages()
    first = await anext(commands)
    async with aiohttp.ClientSession() as http:
        crowd = Crowd(Endpoint(first["url"], first["token"]), http)
        reports = asyncio.create_task(crowd.report())
        async for command in commands:
            match command["do"]:
                case "join":
                    answer(await crowd.join(command["count"]))
                case "leave" | "vanish" as how:
                    answer(await crowd.leave(command["count"], silently=how == "vanish"))
                case "count":
                    answer(crowd.count())
        reports.cancel()
        await crowd.leave(crowd.count()["viewers"], silently=False)


if __name__ == "__main__":
    asyncio.run(main())
