"""Cleaning what people type, and telling delegates apart."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.floor.names import clean_line, clean_text, same_person


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("Lò Văn An", "Lò Văn An"),
        ("  Lò \t Văn\nAn ", "Lò Văn An"),
        (unicodedata.normalize("NFD", "Nguyễn Thị Hường"), "Nguyễn Thị Hường"),
        ("An\u202egnas", "Angnas"),
        ("A\u200bn \ufeff \x07", "An"),
        ("", ""),
    ],
)
def test_a_line(typed: str, clean: str) -> None:
    assert clean_line(typed) == clean


def test_a_text_keeps_its_lines() -> None:
    assert clean_text(" một \r\n\n\u200b\n hai  ba\n") == "một\nhai ba"


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean_line(clean_line(text)) == clean_line(text)
    assert clean_text(clean_text(text)) == clean_text(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nguyễn Văn Thành", "nguyễn văn THÀNH"),
        ("Nguyễn Văn Thành", "Nguyen Van Thanh"),
        ("Nguyễn Văn Thành", unicodedata.normalize("NFD", "Nguyễn Văn Thành")),
        ("Đặng Hòa", "đặng hoà"),
        ("Đặng Hòa", "Dang Hoa"),
        ("Đỗ Thúy", "Đỗ  Thuý"),
        ("Trần Thị Hưởng", "Trần Thị Hửơng"),
    ],
)
def test_one_person(one: str, other: str) -> None:
    assert same_person(one, other)
    assert same_person(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nguyễn Văn Thành", "Nguyễn Văn Thanh"),
        ("Nguyễn Văn Hà", "Nguyễn Văn Hạ"),
        ("Đặng Hòa", "Dặng Hòa"),
        ("Lò Văn An", "Lò Văn Ân"),
        ("Lò Văn An", "Lò An"),
    ],
)
def test_two_people(one: str, other: str) -> None:
    assert not same_person(one, other)
    assert not same_person(other, one)
