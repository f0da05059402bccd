"""Which device of a site publishes: gaps, standby, reloaded pages, and choice by hand."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from bridge.clock import monotonic
from bridge.ids import Rank, Role
from bridge.media import election, server
from bridge.media.router import RETURN_S
from bridge.media.server import Routes
from tests.media.client import PUBLISHER, Client, video
from tests.media.conftest import Hall, identity


async def test_a_second_device_takes_over_when_the_first_goes(hall: Hall) -> None:
    first = await hall.publisher("ha-noi")
    second = await hall.publisher("ha-noi")
    viewer = await hall.viewer()
    hall.server.apply("plenary", Routes("ha-noi"))
    await hall.frames(first, 1, 1)
    await viewer.until(lambda: len(video(viewer)) == 1)
    await hall.frames(second, 50, 1)
    sample = hall.server.link_samples("plenary")["ha-noi"]
    assert len(sample.devices) == 2
    assert sample.publisher == hall.peer(first).id
    await hall.server.disconnect(hall.peer(first).id)
    await hall.frames(second, 51, 1)
    await viewer.until(lambda: len(video(viewer)) == 2)
    assert hall.server.link_samples("plenary")["ha-noi"].publisher == hall.peer(second).id


async def test_a_silent_device_is_replaced(hall: Hall) -> None:
    first = await hall.publisher("ha-noi")
    second = await hall.publisher("ha-noi")
    await hall.frames(first, 1, 1)
    session = hall.server._sessions["plenary"]
    while "ha-noi" not in session.publishers:
        await asyncio.sleep(0.005)
    sequence = 1
    async with asyncio.timeout(10):
        while session.publishers["ha-noi"] is hall.peer(first):
            await hall.frames(second, sequence, 1)
            sequence += 1
            await asyncio.sleep(0.05)
    assert session.publishers["ha-noi"] is hall.peer(second)


async def test_publish_here_and_standby(hall: Hall) -> None:
    standby = await hall.publisher("ha-noi", rank=Rank.STANDBY)
    session = hall.server._sessions["plenary"]

    numbers = count(1)

    async def publishing(client: Client) -> None:
        async with asyncio.timeout(10):
            while session.publishers.get("ha-noi") is not hall.peer(client):
                for each in hall.clients:
                    await hall.frames(each, next(numbers), 1)
                await asyncio.sleep(0.02)

    await publishing(standby)
    real = await hall.publisher("ha-noi")
    await publishing(real)
    other = await hall.publisher("ha-noi")
    hall.server.use_device(hall.peer(other).id, Role.HOST)
    await publishing(other)
    hall.server.use_device(hall.peer(standby).id, Role.HOST)
    await hall.frames(standby, next(numbers), 1)
    assert session.publishers["ha-noi"] is hall.peer(other), "standby yields, whoever asks"
    hall.server.use_device("unknown", Role.HOST)


class Devices:
    """Devices of one site of which some send, until one of them publishes."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.numbers = count(1)

    @property
    def publisher(self) -> server.Peer | None:
        return self.hall.server._sessions["plenary"].publishers.get("ha-noi")

    async def send(self, *clients: Client) -> None:
        for client in clients:
            await self.hall.frames(client, next(self.numbers), 1)

    async def until(self, publishing: Client, *sending: Client) -> None:
        """Let *sending* send until *publishing* publishes."""
        async with asyncio.timeout(10):
            while self.publisher is not self.hall.peer(publishing):
                await self.send(*sending)
                await asyncio.sleep(0.02)


async def test_after_a_gap_the_real_device_gets_its_site_back(hall: Hall) -> None:
    devices = Devices(hall)
    standby = await hall.publisher("ha-noi", rank=Rank.STANDBY)
    real = await hall.publisher("ha-noi")
    await devices.until(real, real, standby)
    await devices.until(standby, standby)
    await devices.send(real, standby)
    assert devices.publisher is hall.peer(standby), "one packet is not a device that came back"
    await devices.until(real, real, standby)


async def test_after_a_gap_the_chosen_device_gets_its_site_back(hall: Hall) -> None:
    devices = Devices(hall)
    first = await hall.publisher("ha-noi")
    chosen = await hall.publisher("ha-noi")
    await devices.until(first, first)
    hall.server.use_device(hall.peer(chosen).id, Role.HOST)
    await devices.until(chosen, first, chosen)
    await devices.until(first, first)
    await devices.until(chosen, first, chosen)


async def test_without_a_better_claim_the_site_stays_where_it_went(hall: Hall) -> None:
    devices = Devices(hall)
    first = await hall.publisher("ha-noi")
    second = await hall.publisher("ha-noi")
    await devices.until(first, first)
    await devices.until(second, second)
    await devices.send(first, second)
    session = hall.server._sessions["plenary"]
    session.supervise(monotonic() + RETURN_S)
    assert devices.publisher is hall.peer(second), "nothing flaps between equals"


async def tab(hall: Hall, name: str = "tab") -> Client:
    """Open the publishing page *name*, or load it again."""
    return await hall.join(Client(PUBLISHER), identity("ha-noi", client=name))


async def test_a_reloaded_page_goes_on_publishing(hall: Hall) -> None:
    devices = Devices(hall)
    page = await tab(hall)
    other = await hall.publisher("ha-noi")
    await devices.until(page, page)
    await devices.until(page, other)
    await devices.send(other)
    page = await tab(hall)
    assert devices.publisher is hall.peer(other), "the other device fills the gap"
    page = await tab(hall)  # impatient people press twice
    await devices.send(other, page)
    assert devices.publisher is hall.peer(page)


async def test_a_page_that_did_not_publish_does_not_after_a_reload(hall: Hall) -> None:
    devices = Devices(hall)
    other = await hall.publisher("ha-noi")
    page = await tab(hall)
    await devices.send(other, page)
    page = await tab(hall)
    await devices.send(other, page)
    assert devices.publisher is hall.peer(other)


async def test_the_claim_of_a_reloaded_page_ends(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(election, "HEIR_S", 0.0)
    devices = Devices(hall)
    page = await tab(hall)
    other = await hall.publisher("ha-noi")
    await devices.send(page, other)
    page = await tab(hall)
    await devices.send(other, page)
    assert devices.publisher is hall.peer(other)


async def test_a_reloaded_page_stays_the_chosen_one(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(election, "HEIR_S", 0.0)
    devices = Devices(hall)
    other = await hall.publisher("ha-noi")
    page = await tab(hall)
    await devices.send(other, page)
    hall.server.use_device(hall.peer(page).id, Role.HOST)
    assert devices.publisher is hall.peer(page)
    page = await tab(hall)
    await devices.send(other, page)
    assert devices.publisher is hall.peer(page)
