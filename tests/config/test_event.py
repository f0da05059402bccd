from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.config.agenda import ItemKind
from bridge.config.event import SessionKind, load_event
from bridge.config.problems import ConfigProblems
from bridge.floor.policy import ChairPriority, Contribution, FloorPolicy, Overtime
from bridge.protocol.views import Text

from .conftest import EVENT, Problems

OPENING_AT = 'starts_at = "08:00"'
CLOSING_AT = 'starts_at = "08:30"'


def test_a_valid_event_is_read_whole(folder: Path) -> None:
    event = load_event(folder / "events" / "forum.toml")
    assert (event.id, event.name.vi, event.date) == ("forum", "Diễn đàn", dt.date(2021, 12, 6))
    assert event.time_zone == "Asia/Ho_Chi_Minh"
    assert [site.code for site in event.sites] == ["ha-noi", "dien-bien", "da-nang"]
    assert [site.venue for site in event.sites] == [True, False, False]
    assert [site.co_chair for site in event.sites] == [False, False, True]
    assert (event.sites[1].lat, event.sites[2].lat) == (21.39, 16.0)
    assert [region.code for region in event.regions] == ["north"]
    plenary, thematic = event.sessions
    assert plenary.kind is SessionKind.PLENARY
    assert plenary.date == event.date
    assert plenary.sites == ("ha-noi", "dien-bien", "da-nang")
    assert plenary.co_chairs == ("da-nang",)
    assert plenary.policy == FloorPolicy(first_limit=300)
    assert [(item.id, item.starts_at, item.minutes) for item in plenary.agenda] == [
        ("opening", "08:00", 30),
        ("closing", "08:30", 10),
    ]
    assert plenary.agenda[0].kind is ItemKind.OPENING
    assert thematic.date == dt.date(2021, 11, 9)
    assert (thematic.sites, thematic.co_chairs) == (("ha-noi", "dien-bien"), ())
    assert thematic.policy == FloorPolicy(first_limit=300, capacity=2)
    assert thematic.agenda == ()


def test_every_rule_of_the_queue_can_be_chosen(folder: Path) -> None:
    file = folder / "events" / "forum.toml"
    rules = """
capacity = 2
next_limit = 90.5
contribution = "delegate"
chair_limit = 600
point_of_order_limit = 0
reply_limit = 120
warning = 30
overtime = "cut"
auto_accept = true
auto_call = true
auto_grant = true
several_requests = true
chair_priority = "suspend"
check_timeout = 5
prep_timeout = 60
arm_timeout = 20
drop_timeout = 45
revoke_grace = 0
"""
    file.write_text(file.read_text().replace("first_limit = 300\n", f"first_limit = 300{rules}", 1))
    assert load_event(file).sessions[0].policy == FloorPolicy(
        capacity=2,
        first_limit=300,
        next_limit=90.5,
        contribution=Contribution.DELEGATE,
        chair_limit=600,
        point_of_order_limit=0,
        reply_limit=120,
        warning=30,
        overtime=Overtime.CUT,
        auto_accept=True,
        auto_call=True,
        auto_grant=True,
        several_requests=True,
        chair_priority=ChairPriority.SUSPEND,
        check_timeout=5,
        prep_timeout=60,
        arm_timeout=20,
        drop_timeout=45,
        revoke_grace=0,
    )


def test_sites_and_sessions_are_found_by_name(folder: Path) -> None:
    event = load_event(folder / "events" / "forum.toml")
    assert event.session("plenary") is event.sessions[0]
    assert event.session("nothing") is None
    assert event.site("dien-bien") is event.sites[1]
    assert event.site("nowhere") is None


def test_all_sites_take_part_by_default_and_may_be_renamed(folder: Path) -> None:
    path = folder / "events" / "forum.toml"
    points = 'bridge_points = ["dien-bien", "da-nang"]\n'
    names = 'site_names.ha-noi = { vi = "Trung tâm", en = "Venue" }\n'
    for chosen in ("", 'bridge_points = "all"\n'):
        path.write_text(path.read_text().replace(points, chosen + names))
        event = load_event(path)
        assert [site.code for site in event.sites] == ["ha-noi", "dien-bien", "da-nang"]
        assert event.sites[0].name == Text(vi="Trung tâm", en="Venue")
        path.write_text(path.read_text().replace(chosen + names, points))


