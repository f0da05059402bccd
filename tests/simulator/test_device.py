"""A simulated device against a plain aiortc peer: another implementation decodes what it sends."""

import asyncio
import time
from collections.abc import AsyncIterator

import aioice.ice
import av
import pytest
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack
from aiortc.rtcdtlstransport import RTCCertificate

from bridge.simulator.content import Content, VideoFormat, encode
from bridge.simulator.media import Device, receiving
from bridge.simulator.sdp import OPUS

FORM = VideoFormat(width=320, height=180, fps=15, kbps=200, seconds=2, key_interval=1)


@pytest.fixture(scope="module")
def content() -> Content:
    return encode("Điện Biên", "Điểm cầu", FORM)


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda **_: ["127.0.0.1"])


class Session:
    """The device, the aiortc peer it calls, and the clock that drives it."""

    def __init__(self, content: Content) -> None:
        self.lost = asyncio.Event()
        self.tracks: dict[str, MediaStreamTrack] = {}
        self.peer = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self.peer.on("track", lambda track: self.tracks.__setitem__(track.kind, track))
        self.device = Device(
            content,
            certificate=RTCCertificate.generateCertificate(),
            lines=receiving(video=0, audio=1),
            clock=time.monotonic,
            unix=time.time,
            phase_s=0.0,
            on_lost=self.lost.set,
            local_host="127.0.0.1",
        )

    async def call(self) -> None:
        await self.peer.setRemoteDescription(RTCSessionDescription(self.device.offer(), "offer"))
        self.peer.getTransceivers()[2].sender.replaceTrack(AudioStreamTrack())
        self.peer.getTransceivers()[2].direction = "sendonly"
        await self.peer.setLocalDescription(await self.peer.createAnswer())
        await self.device.accept(self.peer.localDescription.sdp)

    async def run(self) -> None:
        while True:
            self.device.tick(time.monotonic())
            await asyncio.sleep(0.005)


@pytest.fixture
async def session(content: Content) -> AsyncIterator[Session]:
    session = Session(content)
    await session.call()
    running = asyncio.get_running_loop().create_task(session.run())
    yield session
    running.cancel()
    await session.device.close()
    await session.peer.close()


async def test_picture_and_voice_are_decoded_by_another_implementation(session: Session) -> None:
    session.device.audio.speaking = True
    loudest, previous = 0, -1
    for _ in range(10):
        picture = await session.tracks["video"].recv()
        assert isinstance(picture, av.VideoFrame)
        assert (picture.width, picture.height) == (320, 180)
        assert picture.pts is not None
        assert picture.pts > previous
        previous = picture.pts
    for _ in range(40):
        sound = await session.tracks["audio"].recv()
        assert isinstance(sound, av.AudioFrame)
        loudest = max(loudest, *map(abs, memoryview(bytes(sound.planes[0])).cast("h")))
    assert loudest > 1000


async def test_it_counts_what_comes_back_and_reports_it(session: Session) -> None:
    async with asyncio.timeout(10):
        while not any(item.kind == OPUS for item in session.device.receiver.streams.values()):
            await asyncio.sleep(0.02)
        sender = session.peer.getTransceivers()[2].sender
        while not any(
            stat.type == "remote-inbound-rtp" for stat in (await sender.getStats()).values()
        ):
            await asyncio.sleep(0.05)


async def test_a_key_frame_request_is_answered_with_a_key_frame(session: Session) -> None:
    await session.tracks["video"].recv()
    requests: list[bool] = []
    original = session.device.video.want_key_frame

    def wanted() -> None:
        requests.append(True)
        original()

    session.device.video.want_key_frame = wanted  # type: ignore[method-assign]
    receiver = session.peer.getTransceivers()[0].receiver
    await receiver._send_rtcp_pli(session.device.video.ssrc)
    async with asyncio.timeout(5):
        while not requests:
            await asyncio.sleep(0.01)


async def test_the_device_notices_that_the_other_side_has_gone(session: Session) -> None:
    await session.peer.close()
    session.device.transport.ice.suspect()
    async with asyncio.timeout(10):
        await session.lost.wait()
