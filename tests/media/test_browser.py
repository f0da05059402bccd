"""Real Chromium: what people see and hear follows the routes."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from bridge.ids import Role
from bridge.media.server import MediaServer, PeerIdentity, Routes, Signal
from tests.media.conftest import Observed
from tests.slates.pictures import shows, still

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
SESSION = "plenary"
PAGE = """<!doctype html><meta charset="utf-8"><title>media</title><link rel="icon" href="data:,">
<body><script type="module">
window.join = async ({site, slots, audio, send, size, codec}) => {
  const pc = window.pc = new RTCPeerConnection();
  if (send) {
    const [width, height] = size;
    const stream = await navigator.mediaDevices.getUserMedia({audio: true, video: {width, height}});
    const direction = "sendonly";
    // A slow machine keeps the size rather than the rate: the test tells sources by their size.
    stream.getVideoTracks()[0].contentHint = "detail";
    pc.addTransceiver(stream.getVideoTracks()[0], {direction, streams: [stream]});
    pc.addTransceiver(stream.getAudioTracks()[0], {direction, streams: [stream]});
    pc.addTransceiver("video", {direction});
  }
  pc.slots = {};
  for (const name of slots) pc.slots[name] = pc.addTransceiver("video", {direction: "recvonly"});
  const known = RTCRtpReceiver.getCapabilities("video").codecs;
  const wanted = known.filter(({mimeType}) => mimeType === codec);
  if (codec) for (const name of slots) pc.slots[name].setCodecPreferences(wanted);
  for (let i = 0; i < audio; i++) {
    pc.slots[`audio${i}`] = pc.addTransceiver("audio", {direction: "recvonly"});
  }
  pc.ontrack = ({track}) => {
    const element = document.createElement(track.kind);
    element.autoplay = true;
    element.muted = track.kind === "video";
    element.srcObject = new MediaStream([track]);
    document.body.append(element);
  };
  await pc.setLocalDescription();
  const query = new URLSearchParams({site, slots: slots.join()});
  const response = await fetch(`/media?${query}`, {method: "POST", body: pc.localDescription.sdp});
  if (!response.ok) throw new Error(await response.text());
  pc.place = response.headers.get("Location");
  await pc.setRemoteDescription({type: "answer", sdp: await response.text()});
};
window.restart = async () => {
  await pc.setLocalDescription(await pc.createOffer({iceRestart: true}));
  const response = await fetch(pc.place, {method: "PATCH", body: pc.localDescription.sdp});
  await pc.setRemoteDescription({type: "answer", sdp: await response.text()});
};
window.figures = async () => {
  const found = {state: pc.connectionState};
  const stats = [...(await pc.getStats()).values()];
  for (const [name, transceiver] of Object.entries(pc.slots)) {
    const s = stats.find((x) => x.type === "inbound-rtp" && x.mid === transceiver.mid) ?? {};
    found[name] = {
      frames: s.framesDecoded ?? 0, width: s.frameWidth ?? 0, energy: s.totalAudioEnergy ?? 0,
      packets: s.packetsReceived ?? 0, lost: s.packetsLost ?? 0,
    };
  }
  const shown = document.querySelector("video");
  found.slate = shown?.videoWidth === 1280;
  const back = stats.find((x) => x.type === "remote-inbound-rtp" && x.kind === "video") ?? {};
  found.rtt = back.roundTripTime ?? -1;
  return found;
};
window.picture = () => {
  const video = document.querySelector("video");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d").drawImage(video, 0, 0);
  return canvas.toDataURL("image/png");
};
</script>"""

Figures = dict[str, Any]


@dataclass
class Stage:
    """A media server behind a tiny signalling server, and a browser."""

    server: MediaServer
    observed: Observed
    browser: Browser
    url: str

    async def page(
        self,
        site: str = "",
        *,
        slots: tuple[str, ...] = ("main",),
        size: tuple[int, int] = (0, 0),
        codec: str = "",
    ) -> Page:
        page = await self.browser.new_page()
        await page.goto(self.url)
        options = {
            "site": site,
            "slots": list(slots),
            "audio": 4,
            "send": bool(site),
            "size": list(size),
            "codec": codec,
        }
        await page.wait_for_function("() => Boolean(window.join)")
        await page.evaluate("options => join(options)", options)
        await self.until(page, lambda f: f["state"] == "connected")
        return page

    async def until(
        self, page: Page, condition: Callable[[Figures], bool], timeout_s: float = 40.0
    ) -> Figures:
        """Wait until the page's figures fulfil *condition*."""
        figures: Figures = {}
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    figures = await page.evaluate("figures()")
                    if condition(figures):
                        return figures
                    await asyncio.sleep(0.1)
        except TimeoutError:
            pytest.fail(f"never came: {figures} {self.server.counters()}")


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    observed = Observed()
    server = MediaServer(host="127.0.0.1", port=0, public_addresses=[], observer=observed)
    await server.start()

    async def post(request: web.Request) -> web.Response:
        site = request.query["site"]
        who = PeerIdentity(
            session=SESSION,
            role=Role.HOST if site else Role.MODERATOR,
            site=site,
            client="",
            slots=tuple(request.query["slots"].split(",")),
            publish=bool(site),
            token_key="key",
        )
        peer, answer = server.connect(await request.text(), who)
        headers = {"Location": f"/media/{peer.id}"}
        return web.Response(status=201, text=answer, headers=headers)

    async def patch(request: web.Request) -> web.Response:
        answer = server.restart(request.match_info["peer"], await request.text())
        return web.Response(text=answer)

    async def root(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", root)
    app.router.add_post("/media", post)
    app.router.add_patch("/media/{peer}", patch)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, ignore_default_args=["--mute-audio"]
        )
        yield Stage(server, observed, browser, url)
        await browser.close()
    await server.close()
    await runner.cleanup()


