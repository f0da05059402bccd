"""Checks of a peer that is where it was are answered by the native engine's thread."""

from __future__ import annotations

import errno
import select
import struct

import pytest
from aioice import stun
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.media.batch import sockaddr
from bridge.media.mux import CONTROL_BURST, MAX_CREDENTIALS
from bridge.media.udp import Address
from bridge.rtp.rtcp import Fir, Nack, Pli, ReceiverReport, Remb
from bridge.rtp.stun import build_answer
from tests.media.test_forwarder import CAMERA_ADDRESS, REPORTER, Relayed, relayed

TRANSACTION = bytes(range(12))
UFRAG, PASSWORD = "0123abcd", b"0123456789abcdef0123456789abcdef"


class Known:
    """A camera whose credentials the engine has, and what the event loop is left."""

    def __init__(self) -> None:
        self.world: Relayed
        _, self.world = relayed()
        self.left: list[tuple[bytes, Address]] = []
        self.world.engine._datagram = lambda data, address, _: self.left.append((data, address))
        self.endpoint = self.world.camera.endpoint
        self.endpoint.credentials = {UFRAG: PASSWORD}
        self.move(CAMERA_ADDRESS)

    def move(self, address: Address) -> None:
        self.endpoint.address = address
        known = self.world.engine._peers[self.endpoint]
        known.trust(self.endpoint.credentials)
        known.move(sockaddr(address, six=":" in address[0]))

    def receive(self, data: bytes, address: Address, now: float = 5.0) -> None:
        name = sockaddr(address, six=":" in address[0])
        self.world.engine.core.receive(data, name, now)

    def take(self, data: bytes, address: Address = CAMERA_ADDRESS) -> list[bytes]:
        """Receive one datagram; return what was answered at once."""
        self.world.net.sent.clear()
        self.receive(data, address)
        return list(self.world.net.sent)

    def called(self) -> bool:
        """Whether the event loop is called for what came."""
        return bool(select.select([self.world.engine.core.event], [], [], 0)[0])


def request(user: str = f"{UFRAG}:them", password: bytes = PASSWORD, **more: object) -> bytes:
    attributes: dict[str, object] = {"USERNAME": user, "PRIORITY": 7, **more}
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, TRANSACTION, attributes)
    message.add_message_integrity(password)
    return bytes(message)


def test_it_is_answered_at_once_and_the_event_loop_hears_of_it_later() -> None:
    known = Known()
    answers = known.take(request())
    assert answers == [build_answer(TRANSACTION, *CAMERA_ADDRESS, PASSWORD)]
    assert known.world.net.names[-1] == sockaddr(CAMERA_ADDRESS, six=False)
    assert not known.called()
    assert known.endpoint.heard == 0.0
    known.world.settle()
    assert known.endpoint.heard == 5.0
    assert known.left == []


@given(
    st.ip_addresses(),
    st.integers(1, 65535),
    st.text("ab:é", max_size=100),
    st.binary(min_size=1, max_size=64),
)
@example("::ffff:192.0.2.1", 1000, "", PASSWORD)
@example("2001:db8::1", 1, "x" * 55, b"k" * 64)
def test_answers_are_the_event_loops(host: object, port: int, rest: str, password: bytes) -> None:
    known = Known()
    address = (str(host), port)
    known.endpoint.credentials = {"other": b"another", UFRAG: password}
    known.move(address)
    answers = known.take(request(f"{UFRAG}:{rest}", password), address)
    assert answers == [build_answer(TRANSACTION, *address, password)]


def test_old_credentials_are_answered_as_long_as_they_hold() -> None:
    known = Known()
    names = [f"name{number}" for number in range(MAX_CREDENTIALS)]
    known.endpoint.credentials = {name: name.encode() * 2 for name in names}
    known.move(CAMERA_ADDRESS)
    for name in names:
        assert len(known.take(request(f"{name}:them", name.encode() * 2))) == 1
    assert known.take(request()) == []


