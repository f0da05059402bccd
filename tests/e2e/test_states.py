"""A host and a hall through every state a request can be in, in front of a real server.

Screenshots go to ``tests/_output/state-*``; ``make screenshots`` keeps them for the docs.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.e2e.browser import KEEP_PICTURES, OUTPUT, chromium, moving, open_page, shoot, until
from tests.e2e.line import Line, line
from tests.e2e.test_main_job import NAME, ask, join
from tests.e2e.test_pages import violations
from tests.running import Client, RunningServer
from tests.server.test_phones import Phone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

#: Keeps the frequency of every note the page plays.
NOTES = """
window.notes = [];
window.OscillatorNode = class extends OscillatorNode {
  constructor(context, options) {
    super(context, options);
    window.notes.push(Math.round(options.frequency));
  }
};
"""
BELL = [659, 523]
FOCUS = "() => document.activeElement.dataset.testid ?? ''"
SAID = "() => document.getElementById('announcer').textContent"


@dataclass
class Hall:
    """One site's host page behind a line that can be cut, the stage, and a moderator."""

    server: RunningServer
    line: Line
    host: Page
    stage: Page
    desk: Page
    moderator: Client
    sending: Browser
    watching: Browser

    async def request(self, site: str, name: str, **fields: object) -> str:
        """Put a request into the queue and return its id."""
        known = set(self.moderator.view["requests"])
        await self.command("request_floor", site=site, name=name, **fields)
        [made] = set(self.moderator.view["requests"]) - known
        return str(made)

    async def own_request(self) -> str:
        """Ask for the floor on the host page, accept it, and return its id."""
        await ask(self.host, NAME)
        await self.moderator.until(lambda client: client.view["pending"])
        [made] = self.moderator.view["pending"]
        await self.command("accept_request", request=made)
        return str(made)

    async def command(self, kind: str, **fields: object) -> None:
        answer = await self.moderator.command(kind, **fields)
        assert answer["type"] == "ack", answer

    async def state(self, request: str, *states: str) -> None:
        """Wait until *request* is in one of *states*."""
        await self.moderator.until(
            lambda client: client.view["requests"][request]["state"] in states, 30
        )

    async def keep(self, name: str, *, every_size: bool = False, stage: bool = False) -> None:
        """Keep pictures of the state; nobody may be shut out, nothing may stick out."""
        assert await violations(self.host) == []
        await picture(self.host, f"host-{name}", every_size=every_size)
        await picture(self.desk, f"moderator-{name}")
        if stage:
            assert await violations(self.stage) == []
            await picture(self.stage, f"stage-{name}")


async def picture(page: Page, name: str, *, every_size: bool = False) -> None:
    """Keep a picture of a page as it is, or in every size."""
    if every_size:
        await shoot(page, f"state-{name}")
    elif KEEP_PICTURES:
        OUTPUT.mkdir(exist_ok=True)
        await page.screenshot(path=OUTPUT / f"state-{name}.png")


@asynccontextmanager
async def hall(
    server: RunningServer, *, site: str = "dien-bien", microphone: bool = True, muted: bool = False
) -> AsyncIterator[Hall]:
    """Open all pages; the host has joined, in a browser where only pages in use may sound."""
    async with (
        chromium(autoplay=False) as sending,
        chromium() as watching,
        line(server) as wire,
        server.socket(server.invite("moderator")["token"]) as socket,
    ):
        script = NOTES + ("sessionStorage.setItem('dc-muted', 'yes');" if muted else "")
        host = await wire.open_page(sending, server.invite("host", site)["url"], script)
        if not microphone:
            await host.get_by_test_id("select-microphone").select_option("none")
        await host.get_by_test_id("join").click()
        yield Hall(
            server=server,
            line=wire,
            host=host,
            stage=await open_page(watching, server.invite("stage")["url"]),
            desk=await open_page(watching, server.invite("moderator")["url"]),
            moderator=await Client.hello(socket),
            sending=sending,
            watching=watching,
        )


def air(page: Page) -> Locator:
    return page.get_by_test_id("on-air")


def row(page: Page, request: str) -> Locator:
    return page.locator(f"[data-request={request}]")


async def tab_to(page: Page, testid: str, key: str = "Tab") -> None:
    """Move the focus with the keyboard alone."""
    for _ in range(10):
        if await page.evaluate(FOCUS) == testid:
            return
        await page.keyboard.press(key)
    raise AssertionError(f"{testid} cannot be reached with {key}")


