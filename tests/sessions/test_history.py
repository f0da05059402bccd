"""The past of a session's links: kept, marked, shown again, stored and read back."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from bridge.errors import Code, StoreUnavailable
from bridge.link.columns import COLUMNS
from bridge.link.samples import Limitation, PageStats, PathKind, ServerLoad
from bridge.link.verdict import Cause
from bridge.protocol.messages import AlertView, DirectionView, LinkView, VerdictView
from bridge.sessions.history import CHARTED, History
from bridge.sessions.keeping import HistoryKeeper
from bridge.sessions.marks import MAX_MARKS
from bridge.sessions.past import CAUSES, link_of, row_of

NOON = 1_700_000_040  # the beginning of a minute
IDLE = ServerLoad()
SITES = ("ha-noi", "dien-bien", "son-la")

LINK = LinkView(
    pages=1,
    devices=2,
    publisher="p",
    connected=True,
    since=NOON - 100,
    rtt_ms=48.5,
    path=PathKind.RELAY_UDP,
    score=3.21,
    up=DirectionView(
        kbps=812.0,
        loss=0.12,
        jitter_ms=8.1,
        width=1280,
        height=720,
        fps=24.5,
        missing=0.02,
        layer="f",
        freeze_s=0.25,
        concealed=0.01,
        level_dbov=-23,
    ),
    down=DirectionView(
        kbps=1500.0,
        loss=0.003,
        jitter_ms=3.0,
        width=640,
        height=360,
        fps=30,
        missing=0.001,
        layer="h",
        freeze_s=0.5,
        concealed=0.05,
    ),
    verdict=VerdictView(
        cause="remote",
        evidence={
            "sign": "source",
            "freeze_s": 0.5,
            "site": "son-la",
        },
    ),
    page=PageStats(available_kbps=900, captured_fps=30, encoded_fps=24.5),
    limitation="bandwidth",
    muted=True,
    audio_only=True,
)


class Clock:
    def __init__(self) -> None:
        self.time = float(NOON)

    def now(self) -> float:
        return self.time


class Hall:
    """A history whose clock tests move."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.history = History(SITES, self.clock)

    def second(self, links: Mapping[str, LinkView] = {}, load: ServerLoad = IDLE) -> None:
        everywhere = {site: LinkView() for site in SITES} | dict(links)
        self.history.append(self.clock.time, everywhere, load)
        self.clock.time += 1

    def kinds(self, site: str) -> list[str]:
        view = self.history.view(site, NOON, int(self.clock.time) + 1, 1)
        return [event["kind"] for event in view.events]


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_a_link_comes_back_as_it_was() -> None:
    names = [column.name for column in COLUMNS]
    row = dict(zip(names, row_of(LINK), strict=True))
    back = link_of(row, LINK.since, LINK.verdict, None)
    assert back == msgspec.structs.replace(LINK, publisher="-")
    assert link_of(row, 0.0, VerdictView(cause="uplink"), None).verdict == VerdictView(
        cause="remote"
    ), "what was said of another cause is not said of this one"
    nothing = dict(zip(names, row_of(LinkView()), strict=True))
    assert link_of(nothing, 0.0, VerdictView(), None) == LinkView()


def test_every_cause_and_limitation_has_its_number() -> None:
    assert set(CAUSES) == set(Cause)
    names = [column.name for column in COLUMNS]
    for limitation in Limitation:
        view = msgspec.structs.replace(LINK, limitation=limitation.value)
        row = dict(zip(names, row_of(view), strict=True))
        assert link_of(row, 0.0, VerdictView(), None).limitation == limitation.value


def test_the_past_of_a_site_is_told_in_columns(hall: Hall) -> None:
    hall.second({"ha-noi": LINK}, ServerLoad(lag_ms=12.5))
    hall.second({"ha-noi": LINK})
    view = hall.history.view("ha-noi", NOON - 1, NOON + 3, 1)
    assert (view.start, view.step) == (NOON - 1, 1)
    assert set(view.columns) == {*CHARTED, "lag_ms"}
    assert view.columns["score"] == [None, 3.21, 3.21, None]
    assert view.columns["lag_ms"] == [None, 12.5, 0, None]
    assert view.causes[int(view.columns["cause"][1] or 0)] == "remote"


