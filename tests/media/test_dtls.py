"""Handshakes in both roles, with ECDSA and RSA, and every name of aiortc we lean on."""

from __future__ import annotations

import asyncio
import datetime as dt

import aiortc
import pytest
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_PROFILES,
    RTCCertificate,
    RTCDtlsTransport,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from OpenSSL import SSL

from bridge.errors import Code, MediaError
from bridge.media import dtls
from bridge.media.dtls import PRIVATE_NAMES, QUEUE_SIZE, Certificate, DtlsConnection
from bridge.media.srtp import SrtpPair
from tests.rtp.reference import build_header

PACKET = build_header(96, False, 7, 9, 11, has_ext=False) + b"payload"


class RsaCertificate(Certificate):
    """What GStreamer and GnuTLS builds of FFmpeg present."""

    def __init__(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "rsa")])
        now = dt.datetime.now(tz=dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .sign(key, hashes.SHA256())
        )
        super().__init__(key=key, cert=certificate)  # type: ignore[arg-type]


class Wire:
    """Two connections that hear each other."""

    def __init__(self, ours: Certificate, theirs: Certificate, *, forged: bool = False) -> None:
        self.closed: list[str] = []
        self.lost = False
        fingerprint = "00:00" if forged else theirs.fingerprint
        self.server = DtlsConnection(
            ours,
            self._to_client,
            active=False,
            fingerprints=[("sha-256", fingerprint)],
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
        if not self.lost:
            self.client.receive(data)

    def _to_server(self, data: bytes) -> None:
        if not self.lost:
            self.server.receive(data)

    async def handshake(self) -> tuple[SrtpPair, SrtpPair]:
        pair = await asyncio.gather(self.server.handshake(), self.client.handshake())
        return pair[0], pair[1]

    async def close(self) -> None:
        await asyncio.gather(self.server.close(), self.client.close())


def test_the_private_names_we_use_are_there() -> None:
    assert aiortc.__version__.startswith("1.16.")
    for name in PRIVATE_NAMES:
        owner, _, attribute = name.rpartition(".")
        if owner:
            assert callable(
                getattr({"RTCCertificate": RTCCertificate}.get(owner, RTCDtlsTransport), attribute)
            )
    transport = RTCDtlsTransport(object(), [RTCCertificate.generateCertificate()])  # type: ignore[arg-type]
    for name in PRIVATE_NAMES:
        if "." not in name:
            assert hasattr(transport, name), name
    assert transport.state == "new"


async def test_keys_fit_each_other() -> None:
    wire = Wire(Certificate.generateCertificate(), Certificate.generateCertificate())
    server, client = await wire.handshake()
    data = client.protect(PACKET)
    assert data is not None
    assert server.unprotect(data) == PACKET
    ssl = wire.server._transport._ssl
    assert ssl is not None
    assert ssl.get_selected_srtp_profile() == SRTP_AEAD_AES_128_GCM.openssl_profile
    await wire.close()


async def test_goodbye_is_heard_once() -> None:
    wire = Wire(Certificate.generateCertificate(), Certificate.generateCertificate())
    await wire.handshake()
    await wire.client.close()
    async with asyncio.timeout(5):
        while not wire.closed:
            await asyncio.sleep(0.001)
    await wire.server.close()
    assert wire.closed == ["server"]


@pytest.mark.parametrize("active", [True, False])
async def test_peers_with_an_rsa_certificate_are_understood(active: bool) -> None:
    mine, other = Certificate.generateCertificate(), RsaCertificate()
    wire = Wire(other, mine) if active else Wire(mine, other)
    server, client = await wire.handshake()
    data = server.protect(PACKET)
    assert data is not None
    assert client.unprotect(data) == PACKET
    await wire.close()


async def test_another_certificate_than_offered_is_refused() -> None:
    mine = Certificate.generateCertificate()
    wire = Wire(mine, Certificate.generateCertificate(), forged=True)
    client = asyncio.ensure_future(wire.client.handshake())
    with pytest.raises(MediaError, match="certificate") as refused:
        await wire.server.handshake()
    assert refused.value.code is Code.NO_VALID_CHECK
    await client
    await wire.close()


async def test_a_handshake_nobody_answers_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dtls, "HANDSHAKE_TIMEOUT_S", 0.05)
    wire = Wire(Certificate.generateCertificate(), Certificate.generateCertificate())
    wire.lost = True
    with pytest.raises(MediaError, match="too long"):
        await wire.client.handshake()
    await wire.close()


async def test_closing_during_the_handshake_ends_it() -> None:
    wire = Wire(Certificate.generateCertificate(), Certificate.generateCertificate())
    wire.lost = True
    shaking = asyncio.ensure_future(wire.client.handshake())
    await asyncio.sleep(0)
    await wire.client.close()
    with pytest.raises(MediaError):
        await shaking
    await wire.server.close()


async def test_garbage_does_not_hurt_and_a_flood_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dtls, "HANDSHAKE_TIMEOUT_S", 0.1)
    wire = Wire(Certificate.generateCertificate(), Certificate.generateCertificate())
    taken = [wire.server.receive(b"\x16" + bytes(40)) for _ in range(QUEUE_SIZE + 5)]
    assert taken == [True] * QUEUE_SIZE + [False] * 5
    with pytest.raises(MediaError):
        await wire.server.handshake()
    await wire.close()


async def test_one_context_serves_all_connections() -> None:
    certificate = Certificate.generateCertificate()
    context = certificate._create_ssl_context(SRTP_PROFILES)
    assert isinstance(context, SSL.Context)
    assert certificate._create_ssl_context(SRTP_PROFILES) is context
