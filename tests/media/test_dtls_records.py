"""DTLS records without OpenSSL, held against records that OpenSSL made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from OpenSSL import SSL

from bridge.media.certificate import CIPHERS
from bridge.media.dtls import Certificate
from bridge.media.dtls_records import HEADER, AlertReader, ContentType, Record, datagrams, records

SUITES = {
    "ECDHE-ECDSA-AES128-GCM-SHA256": True,
    "ECDHE-ECDSA-CHACHA20-POLY1305": True,
    "ECDHE-ECDSA-AES128-SHA": False,
}
"""Whether the goodbyes of a suite are understood."""


def record(kind: int, epoch: int, number: int, fragment: bytes) -> bytes:
    sequence = epoch.to_bytes(2, "big") + number.to_bytes(6, "big")
    return bytes([kind, 254, 253]) + sequence + len(fragment).to_bytes(2, "big") + fragment


def read(connection: SSL.Connection) -> bytes:
    try:
        return connection.bio_read(1 << 14)
    except SSL.WantReadError:
        return b""


def shake(connection: SSL.Connection) -> bool:
    try:
        connection.do_handshake()
    except SSL.WantReadError:
        return False
    return True


def associate(suite: str) -> tuple[SSL.Connection, SSL.Connection]:
    """Return a server and a client of OpenSSL that have shaken hands."""
    certificate = Certificate.generate()
    certificate.context.set_cipher_list(suite.encode())
    server, client = (SSL.Connection(certificate.context) for _ in range(2))
    for each in (server, client):
        each.set_app_data([("sha-256", certificate.fingerprint)])
        each.set_ciphertext_mtu(1200)
    server.set_accept_state()
    client.set_connect_state()
    done = False
    while not done:
        done = shake(client)
        if flight := read(client):
            server.bio_write(flight)
        shake(server)
        if flight := read(server):
            client.bio_write(flight)
    return server, client


def reader(connection: SSL.Connection, *, from_server: bool) -> AlertReader:
    return AlertReader(
        connection.get_cipher_name() or "",
        connection.master_key() or b"",
        connection.client_random() or b"",
        connection.server_random() or b"",
        from_server=from_server,
    )


def test_every_suite_we_offer_was_thought_of() -> None:
    offered = {name.replace(b"RSA", b"ECDSA", 1) for name in CIPHERS.split(b":") if b"-RSA" in name}
    assert {name.encode() for name in SUITES} == offered


@pytest.mark.parametrize("suite", SUITES)
def test_goodbyes_of_openssl_are_read_and_only_by_who_has_the_key(suite: str) -> None:
    server, client = associate(suite)
    read(server), read(client)
    for speaker, listener, from_server in ((client, server, False), (server, client, True)):
        speaker.send(b"data that nobody waits for")
        (data,) = records(read(speaker))
        speaker.shutdown()
        (goodbye,) = records(read(speaker))
        assert goodbye.kind == ContentType.ALERT
        assert goodbye.epoch == 1
        reads = reader(listener, from_server=from_server)
        assert reads.ends(goodbye) is SUITES[suite]
        assert not reads.ends(data)
        assert not reader(listener, from_server=not from_server).ends(goodbye)
        later = Record(goodbye.kind, goodbye.version, b"\0\1" + bytes(6), goodbye.fragment)
        assert not reads.ends(later), "its number is authentic too"


def encrypted(level: int, description: int) -> tuple[AlertReader, Record]:
    """Return an alert as a server sends it, and who reads it."""
    ours, there = AlertReader("AES128-GCM", b"m", b"c", b"s", from_server=True), bytes(8)
    sequence = b"\0\1" + bytes(6)
    about = sequence + bytes([ContentType.ALERT, 254, 253, 0, 2])
    assert ours._cipher is not None
    text = ours._cipher.aead(ours._key).encrypt(
        ours._salt + there, bytes([level, description]), about
    )
    return ours, Record(ContentType.ALERT, b"\xfe\xfd", sequence, there + text)


@pytest.mark.parametrize(
    ("level", "description", "ends"),
    [(1, 0, True), (2, 40, True), (2, 0, True), (1, 90, False)],
    ids=["close_notify", "fatal", "fatal close_notify", "a warning"],
)
def test_what_ends_an_association(level: int, description: int, ends: bool) -> None:
    ours, alert = encrypted(level, description)
    assert ours.ends(alert) is ends


SEQUENCES = st.binary(min_size=6, max_size=6).map(lambda number: b"\0\1" + number)


@given(
    st.just(ContentType.ALERT) | st.integers(0, 255),
    SEQUENCES | st.binary(min_size=8, max_size=8),
    st.binary(max_size=80),
)
def test_no_record_raises_and_none_by_chance_ends(
    kind: int, sequence: bytes, fragment: bytes
) -> None:
    for suite in (*SUITES, "unknown"):
        ours = AlertReader(suite, b"master", b"client", b"server", from_server=True)
        assert not ours.ends(Record(kind, b"\xfe\xfd", sequence, fragment))


@given(
    st.lists(
        st.builds(
            record,
            st.integers(0, 255),
            st.integers(0, 65535),
            st.integers(0, (1 << 48) - 1),
            st.binary(max_size=300),
        ),
        max_size=8,
    ),
    st.integers(1, 1000),
)
def test_flights_are_cut_between_records_only(made: list[bytes], mtu: int) -> None:
    packed = list(datagrams(b"".join(made), mtu))
    assert b"".join(packed) == b"".join(made)
    found = [list(records(data)) for data in packed]
    assert sum(map(len, found)) == len(made)
    for data, inside in zip(packed, found, strict=True):
        assert sum(HEADER + len(each.fragment) for each in inside) == len(data)
        assert len(data) <= mtu or len(inside) == 1
    for one, other in zip(packed, found[1:], strict=False):
        assert len(one) + HEADER + len(other[0].fragment) > mtu, "no datagram too many"


@given(st.binary(max_size=100))
def test_any_datagram_is_read_as_far_as_it_goes(data: bytes) -> None:
    found = list(records(data))
    read = b"".join(
        bytes([each.kind])
        + each.version
        + each.sequence
        + len(each.fragment).to_bytes(2, "big")
        + each.fragment
        for each in found
    )
    assert data.startswith(read)
    for mtu in (1, 50):
        assert b"".join(datagrams(data, mtu)) == data
