from __future__ import annotations

import pytest

from bridge.link.samples import Direction, Limitation, LinkSample
from bridge.link.score import score
from bridge.link.windows import WINDOW_S, Window, Windows, total
from tests.link.figures import GONE, direction, page, sample


def test_a_window_covers_the_last_five_seconds() -> None:
    windows = Windows()
    for percent in (50, 0, 0, 0, 0):
        window = windows.push("hue", sample(up=direction(percent)))
    assert window.sum.up.loss == pytest.approx(0.1)
    assert window.full
    window = windows.push("hue", sample())
    assert window.sum.up.loss == 0
    assert len(window.samples) == 5


def test_late_seconds_do_not_shorten_a_window_nor_make_it_endless() -> None:
    windows = Windows()
    for _ in range(10):
        late = windows.push("hue", sample(interval_s=1.08))
    assert len(late.samples) == 5
    stood = windows.push("hue", sample(interval_s=30.0))
    assert len(stood.samples) == 1
    assert stood.full


def test_a_young_window_is_not_full() -> None:
    windows = Windows()
    full = [windows.push("hue", sample()).full for _ in range(5)]
    assert full == [False, False, False, True, True]


def test_sites_have_windows_of_their_own() -> None:
    windows = Windows()
    windows.push("hue", sample(up=direction(50)))
    assert windows.push("son-la", sample()).sum.up.loss == 0


@pytest.mark.parametrize("other", [GONE, sample(publisher="backup")])
def test_a_window_begins_anew_with_the_connection_and_the_device(other: LinkSample) -> None:
    windows = Windows()
    for _ in range(3):
        windows.push("hue", sample(up=direction(50)))
    assert windows.push("hue", other).samples == (other,)
    assert windows.push("hue", sample()).sum.up.loss == 0


def test_counts_are_added_and_states_are_the_newest() -> None:
    one = sample(up=direction(10, height=720, layer="f", freeze_s=0.5, plis=1), rtt_ms=20.0)
    two = sample(up=direction(0, height=360, layer="h", freeze_s=0.25, nacks=4), rtt_ms=40.0)
    both = total([one, two])
    assert (both.interval_s, both.rtt_ms) == (2.0, 30.0)
    assert (both.up.packets, both.up.lost, both.up.expected) == (380, 20, 400)
    assert (both.up.height, both.up.layer, both.up.freeze_s) == (360, "h", 0.75)
    assert (both.up.plis, both.up.nacks) == (1, 4)
    assert both.up.kbps(both.interval_s) == one.up.kbps(1.0)


def test_one_late_report_is_no_slow_line() -> None:
    times = [20.0, -1.0, 900.0, 22.0, 24.0]
    assert total([sample(rtt_ms=ms) for ms in times]).rtt_ms == 23.0
    assert total([sample(rtt_ms=-1.0)]).rtt_ms == -1.0


def test_the_loudest_sound_counts_and_unknown_ones_do_not() -> None:
    levels = [-127.0, None, -40.0]
    assert total([sample(up=direction(level_dbov=one)) for one in levels]).up.level_dbov == -40
    assert total([sample(up=Direction())]).up.level_dbov is None


def test_jitter_is_that_of_the_seconds_in_which_something_came() -> None:
    silent = Direction(jitter_ms=500.0)
    assert total([sample(up=direction(jitter_ms=10.0)), sample(up=silent)]).up.jitter_ms == 10
    assert total([sample(up=silent)]).up.jitter_ms == 0


def test_what_a_page_says_counts_for_as_long_as_it_says_so() -> None:
    limited = sample(said=page(limitation=Limitation.CPU))
    window = Window([limited, limited, sample(), sample(said=None)])
    assert window.share(lambda said: said.limitation is Limitation.CPU) == 0.5
    assert Window([LinkSample(interval_s=0.0)]).share(lambda _: True) == 0


def test_a_window_scores_like_a_second_of_its_average() -> None:
    windows = Windows()
    for percent in (0, 0, 0, 0, 25):
        window = windows.push("hue", sample(up=direction(percent)))
    assert window.sum.interval_s == WINDOW_S
    assert score(window.sum).up == pytest.approx(score(sample(up=direction(5))).up)
