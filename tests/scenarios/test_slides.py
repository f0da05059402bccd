"""What the server sees of slides becomes what the show knows: when they begin, and end."""

from __future__ import annotations

from bridge.media.signals import Signal
from bridge.sessions.observer import PATIENCE_S, Observer
from bridge.show.commands import ReportSlides
from tests.floor.playbook import Floor

START = 1000.0
SITE = "dien-bien"


class Seen:
    """An observer of one session whose show follows it."""

    def __init__(self, *sharing: str) -> None:
        self.sharing = [*sharing]
        self.now = START
        self.observer = Observer(Floor().state, self.now, sharing=sharing)

    def looks(self, after: float, *flowing: str) -> list[tuple[str, bool]]:
        """Look again after so many seconds; return what was news, as site and whether it flows."""
        self.now += after
        signals = {site: Signal(connected=True, slides=True) for site in flowing}
        found = self.observer.slides(self.sharing, signals, self.now)
        for command in found:
            self.follow(command)
        return [(command.site, command.flowing) for command in found]

    def follow(self, command: ReportSlides) -> None:
        (self.sharing.append if command.flowing else self.sharing.remove)(command.site)


def test_slides_begin_and_end_once() -> None:
    seen = Seen()
    assert seen.looks(PATIENCE_S, SITE) == [(SITE, True)]
    assert seen.looks(0.2, SITE) == []
    assert seen.looks(0.2) == [], "looks twice: after a moment without breath all is silent"
    assert seen.looks(0.2) == [(SITE, False)]
    assert seen.looks(0.2) == []
    assert seen.looks(0.2, SITE) == [(SITE, True)]


def test_a_moment_without_breath_is_no_end() -> None:
    seen = Seen()
    seen.looks(PATIENCE_S, SITE)
    assert seen.looks(5) == []
    assert seen.looks(0.2, SITE) == []
    assert seen.looks(0.2) == []


def test_after_a_start_sites_have_time_to_come_back() -> None:
    seen = Seen(SITE, "lao-cai")
    assert seen.looks(1) == []
    assert seen.looks(1, "lao-cai") == []
    seen.looks(PATIENCE_S, "lao-cai")
    assert seen.looks(0.2, "lao-cai") == [(SITE, False)]
    assert seen.sharing == ["lao-cai"]


def test_slides_that_another_server_receives_are_left_alone() -> None:
    seen = Seen()
    seen.looks(PATIENCE_S)
    seen.sharing.append("lao-cai")
    for _ in range(3):
        assert seen.looks(1) == []


def test_an_end_that_could_not_be_saved_is_said_again() -> None:
    seen = Seen()
    seen.looks(PATIENCE_S, SITE)
    seen.looks(2)
    assert seen.looks(0.2) == [(SITE, False)]
    seen.sharing.append(SITE)
    assert seen.looks(0.2) == [(SITE, False)]


def test_a_camera_alone_is_no_slides() -> None:
    seen = Seen()
    signals = {SITE: Signal(connected=True, flowing=True, key_frame_at=START)}
    assert seen.observer.slides((), signals, START + 0.1) == []