async def speak_elsewhere(hall: Hall) -> str:
    """Let Bắc Ninh speak, with less than three minutes left; return its request."""
    await join(hall.watching, hall.server, "bac-ninh")
    request = await hall.request(
        "bac-ninh",
        "Ngô Thúy Hằng",
        title="Giám đốc Sở Công Thương tỉnh Bắc Ninh",
        topic="Trao đổi về dữ liệu khu công nghiệp",
    )
    await hall.command("grant_floor", request=request, override=True)
    await hall.state(request, "live")
    await hall.command("extend_floor", request=request, seconds=-250)
    return request


async def test_waiting_for_a_turn(server: RunningServer) -> None:
    async with hall(server) as at:
        place = at.host.get_by_test_id("place")
        await expect(place).to_contain_text("Chưa đăng ký phát biểu")
        speech = await speak_elsewhere(at)
        before = await at.request("son-la", "Lường Văn Toàn")
        await ask(at.host, NAME)
        await expect(place).to_contain_text("Đang chờ duyệt")
        await at.keep("pending")

        await at.moderator.until(lambda client: client.view["pending"])
        [own] = at.moderator.view["pending"]
        await at.command("accept_request", request=own)
        await expect(place).to_contain_text("Số 2 trong danh sách")
        await expect(place).to_contain_text(re.compile(r"khoảng 10 phút, đến lượt lúc \d\d:\d\d"))
        await expect(row(at.host, own)).to_contain_text(re.compile(r"Đến lượt khoảng \d\d:\d\d"))
        await at.keep("waiting", every_size=True)

        await at.command("cancel_request", request=before)
        await expect(place).to_contain_text("Quý vị là lượt tiếp theo")
        await at.command("release_floor", request=speech)
        await expect(place).to_contain_text("có thể được mời bất cứ lúc nào")


async def test_the_list_of_a_site(server: RunningServer) -> None:
    async with hall(server) as at:
        phone = Phone(server)
        async with phone.http:
            await phone.open(server.invite("delegate", "dien-bien")["url"])
            async with server.socket(phone.token) as socket:
                await (await Client.hello(socket)).command(
                    "request_floor", name="Quàng Thị Phượng", topic="Chế biến cà phê Mường Ảng"
                )
        request = at.host.get_by_test_id("request-floor")
        await at.moderator.until(lambda client: client.view["pending"])
        [own] = at.moderator.view["pending"]
        await expect(row(at.host, own)).to_contain_text("Từ điện thoại của đại biểu")

        await request.click()  # nobody has spoken: there is nothing to reply to
        kind = at.host.get_by_test_id("request-class")
        await expect(kind.locator("option")).to_have_count(3)
        await expect(kind).to_contain_text("Phát biểu (lần đầu 7 phút, lần sau 3 phút)")
        for name in ("Ngô Thúy Hằng", "Vũ Đình Khải"):
            speech = await at.request("dien-bien", name)
            await at.command("grant_floor", request=speech, override=True)
            await at.state(speech, "live")
            await at.command("release_floor", request=speech)
        await at.host.get_by_test_id("request-floor").click()  # the speeches closed the form
        await expect(kind).to_contain_text("Trả lời, trao đổi lại (3 phút)")
        await kind.select_option("reply")
        answered = at.host.get_by_test_id("request-reply-to")
        await expect(answered.locator("option").first).to_contain_text("Vũ Đình Khải")
        await answered.select_option(index=1)
        await at.host.get_by_test_id("request-name").fill(NAME)
        await at.keep("reply", every_size=True)
        await at.command("set_list", state="suspended")
        await expect(at.host.get_by_test_id("suspended-note")).to_be_visible()
        await expect(at.host.get_by_test_id("request-send")).to_be_disabled()
        await at.keep("suspended-list")
        await at.command("set_list", state="open")
        await at.host.get_by_test_id("request-send").click()
        await at.moderator.until(lambda client: len(client.view["pending"]) == 2)
        reply = at.moderator.view["pending"][-1]
        await expect(row(at.host, reply)).to_contain_text("Trả lời Ngô Thúy Hằng (Điện Biên)")

        await at.command("correct_time", request=speech, seconds=75, reason="Đồng hồ chạy sớm")
        await expect(row(at.host, speech)).to_contain_text("Đã nói 01:15 (đã điều chỉnh)")
        await at.command("set_list", state="closed")
        await expect(at.host.get_by_test_id("place")).to_contain_text("ngừng nhận đăng ký mới")
        await at.keep("closed-list", every_size=True)

        await row(at.host, own).get_by_test_id("cancel-request").click()
        await expect(at.host.get_by_role("alertdialog")).to_contain_text("bằng điện thoại")
        await at.host.get_by_test_id("confirm-yes").click()
        await expect(row(at.host, own)).to_have_attribute("data-status", "cancelled")


