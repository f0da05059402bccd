"""Invented delegates fit the wire's limits and read like Vietnamese."""

import random
import tomllib
import unicodedata
from pathlib import Path

import pytest

from bridge.simulator.people import invent_speech

PLACES = tomllib.loads(Path("config/sites/vietnam-63.toml").read_text())["sites"]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: str(place["code"]))
def test_every_province_has_speakers(place: dict[str, dict[str, str]]) -> None:
    code, name = str(place["code"]), place["name"]["vi"]
    rng = random.Random(code)
    for _ in range(40):
        speech = invent_speech(code, name, rng)
        assert 5 < len(speech.name) <= 120
        assert name.removeprefix("TP. ") in speech.title
        assert len(speech.title) <= 200
        assert 10 < len(speech.topic) <= 500
        for text in (speech.name, speech.title, speech.topic):
            assert "{" not in text
            assert text == unicodedata.normalize("NFC", text)


def test_cities_are_cities_and_provinces_provinces() -> None:
    rng = random.Random(0)
    titles = {
        code: " ".join(invent_speech(code, name, rng).title for _ in range(60))
        for code, name in (
            ("da-nang", "Đà Nẵng"), ("dien-bien", "Điện Biên"), ("ho-chi-minh", "TP. Hồ Chí Minh")
        )
    }  # fmt: skip
    assert "thành phố Đà Nẵng" in titles["da-nang"]
    assert "tỉnh Điện Biên" in titles["dien-bien"]
    assert "Tỉnh ủy" in titles["dien-bien"]
    assert "Thành ủy" in titles["ho-chi-minh"]
    assert "tỉnh TP." not in titles["ho-chi-minh"]
    assert "thành phố TP." not in titles["ho-chi-minh"]
