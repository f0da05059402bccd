"""What the server sees of slides becomes what the show knows: when they begin, and end."""

from __future__ import annotations

from bridge.media.signals import FLOWING_S, Signal
from bridge.sessions.observer import PATIENCE_S, Observer
from bridge.show.commands import ReportSlides
from tests.floor.playbook import Floor

START = 1000.0


class Seen:
    """An observer of one session whose show follows it."""

    def __init__(self, *sharing: str) -> None:
        self.sharing = [*sharing]
        self.now = START
        self.observer = Observer(Floor().state, self.now, sharing=sharing)

    def looks(self, after: float, **sites: float) -> list[tuple[str, bool]]:
        """Look again after so many seconds, when slides of *sites* came as many seconds before."""
        self.now += after
        signals = {
            site.replace("_", "-"): Signal(connected=True, slides_at=self.now - ago)
            for site, ago in sites.items()
        }
        found = self.observer.slides(self.sharing, signals, self.now)
        for command in found:
            self.follow(command)
        return [(command.site, command.flowing) for command in found]

    def follow(self, command: ReportSlides) -> None:
        (self.sharing.append if command.flowing else self.sharing.remove)(command.site)


def test_slides_begin_and_end_once() -> None:
    seen = Seen()
    assert seen.looks(PATIENCE_S, dien_bien=0.1) == [("dien-bien", True)]
    assert seen.looks(0.2, dien_bien=0.1) == []
    assert seen.looks(0.2, dien_bien=FLOWING_S + 0.1) == [], "looks twice"
    assert seen.looks(0.2, dien_bien=FLOWING_S + 0.3) == [("dien-bien", False)]
    assert seen.looks(0.2, dien_bien=FLOWING_S + 0.5) == []
    assert seen.looks(0.2, dien_bien=0.0) == [("dien-bien", True)]


def test_a_site_that_goes_takes_its_slides_along() -> None:
    seen = Seen()
    seen.looks(PATIENCE_S, dien_bien=0.1)
    seen.looks(0.2)
    assert seen.looks(0.2) == [("dien-bien", False)]


def test_a_moment_without_breath_is_no_end() -> None:
    seen = Seen()
    seen.looks(PATIENCE_S, dien_bien=0.1)
    assert seen.looks(5, dien_bien=5.1) == []
    assert seen.looks(0.2, dien_bien=0.0) == []
    assert seen.looks(0.2, dien_bien=0.2) == []


def test_after_a_start_sites_have_time_to_come_back() -> None:
    seen = Seen("dien-bien", "lao-cai")
    assert seen.looks(1) == []
    assert seen.looks(1, lao_cai=0.1) == []
    seen.looks(PATIENCE_S, lao_cai=0.1)
    assert seen.looks(0.2, lao_cai=0.1) == [("dien-bien", False)]
    assert seen.sharing == ["lao-cai"]


def test_slides_that_another_server_receives_are_left_alone() -> None:
    seen = Seen()
    seen.looks(PATIENCE_S)
    seen.sharing.append("lao-cai")
    for _ in range(3):
        assert seen.looks(1) == []


def test_an_end_that_could_not_be_saved_is_said_again() -> None:
    seen = Seen()
    seen.looks(PATIENCE_S, dien_bien=0.1)
    seen.looks(2)
    assert seen.looks(0.2) == [("dien-bien", False)]
    seen.sharing.append("dien-bien")
    assert seen.looks(0.2) == [("dien-bien", False)]


def test_a_camera_alone_is_no_slides() -> None:
    seen = Seen()
    signals = {"dien-bien": Signal(connected=True, flowing=True, key_frame_at=START)}
    assert seen.observer.slides((), signals, START + 0.1) == []
