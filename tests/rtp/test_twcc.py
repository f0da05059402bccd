"""Transport-wide feedback: the packet's bytes, and a log that reports every arrival."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.errors import Code, ProtocolError
from bridge.rtp.twcc import (
    TICKS_PER_SECOND,
    ArrivalLog,
    TransportFeedback,
    encode_chunks,
    parse_feedback,
)
from tests.rtp.answers import answer

RUNS = st.lists(
    st.tuples(
        st.sampled_from([None, 0, 255, 256, -1, -32768, 32767]),
        st.integers(1, 20) | st.integers(1, 1500),
    ),
    min_size=1,
    max_size=5,
).map(lambda runs: tuple(delta for delta, length in runs for _ in range(length)))


def feedback(*deltas: int | None) -> TransportFeedback:
    return TransportFeedback(1, 2, 65534, 0xABCDEF, 9, deltas)


def refused(data: bytes) -> str:
    with pytest.raises(ProtocolError) as caught:
        parse_feedback(data)
    assert caught.value.code is Code.PACKET_MALFORMED
    return caught.value.message


def test_a_packet_byte_by_byte() -> None:
    data = feedback(5, None, 300).to_bytes()
    assert data.hex(" ", 4) == (
        "afcd0006 00000001 00000002 "
        "fffe0003 abcdef09 "  # base 65534, three statuses, reference time, count 9
        "d2000501 2c000003"  # vector 01 00 10, deltas 5 and 300, padding of 3
    )
    assert parse_feedback(data) == feedback(5, None, 300)
    assert parse_feedback(memoryview(data)) == feedback(5, None, 300)


def test_arrivals_count_from_the_reference_time_across_the_wrap() -> None:
    start = 0xABCDEF * 256
    assert feedback(5, None, 300, -4).arrivals() == [
        (65534, start + 5),
        (0, start + 305),
        (1, start + 301),
    ]


@pytest.mark.parametrize(
    ("symbols", "chunks"),
    [
        ([1] * 20, "2014"),
        ([0] * 9000, "1fff 0329"),
        ([2] * 7 + [1] * 7, "4007 2007"),
        ([1] * 8 + [0] * 7, "bfc0 0001"),
        ([1, 0] * 8, "aaaa a000"),
        ([1, 0, 1, 1], "ac00"),
        ([0, 1, 1, 1, 1], "9e00"),
        ([1, 2, 0, 0, 1], "d810"),
    ],
)
def test_chunks_are_chosen_by_what_they_cover(symbols: list[int], chunks: str) -> None:
    assert encode_chunks(symbols).hex(" ", 2) == chunks


@given(RUNS)
def test_any_feedback_reads_back(deltas: tuple[int | None, ...]) -> None:
    data = feedback(*deltas).to_bytes()
    assert len(data) % 4 == 0
    assert len(data) == 4 * (int.from_bytes(data[2:4], "big") + 1)
    assert parse_feedback(data) == feedback(*deltas)


@given(st.binary(max_size=60))
@example(b"\x8f\xcd\x00\x04" + bytes(8) + b"\0\0\xff\xff" + bytes(4))
def test_any_bytes_give_feedback_or_a_protocol_error(tail: bytes) -> None:
    for data in (tail, b"\x8f\xcd\x00" + bytes((len(tail) // 4,)) + tail):
        result = answer(parse_feedback, data)
        assert result is Code.PACKET_MALFORMED or isinstance(result, TransportFeedback)


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        ("8fcd0003 00000001 00000002 00000001", "shorter than its header"),
        ("8ecd0005 00000001 00000002 00000001 00000000 20010500", "not a whole"),
        ("8fce0005 00000001 00000002 00000001 00000000 20010500", "not a whole"),
        ("8fcd0006 00000001 00000002 00000001 00000000 20010500", "not a whole"),
        ("8fcd0005 00000001 00000002 00000000 00000000 20010500", "about 0 packets"),
        ("8fcd0005 00000001 00000002 00002001 00000000 00000000", "about 8193 packets"),
        ("8fcd0004 00000001 00000002 00000001 00000000", "lacks status chunks"),
        ("afcd0005 00000001 00000002 00000001 00000000 200100ff", "lacks status chunks"),
        ("8fcd0005 00000001 00000002 00000003 00000000 20030506", "lacks receive deltas"),
        ("8fcd0005 00000001 00000002 00000001 00000000 60010506", "reserved status"),
        ("8fcd0005 00000001 00000002 00000002 00000000 dc000506", "reserved status"),
    ],
)
def test_malformed_feedback_is_refused_with_its_reason(tail: str, reason: str) -> None:
    assert reason in refused(bytes.fromhex(tail))


def test_a_run_longer_than_the_count_and_bytes_after_the_deltas_are_ignored() -> None:
    data = bytes.fromhex("8fcd0005 00000001 00000002 00000002 00000000 20ff0506")
    assert parse_feedback(data).deltas == (5, 6)
    data = bytes.fromhex("8fcd0005 00000001 00000002 00000001 00000000 20010500")
    assert parse_feedback(data).deltas == (5,)


def tick(arrival_s: float) -> int:
    return int(arrival_s * TICKS_PER_SECOND)


def reports(log: ArrivalLog, now: float) -> list[TransportFeedback]:
    return [parse_feedback(data) for data in log.feedback(now)]


def test_nothing_came_nothing_is_said() -> None:
    log = ArrivalLog()
    assert log.feedback(1.0) == []
    log.record(5, 1.0)
    assert len(log.feedback(1.1)) == 1
    assert log.feedback(1.2) == []


@pytest.mark.parametrize("first", [0, 5, 40000, 65534, 65535])
def test_the_first_packet_is_the_base(first: int) -> None:
    log = ArrivalLog(sender=11, media=12)
    log.record(first, 2.5)
    (report,) = reports(log, 2.6)
    assert (report.sender, report.media, report.base_sequence) == (11, 12, first)
    assert report.arrivals() == [(first, tick(2.5))]


@given(
    first=st.integers(0, 65535),
    steps=st.lists(
        st.tuples(st.booleans(), st.integers(0, 40), st.integers(0, 9)), min_size=1, max_size=400
    ),
    every=st.integers(1, 50),
)
def test_every_arrival_is_reported_once_and_reports_join(
    first: int, steps: list[tuple[bool, int, int]], every: int
) -> None:
    """Losses, delays and a wrap, but no overtaking: each packet has one status, in order."""
    log = ArrivalLog()
    now = 100.0
    sent: list[tuple[int, int]] = []
    found: list[tuple[int, int]] = []
    following = None
    for index, (arrives, delay, _) in enumerate([*steps, (True, 0, 0)]):
        now += delay / 1000
        if arrives:
            log.record((first + index) & 0xFFFF, now)
            sent.append(((first + index) & 0xFFFF, tick(now)))
        if index % every == 0 or index == len(steps):
            for report in reports(log, now):
                assert following in {None, report.base_sequence}
                following = (report.base_sequence + len(report.deltas)) & 0xFFFF
                found += report.arrivals()
    assert found == sent


@given(st.permutations(range(60)), st.integers(0, 65535), st.integers(1, 20))
def test_overtaken_packets_are_reported_too(order: list[int], first: int, every: int) -> None:
    log = ArrivalLog()
    told: dict[int, int] = {}
    for count, index in enumerate(order, 1):
        log.record((first + index) & 0xFFFF, 50 + count / 1000)
        if count % every == 0 or count == len(order):
            for report in reports(log, 50 + count / 1000):
                for number, at in report.arrivals():
                    assert told.setdefault(number, at) == at
    expected = {(first + i) & 0xFFFF: tick(50 + c / 1000) for c, i in enumerate(order, 1)}
    assert told == expected


def test_of_duplicates_the_first_counts() -> None:
    log = ArrivalLog()
    log.record(1, 1.0)
    log.record(2, 1.001)
    log.record(1, 1.005)
    (report,) = reports(log, 1.01)
    assert report.arrivals() == [(1, tick(1.0)), (2, tick(1.001))]


def test_a_packet_called_lost_is_reported_when_it_comes() -> None:
    log = ArrivalLog()
    log.record(1, 1.0)
    log.record(3, 1.002)
    (first,) = reports(log, 1.05)
    assert first.deltas[1] is None
    log.record(2, 1.06)
    (second,) = reports(log, 1.1)
    assert second.base_sequence == 2
    assert second.arrivals() == [(2, tick(1.06)), (3, tick(1.002))]


def test_half_a_second_later_it_stays_lost() -> None:
    log = ArrivalLog()
    log.record(1, 1.0)
    log.record(3, 1.002)
    log.feedback(1.6)
    log.record(2, 1.7)
    assert log.feedback(1.8) == []


def test_a_pause_longer_than_a_delta_starts_a_new_packet() -> None:
    log = ArrivalLog()
    log.record(10, 1.0)
    log.record(12, 10.0)
    one, two = reports(log, 10.0)
    assert one.deltas == (one.deltas[0], None)
    assert two.base_sequence == 12
    assert one.arrivals() + two.arrivals() == [(10, tick(1.0)), (12, tick(10.0))]
    assert (one.feedback_count, two.feedback_count) == (0, 1)


def test_many_packets_are_spread_over_datagrams_and_counts_wrap() -> None:
    log = ArrivalLog()
    counts = []
    for batch in range(100):
        for index in range(1500):
            log.record((batch * 1500 + index) & 0xFFFF, batch + index * 0.0007)
        for data in log.feedback(batch + 1.05):
            assert len(data) < 1100
            counts.append(parse_feedback(data).feedback_count)
    assert counts == [index & 0xFF for index in range(400)]


@pytest.mark.parametrize("second", [5000, 60000])
def test_a_jump_of_the_counter_begins_anew(second: int) -> None:
    log = ArrivalLog()
    log.record(100, 1.0)
    log.record(second, 1.1)
    log.record(second + 1, 1.2)
    (report,) = reports(log, 1.2)
    assert report.base_sequence == second
    assert len(report.deltas) == 2


def test_a_log_nobody_reads_stays_small() -> None:
    log = ArrivalLog()
    for index in range(5000):
        log.record(index, 1.0 + index / 100_000)
    found = [number for report in reports(log, 1.06) for number, _ in report.arrivals()]
    assert found == list(range(4096, 5000))


def test_small_jumps_of_the_counter_do_not_add_up_to_a_long_report() -> None:
    log = ArrivalLog()
    for index in range(1000):
        log.record(index * 1900 & 0xFFFF, 1.0 + index / 10_000)
    assert sum(len(report.deltas) for report in reports(log, 1.1)) <= 4096


def test_the_reference_time_wraps_after_24_bits() -> None:
    log = ArrivalLog()
    arrival = 0.064 * (2**24 + 3) + 0.01
    log.record(1, arrival)
    (report,) = reports(log, arrival)
    assert report.reference_time == 3