def test_a_site_file_may_be_named_by_its_path(folder: Path) -> None:
    path = folder / "events" / "forum.toml"
    path.write_text(path.read_text().replace('"small"', '"../sites/small.toml"'))
    assert len(load_event(path).sites) == 3


def test_a_shipped_site_file_serves_any_event(folder: Path) -> None:
    path = folder / "events" / "forum.toml"
    path.write_text(path.read_text().replace('"small"', '"vietnam-63"'))
    assert len(load_event(path).regions) == 6


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "wrong", "right"),
    [
        ('id = "forum"\n', "", 0, "id", "this is missing", 'add a text: id = "forum-2021"'),
        ('id = "forum"', "id = 5", 1, "id", "this is a whole number", "write a text: id ="),
        ('id = "forum"', 'id = ""', 1, "id", "the text is empty", 'write id = "forum-2021"'),
        ('id = "forum"', 'id = "Diễn đàn"', 1, "id", "other signs than", 'write id = "dien-dan"'),
        ('id = "forum"', 'id = "?"', 1, "id", "other signs than", 'write id = "forum-2021"'),
        ('id = "forum"', f'id = "{"a" * 65}"', 1, "id", "more than 64", f'id = "{"a" * 64}"'),
        (', en = "Forum"', "", 2, "name.en", "this is missing", "add a text: en ="),
        ('en = "Forum"', 'en = "Forum", fr = "X"', 2, "name.fr", "no such key", "use one of"),
        ('{ vi = "Diễn đàn", en = "Forum" }', '"Forum"', 2, "name", "this is a text", "both lang"),
        ("date = 2021-12-06", 'date = "6/12/2021"', 3, "date", "this is a text", "2021-12-06"),
        ("2021-12-06", "2021-12-06T08:00:00", 3, "date", "a day with a time", "without quotes"),
        ("2021-12-06", "08:00:00", 3, "date", "a time without quotes", "2021-12-06"),
        ('"small"', '"smal"', 4, "sites_file", 'no site file "smal"', 'did you mean "small"?'),
        ('"small"', '"./x.toml"', 4, "sites_file", "no site file", "relative to the event file"),
        ('sites_file = "small"\n', "", 0, "sites_file", "this is missing", "vietnam-63"),
        ('"ha-noi"', '"hanoi"', 5, "venue", 'no site "hanoi"', 'did you mean "ha-noi"?'),
        ('venue = "ha-noi"\n', "", 0, "venue", "this is missing", 'add a text: venue = "ha-noi"'),
        (
            '["dien-bien", "da-nang"]',
            '["Điện Biên", "da-nang"]',
            6,
            "bridge_points[0]",
            "no site here",
            'did you mean "dien-bien"?',
        ),
        (
            '["dien-bien", "da-nang"]',
            '["da-nang", "dien-bien", "da-nang"]',
            6,
            "bridge_points[2]",
            '"da-nang" is there twice',
            "once",
        ),
        (
            '["dien-bien", "da-nang"]',
            '["dien-bien", "da-nang", "ha-noi"]',
            6,
            "bridge_points[2]",
            '"ha-noi" is the venue',
            "remove it",
        ),
        (
            '["dien-bien", "da-nang"]',
            '["dien-bien", "da-nang", 3]',
            6,
            "bridge_points[2]",
            "this is a whole number",
            '"all" or a list of site codes',
        ),
        (
            '["dien-bien", "da-nang"]',
            '"every"',
            6,
            "bridge_points",
            "this is a text",
            'write "all" or a list',
        ),
        ('["da-nang"]\n', '["paris"]\n', 7, "co_chairs[0]", "no site here", "use one of"),
        ("[policy]", "[media]\nsite_kbps = -1\n[policy]", 10, "media.site_kbps", "range", "from 0"),
        ("[policy]", "[polcy]\n[policy]", 9, "polcy", "no such key", 'did you mean "policy"?'),
        ("first_limit", "first_limt", 10, "policy.first_limt", "no such key", '"first_limit"?'),
        ("= 300", "= 5", 10, "policy.first_limit", "5 is out of range", "from 10 to 7200"),
        ("= 300", "= true", 10, "policy.first_limit", "true or false", "a number from 10"),
        ("= 300", '= "300"', 10, "policy.first_limit", "this is a text", "without quotes"),
        ("= 300", "= 50", 9, "policy.warning", "60 s before the end comes before", "fewer"),
        ("= 300", "= 300\nauto_accept = 1", 11, "policy.auto_accept", "a whole number", "true or"),
        ("= 300", '= 300\novertime = "cutt"', 11, "policy.overtime", "not possible", '"cut"?'),
        ("= 300", "= 300\nchair_priority = 1", 11, "policy.chair_priority", "a whole", "a text"),
        ("= 300", "= 300\nprep_timeout = 1", 11, "policy.prep_timeout", "out of range", "5 to 600"),
        ("= 300", "= 300\ncapacity = 4", 11, "policy.capacity", "4 is out of range", "1 to 3"),
        ("= 300", "= 300\ncapacity = 1.5", 11, "policy.capacity", "this is a number", "a whole"),
        (
            "= 300",
            "= 300\ncapacity = 3",
            13,
            "sessions[0].policy",
            "need 5 open microphones, but a page plays 4",
            "fewer co_chairs",
        ),
        ('kind = "plenary"', 'kind = "x"', 14, "sessions[0].kind", '"x" is not', "use one of"),
        (OPENING_AT, 'starts_at = "8h"', 20, ".starts_at", '"8h" is not a time', '"08:00"'),
        (OPENING_AT, 'starts_at = "8g05"', 20, ".starts_at", "is not a time", '"08:05"'),
        (OPENING_AT, 'starts_at = "24:00"', 20, ".starts_at", "is not a time", "00:00 to 23:59"),
        (OPENING_AT, 'starts_at = "08:60"', 20, ".starts_at", "is not a time", "00:00 to 23:59"),
        (OPENING_AT, 'starts_at = "soon"', 20, ".starts_at", "is not a time", "00:00 to 23:59"),
        (OPENING_AT, "starts_at = 08:00:00", 20, ".starts_at", "without quotes", '"08:30"'),
        ("minutes = 30", "minutes = 0", 21, ".minutes", "0 is out of range", "1 to 600"),
        ('kind = "opening"', 'kind = "openning"', 22, ".kind", "not possible", '"opening"?'),
        (
            'id = "closing"',
            'id = "opening"',
            25,
            "sessions[0].agenda[1].id",
            '"opening" is there twice',
            "every item",
        ),
        (
            CLOSING_AT,
            'starts_at = "07:00"',
            27,
            "sessions[0].agenda[1].starts_at",
            '07:00 is before 08:00, when "opening" starts',
            "in the order",
        ),
        (
            CLOSING_AT,
            'starts_at = "08:29"',
            27,
            "sessions[0].agenda[1].starts_at",
            'at 08:29 "opening" is still going on',
            'starts_at = "08:30" or later',
        ),
        (
            CLOSING_AT,
            'starts_at = "23:55"',
            28,
            "sessions[0].agenda[1].minutes",
            "10 minutes from 23:55 go past midnight",
            "at most minutes = 5",
        ),
        ('id = "thematic-01"', 'id = "plenary"', 32, "sessions[1].id", "there twice", "its own id"),
        ("2021-11-09", '"2021-11-09"', 35, "sessions[1].date", "this is a text", "without quotes"),
        (
            'bridge_points = ["dien-bien"]\n',
            'bridge_points = ["dien-bein"]\n',
            36,
            "sessions[1].bridge_points[0]",
            "no site here",
            'did you mean "dien-bien"?',
        ),
        (
            "capacity = 2",
            "next_limit = 45",
            38,
            "sessions[1].policy.warning",
            "a speech of 45 s",
            "fewer seconds than 45",
        ),
        (
            "\n[policy]",
            '\n[site_names]\nhue = { vi = "Huế", en = "Hue" }\n[policy]',
            10,
            "site_names.hue",
            'no site "hue"',
            "use one of",
        ),
        (
            "\n[policy]",
            '\ntime_zone = "Asia/HoChiMinh"\n[policy]',
            9,
            "time_zone",
            'no time zone "Asia/HoChiMinh"',
            'did you mean "Asia/Ho_Chi_Minh"?',
        ),
        (
            "\n[policy]",
            '\ntime_zone = "GMT plus seven hours"\n[policy]',
            9,
            "time_zone",
            "no time zone",
            'such as "Asia/Ho_Chi_Minh"',
        ),
        ("\n[policy]", '\ntime_zone = " "\n[policy]', 9, "time_zone", "is empty", "Asia/Ho_Chi"),
        ("\n[policy]", "\npolicy = 3\n[x]", 9, "policy", "this is a whole number", "[policy]"),
    ],
)
def test_a_single_mistake_is_the_only_one_reported(
    problems: Problems, old: str, new: str, line: int, key: str, wrong: str, right: str
) -> None:
    found = problems((old, new))
    # The last row replaces a table header, so the header's own keys are unknown too.
    shown = [problem for problem in found if not problem.key.startswith("x")]
    assert len(shown) == 1, [str(problem) for problem in found]
    assert shown[0].line == line
    assert shown[0].key.endswith(key)
    assert wrong in shown[0].wrong
    assert right in shown[0].right
    assert shown[0].file.endswith("forum.toml")


