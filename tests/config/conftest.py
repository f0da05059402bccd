"""A small valid event beside a small site file, for tests that break it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.config.event import load_event
from bridge.config.problems import ConfigProblems, Problem

SITES = """\
[[regions]]
code = "north"
name = { vi = "Miền Bắc", en = "North" }

[[sites]]
code = "ha-noi"
name = { vi = "Hà Nội", en = "Hanoi" }
region = "north"
lat = 21.03
lon = 105.85

[[sites]]
code = "dien-bien"
name = { vi = "Điện Biên", en = "Dien Bien" }
region = "north"
lat = 21.39
lon = 103.02

[[sites]]
code = "da-nang"
name = { vi = "Đà Nẵng", en = "Da Nang" }
region = "north"
lat = 16
lon = 108.22
"""

EVENT = """\
id = "forum"
name = { vi = "Diễn đàn", en = "Forum" }
date = 2021-12-06
sites_file = "small"
venue = "ha-noi"
bridge_points = ["dien-bien", "da-nang"]
co_chairs = ["da-nang"]

[policy]
first_limit = 300

[[sessions]]
id = "plenary"
kind = "plenary"
name = { vi = "Phiên toàn thể", en = "Plenary" }

[[sessions.agenda]]
id = "opening"
title = { vi = "Khai mạc", en = "Opening" }
starts_at = "08:00"
minutes = 30
kind = "opening"

[[sessions.agenda]]
id = "closing"
title = { vi = "Bế mạc", en = "Closing" }
starts_at = "08:30"
minutes = 10
kind = "closing"

[[sessions]]
id = "thematic-01"
kind = "thematic"
name = { vi = "Chuyên đề 1", en = "Thematic 1" }
date = 2021-11-09
bridge_points = ["dien-bien"]

[sessions.policy]
capacity = 2
"""

Problems = Callable[..., list[Problem]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sites").mkdir()
    (tmp_path / "events").mkdir()
    (tmp_path / "sites" / "small.toml").write_text(SITES)
    (tmp_path / "events" / "forum.toml").write_text(EVENT)
    return tmp_path


def replace(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


@pytest.fixture
def problems(folder: Path) -> Problems:
    """Change the event file, then return what is wrong with it."""

    def find(*changes: tuple[str, str]) -> list[Problem]:
        path = folder / "events" / "forum.toml"
        path.write_text(replace(EVENT, *changes))
        with pytest.raises(ConfigProblems) as caught:
            load_event(path)
        return list(caught.value.problems)

    return find


@pytest.fixture
def site_problems(folder: Path) -> Problems:
    """Change the site file, then return what is wrong with the event."""

    def find(*changes: tuple[str, str]) -> list[Problem]:
        (folder / "sites" / "small.toml").write_text(replace(SITES, *changes))
        with pytest.raises(ConfigProblems) as caught:
            load_event(folder / "events" / "forum.toml")
        return list(caught.value.problems)

    return find
