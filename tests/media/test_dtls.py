"""Handshakes with aiortc in both roles, over lines that lose, repeat and forge."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from OpenSSL import SSL

from bridge.errors import Code, MediaError
from bridge.media import dtls
from bridge.media.certificate import CIPHERS
from bridge.media.dtls import QUEUE_SIZE, REPEATS, Certificate, DtlsConnection
from bridge.media.dtls_records import ContentType, records
from bridge.media.profiles import PROFILES, Profile
from bridge.media.source import KEPT
from bridge.media.srtp import SrtpPair
from tests.rtp.reference import build_header

PACKET = build_header(96, False, 7, 9, 11, has_ext=False) + b"payload"
OURS, THEIRS = Certificate.generate(), Certificate.generate()
Filter = Callable[[bytes], list[bytes]]


KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def issued(subject: str, issuer: str) -> x509.Certificate:
    """Return a certificate of and by the one RSA key."""
    now = dt.datetime.now(tz=dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=subject == issuer, path_length=None), True)
        .sign(KEY, hashes.SHA256())
    )


def rsa_certificate() -> Certificate:
    """Return what GStreamer and GnuTLS builds of FFmpeg present."""
    return Certificate(KEY, issued("rsa", "rsa"))


def as_it_is(data: bytes) -> list[bytes]:
    return [data]


class Wire:
    """Two connections that hear each other, through filters."""

    def __init__(
        self,
        ours: Certificate = OURS,
        theirs: Certificate = THEIRS,
        *,
        fingerprints: list[tuple[str, str]] | None = None,
    ) -> None:
        self.closed: list[str] = []
        self.sent: list[tuple[str, bytes]] = []
        self.to_client: Filter = as_it_is
        self.to_server: Filter = as_it_is
        self.server = DtlsConnection(
            ours,
            self._to_client,
            active=False,
            fingerprints=fingerprints or [("sha-256", theirs.fingerprint)],
            on_closed=lambda: self.closed.append("server"),
        )
        self.client = DtlsConnection(
            theirs,
            self._to_server,
            active=True,
            fingerprints=[("sha-256", ours.fingerprint)],
            on_closed=lambda: self.closed.append("client"),
        )

    def _to_client(self, data: bytes) -> None:
        self.sent.append(("server", data))
        for each in self.to_client(data):
            self.client.receive(each)

    def _to_server(self, data: bytes) -> None:
        self.sent.append(("client", data))
        for each in self.to_server(data):
            self.server.receive(each)

    async def handshake(self) -> tuple[SrtpPair, SrtpPair]:
        pair = await asyncio.gather(self.server.handshake(), self.client.handshake())
        return pair[0], pair[1]

    async def close(self) -> None:
        await asyncio.gather(self.server.close(), self.client.close())


def fit(one: SrtpPair, other: SrtpPair) -> bool:
    """Return whether each understands the other."""
    there, back = one.protect(PACKET), other.protect_rtcp(b"\x80\xc9\x00\x01\x00\x00\x00\x01")
    assert there is not None
    assert back is not None
    return other.unprotect(there) == PACKET and one.unprotect_rtcp(back) is not None


async def test_keys_fit_each_other_and_nothing_of_openssl_stays() -> None:
    wire = Wire()
    server, client = await wire.handshake()
    assert fit(server, client)
    assert [each.state for each in (wire.server, wire.client)] == ["connected"] * 2
    for each in (wire.server, wire.client):
        assert not any(isinstance(held, SSL.Connection) for held in vars(each).values())
    await wire.close()


# --- aiortc at the other end ------------------------------------------------------------


class Path:
    """What aiortc's transport wants of ICE."""

    role = "controlling"

    def __init__(self, send: Callable[[bytes], object]) -> None:
        self._deliver = send
        self.queue: asyncio.Queue[bytes] = asyncio.Queue()

    async def _recv(self) -> bytes:
        return await self.queue.get()

    async def _send(self, data: bytes) -> None:
        self._deliver(data)


class Suite(RTCCertificate):
    """aiortc's certificate, for one cipher suite."""

    suite = b""

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        context = super()._create_ssl_context(srtp_profiles)
        context.set_cipher_list(self.suite)
        return context


