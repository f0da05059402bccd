"""A site with two lines: the backup takes over at once, and stays until somebody chooses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count

import pytest

from bridge.clock import monotonic
from bridge.ids import Rank, Role
from bridge.link.samples import Device
from bridge.media import election
from bridge.media.election import ITSELF
from bridge.media.router import FAILOVER_S, RETURN_S
from bridge.media.server import Peer, Routes, Signal
from bridge.media.source import SILENCE_S
from bridge.rtp.rtcp import Pli
from tests.media.client import PUBLISHER, Client, audio, video, vp8_key
from tests.media.conftest import Hall, identity

SPEECH = bytes(80)


class Site:
    """The devices of Hà Nội; those that are alive send sound and picture all the time."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.alive: list[Client] = []
        self.signals: list[Signal] = []
        self._numbers = count(1)

    async def device(self, rank: Rank = Rank.MAIN, tab: str = "") -> Client:
        """Connect a device that is alive."""
        made = await self.hall.join(Client(PUBLISHER), identity("ha-noi", rank=rank, client=tab))
        self.alive.append(made)
        return made

    def dies(self, device: Client) -> None:
        """Let nothing more come from *device*, as when its cable is pulled."""
        self.alive.remove(device)

    @property
    def publisher(self) -> Peer | None:
        return self.hall.server._sessions["plenary"].publishers.get("ha-noi")

    def sends_by(self, device: Client) -> bool:
        return self.publisher is self.hall.peer(device)

    def use(self, device: Client, by: Role = Role.HOST) -> None:
        self.hall.server.use_device(self.hall.peer(device).id, by)

    async def step(self) -> None:
        """Let every device that is alive send one frame, a key frame if it was asked, and sound."""
        number = next(self._numbers)
        for each in self.alive:
            asked = [packet for packet in each.rtcp if isinstance(packet, Pli)]
            each.rtcp.clear()
            await self.hall.frames(each, number, 1, key=number == 1 or bool(asked))
            await self.hall.sound(each, number, SPEECH)
        self.signals.append(self.hall.server.signals("plenary")["ha-noi"])
        await asyncio.sleep(0.02)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await self.step()

    async def go_on(self, seconds: float) -> None:
        end = monotonic() + seconds
        await self.until(lambda: monotonic() >= end)

    @property
    def taken_by(self) -> str:
        return self.hall.server._sessions["plenary"].taken_by.get("ha-noi", "")


async def live(hall: Hall) -> tuple[Site, Client, Client, Client]:
    """Return a site that speaks, its main device, its backup, and a viewer."""
    site = Site(hall)
    main = await site.device()
    backup = await site.device(Rank.BACKUP)
    viewer = await hall.viewer()
    hall.server.apply("plenary", Routes("ha-noi", "", ("ha-noi",)))
    await site.until(lambda: site.sends_by(main) and bool(video(viewer)) and bool(audio(viewer)))
    return site, main, backup, viewer


async def test_the_picture_goes_on_from_the_backup(hall: Hall) -> None:
    site, main, backup, viewer = await live(hall)
    await site.go_on(0.1)
    pictures, sounds = len(video(viewer)), len(audio(viewer))
    site.dies(main)
    await site.until(lambda: len(video(viewer)) > pictures and len(audio(viewer)) > sounds)
    assert site.sends_by(backup)
    session = hall.server._sessions["plenary"]
    assert session._pictures.dark == frozenset(), "no slate was due"
    assert all(seen.connected and seen.flowing for seen in site.signals[1:]), (
        "nor was a speech lost"
    )
    assert site.taken_by == ITSELF


async def test_the_backup_is_asked_for_a_key_frame_when_it_takes_over(hall: Hall) -> None:
    site, main, backup, viewer = await live(hall)
    site.dies(main)
    site.dies(backup)
    backup.rtcp.clear()
    await hall.server.disconnect(hall.peer(main).id)
    assert site.sends_by(backup), "at once"
    await backup.until(lambda: any(isinstance(packet, Pli) for packet in backup.rtcp))
    pictures = len(video(viewer))
    backup.send_rtp(backup.packet(0, 5000, 5000 * 3000, vp8_key(5000)))
    await viewer.until(lambda: len(video(viewer)) > pictures)


async def test_the_main_line_does_not_come_back_by_itself(hall: Hall) -> None:
    site, main, backup, _ = await live(hall)
    site.dies(main)
    await site.until(lambda: site.sends_by(backup))
    site.alive.append(main)
    await site.go_on(RETURN_S + 0.3)
    assert site.sends_by(backup)
    site.use(main, Role.TECHNICIAN)
    assert site.sends_by(main)
    assert site.taken_by == "technician"
    await site.go_on(0.3)
    assert site.sends_by(main)
    site.dies(main)
    await site.until(lambda: site.sends_by(backup))
    assert site.taken_by == ITSELF, "a second time as well"


