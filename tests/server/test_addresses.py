"""Which addresses a server tells others."""

from __future__ import annotations

import ifaddr
import pytest

from bridge.errors import Code, ConfigError
from bridge.server import addresses
from bridge.server.addresses import addresses_for, link_host


def test_the_operator_knows_best() -> None:
    assert addresses_for("0.0.0.0", ["203.0.113.7", "10.1.1.1"]) == ["203.0.113.7", "10.1.1.1"]
    assert link_host("127.0.0.1", ["203.0.113.7"]) == "203.0.113.7"


def test_one_address_is_that_address() -> None:
    assert addresses_for("127.0.0.1", []) == ["127.0.0.1"]
    assert addresses_for("::1", []) == ["::1"]
    assert link_host("127.0.0.1", []) == "127.0.0.1"


def test_an_unknown_name_says_what_to_do() -> None:
    with pytest.raises(ConfigError) as refused:
        addresses_for("no-such-host.invalid", [])
    assert refused.value.code is Code.CONFIG_INVALID
    assert "0.0.0.0" in refused.value.message


def test_the_way_to_others_comes_before_bridges_and_loopback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = ["10.8.0.2", "127.0.0.1", "172.17.0.1", "169.254.3.4", "192.168.1.10"]
    adapters = [
        ifaddr.Adapter(f"eth{n}", f"eth{n}", [ifaddr.IP(address, 24, f"eth{n}")])
        for n, address in enumerate(mine)
    ]
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: adapters)
    monkeypatch.setattr(addresses, "_default_route", lambda: "192.168.1.10")
    assert addresses_for("0.0.0.0", []) == ["192.168.1.10", "10.8.0.2", "172.17.0.1", "127.0.0.1"]
    assert link_host("0.0.0.0", []) == "192.168.1.10"