def test_every_mistake_is_reported_at_once(problems: Problems) -> None:
    found = problems(
        ('id = "forum"\n', ""),
        ('"ha-noi"', '"hanoi"'),
        ("2021-12-06", "2021"),
        ("= 300", "= -1"),
        ('"Opening"', '""'),
        ("minutes = 10", 'minutes = "ten"'),
        ('kind = "thematic"', 'kind = "themetic"'),
        ("capacity = 2", "capacty = 2"),
    )
    assert {problem.key for problem in found} == {
        "id",
        "venue",
        "date",
        "policy.first_limit",
        "sessions[0].agenda[0].title.en",
        "sessions[0].agenda[1].minutes",
        "sessions[1].kind",
        "sessions[1].policy.capacty",
    }


def test_an_item_that_fills_the_day_leaves_no_place_for_the_next(problems: Problems) -> None:
    found = problems((OPENING_AT, 'starts_at = "23:00"'), ("minutes = 30", "minutes = 60"))
    assert [problem.key for problem in found] == ["sessions[0].agenda[1].starts_at"]
    found = problems(
        (OPENING_AT, 'starts_at = "23:00"'),
        ("minutes = 30", "minutes = 60"),
        (CLOSING_AT, 'starts_at = "23:50"'),
    )
    assert {problem.right for problem in found} == {'make "opening" shorter'}


