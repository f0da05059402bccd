"""What viewers ask for again is answered by the native engine's thread, within the same bounds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bridge.media._engine import _native
from bridge.media.batch import sockaddr
from bridge.media.sink import Counted, Sink
from bridge.rtp.packet import parse_header
from bridge.rtp.rtcp import Nack, ReceiverReport
from tests.media.client import vp8_delta, vp8_key
from tests.media.test_forwarder import REPORTER, Relayed, Watcher, relayed
from tests.media.test_native import play


def watched() -> tuple[Relayed, Watcher]:
    """Return a world in which ten pictures have come, and its first viewer."""
    _, world = relayed()
    play(world, [])
    for number in range(65_500, 65_510):
        world.feed(0, number, vp8_delta(number) if number > 65_500 else vp8_key(number))
    world.net.sent.clear()
    world.net.plain.clear()
    return world, world.watchers[0]


def nack(sink: Sink, *back: int) -> bytes:
    """Return a compound that asks for the newest packet, or those so many before it."""
    sequences = tuple((sink.newest - steps) & 0xFFFF for steps in back)
    return Nack(REPORTER, sink.ssrc, sequences).to_bytes()


def test_it_is_sent_again_before_the_event_loop_hears_of_it() -> None:
    world, watcher = watched()
    sink = watcher.sink
    asked = ReceiverReport(REPORTER).to_bytes() + nack(sink, 3, 1)
    world.report(watcher, asked)
    assert watcher.reports == []
    world.engine.core.settle()
    assert [parse_header(plain).ssrc for plain in world.net.plain] == [sink.repair_ssrc] * 2
    world.settle()
    assert watcher.reports == [asked]
    assert (world.counters.resent, sink.resent_packets) == (2, 2)
    world.engine.resend(sink, (sink.newest & 0xFFFF,), world.now)
    assert world.counters.resent == 2, "what the thread keeps the event loop does not send"


def test_it_goes_where_the_viewer_is_now() -> None:
    world, watcher = watched()
    watcher.sink.detach(world.now)
    watcher.endpoint.address = ("192.0.2.200", 2000)
    world.engine.moved(watcher.endpoint)
    world.report(watcher, nack(watcher.sink, 0))
    world.settle()
    assert world.net.names[-1] == sockaddr(("192.0.2.200", 2000), six=False)
    assert len(world.net.plain) == 1


def test_of_what_was_stopped_nothing_is_sent_again_and_the_next_may_be() -> None:
    world, watcher = watched()
    sink = watcher.sink
    missed = nack(sink, 3, 1)
    while sink.tally.may_resend(sink.newest & 0xFFFF, 1000, world.now):
        world.now += 1
    track = sink.track
    sink.follow(None, world.now)
    sink.forget()
    world.report(watcher, missed)
    world.settle()
    assert world.net.plain == []
    sink.follow(track, world.now)
    world.feed(0, 65_510, vp8_key(65_510))
    world.settle()
    world.net.plain.clear()
    world.report(watcher, nack(sink, 0))
    world.settle()
    assert [parse_header(plain).ssrc for plain in world.net.plain] == [sink.repair_ssrc]


def test_the_first_report_of_an_ssrc_is_the_event_loops() -> None:
    world, watcher = watched()
    seen: list[bytes] = []
    world.engine._datagram = lambda data, *_: seen.append(data)
    compound = Nack(REPORTER + 1, watcher.sink.ssrc, (watcher.sink.newest & 0xFFFF,)).to_bytes()
    world.report(watcher, compound)
    world.settle()
    assert [watcher.net.inbound.unprotect_rtcp(data) for data in seen] == [compound]
    assert world.net.plain == []
    world.engine.expect(watcher, REPORTER + 1)
    world.report(watcher, compound)
    world.settle()
    assert watcher.reports == [compound]
    assert len(world.net.plain) == 1


def test_nobody_gets_what_others_missed() -> None:
    world, watcher = watched()
    other = world.watchers[1]
    world.report(other, nack(watcher.sink, 0))
    world.settle()
    assert world.net.plain == []
    assert len(other.reports) == 1


def test_when_a_peer_is_dismissed_nothing_is_sent_again() -> None:
    world, watcher = watched()
    asked = nack(watcher.sink, 0)
    world.engine.dismiss(watcher)
    world.engine.answer(watcher, asked, world.now)
    seen: list[bytes] = []
    world.engine._datagram = lambda data, *_: seen.append(data)
    world.report(watcher, asked)
    world.settle()
    assert len(seen) == 1
    assert world.net.plain == []
    watcher.sink.follow(None, world.now)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good: good[:-1],
        lambda good: good + b"\x81",
        lambda good: good + b"\x41\xcd\x00\x00",
        lambda good: good + b"\x81\xcd\x00\x09" + bytes(8),
        lambda good: good + b"\x81\xcd\x00\x01" + bytes(4),
        lambda good: good + b"\xa1\xcd\x00\x02" + bytes(8),
        lambda good: good + b"\xa1\xcd\x00\x00",
        lambda good: good + b"\xa1\xcd\x00\x03" + bytes(11) + b"\x03",
        lambda good: good + Nack(1, 2, tuple(range(8192))).to_bytes(),
    ],
)
def test_of_a_malformed_compound_nothing_is_used(spoil: Any) -> None:
    world, watcher = watched()
    good = nack(watcher.sink, 0)
    world.engine.answer(watcher, spoil(good), world.now)
    world.settle()
    assert world.net.plain == []
    world.engine.answer(watcher, good, world.now)
    world.settle()
    assert len(world.net.plain) == 1


def test_more_than_a_browser_asks_for_at_once_is_not_looked_at() -> None:
    world, watcher = watched()
    sink = watcher.sink
    others = tuple((sink.newest + 1 + step) & 0xFFFF for step in range(500))
    late = Nack(REPORTER, sink.ssrc, (*others, sink.newest & 0xFFFF)).to_bytes()
    world.engine.answer(watcher, late, world.now)
    world.settle()
    assert world.net.plain == []


def test_a_forged_report_is_counted_and_forgotten() -> None:
    world, watcher = watched()
    head = b"\x81\xcd\x00\x03" + REPORTER.to_bytes(4, "big")
    address = watcher.endpoint.address
    assert address is not None
    world.engine.core.receive(head + bytes(40), sockaddr(address, six=False), world.now)
    world.settle()
    assert world.counters.drops == {"srtcp_refused": 1}
    assert watcher.reports == []


def test_a_flood_of_reports_is_not_decrypted() -> None:
    world, watcher = watched()
    compound = ReceiverReport(REPORTER).to_bytes() + bytes((0x80, 204, 0, 240)) + bytes(960)
    for _ in range(250):
        world.report(watcher, compound)
    world.settle()
    assert 190 <= len(watcher.reports) <= 210, "200 kB at once"
    assert world.counters.drops == {"peer_flood": 250 - len(watcher.reports)}


STEPS = st.lists(
    st.tuples(
        st.integers(0, 3000),  # bytes sent before
        st.sampled_from((0.0, 0.001, 0.02, 0.04, 0.041, 1.0)),  # seconds passed before
        st.integers(0, 600),  # sequence number
        st.integers(20, 1500),  # bytes; after the largest begin anew
    ),
    max_size=700,
)


@settings(max_examples=100, deadline=None)
@given(STEPS)
@example([(0, 0.0, 0, 1500), (0, 0.0, 0, 20)])  # asked for at once after it began anew
def test_the_budget_is_the_same(steps: list[tuple[int, float, int, int]]) -> None:
    python, native = Counted(), _native.Slot()
    now = 0.0
    for octets, passed, sequence, size in steps:
        now += passed
        for tally in (python, native):
            tally.octets += octets
        assert native.may_resend(sequence, size, now) == python.may_resend(sequence, size, now)
        if size == 1500:
            native.forget()
            python.forget()
    assert (native.resent, native.resent_packets) == (python.resent, python.resent_packets)


def test_the_budget_forgets_the_longest_ago_when_it_is_asked_for_too_much() -> None:
    python, native = Counted(), _native.Slot()
    for tally in (python, native):
        tally.octets += 1 << 20
    for sequence in [*range(600), *range(600)]:
        assert native.may_resend(sequence, 20, 1.0) == python.may_resend(sequence, 20, 1.0)
    assert python.resent_packets > 600


def test_numbers_of_repairs_go_on_whoever_takes_the_next() -> None:
    slot = _native.Slot(1, 2, 3, 4, 0xFFFF_FFFE)
    assert (slot.packets, slot.octets, slot.resent, slot.resent_packets) == (1, 2, 3, 4)
    assert [slot.next_repair() & 0xFFFF for _ in range(3)] == [0xFFFF, 0, 1]
    slot.repeated(7)
    assert slot.resent == 10
    counted = Counted(slot)
    assert (counted.packets, counted.octets, counted.resent) == (1, 2, 10)
    assert counted.next_repair() == 2
