"""One stream out of many: numbers and timestamps of a slot."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.rtp.reference import StreamRewriter

BIT32 = st.integers(0, 2**32 - 1)
BIT16 = st.integers(0, 2**16 - 1)


def test_numbers_start_below_2_to_the_15_and_timestamps_as_told() -> None:
    rewriter = StreamRewriter(90000, first_sequence=0xFFFF, first_timestamp=2**32 + 7)
    assert rewriter.timestamp_at(5.0) == 7
    rewriter.switch(1000, 5000, 1.0)
    assert rewriter.map(1000, 5000) == (0x7FFF, 7)
    zero = StreamRewriter(90000)
    zero.switch(1000, 5000, 1.0)
    assert zero.map(1000, 5000) == (0, 0)


def test_a_source_keeps_its_steps_across_both_wraps() -> None:
    rewriter = StreamRewriter(90000, 100, 2**32 - 10)
    rewriter.switch(65534, 2**32 - 3000, 0.0)
    assert [
        rewriter.map((65534 + i) & 0xFFFF, (2**32 - 3000 + 3000 * i) & 0xFFFFFFFF) for i in range(4)
    ] == [(100, 2**32 - 10), (101, 2990), (102, 5990), (103, 8990)]


def test_a_switch_continues_with_the_next_number_later_by_the_time_passed() -> None:
    rewriter = StreamRewriter(90000, 100, 1000)
    rewriter.switch(1, 10, 5.0)
    rewriter.map(1, 10)
    rewriter.map(2, 3010)
    rewriter.switch(40000, 77, 5.5)
    assert rewriter.map(40000, 77) == (102, 46000)
    assert rewriter.map(40001, 3077) == (103, 49000)


def test_a_switch_never_goes_back_in_time() -> None:
    """The old source's clock ran ahead of ours."""
    rewriter = StreamRewriter(90000, 0, 2**32 - 5)
    rewriter.switch(1, 0, 5.0)
    rewriter.map(1, 0)
    rewriter.map(2, 90000)
    rewriter.switch(500, 0, 5.5)
    assert rewriter.map(500, 0) == (2, 90000 - 5 + 1)
    rewriter.switch(900, 0, 5.5)
    assert rewriter.map(900, 0) == (3, 90000 - 5 + 2)


def test_arrival_times_keep_the_clock_of_the_slot_on_the_source() -> None:
    rewriter = StreamRewriter(90000)
    rewriter.switch(1, 0, 0.0)
    for index in range(1, 1001):  # the source's clock is 1 % fast
        rewriter.map(1 + index, index * 3030, index / 30)
    assert rewriter.timestamp_at(1000 / 30) == 1000 * 3030
    rewriter.map(1001, 1000 * 3030, 40.0)  # another packet of the same frame moves nothing
    assert rewriter.timestamp_at(1000 / 30 + 1) == 1000 * 3030 + 90000


def test_a_late_packet_takes_its_place_but_one_from_before_the_switch_has_none() -> None:
    rewriter = StreamRewriter(90000, 100)
    rewriter.switch(10, 0, 0.0)
    assert rewriter.map(9, 0) is None
    assert rewriter.map(13, 0) == (103, 0)
    assert rewriter.map(11, 0) == (101, 0)
    assert rewriter.map(9, 0) is None
    for seq in range(13, 70000):
        assert rewriter.map(seq & 0xFFFF, 0) == ((seq + 90) & 0xFFFF, 0)
    assert rewriter.map(69000 & 0xFFFF, 0) == ((69000 + 90) & 0xFFFF, 0)


@given(
    st.lists(
        st.tuples(BIT16, BIT32, st.lists(st.integers(0, 60), max_size=30), st.floats(0, 5)),
        min_size=1,
        max_size=8,
    ),
    BIT16,
    BIT32,
)
def test_no_number_is_ever_used_twice_and_time_goes_forward(
    sources: list[tuple[int, int, list[int], float]], first: int, start: int
) -> None:
    rewriter = StreamRewriter(90000, first, start)
    used: dict[int, tuple[int, int]] = {}
    newest = -1
    now = 10.0
    last_timestamp = 0
    for source, (base, timestamp, offsets, pause) in enumerate(sources):
        now += pause
        rewriter.switch(base, timestamp, now)
        mapped = rewriter.map(base, timestamp, now)
        assert mapped is not None
        if newest >= 0:
            assert mapped[0] == (newest + 1) & 0xFFFF
            assert 0 < (mapped[1] - last_timestamp) & 0xFFFFFFFF < 0x80000000
        newest, last_timestamp = mapped
        for offset in offsets:
            seq = (base + offset) & 0xFFFF
            mapped = rewriter.map(seq, (timestamp + 3000 * offset) & 0xFFFFFFFF, now)
            assert mapped is not None
            assert used.setdefault(mapped[0], (source, offset)) == (source, offset)
            if (mapped[0] - newest) & 0xFFFF < 0x8000:
                newest, last_timestamp = mapped
