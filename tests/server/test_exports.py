"""The minutes and the ledger of a real server: who may read them, and what they say."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import os
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import redis.asyncio
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from bridge.cli import main
from bridge.sessions.session import log_name
from bridge.store.commit import Commit, commit_hash
from bridge.store.directory import StoreDirectory
from bridge.store.log import log_key
from tests.minutes.forum import FORUM, at, commits_of, morning, put, session
from tests.minutes.playbook import START
from tests.running import Client, RunningServer

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
async def told(tmp_path: Path) -> AsyncIterator[RunningServer]:
    """A server that finds the log of a whole morning."""
    running = RunningServer(tmp_path / "data")
    await put(running.data, morning().entries)
    await asyncio.to_thread(running.start)
    yield running
    assert await asyncio.to_thread(running.stop) == 0
    assert "Traceback" not in running.log()


async def page(server: RunningServer, query: str = "", *, session: str = "plenary") -> str:
    """Return the minutes as a moderator reads them."""
    token = server.invite("moderator", session=session)["token"]
    async with server.http(token) as http, http.get(f"/minutes{query}") as answer:
        assert answer.status == 200
        return await answer.text()


def words(html: str) -> str:
    """Return what a reader sees of a page, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


async def book(server: RunningServer, query: str = "", *, session: str = "plenary") -> Workbook:
    """Return the workbook as a spreadsheet program reads it."""
    token = server.invite("moderator", session=session)["token"]
    async with (
        server.http(token) as http,
        http.get(f"/ledger/{session}.xlsx{query}") as answer,
    ):
        assert answer.status == 200
        assert answer.content_type == XLSX
        return load_workbook(io.BytesIO(await answer.read()), rich_text=True)


def table(sheet: Worksheet) -> list[dict[str, Any]]:
    """Return the rows of a sheet by the words of its heading."""
    heading, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, heading), row, strict=True)) for row in rows]


# who may


@pytest.mark.parametrize(
    ("role", "site"), [("host", "dien-bien"), ("technician", ""), ("stage", "")]
)
@pytest.mark.parametrize("path", ["/minutes", "/ledger/plenary.xlsx"])
async def test_only_moderators(server: RunningServer, role: str, site: str, path: str) -> None:
    async with server.http(server.invite(role, site)["token"]) as http, http.get(path) as answer:
        assert answer.status == 403
        assert 'data-testid="error-page"' in await answer.text()


@pytest.mark.parametrize("path", ["/minutes", "/ledger/plenary.xlsx", "/ledger/nowhere.xlsx"])
async def test_nobody_without_a_link(server: RunningServer, path: str) -> None:
    async with server.http() as http, http.get(path) as answer:
        assert answer.status == 401
        assert 'data-testid="error-page"' in await answer.text()


async def test_the_ledger_of_another_session(server: RunningServer) -> None:
    token = server.invite("moderator", session="thematic-01")["token"]
    async with server.http(token) as http:
        for name in ("plenary", "nowhere"):
            async with http.get(f"/ledger/{name}.xlsx") as answer:
                assert answer.status == 403


async def test_the_link_that_k_names(server: RunningServer) -> None:
    link = server.invite("moderator")
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an IP address, too
    async with aiohttp.ClientSession(server.url, cookie_jar=jar) as http:
        async with http.get(link["url"].removeprefix(server.url)) as answer:
            key = answer.url.query["k"]
        async with http.get("/minutes", params={"k": key}) as answer:
            assert answer.status == 200
            text = await answer.text()
        assert f'href="/moderator?k={key}"' in text
        assert f'href="/ledger/plenary.xlsx?k={key}&amp;lang=vi"' in text
        async with http.get("/minutes", params={"k": "other"}) as answer:
            assert answer.status == 401


# what they say


