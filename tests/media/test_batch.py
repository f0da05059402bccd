"""Sending many datagrams with one call: the same bytes, and nobody suffers for another."""

from __future__ import annotations

import ctypes
import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import cast

import pytest

from bridge.media import batch as module
from bridge.media.batch import MAX_KNOWN, SLOTS, TOGETHER, Batch, sockaddr
from bridge.media.counters import MediaCounters
from bridge.media.udp import Address

BOTH = pytest.mark.parametrize("together", [TOGETHER, False])
# No socket may send to it without SO_BROADCAST: EACCES.
FORBIDDEN = ("255.255.255.255", 9)


class Place:
    """A sender with its batch, and receivers, on the loopback, which delivers at once."""

    def __init__(self, stack: ExitStack, together: bool, host: str) -> None:
        self.family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.host = host
        self.stack = stack
        self.counters = MediaCounters()
        self.sender = self.open()
        self.batch = Batch(self.sender, self.counters, together=together)

    def open(self, host: str = "") -> socket.socket:
        family = socket.AF_INET if "." in host else self.family
        sock = self.stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
        sock.bind((host or self.host, 0))
        sock.setblocking(False)
        return sock

    def send(self, datagrams: list[bytes], addresses: list[Address]) -> None:
        for data, (_, length, start) in zip(datagrams, self.batch.slots, strict=False):
            self.batch.view[start : start + len(data)] = data
            length[0] = len(data)
        self.batch.send(addresses)


def received(sock: socket.socket) -> list[bytes]:
    taken = []
    while True:
        try:
            taken.append(sock.recv(4096))
        except BlockingIOError:
            return taken


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@BOTH
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_each_datagram_goes_to_its_own_address(stack: ExitStack, together: bool, host: str) -> None:
    place = Place(stack, together, host)
    receivers = [place.open() for _ in range(SLOTS)]
    addresses = [sock.getsockname() for sock in receivers]
    for turn in range(3):
        datagrams = [bytes([turn, slot]) * (slot + 1) for slot in range(SLOTS)]
        place.send(datagrams, addresses)
        assert [received(sock) for sock in receivers] == [[data] for data in datagrams]
        addresses.reverse()
        receivers.reverse()
    place.send([b"fewer"], addresses[:1])
    assert [received(sock) for sock in receivers[:2]] == [[b"fewer"], []]
    assert place.counters == MediaCounters()


@BOTH
def test_a_dual_stack_socket_reaches_ipv4(stack: ExitStack, together: bool) -> None:
    place = Place(stack, together, "::")
    four, six = place.open("127.0.0.1"), place.open("::1")
    mapped = ("::ffff:127.0.0.1", four.getsockname()[1], 0, 0)
    place.send([b"four", b"six"], cast("list[Address]", [mapped, six.getsockname()]))
    assert [received(four), received(six)] == [[b"four"], [b"six"]]


@BOTH
def test_an_address_that_moves_is_followed_at_once(stack: ExitStack, together: bool) -> None:
    place = Place(stack, together, "127.0.0.1")
    before, after, other = (place.open() for _ in range(3))
    place.send([b"a", b"b"], [before.getsockname(), other.getsockname()])
    place.send([b"c", b"d"], [after.getsockname(), other.getsockname()])
    assert [received(s) for s in (before, after, other)] == [[b"a"], [b"c"], [b"b", b"d"]]


@BOTH
def test_a_bad_destination_costs_only_its_own_datagram(stack: ExitStack, together: bool) -> None:
    place = Place(stack, together, "127.0.0.1")
    good = place.open()
    there = good.getsockname()
    bad: list[Address] = [FORBIDDEN, ("127.0.0.1", 0), ("not an address", 9)]
    if not together:
        del bad[2]  # sendto would ask the resolver
    addresses = [bad[0], there, *bad, there, bad[-1]]
    place.send([b"%d" % slot for slot in range(len(addresses))], addresses)
    assert received(good) == [b"1", b"%d" % (len(addresses) - 2)]
    assert place.counters.drops == {"send_failed": len(addresses) - 2}
    assert place.counters.send_full == 0


@BOTH
def test_a_closed_socket_sends_nowhere(stack: ExitStack, together: bool) -> None:
    place = Place(stack, together, "127.0.0.1")
    good = place.open()
    place.sender.close()
    place.send([b"late"], [good.getsockname()])
    assert received(good) == []
    assert place.counters.drops == {"send_failed": 1}


def test_a_full_socket_ends_the_batch_and_a_partial_send_goes_on(
    stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(stack, True, "127.0.0.1")
    tried: list[tuple[int, int]] = []
    answers = [3, -errno.ECONNREFUSED, 2, -errno.EAGAIN]

    def reluctant(_file: int, messages: int, count: int, _flags: int) -> int:
        tried.append((place.batch._starts.index(messages), count))
        answer = answers.pop(0)
        ctypes.set_errno(max(0, -answer))
        return max(-1, answer)

    monkeypatch.setattr(module, "_sendmmsg", reluctant)
    place.send([b"x"] * 10, [("127.0.0.1", 9)] * 10)
    assert tried == [(0, 10), (3, 7), (4, 6), (6, 4)]
    assert place.counters.drops == {"send_failed": 1}
    assert place.counters.send_full == 4


def test_one_by_one_a_full_socket_is_counted_too(stack: ExitStack) -> None:
    place = Place(stack, False, "127.0.0.1")

    class Full:
        def sendto(self, _data: bytes, _address: Address) -> int:
            raise BlockingIOError(errno.EAGAIN, "full")

    full = Batch(cast("socket.socket", Full()), place.counters, together=False)
    full.send([("127.0.0.1", 9)] * 2)
    assert place.counters.send_full == 2


def test_the_addresses_kept_are_bounded(stack: ExitStack) -> None:
    place = Place(stack, True, "127.0.0.1")
    for port in range(1, MAX_KNOWN + 3):
        place.batch._name(("127.0.0.1", port))
    assert len(place.batch._known) == 2


def test_addresses_in_the_kernels_form() -> None:
    four = sockaddr(("192.0.2.1", 258), six=False)
    assert four[2:] == bytes((1, 2, 192, 0, 2, 1)) + bytes(8)
    six = sockaddr(cast("Address", ("fe80::1", 258, 0x10203, 7)), six=True)
    assert six[2:8] == bytes((1, 2, 0, 1, 2, 3))
    assert six[8:24] == socket.inet_pton(socket.AF_INET6, "fe80::1")
    assert six[24:] == (7).to_bytes(4, "little")
    assert sockaddr(("::1", 9), six=True)[24:] == bytes(4)
    assert sockaddr(("", 9), six=False)[2:] == bytes(14)


def test_machines_that_send_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.byteorder", "big")
    assert module._find_sendmmsg() is None
    monkeypatch.undo()
    monkeypatch.setattr("sys.platform", "darwin")
    assert module._find_sendmmsg() is None
    monkeypatch.undo()
    monkeypatch.setattr(ctypes, "CDLL", lambda *_args, **_options: object())
    assert module._find_sendmmsg() is None
