"""A host that has the floor, through every state, in front of a real server and a hall.

Screenshots go to ``tests/_output/state-*``; ``make screenshots`` keeps them for the docs.
"""

from __future__ import annotations

import asyncio
import re
import time

import pytest
from playwright.async_api import expect

from tests.e2e.browser import moving, open_page, until
from tests.e2e.hall import Hall, air, hall, picture, row
from tests.e2e.test_main_job import NAME, join
from tests.e2e.test_pages import violations
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


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
        rules = {"overtime": "cut", "first_limit": 120, "next_limit": 120, "warning": 119}
        await at.command("set_policy", change={**rules, "revoke_grace": 60})
        own = await at.own_request()
        await at.command("grant_floor", request=own, override=True)
        say = at.host.locator(".timebox .say")
        await expect(say).to_contain_text("Micro đóng khi đồng hồ về 00:00")
        await at.keep("warning-cut")
        await at.command("extend_floor", request=own, seconds=-120)  # to the end of this second
        await expect(air(at.host)).to_have_attribute("data-turn", "cut")
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

        cut = time.monotonic()
        at.line.cut()
        await at.state(own, "link_lost")
        await expect(at.host.locator(".band")).to_have_attribute("data-why", "offline")
        await at.keep("offline")
        await asyncio.sleep(max(0.0, cut + 5 - time.monotonic()))  # five seconds and more
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
