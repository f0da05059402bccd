"""What is done at regular times is done sooner when somebody waits for it, and not twice."""

from __future__ import annotations

import asyncio
import math

import pytest

from bridge.clock import monotonic
from bridge.media.engine_native import NativeEngine
from bridge.media.feedback import DOUBT_REPORT_S
from bridge.media.rounds import CALM_TICK_S, UNEASY_TICK_S
from bridge.media.server import Routes
from bridge.rtp.rtcp import Nack, Pli, Remb
from tests.media.client import audio, video, vp8_delta
from tests.media.conftest import Hall
from tests.media.kernel import ENGINES

PROGRAM = Routes("ha-noi", "", ("ha-noi",))


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def hurried(hall: Hall) -> list[str]:
    """Return a list that grows each time somebody asks for an early round."""
    feedback = hall.server._feedback
    assert feedback is not None
    seen: list[str] = []
    real = feedback.hurry

    def hurry() -> None:
        seen.append("hurry")
        real()

    feedback.hurry = hurry
    return seen


async def received(hall: Hall, count: int) -> None:
    """Wait until the engine has so many media packets; the event loop need not have heard."""
    engine = hall.server._engine
    while True:
        if isinstance(engine, NativeEngine):
            taken = engine.core.totals()[6] + hall.server._counters.packets_in
            taken -= engine._counted[6]
        else:
            taken = hall.server._counters.packets_in
        if taken >= count:
            return
        await asyncio.sleep(0.001)


async def test_what_was_said_before_a_microphone_opened_is_not_heard(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    viewer = await hall.viewer()
    await hall.sound(publisher, 1, b"warm")
    publisher.send_rtp(publisher.packet(1, 2, 1920, b"private"))
    await received(hall, publisher.sent)
    hall.server.apply("plenary", PROGRAM)
    await hall.sound(publisher, 3, b"public", b"public")
    await viewer.until(lambda: len(audio(viewer)) == 2)
    assert [r.payload for r in audio(viewer)] == [b"public", b"public"]


async def test_whoever_waits_is_not_kept_for_a_calm_round(hall: Hall) -> None:
    publisher, viewer = await hall.publisher("ha-noi"), await hall.viewer()
    seen = hurried(hall)
    hall.server.apply("plenary", PROGRAM)
    assert seen, "sound that a new route lets through"
    await hall.frames(publisher, 1, 3)
    await viewer.until(lambda: len(video(viewer)) == 3)

    seen.clear()
    viewer.send_rtcp(Pli(1, viewer.ssrc(0)))
    while hall.server.counters().plis_in == 0:
        await asyncio.sleep(0.001)
    assert seen, "a key frame"

    seen.clear()
    publisher.send_rtp(publisher.packet(0, 6, 18_000, vp8_delta(6)))
    await hall.settle()
    assert seen, "packets that are missing"


async def test_a_line_that_came_into_doubt_is_looked_at_in_the_next_round(hall: Hall) -> None:
    publisher, viewer = await hall.publisher("ha-noi"), await hall.viewer()
    hall.server.apply("plenary", Routes("ha-noi"))
    await hall.frames(publisher, 1, 3)
    await viewer.until(lambda: len(video(viewer)) == 3)
    peer, feedback = hall.peer(viewer), hall.server._feedback
    assert feedback is not None
    newest = video(viewer)[-1].header.sequence
    signs = (Remb(800_000, (viewer.ssrc(0),)), Nack(1, viewer.ssrc(0), (newest,)))
    for packet in signs:
        while not peer.look_at:
            await asyncio.sleep(0.001)
        now = monotonic()
        feedback.received(peer, [Remb(900_000, (viewer.ssrc(0),))], now)
        feedback.received(peer, [packet], now)
        assert peer.look_at == 0.0, packet
        feedback.tick(peer, now)
        assert now < feedback.doubts_at(peer, now) <= now + DOUBT_REPORT_S, "then again"


async def test_rounds_are_twice_as_many_while_a_line_is_in_doubt_or_narrow(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = await hall.viewer()
    peer, feedback, rounds = hall.peer(viewer), hall.server._feedback, hall.server._rounds
    assert feedback is not None
    assert rounds is not None
    now = monotonic()
    rounds._once(now)
    assert rounds._calm_interval(now) == CALM_TICK_S
    feedback.received(peer, [Nack(1, viewer.ssrc(0), (1,))], now)
    rounds._once(now)
    assert rounds._calm_interval(now) == UNEASY_TICK_S
    peer.look_at = math.inf
    now += 10
    assert rounds._calm_interval(now) == CALM_TICK_S
    peer.downlink.states = {"main": "reduced"}
    peer.look_at = peer.adapt_at = 0.0
    monkeypatch.setattr(peer.downlink, "adapt", lambda _now: [])
    rounds._once(now)
    assert rounds._calm_interval(now) == UNEASY_TICK_S