async def test_the_minutes_of_a_morning(told: RunningServer) -> None:
    html = await page(told)
    text = words(html)
    for said in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Hà Nội, ngày 06 tháng 12 năm 2021",
        "BIÊN BẢN Phiên toàn thể Diễn đàn cấp cao thường niên lần thứ ba về Công nghiệp 4.0",
        (
            "Bắt đầu lúc 08 giờ 30 phút ngày 06 tháng 12 năm 2021, tại điểm cầu trung tâm "
            "(Hà Nội), kết nối trực tuyến với 62 điểm cầu."
        ),
        "Phát biểu của các điểm cầu 09:20, 40 phút 09:20 – 10:15",
        "2. Phát biểu: 6 lượt, tổng thời gian 32 phút 05 giây",
        "09:36 – 09:42 Dương Quốc Bảo Giám đốc Sở Công Thương Thái Nguyên 06:38 hạn 07:00",
        "Tạm dừng 09:45:00 – 09:45:25 (00:25)",
        "07:12 hạn 07:00 quá 00:12",
        "Trả lời, trao đổi lại với Vũ Đình Khải (Quảng Ninh)",
        "Mất kết nối 10:05:20 – 10:05:34 (00:14)",
        "Thời lượng đo được 07:18, tính 07:00 (Bà Hương sửa): Trừ thời gian chờ hội trường ổn định",
        "Thu hồi lời (Bà Hương): Ngoài nội dung phiên",
        (
            "Từ 09 giờ 45 phút đến 09 giờ 49 phút, điểm cầu Nghệ An mất kết nối; "
            "thứ tự phát biểu được giữ nguyên."
        ),
        "Tổ thư ký nhận 2 ý kiến bằng văn bản:",
        "Sở Giáo dục và Đào tạo tỉnh Điện Biên Điện Biên Học liệu số bằng tiếng Thái",
        "Phan Văn Đức Kon Tum Giá điện Không duyệt: Không thuộc chủ đề",
        (
            "Hồ Sỹ Tường Giám đốc Sở Khoa học và Công nghệ Nghệ An Trung tâm dữ liệu "
            "Đã duyệt, chưa được mời"
        ),
        "Lê Thu Hà Đà Nẵng Đã hủy: Đại biểu đã về",
        "1 Huỳnh Tấn Lộc Phó Chủ tịch Ủy ban nhân dân thành phố Cần Thơ 1 07:12 00:12",
        "trung bình 0,5 giây, lâu nhất 0,5 giây",
    ):
        assert said in text, text
    assert "minutes." not in text
    assert "style=" not in html


async def test_the_minutes_in_english(told: RunningServer) -> None:
    html = await page(told, "?lang=en")
    text = words(html)
    assert '<html lang="en"' in html
    for said in (
        "SOCIALIST REPUBLIC OF VIET NAM",
        "Hanoi, 6 December 2021",
        "MINUTES Plenary session Third annual high-level forum on Industry 4.0",
        "Began at 08:30 on 6 December 2021 at the central bridge point (Hanoi)",
        "Reply to Vũ Đình Khải (Quang Ninh)",
        "Floor revoked (Bà Hương): Ngoài nội dung phiên",
        "0.5 s on average",
    ):
        assert said in text, text
    assert "minutes." not in text


async def test_what_delegates_type_is_text_on_the_page(server: RunningServer) -> None:
    token = server.invite("moderator")["token"]
    async with server.socket(token) as socket:
        client = await Client.hello(socket)
        await client.command("request_floor", name="<script>alert(1)</script>", site="son-la")
    html = await page(server)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


async def test_the_minutes_name_what_verify_checks(
    told: RunningServer, capsys: pytest.CaptureFixture[str]
) -> None:
    html = await page(told)
    found = re.search(r"diemcau verify (\S+) --at (\d+)<", html)
    assert found is not None
    printed = re.search(r'data-testid="hash">(.*?)</span></span>', html)
    assert printed is not None
    code = re.sub("<[^>]+>", "", printed[1])
    assert len(code) == 64
    async with told.socket(told.invite("moderator")["token"]) as socket:
        await (await Client.hello(socket)).command("set_list", state="closed")  # the log goes on
    command = ["verify", found[1], "--at", found[2], "--data", str(told.data)]
    assert await asyncio.to_thread(main, command) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"plenary: chain whole, revision {found[2]} of ")
    assert said.strip().endswith(code)


@pytest.mark.parametrize(
    ("arguments", "told_to"),
    [
        (["plenary", "--at", "99999"], "or less"),
        (["plenary", "--at", "0"], "or less"),
        (["--at", "1"], "Name the session"),
        (["nowhere"], "no session"),
    ],
)
async def test_what_cannot_be_verified(
    server: RunningServer,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    told_to: str,
) -> None:
    command = ["verify", *arguments, "--data", str(server.data)]
    assert await asyncio.to_thread(main, command) == 2
    assert told_to in capsys.readouterr().err


async def test_minutes_grow_with_the_session(own_server: RunningServer) -> None:
    assert "Nhật ký phiên chưa có mục nào." in words(await page(own_server))
    async with own_server.socket(own_server.invite("moderator")["token"]) as socket:
        client = await Client.hello(socket)
        await client.command("request_floor", name="Ông Tư", site="son-la", topic="Đường sá")
        assert "Ông Tư Sơn La Đường sá Đã duyệt, chưa được mời" in words(await page(own_server))
        await client.command("cancel_request", request="r1", reason="Hết giờ")
    assert "Ông Tư Sơn La Đường sá Đã hủy: Hết giờ" in words(await page(own_server))


