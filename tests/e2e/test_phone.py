"""Delegates ask for the floor with their phones: from the code to the last word."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import time
import zoneinfo
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Browser, Page, Route, expect

from bridge.cli import main
from tests.e2e.browser import ERRORS, OUTPUT, chromium, shoot, until
from tests.e2e.test_main_job import join
from tests.e2e.test_pages import violations
from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.pages]

NAME = "Quàng Thị Phượng"
TITLE = "Phó Giám đốc Sở Khoa học và Công nghệ"
TOPIC = "Công nghệ số trong chế biến cà phê Mường Ảng"


async def phone(browser: Browser, server: RunningServer, url: str, lang: str = "vi") -> Page:
    """Open *url* on a phone of its own."""
    context = await browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        locale="vi-VN",
        reduced_motion="reduce",
    )
    await context.add_cookies([{"name": "lang", "value": lang, "url": server.url}])
    page = await context.new_page()
    page.on("pageerror", lambda error: ERRORS.append(f"{page.url}: {error}"))
    await page.goto(url)
    await expect(page.get_by_test_id("site-name")).to_have_text(
        "Điểm cầu Điện Biên" if lang == "vi" else "Dien Bien bridge point"
    )
    return page


async def fill(page: Page, name: str = NAME, title: str = TITLE, topic: str = TOPIC) -> None:
    await page.get_by_test_id("request-name").fill(name)
    await page.get_by_test_id("request-title").fill(title)
    await page.get_by_test_id("request-topic").fill(topic)


async def send(page: Page) -> None:
    await page.get_by_test_id("request-send").tap()


async def stage(page: Page, name: str) -> None:
    await expect(page.get_by_test_id("main-request")).to_have_attribute("data-stage", name)


async def look(page: Page, name: str) -> list[str]:
    """Keep a picture of the page, and return what shuts somebody out."""
    OUTPUT.mkdir(exist_ok=True)
    await page.screenshot(path=OUTPUT / f"phone-{name}.png", full_page=True)
    overhang = await page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overhang <= 0, f"{name} scrolls sideways by {overhang} px"
    small = await page.evaluate(
        """() => [...document.querySelectorAll("button, .input, .kind > label:first-child")]
          .filter((one) => one.offsetHeight < 44)
          .map((one) => one.outerHTML.slice(0, 100))"""
    )
    assert small == []
    return await violations(page)


@asynccontextmanager
async def room(server: RunningServer) -> AsyncIterator[tuple[Browser, Client]]:
    """A browser, and a moderator who is a program."""
    async with (
        chromium() as browser,
        server.socket(server.invite("moderator")["token"]) as socket,
    ):
        yield browser, await Client.hello(socket)


def planned(before: float, ahead: float) -> re.Pattern[str]:
    """Return what says when a turn is expected, if *ahead* seconds were planned at *before* or
    a little later: the page tells the time anew each second."""
    zone = zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")
    first = math.ceil((before + ahead) / 60)
    times = [dt.datetime.fromtimestamp(60 * (first + n), zone) for n in range(3)]
    return re.compile("^(" + "|".join(f"{one:%H:%M}" for one in times) + ")$")


async def done(moderator: Client, kind: str, **fields: object) -> None:
    """Give a command that must be accepted."""
    answer = await moderator.command(kind, **fields)
    assert answer["type"] == "ack", answer


async def pending(moderator: Client) -> str:
    """Wait for a request and return it."""
    await moderator.until(lambda page: page.view["pending"])
    return str(moderator.view["pending"][0])


async def test_from_the_code_to_the_last_word(server: RunningServer) -> None:
    link = server.invite("delegate", "dien-bien")["url"]
    async with room(server) as (browser, moderator):
        for n in range(2):
            await done(moderator, "request_floor", name=f"Ông {n}", site="son-la")
        page = await phone(browser, server, link)
        await expect(page).to_have_title("Đăng ký phát biểu · Điểm Cầu")
        assert await page.get_by_test_id("kind-reply").count() == 0  # nobody has spoken yet
        await expect(page.locator("form")).to_contain_text("lần đầu 7 phút, lần sau 3 phút")
        await send(page)  # nothing without a name
        await expect(page.get_by_test_id("request-name")).to_be_focused()
        await fill(page)
        assert await look(page, "form") == []
        await send(page)
        await stage(page, "pending")
        await expect(page.locator("h1")).to_be_focused()
        request = await pending(moderator)
        asked = moderator.view["requests"][request]
        assert [asked[key] for key in ("name", "title", "topic", "site", "priority_class")] == [
            NAME, TITLE, TOPIC, "dien-bien", "normal",
        ]  # fmt: skip
        assert await look(page, "pending") == []

        before = time.time()
        await done(moderator, "accept_request", request=request)
        await stage(page, "waiting")
        await expect(page.get_by_test_id("number")).to_have_text("3")
        await expect(page.get_by_test_id("expected")).to_have_text(planned(before, 2 * 420))
        await expect(page).to_have_title("Đã đăng ký, số 3 · Điểm Cầu")
        await expect(page.locator("#announcer")).to_have_text("Đã đăng ký, số 3")
        assert await look(page, "accepted") == []
        await done(moderator, "move_request", request=request, before=moderator.view["queue"][0])
        await expect(page.get_by_test_id("number")).to_have_text("1")

        await done(moderator, "call_on_deck", request=request)
        await stage(page, "deck")
        await expect(page.locator("h1")).to_have_text("Xin chuẩn bị: mời vào vị trí")
        assert await look(page, "deck") == []
        await done(moderator, "grant_floor", request=request, override=True)
        await stage(page, "arming")
        assert await page.get_by_test_id("cancel").count() == 0
        assert await look(page, "arming") == []
        await done(moderator, "revoke_floor", request=request, reason="Hết thời gian")
        ended = page.get_by_test_id("ended")
        await expect(ended).to_contain_text("Đã thu hồi")
        await expect(ended.get_by_test_id("reason")).to_have_text("Lý do: Hết thời gian")
        # The next one is asked for by the same person.
        await expect(page.get_by_test_id("request-name")).to_have_value(NAME)
        await expect(page.get_by_test_id("request-topic")).to_have_value("")


async def test_correcting_and_cancelling_what_one_asked_for(server: RunningServer) -> None:
    link = server.invite("delegate", "dien-bien")["url"]
    async with room(server) as (browser, moderator):
        page, other = [await phone(browser, server, link) for _ in range(2)]
        await fill(page, "Quang Thi Phuong")
        await send(page)
        request = await pending(moderator)
        await done(moderator, "accept_request", request=request)
        await stage(page, "waiting")
        # The neighbour's phone sees an empty form, and no trace of the first.
        await expect(other.get_by_test_id("request-name")).to_be_visible()
        assert await other.locator("[data-request]").count() == 0

        await page.get_by_test_id("correct").tap()
        await expect(page.get_by_test_id("request-name")).to_have_value("Quang Thi Phuong")
        await page.get_by_test_id("request-name").fill(NAME)
        await look(page, "correct")
        await send(page)
        await expect(page.get_by_test_id("own-name")).to_have_text(NAME)
        await moderator.until(lambda one: one.view["requests"][request]["name"] == NAME)
        assert moderator.view["queue"] == [request]

        await page.reload()
        await stage(page, "waiting")
        await expect(page.get_by_test_id("number")).to_have_text("1")
        await page.goto(link)  # the code scanned again
        await expect(page.get_by_test_id("number")).to_have_text("1")

        await page.get_by_test_id("cancel").tap()
        await expect(page.get_by_test_id("cancel-no")).to_be_focused()
        assert await look(page, "sure") == []
        await page.get_by_test_id("cancel-no").tap()
        await expect(page.get_by_test_id("cancel")).to_be_focused()
        assert moderator.view["queue"] == [request]
        await page.get_by_test_id("cancel").tap()
        await page.get_by_test_id("cancel-yes").tap()
        await moderator.until(lambda one: not one.view["queue"])
        await expect(page.get_by_test_id("ended")).to_contain_text("Đã hủy")
        await expect(page.get_by_test_id("request-name")).to_have_value(NAME)


async def test_several_requests_and_answers_of_the_moderators(server: RunningServer) -> None:
    link = server.invite("delegate", "dien-bien")["url"]
    async with room(server) as (browser, moderator):
        page = await phone(browser, server, link)
        await fill(page)
        await send(page)
        first = await pending(moderator)
        await done(moderator, "accept_request", request=first)
        await stage(page, "waiting")
        await page.get_by_test_id("more-written").tap()
        await expect(page.get_by_test_id("kind-written")).to_be_checked()
        await expect(page.get_by_test_id("request-send")).to_have_text("Gửi ý kiến")
        await page.get_by_test_id("request-topic").fill("Đề nghị hỗ trợ máy tính cho bản xa.")
        await look(page, "written")
        await send(page)
        written = await pending(moderator)
        await done(moderator, "accept_request", request=written)
        others = page.get_by_test_id("others")
        await expect(others).to_contain_text("Đã nhận ý kiến bằng văn bản")
        await stage(page, "waiting")

        await page.get_by_test_id("more").tap()
        await page.get_by_test_id("kind-point_of_order").tap()
        await send(page)
        order = await pending(moderator)
        await done(moderator, "deny_request", request=order, reason="Xin chờ phần thảo luận")
        await expect(page.get_by_test_id("ended")).to_contain_text("Không duyệt")
        await expect(page.get_by_test_id("ended")).to_contain_text("Lý do: Xin chờ phần thảo luận")
        assert await look(page, "several") == []

        await page.get_by_test_id("more").tap()  # the same person for the same kind twice
        await send(page)
        await expect(page.get_by_test_id("error")).to_contain_text("đã có trong danh sách")
        assert await look(page, "refused") == []
        await page.get_by_test_id("request-close").tap()
        await stage(page, "waiting")


async def test_speaking_and_a_reply_to_it(server: RunningServer) -> None:
    link = server.invite("delegate", "dien-bien")["url"]
    async with room(server) as (browser, moderator):
        await join(browser, server, "dien-bien")  # the site's own devices carry the speech
        speaker, listener = [await phone(browser, server, link) for _ in range(2)]
        await fill(speaker)
        await send(speaker)
        speech = await pending(moderator)
        await done(moderator, "accept_request", request=speech)
        await done(moderator, "grant_floor", request=speech, override=True)
        await stage(speaker, "live")
        await expect(speaker.get_by_test_id("clock")).to_have_text(re.compile(r"^0[67]:\d\d$"))
        await expect(speaker.locator("h1")).to_have_text("Quý vị đang phát biểu")
        assert await look(speaker, "live") == []

        await fill(listener, "Ông Bình")
        await send(listener)
        await done(moderator, "accept_request", request=await pending(moderator))
        await expect(listener.get_by_test_id("number")).to_have_text("1")
        await done(moderator, "release_floor", request=speech)
        await expect(speaker.get_by_test_id("ended")).to_contain_text("Đã kết thúc")

        await listener.get_by_test_id("more").tap()
        await listener.get_by_test_id("kind-reply").tap()
        choice = listener.get_by_test_id("reply-to").locator("option")
        await expect(choice).to_have_text([f"{NAME}, Điện Biên"])
        assert await look(listener, "reply") == []
        await send(listener)
        await expect(listener.get_by_test_id("others")).to_contain_text(f"Trả lời {NAME}")
        reply = await pending(moderator)
        assert moderator.view["requests"][reply]["reply_to"] == speech
        await done(moderator, "accept_request", request=reply)
        await stage(listener, "waiting")
        # A reply is heard before ordinary speeches, and so it is the one shown large.
        await expect(listener.get_by_test_id("main-request")).to_contain_text("Trả lời")


async def test_the_list_closes_while_somebody_types(server: RunningServer) -> None:
    link = server.invite("delegate", "dien-bien")["url"]
    async with room(server) as (browser, moderator):
        page = await phone(browser, server, link)
        await fill(page)
        await done(moderator, "set_list", state="suspended")
        await expect(page.get_by_test_id("list-note")).to_contain_text("tạm ngừng")
        await expect(page.get_by_test_id("request-send")).to_be_disabled()
        assert await look(page, "suspended") == []
        await done(moderator, "set_list", state="closed")
        await expect(page.get_by_test_id("list-note")).to_contain_text("ý kiến về trình tự")
        await expect(page.get_by_test_id("kind-normal")).to_be_disabled()
        await expect(page.get_by_test_id("request-send")).to_be_disabled()
        assert await look(page, "closed") == []
        await page.get_by_test_id("kind-point_of_order").tap()
        await expect(page.get_by_test_id("request-send")).to_be_enabled()
        await done(moderator, "set_list", state="open")
        await expect(page.get_by_test_id("list-note")).to_have_count(0)
        await page.get_by_test_id("kind-normal").tap()
        await expect(page.get_by_test_id("request-name")).to_have_value(NAME)
        await send(page)
        await stage(page, "pending")


async def test_what_is_typed_and_sent_outlives_a_lost_connection(server: RunningServer) -> None:
    link = server.invite("delegate", "dien-bien")["url"]
    async with chromium() as browser:
        page = await phone(browser, server, link)
        await fill(page, topic="")
        server.kill()
        await expect(page.get_by_test_id("notice-offline")).to_contain_text("vẫn được giữ")
        await page.get_by_test_id("request-topic").fill(TOPIC)
        await send(page)
        await expect(page.get_by_test_id("request-send")).to_have_text("Chờ có kết nối để gửi…")
        assert await look(page, "offline") == []
        server.start()
        await stage(page, "pending")
        await expect(page.get_by_test_id("notice-offline")).to_have_count(0)
        async with server.socket(server.invite("moderator")["token"]) as socket:
            moderator = await Client.hello(socket)
            (request,) = moderator.view["pending"]  # once, however often it was sent
            assert moderator.view["requests"][request]["topic"] == TOPIC


async def test_a_draft_outlives_a_reload(server: RunningServer) -> None:
    link = server.invite("delegate", "dien-bien")["url"]
    async with chromium() as browser:
        page = await phone(browser, server, link)
        await fill(page)
        await page.get_by_test_id("kind-written").tap()
        await page.reload()
        await expect(page.get_by_test_id("request-topic")).to_have_value(TOPIC)
        await expect(page.get_by_test_id("kind-written")).to_be_checked()
        await page.get_by_test_id("lang-en").tap()
        await expect(page.locator("h1")).to_have_text("Ask for the floor")
        await expect(page.get_by_test_id("request-topic")).to_have_value(TOPIC)
        await expect(page).to_have_title("Ask for the floor · Điểm Cầu")


async def test_in_english(server: RunningServer) -> None:
    link = server.invite("delegate", "dien-bien")["url"]
    async with room(server) as (browser, moderator):
        await done(moderator, "request_floor", name="Ông Một", site="son-la")
        page = await phone(browser, server, link, "en")
        await fill(page)
        assert await look(page, "form-en") == []
        await send(page)
        await stage(page, "pending")
        assert await look(page, "pending-en") == []
        request = await pending(moderator)
        await done(moderator, "accept_request", request=request)
        await expect(page.get_by_test_id("number")).to_have_text("2")
        assert await look(page, "accepted-en") == []
        await done(moderator, "call_on_deck", request=request)
        await stage(page, "deck")
        assert await look(page, "deck-en") == []
        await page.get_by_test_id("cancel").tap()
        assert await look(page, "sure-en") == []
        await page.set_viewport_size({"width": 1366, "height": 768})
        assert await look(page, "desktop-en") == []


async def test_a_withdrawn_link_says_what_to_do(server: RunningServer) -> None:
    link = server.invite("delegate", "dien-bien")["url"]
    async with chromium() as browser:
        page = await phone(browser, server, link)
        assert main(["revoke", link, "--data", str(server.data)]) == 0
        refused = page.get_by_test_id("refused")
        await expect(refused).to_contain_text("đã bị thu hồi")
        await expect(refused).to_contain_text("quét lại mã")
        assert await look(page, "refused-link") == []


async def test_a_browser_without_import_maps_is_enough(server: RunningServer) -> None:
    """Telephones of some years ago (Safari before 16.4) read modules, but no import map."""
    link = server.invite("delegate", "dien-bien")["url"]

    async def older(route: Route) -> None:
        response = await route.fetch()
        page = await response.text()
        assert 'type="importmap"' in page
        await route.fulfill(response=response, body=page.replace('type="importmap"', 'type="x"'))

    async with chromium() as browser:
        context = await browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
        page = await context.new_page()
        await page.route("**/delegate?*", older)
        page.on("pageerror", lambda error: ERRORS.append(f"{page.url}: {error}"))
        await page.goto(link)
        await fill(page)
        await send(page)
        await stage(page, "pending")


async def scanned(page: Page, testid: str) -> str:
    """Read the code as a phone's camera sees it."""
    picture = Image.open(io.BytesIO(await page.get_by_test_id(testid).screenshot()))
    (found,) = zxingcpp.read_barcodes(picture.convert("L"))
    return str(found.text)


