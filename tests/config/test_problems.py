from __future__ import annotations

import pytest

from bridge.config.problems import (
    ConfigProblems,
    Problem,
    closest,
    fold,
    format_problems,
    slug,
    suggest,
)
from bridge.errors import Code, ConfigError


def problem(key: str = "date", line: int = 3, file: str = "a.toml") -> Problem:
    return Problem(file=file, line=line, key=key, wrong="this is missing", right="add it")


def test_a_problem_says_where_what_and_what_would_be_right() -> None:
    assert str(problem()) == "a.toml:3: date: this is missing; add it"
    assert str(problem(line=0, key="")) == "a.toml: this is missing; add it"


def test_the_error_is_a_configuration_error_that_carries_all_problems() -> None:
    error = ConfigProblems([problem(), problem("name")])
    assert isinstance(error, ConfigError)
    assert error.code is Code.CONFIG_INVALID
    assert len(error.problems) == 2
    assert error.details["count"] == 2
    assert error.message == (
        "the configuration has 2 mistakes; correct them and start again: "
        "a.toml:3: date: this is missing; add it (and 1 more)"
    )
    assert ConfigProblems([problem()]).message == (
        "the configuration has 1 mistake; correct it and start again: "
        "a.toml:3: date: this is missing; add it"
    )


def test_problems_are_shown_by_file_in_the_order_of_lines() -> None:
    text = format_problems(
        [problem("b", 9), problem("--port", 0, "command line"), problem("a", 2), problem("", 0)]
    )
    assert text.splitlines() == [
        "a.toml: 3 mistakes",
        "  this is missing",
        "      → add it",
        "  line 2: a: this is missing",
        "      → add it",
        "  line 9: b: this is missing",
        "      → add it",
        "command line: 1 mistake",
        "  --port: this is missing",
        "      → add it",
    ]


@pytest.mark.parametrize(
    ("text", "folded", "slugged"),
    [
        ("Điện Biên", "dien bien", "dien-bien"),
        ("ĐẮK LẮK", "dak lak", "dak-lak"),
        ("Bà Rịa - Vũng Tàu", "ba ria - vung tau", "ba-ria-vung-tau"),
        ("!", "!", ""),
    ],
)
def test_diacritics_do_not_matter(text: str, folded: str, slugged: str) -> None:
    assert fold(text) == folded
    assert slug(text) == slugged


def test_the_closest_name_is_found_whatever_its_spelling() -> None:
    sites = ["dien-bien", "da-nang", "ha-noi"]
    assert closest("Điện Biên", sites) == "dien-bien"
    assert closest("dienbien", sites) == "dien-bien"
    assert closest("dnag", sites) == "da-nang"
    assert closest("paris", sites) == ""


def test_a_suggestion_names_the_closest_or_what_there_is() -> None:
    assert suggest("plenery", ["plenary", "thematic"]) == 'did you mean "plenary"?'
    assert suggest("x", ["plenary", "thematic"]) == 'use one of "plenary", "thematic"'
    assert suggest("x", [f"site-{n}" for n in range(9)]).startswith('there are 9: "site-0", ')
    assert suggest("x", []) == "remove it"