async def test_times_of_another_day_say_which(tmp_path: Path) -> None:
    played = session()
    played.now = at(8, 0) - 86_400  # a rehearsal, the day before
    played.start("opening")
    played.now = at(9, 0)
    played.spoken(60, "Ông Tư", "son-la")
    running = RunningServer(tmp_path / "data")
    await put(running.data, played.entries)
    await asyncio.to_thread(running.start)
    try:
        text = words(await page(running))
    finally:
        await asyncio.to_thread(running.stop)
    assert "Bắt đầu lúc 08 giờ 00 phút ngày 05 tháng 12 năm 2021" in text
    assert "09:00 06/12/2021 – 09:01 06/12/2021 Ông Tư" in text


# the workbook


async def test_the_sheets_of_a_morning(told: RunningServer) -> None:
    found = await book(told)
    assert found.sheetnames == ["Đại biểu", "Điểm cầu", "Vùng", "Bài phát biểu"]
    for sheet in found.worksheets:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        for letter in ("B", "C"):
            assert sheet.column_dimensions[letter].width > 10
    delegates = table(found["Đại biểu"])
    assert delegates[0] == {
        "TT": 1,
        "Đại biểu": "Huỳnh Tấn Lộc",
        "Chức vụ": "Phó Chủ tịch Ủy ban nhân dân thành phố",
        "Điểm cầu": "Cần Thơ",
        "Vùng": "Đồng bằng sông Cửu Long",
        "Số lần phát biểu": 1,
        "Thời gian": dt.timedelta(seconds=432),
        "Quá giờ": dt.timedelta(seconds=12),
    }
    assert len(delegates) == 6
    sites = table(found["Điểm cầu"])
    assert len(sites) == len(FORUM.sites)
    assert sites[0]["Điểm cầu"] == "Cần Thơ"
    silent = [one for one in sites if one["Số lần phát biểu"] == 0]
    assert len(silent) == len(FORUM.sites) - 6
    regions = {one["Vùng"]: one for one in table(found["Vùng"])}
    assert set(regions) == {region.name.vi for region in FORUM.regions}
    north = regions["Trung du và miền núi phía Bắc"]
    assert (north["Số điểm cầu"], north["Số điểm cầu đã phát biểu"]) == (14, 2)
    assert north["Thời gian"] == dt.timedelta(seconds=398 + 420)
    assert regions["Tây Nguyên"]["Số lần phát biểu"] == 0


async def test_the_sheet_of_speeches(told: RunningServer) -> None:
    sheet = (await book(told))["Bài phát biểu"]
    speeches = {one["Đại biểu"]: one for one in table(sheet)}
    nguyet = speeches["Lò Thị Minh Nguyệt"]
    assert nguyet["Bắt đầu"].isoformat() == "2021-12-06T10:02:00"
    assert nguyet["Kết thúc"].isoformat() == "2021-12-06T10:09:32"
    assert nguyet["Đăng ký lúc"].isoformat() == "2021-12-06T09:20:00"
    assert nguyet["Thời hạn"] == dt.timedelta(minutes=7)
    assert nguyet["Được tính"] == dt.timedelta(minutes=7)
    assert nguyet["Đo được"] == dt.timedelta(minutes=7, seconds=18)
    assert nguyet["Quá giờ"] == dt.timedelta()
    assert nguyet["Gián đoạn"] == dt.timedelta(seconds=14)
    assert nguyet["Từ lúc mời đến khi có tiếng (giây)"] == 0.5
    assert nguyet["Loại"] == "Phát biểu"
    assert "Trừ thời gian chờ hội trường ổn định" in nguyet["Ghi chú"]
    assert speeches["Ngô Thúy Hằng"]["Trả lời đại biểu"] == "Vũ Đình Khải"
    heading = [cell.value for cell in sheet[1]]
    formats = {name: cell.number_format for name, cell in zip(heading, sheet[2], strict=True)}
    assert formats["Được tính"] == "[h]:mm:ss"
    assert formats["Bắt đầu"] == "dd/mm/yyyy hh:mm:ss"
    assert formats["Đại biểu"] == "@"


async def test_the_workbook_in_english(told: RunningServer) -> None:
    found = await book(told, "?lang=en")
    assert found.sheetnames == ["Delegates", "Bridge points", "Regions", "Speeches"]
    first = table(found["Delegates"])[0]
    assert (first["Delegate"], first["Region"]) == ("Huỳnh Tấn Lộc", "Mekong River Delta")
    for sheet in found.worksheets:
        for row in sheet.iter_rows(values_only=True):
            assert not any(str(cell).startswith(("ledger.", "minutes.")) for cell in row)
    assert re.search(r"entry \d+, verification code [0-9a-f]{64}", found.properties.description)


async def test_the_name_of_the_file(server: RunningServer) -> None:
    async with server.http(server.invite("moderator")["token"]) as http:
        for query, name in (("", "thoi-gian-phat-bieu"), ("?lang=en", "speaking-time")):
            async with http.get(f"/ledger/plenary.xlsx{query}") as answer:
                given = answer.content_disposition
                assert given is not None
                assert given.type == "attachment"
                assert given.filename == f"{name}-plenary-2021-12-06.xlsx"
                assert answer.headers["Cache-Control"] == "no-store"


