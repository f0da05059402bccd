"""Other people's WebRTC as processes: what the tests of this package start and stop."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import ifaddr
import imageio_ffmpeg
from aiohttp import web

from tests.running import ROOT, RunningServer

PEERS = Path(__file__).parent / "peers"
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
#: How long a program may take to say goodbye.
END_S = 15.0

#: FFmpeg gives up after five seconds of ICE and DTLS; a busy machine may need more.
PATIENT = ("-handshake_timeout", "40000")
WHIP_H264 = (
    "-c:v", "libx264", "-profile:v", "baseline", "-preset", "ultrafast",
    "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-bf", "0", "-b:v", "400k", "-g", "20",
    "-c:a", "libopus", "-ac", "2", "-ar", "48000",
)  # fmt: skip


def own_address() -> str:
    """Return an IPv4 address of this machine that is not the loopback's: libnice skips that."""
    found = [str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4]
    return next(address for address in found if not address.startswith("127."))


class Peer:
    """A program that runs until it is told to stop, and what it writes meanwhile."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.lines: list[str] = []

    async def read(self) -> None:
        """Keep what it writes."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.lines.append(line.decode().rstrip())

    def report(self) -> Any:
        """Return the newest line of JSON it has written, None before the first."""
        written = [line for line in self.lines if line.startswith(("[", "{"))]
        return json.loads(written[-1]) if written else None


def node(script: str, *arguments: str) -> AbstractAsyncContextManager[Peer]:
    """Run a script of ``peers`` for Node."""
    return program("node", str(PEERS / script), *arguments)


def gstreamer(*arguments: str) -> AbstractAsyncContextManager[Peer]:
    """Run GStreamer's webrtcbin; its bindings belong to the system's Python."""
    return program("/usr/bin/python3", str(PEERS / "gstreamer.py"), *arguments)


@asynccontextmanager
async def program(*command: str) -> AsyncIterator[Peer]:
    """Run a program until the block ends; it must end well, its sessions deleted."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=ROOT
    )
    peer = Peer(process)
    reading = asyncio.create_task(peer.read())
    assert process.stdin is not None
    assert process.stderr is not None
    try:
        yield peer
        process.stdin.write(b"end\n")
        code = await asyncio.wait_for(process.wait(), END_S)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading
        errors = (await process.stderr.read()).decode()
        process._transport.close()  # type: ignore[attr-defined]
    assert code == 0, errors
    ends = [line for line in peer.lines if line.startswith("deleted")]
    assert ends, peer.lines
    assert set(ends) == {"deleted 200"}


@asynccontextmanager
async def ffmpeg(server: RunningServer, site: str, size: str) -> AsyncIterator[None]:
    """Let FFmpeg publish H.264 and a tone as *site*."""
    process = await asyncio.create_subprocess_exec(
        FFMPEG, "-hide_banner", "-loglevel", "error", "-nostdin",
        "-re", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=20",
        "-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000",
        *WHIP_H264, "-f", "whip", *PATIENT, "-authorization", server.invite("host", site)["token"],
        f"{server.url}/whip/plenary/{site}",
        stderr=PIPE,
    )  # fmt: skip
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        _, errors = await asyncio.wait_for(process.communicate(), END_S)
        print(errors.decode(errors="replace")[-2000:])


async def film(to: Path, size: str) -> Path:
    """Make three seconds of H.264 in Annex B, a delimiter before each picture; return *to*."""
    process = await asyncio.create_subprocess_exec(
        FFMPEG, "-loglevel", "error", "-nostdin", "-y",
        "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=20", "-t", "3",
        "-c:v", "libx264", "-profile:v", "main", "-preset", "veryfast", "-tune", "zerolatency",
        "-bf", "0", "-g", "20", "-pix_fmt", "yuv420p",
        "-bsf:v", "h264_metadata=aud=insert", "-f", "h264", str(to),
    )  # fmt: skip
    assert await process.wait() == 0
    return to


@asynccontextmanager
async def foreign_site() -> AsyncIterator[str]:
    """Serve the page of ``peers`` from an origin of its own; gives its address."""

    async def page(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(PEERS / "page.html")

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_static("/whip-whep", ROOT / "node_modules" / "whip-whep")
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()