async def test_the_host_shows_the_code_and_a_phone_scans_it(server: RunningServer) -> None:
    async with room(server) as (browser, moderator):
        host = await join(browser, server, "dien-bien")
        await host.evaluate("() => { window.printed = 0; window.print = () => window.printed++ }")
        await host.get_by_test_id("qr").click()
        sheet = host.get_by_test_id("qr-sheet")
        await expect(sheet).to_contain_text("Điểm cầu Điện Biên")
        await expect(sheet).to_contain_text("Phiên toàn thể, 06/12/2021")
        url = await host.get_by_test_id("qr-url").inner_text()
        assert await scanned(host, "qr-code") == url
        assert await violations(host) == []
        await shoot(host, "host-qr")
        await host.get_by_test_id("lang-en").evaluate("button => button.click()")
        await expect(sheet).to_contain_text("Scan the code with a phone")
        await host.get_by_test_id("lang-vi").evaluate("button => button.click()")

        await host.get_by_test_id("qr-print").click()
        assert await host.evaluate("() => window.printed") == 1
        await host.emulate_media(media="print")
        await expect(host.get_by_test_id("qr-close")).to_be_hidden()
        await expect(host.get_by_test_id("request-floor")).to_be_hidden()
        assert await scanned(host, "qr-code") == url
        await host.screenshot(path=OUTPUT / "host-qr-print.png", full_page=True)
        (OUTPUT / "host-qr.pdf").write_bytes(paper := await host.pdf(prefer_css_page_size=True))
        assert paper.count(b"/Type /Page\n") == 1
        await host.emulate_media(media="screen")
        await host.get_by_test_id("qr-close").click()
        await expect(host.get_by_test_id("request-floor")).to_be_visible()

        page = await phone(browser, server, url)
        await fill(page)
        await send(page)
        request = await pending(moderator)
        assert moderator.view["requests"][request]["site"] == "dien-bien"
        await expect(host.locator(f'[data-request="{request}"]')).to_contain_text(NAME)
        await shoot(host, "host-qr-button")

        # Withdrawn, the next code is another, and the old one says so.
        assert main(["revoke", url, "--data", str(server.data)]) == 0
        await host.get_by_test_id("qr").click()
        await expect(host.get_by_test_id("qr-url")).not_to_have_text(url)
        fresh = await host.get_by_test_id("qr-url").inner_text()
        await until(lambda: reads(host, fresh), what="the new code is drawn")
        await expect(page.get_by_test_id("refused")).to_be_visible()


async def reads(page: Page, text: str) -> bool:
    return await scanned(page, "qr-code") == text