def test_a_site_that_never_came_takes_no_memory(hall: Hall) -> None:
    before = hall.history.size
    hall.second()
    assert hall.history.size == before
    assert hall.history.view("ha-noi", NOON, NOON + 2, 1).columns["score"] == [None, None]


def test_no_more_than_two_hours_are_told(hall: Hall) -> None:
    view = hall.history.view("ha-noi", NOON - 100_000, NOON, 60)
    assert view.start == NOON - 7200
    assert {len(column) for column in view.columns.values()} == {120}


def test_who_comes_and_goes_is_marked(hall: Hall) -> None:
    there, away = LinkView(pages=1, devices=1, connected=True), LinkView(pages=1)
    renewed = LinkView(pages=1, devices=1, connected=True, reconnects=1)
    for link in (away, there, there, away, there, renewed, renewed):
        hall.second({"ha-noi": link})
    assert hall.kinds("ha-noi") == ["joined", "left", "reconnected", "reconnected"]
    assert hall.kinds("son-la") == []


def test_marks_carry_what_is_to_be_said_of_them(hall: Hall) -> None:
    hall.history.mark("ha-noi", "note", text="x" * 500, by="An")
    hall.history.mark("", "action", text="to all")
    hall.history.mark("nowhere", "note")
    hall.second()
    events = hall.history.view("ha-noi", NOON, NOON + 1, 1).events
    assert events == [
        {"at": NOON, "kind": "note", "text": "x" * 200, "by": "An"},
        {"at": NOON, "kind": "action", "text": "to all"},
    ]
    for _ in range(MAX_MARKS + 5):
        hall.history.mark("son-la", "note")
    assert len(hall.kinds("son-la")) == MAX_MARKS + 1


def test_a_second_the_server_was_too_late_for_is_shown_as_the_one_before(hall: Hall) -> None:
    hall.second({"ha-noi": LINK})
    skipped = hall.history.moment(NOON + 3)
    assert (skipped.at, skipped.known) == (NOON, True)
    assert skipped.sites == hall.history.moment(NOON).sites
    assert not hall.history.moment(NOON + 4).known
    assert not hall.history.moment(NOON - 1).known


def test_a_moment_shows_every_site(hall: Hall) -> None:
    alert = AlertView(id="a1", kind="uplink", level="critical", since=NOON + 1)
    hall.second({"ha-noi": msgspec.structs.replace(LINK, alert=None)})
    hall.history.mark("ha-noi", "alert", id="a1", what="uplink")
    hall.second({"ha-noi": msgspec.structs.replace(LINK, alert=alert)}, ServerLoad(cpu=0.5))
    now = hall.history.moment(NOON + 1)
    assert now.known
    assert now.server.cpu == 0.5
    assert now.sites["ha-noi"].alert == alert
    assert now.sites["ha-noi"].since == NOON, "when it joined"
    assert now.sites["son-la"] == LinkView()
    assert hall.history.moment(NOON).sites["ha-noi"].alert is None
    before = hall.history.moment(NOON - 1)
    assert not before.known
    assert before.sites == {site: LinkView() for site in SITES}


def test_a_moment_shows_how_it_came_to_be(hall: Hall) -> None:
    scores = [4.5] * 100 + [3.96, 0.0, 2.0, 2.5]
    for score in scores:
        hall.second({"ha-noi": msgspec.structs.replace(LINK, score=score)})
    now = hall.history.moment(NOON + 103)
    assert now.step == 2
    assert now.curves == {"ha-noi": [None] * 8 + [45] * 50 + [0, 20]}, "the lower of two seconds"
    assert hall.history.moment(NOON + 102).curves["ha-noi"][-3:] == [45, 40, 0]
    assert hall.history.moment(NOON).curves == {"ha-noi": [None] * 59 + [45]}
    for _ in range(130):
        hall.second({})
    assert hall.history.moment(NOON + 103).curves == now.curves
    assert hall.history.moment(NOON + 221).curves == {"ha-noi": [20] + [0] * 59}
    assert hall.history.moment(NOON + 223).curves == {}, "nothing to draw"


