"""What flows, as verdicts and alerts need it; and the links of a session, second by second."""

from __future__ import annotations

from bridge.commands import Actor
from bridge.ids import Role, camera, slate
from bridge.link.alerts import AlertRules
from bridge.link.orders import AudioOnly, OrderSites
from bridge.link.samples import LinkSample, ServerLoad
from bridge.sessions.alerts import AlertDesk
from bridge.sessions.health import LinkHealth, on_air, scene_of
from bridge.sessions.history import History
from bridge.sessions.links import LinkBoard
from tests.floor.playbook import call, pause
from tests.link.figures import GONE, direction, sample
from tests.playbook import SETUP, Session

TECHNICIAN = Actor(role=Role.TECHNICIAN, name="Trần Văn Kỹ", key="t1")


def test_before_anything_the_open_microphones_are_what_all_are_sent() -> None:
    scene = scene_of(SETUP, Session().state)
    assert set(scene.sources) == {"ha-noi", "lao-cai"}
    assert scene.expected == frozenset(), "nobody has to speak"
    assert scene.restricted == frozenset()


def test_who_has_the_floor_is_seen_heard_and_expected_to_speak() -> None:
    session = Session()
    request = session.live("dien-bien")
    scene = scene_of(SETUP, session.state)
    assert scene.picture == "dien-bien"
    assert set(scene.sources) == {"ha-noi", "lao-cai", "dien-bien"}
    assert scene.expected == {"dien-bien"}
    session.says(pause(request))
    assert scene_of(SETUP, session.state).expected == frozenset(), "a pause is silent"


def test_who_is_on_deck_matters_already_and_who_waits_does_not() -> None:
    session = Session()
    request = session.queued("ca-mau")
    assert "ca-mau" not in on_air(scene_of(SETUP, session.state))
    session.says(call(request))
    scene = scene_of(SETUP, session.state)
    assert scene.expected == {"ca-mau"}
    assert "ca-mau" not in scene.sources
    assert "ca-mau" in on_air(scene)


def test_a_slate_is_nobodys_picture() -> None:
    session = Session()
    session.take(slate("ca-mau"))
    assert scene_of(SETUP, session.state).picture == ""
    session.take(camera("ca-mau"))
    assert scene_of(SETUP, session.state).picture == "ca-mau"


def test_what_a_technician_has_ordered_is_no_fault() -> None:
    session = Session()
    order = OrderSites(cmd_id="c", sites=("ca-mau",), audio_only=AudioOnly.BOTH)
    session.says(order, TECHNICIAN)
    capped = OrderSites(cmd_id="d", sites=("dien-bien",), cap_kbps=300)
    session.says(capped, TECHNICIAN)
    assert scene_of(SETUP, session.state).restricted == {"ca-mau", "dien-bien"}


class Clock:
    def __init__(self) -> None:
        self.at = 10_000.0

    def now(self) -> float:
        return self.at


class Forum:
    """A session's links, measured and judged once a second."""

    def __init__(self) -> None:
        self.session = Session()
        self.clock = Clock()
        self.board = LinkBoard(SETUP.sites)
        self.history = History(SETUP.sites, self.clock)
        self.desk = AlertDesk("plenary", AlertRules(), self.clock, self.history.mark)
        self.health = LinkHealth(self.desk)
        for site in SETUP.sites:
            self.board.page_joined(site)

    def seconds(self, count: int, **others: LinkSample) -> None:
        samples = {site: sample() for site in SETUP.sites}
        samples |= {name.replace("_", "-"): one for name, one in others.items()}
        for _ in range(count):
            self.clock.at += 1
            now, board = self.clock.now(), self.board
            board.update(samples, now)
            said = self.health.update(
                board.windows, board.links, SETUP, self.session.state, ServerLoad(), now
            )
            board.judged(said, {site: self.desk.view(site) for site in board.links})
            self.history.append(now, board.links, ServerLoad())

    def marks(self, site: str) -> list[str]:
        view = self.history.view(site, 10_000, int(self.clock.at) + 1, 1)
        return [str(event["kind"]) for event in view.events]


async def test_a_fault_is_said_alerted_marked_and_over() -> None:
    forum = Forum()
    forum.seconds(15)
    assert {link.verdict.cause for link in forum.board.links.values()} == {""}
    forum.seconds(30, ca_mau=sample(up=direction(20)))
    link = forum.board.links["ca-mau"]
    assert link.verdict.cause == "uplink"
    assert link.verdict.evidence["loss_up"] == 0.2
    assert link.alert is not None
    assert (link.alert.kind, link.alert.level, link.alert.acked_by) == ("uplink", "critical", "")
    await forum.desk.acknowledge(TECHNICIAN, link.alert.id, "đang gọi VNPT")
    forum.seconds(1, ca_mau=sample(up=direction(20)))
    taken = forum.board.links["ca-mau"].alert
    assert taken is not None
    assert (taken.acked_by, taken.note) == ("Trần Văn Kỹ", "đang gọi VNPT")
    forum.seconds(40)
    link = forum.board.links["ca-mau"]
    assert (link.verdict.cause, link.alert) == ("", None)
    assert forum.marks("ca-mau") == ["joined", "alert", "acknowledged", "alert_ended"]
    assert forum.marks("ha-noi") == ["joined"]


def test_a_score_falls_within_a_window_and_rises_slowly() -> None:
    forum = Forum()
    forum.seconds(10)
    good = forum.board.links["ca-mau"].score
    assert good > 4.3
    forum.seconds(6, ca_mau=sample(up=direction(20)))
    bad = forum.board.links["ca-mau"].score
    assert bad < 2.5
    forum.seconds(5)
    between = forum.board.links["ca-mau"].score
    assert bad < between < 3.5, "the window still holds some of it, and a score rises slowly"
    forum.seconds(20)
    assert forum.board.links["ca-mau"].score > 4.2


def test_a_speaker_whose_line_is_cut_is_critical_within_seconds() -> None:
    forum = Forum()
    forum.session.live("dien-bien")
    forum.seconds(10)
    forum.seconds(4, dien_bien=GONE)
    alert = forum.board.links["dien-bien"].alert
    assert alert is not None
    assert (alert.kind, alert.level) == ("no_signal", "critical")
    assert forum.board.links["dien-bien"].score == 0
