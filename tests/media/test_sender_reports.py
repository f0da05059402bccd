"""Sender reports of what the thread forwards: the core's own, by the event loop's rules."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given, settings

from bridge.media.feedback import CNAME
from bridge.media.sink import Sink
from bridge.rtp.rtcp import SenderReport, SourceDescription, parse_compound
from tests.media.client import vp8_delta, vp8_key
from tests.media.test_engine import OPUS_CODEC, VP8_CODEC, make_sink
from tests.media.test_forwarder import STEPS, Relayed, Watcher, relayed
from tests.media.test_native import play

NTP = 0xE9_4C_11_22_80_00_00_01


def expected(sink: Sink, now: float) -> SenderReport | None:
    """Return the report on a slot, by what the event loop knows; None if nothing flows."""
    time = sink.timestamp_at(now)
    if time is None:
        return None
    return SenderReport(sink.ssrc, NTP, time, sink.packets, sink.octets)


def compounds(world: Relayed, watcher: Watcher, now: float) -> list[bytes]:
    """Let the core report to one viewer; return what arrives, decrypted."""
    world.engine.flush()
    before, made = len(world.net.sent), world.counters.rtcp_out
    world.engine.report(watcher, NTP, now)
    assert len(world.net.sent) == before, "it leaves with what else there is"
    world.engine.flush()
    assert {*world.net.names[before:]} <= {world.engine._name(watcher.endpoint)}
    datagrams = world.net.sent[before:]
    assert world.counters.rtcp_out - made == len(datagrams)
    plain = [world.net.inbound.unprotect_rtcp(datagram) for datagram in datagrams]
    assert None not in plain
    return [one for one in plain if one is not None]


@settings(max_examples=100, deadline=None)
@example([("key", 0, "none"), ("leave", 0, 0), ("key", 2, "none")])
@given(STEPS)
def test_every_slot_that_flows_is_reported_as_the_event_loop_sees_it(
    steps: list[tuple[str, int, Any]],
) -> None:
    _, world = relayed()
    play(world, steps)
    world.settle()
    for watcher in world.watchers:
        if watcher.endpoint.address is None:
            continue
        wanted = expected(watcher.sink, world.now + 0.25)
        found = compounds(world, watcher, world.now + 0.25)
        if wanted is None:
            assert found == []
        else:
            names = SourceDescription(((watcher.sink.ssrc, CNAME),))
            assert found == [wanted.to_bytes() + names.to_bytes()]


def crowded(slots: int) -> tuple[Relayed, Watcher, list[Sink]]:
    """Return a world with a viewer who has so many slots, a picture and some sound in all."""
    _, world = relayed()
    watcher = world.watchers[0]
    sinks = [make_sink(world.net, OPUS_CODEC if place % 2 else VP8_CODEC) for place in range(slots)]
    play(world, [])
    for place, sink in enumerate(sinks):
        sink.endpoint = watcher.endpoint
        sink.follow(world.tracks[2 if place % 2 else 0], world.now)
    for number in range(65_500, 65_504):
        world.feed(0, number, vp8_delta(number) if number > 65_500 else vp8_key(number))
        world.datagram_at(number - 65_499)
    world.settle()
    return world, watcher, [watcher.sink, *sinks]


def test_of_many_slots_not_more_are_in_a_datagram_than_it_holds() -> None:
    world, watcher, sinks = crowded(24)
    found = [parse_compound(one) for one in compounds(world, watcher, world.now)]
    assert [len(one) for one in found] == [20 + 1, 5 + 1]
    reports = {p.ssrc: p for one in found for p in one if isinstance(p, SenderReport)}
    assert reports == {sink.ssrc: expected(sink, world.now) for sink in sinks}
    for *some, last in found:
        assert last == SourceDescription(
            tuple((one.ssrc, CNAME) for one in some if isinstance(one, SenderReport))
        )


def test_nothing_is_reported_to_who_has_left_or_whose_keys_are_gone() -> None:
    world, watcher, _ = crowded(2)
    assert len(compounds(world, watcher, world.now)) == 1
    watcher.sink.follow(None, world.now)
    [compound] = compounds(world, watcher, world.now)
    assert watcher.sink.ssrc not in [
        p.ssrc for p in parse_compound(compound) if isinstance(p, SenderReport)
    ]
    world.engine.dismiss(watcher)
    assert compounds(world, watcher, world.now) == []


def test_a_full_socket_keeps_a_report_for_later() -> None:
    world, watcher, _ = crowded(2)
    before = len(world.net.sent)
    world.net.answers = [-11]  # EAGAIN
    world.engine.report(watcher, NTP, world.now)
    assert world.engine.flush()
    assert len(world.net.sent) == before
    assert not world.engine.flush()
    assert len(world.net.sent) == before + 1