def test_an_event_needs_a_session(folder: Path, problems: Problems) -> None:
    assert problems(("[[sessions]]", "[[session]]"))
    path = folder / "events" / "forum.toml"
    path.write_text(path.read_text().partition("[policy]")[0])
    with pytest.raises(ConfigProblems) as caught:
        load_event(path)
    assert [problem.wrong for problem in caught.value.problems] == ["there is no session"]


@pytest.mark.parametrize("sessions", ["sessions = [1]", 'sessions = "one"'])
def test_sessions_must_be_tables(folder: Path, sessions: str) -> None:
    path = folder / "events" / "forum.toml"
    path.write_text(path.read_text().partition("[policy]")[0] + sessions)
    with pytest.raises(ConfigProblems) as caught:
        load_event(path)
    assert "[[sessions]]" in caught.value.problems[0].right


def test_more_bridge_points_than_a_wall_shows_are_refused(folder: Path) -> None:
    place = 'name = { vi = "x", en = "x" }\nregion = "north"\nlat = 1\nlon = 1\n'
    sites = folder / "sites" / "small.toml"
    extra = "".join(f'[[sites]]\ncode = "extra-{n}"\n{place}' for n in range(62))
    sites.write_text(sites.read_text() + extra)
    path = folder / "events" / "forum.toml"
    path.write_text(path.read_text().replace('["dien-bien", "da-nang"]', '"all"'))
    with pytest.raises(ConfigProblems) as caught:
        load_event(path)
    assert [problem.wrong for problem in caught.value.problems] == ["64 bridge points are too many"]


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "wrong"),
    [
        ('region = "north"', 'region = "nord"', 8, "sites[0].region", '"nord" is not possible'),
        ("lat = 21.03", "lat = 121.03", 9, "sites[0].lat", "121.03 is out of range"),
        ("lon = 105.85", 'lon = "105.85"', 10, "sites[0].lon", "this is a text"),
        ("lon = 105.85", "lng = 105.85", 5, "sites[0].lon", "this is missing"),
        ("lon = 105.85", "lon = 105.85\ncapital = 1", 11, "sites[0].capital", "no such key"),
        ('code = "da-nang"', 'code = "dien-bien"', 20, "sites[2].code", "there twice"),
        (', en = "Hanoi"', "", 7, "sites[0].name.en", "this is missing"),
        ("[[regions]]", '[[regions]]\ncode = "a"\nname = 1\n[[regions]]', 3, "", "a whole number"),
    ],
)
def test_a_mistake_in_the_site_file_is_reported_there(
    site_problems: Problems, old: str, new: str, line: int, key: str, wrong: str
) -> None:
    found = [problem for problem in site_problems((old, new)) if "small" in problem.file]
    assert any(
        problem.line == line and problem.key.startswith(key) and wrong in problem.wrong
        for problem in found
    ), [str(problem) for problem in found]


