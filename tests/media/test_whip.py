"""FFmpeg's own WHIP publishes H264 and Opus; it wants to be the DTLS server."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import DEVNULL, PIPE

import imageio_ffmpeg
from aiohttp import web

from bridge.ids import Role
from bridge.media.server import Routes
from tests.media.client import H264, OPUS
from tests.media.conftest import Hall, identity

VIDEO = "-f lavfi -i testsrc2=size=320x180:rate=15"
AUDIO = "-f lavfi -i sine=frequency=440:sample_rate=48000"
ENCODE = (
    "-c:v libx264 -preset ultrafast -tune zerolatency -profile:v baseline -bf 0 -g 15 "
    "-pix_fmt yuv420p -c:a libopus -ar 48000 -ac 2"
)


async def test_ffmpeg_publishes_as_a_site(hall: Hall) -> None:
    async def post(request: web.Request) -> web.Response:
        peer, answer = hall.server.connect(await request.text(), identity("dien-bien", slots=()))
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

    viewer = await hall.viewer(role=Role.STAGE)
    hall.server.apply("plenary", Routes("dien-bien", "", ("dien-bien",)))
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    command = f"-hide_banner -loglevel error -re {VIDEO} -re {AUDIO} {ENCODE} -t 60 -f whip {url}"
    process = await asyncio.create_subprocess_exec(
        ffmpeg, *command.split(), stdin=DEVNULL, stderr=PIPE
    )
    try:

        def kinds() -> list[int]:
            return [r.header.payload_type for r in viewer.rtp]

        await viewer.until(
            lambda: kinds().count(H264) > 20 and kinds().count(OPUS) > 20, timeout_s=30
        )
        sample = hall.server.link_samples("plenary")["dien-bien"]
        assert (sample.up.width, sample.up.height) == (320, 180)
        assert hall.observed.heard == ["dien-bien"]
        assert hall.observed.switched == ["dien-bien"]
    finally:
        if process.returncode is None:
            process.terminate()
        assert process.stderr is not None
        errors = await process.stderr.read()
        await process.wait()
        await runner.cleanup()
    assert b"rror" not in errors.replace(b"Error writing trailer", b""), errors
