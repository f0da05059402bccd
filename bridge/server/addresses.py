"""Which addresses this server has, and which of them to tell others."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

import ifaddr

__all__ = ["addresses_for", "link_host"]

WILDCARDS = {"", "0.0.0.0", "::"}  # noqa: S104 - compared with, not bound


def addresses_for(host: str, public: Sequence[str]) -> list[str]:
    """Return the IP addresses at which media can be reached, best first.

    Args:
        host: address the server listens on; a wildcard means all of the machine.
        public: what the operator says; believed as it is.
    """
    if public:
        return list(public)
    if host not in WILDCARDS:
        return sorted(
            {str(info[4][0]) for info in socket.getaddrinfo(host, None, socket.AF_INET)}
        ) or [host]
    found = [
        ip.ip
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if isinstance(ip.ip, str) and not ipaddress.ip_address(ip.ip).is_link_local
    ]
    # A machine's own network first; loopback stays for tests and demonstrations on it.
    return sorted(set(found), key=lambda ip: (ipaddress.ip_address(ip).is_loopback, ip))


def link_host(host: str, public: Sequence[str]) -> str:
    """Return the host to write into join links."""
    if public:
        return public[0]
    return host if host not in WILDCARDS else addresses_for(host, public)[0]
