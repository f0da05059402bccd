"""A morning of the forum, played by commands, and logs put where a server will find them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bridge.config import load_event
from bridge.minutes import Entry
from bridge.sessions.facts import setup_of
from bridge.sessions.session import log_name
from bridge.store.commit import Commit, following
from bridge.store.log import log_key
from bridge.store.open import open_log
from bridge.tasks import Tasks
from tests.minutes.playbook import MODERATOR, Session, host
from tests.running import EVENT

FORUM = load_event(EVENT)


def session(name: str = "plenary") -> Session:
    """Return a session of the forum in which nothing has happened yet, at 09:00."""
    config = FORUM.session(name)
    assert config is not None
    return Session(setup_of(FORUM, config))


def morning() -> Session:
    """Return the plenary at noon: speeches of every kind, opinions, and who did not speak."""
    played = session()
    played.now = at(8, 30)
    played.start("opening")
    played.now = at(9, 20)
    played.start("bridge-points")
    bao = ask(played, "Dương Quốc Bảo", "thai-nguyen", "Giám đốc Sở Công Thương",
              "Nhân lực cho công nghiệp 4.0")  # fmt: skip
    khai = ask(played, "Vũ Đình Khải", "quang-ninh", "Phó Chủ tịch Ủy ban nhân dân tỉnh",
               "Cảng biển thông minh và logistics số; đề nghị sớm ban hành chuẩn dữ liệu dùng "
               "chung cho cảng biển")  # fmt: skip
    loc = ask(played, "Huỳnh Tấn Lộc", "can-tho", "Phó Chủ tịch Ủy ban nhân dân thành phố",
              "Đổi mới sáng tạo vùng đồng bằng sông Cửu Long")  # fmt: skip
    nguyet = ask(played, "Lò Thị Minh Nguyệt", "dien-bien",
                 "Phó Giám đốc Sở Thông tin và Truyền thông",
                 "Chuyển đổi số ở vùng cao, biên giới; kiến nghị ưu tiên băng rộng cho 29 thôn, "
                 "bản vùng lõm sóng")  # fmt: skip
    ask(played, "Hồ Sỹ Tường", "nghe-an", "Giám đốc Sở Khoa học và Công nghệ", "Trung tâm dữ liệu")
    speak(played, bao, at(9, 36), 398)
    played.now = at(9, 43)
    played.grant(khai)
    played.now = at(9, 45)
    played.link("nghe-an", up=False)
    played.pause(khai)
    played.now += 25
    played.resume(khai)
    played.now = at(9, 49)
    played.link("nghe-an", up=True)
    played.now = at(9, 50) + 19
    played.release(khai)
    speak(played, loc, at(9, 51), 432)
    hang = played.ask(
        "Ngô Thúy Hằng",
        "bac-ninh",
        host("bac-ninh"),
        priority_class="reply",
        reply_to=khai,
        topic="Trao đổi lại về chuẩn dữ liệu khu công nghiệp",
    )
    played.accept(hang)
    speak(played, hang, at(9, 59), 161)
    played.now = at(10, 2)
    played.grant(nguyet)
    played.now += 200
    played.flow(nguyet, flowing=False)
    played.now += 14
    played.flow(nguyet, flowing=True)
    played.now += 238
    played.release(nguyet, by=host("dien-bien"))
    played.correct(nguyet, 420, "Trừ thời gian chờ hội trường ổn định")
    played.now = at(10, 12)
    sang = played.live("Trần Minh Sang", "dong-nai", topic="Khu công nghiệp sinh thái")
    played.now += 95
    played.revoke(sang, "Ngoài nội dung phiên")
    played.now += 5
    played.tick()
    played.now = at(10, 15)
    played.start("break")
    for name, site, topic in (
        ("Sở Kế hoạch và Đầu tư tỉnh Sóc Trăng", "soc-trang", "Logistics nông sản"),
        ("Sở Giáo dục và Đào tạo tỉnh Điện Biên", "dien-bien",
         "Học liệu số bằng tiếng Thái và tiếng Mông"),
    ):  # fmt: skip
        played.file(ask(played, name, site, "", topic))
    denied = played.ask("Phan Văn Đức", "kon-tum", host("kon-tum"), topic="Giá điện")
    played.deny(denied, "Không thuộc chủ đề")
    played.cancel(played.ask("Lê Thu Hà", "da-nang"), "Đại biểu đã về")
    played.ask("=1+1", "son-la", host("son-la"), title="@Giám đốc", topic="+84 912 345 678")
    played.now = at(11, 49)
    return played


def at(hours: int, minutes: int) -> float:
    """Return a time of day as the playbook counts it, in seconds since 09:00."""
    return (hours - 9) * 3600.0 + minutes * 60.0


def ask(played: Session, name: str, site: str, title: str, topic: str) -> str:
    """Return an accepted request."""
    return played.ask(name, site, MODERATOR, title=title, topic=topic)


def speak(played: Session, request: str, begin: float, seconds: float) -> None:
    """Let a request speak from *begin* on."""
    played.now = begin
    played.grant(request, heard_after=0.4)
    played.now += seconds
    played.release(request)


def commits_of(entries: Iterable[Entry]) -> list[Commit]:
    """Return *entries* as the commits of a log."""
    commits: list[Commit] = []
    for entry in entries:
        commits.append(
            following(
                commits[-1] if commits else None,
                at=entry.at, actor=entry.actor, cmd_id=f"c{entry.rev}", events=entry.events,
            )
        )  # fmt: skip
    return commits


async def put(data: Path, entries: Iterable[Entry], name: str = "plenary") -> list[Commit]:
    """Write the log of a session into the data directory *data*, which no server uses."""
    commits = commits_of(entries)
    data.mkdir(parents=True, exist_ok=True)
    tasks = Tasks("test")
    store = await open_log(None, data, tasks)
    try:
        key = log_key(log_name(FORUM.id, name))
        client = store.log._client
        for begin in range(0, len(commits), 1000):
            pipeline = client.pipeline(transaction=False)
            for one in commits[begin : begin + 1000]:
                pipeline.execute_command("XADD", key, f"{one.rev}-0", "c", one.data, "h", one.hash)
            await pipeline.execute()
    finally:
        await store.close()
        await tasks.close()
    return commits
