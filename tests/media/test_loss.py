"""A lossy line in both directions: timed NACK and RTX bring every frame through."""

from __future__ import annotations

import asyncio
import random

import pytest

from bridge.media.server import Routes
from bridge.rtp.receive import NackTracker
from bridge.rtp.rtcp import Nack
from tests.media.client import VP8_RTX, Client, vp8_delta, vp8_key
from tests.media.conftest import Hall
from tests.media.kernel import ENGINES

FRAMES = 300
LOSS = 0.15
PREFIX = 20  # bytes before the payload of a test packet: header, extension header, mid


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class LossySender:
    """A publisher that loses some packets and sends again what it is asked for."""

    def __init__(self, client: Client, chance: random.Random) -> None:
        self.client = client
        self.chance = chance
        self.repairs = 0
        self._seen = 0
        self._packets = {
            n: client.packet(0, n, n * 3000, vp8_key(n) if n == 1 else vp8_delta(n))
            for n in range(1, FRAMES + 1)
        }
        assert self._packets[1][PREFIX:] == vp8_key(1)

    def send(self, number: int) -> None:
        # Nobody can miss what is before the first packet or after the last one.
        if number in {1, FRAMES} or self.chance.random() > LOSS:
            self.client.send_rtp(self._packets[number])

    def answer(self) -> None:
        new = self.client.rtcp[self._seen :]
        self._seen += len(new)
        for number in [n for p in new if isinstance(p, Nack) for n in p.sequences]:
            self.repairs += 1
            payload = number.to_bytes(2, "big") + self._packets[number][PREFIX:]
            packet = self.client.packet(
                0, self.repairs, number * 3000, payload, ssrc=5, payload_type=VP8_RTX
            )
            if self.chance.random() > LOSS:
                self.client.send_rtp(packet)


class LossyReceiver:
    """A viewer that loses some packets and asks for them."""

    def __init__(self, client: Client, chance: random.Random) -> None:
        self.client = client
        self.chance = chance
        self.tracker = NackTracker()
        self.pictures: set[int] = set()
        self._seen = 0

    def take(self, now: float) -> None:
        new = self.client.rtp[self._seen :]
        self._seen += len(new)
        for received in new:
            if self.chance.random() < LOSS:
                continue
            sequence, payload = received.header.sequence, received.payload
            if received.header.payload_type == VP8_RTX:
                sequence, payload = int.from_bytes(payload[:2], "big"), payload[2:]
            self.tracker.received(sequence, now)
            self.pictures.add(int.from_bytes(payload[2:4], "big") & 0x7FFF)
        missing = self.tracker.due(now)
        if missing:
            self.client.send_rtcp(Nack(1, self.client.ssrc(0), tuple(missing)))


async def test_every_frame_arrives_through_loss_in_both_directions(hall: Hall) -> None:
    chance = random.Random(7)
    sender = LossySender(await hall.publisher("ha-noi"), chance)
    receiver = LossyReceiver(await hall.viewer(), chance)
    hall.server.apply("plenary", Routes("ha-noi"))
    loop = asyncio.get_running_loop()
    deadline = 0.0
    number = 0
    while not deadline or loop.time() < deadline:
        if number < FRAMES:
            number += 1
            sender.send(number)
        elif not deadline:
            deadline = loop.time() + 3.0  # repairs are given up after one second
        sender.answer()
        receiver.take(loop.time())
        if len(receiver.pictures) == FRAMES:
            break
        await asyncio.sleep(0.005)
    # A packet lost again and again for a second is given up; the first or last may be lost, too.
    assert len(receiver.pictures) > FRAMES * 0.98
    counters = hall.server.counters()
    assert sender.repairs > FRAMES * LOSS / 2
    assert counters.nacks_out >= sender.repairs
    assert counters.resent > FRAMES * LOSS / 2
