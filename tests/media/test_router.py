"""Who gets what: the plan and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.ids import Role
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
    assert plan_video(ROUTES, Viewer(role, "ha-noi", "lai-chau"), slot) == Shown(site)


def test_a_slate_takes_the_place_of_the_camera() -> None:
    routes = Routes(program_slate="dien-bien", preview_slate="son-la")
    director = Viewer(Role.MODERATOR, "", "lai-chau")
    assert plan_video(routes, director, "main") == Shown("dien-bien", slate=True)
    assert plan_video(routes, director, "preview") == Shown("son-la", slate=True)
    assert plan_video(routes, Viewer(Role.STAGE, ""), "preview") == Shown()
    assert plan_video(routes, director, "monitor") == Shown("lai-chau")
    assert routes.sites == ("dien-bien", "son-la")


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
    standby: bool = False,
    chosen: float = 0.0,
    returned: float = 0.0,
) -> Candidate:
    return Candidate(name, standby, first, last, chosen, returned)


@pytest.mark.parametrize(
    ("current", "candidates", "chosen"),
    [
        ("", [], ""),
        ("", [candidate("b", first=2.0), candidate("a", first=3.0)], "b"),
        ("a", [candidate("b"), candidate("a", first=5.0)], "a"),
        ("a", [candidate("b"), candidate("a", last=8.0)], "b"),
        ("a", [candidate("b", last=1.0), candidate("a", last=8.0)], "a"),
        ("a", [candidate("a", standby=True), candidate("b")], "b"),
        ("a", [candidate("a", standby=True), candidate("b", last=1.0)], "a"),
        ("a", [candidate("a"), candidate("b", chosen=4.0)], "b"),
        ("a", [candidate("a", chosen=5.0), candidate("b", chosen=4.0)], "a"),
        ("a", [candidate("a"), candidate("b", chosen=4.0, standby=True)], "a"),
        ("a", [candidate("a"), candidate("b", chosen=4.0, last=1.0)], "a"),
        ("gone", [candidate("a")], "a"),
        # back from a silence: not before it has sent for a second
        ("a", [candidate("a", standby=True), candidate("b", returned=9.5)], "a"),
        ("a", [candidate("a", standby=True), candidate("b", returned=9.0)], "b"),
        ("a", [candidate("a"), candidate("b", chosen=4.0, returned=9.5)], "a"),
        ("a", [candidate("a"), candidate("b", chosen=4.0, returned=9.0)], "b"),
        ("a", [candidate("a"), candidate("b", chosen=9.6, returned=9.5)], "b"),
        ("a", [candidate("a", last=8.0), candidate("b", returned=9.5)], "b"),
        ("a", [candidate("a", returned=9.9), candidate("b", first=0.5)], "a"),
        ("", [candidate("a", standby=True), candidate("b", returned=9.5)], "b"),
    ],
)
def test_who_publishes_for_a_site(current: str, candidates: list[Candidate], chosen: str) -> None:
    assert choose_publisher(current, candidates, now=10.0, silence_s=1.5) == chosen