def test_verdicts_keep_their_evidence(hall: Hall) -> None:
    def bad(cause: str, sign: str, loss: float) -> LinkView:
        verdict = VerdictView(cause=cause, evidence={"sign": sign, "loss_up": loss})
        return msgspec.structs.replace(LINK, verdict=verdict)

    for second in range(20):
        hall.second({"ha-noi": bad("uplink", "loss", second / 100)})
    hall.second({"ha-noi": bad("uplink", "delay", 0.5)})
    hall.second({"ha-noi": msgspec.structs.replace(LINK, verdict=VerdictView())})

    def said(second: int) -> VerdictView:
        return hall.history.moment(NOON + second).sites["ha-noi"].verdict

    assert said(0).evidence == {"sign": "loss", "loss_up": 0.0}
    assert said(14).evidence == {"sign": "loss", "loss_up": 0.0}, "figures every 15 s are enough"
    assert said(15).evidence == {"sign": "loss", "loss_up": 0.15}
    assert said(20).evidence == {"sign": "delay", "loss_up": 0.5}
    assert said(21) == VerdictView()


class Pieces:
    """A store in memory that can fail."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.fails = False

    async def append(self, _session: str, piece: bytes) -> None:
        if self.fails:
            raise StoreUnavailable(Code.STORE_UNAVAILABLE, "gone")
        self.kept.append(piece)

    async def newest(self, _session: str, count: int) -> list[bytes]:
        if self.fails:
            raise StoreUnavailable(Code.STORE_UNAVAILABLE, "gone")
        return self.kept[-count:]


async def test_a_restarted_server_still_knows(hall: Hall) -> None:
    pieces = Pieces()
    for _ in range(60):
        hall.second({"ha-noi": LINK})
    hall.history.mark("ha-noi", "note", text="of the next minute")
    await HistoryKeeper(hall.history, pieces, "s", hall.clock).store(NOON)
    again = Hall()
    again.clock.time = hall.clock.time
    keeper = HistoryKeeper(again.history, pieces, "s", again.clock)
    pieces.kept.insert(0, b"no minute")
    await keeper.restore()
    await keeper.restore()  # nothing twice
    before, after = (h.history.view("ha-noi", NOON, NOON + 60, 1) for h in (hall, again))
    assert after == before
    assert [event["kind"] for event in after.events] == ["joined"]
    assert again.history.moment(NOON + 30) == hall.history.moment(NOON + 30)


async def test_a_server_that_stops_keeps_the_minute_that_has_begun(hall: Hall) -> None:
    pieces = Pieces()
    keeper = HistoryKeeper(hall.history, pieces, "s", hall.clock)
    for _ in range(75):
        hall.second({"ha-noi": LINK})
    await keeper.finish()
    assert len(pieces.kept) == 2
    again = Hall()
    await HistoryKeeper(again.history, pieces, "s", again.clock).restore()
    assert again.history.moment(NOON + 74) == hall.history.moment(NOON + 74)
    assert again.history.moment(NOON + 74).known


async def test_a_minute_without_anybody_is_not_stored(hall: Hall) -> None:
    pieces = Pieces()
    hall.second()
    await HistoryKeeper(hall.history, pieces, "s", hall.clock).store(NOON)
    assert pieces.kept == []


async def test_a_store_that_is_gone_costs_a_minute_and_one_line(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    pieces = Pieces()
    pieces.fails = True
    keeper = HistoryKeeper(hall.history, pieces, "s", hall.clock)
    await keeper.restore()
    assert "could not be read back" in caplog.text
    caplog.clear()
    hall.second({"ha-noi": LINK})
    await keeper.store(NOON)
    await keeper.store(NOON)
    assert caplog.text.count("not stored for now") == 1
    pieces.fails = False
    await keeper.store(NOON)
    assert len(pieces.kept) == 1