def energy(figures: Figures) -> float:
    return float(sum(figures[f"audio{i}"]["energy"] for i in range(4)))


def packets(figures: Figures) -> int:
    return int(sum(figures[f"audio{i}"]["packets"] for i in range(4)))


async def test_people_see_and_hear_what_the_routes_say(stage: Stage) -> None:
    server, observed = stage.server, stage.observed
    server.apply(SESSION, Routes("ha-noi", "", ("ha-noi",)))
    venue = await stage.page("ha-noi", size=(640, 360))
    viewer = await stage.page(slots=("main", "preview"))
    seen = await stage.until(viewer, lambda f: f["main"]["frames"] > 10 and energy(f) > 0.01)
    assert seen["main"]["width"] == 640
    assert seen["preview"]["frames"] == 0
    assert set(observed.heard) == {"ha-noi"}
    assert observed.switched == ["ha-noi"]

    # Mix-minus: the venue sees the program but never hears itself.
    own = await stage.until(venue, lambda f: f["main"]["frames"] > 10)
    assert packets(own) == 0

    # The program switches to a second site at its key frame, and its sound joins.
    province = await stage.page("dien-bien", size=(320, 240))
    server.apply(SESSION, Routes("dien-bien", "ha-noi", ("ha-noi", "dien-bien")))
    await stage.until(viewer, lambda f: f["main"]["width"] == 320)
    before = (await viewer.evaluate("figures()"))["main"]["frames"]
    await stage.until(viewer, lambda f: f["main"]["frames"] > before + 10)
    await stage.until(viewer, lambda f: f["preview"]["width"] == 640)
    await stage.until(venue, lambda f: energy(f) > 0.005)
    await stage.until(province, lambda f: energy(f) > 0.005)
    assert observed.switched == ["ha-noi", "dien-bien"]

    # A closed microphone is silent, whatever its browser goes on sending.
    server.apply(SESSION, Routes("dien-bien", "", ("dien-bien",)))
    uplink = stage.server.counters().packets_in
    heard = packets(await venue.evaluate("figures()"))
    await stage.until(venue, lambda f: packets(f) > heard + 20)  # what was under way has come
    quiet = await province.evaluate("figures()")
    await stage.until(venue, lambda f: packets(f) > heard + 70)
    assert packets(await province.evaluate("figures()")) == packets(quiet)
    assert stage.server.counters().packets_in > uplink

    # ICE restart by a new offer keeps everything flowing.
    before = (await viewer.evaluate("figures()"))["main"]["frames"]
    await viewer.evaluate("restart()")
    after = await stage.until(viewer, lambda f: f["main"]["frames"] > before + 15)
    assert after["state"] == "connected"
    assert after["main"]["lost"] == 0
    assert server.counters().moves >= 1

    # Both ends agree on what arrived.
    await stage.until(venue, lambda f: f["rtt"] >= 0)
    samples = server.link_samples(SESSION)
    assert set(samples) == {"ha-noi", "dien-bien"}
    for sample in samples.values():
        assert sample.connected
        assert sample.up.packets > 0
        assert sample.down.packets > 0
        assert sample.rtt_ms >= 0
    assert samples["ha-noi"].up.width == 640


