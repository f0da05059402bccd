from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.link.samples import Direction, LinkSample
from bridge.link.score import (
    MAX_STARVATION,
    OPUS_BPL,
    VIDEO_BPL,
    LinkScore,
    Smoother,
    audio_rating,
    delay_impairment,
    loss_impairment,
    mos,
    score,
    video_rating,
)

GOOD = Direction(
    packets=200, bytes=190_000, expected=200, jitter_ms=4, width=1280, height=720, fps=30
)
loss_ratios = st.floats(0, 1)
delays = st.floats(0, 5000)
# Integers keep two neighbouring values further apart than rounding can swap.
counts = st.integers(0, 1000)


@pytest.mark.parametrize(
    ("rating", "opinion"),
    # ITU-T G.107 table B.1, and the default connection (R = 93.2).
    [(93.2, 4.41), (90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58), (100, 4.5), (0, 1)],
)
def test_opinion_scores_are_those_published(rating: float, opinion: float) -> None:
    assert mos(rating) == pytest.approx(opinion, abs=0.01)


@pytest.mark.parametrize(("rating", "opinion"), [(-20, 1.0), (3, 1.0), (250, 4.5)])
def test_opinion_scores_stay_on_the_scale(rating: float, opinion: float) -> None:
    assert mos(rating) == pytest.approx(opinion)


@pytest.mark.parametrize(
    ("delay_ms", "rating"),
    # Read off ITU-T G.114 (05/2003) figure 1, the E-model with no other impairment.
    [(0, 93.2), (100, 93.2), (150, 93), (200, 90), (250, 84), (300, 78.5), (400, 69), (500, 62.5)],
)
def test_delay_alone_gives_the_published_rating(delay_ms: float, rating: float) -> None:
    assert 93.2 - delay_impairment(delay_ms) == pytest.approx(rating, abs=0.8)


@pytest.mark.parametrize(
    ("delay_ms", "impairment"),
    # Worked out by hand: 100 ms is free, then log2(Ta / 100) is X = 1, 2 and 3.
    [(100, 0), (101, 0), (200, 3.044), (400, 24.070), (800, 40.832)],
)
def test_delay_impairments_are_those_of_the_equation(delay_ms: float, impairment: float) -> None:
    assert delay_impairment(delay_ms) == pytest.approx(impairment, abs=0.001)


@pytest.mark.parametrize(
    ("ie", "bpl", "percent", "impairment"),
    # ITU-T G.113 appendix I: G.729A with VAD (11, 19), G.711 with PLC (0, 25.1).
    [(11, 19, 0, 11), (11, 19, 2, 19), (11, 19, 4, 25.6), (0, 25.1, 1, 3.6), (0, 25.1, 5, 15.8)],
)
def test_loss_impairments_are_those_of_the_codecs(
    ie: float, bpl: float, percent: float, impairment: float
) -> None:
    assert loss_impairment(percent / 100, bpl, ie) == pytest.approx(impairment, abs=0.1)


@pytest.mark.parametrize(("audio_percent", "video_percent"), [(2.5, 2), (7.5, 6)])
def test_video_suffers_from_loss_as_much_earlier_as_livekit_says(
    audio_percent: float, video_percent: float
) -> None:
    assert loss_impairment(audio_percent / 100, OPUS_BPL) == pytest.approx(
        loss_impairment(video_percent / 100, VIDEO_BPL)
    )


def test_total_loss_is_the_worst_that_can_be() -> None:
    assert mos(audio_rating(loss=1, rtt_ms=0, jitter_ms=0)) < 1.8
    assert mos(audio_rating(loss=1, rtt_ms=2000, jitter_ms=50)) == 1.0


def test_an_unknown_round_trip_time_costs_nothing() -> None:
    assert audio_rating(loss=0, rtt_ms=-1, jitter_ms=0) == 93.2


def test_jitter_adds_delay_twice() -> None:
    assert audio_rating(loss=0, rtt_ms=400, jitter_ms=50) == audio_rating(
        loss=0, rtt_ms=600, jitter_ms=0
    )


def test_without_a_picture_video_decides_nothing() -> None:
    assert video_rating(Direction(packets=50, lost=10, expected=60), 1) == 93.2


def test_a_full_picture_costs_nothing() -> None:
    assert video_rating(GOOD, 1) == 93.2


def test_a_starved_picture_is_worse_the_less_arrives() -> None:
    def rating(kbps: float, fps: float = 30) -> float:
        picture = Direction(bytes=int(kbps * 125), width=1280, height=720, fps=fps)
        return video_rating(picture, 1)

    assert rating(600) == 93.2
    assert rating(300) == pytest.approx(93.2 - 13.9, abs=0.1)
    assert rating(30) == rating(0) == 93.2 - MAX_STARVATION
    assert rating(600, fps=5) == pytest.approx(93.2 - 22, abs=0.1)


def test_a_picture_that_stands_is_lost_for_as_long() -> None:
    def rating(freeze_s: float, lost: int = 0) -> float:
        picture = msgspec.structs.replace(GOOD, freeze_s=freeze_s, lost=lost)
        return video_rating(picture, 1)

    assert rating(0.1) == pytest.approx(rating(0.0, lost=20)) == pytest.approx(56.7, abs=0.1)
    assert rating(5.0) == rating(1.0) == pytest.approx(93.2 - 81.9, abs=0.1)
    assert video_rating(msgspec.structs.replace(GOOD, freeze_s=1.0), 0) <= 93.2


def test_sound_that_was_made_up_is_as_bad_as_lost() -> None:
    made_up = msgspec.structs.replace(GOOD, width=0, height=0, concealed=0.1)
    lost = msgspec.structs.replace(GOOD, width=0, height=0, lost=20)
    both = LinkSample(connected=True, rtt_ms=20, down=made_up)
    assert score(both).down == score(msgspec.structs.replace(both, down=lost)).down
    assert score(both).down == pytest.approx(mos(93.2 - 31.7), abs=0.01)


