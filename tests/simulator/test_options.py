"""Which sites are played, and how the command line says it."""

import argparse
import ssl
from pathlib import Path

import pytest

from bridge.simulator.floor import socket_url
from bridge.simulator.options import SimulatedSite, SimulatorOptions, add_arguments, choose_sites

SITES = [
    SimulatedSite("dien-bien", "Điện Biên"),
    SimulatedSite("an-giang", "An Giang"),
    SimulatedSite("lao-cai", "Lào Cai"),
    SimulatedSite("da-nang", "Đà Nẵng"),
    SimulatedSite("ha-noi", "Hà Nội", venue=True),
]


@pytest.mark.parametrize(
    ("count", "codes"),
    [
        (0, []),
        (2, ["ha-noi", "da-nang"]),
        (4, ["ha-noi", "da-nang", "lao-cai", "an-giang"]),
        (9, ["ha-noi", "da-nang", "lao-cai", "an-giang", "dien-bien"]),
    ],
)
def test_venue_first_and_dien_bien_last(count: int, codes: list[str]) -> None:
    assert [site.code for site in choose_sites(SITES, ["dien-bien", "da-nang"], count)] == codes


def test_the_command_line_has_defaults_for_everything() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    arguments = parser.parse_args([])
    assert (arguments.sites, arguments.receive, arguments.asks) == (6, "program", True)
    assert parser.parse_args(["--no-requests", "--receive", "audio"]).asks is False


def test_urls() -> None:
    assert socket_url("http://127.0.0.1:8080/", "plenary") == "ws://127.0.0.1:8080/ws/plenary"
    assert socket_url("https://cau.example", "plenary") == "wss://cau.example/ws/plenary"


def options(url: str, *, insecure: bool) -> SimulatorOptions:
    return SimulatorOptions(
        url=url, sites=SITES, mint=lambda _role, _site: "", cache=Path(), insecure=insecure
    )


def test_tls_is_checked_unless_told_otherwise() -> None:
    assert options("http://a", insecure=True).tls() is None
    strict, loose = (options("https://a", insecure=value).tls() for value in (False, True))
    assert strict is not None
    assert strict.verify_mode is ssl.CERT_REQUIRED
    assert loose is not None
    assert loose.verify_mode is ssl.CERT_NONE
