"""Talkback on packets: a technician and one site hear each other, and nobody else ever does."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bridge.ids import Role
from bridge.media.router import Routes
from bridge.media.talkback import ENDING_S
from tests.media.client import VIEWER, Client, audio
from tests.media.conftest import Hall, identity

SITE = "dien-bien"
HOST = ("video sendonly", "audio sendonly", "video recvonly", *["audio recvonly"] * 5)
TALKER = ("audio sendonly", "audio recvonly")
OTHERS = [(Role.STAGE, ""), (Role.HOST, "lao-cai"), (Role.MODERATOR, ""), (Role.TECHNICIAN, "")]


def heard(hall: Hall, client: Client, slot: str) -> list[bytes]:
    """Return the sound that came in one slot."""
    ssrc = hall.peer(client).sinks[slot].ssrc
    return [packet.payload for packet in audio(client) if packet.header.ssrc == ssrc]


class Room:
    """A site's host, a technician who talks to it, and one page of everybody else."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.sent = 0

    async def fill(self) -> Room:
        hall = self.hall
        self.host = await hall.join(Client(HOST), identity(SITE))
        talks = identity(role=Role.TECHNICIAN, publish=False, slots=())
        self.talker = await hall.join(Client(TALKER), replace(talks, talks=True))
        self.others = [
            await hall.join(
                Client((*VIEWER, *["audio recvonly"] * 4)), identity(site, role=role, publish=False)
            )
            for role, site in OTHERS
        ]
        return self

    def talk(self, site: str = SITE, *, speaking: bool = True) -> None:
        self.hall.server.talk(self.hall.peer(self.talker).id, site, speaking=speaking)

    def answer(self, *, on: bool) -> None:
        self.hall.server.answer(self.hall.peer(self.host).id, on=on)

    async def say(self, who: Client, word: bytes) -> None:
        line = 1 if who is self.host else 0
        self.sent += 1
        who.send_rtp(who.packet(line, self.sent, self.sent * 960, word))
        await self.hall.settle()

    def at_host(self) -> list[bytes]:
        return heard(self.hall, self.host, "talkback")

    def at_talker(self) -> list[bytes]:
        return heard(self.hall, self.talker, "talkback")

    def elsewhere(self) -> list[bytes]:
        return [packet.payload for client in self.others for packet in audio(client)]


@pytest.fixture
async def room(hall: Hall) -> Room:
    return await Room(hall).fill()


async def test_a_technician_is_heard_at_the_site_alone_and_only_while_speaking(room: Room) -> None:
    await room.say(room.talker, b"before")
    room.talk()
    await room.say(room.talker, b"speaking")
    await room.host.until(lambda: room.at_host() == [b"speaking"])
    room.talk(speaking=False)
    await room.say(room.talker, b"pause")
    room.talk()
    await room.say(room.talker, b"again")
    await room.host.until(lambda: room.at_host() == [b"speaking", b"again"])
    room.talk("")
    await room.say(room.talker, b"after")
    room.talk("lao-cai")
    await room.say(room.talker, b"to others")
    other = room.others[1]
    await other.until(lambda: heard(room.hall, other, "talkback") == [b"to others"])
    assert room.at_host() == [b"speaking", b"again"]
    assert room.elsewhere() == [b"to others"]
    assert room.at_talker() == []


async def test_the_program_goes_on_beside_it(room: Room) -> None:
    publisher = await room.hall.publisher("ha-noi")
    room.hall.server.apply("plenary", Routes("", microphones=("ha-noi",)))
    room.talk()
    await room.say(room.talker, b"talkback")
    await room.hall.sound(publisher, 1, b"program")
    await room.host.until(lambda: len(audio(room.host)) == 2)
    assert room.at_host() == [b"talkback"]
    assert heard(room.hall, room.host, "audio0") == [b"program"]
    assert set(room.elsewhere()) == {b"program"}
    assert room.at_talker() == [], "who talks hears the program on another connection"


async def test_a_host_answers_the_technician_alone(room: Room) -> None:
    room.answer(on=True)
    await room.say(room.host, b"to nobody")
    room.talk(speaking=False)
    await room.say(room.host, b"not yet")
    room.answer(on=True)
    await room.say(room.host, b"answer")
    await room.talker.until(lambda: room.at_talker() == [b"answer"])
    room.answer(on=False)
    await room.say(room.host, b"aside")
    room.answer(on=True)
    await room.say(room.host, b"more")
    await room.talker.until(lambda: room.at_talker() == [b"answer", b"more"])
    assert room.elsewhere() == []
    assert room.at_host() == []


async def test_a_microphone_that_opens_meanwhile_waits_for_the_end_of_the_answer(
    room: Room,
) -> None:
    room.talk(speaking=False)
    room.answer(on=True)
    room.hall.server.apply("plenary", Routes("", microphones=(SITE,)))
    await room.say(room.host, b"for the technician")
    await room.talker.until(lambda: room.at_talker() == [b"for the technician"])
    assert room.hall.observed.heard == [], "no clock starts"
    room.answer(on=False)
    await room.say(room.host, b"for all")
    stage = room.others[0]
    await stage.until(lambda: audio(stage) != [])
    assert set(room.elsewhere()) == {b"for all"}
    assert room.at_talker() == [b"for the technician"]
    await room.hall.settle()
    assert room.hall.observed.heard == [SITE]


async def test_an_answer_nobody_ends_is_ended(room: Room) -> None:
    room.talk(speaking=False)
    room.answer(on=True)
    room.hall.server.apply("plenary", Routes("", microphones=(SITE,)))
    async with asyncio.timeout(20 * ENDING_S):
        while room.hall.server.conversations("plenary")[SITE].answering:
            await asyncio.sleep(0.01)
    await room.say(room.host, b"for all")
    stage = room.others[0]
    await stage.until(lambda: [packet.payload for packet in audio(stage)] == [b"for all"])


async def test_who_leaves_ends_a_conversation(room: Room) -> None:
    room.talk()
    room.answer(on=True)
    await room.hall.server.disconnect(room.hall.peer(room.host).id)
    assert not room.hall.server.conversations("plenary")[SITE].answering
    await room.hall.server.disconnect(room.hall.peer(room.talker).id)
    assert room.hall.server.conversations("plenary") == {}


async def test_only_who_joined_for_it_talks(hall: Hall) -> None:
    host = await hall.join(Client(HOST), identity(SITE))
    page = await hall.join(Client(VIEWER), identity(role=Role.TECHNICIAN, publish=False))
    for client in (host, page):
        hall.server.talk(hall.peer(client).id, SITE, speaking=True)
    hall.server.answer(hall.peer(page).id, on=True)
    hall.server.talk("nobody", SITE, speaking=True)
    assert hall.server.conversations("plenary") == {}
    assert hall.server.conversations("elsewhere") == {}
    assert list(hall.peer(page).sinks) == ["main", "audio0", "audio1"]
    talker = await hall.join(
        Client(("video sendonly", *TALKER)),
        replace(identity(role=Role.TECHNICIAN, publish=False, slots=()), talks=True),
    )
    assert list(hall.peer(talker).uplink.tracks) == ["microphone"], "a voice, no picture"