def test_an_unknown_frame_rate_is_taken_as_enough() -> None:
    picture = Direction(bytes=37_500, width=1280, height=720)
    assert video_rating(picture, 1) == 93.2


def test_a_good_link_scores_like_the_default_connection() -> None:
    sample = LinkSample(connected=True, publisher="p", rtt_ms=20, up=GOOD, down=GOOD)
    assert score(sample) == LinkScore(total=mos(93.2), up=mos(93.2), down=mos(93.2))


def test_no_connection_is_no_signal() -> None:
    assert score(LinkSample(publisher="p", rtt_ms=20, up=GOOD, down=GOOD)) == LinkScore()


def test_a_silent_publisher_is_no_signal() -> None:
    scores = score(LinkSample(connected=True, publisher="p", down=GOOD))
    assert (scores.total, scores.up) == (0, 0)
    assert scores.down == mos(93.2)


def test_who_only_watches_is_judged_by_what_is_sent_to_it() -> None:
    assert score(LinkSample(connected=True, down=GOOD)).total == mos(93.2)


def test_a_connection_that_carries_nothing_is_no_signal() -> None:
    assert score(LinkSample(connected=True)) == LinkScore()


def test_the_worse_direction_decides() -> None:
    bad = Direction(packets=150, bytes=150_000, lost=50, expected=200)
    scores = score(LinkSample(connected=True, publisher="p", up=GOOD, down=bad))
    assert scores.total == scores.down < scores.up


@given(loss_ratios, loss_ratios, delays, st.floats(0, 500))
def test_more_loss_never_sounds_better(a: float, b: float, rtt: float, jitter: float) -> None:
    less, more = sorted((a, b))
    assert (
        mos(audio_rating(loss=less, rtt_ms=rtt, jitter_ms=jitter))
        >= mos(audio_rating(loss=more, rtt_ms=rtt, jitter_ms=jitter)) - 1e-9
    )


@given(loss_ratios, delays, delays, st.floats(0, 500))
def test_more_delay_never_sounds_better(loss: float, a: float, b: float, jitter: float) -> None:
    less, more = sorted((a, b))
    assert (
        mos(audio_rating(loss=loss, rtt_ms=less, jitter_ms=jitter))
        >= mos(audio_rating(loss=loss, rtt_ms=more, jitter_ms=jitter)) - 1e-9
    )


@given(
    lost=st.tuples(counts, counts),
    rtt=st.tuples(st.integers(-1, 3000), st.integers(-1, 3000)),
    jitter=st.tuples(st.integers(0, 300), st.integers(0, 300)),
    kbps=st.integers(0, 5000),
    size=st.sampled_from([(0, 0), (320, 180), (1280, 720), (1920, 1080)]),
    fps=st.integers(0, 60),
    publisher=st.sampled_from(["", "p"]),
)
def test_a_worse_link_never_scores_higher(
    *,
    lost: tuple[int, int],
    rtt: tuple[int, int],
    jitter: tuple[int, int],
    kbps: int,
    size: tuple[int, int],
    fps: int,
    publisher: str,
) -> None:
    def sample(pick: int) -> LinkSample:
        direction = Direction(
            packets=1,
            bytes=kbps * 125,
            lost=sorted(lost)[pick],
            expected=1000,
            jitter_ms=sorted(jitter)[pick],
            width=size[0],
            height=size[1],
            fps=fps,
        )
        return LinkSample(
            connected=True,
            publisher=publisher,
            rtt_ms=sorted(rtt)[pick],
            up=direction,
            down=direction,
        )

    better, worse = score(sample(0)), score(sample(1))
    assert better.total >= worse.total - 1e-9
    assert 1.0 <= worse.total <= better.total + 1e-9 <= 4.5


def test_a_steadied_score_falls_fast_and_rises_slowly() -> None:
    smoother = Smoother()
    assert smoother.update("a", 4.4) == 4.4
    fallen = smoother.update("a", 2.4)
    assert fallen == pytest.approx(2.8)
    assert smoother.update("a", 4.8) == pytest.approx(fallen + 0.4)


def test_a_lost_signal_shows_at_once_and_returns_from_the_bottom() -> None:
    smoother = Smoother()
    smoother.update("a", 4.4)
    assert smoother.update("a", 0.0) == 0.0
    assert smoother.update("a", 4.0) == pytest.approx(1.6)


def test_a_link_that_comes_for_the_first_time_starts_as_measured() -> None:
    smoother = Smoother()
    assert smoother.update("a", 0.0) == 0.0
    assert smoother.update("a", 4.2) == 4.2


def test_sites_are_steadied_apart() -> None:
    smoother = Smoother()
    smoother.update("a", 1.5)
    assert smoother.update("b", 4.0) == 4.0


def test_the_pace_does_not_depend_on_how_often_one_asks() -> None:
    once, often = Smoother(), Smoother()
    once.update("a", 1.0)
    often.update("a", 1.0)
    for _ in range(4):
        last = often.update("a", 4.0, 0.5)
    assert once.update("a", 4.0, 2.0) == pytest.approx(last)


@given(st.lists(st.floats(0, 4.5), min_size=1), st.floats(0, 10))
def test_a_steadied_score_stays_between_the_last_and_the_measured(
    values: list[float], interval_s: float
) -> None:
    smoother = Smoother()
    before = values[0]
    for value in values:
        after = smoother.update("a", value, interval_s)
        low, high = min(max(before, 1.0), value), max(before, value, 1.0)
        assert low - 1e-9 <= after <= high + 1e-9
        before = after
