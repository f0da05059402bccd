"""The newest health of each link: which devices a site has, and since when one was taken."""

from __future__ import annotations

from bridge.ids import Rank
from bridge.link.orders import AudioOnly, Orders
from bridge.link.samples import Device, Direction, Limitation, LinkSample, PageStats
from bridge.protocol.messages import DeviceView, DirectionView
from bridge.sessions.links import LinkBoard

MAIN = Device(peer="main", connected=True, sending=True)
BACKUP = Device(peer="backup", rank=Rank.BACKUP, connected=True, sending=True)


def sample(publisher: str, *devices: Device, taken_by: str = "") -> dict[str, LinkSample]:
    return {
        "son-la": LinkSample(
            devices=devices, publisher=publisher, taken_by=taken_by, connected=True
        )
    }


def test_a_site_with_a_main_device_alone_lists_none() -> None:
    board = LinkBoard(["son-la", "hue"])
    board.update(sample("main", MAIN), 100.0)
    assert board.links["son-la"].devices == 1
    assert board.links["son-la"].lines == []
    assert board.links["hue"].lines == []


def test_where_there_is_another_all_are_listed() -> None:
    board = LinkBoard(["son-la"])
    board.update(sample("main", MAIN, BACKUP), 100.0)
    assert board.links["son-la"].lines == [
        DeviceView(peer="main", connected=True, sending=True),
        DeviceView(peer="backup", rank=Rank.BACKUP, connected=True, sending=True),
    ]
    board.update(sample("backup", BACKUP), 101.0)
    assert len(board.links["son-la"].lines) == 1, "a backup alone is worth a word"


def test_the_moment_a_device_was_taken_stays() -> None:
    board = LinkBoard(["son-la"])

    def after(publisher: str, taken_by: str, now: float) -> tuple[str, float]:
        board.update(sample(publisher, MAIN, BACKUP, taken_by=taken_by), now)
        return board.links["son-la"].taken_by, board.links["son-la"].taken_at

    assert after("main", "", 100.0) == ("", 0.0)
    assert after("backup", "server", 101.0) == ("server", 101.0)
    assert after("backup", "server", 102.0) == ("server", 101.0)
    assert after("main", "technician", 103.0) == ("technician", 103.0)
    assert after("backup", "technician", 104.0) == ("technician", 104.0)
    assert after("main", "", 105.0) == ("", 0.0)


def test_counts_become_rates_and_ratios() -> None:
    board = LinkBoard(["son-la"])
    up = Direction(
        packets=200,
        bytes=250_000,
        expected=200,
        lost=20,
        missing=4,
        repaired=16,
        nacks=30,
        plis=3,
        freeze_s=0.5,
        concealed=0.01,
        layer="f",
        level_dbov=-23,
    )
    page = PageStats(limitation=Limitation.CPU)
    board.update({"son-la": LinkSample(up=up, interval_s=2.0, page=page)}, 100.0)
    link = board.links["son-la"]
    assert link.up == DirectionView(
        kbps=1000.0,
        loss=0.1,
        missing=0.02,
        repaired=8.0,
        nacks=15.0,
        plis=1.5,
        freeze_s=0.25,
        concealed=0.01,
        layer="f",
        level_dbov=-23,
    )
    assert (link.page, link.limitation) == (page, "cpu")
    board.update({}, 101.0)
    assert (board.links["son-la"].page, board.links["son-la"].limitation) == (None, "")


def test_a_site_without_devices_keeps_its_past() -> None:
    board = LinkBoard(["son-la"])
    board.update({"son-la": LinkSample(reconnects=2, candidate_changes=5)}, 100.0)
    board.update({}, 101.0)
    link = board.links["son-la"]
    assert (link.reconnects, link.candidate_changes) == (2, 5)


def test_of_a_site_that_stays_away_only_news_is_told() -> None:
    board = LinkBoard(["son-la"])
    for second in range(10):
        board.update({}, 100.0 + second)
    away = board.links["son-la"]
    board.update({}, 110.0)
    assert board.links["son-la"] is away
    board.page_joined("son-la")
    board.update({}, 111.0)
    assert board.links["son-la"].pages == 1
    board.orders = {"son-la": Orders(muted=True)}
    board.update({}, 112.0)
    assert board.links["son-la"].muted
    board.update(sample("main", MAIN), 113.0)
    assert board.links["son-la"].connected
    board.update({}, 114.0)
    assert not board.links["son-la"].connected


def test_a_picture_that_was_taken_away_by_order_did_not_stand_still() -> None:
    board = LinkBoard(["son-la", "hue"])
    stood = LinkSample(connected=True, down=Direction(packets=200, freezes=1, freeze_s=1.0))
    board.orders = {"son-la": Orders(audio_only=AudioOnly.RECEIVING)}
    board.update({}, 100.0)
    board.orders = {}
    board.update({"son-la": stood, "hue": stood}, 102.0)
    assert [board.links[site].down.freeze_s for site in ("son-la", "hue")] == [0.0, 1.0]
    assert board.windows["son-la"].sum.down.freeze_s == 0.0, "what verdicts are found from"
    assert board.totals["son-la"].down.freeze_s == 0.0