async def test_nothing_anybody_types_is_a_formula(tmp_path: Path) -> None:
    played = session()
    names = ["=1+1", "+84 912 345 678", "-1", "@SUM(A1)", "{=1}", "http://example.org", "007"]
    for name in names:
        request = played.live(name, "son-la", title="=2+2", topic='=HYPERLINK("http://x","y")')
        played.now += 10
        played.release(request)
    running = RunningServer(tmp_path / "data")
    await put(running.data, played.entries)
    await asyncio.to_thread(running.start)
    try:
        found = await book(running)
    finally:
        await asyncio.to_thread(running.stop)
    assert [one["Đại biểu"] for one in table(found["Bài phát biểu"])] == names
    for sheet in found.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
                if str(cell.value).startswith(("=", "+", "-", "@")):
                    assert cell.quotePrefix, cell.value  # stays text when it is edited


async def test_a_session_in_which_nothing_happened(server: RunningServer) -> None:
    text = words(await page(server, session="thematic-01"))
    assert "Nhật ký phiên chưa có mục nào." in text
    assert "2. Phát biểu: không có" in text
    assert text.count("Không có.") == 3
    found = await book(server, session="thematic-01")
    assert [sheet.max_row for sheet in found.worksheets][::3] == [1, 1]
    config = FORUM.session("thematic-01")
    assert config is not None
    assert found["Điểm cầu"].max_row == 1 + len(config.sites)


# the log


async def test_a_long_log(tmp_path: Path) -> None:
    played = session()
    sites = [site.code for site in FORUM.sites if not site.co_chair]
    speeches = 0
    while len(played.entries) < 10_000:
        site = sites[speeches % len(sites)]
        played.spoken(60, f"Đại biểu {speeches % 500}", site)
        speeches += 1
    running = RunningServer(tmp_path / "data")
    await put(running.data, played.entries)
    await asyncio.to_thread(running.start)
    try:
        async with running.socket(running.invite("moderator")["token"]) as socket:
            client = await Client.hello(socket)
            making = asyncio.gather(page(running), book(running))
            answer = await client.command("set_list", state="closed")  # nobody waits for it
            assert answer["type"] == "ack"
            html, found = await making
    finally:
        await asyncio.to_thread(running.stop)
    grouped = f"{speeches:,}".replace(",", ".")
    assert f"2. Phát biểu: {grouped} lượt, tổng thời gian {speeches} phút 00 giây" in words(html)
    assert found["Bài phát biểu"].max_row == 1 + speeches


async def test_a_log_that_somebody_changed_is_not_certified(own_server: RunningServer) -> None:
    async with own_server.socket(own_server.invite("moderator")["token"]) as socket:
        client = await Client.hello(socket)
        for name in ("Ông Một", "Ông Hai", "Ông Ba"):
            await client.command("request_floor", name=name, site="son-la")
        assert client.rev >= 3
    await tamper(own_server, b"\xc3\x94ng Hai", b"\xc3\x94ng Tam")
    async with own_server.http(own_server.invite("moderator")["token"]) as http:
        for path in ("/minutes", "/ledger/plenary.xlsx"):
            async with http.get(path) as answer:
                assert answer.status == 409
                assert "Dữ liệu của phiên bị hỏng" in await answer.text()


async def tamper(server: RunningServer, old: bytes, new: bytes) -> None:
    """Replace *old* by *new* in the stored log, as somebody with the store's rights could."""
    socket = StoreDirectory(server.data).socket_in_use()
    assert socket
    key = log_key(log_name(FORUM.id, "plenary"))
    async with redis.asyncio.Redis(unix_socket_path=str(socket)) as client:
        entries: Any = await client.xrange(key)
        await client.delete(key)
        for name, fields in entries:
            data = fields[b"c"].replace(old, new)
            await client.xadd(key, {"c": data, "h": commit_hash(data)}, id=name)


async def test_a_store_that_does_not_answer(own_server: RunningServer) -> None:
    valkey = own_server.valkey_pid()
    token = own_server.invite("moderator")["token"]
    async with own_server.http(token) as http:
        os.kill(valkey, signal.SIGSTOP)
        try:
            async with http.get("/minutes") as answer:
                assert answer.status == 503
                assert 'data-testid="error-page"' in await answer.text()
        finally:
            os.kill(valkey, signal.SIGCONT)


def test_the_story_is_a_log_like_any_other() -> None:
    commits: list[Commit] = commits_of(morning().entries)
    assert commits[0].at == START + at(8, 30)
    assert [one.rev for one in commits] == list(range(1, len(commits) + 1))
