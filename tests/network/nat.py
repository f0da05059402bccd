"""A stateless NAT for UDP: what a rebinding changes, and the sums that go with it.

The client's address and ports are shifted; the shift is one to one, so no connection is remembered.
TCP passes as it is: home routers that restart a UDP mapping keep their TCP connections.
"""

from __future__ import annotations

import struct

UDP = 17
FIRST_PORT = 1024
PORTS = 65536 - FIRST_PORT
#: Ports move by this per rebinding; coprime to the number of ports, so that none comes back soon.
PORT_STEP = 7919


class Nat:
    """Rewrites the client's end of UDP packets; its address grows by one per rebinding."""

    def __init__(self) -> None:
        self._hosts: set[int] = set()  # last bytes of the addresses the client has sent from
        self.bindings = 0

    def outward(self, packet: bytes) -> bytes:
        """Return a packet of the client as others see it."""
        if packet[9] != UDP:
            return packet
        self._hosts.add(packet[15])
        if not self.bindings:
            return packet
        port_at = (packet[0] & 15) * 4
        port = int.from_bytes(packet[port_at : port_at + 2], "big")
        return _rewritten(packet, 15, packet[15] + self.bindings, port_at, self._shift(port, 1))

    def inward(self, packet: bytes) -> bytes | None:
        """Return a packet to the client as it knows it; None: its binding is no more."""
        if packet[9] != UDP or not self.bindings:
            return packet
        if packet[19] - self.bindings not in self._hosts:
            return None
        port_at = (packet[0] & 15) * 4 + 2
        port = int.from_bytes(packet[port_at : port_at + 2], "big")
        return _rewritten(packet, 19, packet[19] - self.bindings, port_at, self._shift(port, -1))

    def _shift(self, port: int, sign: int) -> int:
        if port < FIRST_PORT:
            return port
        return FIRST_PORT + (port - FIRST_PORT + sign * self.bindings * PORT_STEP) % PORTS


def _rewritten(packet: bytes, host_at: int, host: int, port_at: int, port: int) -> bytes:
    """Set the last byte of an address and a port; mend both checksums (RFC 1624)."""
    result = bytearray(packet)
    old_host, old_port = packet[host_at], int.from_bytes(packet[port_at : port_at + 2], "big")
    result[host_at] = host
    struct.pack_into("!H", result, port_at, port)
    _mend(result, 10, host - old_host)
    udp_sum_at = (packet[0] & 15) * 4 + 6
    if result[udp_sum_at] or result[udp_sum_at + 1]:
        _mend(result, udp_sum_at, host - old_host + port - old_port)
        if not result[udp_sum_at] and not result[udp_sum_at + 1]:
            struct.pack_into("!H", result, udp_sum_at, 0xFFFF)  # RFC 768: zero means none
    return bytes(result)


def _mend(packet: bytearray, at: int, change: int) -> None:
    total = (~int.from_bytes(packet[at : at + 2], "big") & 0xFFFF) + change
    # In ones' complement, 0xFFFF is zero: adding it keeps the sum positive.
    total = (total + 0xFFFF * 4) % 0xFFFF
    struct.pack_into("!H", packet, at, ~total & 0xFFFF)
