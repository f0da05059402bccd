"""Faults that are made on purpose: the right cause within 10 s, over within 20, nobody else blamed.

Three sites, each a browser with camera and microphone; one of them speaks. What is said of all
of them is written down every second, for the table of ``docs/link-health.md``.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.network.confusion import keep
from tests.network.forum import Speech, moderator, put_on_air
from tests.network.lab import HubServer, Lab, Site
from tests.network.scenarios.test_paths import relay
from tests.network.starve import renderers, starved
from tests.network.watchers import Fault, Verdicts, technician

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]

NAMED_S, CLEARED_S = 10.0, 20.0
#: A fault goes on for so long after it was named, to see whether what is said stays.
STEADY_S = 6.0
#: Whoever speaks, who listens on a line of their own, and the venue, which is at the hub.
SPEAKER, LISTENER, VENUE = "son-la", "lao-cai", "ha-noi"
SITES = (SPEAKER, LISTENER, VENUE)

#: Camera and microphone go through the test's hands, as a plug and a switch would.
DEVICES = """
window.plugs = {};
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  if (window.unplugged && wanted.video) throw new DOMException("gone", "NotFoundError");
  const stream = await ask(wanted);
  const [voice] = stream.getAudioTracks();
  if (voice) {
    const context = new AudioContext();
    await context.resume();
    const gain = window.plugs.gain = context.createGain();
    const out = context.createMediaStreamDestination();
    context.createMediaStreamSource(new MediaStream([voice])).connect(gain).connect(out);
    stream.removeTrack(voice);
    stream.addTrack(out.stream.getAudioTracks()[0]);
  }
  [window.plugs.camera] = [...stream.getVideoTracks(), window.plugs.camera];
  return stream;
};
window.unplug = () => {
  window.unplugged = true;
  window.plugs.camera.stop();
  window.plugs.camera.dispatchEvent(new Event("ended"));
};
window.plug = () => {
  window.unplugged = false;
  navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
};
"""


class Forum:
    """Three sites and a technician.

    Attributes:
        home: line of the speaker. hall: line of the listener.
        page: of the speaker.
    """

    def __init__(self, server: HubServer, home: Site, hall: Site, verdicts: Verdicts) -> None:
        self.server, self.home, self.hall, self.verdicts = server, home, hall, verdicts
        self.page: Page

    async def suffer(
        self,
        name: str,
        site: str,
        cause: str,
        begin: Callable[[], Awaitable[None] | None],
        end: Callable[[], Awaitable[None] | None],
        also: tuple[str, ...] = (),
    ) -> Fault:
        """Make a fault, see it named, end it, and see that nothing is said of anybody.

        Args:
            name: for the table.
            site: where it is.
            cause: what is to be named.
            begin, end: make it, and end it.
            also: other sites that have the same cause.
        """
        fault, verdicts = Fault(name, site, cause), self.verdicts
        assert await verdicts.calm(90.0), "\n".join(verdicts.story(0))
        since = time.monotonic()
        async with verdicts.watching(fault):
            if (made := begin()) is not None:
                await made
            wanted = dict.fromkeys((site, *also), cause)
            fault.named_s = await verdicts.named(wanted, 2 * NAMED_S)
            fault.evidence = dict(verdicts.newest()[site].get("verdict", {}).get("evidence", {}))
            await asyncio.sleep(STEADY_S)
            if (made := end()) is not None:
                await made
            fault.cleared_s = await verdicts.good(2 * CLEARED_S)
        for other in also:
            fault.said.pop(other, None)
        keep(fault, "\n".join(verdicts.story(since)))
        return fault


async def host(lab: Lab, server: HubServer, place: Site | None, site: str, speech: Speech) -> Page:
    """Join as the host of *site*, with a camera of 20 frames a second: three share this machine."""
    flags = [
        "--use-fake-device-for-media-stream=fps=20",
        f"--use-file-for-fake-audio-capture={speech.file}",
        "--ignore-certificate-errors",
    ]
    browser = await lab.browser(place, server, flags)
    page = await lab.page(browser, server, "host", site, script=DEVICES)
    await page.get_by_test_id("join").click()
    await expect(page.get_by_test_id("request-floor")).to_be_visible(timeout=60_000)
    return page


@asynccontextmanager
async def forum(
    lab: Lab, speech: Speech, server: HubServer, *, blocked: bool = False
) -> AsyncIterator[Forum]:
    """Give three sites of which one speaks, none of which is in trouble.

    Args:
        blocked: UDP does not get through at the listener's.
    """
    home, hall = lab.site("home"), lab.site("hall")
    if blocked:
        hall.line.block_udp()
    async with moderator(server) as chair, technician(server, SITES) as verdicts:
        made = Forum(server, home, hall, verdicts)
        made.page = await host(lab, server, home, SPEAKER, speech)
        await host(lab, server, hall, LISTENER, speech)
        await host(lab, server, None, VENUE, speech)
        await put_on_air(chair, SPEAKER)
        await verdicts.connected(60.0)
        yield made


def judge(faults: list[Fault]) -> None:
    """Fail if a verdict was wrong, late, too long there, or of somebody else."""
    for fault in faults:
        assert fault.named_s is not None, fault
        assert fault.named_s <= NAMED_S, fault
        assert fault.cleared_s is not None, fault
        assert fault.cleared_s <= CLEARED_S, fault
        assert not fault.blamed(), fault


async def test_lines(lab: Lab, speech: Speech) -> None:
    async with forum(lab, speech, lab.server()) as made:
        home, hall, suffer = made.home.line, made.hall.line, made.suffer
        judge(
            [
                await suffer(
                    "8 % loss on the speaker’s uplink", SPEAKER, "uplink",
                    lambda: home.up(loss=0.08), home.clear,
                ),
                await suffer(
                    "8 % loss on a listener’s uplink", LISTENER, "uplink",
                    lambda: hall.up(loss=0.08), hall.clear,
                ),
                await suffer(
                    "8 % loss on a listener’s downlink", LISTENER, "downlink",
                    lambda: hall.down(loss=0.08), hall.clear,
                ),
            ]
        )  # fmt: skip


async def test_a_long_line(lab: Lab, speech: Speech) -> None:
    async with forum(lab, speech, lab.server()) as made:
        hall = made.hall.line
        fault = await made.suffer(
            "220 ms of delay each way", LISTENER, "uplink or downlink",
            lambda: hall.both(delay_ms=220.0), hall.clear,
        )  # fmt: skip
        judge([fault])


async def test_narrow_lines(lab: Lab, speech: Speech) -> None:
    async with forum(lab, speech, lab.server()) as made:
        home, hall, suffer = made.home.line, made.hall.line, made.suffer
        judge(
            [
                await suffer(
                    "speaker’s uplink of 300 kb/s", SPEAKER, "uplink",
                    lambda: home.up(rate_kbps=300.0), home.clear,
                ),
                await suffer(
                    "listener’s downlink of 200 kb/s", LISTENER, "downlink",
                    lambda: hall.down(rate_kbps=200.0), hall.clear,
                ),
            ]
        )  # fmt: skip


async def test_sites(lab: Lab, speech: Speech) -> None:
    async with forum(lab, speech, lab.server()) as made:
        page, suffer = made.page, made.suffer

        async def plug(script: str) -> None:
            await page.evaluate(script)

        faults = [
            await suffer(
                "camera unplugged", SPEAKER, "camera",
                lambda: plug("() => window.unplug()"), lambda: plug("() => window.plug()"),
            ),
            await suffer(
                "silent microphone", SPEAKER, "microphone",
                lambda: plug("() => { window.plugs.gain.gain.value = 0; }"),
                lambda: plug("() => { window.plugs.gain.gain.value = 1; }"),
            ),
        ]  # fmt: skip
        starving = starved(renderers(made.home.network), run_s=0.05, stop_s=0.55)

        async def end() -> None:
            await starving.__aexit__(None, None, None)

        faults.append(
            await suffer(
                "browser gets 8 % of its time", SPEAKER, "site_cpu", starving.__aenter__, end
            )
        )
        judge(faults)


async def test_a_relay(lab: Lab, speech: Speech, tmp_path: Path) -> None:
    async with relay(lab, tmp_path) as coturn:
        server = lab.server(*coturn.settings("tcp"))
        async with forum(lab, speech, server, blocked=True) as made:
            line = made.hall.line

            def lossy(loss: float) -> None:
                line.both(loss=loss, delay_ms=600 * loss)

            fault = await made.suffer(
                "8 % loss behind a relay over TCP", LISTENER, "relay",
                lambda: lossy(0.08), lambda: lossy(0.0),
            )  # fmt: skip
        judge([fault])


async def test_the_server(lab: Lab, speech: Speech) -> None:
    server = lab.server()
    async with forum(lab, speech, server) as made:
        assert server.process is not None
        starving = starved([server.process.pid], run_s=0.1, stop_s=0.4)

        async def end() -> None:
            await starving.__aexit__(None, None, None)

        fault = await made.suffer(
            "server gets 20 % of its time", SPEAKER, "server",
            starving.__aenter__, end, also=(LISTENER, VENUE),
        )  # fmt: skip
        judge([fault])
