"""A host from the first question to ready, through every state, in front of a real server.

Screenshots go to ``tests/_output/state-*``; ``make screenshots`` keeps them for the docs.
"""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.e2e.browser import until
from tests.e2e.hall import Hall, hall, picture, row
from tests.e2e.test_main_job import NAME, ask, join
from tests.running import Client, RunningServer
from tests.server.test_phones import Phone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

BELL = [659, 523]
FOCUS = "() => document.activeElement.dataset.testid ?? ''"
SAID = "() => document.getElementById('announcer').textContent"


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
