from __future__ import annotations

from pathlib import Path

import pytest

from bridge.config.event import load_event
from bridge.config.problems import ConfigProblems
from bridge.link.alerts import AlertRules

FULL = """
warning_score = 3.6
critical_score = 3
margin = 0
hold = 20
hold_on_air = 5.5
clear = 0
forget = 60
"""


def written(folder: Path, rules: str) -> Path:
    file = folder / "events" / "forum.toml"
    file.write_text(file.read_text().replace("[policy]", f"[alerts]\n{rules}\n[policy]", 1))
    return file


def test_an_event_that_says_nothing_has_the_usual_limits(folder: Path) -> None:
    assert load_event(folder / "events" / "forum.toml").alerts == AlertRules()


def test_every_limit_can_be_chosen(folder: Path) -> None:
    assert load_event(written(folder, FULL)).alerts == AlertRules(
        warning_score=3.6,
        critical_score=3.0,
        margin=0.0,
        hold=20.0,
        hold_on_air=5.5,
        clear=0.0,
        forget=60.0,
    )


@pytest.mark.parametrize(
    ("rules", "key", "wrong", "right"),
    [
        ("warning_score = 5", "warning_score", "5 is out of range", "from 1.0 to 4.5"),
        ("hold = -1", "hold", "-1 is out of range", "from 0 to 600"),
        ("hold = true", "hold", "true or false", "a number from 0"),
        ("clearr = 3", "clearr", "there is no such key", 'did you mean "clear"?'),
        ("critical_score = 3.5", "critical_score", "would be better than", "up to 3.1"),
        ("hold_on_air = 30", "hold_on_air", "later (30 s) than", "up to 10 seconds"),
    ],
)
def test_a_mistake_is_named_with_what_would_be_right(
    folder: Path, rules: str, key: str, wrong: str, right: str
) -> None:
    with pytest.raises(ConfigProblems) as raised:
        load_event(written(folder, rules))
    (problem,) = raised.value.problems
    assert problem.key == f"alerts.{key}"
    assert wrong in problem.wrong
    assert right in problem.right
