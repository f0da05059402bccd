"""What a rebinding does to packets; sums are computed anew here."""

from __future__ import annotations

import struct
from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from tests.network.nat import Nat

CLIENT, SERVER = "10.77.3.2", "10.77.0.1"


def ones_sum(data: bytes) -> int:
    words: tuple[int, ...] = struct.unpack(
        f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)
    )
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def datagram(
    source: tuple[str, int], target: tuple[str, int], payload: bytes, protocol: int = 17
) -> bytes:
    udp = struct.pack("!HHHH", source[1], target[1], 8 + len(payload), 0) + payload
    ends = ip_address(source[0]).packed + ip_address(target[0]).packed
    total = ones_sum(ends + struct.pack("!HH", protocol, len(udp)) + udp)
    udp = udp[:6] + struct.pack("!H", (~total & 0xFFFF) or 0xFFFF) + udp[8:]
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, protocol, 0) + ends
    return head[:10] + struct.pack("!H", ~ones_sum(head) & 0xFFFF) + head[12:] + udp


def is_sound(packet: bytes) -> bool:
    udp = packet[20:]
    pseudo = packet[12:20] + struct.pack("!HH", packet[9], len(udp))
    return ones_sum(packet[:20]) == 0xFFFF and ones_sum(pseudo + udp) == 0xFFFF


def ends(packet: bytes) -> tuple[str, int, str, int]:
    source, target = struct.unpack("!HH", packet[20:24])
    return str(ip_address(packet[12:16])), source, str(ip_address(packet[16:20])), target


@given(st.integers(1024, 65535), st.binary(max_size=60), st.integers(0, 20))
def test_there_and_back(port: int, payload: bytes, bindings: int) -> None:
    nat = Nat()
    nat.bindings = bindings
    there = nat.outward(datagram((CLIENT, port), (SERVER, 5000), payload))
    assert is_sound(there)
    host, shifted, *_ = ends(there)
    assert (host == CLIENT and shifted == port) is (bindings == 0)
    assert shifted >= 1024
    back = nat.inward(datagram((SERVER, 5000), (host, shifted), payload))
    assert back is not None
    assert is_sound(back)
    assert ends(back) == (SERVER, 5000, CLIENT, port)


def test_an_old_binding_leads_nowhere() -> None:
    nat = Nat()
    nat.outward(datagram((CLIENT, 4000), (SERVER, 5000), b""))
    nat.bindings = 1
    assert nat.inward(datagram((SERVER, 5000), (CLIENT, 4000), b"late")) is None


def test_tcp_passes_as_it_is() -> None:
    nat = Nat()
    nat.bindings = 2
    for packet in (
        datagram((CLIENT, 4000), (SERVER, 80), b"", protocol=6),
        datagram((SERVER, 80), (CLIENT, 4000), b"", protocol=6),
    ):
        assert nat.outward(packet) == packet
        assert nat.inward(packet) == packet
