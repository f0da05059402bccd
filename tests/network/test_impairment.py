"""What a direction does to packets, in memory."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tests.network.impairment import UDP, Direction

PACKET = 1250  # bytes: 10 kbit


def packet(number: int = 0, size: int = PACKET, protocol: int = UDP) -> bytes:
    head = bytearray(size)
    head[9] = protocol
    head[10:12] = (number & 0xFFFF).to_bytes(2, "big")
    return bytes(head)


def number(data: bytes) -> int:
    return int.from_bytes(data[10:12], "big")


@pytest.fixture
def direction() -> Direction:
    return Direction(random.Random(7))


def carry(
    direction: Direction,
    count: int,
    step_s: float,
    meanwhile: Callable[[int], None] = lambda _: None,
) -> list[tuple[float, int]]:
    """Offer *count* packets *step_s* apart; return when which of them arrived."""
    arrived: list[tuple[float, int]] = []
    now = 0.0

    def drain(until: float) -> None:
        while (at := direction.next_at()) is not None and at <= until:
            at = max(at, now)
            arrived.extend((at, number(data)) for data in direction.due(at))

    for index in range(count):
        drain(index * step_s)
        now = index * step_s
        meanwhile(index)
        direction.offer(packet(index), now)
    drain(float("inf"))
    return arrived


def test_a_perfect_line_delivers_at_once(direction: Direction) -> None:
    assert carry(direction, 3, 0.5) == [(0.0, 0), (0.5, 1), (1.0, 2)]
    assert direction.next_at() is None
    assert direction.counters.delivered == 3
    assert direction.counters.delivered_bytes == 3 * PACKET


def test_loss_is_as_often_as_said(direction: Direction) -> None:
    direction.loss = 0.2
    carry(direction, 20_000, 0.001)
    assert 3800 < direction.counters.lost < 4200
    assert direction.counters.lost + direction.counters.delivered == 20_000


def test_bursts_have_their_length_and_the_same_loss(direction: Direction) -> None:
    direction.loss, direction.burst = 0.1, 5
    arrived = {which for _, which in carry(direction, 60_000, 0.001)}
    bursts = sum(n not in arrived and (n - 1 in arrived or n == 0) for n in range(60_000))
    assert 5000 < direction.counters.lost < 7000
    assert 4.5 < direction.counters.lost / bursts < 5.5


def test_delay_and_jitter_keep_the_order(direction: Direction) -> None:
    direction.delay_ms, direction.jitter_ms = 100, 50
    arrived = carry(direction, 500, 0.01)
    assert [which for _, which in arrived] == list(range(500))
    delays = [at - which * 0.01 for at, which in arrived]
    assert min(delays) >= 0.1 - 1e-9
    assert max(delays) <= 0.15 + 1e-9
    assert max(delays) - min(delays) > 0.03


def test_a_bottleneck_sends_at_its_rate(direction: Direction) -> None:
    direction.rate_kbps = 1000  # ten milliseconds a packet
    arrived = carry(direction, 5, 0.0)
    assert [at for at, _ in arrived] == pytest.approx([0.01, 0.02, 0.03, 0.04, 0.05])


def test_a_full_queue_drops_what_comes(direction: Direction) -> None:
    direction.rate_kbps, direction.queue_ms = 1000, 200
    arrived = carry(direction, 100, 0.001)
    assert direction.counters.overflowed == 100 - len(arrived)
    assert [which for _, which in arrived][:20] == list(range(20))
    longest = max(at - which * 0.001 for at, which in arrived)
    assert 0.19 < longest <= 0.22  # queue, and the packet itself


def test_a_rate_that_changes_counts_for_what_waits(direction: Direction) -> None:
    direction.rate_kbps = 100

    def free(index: int) -> None:
        if index == 3:
            direction.rate_kbps = 0

    arrived = carry(direction, 4, 0.01, free)
    assert arrived == [(0.03, 0), (0.03, 1), (0.03, 2), (0.03, 3)]


def test_a_cut_loses_what_is_sent_and_what_is_under_way(direction: Direction) -> None:
    direction.delay_ms = 15

    def cut(index: int) -> None:
        if index == 10:
            direction.cut_until = 0.295

    arrived = [which for _, which in carry(direction, 50, 0.01, cut)]
    assert arrived == [*range(9), *range(30, 50)]
    assert direction.counters.blocked == 21


def test_only_udp_is_blocked(direction: Direction) -> None:
    direction.block_udp = True
    direction.offer(packet(1), 0.0)
    direction.offer(packet(2, protocol=6), 0.0)
    assert [number(data) for data in direction.due(0.0)] == [2]
    assert direction.counters.blocked == 1
