"""Real lines between real networks: what comes out at the other end, and what is left behind."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.network.line import Line
from tests.network.namespaces import Namespace, NotPermitted

HUB = "10.77.0.1"


class Ends:
    """A line with a UDP socket at each end."""

    def __init__(self, stack: ExitStack) -> None:
        self.hub, self.client = Namespace(), Namespace()
        stack.callback(self.hub.close)
        stack.callback(self.client.close)
        self.hub.run("ip", "addr", "add", f"{HUB}/32", "dev", "lo")
        self.line = Line(1, self.client, self.hub, HUB)
        stack.callback(self.line.close)
        self.far = stack.enter_context(self.hub.socket())
        self.near = stack.enter_context(self.client.socket())
        self.far.bind((HUB, 0))
        self.near.connect(self.far.getsockname())
        for end in (self.far, self.near):
            end.settimeout(5)

    def ask(self, words: bytes = b"?") -> tuple[str, int]:
        """Send there and back; return the client's address as the hub sees it."""
        self.near.send(words)
        heard, address = self.far.recvfrom(2048)
        assert heard == words
        self.far.sendto(heard, address)
        assert self.near.recv(2048) == words
        return str(address[0]), int(address[1])


@pytest.fixture
def ends() -> Iterator[Ends]:
    with ExitStack() as stack:
        yield Ends(stack)


def test_delay_comes_twice_in_a_round_trip(ends: Ends) -> None:
    assert ends.ask() == ("10.77.1.2", ends.near.getsockname()[1])
    ends.line.both(delay_ms=40)
    begin = time.monotonic()
    ends.ask()
    assert time.monotonic() - begin >= 0.08


def test_counters_say_what_was_lost_where(ends: Ends) -> None:
    ends.line.up(loss=1.0)
    for _ in range(5):
        ends.near.send(b"lost")
    ends.line.up(loss=0.0)
    ends.ask()
    counters = ends.line.counters()
    assert (counters.up.lost, counters.up.delivered) == (5, 1)
    assert (counters.down.lost, counters.down.delivered) == (0, 1)


def test_blocked_udp_leaves_tcp(ends: Ends) -> None:
    ends.line.block_udp()
    ends.near.send(b"blocked")
    with (
        ends.hub.socket(socket.SOCK_STREAM) as server,
        ends.client.socket(socket.SOCK_STREAM) as client,
    ):
        server.bind((HUB, 0))
        server.listen()
        client.settimeout(5)
        client.connect(server.getsockname())
    ends.line.block_udp(False)
    ends.ask(b"free")
    assert ends.line.counters().up.blocked == 1


def test_an_outage_ends_by_itself(ends: Ends) -> None:
    ends.line.outage(60_000)
    ends.near.send(b"lost")
    assert ends.line.counters().up.blocked == 1
    ends.line.outage(0)
    ends.ask(b"back")


def test_a_rebinding_changes_address_and_port_as_seen_from_the_hub(ends: Ends) -> None:
    before = ends.ask()
    ends.line.rebind()
    ends.far.sendto(b"to nobody", before)
    after = ends.ask()
    assert after[0] != before[0]
    assert after[1] != before[1]
    assert ends.near.getsockname() == before


def test_a_client_moves_and_its_nat_with_it(ends: Ends) -> None:
    ends.line.move()
    ends.near = ends.client.socket()
    with ends.near:
        ends.near.settimeout(5)
        ends.near.connect(ends.far.getsockname())
        assert ends.ask()[0] == ends.line.address == "10.77.1.102"
        ends.line.rebind()
        assert ends.ask()[0] == "10.77.1.103"


def test_nothing_is_left_behind() -> None:
    with ExitStack() as stack:
        ends = Ends(stack)
        paths = [Path(ends.hub.path), Path(ends.client.path)]
        assert all(path.exists() for path in paths)
    assert not any(path.exists() for path in paths)


def test_without_permission_it_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.Popen

    def refused(_words: list[str], **options: object) -> object:
        return real(["sh", "-c", "echo not permitted >&2; exit 1"], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", refused)
    with pytest.raises(NotPermitted, match=r"run it as root.*not permitted"):
        Namespace()