async def test_on_deck(server: RunningServer) -> None:
    async with hall(server, muted=True) as at:
        await at.command("set_policy", change={"check_timeout": 8})
        await speak_elsewhere(at)
        own = await at.own_request()
        await expect(at.host.get_by_test_id("place")).to_contain_text("Số 1")
        await at.command("call_on_deck", request=own)

        deck = at.host.get_by_test_id("on-deck")
        await expect(deck).to_have_attribute("data-state", "checking")
        await expect(at.host.get_by_test_id("deck-title")).to_have_text("Xin chuẩn bị: còn 1 lượt")
        await expect(at.host.get_by_test_id("deck-when")).to_have_text(
            "Sau điểm cầu Bắc Ninh là đến quý vị, khoảng 3 phút nữa."
        )
        await expect(at.host.get_by_test_id("speaker-clock")).to_have_text(re.compile(r"02:\d\d"))
        await expect(at.host.get_by_test_id("prep")).to_have_text(re.compile(r"Còn 01:\d\d"))
        await expect(at.host).to_have_title(re.compile("Xin chuẩn bị"))
        assert await at.host.evaluate(FOCUS) == "remedy-confirm"
        assert NAME in await at.host.evaluate(SAID)
        await until(lambda: at.host.evaluate("() => window.notes.length"), what="the bell rings")
        assert await at.host.evaluate("() => window.notes") == BELL
        await expect(at.host.get_by_test_id("deck-picture")).to_have_attribute("data-state", "ok")
        await at.keep("checking")

        await expect(deck).to_have_attribute("data-state", "failed")
        await expect(at.host.get_by_test_id("deck-title")).to_have_text(
            "Còn thiếu: tiếng và xác nhận nghe rõ"
        )
        await expect(at.host.get_by_test_id("deck-sound")).to_have_attribute(
            "data-remedy", "unmute"
        )
        await at.keep("failed", every_size=True)

        await at.host.get_by_test_id("remedy-unmute").click()
        await expect(at.host.get_by_test_id("deck-sound")).to_have_attribute("data-state", "ok")
        await at.host.get_by_test_id("remedy-confirm").press("Enter")
        await expect(at.host.get_by_test_id("ready")).to_be_visible()
        await expect(at.host).to_have_title(re.compile("Quý vị đã sẵn sàng"))
        assert "sẵn sàng" in await at.host.evaluate(SAID)
        await at.keep("ready", every_size=True)

        english = await at.line.open_page(at.watching, server.invite("host", "dien-bien")["url"])
        await english.get_by_test_id("lang-en").click()
        await expect(english.get_by_text("asked to get ready to speak")).to_be_visible()
        await english.get_by_test_id("join-watch").click()
        await expect(english.get_by_test_id("deck-title")).to_have_text("You are ready")
        await picture(english, "host-ready-en", every_size=True)
        await english.close()

        await tab_to(at.host, "not-ready")
        await at.host.keyboard.press("Enter")
        await expect(at.host.get_by_test_id("confirm-no")).to_be_focused()
        await tab_to(at.host, "confirm-yes", "Shift+Tab")
        await at.host.keyboard.press("Enter")
        await expect(at.host.get_by_test_id("place")).to_contain_text("Số 1 trong danh sách")
        await expect(at.host.get_by_test_id("back")).to_contain_text("điều hành sẽ mời lại")
        await at.state(own, "queued")


