"""The standing link of a site: always the same, of one day, withdrawn and replaced."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest

from bridge.errors import AccessDenied, Code
from bridge.ids import Role
from bridge.server.admissions import BURST, KEPT_COUNTS, Admissions
from bridge.server.site_links import LETTERS, SiteLinks
from bridge.server.tokens import Tokens

ZONE = "Asia/Ho_Chi_Minh"
SECRET = bytes(range(32))


class Office:
    """A server's secret, clock and withdrawn keys, which tests move and fill."""

    def __init__(self, secret: bytes = SECRET) -> None:
        self.now = 0.0
        self.withdrawn: set[str] = set()
        dates = {"plenary": "2021-12-06", "other": "2021-12-06"}
        self.links = SiteLinks(secret, "event", ZONE, dates, self.time, lambda: self.withdrawn)
        self.tokens = Tokens(secret, "event", self.time, lambda: self.withdrawn)
        self.at("2021-12-06 08:00:00")

    def time(self) -> float:
        return self.now

    def at(self, text: str) -> None:
        self.now = (
            dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(ZONE)).timestamp()
        )

    def link(self, session: str = "plenary", site: str = "dien-bien") -> str:
        return self.links.link(session, site)[0]

    def refusal(self, link: str) -> Code:
        with pytest.raises(AccessDenied) as refused:
            self.links.read(link)
        return refused.value.code


def test_the_link_says_where_it_leads_and_everybody_with_the_secret_makes_the_same() -> None:
    office = Office()
    text, claims = office.links.link("plenary", "dien-bien")
    assert text.startswith("plenary/dien-bien/")
    mark = text.rpartition("/")[2]
    assert [len(group) for group in mark.split("-")] == [4, 4, 4]
    assert set(mark) <= {*LETTERS, "-"}
    assert (claims.role, claims.session, claims.site) == (Role.DELEGATE, "plenary", "dien-bien")
    assert claims.shared
    assert Office().link() == text
    assert office.links.read(text) == claims
    others = {office.link("other"), office.link(site="son-la"), Office(bytes(32)).link(), text}
    assert len({one.rpartition("/")[2] for one in others}) == 4


def test_who_types_it_may_write_the_mark_in_any_case_and_without_hyphens() -> None:
    office = Office()
    head, _, mark = office.link().rpartition("/")
    typed = f"{head}/{mark.replace('-', '').upper()}"
    assert office.links.read(typed) == office.links.read(office.link())


@pytest.mark.parametrize(
    "wrong",
    [
        "plenary/dien-bien/2222-2222-2222",
        "plenary/dien-bien/",
        "plenary/dien-bien",
        "plenary//",
        "/",
        "nowhere/dien-bien/k7mq-2fhx-9wce",
        "plenary/điện-biên/k7mq-2fhx-9wce",
        "plenary/dien-bien/k7mq-2fhx-9wce/more",
        "plenary/dien-bien/" + "k" * 2000,
    ],
)
def test_what_is_no_link(wrong: str) -> None:
    assert Office().refusal(wrong) is Code.TOKEN_INVALID


def test_a_mark_is_good_for_its_own_place_only() -> None:
    office = Office()
    mark = office.link().rpartition("/")[2]
    assert office.refusal(f"plenary/son-la/{mark}") is Code.TOKEN_INVALID
    assert office.refusal(f"other/dien-bien/{mark}") is Code.TOKEN_INVALID


def test_a_code_printed_weeks_before_works_until_the_end_of_the_day_after() -> None:
    office = Office()
    office.at("2021-11-01 09:00:00")
    printed = office.link()
    for moment in ("2021-12-05 23:59:59", "2021-12-06 00:00:00", "2021-12-06 23:59:59"):
        office.at(moment)
        assert office.link() == printed
    office.at("2021-12-07 23:59:59")
    claims = office.links.read(printed)
    assert claims.expires == office.now + 1
    office.at("2021-12-08 00:00:00")
    assert office.refusal(printed) is Code.TOKEN_EXPIRED


def test_once_the_day_is_past_each_day_has_its_link_which_works_two_days() -> None:
    """A rehearsal afterwards, or the demonstration of an event of years ago."""
    office = Office()
    office.at("2025-03-01 10:00:00")
    first = office.link()
    office.at("2025-03-02 23:00:00")
    second = office.link()
    assert first != second
    assert office.links.read(first).expires == office.now + 3600
    assert office.links.read(second).expires == office.now + 3600 + 86_400
    office.at("2025-03-03 00:00:00")
    assert office.refusal(first) is Code.TOKEN_INVALID


def test_a_withdrawn_link_is_replaced_and_stays_withdrawn() -> None:
    office = Office()
    seen = []
    for _ in range(3):
        text, claims = office.links.link("plenary", "dien-bien")
        office.withdrawn.add(claims.key)
        seen.append(text)
    assert len(set(seen)) == 3
    assert [office.refusal(text) for text in seen] == [Code.TOKEN_REVOKED] * 3
    assert office.links.read(office.link()).key not in office.withdrawn


def test_phones_go_with_the_link_they_came_by() -> None:
    office = Office()
    _, link = office.links.link("plenary", "dien-bien")
    one, first = office.tokens.mint_phone(link)
    _, second = office.tokens.mint_phone(link)
    assert len({link.key, first.key, second.key}) == 3
    assert not first.shared
    assert office.tokens.read(one) == first
    assert first.expires == link.expires
    assert (first.site, first.session, first.parent) == (link.site, link.session, link.key)
    valid = office.tokens.validity()
    assert valid(first.key, first.expires, first.parent)
    office.withdrawn.add(second.key)
    assert office.tokens.read(one) == first  # of two phones only one was sent away
    office.withdrawn.add(link.key)
    with pytest.raises(AccessDenied) as refused:
        office.tokens.read(one)
    assert refused.value.code is Code.TOKEN_REVOKED
    valid = office.tokens.validity()
    assert not valid(first.key, first.expires, first.parent)


class TestAdmissions:
    """Phones that are given keys, by address and link."""

    def setup_method(self) -> None:
        self.now = 1000.0
        self.door = Admissions(lambda: self.now)

    def test_a_hall_comes_in_at_once_and_a_program_does_not_go_on(self) -> None:
        for _ in range(int(BURST)):
            self.door.admit("10.0.0.1", "a")
        with pytest.raises(AccessDenied) as refused:
            self.door.admit("10.0.0.1", "a")
        assert refused.value.code is Code.TOO_MANY_MESSAGES
        assert "Wait a minute" in refused.value.message

    def test_other_halls_and_other_addresses_are_counted_apart(self) -> None:
        for _ in range(int(BURST)):
            self.door.admit("10.0.0.1", "a")
        self.door.admit("10.0.0.1", "b")
        self.door.admit("10.0.0.2", "a")

    def test_the_count_recovers(self) -> None:
        for _ in range(int(BURST)):
            self.door.admit("10.0.0.1", "a")
        self.now += 60
        for _ in range(120):
            self.door.admit("10.0.0.1", "a")
        with pytest.raises(AccessDenied):
            self.door.admit("10.0.0.1", "a")

    def test_addresses_that_went_away_are_forgotten(self) -> None:
        for n in range(3 * KEPT_COUNTS):
            self.door.admit(f"address {n}", "a")
            self.now += 1
        assert len(self.door._counts) <= KEPT_COUNTS + 1
