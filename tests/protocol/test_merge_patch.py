"""RFC 7396: the examples of its appendix, and I11: a view plus patches is the later view."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.protocol.merge_patch import apply, difference

keys = st.sampled_from(["a", "b", "c", "d"])
values = st.recursive(
    st.booleans() | st.integers(0, 3) | st.text(max_size=2) | st.lists(st.integers(0, 3)),
    lambda inner: st.dictionaries(keys, inner, max_size=4),
    max_leaves=10,
)
views = st.dictionaries(keys, values, max_size=4)


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_appendix_a(target: dict[str, Any], patch: dict[str, Any], result: dict[str, Any]) -> None:
    assert apply(target, patch) == result


@given(views, views)
def test_old_view_and_patch_make_the_new_view(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert apply(old, difference(old, new)) == new


@given(views)
def test_no_change_is_an_empty_patch(view: dict[str, Any]) -> None:
    assert difference(view, dict(view)) == {}


def test_null_members_are_absent_for_a_page() -> None:
    old = {"grant": {"id": "g1"}}
    assert apply(old, difference(old, {"grant": None})) == {}


def test_apply_leaves_its_target_alone() -> None:
    target: dict[str, Any] = {"a": {"b": 1}}
    apply(target, {"a": {"b": 2}})
    assert target == {"a": {"b": 1}}
