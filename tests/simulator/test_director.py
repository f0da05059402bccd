"""Who asks, gives up and stops when; on a clock that the test moves."""

import itertools
import random
from collections.abc import Iterator

import pytest

from bridge.simulator import director as rules
from bridge.simulator.director import (
    Ask,
    Cancel,
    Confirm,
    Director,
    Intention,
    Outlook,
    OwnRequest,
    Release,
)

SITES = ["ho-chi-minh", "da-nang", "lao-cai", "quang-ninh", "nghe-an"]


class Forum:
    """A list of speakers without a moderator: requests stay pending unless the test acts."""

    def __init__(self, seed: int, sites: list[str] | None = None) -> None:
        self.director = Director(random.Random(seed))
        self.now = 1000.0
        self.sites = SITES if sites is None else sites
        self.requests: dict[str, dict[str, OwnRequest]] = {site: {} for site in self.sites}
        self.open = True
        self.log: list[tuple[float, Intention]] = []

    def outlooks(self) -> list[Outlook]:
        waiting = sum(
            request.status == "accepted"
            for own in self.requests.values()
            for request in own.values()
        )
        venue = Outlook("ha-noi", may_ask=False, list_open=self.open, waiting=waiting, requests=())
        return [venue] + [
            Outlook(
                site,
                may_ask=True,
                list_open=self.open,
                waiting=waiting,
                requests=tuple(own.values()),
            )
            for site, own in self.requests.items()
        ]

    def set(self, site: str, request: str, status: str, *, live: bool = False) -> None:
        self.requests[site][request] = OwnRequest(request, status, live)

    def run(self, seconds: float) -> Iterator[Intention]:
        end = self.now + seconds
        while self.now < end:
            self.now += 0.5
            for intention in self.director.decide(self.now, self.outlooks()):
                self.log.append((self.now, intention))
                match intention:
                    case Ask(site):
                        self.set(site, f"r{len(self.log)}", "pending")
                    case Cancel(site, request):
                        self.set(site, request, "cancelled")
                    case Release(site, request):
                        self.set(site, request, "released")
                yield intention


@pytest.mark.parametrize("seed", range(20))
def test_a_newcomer_sees_two_to_four_requests_in_forty_seconds(seed: int) -> None:
    forum = Forum(seed)
    asked = [intention for intention in forum.run(40) if isinstance(intention, Ask)]
    assert 2 <= len(asked) <= 4
    assert len({ask.site for ask in asked}) == len(asked)


@pytest.mark.parametrize("seed", range(4))
def test_the_list_never_grows_beyond_eight(seed: int) -> None:
    forum = Forum(seed, [f"site-{number}" for number in range(60)])
    for intention in forum.run(1800):
        if isinstance(intention, Ask):
            for own in forum.requests.values():
                for request in list(own.values()):
                    if request.status == "pending" and random.Random(seed).random() < 0.5:
                        own[request.id] = OwnRequest(request.id, "accepted")
        waiting = sum(
            request.status in ("pending", "accepted")
            for own in forum.requests.values()
            for request in own.values()
        )
        assert waiting <= 8


def test_a_long_wait_is_sometimes_given_up() -> None:
    forum = Forum(3)
    assert any(isinstance(intention, Cancel) for intention in forum.run(3600))


def test_nobody_asks_while_the_list_is_closed() -> None:
    forum = Forum(1)
    forum.open = False
    assert not list(forum.run(300))


def test_the_venue_alone_never_asks() -> None:
    assert not list(Forum(1, []).run(300))


def test_sites_that_only_send_never_ask_but_end_their_speech() -> None:
    forum = Forum(1)
    forum.director.asks = False
    forum.set("da-nang", "r1", "granted", live=True)
    assert list(forum.run(200)) == [Release("da-nang", "r1")]


@pytest.mark.parametrize("seed", range(10))
def test_a_speech_lasts_twenty_to_sixty_seconds_from_live(seed: int) -> None:
    forum = Forum(seed)
    forum.director.asks = False
    forum.set("da-nang", "r1", "granted")
    assert not list(forum.run(120))
    forum.set("da-nang", "r1", "granted", live=True)
    began = forum.now
    assert list(forum.run(90)) == [Release("da-nang", "r1")]
    assert 20 <= forum.log[-1][0] - began <= 61


def test_a_release_without_effect_is_tried_again_but_not_at_once() -> None:
    forum = Forum(2)
    forum.director.asks = False
    times = []
    for _ in range(400):
        forum.now += 0.5
        forum.set("da-nang", "r1", "granted", live=True)
        times += [forum.now for _ in forum.director.decide(forum.now, forum.outlooks())]
    assert len(times) >= 2
    assert all(
        later - earlier >= rules.REPEAT_AFTER_S for earlier, later in itertools.pairwise(times)
    )


def test_everybody_gets_a_turn_before_anybody_asks_twice() -> None:
    forum = Forum(5)
    asked: list[str] = []
    for intention in forum.run(3600):
        if isinstance(intention, Ask):
            asked.append(intention.site)
            for own in forum.requests.values():
                own.clear()
    assert len(asked) > len(SITES)
    assert set(asked[: len(SITES)]) == set(SITES)


def test_a_site_on_deck_says_after_a_moment_that_it_hears() -> None:
    forum = Forum(seed=3)
    forum.requests["lao-cai"]["r1"] = OwnRequest("r1", "accepted", on_deck=True)
    confirmed: list[float] = []
    for _ in forum.run(rules.CONFIRM_S[1] + rules.REPEAT_AFTER_S):
        at, intention = forum.log[-1]
        if intention == Confirm("lao-cai", "r1"):
            confirmed.append(at - 1000.0)
    assert rules.CONFIRM_S[0] <= confirmed[0] <= rules.CONFIRM_S[1] + 1
    assert len(confirmed) == 2  # it had no effect, so it is said once more