class Aiortc:
    """aiortc's transport, connected with one of ours."""

    def __init__(self, *, active: bool, suite: bytes) -> None:
        """*active*: whether we are the client."""
        self.closed = asyncio.Event()
        self.path = Path(self._receive)
        certificate = Suite.generateCertificate()
        certificate.suite = suite
        self.theirs = RTCDtlsTransport(self.path, [certificate])  # type: ignore[arg-type]
        self.theirs._set_role("server" if active else "client")
        self.ours = DtlsConnection(
            OURS,
            self.path.queue.put_nowait,
            active=active,
            fingerprints=[(f.algorithm, f.value) for f in certificate.getFingerprints()],
            on_closed=self.closed.set,
        )

    def _receive(self, data: bytes) -> None:
        self.ours.receive(data)

    async def handshake(self) -> SrtpPair:
        parameters = RTCDtlsParameters([RTCDtlsFingerprint("sha-256", OURS.fingerprint)])
        keys, _ = await asyncio.gather(self.ours.handshake(), self.theirs.start(parameters))
        return keys

    async def theirs_closed(self) -> None:
        async with asyncio.timeout(20):
            while self.theirs.state != "closed":
                await asyncio.sleep(0.001)


SUITES = [
    suite for suite in CIPHERS.split(b":") if b"ECDSA" in suite
]  # of a peer with an ECDSA certificate


@pytest.mark.parametrize("active", [True, False], ids=["client", "server"])
@pytest.mark.parametrize("suite", SUITES, ids=bytes.decode)
async def test_aiortc_and_we_have_the_same_keys(suite: bytes, active: bool) -> None:
    there = Aiortc(active=active, suite=suite)
    keys = await there.handshake()
    theirs: Any = there.theirs
    assert fit(keys, SrtpPair(theirs._rx_srtp, theirs._tx_srtp))
    await there.ours.close()
    await there.theirs_closed()  # it has read our goodbye


@pytest.mark.parametrize("active", [True, False], ids=["client", "server"])
@pytest.mark.parametrize("suite", SUITES[:2], ids=bytes.decode)
async def test_the_goodbye_of_aiortc_is_understood(suite: bytes, active: bool) -> None:
    there = Aiortc(active=active, suite=suite)
    await there.handshake()
    await there.theirs.stop()
    async with asyncio.timeout(20):
        await there.closed.wait()
    await there.ours.close()


@pytest.mark.parametrize("active", [True, False], ids=["client", "server"])
async def test_a_suite_with_cbc_says_goodbye_in_vain(active: bool) -> None:
    there = Aiortc(active=active, suite=SUITES[2])
    await there.handshake()
    await there.theirs.stop()
    assert not there.closed.is_set()
    await there.ours.close()


async def test_the_first_profile_of_ours_is_taken() -> None:
    """aiortc prefers AES-256-GCM; the server chooses."""
    there = Aiortc(active=False, suite=SUITES[0])
    await there.handshake()
    assert there.theirs._ssl is not None
    assert there.theirs._ssl.get_selected_srtp_profile() == PROFILES[0].name
    assert PROFILES[0].name == b"SRTP_AEAD_AES_128_GCM"
    await there.ours.close()
    await there.theirs_closed()


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name.decode())
def test_every_profile_makes_keys_that_fit(profile: Any) -> None:
    material = bytes(range(profile.material))
    assert fit(profile.pair(material, client=True), profile.pair(material, client=False))


def test_everything_that_is_kept_can_be_sent_again() -> None:
    material = bytes(range(PROFILES[0].material))
    ours = PROFILES[0].pair(material, client=True)
    theirs = PROFILES[0].pair(material, client=False)
    packets = [build_header(96, False, n, 0, 11, has_ext=False) + b"." for n in range(KEPT)]
    sent = [ours.protect(packet) for packet in packets]
    assert ours.protect(packets[0]) == sent[0]
    late = [wire for wire in reversed(sent) if wire is not None]
    assert [theirs.unprotect(wire) for wire in late] == packets[::-1]


def test_profiles_that_libsrtp_lacks_are_left_out() -> None:
    assert all(profile.usable() for profile in PROFILES)
    assert not Profile(b"SRTP_UNHEARD_OF", 99, 16, 12).usable()


async def test_a_peer_without_srtp_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(SSL.Context, "set_tlsext_use_srtp", lambda *_: None)
        mute = Certificate.generate()
    wire = Wire(OURS, mute)
    results = await asyncio.gather(
        wire.server.handshake(), wire.client.handshake(), return_exceptions=True
    )
    assert [type(refused) for refused in results] == [MediaError, MediaError]
    await wire.close()


@pytest.mark.parametrize("active", [True, False])
async def test_peers_with_an_rsa_certificate_are_understood(active: bool) -> None:
    other = rsa_certificate()
    wire = Wire(other, OURS) if active else Wire(OURS, other)
    assert fit(*await wire.handshake())
    await wire.close()


# --- whose certificate ------------------------------------------------------------------


