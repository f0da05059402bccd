"""What the server sees of the sites becomes what the floor knows: no more, no less, once."""

from __future__ import annotations

from bridge.floor.commands import (
    CallOnDeck,
    Check,
    ConfirmReturn,
    ReportChecks,
    ReportFlow,
    ReportLink,
)
from bridge.floor.tables import RequestState
from bridge.media.signals import Signal
from bridge.sessions.observer import LINK_LOST_S, PATIENCE_S, RECENT_S, Observer
from tests.floor.playbook import MODERATOR, START, SYSTEM, Floor, grant, host, mark_live

SITE = "dien-bien"
THERE = Signal(connected=True)
SENDING = Signal(connected=True, flowing=True)


class Seen:
    """A floor, an observer of it, and a monotonic clock that began at 1,000 s."""

    def __init__(self, floor: Floor | None = None) -> None:
        self.floor = floor or Floor()
        self.observer = Observer(self.floor.state, self.now)
        self.unseen: tuple[str, ...] = ()

    @property
    def now(self) -> float:
        return 1000.0 + self.floor.now

    def looks(self, **sites: Signal) -> list[ReportLink | ReportFlow | ReportChecks]:
        """Tell the floor what is seen now, as the runtime does; return it."""
        signals = {site.replace("_", "-"): signal for site, signal in sites.items()}
        at = START + self.floor.now
        found = self.observer.compare(self.floor.state, signals, self.now, at, self.unseen)
        for command in found:
            assert self.floor.says(SYSTEM, command)
        return found

    def state(self, request: str) -> RequestState:
        return self.floor.of(request).state

    def missing(self, request: str) -> tuple[Check, ...]:
        deck = self.floor.of(request).deck
        assert deck is not None
        return deck.missing


def test_a_site_that_goes_is_held_and_returns_to_its_place() -> None:
    seen = Seen()
    first, second = seen.floor.queued(SITE, "Một"), seen.floor.queued("lao-cai", "Hai")
    seen.looks(dien_bien=THERE, lao_cai=THERE)
    seen.floor.now = PATIENCE_S
    seen.looks(dien_bien=THERE, lao_cai=THERE)
    seen.floor.now += LINK_LOST_S - 0.1
    assert seen.looks(lao_cai=THERE) == []
    seen.floor.now += 0.1
    assert [type(one) for one in seen.looks(lao_cai=THERE)] == [ReportLink]
    assert (seen.state(first), seen.state(second)) == (RequestState.HELD, RequestState.QUEUED)
    assert seen.looks(lao_cai=THERE) == []
    seen.looks(dien_bien=THERE, lao_cai=THERE)
    assert seen.state(first) is RequestState.QUEUED
    assert seen.floor.state.queue == (first, second)


def test_nobody_is_lost_in_the_first_moments_after_a_start() -> None:
    floor = Floor()
    waiting, speaking = floor.queued("lao-cai", "Một"), floor.live(SITE, "Hai")
    seen = Seen(floor)
    floor.now = PATIENCE_S - 0.1
    assert seen.looks() == []
    floor.now = PATIENCE_S
    assert len(seen.looks()) == 2
    assert seen.state(waiting) is RequestState.HELD
    assert seen.state(speaking) is RequestState.LINK_LOST


def test_a_site_never_seen_is_not_said_to_be_lost() -> None:
    """Another server may have it, or its hosts have not come yet."""
    seen = Seen()
    request = seen.floor.queued(SITE)
    seen.floor.now = 60
    assert seen.looks() == []
    assert seen.state(request) is RequestState.QUEUED


def test_who_is_seen_by_another_server_is_given_up_once() -> None:
    seen = Seen()
    request = seen.floor.queued(SITE)
    seen.looks(dien_bien=THERE)
    seen.floor.now = 60
    assert len(seen.looks()) == 1
    assert seen.looks() == []
    seen.floor.says(SYSTEM, ReportLink(cmd_id="elsewhere", site=SITE, up=True))
    seen.floor.now = 120
    assert seen.looks() == []
    assert seen.state(request) is RequestState.QUEUED


def test_a_speaker_is_lost_when_nothing_flows_and_back_when_something_does() -> None:
    seen = Seen()
    request = seen.floor.live(SITE)
    seen.looks(dien_bien=SENDING)
    seen.floor.now = PATIENCE_S
    assert seen.looks(dien_bien=SENDING) == []
    assert seen.looks(dien_bien=THERE) == []  # once may be the server's own pause for breath
    assert seen.looks(dien_bien=SENDING) == []
    assert seen.looks(dien_bien=THERE) == []
    assert [type(one) for one in seen.looks(dien_bien=THERE)] == [ReportFlow]
    assert seen.state(request) is RequestState.LINK_LOST
    assert seen.looks() == []
    seen.floor.now += 5
    seen.looks(dien_bien=SENDING)
    assert seen.state(request) is RequestState.LIVE
    assert seen.floor.turn(request).id == "g1"


def test_a_speaker_who_has_not_begun_is_not_lost() -> None:
    seen = Seen()
    request = seen.floor.queued(SITE)
    seen.floor.says(MODERATOR, grant(request))
    seen.looks(dien_bien=THERE)
    seen.floor.now = PATIENCE_S
    assert seen.looks(dien_bien=THERE) == []
    seen.floor.says(SYSTEM, mark_live("g1"))
    assert len(seen.looks(dien_bien=THERE)) == 1


def test_a_site_that_is_to_be_heard_only_needs_no_picture() -> None:
    seen = Seen()
    request = seen.floor.queued(SITE)
    seen.floor.says(MODERATOR, CallOnDeck(cmd_id="c", request=request))
    seen.unseen = (SITE,)
    seen.looks(dien_bien=Signal(connected=True, flowing=True, sound_at=seen.now))
    assert seen.missing(request) == (Check.RETURN,)
    seen.unseen = ()
    seen.looks(dien_bien=Signal(connected=True, flowing=True, sound_at=seen.now))
    assert seen.missing(request) == (Check.PICTURE, Check.RETURN)


def test_the_checks_of_a_speaker_on_deck() -> None:
    seen = Seen()
    request = seen.floor.queued(SITE)
    seen.floor.now = 20
    called = seen.now
    seen.floor.says(MODERATOR, CallOnDeck(cmd_id="c", request=request))
    before = called - RECENT_S - 1
    assert seen.looks(dien_bien=THERE) == []  # all is missing, as at the beginning
    seen.floor.now += 1
    old = Signal(connected=True, flowing=True, key_frame_at=before, sound_at=before)
    seen.looks(dien_bien=old)
    assert seen.missing(request) == (Check.PICTURE, Check.SOUND, Check.RETURN)
    heard = Signal(connected=True, flowing=True, key_frame_at=called, sound_at=called - RECENT_S)
    seen.looks(dien_bien=heard)
    assert seen.missing(request) == (Check.RETURN,)
    assert seen.state(request) is RequestState.CHECKING
    seen.floor.says(host(SITE), ConfirmReturn(cmd_id="c", request=request))
    seen.looks(dien_bien=heard)
    assert seen.state(request) is RequestState.READY
    assert seen.looks(dien_bien=heard) == []
    seen.floor.now += 5
    gone = Signal(connected=False, key_frame_at=called, sound_at=called)
    seen.looks(dien_bien=gone)
    assert seen.state(request) is RequestState.FAILED
    assert seen.missing(request) == (Check.LINK,)
    assert seen.looks(dien_bien=gone) == []
    seen.looks(dien_bien=heard)
    assert seen.state(request) is RequestState.READY
