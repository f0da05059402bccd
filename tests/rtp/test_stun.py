"""Checks and answers against aioice's, an independent reading of RFC 8489."""

from __future__ import annotations

import struct

import pytest
from aioice import stun
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.errors import ProtocolError
from bridge.rtp.stun import build_answer, is_authentic, parse_check

KEY = b"0123456789abcdef0123456789abcdef"
TRANSACTION = bytes(range(12))


def request(*, nominate: bool = False, user: str = "ours:theirs", key: bytes = KEY) -> bytes:
    """Return a check as libwebrtc sends it."""
    attributes: dict[str, object] = {"USERNAME": user, "ICE-CONTROLLING": 7, "PRIORITY": 1845494271}
    if nominate:
        attributes["USE-CANDIDATE"] = None
    message = stun.Message(
        stun.Method.BINDING, stun.Class.REQUEST, TRANSACTION, attributes=attributes
    )
    if key:
        message.add_message_integrity(key)
    return bytes(message)


def test_a_check_is_read() -> None:
    check = parse_check(request(nominate=True))
    assert check is not None
    assert (check.ufrag, check.transaction, check.nominated) == ("ours", TRANSACTION, True)
    assert is_authentic(request(nominate=True), check, KEY)
    plain = parse_check(request())
    assert plain is not None
    assert not plain.nominated


def test_only_the_right_key_makes_it_authentic() -> None:
    for data in (request(key=KEY[::-1]), request(key=b"")):
        check = parse_check(data)
        assert check is not None
        assert not is_authentic(data, check, KEY)


def test_nobody_can_change_a_check_unseen() -> None:
    data = request(nominate=True)[:-8]  # without the fingerprint, which would give it away
    data = data[:2] + struct.pack("!H", len(data) - 20) + data[4:]
    for place in range(len(data)):
        forged = bytearray(data)
        forged[place] ^= 1
        try:
            check = parse_check(bytes(forged))
        except ProtocolError:
            continue
        assert check is None or not is_authentic(bytes(forged), check, KEY), place


def test_what_follows_the_signature_is_not_read() -> None:
    signed = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, TRANSACTION, {"USERNAME": "a:b"})
    signed.add_message_integrity(KEY)
    data = bytes(signed)[:-8] + struct.pack(
        "!HH", 0x0025, 0
    )  # USE-CANDIDATE instead of FINGERPRINT
    data = data[:2] + struct.pack("!H", len(data) - 20) + data[4:]
    check = parse_check(data)
    assert check is not None
    assert is_authentic(data, check, KEY)
    assert not check.nominated


@pytest.mark.parametrize("kind", [b"\1\1", b"\0\x11", b"\0\3"])
def test_what_is_no_binding_request_is_none(kind: bytes) -> None:
    assert parse_check(kind + bytes(2) + b"\x21\x12\xa4\x42" + TRANSACTION) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        request()[:-1],
        request()[:4] + b"\0\0\0\0" + request()[8:],
        request()[:-1] + b"\0",
        b"\0\1\0\4\x21\x12\xa4\x42" + TRANSACTION + b"\0\6\0\1",
    ],
    ids=["empty", "cut", "no cookie", "wrong fingerprint", "attribute beyond the end"],
)
def test_what_is_malformed_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse_check(data)


@given(
    st.ip_addresses(),
    st.integers(0, 65535),
    st.binary(min_size=12, max_size=12),
    st.binary(min_size=1, max_size=80),
)
@example("2001:db8::1", 1, TRANSACTION, KEY)
def test_answers_are_what_aioice_would_send(
    host: object, port: int, transaction: bytes, key: bytes
) -> None:
    expected = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, transaction)
    expected.attributes["XOR-MAPPED-ADDRESS"] = (str(host), port)
    expected.add_message_integrity(key)
    mapped = getattr(host, "ipv4_mapped", None)
    if mapped is not None:
        expected.attributes.clear()
        expected.attributes["XOR-MAPPED-ADDRESS"] = (str(mapped), port)
        expected.add_message_integrity(key)
    assert build_answer(transaction, str(host), port, key) == bytes(expected)


def test_a_dual_stack_socket_answers_with_the_ipv4_address() -> None:
    four = build_answer(TRANSACTION, "192.0.2.1", 1000, KEY)
    assert build_answer(TRANSACTION, "::ffff:192.0.2.1", 1000, KEY) == four


@given(st.text("abc:é\0", max_size=9), st.booleans(), st.binary(min_size=1, max_size=40))
@example("", False, KEY)
def test_requests_are_read_as_aioice_reads_them(user: str, nominate: bool, key: bytes) -> None:
    data = request(nominate=nominate, user=user, key=key)
    expected = stun.parse_message(data)
    check = parse_check(data)
    assert check is not None
    assert check.ufrag.encode("latin-1") == user.encode().partition(b":")[0]
    assert check.nominated == ("USE-CANDIDATE" in expected.attributes)
    assert is_authentic(data, check, KEY) == expected.check_message_integrity(KEY)
    assert is_authentic(data, check, key)


@given(st.binary(max_size=80), st.integers(0, 130), st.binary(max_size=4))
def test_nothing_else_is_ever_raised(noise: bytes, place: int, put: bytes) -> None:
    whole = request()
    for data in (
        whole[:place] + put + whole[place + len(put) :],
        b"\0\1" + len(noise).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + TRANSACTION + noise,
    ):
        try:
            check = parse_check(data)
        except ProtocolError:
            continue
        assert check is None or not is_authentic(data, check, b"another key")