async def test_called_while_writing(server: RunningServer) -> None:
    async with hall(server) as at:
        own = await at.own_request()
        await at.host.get_by_test_id("request-floor").click()
        await at.host.get_by_test_id("request-name").fill("Giàng A Páo")
        await at.command("call_on_deck", request=own)
        await expect(at.host.get_by_test_id("deck-note")).to_be_visible()
        await expect(at.host.get_by_test_id("request-name")).to_be_focused()
        await expect(at.host.get_by_test_id("request-name")).to_have_value("Giàng A Páo")
        await at.host.get_by_test_id("deck-note").get_by_role("button").click()
        await expect(at.host.get_by_test_id("remedy-confirm")).to_be_focused()


async def test_an_open_microphone_hears_no_bell(server: RunningServer) -> None:
    async with hall(server, site="da-nang") as at:
        own = await at.request("da-nang", "Lê Trung Chinh")
        await at.command("call_on_deck", request=own)
        deck = at.host.get_by_test_id("on-deck")
        await expect(deck).to_have_class(
            "edge air"
        )  # a co-chair is heard: red is louder than amber
        await expect(at.host.get_by_test_id("on-air")).to_contain_text("đang nghe quý vị")
        await expect(at.host.get_by_test_id("deck-title")).to_contain_text("đến lượt quý vị")
        await at.keep("on-deck-and-heard")
        assert await at.host.evaluate("() => window.notes") == []


async def test_on_air(server: RunningServer) -> None:
    async with hall(server, microphone=False) as at:
        own = await at.own_request()
        await at.command("grant_floor", request=own, override=True)
        await expect(air(at.host)).to_have_attribute("data-turn", "arming")
        await expect(at.stage.get_by_test_id("clock")).to_be_hidden()
        await at.keep("arming")
        await at.host.get_by_test_id("devices").click()
        choice = at.host.locator("#dialog-devices").get_by_test_id("select-microphone")
        await choice.select_option(index=0)
        await at.host.get_by_test_id("devices-close").click()
        await expect(air(at.host)).to_have_attribute("data-turn", "live")
        band = air(at.host).locator(".band")
        await expect(band).to_have_attribute("data-tally", "both")
        await expect(at.stage.get_by_test_id("lower-third")).to_contain_text(NAME)
        await at.keep("live", stage=True)

        second = await at.request("dien-bien", "Giàng A Páo")
        await at.command("call_on_deck", request=second)
        next_of_us = at.host.get_by_test_id("next-of-us")
        await expect(next_of_us).to_contain_text("Giàng A Páo")
        await next_of_us.get_by_role("button").click()
        await expect(next_of_us).to_contain_text("Tín hiệu về: nghe rõ")
        await at.keep("live-and-next", every_size=True)
        await at.command("cancel_request", request=second)

        box = at.host.locator(".timebox")
        await at.command("extend_floor", request=own, seconds=-360)
        await expect(box).to_have_attribute("data-form", "warning")
        await at.keep("warning", stage=True)
        await at.command("extend_floor", request=own, seconds=-60)
        await expect(box).to_have_attribute("data-form", "over")
        await expect(at.host.get_by_test_id("clock")).to_have_text(re.compile(r"\+00:\d\d"))
        await at.keep("overtime", every_size=True, stage=True)
        await at.command("extend_floor", request=own, seconds=300)

        await at.command("pause_floor", request=own)
        await expect(air(at.host)).to_have_attribute("data-turn", "paused")
        await expect(at.stage.get_by_test_id("clock")).to_have_attribute("data-phase", "paused")
        await at.keep("paused", stage=True)
        await at.command("resume_floor", request=own)
        await expect(air(at.host)).to_have_attribute("data-turn", "live")

        await at.command("set_policy", change={"chair_priority": "suspend", "revoke_grace": 60})
        await join(at.watching, server, "ha-noi")
        chair = await at.request("ha-noi", "Trần Tuấn Anh", priority_class="chair")
        await at.command("grant_floor", request=chair, override=True)
        await expect(air(at.host)).to_have_attribute("data-turn", "suspended")
        await expect(at.host.get_by_test_id("tally")).to_contain_text(
            "Quý vị sẽ nói tiếp ngay sau đó"
        )
        await at.keep("suspended", every_size=True)
        await at.command("release_floor", request=chair)
        await expect(air(at.host)).to_have_attribute("data-turn", "live")

        await at.command("revoke_floor", request=own, reason="Hết thời gian của phiên")
        await expect(air(at.host)).to_have_attribute("data-turn", "revoking")
        await expect(at.host.get_by_test_id("tally")).to_contain_text("Hết thời gian của phiên")
        await at.keep("revoking")
        await at.command("keep_floor", request=own)
        await expect(air(at.host)).to_have_attribute("data-turn", "live")

        await at.host.get_by_test_id("release").click()
        await at.keep("release")
        await at.host.get_by_test_id("confirm-yes").click()
        await expect(row(at.host, own)).to_contain_text(re.compile(r"Đã nói \d\d:\d\d"))
        await at.keep("released")


