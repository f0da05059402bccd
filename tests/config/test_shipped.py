"""The files that are shipped: found, complete, right."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bridge.config import resources
from bridge.config.agenda import ItemKind
from bridge.config.event import Event, SessionKind, load_event
from bridge.config.problems import Problem, slug
from bridge.config.sites import Catalogue, load_sites

COUNTS = {  # provinces and cities per socio-economic region, 2021
    "northern-midlands-and-mountains": 14,
    "red-river-delta": 11,
    "north-central-and-central-coast": 14,
    "central-highlands": 5,
    "southeast": 6,
    "mekong-delta": 13,
}


@pytest.fixture(scope="module")
def vietnam() -> Catalogue:
    problems: list[Problem] = []
    catalogue = load_sites(resources.config_root() / "sites" / "vietnam-63.toml", problems)
    assert not problems
    assert catalogue is not None
    return catalogue


@pytest.fixture(scope="module")
def forum() -> Event:
    return load_event(resources.config_root() / "events" / "industry40-2021.toml")


def test_there_are_63_provinces_and_cities_in_six_regions(vietnam: Catalogue) -> None:
    counts = dict.fromkeys(vietnam.regions, 0)
    for place in vietnam.places.values():
        counts[place.region] += 1
    assert counts == COUNTS
    assert len({place.name.vi for place in vietnam.places.values()}) == 63
    assert len({place.name.en for place in vietnam.places.values()}) == 63


def test_codes_are_the_names_without_diacritics(vietnam: Catalogue) -> None:
    for code, place in vietnam.places.items():
        assert slug(place.name.vi.removeprefix("TP. ")) == code
        english = place.name.en.removesuffix(" City").replace("Hanoi", "Ha Noi")
        assert slug(english) == code
        assert english.isascii()


def test_every_place_is_in_vietnam_and_apart_from_the_others(vietnam: Catalogue) -> None:
    places = list(vietnam.places.values())
    for place in places:
        assert 8 < place.lat < 24, place.code
        assert 102 < place.lon < 110, place.code
    assert len({(place.lat, place.lon) for place in places}) == 63


@pytest.mark.parametrize(
    ("code", "lat", "lon"),
    [
        ("ha-noi", 21.03, 105.85),
        ("dien-bien", 21.39, 103.02),
        ("da-nang", 16.07, 108.22),
        ("ho-chi-minh", 10.78, 106.70),
        ("ca-mau", 9.18, 105.15),
        ("ha-giang", 22.82, 104.98),
    ],
)
def test_capitals_are_where_they_are(vietnam: Catalogue, code: str, lat: float, lon: float) -> None:
    place = vietnam.places[code]
    assert place.lat == pytest.approx(lat, abs=0.05)
    assert place.lon == pytest.approx(lon, abs=0.05)


def test_regions_lie_north_to_south(vietnam: Catalogue) -> None:
    def mean(region: str) -> float:
        lats = [place.lat for place in vietnam.places.values() if place.region == region]
        return sum(lats) / len(lats)

    means = [mean(region) for region in vietnam.regions]
    assert means == sorted(means, reverse=True)


def test_the_forum_links_hanoi_with_all_provinces(forum: Event) -> None:
    assert forum.id == "industry40-2021"
    assert forum.date == dt.date(2021, 12, 6)
    assert forum.time_zone == "Asia/Ho_Chi_Minh"
    assert forum.venue == "ha-noi"
    assert len(forum.sites) == 63
    assert forum.sites[0].venue
    assert forum.sites[0].name.vi == "Trung tâm (Hà Nội)"
    dien_bien = forum.site("dien-bien")
    assert dien_bien is not None
    assert dien_bien.name.vi == "Điện Biên"
    assert {site.code for site in forum.sites if site.co_chair} == {"ho-chi-minh", "da-nang"}


def test_the_forum_has_its_plenary_and_ten_thematic_sessions(forum: Event) -> None:
    plenary = forum.session("plenary")
    assert plenary is not None
    assert plenary.kind is SessionKind.PLENARY
    assert len(plenary.sites) == 63
    assert [item.kind for item in plenary.agenda] == [
        ItemKind.OPENING,
        ItemKind.ADDRESS,
        ItemKind.CLIP,
        ItemKind.REPORT,
        ItemKind.REPORT,
        ItemKind.REPORT,
        ItemKind.BRIDGE_POINTS,
        ItemKind.BREAK,
        ItemKind.DISCUSSION,
        ItemKind.ADDRESS,
        ItemKind.CLOSING,
    ]
    thematic = [session for session in forum.sessions if session.kind is SessionKind.THEMATIC]
    assert [session.id for session in thematic] == [f"thematic-{n:02}" for n in range(1, 11)]
    assert len({session.name.vi for session in thematic}) == 10
    assert all(session.date < forum.date and session.agenda for session in thematic)


def test_shipped_files_are_found_in_a_checkout_and_in_a_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "bridge"
    (tmp_path / "web").mkdir()
    monkeypatch.setattr(resources, "PACKAGE", package)
    assert resources.web_root() == tmp_path / "web"
    assert resources.config_root() == tmp_path / "config"
    (package / "_web").mkdir(parents=True)
    assert resources.web_root() == package / "_web"
