"""Resend budget, NTP and round trips."""

from __future__ import annotations

import datetime as dt

from aiortc import clock as their_clock
from hypothesis import given
from hypothesis import strategies as st

from bridge.rtp.send import ResendBudget, ntp_mid32, ntp_time, rtt_from_report


def test_a_packet_is_repeated_at_most_every_40_ms() -> None:
    budget = ResendBudget()
    assert budget.allow(7, 1000, 1.0)
    assert not budget.allow(7, 1000, 1.039)
    assert budget.allow(8, 1000, 1.039)
    assert budget.allow(7, 1000, 1.0401)
    assert not budget.allow(8, 1000, 1.078), "remembered over the turn of a 40 ms"
    assert budget.allow(8, 1000, 1.0791)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.floats(0, 0.03)), max_size=60),
)
def test_it_remembers_whatever_happens_between(asked: list[tuple[int, float]]) -> None:
    budget, now, repeated = ResendBudget(), 0.0, dict[int, float]()
    for seq, later in asked:
        now += later
        wanted = now - repeated.get(seq, -1.0) >= 0.04
        assert budget.allow(seq, 0, now) == wanted
        if wanted:
            repeated[seq] = now


def test_what_it_remembers_is_bounded() -> None:
    budget = ResendBudget(4)
    assert all(budget.allow(seq, 0, 0.0) for seq in range(4))
    assert [budget.allow(seq, 0, 0.0) for seq in range(4)] == [False] * 4
    assert budget.allow(4, 0, 0.0)
    assert budget.allow(0, 0, 0.0), "the longest ago"
    assert not budget.allow(4, 0, 0.0)


def test_repeated_bytes_stay_under_half_of_those_sent() -> None:
    budget = ResendBudget()
    start = 0
    while budget.allow(start, 1000, 0.0):
        start += 1
    assert start == 15  # what a lossy first key frame may cost
    resent = 0
    for number in range(2000):
        budget.sent(1000)
        resent += budget.allow(number & 0xFFFF, 1000, 1.0 + number)
    assert resent == 1000


def test_savings_are_bounded() -> None:
    budget = ResendBudget()
    for _ in range(10_000):
        budget.sent(1200)
    allowed = sum(budget.allow(number, 1200, 0.0) for number in range(500))
    assert allowed == 50


def test_a_refused_packet_spends_nothing() -> None:
    budget = ResendBudget()
    assert not budget.allow(1, 15_001, 0.0)
    assert budget.allow(1, 15_000, 0.0)


def test_ntp_time_is_that_of_aiortc() -> None:
    moment = dt.datetime(2026, 8, 20, 9, 30, 0, 500_000, tzinfo=dt.UTC)
    ours = ntp_time(moment.timestamp())
    assert ours & 0xFFFFFFFF == 1 << 31
    assert abs(ours - their_clock.datetime_to_ntp(moment)) < 1 << 14
    assert ntp_mid32(ours) == ours >> 16 & 0xFFFFFFFF


def test_ntp_time_wraps_in_2036() -> None:
    assert ntp_time(2085978496.0 + 2) == 2 << 32


@given(st.floats(0, 59), st.floats(0, 30), st.floats(0, 4e9))
def test_a_round_trip_is_found_whenever_it_happened(
    rtt: float, delay: float, sent_at: float
) -> None:
    lsr = ntp_mid32(ntp_time(sent_at))
    now = ntp_mid32(ntp_time(sent_at + delay + rtt))
    found = rtt_from_report(lsr, int(delay * 65536), now)
    if lsr:
        assert found is not None
        assert abs(found - rtt) < 1e-4


def test_no_sender_report_or_nonsense_gives_no_round_trip() -> None:
    assert rtt_from_report(0, 0, 65536) is None
    assert rtt_from_report(1, 0, 61 * 65536) is None
    assert rtt_from_report(10 * 65536, 0, 65536) is None


def test_rounding_below_zero_is_zero() -> None:
    assert rtt_from_report(0x10000, 0x10001, 0x20000) == 0.0
