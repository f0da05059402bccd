"""Who gets what: the plan and nothing else."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.ids import Rank, Role
from bridge.media.router import (
    Candidate,
    Routes,
    Shown,
    Viewer,
    assign_audio,
    choose_publisher,
    plan_video,
)

ROUTES = Routes("dien-bien", "son-la", ("dien-bien", "ha-noi", "can-tho"))


@pytest.mark.parametrize(
    ("role", "slot", "site"),
    [
        (Role.HOST, "main", "dien-bien"),
        (Role.STAGE, "main", "dien-bien"),
        (Role.MODERATOR, "main", "dien-bien"),
        (Role.MODERATOR, "preview", "son-la"),
        (Role.TECHNICIAN, "preview", "son-la"),
        (Role.TECHNICIAN, "monitor", "lai-chau"),
        (Role.MODERATOR, "monitor", "lai-chau"),
        (Role.HOST, "preview", ""),
        (Role.STAGE, "monitor", ""),
        (Role.MODERATOR, "inset", ""),
    ],
)
def test_what_each_slot_shows(role: Role, slot: str, site: str) -> None:
    assert plan_video(ROUTES, Viewer(role, "ha-noi", {"monitor": "lai-chau"}), slot) == Shown(site)


def test_a_slate_takes_the_place_of_the_camera() -> None:
    routes = Routes(program_slate="dien-bien", preview_slate="son-la")
    director = Viewer(Role.MODERATOR, "", {"monitor": "lai-chau", "thumb3": "son-la"})
    assert plan_video(routes, director, "main") == Shown("dien-bien", slate=True)
    assert plan_video(routes, director, "preview") == Shown("son-la", slate=True)
    assert plan_video(routes, Viewer(Role.STAGE, ""), "preview") == Shown()
    assert plan_video(routes, director, "monitor") == Shown("lai-chau")
    assert plan_video(routes, director, "thumb3") == Shown("son-la")
    assert plan_video(routes, director, "thumb4") == Shown()


def test_a_site_does_not_hear_itself() -> None:
    viewer = Viewer(Role.HOST, "ha-noi")
    assert assign_audio((), ROUTES, viewer, 4) == ("dien-bien", "can-tho", "", "")


def test_the_order_of_the_routes_decides_when_slots_are_few() -> None:
    viewer = Viewer(Role.STAGE, "")
    speaking = Routes("ha-noi", "", ("dien-bien", "ha-noi", "can-tho"))
    assert assign_audio((), speaking, viewer, 1) == ("dien-bien",)
    quiet = Routes("dien-bien", "", ("ha-noi", "can-tho"))
    assert assign_audio((), quiet, viewer, 1) == ("ha-noi",)
    assert assign_audio((), quiet, viewer, 0) == ()


def test_with_one_slot_the_new_speaker_replaces_the_venue() -> None:
    viewer = Viewer(Role.STAGE, "")
    before = assign_audio((), Routes("", "", ("ha-noi",)), viewer, 1)
    after = assign_audio(before, Routes("", "", ("dien-bien", "ha-noi")), viewer, 1)
    assert (before, after) == (("ha-noi",), ("dien-bien",))
    assert assign_audio(after, Routes("", "", ("ha-noi",)), viewer, 1) == ("ha-noi",)


def test_a_site_keeps_its_slot_while_it_is_among_the_wanted() -> None:
    viewer = Viewer(Role.STAGE, "")
    before = ("ha-noi", "dien-bien")
    routes = Routes("", "", ("son-la", "dien-bien", "ha-noi"))
    assert assign_audio(before, routes, viewer, 2) == ("son-la", "dien-bien")


def test_a_site_keeps_its_slot_while_it_is_open() -> None:
    viewer = Viewer(Role.STAGE, "")
    before = assign_audio((), Routes("", "", ("ha-noi", "can-tho")), viewer, 4)
    assert before == ("ha-noi", "can-tho", "", "")
    after = assign_audio(before, Routes("", "", ("can-tho", "son-la")), viewer, 4)
    assert after == ("son-la", "can-tho", "", "")


SITES = st.sampled_from(["a", "b", "c", "d", "e", ""])


@given(
    st.lists(SITES, max_size=6),
    st.lists(SITES.filter(bool), max_size=6),
    SITES,
    SITES,
    st.integers(0, 5),
)
def test_slots_hold_open_sites_once_each(
    before: list[str], microphones: list[str], own: str, program: str, slots: int
) -> None:
    before = [site if before.index(site) == i else "" for i, site in enumerate(before)]
    routes = Routes(program, "", tuple(microphones))
    after = assign_audio(before, routes, Viewer(Role.HOST, own), slots)
    heard = [site for site in after if site]
    assert len(after) == slots
    assert len(set(heard)) == len(heard)
    assert own not in heard
    assert set(heard) <= set(microphones)
    others = set(microphones) - {own}
    assert len(heard) == min(slots, len(others)), "no slot stays empty while somebody is unheard"
    if len(others) <= slots:
        for old, new in zip(before, after, strict=False):
            if old in others:
                assert new == old


def candidate(
    name: str,
    *,
    last: float = 10.0,
    first: float = 1.0,
    rank: Rank = Rank.MAIN,
    chosen: float = 0.0,
    returned: float = 0.0,
) -> Candidate:
    return Candidate(name, rank, first, last, chosen, returned)


@pytest.mark.parametrize(
    ("current", "candidates", "chosen"),
    [
        ("", [], ""),
        ("", [candidate("b", first=2.0), candidate("a", first=3.0)], "b"),
        ("a", [candidate("b"), candidate("a", first=5.0)], "a"),
        ("a", [candidate("b"), candidate("a", last=8.0)], "b"),
        ("a", [candidate("b", last=1.0), candidate("a", last=8.0)], "a"),
        ("a", [candidate("a", rank=Rank.STANDBY), candidate("b")], "b"),
        ("a", [candidate("a", rank=Rank.STANDBY), candidate("b", last=1.0)], "a"),
        ("a", [candidate("a"), candidate("b", chosen=4.0)], "b"),
        ("a", [candidate("a", chosen=5.0), candidate("b", chosen=4.0)], "a"),
        ("a", [candidate("a"), candidate("b", chosen=4.0, rank=Rank.STANDBY)], "a"),
        ("a", [candidate("a"), candidate("b", chosen=4.0, last=1.0)], "a"),
        ("gone", [candidate("a")], "a"),
        # back from a silence: not before it has sent for a second
        ("a", [candidate("a", rank=Rank.STANDBY), candidate("b", returned=9.5)], "a"),
        ("a", [candidate("a", rank=Rank.STANDBY), candidate("b", returned=9.0)], "b"),
        ("a", [candidate("a"), candidate("b", chosen=4.0, returned=9.5)], "a"),
        ("a", [candidate("a"), candidate("b", chosen=4.0, returned=9.0)], "b"),
        ("a", [candidate("a"), candidate("b", chosen=9.6, returned=9.5)], "b"),
        ("a", [candidate("a", last=8.0), candidate("b", returned=9.5)], "b"),
        ("a", [candidate("a", returned=9.9), candidate("b", first=0.5)], "a"),
        ("", [candidate("a", rank=Rank.STANDBY), candidate("b", returned=9.5)], "b"),
    ],
)
def test_who_publishes_for_a_site(current: str, candidates: list[Candidate], chosen: str) -> None:
    assert choose_publisher(current, candidates, now=10.0, silence_s=1.5) == chosen


main = partial(candidate, "main")
backup = partial(candidate, "backup", rank=Rank.BACKUP)
second = partial(candidate, "second", rank=Rank.BACKUP)
standby = partial(candidate, "standby", rank=Rank.STANDBY)


@pytest.mark.parametrize(
    ("current", "candidates", "chosen"),
    [
        # a backup waits while a main device sends, whichever came first
        ("main", [main(), backup(first=0.5)], "main"),
        ("backup", [main(), backup(first=0.5)], "main"),
        ("", [main(first=5.0), backup()], "main"),
        # ... and is taken when that one is silent, earlier than another main device would be
        ("main", [main(last=9.3), backup()], "backup"),
        ("main", [main(last=9.5), backup()], "main"),
        ("main", [main(last=9.3), candidate("other")], "main"),
        ("main", [main(last=8.4), candidate("other")], "other"),
        # it must be alive and steady itself, else the main device is given its full time
        ("main", [main(last=9.3), backup(last=9.3)], "main"),
        ("main", [main(last=8.4), backup(last=9.3)], "backup"),
        ("main", [main(last=9.3), backup(returned=9.5)], "main"),
        ("main", [main(last=8.4), backup(returned=9.5)], "backup"),
        ("main", [main(last=9.3), backup(returned=8.9)], "backup"),
        # having taken over counts as being chosen: the main device does not come back by itself
        ("backup", [main(), backup(chosen=5.0)], "backup"),
        ("backup", [main(returned=6.0), backup(chosen=5.0)], "backup"),
        ("backup", [main(chosen=4.0), backup(chosen=5.0)], "backup"),
        ("backup", [main(chosen=6.0), backup(chosen=5.0)], "main"),
        # the other way round it is the same
        ("backup", [main(), backup(chosen=5.0, last=9.3)], "main"),
        ("main", [main(chosen=6.0), backup(chosen=5.0, returned=8.0)], "main"),
        # one backup stands in for another
        ("backup", [backup(last=9.3), second()], "second"),
        ("backup", [backup(), second(first=0.5)], "backup"),
        # the simulator gives way to any of them, and nobody is in a hurry to have it
        ("standby", [standby(), backup()], "backup"),
        ("standby", [standby(chosen=9.0), backup()], "backup"),
        ("backup", [standby(), backup(last=9.3)], "backup"),
        ("backup", [standby(), backup(last=8.4)], "standby"),
        ("main", [main(last=9.3), standby(), backup()], "backup"),
        ("standby", [standby(last=9.3), backup(last=8.0)], "standby"),
    ],
)
def test_a_backup_stands_in(current: str, candidates: list[Candidate], chosen: str) -> None:
    assert choose_publisher(current, candidates, now=10.0, silence_s=1.5) == chosen


def test_a_breathless_server_takes_nobody_for_dead() -> None:
    stalled = [main(last=9.0), backup(last=9.0)]
    assert choose_publisher("main", stalled, now=10.0, silence_s=1.5) == "main"
    first_packet = [main(last=9.0), backup(last=10.0, returned=10.0)]
    assert choose_publisher("main", first_packet, now=10.0, silence_s=1.5) == "main"
