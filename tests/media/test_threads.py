"""Several threads that share the viewers: each gets the same bytes, in the same order."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from functools import partial
from typing import Any

import pytest
from hypothesis import assume, given, settings

from bridge.media import engine_native
from bridge.media._engine import _native
from bridge.media.counters import MediaCounters
from bridge.media.engine_native import NativeEngine
from bridge.media.engines import open_engine
from bridge.media.server import MediaServer, Routes
from tests.media.client import VP8, Client, vp8_delta, vp8_key
from tests.media.conftest import Hall, Observed
from tests.media.test_forwarder import STEPS, Relayed, relayed, told
from tests.media.test_native import World, play, recorded

THREADS = 3


@pytest.fixture(autouse=True, scope="module")
def everything_is_shared() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_native, "SHARED", 1)
        yield


def in_order(world: World) -> dict[bytes, list[bytes]]:
    """Return what each viewer got."""
    got: dict[bytes, list[bytes]] = {}
    for name, data in zip(world.net.names, world.net.sent, strict=True):
        got.setdefault(name, []).append(data)
    return got


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_they_send_the_same_bytes_as_the_python_engine(steps: list[tuple[str, int, Any]]) -> None:
    python, native = relayed(THREADS)
    play(python, steps)
    play(native, steps)
    assume(not native.unheard)
    assert told(native) == told(python)


def test_each_viewer_gets_a_recorded_camera_in_the_order_of_one_thread() -> None:
    _, alone = relayed()
    together = Relayed("native", alone.key, alone, threads=THREADS)
    packets = list(recorded(3))
    for world in (alone, together):
        play(world, [])
        for which, number, payload in packets:
            world.feed(which, number, payload)
    assert len(together.net.sent) > 300
    assert in_order(together) == in_order(alone)


def test_what_a_full_socket_keeps_leaves_later() -> None:
    _, world = relayed(THREADS)
    play(world, [("key", 0, "long")])
    before = len(world.net.sent)
    world.net.error = BlockingIOError(errno.EAGAIN, "full")
    for number in range(65_501, 65_511):
        world.feed(0, number, vp8_delta(number))
    assert len(world.net.sent) == before
    world.net.error = None
    world.settle()
    world.settle()
    assert len(world.net.sent) == before + 30 == len(world.net.plain)
    assert world.counters.drops == {}
    assert world.counters.send_full == 0


def test_where_nobody_can_be_reached_it_is_counted() -> None:
    _, world = relayed(THREADS)
    play(world, [("key", 0, "long")])
    world.net.error = OSError(errno.ENETUNREACH, "unreachable")
    world.feed(0, 65_501, vp8_delta(1))
    world.settle()
    assert world.counters.drops == {"send_failed": 3}


def test_there_are_not_more_than_are_useful() -> None:
    with pytest.raises(ValueError, match="too many"):
        _native.Forwarder(-1, (1, 1, 1, 1), 0, 8, 1)


def has_all(viewer: Client) -> bool:
    return len(viewer.rtp) >= 100


async def test_a_server_with_threads_serves_viewers_who_come_and_go() -> None:
    server = MediaServer(
        host="127.0.0.1",
        port=0,
        public_addresses=[],
        observer=Observed(),
        engine=NativeEngine.name,
        threads=THREADS,
    )
    await server.start()
    hall = Hall(server, Observed())
    try:
        publisher = await hall.publisher("ha-noi")
        viewers = await asyncio.gather(*(hall.viewer() for _ in range(20)))
        server.apply("plenary", Routes("ha-noi"))
        for turn in range(5):
            for number in range(turn * 20, turn * 20 + 20):
                payload = vp8_key(number, fill=800) if number == 0 else vp8_delta(number, 800)
                marker = number % 4 == 3
                packet = publisher.packet(0, number, number // 4 * 3000, payload, marker=marker)
                publisher.send_rtp(packet)
            await hall.settle()
            leaver = viewers.pop()
            await server.disconnect(hall.peer(leaver).id)
        for viewer in viewers:
            await viewer.until(partial(has_all, viewer))
            numbers = [r.header.sequence for r in viewer.rtp if r.header.payload_type == VP8]
            assert numbers == list(range(numbers[0], numbers[0] + 100))
        assert server.counters().drops == {}
    finally:
        await server.close()
        for client in hall.clients:
            await client.close()


def test_the_python_engine_says_that_it_has_none(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        open_engine("python", sock, MediaCounters(), 2)
    assert "--media-threads is ignored" in caplog.text
    caplog.set_level(logging.INFO)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        open_engine("native", sock, MediaCounters(), 2)
    assert "threads: 2" in caplog.text
