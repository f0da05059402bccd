"""The roll-call: tests of sites with real packets, ticks, signatures, and what a restart keeps."""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
import zipfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from xml.etree import ElementTree as ET

import aiohttp
import pytest
from pypdf import PdfReader

from bridge.link.tones import FREQUENCIES_HZ
from tests.listening.sounds import opus, row, speech
from tests.media.client import PUBLISHER, vp8_delta, vp8_key
from tests.media.client import Client as Device
from tests.running import Client, RunningServer
from tests.server.test_line_messages import connected

API = "/api/sessions/plenary/rehearsal"
ITEMS = (
    *("equipment", "line", "picture_up", "sound_up"),
    *("picture_down", "sound_down", "talkback", "backup"),
)


async def call(
    http: aiohttp.ClientSession, method: str, path: str, **body: Any
) -> tuple[int, dict[str, Any]]:
    """Return status and answer."""
    async with http.request(method, path, json=body or None) as answer:
        text = await answer.read()
        return answer.status, (await answer.json(content_type=None)) if text else {}


async def sign_everything(http: aiohttp.ClientSession, site: str, note: str = "") -> None:
    for item in ITEMS:
        status, _ = await call(http, "PUT", f"{API}/{site}/items/{item}", outcome="good")
        assert status == 204
    assert await call(http, "PUT", f"{API}/{site}/signature", note=note) == (204, {})


def technician(server: RunningServer) -> str:
    return str(server.invite("technician", "", "--name", "Trần Văn Thành")["token"])


# a test with real packets


class Hall:
    """A site: its page, and a device that sends picture and sound."""

    def __init__(self, server: RunningServer, client: Client, device: Device, token: str) -> None:
        self.server, self.client, self.device, self.token = server, client, device, token
        self._audio = self._video = 0

    async def speak(self) -> None:
        """Say something, as asked to."""
        for sound in opus(speech("hall", 2)):
            await self._send(sound.payload, level=25)

    async def play(self, notes: list[int]) -> None:
        """Let what the loudspeaker plays come back through the microphone."""
        numbers = [FREQUENCIES_HZ.index(hertz) for hertz in notes]
        for sound in opus(row(numbers, amplitude=0.1, lead_s=0.3)):
            await self._send(sound.payload, level=40)

    async def _send(self, payload: bytes, level: int) -> None:
        self._audio += 1
        number = self._audio
        self.device.send_rtp(self.device.packet(1, number, number * 960, payload, level=level))
        if number % 2:
            self._video += 1
            at = self._video
            picture = vp8_key(at, (1280, 720)) if at % 25 == 1 else vp8_delta(at, 900)
            self.device.send_rtp(self.device.packet(0, at, at * 3600, picture))
        await asyncio.sleep(0.02)

    async def rehearse(self, *, echo: bool) -> None:
        """Do what the server asks for, with or without a loudspeaker that works."""
        message = await received(self.client, "rehearse")
        assert message["step"] == "speak"
        speaking = asyncio.create_task(self.speak())
        message = await received(self.client, "rehearse")
        await speaking
        assert message["step"] == "play"
        async with self.server.http(self.token) as http:
            test = message["test"]
            assert (await call(http, "POST", f"{API}/playing", test=test))[0] == 204
            await self.play(message["notes"] if echo else [])
            assert (await call(http, "POST", f"{API}/answer", test="old", frames=1))[0] == 204
            assert (await call(http, "POST", f"{API}/answer", test=test, frames=250))[0] == 204