def cut(data: bytes) -> bytes:
    """Return a check without its last attribute."""
    return data[:2] + struct.pack("!H", len(data) - 28) + data[4:-8]


def test_a_check_needs_no_fingerprint() -> None:
    assert len(Known().take(cut(request()))) == 1


@pytest.mark.parametrize(
    "data",
    [
        request(password=b"another password of any length...."),
        request("nobody:them"),
        request(UFRAG),
        request(f"{UFRAG}x:them"),
        request()[:-1],
        request()[:-1] + b"\0",
        cut(request())[:-1] + b"\0",
        request()[:4] + b"\0\0\0\0" + request()[8:],
        b"\1\1" + request()[2:],
        b"\0\1\0\4\x21\x12\xa4\x42" + TRANSACTION + b"\0\6\0\1",
        b"\0\1\0\0\x21\x12\xa4\x42" + TRANSACTION,
        request(SOFTWARE="x" * 600),
        b"\0",
        b"",
    ],
)
def test_whatever_is_no_check_of_it_is_left_to_the_event_loop(data: bytes) -> None:
    known = Known()
    assert known.take(data) == []
    assert known.called()
    known.world.settle()
    assert known.left == [(data, CAMERA_ADDRESS)]
    assert known.endpoint.heard == 0.0


@given(st.integers(0, 8 * len(cut(request())) - 1))
def test_nobody_can_change_a_check_unseen(bit: int) -> None:
    known = Known()
    forged = bytearray(cut(request()))
    forged[bit // 8] ^= 1 << bit % 8
    assert known.take(bytes(forged)) == []


def test_a_check_from_elsewhere_is_left_to_the_event_loop() -> None:
    known = Known()
    elsewhere = (CAMERA_ADDRESS[0], CAMERA_ADDRESS[1] + 1)
    assert known.take(request(), elsewhere) == []
    known.world.settle()
    assert known.left == [(request(), elsewhere)]
    known.move(elsewhere)
    assert len(known.take(request(), elsewhere)) == 1


def test_what_a_full_socket_does_not_take_is_left_to_the_event_loop() -> None:
    known = Known()
    known.world.net.answers.append(-errno.EAGAIN)
    assert known.take(request()) == []
    known.world.settle()
    assert known.left == [(request(), CAMERA_ADDRESS)]


def test_a_flood_of_checks_is_not_answered() -> None:
    known = Known()
    answered = sum(len(known.take(request())) for _ in range(CONTROL_BURST + 5))
    assert answered == CONTROL_BURST
    known.world.settle()
    assert known.world.counters.drops == {"peer_flood": 5}


def test_who_is_dismissed_is_not_answered() -> None:
    known = Known()
    known.world.engine.dismiss(known.world.camera)
    assert known.take(request()) == []


def test_only_credentials_of_a_usual_length_are_taken() -> None:
    known = Known()
    for credentials in ({"u" * 33: b"p"}, {"u": b"p" * 65}, {"": b"p"}):
        known.endpoint.credentials = credentials
        with pytest.raises(ValueError, match="too long"):
            known.world.engine.moved(known.endpoint)


@pytest.mark.parametrize(
    ("packet", "calls"),
    [
        (b"", False),
        (Remb(500_000, (1,)).to_bytes(), False),
        (Nack(REPORTER, 1, (5,)).to_bytes(), False),
        (Pli(REPORTER, 1).to_bytes(), True),
        (Fir(REPORTER, ((1, 2),)).to_bytes(), True),
    ],
)
def test_of_reports_only_those_that_want_a_key_frame_call_the_event_loop(
    packet: bytes, calls: bool
) -> None:
    known = Known()
    compound = ReceiverReport(REPORTER).to_bytes() + packet
    watcher = known.world.watchers[0]
    known.world.report(watcher, compound)
    assert known.called() is calls
    known.world.settle()
    assert watcher.reports == [compound]
