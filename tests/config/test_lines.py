from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config.lines import Path, find_lines

TEXT = '''\
# comment = "not = a key"
id = "forum"   # more
name = { vi = "Diễn đàn [1]", en = 'a, "b" = {c}' }
"quoted key" = 1.5
a.b.c = 2021-12-06 08:00:00

points = [
  "one", # first
  "two",

  { x = [1, 2], y = {} },
]
text = """
[not.a.table]
key = 1 \\""" \\
"""
raw = \'\'\'
x = 'y' \'\'\'
empty = ""

[policy]
capacity = 1
[policy.more]
deep = true

[[sessions]]
id = "first"
[[sessions.agenda]]
id = "a"
[[sessions.agenda]]
id = "b"
[sessions.policy]
capacity = 2

[[sessions]]
id = "second"
list = []
[[sessions.agenda]]
id = "c"'''


def test_every_value_is_found_on_its_line() -> None:
    tomllib.loads(TEXT)
    lines = find_lines(TEXT)
    expected: dict[Path, int] = {
        ("id",): 2,
        ("name",): 3,
        ("name", "en"): 3,
        ("quoted key",): 4,
        ("a", "b", "c"): 5,
        ("points",): 7,
        ("points", 0): 8,
        ("points", 1): 9,
        ("points", 2): 11,
        ("points", 2, "x", 1): 11,
        ("points", 2, "y"): 11,
        ("text",): 13,
        ("raw",): 17,
        ("empty",): 19,
        ("policy",): 21,
        ("policy", "capacity"): 22,
        ("policy", "more", "deep"): 24,
        ("sessions",): 26,
        ("sessions", 0): 26,
        ("sessions", 0, "id"): 27,
        ("sessions", 0, "agenda", 0, "id"): 29,
        ("sessions", 0, "agenda", 1): 30,
        ("sessions", 0, "agenda", 1, "id"): 31,
        ("sessions", 0, "policy", "capacity"): 33,
        ("sessions", 1): 35,
        ("sessions", 1, "list"): 37,
        ("sessions", 1, "agenda", 0, "id"): 39,
    }
    assert {path: lines.get(path) for path in expected} == expected


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment", "a = 1\r\nb = 2\r\n"])
def test_small_files_are_read_to_their_end(text: str) -> None:
    assert find_lines(text) == {(key,): line for line, key in enumerate(tomllib.loads(text), 1)}


values = st.recursive(
    st.sampled_from(["1", "-2.5e3", "true", '"a # b"', "'[x]'", '"\\""', "2021-12-06", '""']),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[\n" + ",\n".join(items) + "\n]"),
        st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
    ),
    max_leaves=8,
)


@given(st.lists(values, max_size=5))
def test_any_nesting_leaves_the_next_key_on_its_line(parts: list[str]) -> None:
    text = "".join(f"k{n} = {part}\n" for n, part in enumerate(parts))
    tomllib.loads(text)
    lines = find_lines(text)
    at = 1
    for number, part in enumerate(parts):
        assert lines[f"k{number}",] == at
        at += part.count("\n") + 1
