"""A technician acts on a site in real browsers: its page answers, and goes on as it was."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.e2e.browser import audio_energy, chromium, moving, open_page, shoot, until
from tests.e2e.test_host_truth import speak
from tests.e2e.test_pages import violations
from tests.running import Client, RunningServer

pytestmark = pytest.mark.browser

SITE = "dien-bien"
UFRAG = "() => window.peerConnections.at(-1).localDescription.sdp.match(/ice-ufrag:(.*)/)[1]"


async def became(technician: Page, action: str, state: str) -> None:
    """Wait until the newest of the technician's actions is this one, and at this state."""
    newest = technician.get_by_test_id("acts").locator("li").first
    await expect(newest).to_have_attribute("data-action", action)
    await expect(newest).to_have_attribute("data-state", state, timeout=30_000)


async def test_a_technician_acts_on_a_speaker(server: RunningServer) -> None:
    async with (
        chromium() as browser,
        server.socket(server.invite("moderator")["token"]) as socket,
    ):
        moderator = await Client.hello(socket)
        host = await open_page(browser, server.invite("host", SITE)["url"])
        await host.get_by_test_id("join").click()
        stage = await open_page(browser, server.invite("stage")["url"])
        invited = server.invite("technician", "", "--name", "Ông Sơn")
        technician = await open_page(browser, invited["url"])
        await technician.locator(f".tile[data-site={SITE}]").click()
        acts = technician.get_by_test_id("site-actions")

        await acts.get_by_test_id("write-note").click()
        await technician.get_by_test_id("note-text").fill("Xin chuyển micro lại gần người nói")
        await technician.get_by_test_id("note-send").click()
        await expect(host.get_by_test_id("note")).to_contain_text("Xin chuyển micro")
        await became(technician, "note", "shown")
        await shoot(host, "action-note-host")
        assert await violations(host) == []
        await host.get_by_test_id("note-read").click()
        await became(technician, "note", "done")
        await expect(host.get_by_test_id("note")).to_have_count(0)

        await acts.get_by_test_id("talk-latch").click()
        await expect(host.get_by_test_id("talk")).to_have_attribute("data-speaking", "true")
        await became(technician, "talk", "done")
        await until(lambda: audio_energy(host), what="the host hears the technician")
        await shoot(host, "action-talk-host")
        assert await violations(host) == []
        await acts.get_by_test_id("talk-latch").click()
        await expect(host.get_by_test_id("talk")).to_have_attribute("data-speaking", "false")
        assert not await audio_energy(technician)
        await host.get_by_test_id("talk-answer").click()
        await until(lambda: audio_energy(technician), what="the technician hears the answer")
        await shoot(technician, "action-talk-technician")
        assert not await audio_energy(stage), "nobody else has heard any of it"
        await acts.get_by_test_id("talk-end").click()
        await expect(host.get_by_test_id("talk")).to_have_count(0)

        before = await host.evaluate(UFRAG)
        await acts.get_by_test_id("reconnect").click()
        await became(technician, "reconnect", "done")
        assert await host.evaluate(UFRAG) != before, "ICE was restarted"

        await speak(host, moderator)
        await until(lambda: moving(stage), what="the stage sees the speaker")
        await acts.get_by_test_id("mute-site").click()
        await expect(technician.get_by_test_id("action-question")).to_be_visible()
        await shoot(technician, "action-question")
        await technician.get_by_test_id("action-yes").click()
        await became(technician, "mute", "done")
        await expect(host.locator("[data-why=silenced]").first).to_be_visible()
        await moderator.until(lambda page: SITE not in page.view["microphones"])
        await shoot(host, "action-muted-host")
        await shoot(technician, "action-muted-technician")
        assert await violations(host) == []
        await acts.get_by_test_id("unmute").click()
        await expect(host.locator("[data-why=silenced]")).to_have_count(0)

        await host.get_by_test_id("mute").click()
        device = await host.evaluate("() => sessionStorage.getItem('dc-tab')")
        await host.evaluate("() => { window.former = true; }")
        await acts.get_by_test_id("reload").click()
        await technician.get_by_test_id("action-yes").click()
        await became(technician, "reload", "done")
        assert not await host.evaluate("() => window.former === true"), "it was loaded anew"
        assert await host.evaluate("() => sessionStorage.getItem('dc-tab')") == device
        await expect(host.get_by_test_id("on-air")).to_be_visible()
        await expect(host.get_by_test_id("mute")).to_have_attribute("data-muted", "true")
        [request] = moderator.view["speaking"]
        assert moderator.view["requests"][request]["status"] == "granted", "as it was before"
        await until(lambda: moving(stage), what="the stage sees the speaker again")

        await acts.get_by_test_id("audio-only").select_option("both")
        await technician.get_by_test_id("action-yes").click()
        await became(technician, "audio_only", "done")
        await expect(host.get_by_test_id("notice-audio-only")).to_be_visible()
        await until(lambda: still(stage), what="the stage sees a slate")
        await shoot(host, "action-audio-only-host")
        await acts.get_by_test_id("audio-only").select_option("")
        await until(lambda: moving(stage), what="and then the speaker")
        await expect(host.get_by_test_id("notice-audio-only")).to_have_count(0)

        await technician.get_by_test_id("panel-close").click()
        for site in (SITE, "son-la"):
            await technician.locator(f".tile[data-site={site}] .open").focus()
            await technician.keyboard.press("Space")
        bulk = technician.get_by_test_id("bulk")
        await bulk.get_by_test_id("bulk-more").locator("summary").click()
        await bulk.get_by_test_id("bulk-cap-400").click()
        await expect(bulk.get_by_test_id("bulk-air")).to_contain_text("1")
        await shoot(technician, "action-bulk")
        await bulk.get_by_test_id("bulk-no").click()
        await bulk.get_by_test_id("bulk-reconnect-").click()
        await bulk.get_by_test_id("bulk-yes").click()
        result = bulk.get_by_test_id("bulk-result")
        await expect(result).to_contain_text("1 xong, 1 chưa trả lời: Sơn La")
        await shoot(technician, "action-bulk-result")
        assert await violations(technician) == []


async def still(page: Page) -> bool:
    return not await moving(page)
