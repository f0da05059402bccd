"""The files an IT office copies say what the program understands."""

from __future__ import annotations

import re

import pytest

from bridge.config import OPTIONS
from bridge.config.resources import config_root
from bridge.config.settings import CONFIG_VARIABLE, load_settings

DEPLOY = config_root() / "deploy"
FILES = ("compose/compose.yaml", "systemd/diemcau.service")


@pytest.mark.parametrize("name", FILES)
def test_every_setting_they_give_exists(name: str) -> None:
    given = set(re.findall(r"DIEMCAU_[A-Z_]+", (DEPLOY / name).read_text(encoding="utf-8")))
    assert given
    assert given <= {option.variable for option in OPTIONS} | {CONFIG_VARIABLE}


def test_the_relay_of_the_containers_has_addresses_browsers_use() -> None:
    text = (DEPLOY / "compose" / "compose.yaml").read_text(encoding="utf-8")
    found = re.search(r'DIEMCAU_TURN_URLS: "(.+)"', text)
    assert found is not None
    urls = re.sub(r"\$\{TURN_NAME[^}]*\}", "turn.example.vn", found[1])
    urls = re.sub(r"\$\{TURN_TLS_PORT:-(\d+)\}", r"\1", urls)
    settings = load_settings({"turn_urls": urls}, {"DIEMCAU_TURN_SECRET": "0123456789abcdef"})
    assert settings.turn_urls == (
        "turn:turn.example.vn:3478?transport=udp",
        "turn:turn.example.vn:3478?transport=tcp",
        "turns:turn.example.vn:443?transport=tcp",
    )


def test_every_file_they_mention_is_there() -> None:
    text = (DEPLOY / "compose" / "compose.yaml").read_text(encoding="utf-8")
    for path in (
        "compose.env.example",
        "Caddyfile",
        "../coturn/start.sh",
        "../coturn/turnserver.conf",
    ):
        assert path in text
        assert (DEPLOY / "compose" / path).is_file()
    wanted = set(re.findall(r"\$\{([A-Z_]+)", text))
    example = (DEPLOY / "compose" / "compose.env.example").read_text(encoding="utf-8")
    assert wanted == set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