@pytest.mark.parametrize(
    "fingerprints",
    [
        [("sha-256", "00:00")],
        [("sha-256", THEIRS.fingerprint), ("SHA-512", "00:00")],
        [("md5", "00:00")],
    ],
    ids=["another", "one of two", "unknown algorithm"],
)
async def test_another_certificate_than_offered_is_refused(
    fingerprints: list[tuple[str, str]],
) -> None:
    wire = Wire(fingerprints=fingerprints)
    results = await asyncio.gather(
        wire.server.handshake(), wire.client.handshake(), return_exceptions=True
    )
    for refused in results:  # the peer too: OpenSSL's alert tells it
        assert isinstance(refused, MediaError)
        assert refused.code is Code.NO_VALID_CHECK
        assert "certificate" in refused.message
    await wire.close()


async def test_case_of_a_fingerprint_does_not_matter() -> None:
    wire = Wire(fingerprints=[("SHA-256", THEIRS.fingerprint.lower()), ("md5", "00")])
    assert fit(*await wire.handshake())
    await wire.close()


async def test_who_signed_a_certificate_does_not_matter() -> None:
    """Some encoders show one of a company, and the company's."""
    theirs = Certificate(KEY, issued("encoder", "company"))
    theirs.context.add_extra_chain_cert(issued("company", "company"))
    wire = Wire(OURS, theirs)
    assert fit(*await wire.handshake())
    await wire.close()


# --- goodbyes ---------------------------------------------------------------------------


async def test_goodbye_is_heard_once() -> None:
    wire = Wire()
    await wire.handshake()
    await wire.client.close()
    assert wire.closed == ["server"]
    await wire.server.close()
    await wire.client.close()
    assert wire.closed == ["server"]


async def test_a_goodbye_right_behind_the_handshake_is_heard() -> None:
    wire = Wire()
    held: list[bytes] = []

    def hold_the_end(data: bytes) -> list[bytes]:
        if data[0] == ContentType.HANDSHAKE:
            return [data]
        held.append(data)
        return []

    wire.to_client = hold_the_end
    client = asyncio.ensure_future(wire.client.handshake())
    await wire.server.handshake()
    await wire.server.close()
    assert [data[0] for data in held] == [ContentType.CHANGE_CIPHER_SPEC, ContentType.ALERT]
    for data in held:
        wire.client.receive(data)
    await client
    assert wire.closed == ["client"]
    await wire.client.close()


async def test_a_forged_goodbye_is_not_believed() -> None:
    wire = Wire()
    await wire.handshake()
    kept = list(wire.sent)
    wire.to_server = lambda _: []
    await wire.client.close()
    (_, goodbye), *more = wire.sent[len(kept) :]
    assert not more
    assert [record.kind for record in records(goodbye)] == [ContentType.ALERT]
    for at in range(len(goodbye)):
        wire.server.receive(goodbye[:at] + bytes([goodbye[at] ^ 1]) + goodbye[at + 1 :])
        wire.server.receive(goodbye[:at])
    wire.server.receive(bytes([21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0]))  # in plain text
    assert wire.closed == []
    wire.server.receive(goodbye)
    assert wire.closed == ["server"]
    await wire.close()


# --- lines that lose --------------------------------------------------------------------


class Losing:
    """Lets pass all but some datagrams, by their number."""

    def __init__(self, *lost: int) -> None:
        self._lost = lost
        self._number = -1

    def __call__(self, data: bytes) -> list[bytes]:
        self._number += 1
        return [] if self._number in self._lost else [data]


@pytest.mark.parametrize("who", ["to_client", "to_server"])
@pytest.mark.parametrize("number", [0, 1])
async def test_a_lost_flight_is_repeated(who: str, number: int) -> None:
    """Number 1 to the client is our last flight, which nobody but us can repeat."""
    wire = Wire()
    setattr(wire, who, Losing(number))
    assert fit(*await wire.handshake())
    await wire.close()


async def test_the_last_flight_is_repeated_as_it_was_and_not_for_ever() -> None:
    wire = Wire()
    await wire.handshake()
    ours = [data for sender, data in wire.sent if sender == "server"]
    last = [data for sender, data in wire.sent if sender == "client"][-1]
    wire.to_client = lambda _: []
    del wire.sent[:]
    for _ in range(REPEATS + 5):
        wire.server.receive(last)
    assert wire.sent == [("server", ours[-1])] * REPEATS
    await wire.close()


