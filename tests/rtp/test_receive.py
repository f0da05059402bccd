"""Reception statistics and the tracking of missing packets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from aiortc.rtcrtpreceiver import StreamStatistics
from hypothesis import given
from hypothesis import strategies as st

from bridge.rtp.receive import NackTracker, ReceiveStatistics


def heard(sequences: list[int], clock_rate: int = 90000) -> ReceiveStatistics:
    statistics = ReceiveStatistics(clock_rate)
    for index, seq in enumerate(sequences):
        statistics.received(seq & 0xFFFF, index * 3000, index / 30)
    return statistics


def test_an_unheard_stream_reports_zeros() -> None:
    statistics = ReceiveStatistics(90000)
    assert (statistics.packets, statistics.expected, statistics.lost) == (0, 0, 0)
    block = statistics.report_block(7, 1.0)
    assert block.ssrc == 7
    assert (block.fraction_lost, block.highest_sequence, block.lsr, block.dlsr) == (0, 0, 0, 0)


def test_loss_of_an_interval_and_in_total_across_the_wrap() -> None:
    statistics = heard([65533, 65534, 1, 2])  # 65535 and 0 are lost
    assert (statistics.expected, statistics.lost) == (6, 2)
    block = statistics.report_block(1, 0.0)
    assert block.fraction_lost == (2 << 8) // 6
    assert block.cumulative_lost == 2
    assert block.highest_sequence == 0x10002
    statistics.received(3, 0, 1.0)
    block = statistics.report_block(1, 0.0)
    assert (block.fraction_lost, block.cumulative_lost) == (0, 2)


def test_late_packets_and_duplicates_count_as_received() -> None:
    statistics = heard([10, 12, 11, 12, 12])
    assert statistics.lost == -2
    assert statistics.report_block(1, 0.0).fraction_lost == 0
    assert statistics.report_block(1, 0.0).cumulative_lost == -2


def test_the_fraction_lost_of_an_almost_lost_interval() -> None:
    statistics = heard([0])
    statistics.report_block(1, 0.0)
    statistics.received(2999, 0, 0.0)
    assert statistics.report_block(1, 0.0).fraction_lost == 255


def test_the_cumulative_loss_is_clamped_to_24_bits() -> None:
    statistics = heard([2999 * index for index in range(3000)])
    assert statistics.lost > 2**23
    assert statistics.report_block(1, 0.0).cumulative_lost == 2**23 - 1
    statistics = heard([0])
    statistics.packets += 2**24
    assert statistics.report_block(1, 0.0).cumulative_lost == -(2**23)


def test_one_stray_number_is_ignored_and_a_second_in_order_is_a_restart() -> None:
    statistics = heard([1000, 1001])
    statistics.received(30000, 0, 1.0)
    assert (statistics.packets, statistics.expected) == (2, 2)
    statistics.received(1002, 0, 1.0)
    assert (statistics.packets, statistics.lost) == (3, 0)
    statistics.received(30000, 0, 1.0)
    statistics.received(30001, 0, 1.0)
    statistics.received(30002, 0, 1.0)
    assert (statistics.packets, statistics.expected) == (5, 5)
    assert statistics.report_block(1, 0.0).highest_sequence == 30002


@given(
    st.integers(0, 65535),
    st.lists(st.tuples(st.integers(1, 50), st.booleans()), min_size=1, max_size=200),
)
def test_loss_is_that_of_aiortc(first: int, steps: list[tuple[int, bool]]) -> None:
    ours, theirs = ReceiveStatistics(90000), StreamStatistics(90000)
    number = first
    for step, report in steps:
        packet: Any = SimpleNamespace(sequence_number=number & 0xFFFF, timestamp=0)
        theirs.add(packet)
        ours.received(number & 0xFFFF, 0, 0.0)
        number += step
        if report:
            assert ours.report_block(1, 0.0).fraction_lost == min(255, theirs.fraction_lost)
    block = ours.report_block(1, 0.0)
    assert block.cumulative_lost == theirs.packets_lost
    assert theirs.max_seq is not None
    assert block.highest_sequence == theirs.cycles + theirs.max_seq
    assert ours.expected == theirs.packets_expected


def test_a_steady_stream_has_no_jitter_even_when_its_timestamps_wrap() -> None:
    statistics = ReceiveStatistics(90000)
    for index in range(100):
        statistics.received(index, (2**32 - 90000 + index * 3000) & 0xFFFFFFFF, index / 30)
    assert statistics.jitter_ms < 0.02
    assert statistics.report_block(1, 0.0).jitter <= 1


def test_each_change_of_transit_time_counts_a_sixteenth() -> None:
    statistics = ReceiveStatistics(48000)
    statistics.received(1, 0, 1.0)
    statistics.received(2, 480, 1.03)
    assert statistics.jitter_ms == pytest.approx(20 / 16)
    statistics.received(3, 960, 1.04)
    assert statistics.jitter_ms == pytest.approx(20 / 16 * 15 / 16)


def test_jitter_approaches_the_mean_deviation() -> None:
    statistics = ReceiveStatistics(48000)
    for index in range(400):
        statistics.received(index, index * 960, index * 0.02 + (0.005 if index % 2 else 0))
    assert statistics.jitter_ms == pytest.approx(5, rel=0.01)
    assert statistics.report_block(1, 0.0).jitter == pytest.approx(240, rel=0.01)


def test_a_new_timestamp_base_is_no_jitter() -> None:
    statistics = ReceiveStatistics(90000)
    statistics.received(1, 0, 1.0)
    statistics.received(2, 1 << 30, 1.03)
    statistics.received(3, (1 << 30) + 3000, 1.03 + 1 / 30)
    assert statistics.jitter_ms < 0.02


def test_the_delay_since_the_sender_report_is_told() -> None:
    statistics = heard([1])
    statistics.sender_report(0xAABBCCDD, 10.0)
    block = statistics.report_block(1, 12.5)
    assert (block.lsr, block.dlsr) == (0xAABBCCDD, int(2.5 * 65536))
    assert statistics.report_block(1, 9.0).dlsr == 0
    assert statistics.report_block(1, 1e9).dlsr == 0xFFFFFFFF


def feed(tracker: NackTracker, *sequences: int, now: float = 0.0) -> list[bool]:
    return [tracker.received(seq & 0xFFFF, now) for seq in sequences]


def test_in_order_there_is_nothing_to_ask_for() -> None:
    tracker = NackTracker()
    assert feed(tracker, 65534, 65535, 0, 1) == [True] * 4
    assert tracker.missing == 0
    assert tracker.due(1.0) == []
    assert not tracker.needs_key_frame


def test_a_gap_is_asked_for_at_once_then_every_30_ms_for_a_second() -> None:
    tracker = NackTracker()
    feed(tracker, 65533, 1)
    assert tracker.missing == 3
    assert tracker.due(0.0) == [65534, 65535, 0]
    assert tracker.due(0.029) == []
    assert feed(tracker, 65535, now=0.029) == [True]
    assert tracker.due(0.031) == [65534, 0]
    asked = [time_ms for time_ms in range(31, 1000) if tracker.due(time_ms / 1000)]
    assert 30 <= len(asked) <= 32
    assert not tracker.needs_key_frame
    assert tracker.due(1.0) == []
    assert tracker.missing == 0
    assert tracker.needs_key_frame


def test_a_packet_counts_once() -> None:
    tracker = NackTracker()
    assert feed(tracker, 10, 10, 12, 11, 11, 12, 9) == [
        True,
        False,
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_packet_given_up_is_not_new() -> None:
    tracker = NackTracker()
    feed(tracker, 10, 12)
    tracker.due(1.0)
    assert feed(tracker, 11, now=1.1) == [False]


@pytest.mark.parametrize(
    ("sequences", "given_up"),
    [
        ((10, 15), 4),
        ((65534, 2), 3),
        ((0, 502), 501),
        ((0, 300, 504), 299 + 203),
        ((0, 300, 20_000), 299),  # so far ahead is a new beginning, and what came between was not
    ],
)
def test_packets_given_up_are_counted(sequences: tuple[int, ...], given_up: int) -> None:
    tracker = NackTracker()
    feed(tracker, *sequences)
    tracker.due(1.0)
    assert tracker.given_up == given_up
    feed(tracker, sequences[-1] + 1, now=1.1)
    tracker.due(3.0)
    assert tracker.given_up == given_up


def test_one_request_names_at_most_250_packets() -> None:
    tracker = NackTracker()
    feed(tracker, 0, 401)
    assert tracker.due(0.0) == list(range(1, 251))
    assert tracker.due(0.0) == list(range(251, 401))


@pytest.mark.parametrize("sequences", [(0, 502), (0, 300, 502 + 2)])
def test_more_than_500_missing_want_a_key_frame(sequences: tuple[int, ...]) -> None:
    tracker = NackTracker()
    assert all(feed(tracker, *sequences))
    assert tracker.needs_key_frame
    assert tracker.missing == 0
    assert feed(tracker, sequences[-1] + 1) == [True]


def test_exactly_500_missing_are_asked_for() -> None:
    tracker = NackTracker()
    feed(tracker, 65000, 65000 + 501)
    assert tracker.missing == 500
    assert not tracker.needs_key_frame


def test_a_sender_that_counts_anew_is_followed_from_its_second_packet() -> None:
    tracker = NackTracker()
    feed(tracker, 20000)
    assert feed(tracker, 3000, 3001, 3002) == [False, True, True]
    assert tracker.needs_key_frame
    tracker = NackTracker()
    feed(tracker, 20000)
    assert feed(tracker, 3000, 20002, 3001) == [False, True, False]
    assert not tracker.needs_key_frame


@given(st.integers(0, 65535), st.lists(st.integers(0, 400), min_size=1, max_size=300))
def test_new_means_never_seen(first: int, order: list[int]) -> None:
    tracker = NackTracker()
    seen: set[int] = set()
    highest = order[0]
    for index in order:
        new = tracker.received((first + index) & 0xFFFF, 0.0)
        assert new == (index not in seen and index >= order[0])
        seen.add(index)
        highest = max(highest, index)
    waited = {(first + i) & 0xFFFF for i in range(order[0], highest) if i not in seen}
    assert set(tracker.due(0.0) + tracker.due(0.0)) == waited