async def test_what_the_server_observes_of_a_site(stage: Stage) -> None:
    server = stage.server
    page = await stage.page("ha-noi", size=(320, 240))
    assert "ssrc-audio-level" in await page.evaluate("pc.remoteDescription.sdp")

    def seen() -> Signal:
        return server.signals(SESSION).get("ha-noi", Signal())

    async def until(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(40):
            while not condition():
                await asyncio.sleep(0.02)

    # The fake microphone beeps, and the camera sends key frames although nobody watches.
    await until(lambda: seen().sound_at > 0.0 and seen().key_frame_at > 0.0)
    assert seen().connected
    assert seen().flowing
    first = seen().key_frame_at

    async def asked_and_came() -> None:
        while seen().key_frame_at == first:
            server.request_key_frame(SESSION, "ha-noi")
            await asyncio.sleep(0.2)

    await asyncio.wait_for(asked_and_came(), 40)

    # A muted microphone goes on sending; what was under way at the click has come soon.
    microphone = "pc.getSenders().find(s => s.track?.kind === 'audio').track"
    await page.evaluate(f"{microphone}.enabled = false")
    muted = seen().audio_at
    await until(lambda: seen().audio_at > muted + 0.5)
    heard = seen().sound_at
    await until(lambda: seen().audio_at > muted + 3.5)
    assert seen().sound_at == heard, "the fake microphone would have beeped several times"
    await page.evaluate(f"{microphone}.enabled = true")
    await until(lambda: seen().sound_at > heard)

    # Without the page nothing is there.
    await page.close()
    await until(lambda: not seen().flowing)


async def picture(page: Page) -> Image.Image:
    """Return what the page's first video element shows."""
    data = (await page.evaluate("picture()")).partition(",")[2]
    return Image.open(BytesIO(base64.b64decode(data))).convert("RGB")


async def test_a_slate_stands_for_a_camera_that_is_unplugged(stage: Stage) -> None:
    server = stage.server
    server.apply(SESSION, Routes("dien-bien", "", ("dien-bien",)))
    server.put_slate(SESSION, "dien-bien", still("Điện Biên"))
    viewer = await stage.page(slots=("main",))
    server.put_slate(SESSION, "dien-bien", still("Điện Biên"))
    await stage.until(viewer, lambda f: f["slate"])
    assert shows(await picture(viewer), "Điện Biên", ["Sơn La", "Lai Châu"])

    host = await stage.page("dien-bien", size=(320, 240))
    await stage.until(viewer, lambda f: f["main"]["width"] == 320 and not f["slate"])

    camera = "pc.getSenders().find(s => s.track?.kind === 'video')"
    await host.evaluate(f"window.sender = {camera}; window.camera = sender.track")
    await host.evaluate("sender.replaceTrack(null)")
    before = packets(await viewer.evaluate("figures()"))
    await stage.until(viewer, lambda f: f["slate"])
    assert shows(await picture(viewer), "Điện Biên", ["Sơn La", "Lai Châu"])
    await stage.until(viewer, lambda f: packets(f) > before + 20)  # its sound goes on

    await host.evaluate("sender.replaceTrack(camera)")
    back = await stage.until(viewer, lambda f: f["main"]["width"] == 320 and not f["slate"])
    frames = back["main"]["frames"]
    back = await stage.until(viewer, lambda f: f["main"]["frames"] > frames + 10)
    assert back["main"]["lost"] == 0

    server.apply(SESSION, Routes("", "", ("dien-bien",), program_slate="son-la"))
    server.put_slate(SESSION, "son-la", still("Sơn La"))
    await stage.until(viewer, lambda f: f["slate"])
    assert shows(await picture(viewer), "Sơn La", ["Điện Biên", "Lai Châu"])
    frames = (await viewer.evaluate("figures()"))["main"]["frames"]
    await stage.until(viewer, lambda f: f["main"]["frames"] > frames + 3)  # it does not freeze


async def test_a_browser_with_h264_alone_sees_it_too(stage: Stage) -> None:
    server = stage.server
    server.apply(SESSION, Routes(program_slate="son-la"))
    viewer = await stage.page(codec="video/H264")
    assert "VP8" not in await viewer.evaluate("pc.localDescription.sdp")
    server.put_slate(SESSION, "son-la", still("Sơn La"))
    await stage.until(viewer, lambda f: f["slate"] and f["main"]["frames"] > 3)
    assert shows(await picture(viewer), "Sơn La", ["Điện Biên", "Lai Châu"])