async def test_the_clock_cuts(server: RunningServer) -> None:
    async with hall(server) as at:
        rules = {"overtime": "cut", "first_limit": 20, "next_limit": 20, "warning": 15}
        await at.command("set_policy", change={**rules, "revoke_grace": 60})
        own = await at.own_request()
        await at.command("grant_floor", request=own, override=True)
        say = at.host.locator(".timebox .say")
        await expect(say).to_contain_text("Micro đóng khi đồng hồ về 00:00")
        await at.keep("warning-cut")
        await expect(air(at.host)).to_have_attribute("data-turn", "cut", timeout=25_000)
        await expect(at.host.locator(".band h1")).to_have_text("Đã hết thời gian phát biểu")
        await at.keep("cut")


async def test_a_link_that_is_lost_for_seconds(server: RunningServer) -> None:
    async with hall(server) as at:
        own = await at.own_request()
        await at.command("grant_floor", request=own, override=True)
        await at.state(own, "live")
        await until(lambda: moving(at.stage), what="the stage shows the camera")
        slate = at.stage.get_by_test_id("slate")

        at.line.cut(pages=False)
        await expect(air(at.host)).to_have_attribute("data-turn", "link_lost", timeout=25_000)
        await expect(at.host.get_by_test_id("tally")).to_have_text(
            re.compile(r"Hội trường đang thấy hình chờ\. Đang nối lại, quý vị còn giữ lời \d+ giây")
        )
        await expect(slate).to_contain_text("Điểm cầu Điện Biên")
        await expect(slate).to_contain_text("Đường truyền đang gián đoạn, xin chờ")
        clock = at.stage.get_by_test_id("clock")
        await expect(clock).to_have_attribute("data-phase", "link_lost")
        standing = await clock.inner_text()
        await at.keep("link_lost", every_size=True, stage=True)
        assert await clock.inner_text() == standing
        at.line.mend()
        await back_on_air(at, own)

        at.line.cut()
        await at.state(own, "link_lost")
        await expect(at.host.locator(".band")).to_have_attribute("data-why", "offline")
        await at.keep("offline")
        await at.host.wait_for_timeout(5000)  # the cut itself: five seconds and more
        at.line.mend()
        await back_on_air(at, own)


async def back_on_air(at: Hall, own: str) -> None:
    """Everything is back without a click: state, words, and a new picture on the stage."""
    await at.state(own, "live")
    await expect(air(at.host)).to_have_attribute("data-turn", "live", timeout=30_000)
    await expect(air(at.host).locator(".band")).to_have_attribute(
        "data-tally", "both", timeout=30_000
    )
    await expect(at.stage.get_by_test_id("slate")).to_be_hidden()
    await until(lambda: moving(at.stage), what="the stage sees Điện Biên again")


async def test_a_link_that_stays_lost(server: RunningServer) -> None:
    async with hall(server) as at:
        await at.command("set_policy", change={"drop_timeout": 5})
        other = await open_page(at.watching, "about:blank")
        await other.route("**/media/**", lambda route: route.abort())  # pages pass, media do not
        await other.goto(server.invite("host", "dien-bien")["url"])
        await other.get_by_test_id("join-watch").click()
        own = await at.own_request()
        await at.command("grant_floor", request=own, override=True)
        await at.state(own, "live")
        at.line.cut()
        await at.state(own, "held")
        place = other.get_by_test_id("place")
        await expect(place).to_contain_text("Đang giữ chỗ: số 1")
        await expect(place).to_contain_text(re.compile(r"Đã nói \d\d:\d\d trước khi mất"))
        assert await violations(other) == []
        await picture(other, "host-held", every_size=True)
        await picture(at.desk, "moderator-held")
        at.line.mend()
        await at.state(own, "queued")
        await expect(at.host.get_by_test_id("place")).to_contain_text("Số 1", timeout=30_000)