async def test_what_comes_before_the_handshake_waits_for_it() -> None:
    wire = Wire()
    client = asyncio.ensure_future(wire.client.handshake())
    while not wire.sent:
        await asyncio.sleep(0)
    server = asyncio.ensure_future(wire.server.handshake())
    assert fit(await server, await client)
    assert len([data for sender, data in wire.sent if sender == "client"]) == 2, "none again"
    await wire.close()


async def test_datagrams_that_come_twice_do_no_harm() -> None:
    wire = Wire()
    wire.to_client = wire.to_server = lambda data: [data, data]
    assert fit(*await wire.handshake())
    await wire.close()


async def test_no_datagram_is_longer_than_the_line_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dtls, "MTU", 300)
    wire = Wire()
    assert fit(*await wire.handshake())
    assert max(len(data) for _, data in wire.sent) <= 300
    assert any(one[0] == other[0] == "server" for one, other in pairwise(wire.sent))
    await wire.close()


async def test_a_handshake_nobody_answers_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dtls, "HANDSHAKE_TIMEOUT_S", 0.05)
    wire = Wire()
    wire.to_server = lambda _: []
    with pytest.raises(MediaError, match="too long"):
        await wire.client.handshake()
    assert wire.client.receive(b"\x16" + bytes(40)), "and nothing happens"
    await wire.close()


async def test_openssl_may_lose_patience_before_us(monkeypatch: pytest.MonkeyPatch) -> None:
    def enough(_: object) -> None:
        raise SSL.Error

    monkeypatch.setattr(SSL.Connection, "DTLSv1_get_timeout", lambda _: 0.01)
    monkeypatch.setattr(SSL.Connection, "DTLSv1_handle_timeout", enough)
    wire = Wire()
    with pytest.raises(MediaError, match="too long"):
        await wire.client.handshake()
    await wire.close()


async def test_closing_during_the_handshake_ends_it() -> None:
    wire = Wire()
    wire.to_server = lambda _: []
    shaking = asyncio.ensure_future(wire.client.handshake())
    while not wire.sent:
        await asyncio.sleep(0)
    await wire.client.close()
    with pytest.raises(MediaError):
        await shaking
    await wire.server.close()
    with pytest.raises(MediaError):
        await wire.server.handshake()


# --- floods and garbage -----------------------------------------------------------------


async def test_garbage_does_not_hurt_and_a_flood_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dtls, "HANDSHAKE_TIMEOUT_S", 0.1)
    wire = Wire()
    taken = [wire.server.receive(b"\x16" + bytes(40)) for _ in range(QUEUE_SIZE + 5)]
    assert taken == [True] * QUEUE_SIZE + [False] * 5
    with pytest.raises(MediaError):
        await wire.server.handshake()
    await wire.close()


@given(st.lists(st.binary(max_size=60), max_size=8), st.integers(0, 2))
def test_no_datagram_raises(garbage: list[bytes], when: int) -> None:
    """Before the handshake, in it, and after it."""

    def header(data: bytes) -> bytes:
        return bytes([20 + len(data) % 6, 254, 253, 0, len(data) & 1]) + data

    async def live() -> None:
        errors: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, error: errors.append(error))
        wire = Wire()
        both = (wire.server, wire.client)
        if when == 2:
            await wire.handshake()
        tasks = [asyncio.ensure_future(each.handshake()) for each in both if when == 1]
        for data in garbage:
            for each in both:
                each.receive(data)
                each.receive(header(data))
            await asyncio.sleep(0)
        await wire.close()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(result, SrtpPair | MediaError)
        assert errors == []

    asyncio.run(live())


async def test_other_work_is_done_between_the_steps_of_many_handshakes() -> None:
    """Pages that come at once hold up nothing else for longer than one step takes."""
    wires = [Wire() for _ in range(10)]
    between: list[int] = []
    count = 0

    def counted(data: bytes) -> list[bytes]:
        nonlocal count
        count += 1
        return [data]

    def other_work() -> None:
        nonlocal count
        between.append(count)
        count = 0
        if not done.done():
            asyncio.get_running_loop().call_soon(other_work)

    for wire in wires:
        wire.to_client = wire.to_server = counted
    done = asyncio.ensure_future(asyncio.gather(*(wire.handshake() for wire in wires)))
    other_work()
    await done
    assert sum(between) >= 40
    assert max(between) == 1
    for wire in wires:
        await wire.close()


async def test_what_goes_wrong_in_a_step_is_told_to_who_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_: object) -> None:
        raise ValueError("a bug in cryptography")

    monkeypatch.setattr(SSL.Connection, "do_handshake", broken)
    wire = Wire()
    with pytest.raises(ValueError, match="a bug"):
        await wire.client.handshake()
    await wire.close()
