"""The socket: control datagrams survive a full buffer, and leave in order."""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import cast

import pytest

from bridge.media.udp import MAX_WAITING, Address, UdpSocket

THERE: Address = ("127.0.0.1", 9)


class Stubborn:
    """A socket whose buffer is full until told otherwise."""

    def __init__(self, real: socket.socket) -> None:
        self.real = real
        self.errors: list[OSError] = []
        self.sent: list[bytes] = []

    def sendto(self, data: bytes, _address: Address) -> int:
        if self.errors:
            raise self.errors[0]
        self.sent.append(data)
        return len(data)

    def fileno(self) -> int:
        return self.real.fileno()

    def close(self) -> None:
        self.real.close()


def opened() -> tuple[UdpSocket, Stubborn]:
    udp = UdpSocket(lambda _data, _address: None)
    udp.open("127.0.0.1", 0)
    udp.read()
    stubborn = Stubborn(udp.raw)
    udp._socket = cast("socket.socket", stubborn)
    return udp, stubborn


async def test_control_waits_for_a_full_buffer_and_leaves_first() -> None:
    udp, sock = opened()
    sock.errors = [BlockingIOError(errno.EAGAIN, "full")]
    udp.send(b"first", THERE)
    udp.send(b"second", THERE)
    udp._writable()
    assert sock.sent == []
    sock.errors = []
    while len(sock.sent) < 2:
        await asyncio.sleep(0.001)
    assert sock.sent == [b"first", b"second"]
    udp.send(b"third", THERE)
    assert sock.sent[-1] == b"third"
    udp.close()


async def test_what_waits_is_bounded_and_unreachable_is_not_kept() -> None:
    udp, sock = opened()
    sock.errors = [BlockingIOError(errno.EAGAIN, "full")]
    for number in range(MAX_WAITING + 10):
        udp.send(b"%d" % number, THERE)
    assert len(udp._waiting) == MAX_WAITING
    sock.errors = [OSError(errno.ENETUNREACH, "unreachable")]
    udp._writable()
    assert len(udp._waiting) == 0
    udp.send(b"nowhere", THERE)
    assert sock.sent == []
    udp.close()
    udp.close()
    udp.send(b"late", THERE)
    udp._readable()
    udp._writable()


async def test_closing_while_reading_stops_the_batch() -> None:
    taken: list[bytes] = []

    def receive(data: bytes, _address: Address) -> None:
        taken.append(data)
        udp.close()

    udp = UdpSocket(receive)
    udp.open("127.0.0.1", 0)
    udp.read()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for data in (b"one", b"two"):
            sender.sendto(data, ("127.0.0.1", udp.port))
    while not taken:
        await asyncio.sleep(0.001)
    assert taken == [b"one"]


async def test_ipv6_works_where_the_machine_has_it() -> None:
    taken: list[Address] = []
    udp = UdpSocket(lambda _data, address: taken.append(address))
    udp.open("::1", 0)
    udp.read()
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", ("::1", udp.port))
    while not taken:
        await asyncio.sleep(0.001)
    assert taken[0][0] == "::1"
    udp.close()


async def test_what_follows_a_batch_follows_even_a_receiver_that_fails() -> None:
    seen: list[str] = []

    def receive(data: bytes, _address: Address) -> None:
        seen.append(data.decode())
        if data == b"bad":
            raise ValueError(data)

    udp = UdpSocket(receive, lambda: seen.append("done"))
    udp.open("127.0.0.1", 0)
    udp.read()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for data in (b"a", b"b", b"bad"):
            sender.sendto(data, udp.raw.getsockname())
        with pytest.raises(ValueError, match="bad"):
            udp._readable()
    assert seen == ["a", "b", "bad", "done"]
    udp.close()


async def test_smaller_buffers_than_wanted_are_named(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.media.udp.SOCKET_BUFFER", 1 << 29)  # more than any kernel gives
    udp = UdpSocket(lambda _data, _address: None)
    udp.open("127.0.0.1", 0)
    udp.close()
    assert "net.core.rmem_max" in caplog.text
    assert "net.core.wmem_max" in caplog.text


async def test_buffers_that_are_given_are_not_spoken_of(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.media.udp.SOCKET_BUFFER", 1 << 13)
    udp = UdpSocket(lambda _data, _address: None)
    udp.open("127.0.0.1", 0)
    udp.close()
    assert caplog.text == ""


async def test_what_the_kernel_threw_away_is_counted() -> None:
    udp = UdpSocket(lambda _data, _address: None)
    assert udp.dropped == 0
    udp.open("127.0.0.1", 0)
    udp.raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(100):
            sender.sendto(bytes(1000), ("127.0.0.1", udp.port))
    read = 0
    while True:
        try:
            udp.raw.recv(2048)
        except BlockingIOError:
            break
        read += 1
    assert udp.dropped == 100 - read > 0
    udp.close()
    assert udp.dropped == 0
