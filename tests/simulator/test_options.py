"""Which sites are played, and how the command line says it."""

import argparse
import ssl

import pytest

from bridge.simulator.arguments import add_arguments
from bridge.simulator.floor import socket_url
from bridge.simulator.options import SimulatedSite, choose_sites, tls_context

SITES = [
    SimulatedSite("dien-bien", "Điện Biên", co_chair=True),
    SimulatedSite("an-giang", "An Giang"),
    SimulatedSite("lao-cai", "Lào Cai"),
    SimulatedSite("da-nang", "Đà Nẵng", co_chair=True),
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
    assert [site.code for site in choose_sites(SITES, count)] == codes


def test_the_command_line_has_defaults_for_everything() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    arguments = parser.parse_args([])
    assert (arguments.sites, arguments.receive, arguments.asks) == (6, "program", True)
    assert parser.parse_args(["--no-requests", "--receive", "audio"]).asks is False


def test_urls() -> None:
    assert socket_url("http://127.0.0.1:8080/", "plenary") == "ws://127.0.0.1:8080/ws/plenary"
    assert socket_url("https://cau.example", "plenary") == "wss://cau.example/ws/plenary"


def test_tls_is_checked_unless_told_otherwise() -> None:
    assert tls_context("http://a", insecure=True) is None
    strict, loose = (tls_context("https://a", insecure=value) for value in (False, True))
    assert strict is not None
    assert strict.verify_mode is ssl.CERT_REQUIRED
    assert loose is not None
    assert loose.verify_mode is ssl.CERT_NONE