def test_a_site_file_without_sites_says_so(folder: Path) -> None:
    (folder / "sites" / "small.toml").write_text("")
    with pytest.raises(ConfigProblems) as caught:
        load_event(folder / "events" / "forum.toml")
    assert [problem.wrong for problem in caught.value.problems] == ["there is no site"]


def test_an_unreadable_site_file_is_one_problem(folder: Path) -> None:
    (folder / "sites" / "small.toml").write_text("code = ")
    with pytest.raises(ConfigProblems) as caught:
        load_event(folder / "events" / "forum.toml")
    (problem,) = caught.value.problems
    assert (problem.line, problem.wrong) == (1, "this is not TOML: invalid value")


@pytest.mark.parametrize(
    ("content", "line", "wrong", "right"),
    [
        (b'id = "a"\nname = \xe1\n', 2, "this is not UTF-8 text", "UTF-8"),
        (b'id = "a"\nname = \xe2\x80\x9cx\n', 2, "this is not TOML: invalid value", "straight"),
        (b'id = "a"\nid = "b"\n', 2, "this is not TOML: cannot overwrite", "once only"),
        (b"[a]\nb = 1\n[a]\n", 3, "this is not TOML: cannot declare", "once only"),
        (b"a = 1\nb = [1,", 2, "this is not TOML: ", "straight quotes"),
        (b"date = 2021-02-30\n", 1, "this is not TOML: invalid date", "a day that exists"),
        (b"a = " + b"[" * 20_000, 0, "lists are nested too deeply", "stray key"),
        (b"a = " + b"9" * 20_000, 0, "lists are nested too deeply", "stray key"),
    ],
)
def test_a_file_that_is_no_toml_says_where(
    tmp_path: Path, content: bytes, line: int, wrong: str, right: str
) -> None:
    path = tmp_path / "event.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigProblems) as caught:
        load_event(path)
    (problem,) = caught.value.problems
    assert problem.line == line
    assert problem.wrong.startswith(wrong)
    assert right in problem.right


def test_a_file_that_is_not_there_is_told_from_its_neighbours(folder: Path) -> None:
    def problem(path: Path) -> tuple[str, str]:
        with pytest.raises(ConfigProblems) as caught:
            load_event(path)
        return caught.value.problems[0].wrong, caught.value.problems[0].right

    missing = "there is no such file"
    assert problem(folder / "events" / "form.toml") == (missing, 'did you mean "forum.toml"?')
    assert problem(folder / "x.toml") == (missing, "give the path of a TOML file that exists")
    assert problem(folder / "y" / "x.toml") == (
        missing,
        "give the path of a TOML file that exists",
    )
    assert problem(folder) == (
        "the file cannot be read: is a directory",
        "give the path of a file you may read",
    )


def test_a_byte_order_mark_of_an_editor_is_no_mistake(folder: Path) -> None:
    path = folder / "events" / "forum.toml"
    path.write_text("\ufeff" + path.read_text().replace("\n", "\r\n"), newline="")
    assert load_event(path).id == "forum"


@given(
    cut=st.tuples(st.integers(0, len(EVENT)), st.integers(0, 40)),
    put=st.one_of(
        st.sampled_from(["[", "]", "{", "}", '"', "=", "\n", "1", "x = 1\n", "[x]\n", "[[y]]\n"]),
        st.text(max_size=5),
    ),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_no_slip_of_the_keyboard_is_a_crash(folder: Path, cut: tuple[int, int], put: str) -> None:
    at, length = cut
    path = folder / "events" / "forum.toml"
    path.write_bytes((EVENT[:at] + put + EVENT[at + length :]).encode(errors="surrogatepass"))
    try:
        load_event(path)
    except ConfigProblems as error:
        assert all(problem.wrong and problem.right for problem in error.problems)
