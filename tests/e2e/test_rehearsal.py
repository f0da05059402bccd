"""A site checks itself, enters, is rehearsed by its technician and signed off: real browsers."""

from __future__ import annotations

import io
import zipfile

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.e2e.browser import chromium, open_page, shoot
from tests.e2e.test_pages import violations
from tests.running import RunningServer

pytestmark = pytest.mark.browser

#: A hall: what the page plays is heard, quieter and 150 ms later, by a microphone that is asked for
#: without echo cancellation; any other microphone is Chromium's own, which beeps.
HALL = """
const hall = new AudioContext();
const microphone = hall.createMediaStreamDestination();
const air = new DelayNode(hall, { delayTime: 0.15 });
const distance = new GainNode(hall, { gain: window.hallGain ?? 0.2 });
air.connect(distance).connect(microphone);
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...rest) {
  if (to instanceof AudioDestinationNode && this.context !== hall) {
    const out = this.context.createMediaStreamDestination();
    connect.call(this, out);
    connect.call(hall.createMediaStreamSource(out.stream), air);
  }
  return connect.call(this, to, ...rest);
};
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) =>
  wanted.audio?.echoCancellation === false
    ? new MediaStream([microphone.stream.getAudioTracks()[0].clone()])
    : ask(wanted);
"""


async def shorter(route: Route) -> None:
    """Let the page measure its line for three seconds instead of eight."""
    response = await route.fetch()
    await route.fulfill(response=response, headers={**response.headers, "probe-seconds": "3"})


async def nowhere(route: Route) -> None:
    """Let a request of the page end without an answer."""
    await route.abort()


async def host_page(browser: Browser, server: RunningServer, site: str) -> Page:
    page = await open_page(browser, "about:blank")
    await page.add_init_script(HALL)
    await page.route("**/preflight?*", shorter)
    await page.goto(server.invite("host", site, "--name", "Lò Văn Sơn")["url"])
    return page


async def test_a_site_is_checked_rehearsed_and_signed_off(server: RunningServer) -> None:
    async with chromium() as browser:
        host = await host_page(browser, server, "dien-bien")
        link = server.invite("technician", "", "--name", "Trần Văn Thành")["url"]
        desk = await open_page(browser, link)

        # The host's own check, by the keyboard.
        line = host.get_by_test_id("check-line")
        await expect(line).to_have_attribute("data-state", "idle")
        await host.route("**/preflight?*", nowhere)
        await host.get_by_test_id("check-line-start").press("Enter")
        await expect(line).to_have_attribute("data-reason", "no_server")
        await host.unroute("**/preflight?*", nowhere)
        await host.get_by_test_id("check-line-start").press("Enter")
        await expect(line).to_have_attribute("data-state", "running")
        await host.get_by_test_id("tone").press("Enter")
        await expect(line).to_have_attribute("data-state", "done", timeout=40_000)
        # How good it is depends on the machine that runs the test; that it was measured does not.
        assert await line.get_attribute("data-verdict") in {"good", "fair", "poor"}
        await expect(host.get_by_test_id("line-figures")).to_contain_text("Mb/s")
        assert await violations(host) == []
        await shoot(host, "host-check-line")
        await host.get_by_test_id("join").click()

        # The technician's roll-call, by one key each.
        await desk.get_by_test_id("rehearsal-switch").click()
        await desk.locator('.rsite[data-site="dien-bien"]').click()
        await expect(desk.get_by_test_id("preflight")).to_be_visible()
        await expect(host.get_by_test_id("path")).to_be_visible()  # its media have come
        await desk.get_by_test_id("rehearse").press("t")
        await expect(desk.get_by_test_id("rehearse")).to_have_attribute("data-running", "true")
        await expect(host.get_by_test_id("notice-test")).to_have_attribute("data-step", "speak")
        await expect(host.get_by_test_id("notice-test")).to_have_attribute("data-step", "play")
        await shoot(host, "host-tested")
        await expect(desk.get_by_test_id("rehearse")).to_have_attribute(
            "data-running", "false", timeout=40_000
        )
        await expect(desk.get_by_test_id("item-picture_up")).to_contain_text("p, ")
        for item in ("sound_up", "picture_down", "sound_down"):
            found = desk.get_by_test_id(f"item-{item}")
            await expect(found).to_have_attribute("data-outcome", "good")
        await expect(desk.get_by_test_id("item-sound_down")).to_contain_text("mức âm")
        await expect(desk.get_by_test_id("baseline")).to_be_visible()
        await expect(desk.get_by_test_id("baseline-by")).to_contain_text("Chưa ai xác nhận")

        # They talk to each other; the server hears it from both ends, and the technician says so.
        await desk.get_by_test_id("rehearse").press("c")
        calling = desk.get_by_test_id("calling")
        for step in ("spoken", "heard"):
            done = calling.locator(f"[data-step={step}]")
            await expect(done).to_have_attribute("data-done", "true")
        await shoot(desk, "technician-rehearsal-call")
        await host.get_by_test_id("talk-answer").click()
        called = desk.get_by_test_id("called")
        await expect(called).to_have_attribute("data-found", "good")
        await expect(desk.get_by_test_id("item-talkback")).to_have_attribute("data-outcome", "open")
        await desk.get_by_test_id("talk-end").click()
        await expect(host.get_by_test_id("talk")).to_have_count(0)

        await desk.get_by_test_id("sign").click()
        await expect(desk.get_by_test_id("refusal")).to_be_visible()
        ticks = ("equipment-good", "line-good", "picture_up-good", "talkback-good", "backup-none")
        for tick in ticks:
            button = desk.get_by_test_id(tick)
            if await button.get_attribute("aria-pressed") != "true":
                await button.press("Enter")
            await expect(button).to_have_attribute("aria-pressed", "true")
        await expect(desk.get_by_test_id("item-talkback").get_by_test_id("against")).to_have_count(
            0
        )
        # What a slow machine measured as bad was ticked good above: that needs a word.
        await desk.get_by_test_id("sign-note").fill("Máy thử chậm")
        assert await violations(desk) == []
        await shoot(desk, "technician-rehearsal")
        await desk.get_by_test_id("lang-en").click()
        await shoot(desk, "technician-rehearsal-en")
        await desk.get_by_test_id("lang-vi").click()
        await desk.get_by_test_id("rehearse").press("s")
        await expect(desk.get_by_test_id("progress")).to_contain_text("1/")
        await expect(desk.get_by_test_id("rehearsal-site")).not_to_have_attribute(
            "data-site", "dien-bien"
        )

        # A reloaded page is where it was, and the sheet has everything.
        await desk.reload()
        await expect(desk.get_by_test_id("progress")).to_contain_text("1/")
        await desk.locator('.rsite[data-site="dien-bien"]').click()
        await expect(desk.get_by_test_id("signed")).to_contain_text("Trần Văn Thành")
        by = desk.get_by_test_id("baseline-by")
        await expect(by).to_contain_text("Trần Văn Thành xác nhận")
        async with desk.expect_download() as download:
            await desk.get_by_test_id("sheet").click()
        file = io.BytesIO((await (await download.value).path()).read_bytes())
        with zipfile.ZipFile(file) as package:
            assert "Trần Văn Thành" in package.read("word/document.xml").decode()