async def received(client: Client, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while (message := await client.receive(30))["type"] != kind:
            pass
    return message


@contextlib.asynccontextmanager
async def hall(server: RunningServer, site: str) -> AsyncIterator[Hall]:
    token = str(server.invite("host", site)["token"])
    device = Device(PUBLISHER)

    async def signal(offer: str) -> str:
        async with server.http(token) as http:
            headers = {"content-type": "application/sdp"}
            async with http.post("/media/plenary", data=offer, headers=headers) as response:
                assert response.status == 201, await response.text()
                return await response.text()

    async with server.socket(token) as socket:
        client = await Client.hello(socket)
        await device.connect(signal)
        made = Hall(server, client, device, token)
        try:
            yield made
        finally:
            await device.close()


async def test_a_site_is_tested_by_what_it_sends_and_plays(server: RunningServer) -> None:
    token = technician(server)
    async with (
        hall(server, "dien-bien") as good,
        hall(server, "lao-cai") as silent,
        server.socket(token) as socket,
        server.http(token) as http,
    ):
        desk = await Client.hello(socket)
        for site in ("dien-bien", "lao-cai", "ca-mau"):  # nobody is in Cà Mau
            status, answer = await call(http, "POST", f"{API}/{site}/test")
            assert status == 202
            assert answer["test"]
        status, answer = await call(http, "POST", f"{API}/dien-bien/test")
        assert (status, answer["code"]) == (409, "test_running")
        running = await received(desk, "rehearsal")
        assert running["testing"]["dien-bien"] == "Trần Văn Thành"
        found: dict[str, Any] = {}

        async def watch() -> None:
            while len(found) < 3:
                told = await received(desk, "rehearsal")
                found.update({s: v for s, v in told["sites"].items() if v.get("marks")})

        await asyncio.gather(good.rehearse(echo=True), silent.rehearse(echo=False), watch())
        _, whole = await call(http, "GET", API)
        _, kept = await call(http, "GET", "/api/sessions/plenary/baselines")
    marks = found["dien-bien"]["marks"]
    assert marks["sound_down"]["outcome"] == "good", marks
    assert marks["sound_down"]["figures"]["level_db"] == pytest.approx(-20, abs=3)
    assert marks["sound_down"]["figures"]["delay_ms"] >= 300  # the silence before the row
    assert marks["sound_up"]["outcome"] == "good"
    assert marks["picture_down"]["outcome"] == "good"
    assert marks["picture_up"]["figures"]["height"] == 720
    assert "by" not in marks["line"]
    assert found["lao-cai"]["marks"]["sound_down"]["reason"] == "no_tone"
    nobody = found["ca-mau"]["marks"]
    assert {item: mark.get("reason") for item, mark in nobody.items()} == {
        "line": "no_link",
        "picture_up": "no_picture",
        "sound_up": "quiet",
        "picture_down": "no_answer",
        "sound_down": "no_answer",
    }
    assert whole["sites"]["dien-bien"]["marks"] == marks
    assert set(kept["baselines"]) == {"dien-bien", "lao-cai"}
    assert kept["baselines"]["dien-bien"]["kbps_up"] > 20


# ticks and signatures


async def test_a_call_is_measured_from_both_ends(own_server: RunningServer) -> None:
    server, place = own_server, f"{API}/dien-bien"
    token, site = technician(server), str(server.invite("host", "dien-bien")["token"])
    lines = ("audio sendonly", "audio recvonly")
    async with AsyncExitStack() as stack:
        headset, hall_device = Device(lines), Device(PUBLISHER)
        talker = await stack.enter_async_context(
            connected(server, token, lines, "?talk=1&slots=", headset)
        )
        device = await stack.enter_async_context(
            connected(server, site, PUBLISHER, "", hall_device)
        )
        desk = await Client.hello(await stack.enter_async_context(server.socket(token)))
        page = await Client.hello(await stack.enter_async_context(server.socket(site)))
        http = await stack.enter_async_context(server.http(token))
        at_site = await stack.enter_async_context(server.http(site))

        async def progress(**fields: bool) -> dict[str, Any]:
            while True:
                told = (await received(desk, "rehearsal")).get("calling", {}).get("dien-bien", {})
                if fields.items() <= told.items():
                    return dict(told)

        # Somebody else's call, and one that comes to nothing.
        colleague = str(server.invite("technician")["token"])
        await desk.tell("talk_to", peer=talker, site="dien-bien", speaking=False)
        await received(page, "talk")
        async with server.http(colleague) as other:
            status, answer = await call(other, "POST", f"{place}/call")
            assert (status, answer["code"]) == (409, "talk_busy")
        assert (await call(http, "POST", f"{place}/call"))[0] == 202
        status, answer = await call(http, "POST", f"{place}/call")
        assert (status, answer["code"]) == (409, "test_running")
        assert (await received(page, "rehearse"))["step"] == "listen"
        await desk.tell("talk_to", peer=talker, site="")
        while "measured" not in (told := await received(desk, "rehearsal"))["sites"]["dien-bien"]:
            pass
        found = told["sites"]["dien-bien"]
        assert found["measured"]["talkback"]["reason"] == "not_spoken"
        assert "marks" not in found, "the word is the technician's"

        _, begun = await call(http, "POST", f"{place}/call")
        await desk.tell("talk_to", peer=talker, site="dien-bien", speaking=True)
        speaking = asyncio.create_task(say(headset, 0))
        assert (await progress(spoken=True))["by"] == "Trần Văn Thành"
        for test, level in (("old", -5), (begun["test"], -31.5)):
            said = await call(at_site, "POST", f"{API}/heard", test=test, level_db=level)
            assert said[0] == 204
        await page.tell("talk_answer", peer=device, on=True)
        assert (await progress(answered=True))["heard"]["level_db"] == -31.5
        answering = asyncio.create_task(say(hall_device, 1))
        while (told := await received(desk, "rehearsal")).get("calling"):
            pass
        for task in (speaking, answering):
            task.cancel()
        mark = told["sites"]["dien-bien"]["measured"]["talkback"]
        assert (mark["outcome"], mark["figures"]) == ("good", {"level_db": -31.5})


async def say(device: Device, line: int) -> None:
    for number in itertools.count(1):
        device.send_rtp(device.packet(line, number, number * 960, b"a voice, encoded", level=30))
        await asyncio.sleep(0.02)


async def test_ticks_and_signatures_survive_the_death_of_the_server(
    own_server: RunningServer,
) -> None:
    token = technician(own_server)
    async with own_server.http(token) as http:
        await sign_everything(http, "dien-bien", "Đủ điều kiện")
        await call(http, "PUT", f"{API}/lao-cai/items/talkback", outcome="bad", note="Không có loa")
        _, before = await call(http, "GET", API)
    own_server.kill()
    await asyncio.to_thread(own_server.start)
    async with own_server.http(token) as http:
        assert await call(http, "GET", API) == (200, before)
        again, _ = await call(http, "PUT", f"{API}/lao-cai/items/talkback", outcome="good")
        assert again == 204
    signed = before["sites"]["dien-bien"]
    assert signed["signed_by"] == "Trần Văn Thành"
    assert signed["note"] == "Đủ điều kiện"
    assert before["sites"]["lao-cai"]["marks"]["talkback"]["by"] == "Trần Văn Thành"


async def test_what_may_be_signed_and_what_a_signature_closes(server: RunningServer) -> None:
    async with server.http(technician(server)) as http:
        place = f"{API}/son-la"
        status, answer = await call(http, "PUT", f"{place}/signature")
        assert (status, answer["code"]) == (409, "checks_open")
        for item in ITEMS[:-1]:
            word = {"outcome": "good", "note": "bằng điện thoại" if item == "talkback" else ""}
            await call(http, "PUT", f"{place}/items/{item}", **word)
        await call(http, "PUT", f"{place}/items/backup", outcome="bad")
        status, answer = await call(http, "PUT", f"{place}/signature", note=" ")
        assert (status, answer["code"]) == (409, "note_missing")
        await call(http, "PUT", f"{place}/items/backup", outcome="none")
        assert (await call(http, "PUT", f"{place}/signature"))[0] == 204
        for method, path in (("PUT", "/items/line"), ("POST", "/test"), ("PUT", "/signature")):
            status, answer = await call(http, method, place + path)
            assert (status, answer["code"]) == (409, "signed_off")
        for _ in range(2):  # a lost answer is asked for again
            assert (await call(http, "DELETE", f"{place}/signature"))[0] == 204
        assert (await call(http, "PUT", f"{place}/items/line"))[0] == 204
        _, now = await call(http, "GET", API)
    assert "line" not in now["sites"]["son-la"]["marks"]
    assert "signed_at" not in now["sites"]["son-la"]


async def test_a_site_on_air_or_on_deck_is_left_alone(own_server: RunningServer) -> None:
    moderator = own_server.invite("moderator")["token"]
    async with (
        own_server.socket(moderator) as socket,
        own_server.http(technician(own_server)) as http,
    ):
        client = await Client.hello(socket)
        await client.command("request_floor", name="Bà Hai", site="son-la")
        await client.command("call_on_deck", request="r1")
        await client.command("take", source="camera:lao-cai")
        for site in ("son-la", "lao-cai"):
            status, answer = await call(http, "POST", f"{API}/{site}/test")
            assert (status, answer["code"]) == (409, "site_on_air")
        await client.command("take", source="camera:ha-noi")
        status, answer = await call(http, "POST", f"{API}/ha-noi/test")
        assert status == 202, answer  # its camera only fills the screen before the forum
        await client.command("start_item", item="opening")
        status, answer = await call(http, "POST", f"{API}/ha-noi/test")
        assert (status, answer["code"]) == (409, "site_on_air")
        status, answer = await call(http, "POST", f"{API}/nowhere/test")
        assert (status, answer["code"]) == (404, "site_unknown")


@pytest.mark.parametrize(
    ("role", "method", "path", "status"),
    [
        ("moderator", "GET", API, 403),
        ("host", "POST", f"{API}/dien-bien/test", 403),
        ("host", "PUT", f"{API}/dien-bien/signature", 403),
        ("technician", "POST", f"{API}/answer", 403),
        ("technician", "POST", f"{API}/heard", 403),
        ("host", "POST", f"{API}/dien-bien/call", 403),
        ("host", "GET", f"{API}.docx", 403),
        ("technician", "PUT", f"{API}/dien-bien/items/nothing", 400),
        ("technician", "GET", "/api/sessions/nowhere/rehearsal", 404),
    ],
)
async def test_who_may_not(
    server: RunningServer, role: str, method: str, path: str, status: int
) -> None:
    token = server.invite(role, "dien-bien" if role == "host" else "")["token"]
    async with server.http(token) as http:
        assert (await call(http, method, path))[0] == status


async def test_what_is_no_tick_is_refused(server: RunningServer) -> None:
    place = f"{API}/dien-bien/items/line"
    async with server.http(technician(server)) as http:
        for body, status in ((b"{", 400), (b'{"outcome":"fine"}', 400), (b"x" * 9000, 413)):
            async with http.put(place, data=body) as answer:
                assert answer.status == status


# the sheet


async def test_the_sheet_of_all_sites(own_server: RunningServer) -> None:
    async with own_server.http(technician(own_server)) as http:
        await sign_everything(http, "dien-bien", "Đã thay <micro>\x07")
        async with http.get(f"{API}.docx") as answer:
            assert answer.status == 200
            assert "bien-ban-kiem-tra-diem-cau" in answer.headers["content-disposition"]
            vietnamese = _words(await answer.read())
        async with http.get(f"{API}.docx", params={"lang": "en"}) as answer:
            english = _words(await answer.read())
        async with http.get(f"{API}.pdf") as answer:
            assert answer.status == 200
            assert answer.content_type == "application/pdf"
            assert answer.headers["content-disposition"].endswith('.pdf"')
            printed = PdfReader(io.BytesIO(await answer.read()))
        async with http.get(f"{API}.odt") as answer:
            assert answer.status == 404
    first = printed.pages[0].extract_text()
    assert "Kiểm tra kỹ thuật điểm cầu" in first
    everything = " ".join(page.extract_text().replace("\n", " ") for page in printed.pages)
    assert "Trần Văn Thành" in everything
    assert "Đ*" in everything, "nobody has called the site"
    for said in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Kiểm tra kỹ thuật điểm cầu",
        "Đã kiểm tra và xác nhận 1/",
        "Trần Văn Thành",
        "Đã thay <micro>",
        "Điện Biên",
        "Cà Mau",
    ):
        assert said in vietnamese
    assert "Technical check of the bridge points" in english
    assert "rehearsal." not in vietnamese + english


def _words(file: bytes) -> str:
    """Return the text of a DOCX file, all parts of which must be well-formed."""
    with zipfile.ZipFile(io.BytesIO(file)) as package:
        parts = {name: ET.fromstring(package.read(name)) for name in package.namelist()}
    return "\n".join(parts["word/document.xml"].itertext())