async def test_a_new_page_of_the_main_computer_does_not_come_back_by_itself(hall: Hall) -> None:
    site, main, backup, _ = await live(hall)
    site.dies(main)
    await hall.server.disconnect(hall.peer(main).id)
    again = await site.device()
    await site.go_on(RETURN_S + 0.3)
    assert site.sends_by(backup)
    site.use(again)
    assert site.sends_by(again)


async def test_a_backup_that_dies_does_not_come_back_by_itself_either(hall: Hall) -> None:
    site, main, backup, _ = await live(hall)
    site.use(backup)
    assert (site.sends_by(backup), site.taken_by) == (True, "host")
    site.dies(backup)
    await site.until(lambda: site.sends_by(main))
    site.alive.append(backup)
    await site.go_on(RETURN_S + 0.3)
    assert site.sends_by(main)


async def test_who_came_first_gives_way_to_the_first_main_device(hall: Hall) -> None:
    site = Site(hall)
    backup = await site.device(Rank.BACKUP)
    await site.until(lambda: site.sends_by(backup))
    main = await site.device()
    await site.until(lambda: site.sends_by(main))
    await site.go_on(0.3)
    assert site.sends_by(main)


async def test_the_page_that_carries_a_site_alone_keeps_it_after_a_reload(hall: Hall) -> None:
    site = Site(hall)
    main = await site.device(tab="computer")
    backup = await site.device(Rank.BACKUP, tab="phone")
    await site.until(lambda: site.sends_by(main))
    site.dies(main)
    await site.until(lambda: site.sends_by(backup))
    site.dies(backup)
    await hall.server.disconnect(hall.peer(backup).id)
    backup = await site.device(Rank.BACKUP, tab="phone")
    await site.until(lambda: site.sends_by(backup))
    site.alive.append(main)
    await site.go_on(RETURN_S + 0.3)
    assert site.sends_by(backup)


async def test_what_filled_the_gap_of_a_reload_stays(hall: Hall) -> None:
    site = Site(hall)
    main = await site.device(tab="computer")
    backup = await site.device(Rank.BACKUP, tab="phone")
    await site.until(lambda: site.sends_by(main))
    site.dies(main)
    main = await site.device(tab="computer")
    await site.until(lambda: site.sends_by(backup))
    await site.go_on(0.3)
    assert site.sends_by(backup), "a picture that has gone over once does not go back by itself"


async def test_the_simulator_between_them_changes_nothing(hall: Hall) -> None:
    site, main, backup, _ = await live(hall)
    await site.device(Rank.STANDBY)
    site.dies(main)
    await site.until(lambda: site.sends_by(backup))
    site.dies(backup)
    await site.until(lambda: not site.sends_by(backup))
    assert site.taken_by == "", "whoever simulates took nothing from anybody"
    site.alive += [main]
    await site.until(lambda: site.sends_by(main))
    site.alive += [backup]
    await site.go_on(RETURN_S + 0.3)
    assert site.sends_by(main)


async def test_two_main_devices_are_as_patient_as_before(hall: Hall) -> None:
    site = Site(hall)
    first, second = await site.device(), await site.device()
    await site.until(lambda: site.sends_by(first))
    site.dies(first)
    died = monotonic()
    await site.until(lambda: site.sends_by(second))
    assert monotonic() - died > (FAILOVER_S + SILENCE_S) / 2, "not as soon as for a backup"
    assert site.taken_by == ""


async def test_sound_alone_is_life(hall: Hall) -> None:
    site, main, _, _ = await live(hall)
    site.dies(main)
    end = monotonic() + 2 * FAILOVER_S
    number, due = 10_000, monotonic()
    while monotonic() < end:
        if monotonic() >= due:
            number, due = number + 1, monotonic() + 0.4
            await hall.sound(main, number, b"\xf8\xff\xfe")  # one of Opus, 0.4 s apart in silence
        await site.step()
    assert site.sends_by(main)


async def test_the_devices_of_a_site_are_told(hall: Hall) -> None:
    site, main, backup, _ = await live(hall)
    site.dies(backup)
    await site.go_on(SILENCE_S + 0.2)
    assert hall.server.link_samples("plenary")["ha-noi"].devices == (
        Device(peer=hall.peer(main).id, connected=True, sending=True),
        Device(peer=hall.peer(backup).id, rank=Rank.BACKUP, connected=True, sending=False),
    )


async def test_only_so_many_pages_that_left_are_remembered(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(election, "MAX_FORMER", 1)
    site = Site(hall)
    for tab in ("first", "second"):
        device = await site.device(tab=tab)
        site.use(device)
        site.dies(device)
        await hall.server.disconnect(hall.peer(device).id)
    first, second = [hall.peer(await site.device(tab=tab)) for tab in ("first", "second")]
    assert (first.chosen == 0.0, second.chosen > 0.0) == (True, True)
