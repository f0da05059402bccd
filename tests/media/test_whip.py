"""FFmpeg's own WHIP publishes H264 and Opus; it wants to be the DTLS server."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import imageio_ffmpeg
from aiohttp import web

from bridge.ids import Role
from bridge.media.server import Routes, Signal
from tests.interop.programs import PATIENT
from tests.media.client import H264, OPUS
from tests.media.conftest import Hall, identity

VIDEO = "-f lavfi -i testsrc2=size=320x180:rate=15"
TONE = "-f lavfi -i sine=frequency=440:sample_rate=48000"
SILENCE = "-f lavfi -i anullsrc=channel_layout=stereo:sample_rate=48000"
ENCODE = (
    "-c:v libx264 -preset ultrafast -tune zerolatency -profile:v baseline -bf 0 -g 15 "
    "-pix_fmt yuv420p -c:a libopus -ar 48000 -ac 2"
)


@asynccontextmanager
async def publishing(hall: Hall, audio: str) -> AsyncIterator[str]:
    """Let FFmpeg publish for dien-bien; gives its offer once it has connected."""
    offer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def post(request: web.Request) -> web.Response:
        text = await request.text()
        peer, answer = hall.server.connect(text, identity("dien-bien", slots=()))
        offer.set_result(text)
        return web.Response(
            status=201,
            text=answer,
            content_type="application/sdp",
            headers={"Location": f"/whip/{peer.id}"},
        )

    async def delete(request: web.Request) -> web.Response:
        await hall.server.disconnect(request.match_info["peer"])
        return web.Response()

    app = web.Application()
    app.router.add_post("/whip", post)
    app.router.add_delete("/whip/{peer}", delete)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/whip"
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    command = f"-hide_banner -loglevel error -re {VIDEO} -re {audio} {ENCODE} -t 60 -f whip"
    process = await asyncio.create_subprocess_exec(
        ffmpeg, *command.split(), *PATIENT, url, stdin=DEVNULL, stderr=PIPE
    )
    try:
        yield await asyncio.wait_for(offer, 30)
    finally:
        if process.returncode is None:
            process.terminate()
        assert process.stderr is not None
        errors = await process.stderr.read()
        await process.wait()
        await runner.cleanup()
    assert b"rror" not in errors.replace(b"Error writing trailer", b""), errors


async def test_ffmpeg_publishes_as_a_site(hall: Hall) -> None:
    viewer = await hall.viewer(role=Role.STAGE)
    hall.server.apply("plenary", Routes("dien-bien", "", ("dien-bien",)))

    def kinds() -> list[int]:
        return [r.header.payload_type for r in viewer.rtp]

    async with publishing(hall, TONE):
        await viewer.until(
            lambda: kinds().count(H264) > 20 and kinds().count(OPUS) > 20, timeout_s=30
        )
        sample = hall.server.link_samples("plenary")["dien-bien"]
        assert (sample.up.width, sample.up.height) == (320, 180)
        assert hall.observed.heard == ["dien-bien"]
        assert hall.observed.switched == ["dien-bien"]


def signal(hall: Hall) -> Signal:
    return hall.server.signals("plenary").get("dien-bien", Signal())


async def test_its_tone_is_sound_though_it_tells_no_level(hall: Hall) -> None:
    async with publishing(hall, TONE) as offer, asyncio.timeout(30):
        assert "ssrc-audio-level" not in offer
        while not (signal(hall).sound_at and signal(hall).key_frame_at):
            await asyncio.sleep(0.02)
        first = signal(hall).sound_at
        while signal(hall).sound_at < first + 0.5:
            await asyncio.sleep(0.02)
        assert signal(hall).flowing


async def test_its_silence_is_none(hall: Hall) -> None:
    def audio_packets() -> int:
        peers = hall.server._sessions["plenary"].publishers.values()
        return sum(s.packets for p in peers for s in p.uplink.sources.values() if not s.video)

    async with publishing(hall, SILENCE), asyncio.timeout(30):
        while audio_packets() < 50:
            await asyncio.sleep(0.02)
        assert signal(hall).audio_at > 0.0
        assert signal(hall).sound_at == 0.0
