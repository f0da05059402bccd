"""Which addresses this server has, and which of them to tell others."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

import ifaddr

from bridge.errors import Code, ConfigError

__all__ = ["WILDCARDS", "addresses_for", "link_host"]

WILDCARDS = {"", "0.0.0.0", "::"}  # noqa: S104 - compared with, not bound
#: TEST-NET-1 (RFC 5737): nobody's address. Asking for a route to it sends nothing.
ELSEWHERE = ("192.0.2.1", 9)


def addresses_for(host: str, public: Sequence[str]) -> list[str]:
    """Return the IP addresses at which media can be reached, best first.

    Args:
        host: address or name the server listens on; a wildcard means all of the machine.
        public: what the operator says; believed as it is.

    Raises:
        ConfigError: the host name is not known.
    """
    if public:
        return list(public)
    if host not in WILDCARDS:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
        except OSError as error:
            raise ConfigError(
                Code.CONFIG_INVALID,
                f"--host {host} is not an address of this machine ({error.strerror or error}). "
                "Give one of its IP addresses, or 0.0.0.0 for all of them.",
            ) from error
        return list(dict.fromkeys(str(info[4][0]) for info in found))
    towards_others = _default_route()
    mine = {
        address.ip
        for adapter in ifaddr.get_adapters()
        for address in adapter.ips
        if isinstance(address.ip, str) and not ipaddress.ip_address(address.ip).is_link_local
    }

    def rank(address: str) -> tuple[bool, bool, int]:
        # The network that leads to others first, not a bridge of Docker or a VPN; loopback
        # last, for tests and demonstrations on the machine itself.
        value = ipaddress.ip_address(address)
        return value.is_loopback, address != towards_others, int(value)

    return sorted(mine, key=rank)


def _default_route() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def link_host(host: str, public: Sequence[str]) -> str:
    """Return the host to write into join links."""
    if public:
        return public[0]
    return host if host not in WILDCARDS else addresses_for(host, public)[0]
