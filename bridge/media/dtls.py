"""DTLS-SRTP handshakes (RFC 5764) by aiortc's ``RTCDtlsTransport``.

Owns: the only import of aiortc in the server, and every private name of it
that we touch (:data:`PRIVATE_NAMES`, guarded by a contract test). Knows
nothing of ICE, RTP or peers: datagrams come in through
:meth:`DtlsConnection.receive` and leave through a callable.

One certificate serves the whole process. We are DTLS server, except for an
offer of ``setup:passive`` (FFmpeg's WHIP): then we are client, and must
speak RSA suites too, because such peers may have RSA certificates.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
)

from bridge.errors import Code, MediaError
from bridge.media.srtp import SrtpPair

__all__ = ["PRIVATE_NAMES", "Certificate", "DtlsConnection"]

PRIVATE_NAMES: Final = (
    "RTCCertificate._create_ssl_context",
    "RTCDtlsTransport._set_role",
    "_rx_srtp",
    "_srtp_profiles",
    "_tx_srtp",
)

# aiortc's ECDSA suites first, then their RSA twins for peers with an RSA certificate.
CIPHERS: Final = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
    b"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:"
    b"ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA"
)
# A handshake has about six datagrams; more waiting ones are a flood.
QUEUE_SIZE: Final = 32
# From the first valid check to the keys; OpenSSL retransmits at 1, 2, 4 and 8 s.
HANDSHAKE_TIMEOUT_S: Final = 15.0
# close_notify is sent at once; nothing after it is worth waiting for.
CLOSE_TIMEOUT_S: Final = 1.0


class Certificate(RTCCertificate):
    """The certificate of this process, with one OpenSSL context for all its connections."""

    _context: Any = None

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> Any:  # noqa: ANN401 - pyOpenSSL
        if self._context is None:
            self._context = super()._create_ssl_context(srtp_profiles)
            self._context.set_cipher_list(CIPHERS)
        return self._context

    @property
    def fingerprint(self) -> str:
        """The SHA-256 fingerprint as in ``a=fingerprint`` (RFC 8122 5)."""
        return next(f.value for f in self.getFingerprints() if f.algorithm == "sha-256")


def _nothing() -> None:
    """Take the place of a callable that leads back to a peer, so that it is freed at once."""


def _unsent(_: bytes) -> None:
    raise ConnectionError("closed")


class _Path:
    """What ``RTCDtlsTransport`` wants of an ICE transport."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send_datagram = send
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUE_SIZE)

    def put(self, data: bytes | None) -> bool:
        if self._queue.full():
            if data is not None:
                return False
            self._queue.get_nowait()
        self._queue.put_nowait(data)
        return True

    def end(self) -> None:
        """Let whoever waits for a datagram see the end, and forget the peer."""
        self.put(None)
        self._send_datagram = _unsent

    async def _recv(self) -> bytes:
        data = await self._queue.get()
        if data is None:
            raise ConnectionError("closed")
        return data

    async def _send(self, data: bytes) -> None:
        self._send_datagram(data)


class _Transport(RTCDtlsTransport):
    """aiortc's transport, with AES-128-GCM preferred."""

    def __init__(self, path: Any, certificate: Certificate) -> None:  # noqa: ANN401 - duck-typed
        super().__init__(path, [certificate])
        # OpenSSL takes the server's first; 256 bits cost more CPU and protect nothing here.
        self._srtp_profiles = sorted(
            self._srtp_profiles, key=lambda profile: profile is not SRTP_AEAD_AES_128_GCM
        )


class DtlsConnection:
    """One DTLS association.

    Args:
        certificate: ours.
        send: called with each datagram to send.
        active: True if we send the ClientHello.
        fingerprints: ``(algorithm, value)`` pairs of the remote certificate, from its offer.
        on_closed: called once when the remote side closes or the association dies.
    """

    def __init__(
        self,
        certificate: Certificate,
        send: Callable[[bytes], None],
        *,
        active: bool,
        fingerprints: Sequence[tuple[str, str]],
        on_closed: Callable[[], None],
    ) -> None:
        self._path = _Path(send)
        self._transport = _Transport(self._path, certificate)
        self._transport._set_role("client" if active else "server")
        self._fingerprints = [RTCDtlsFingerprint(*f) for f in fingerprints]
        self._on_closed = on_closed
        self._transport.on("statechange", self._state_changed)

    def receive(self, data: bytes) -> bool:
        """Take one datagram of the association; False if it was dropped because too many wait."""
        return self._path.put(data)

    async def handshake(self) -> SrtpPair:
        """Run the handshake.

        Raises:
            MediaError: it failed, the certificate is not the one of the offer,
                or it took longer than :data:`HANDSHAKE_TIMEOUT_S`.
        """
        try:
            async with asyncio.timeout(HANDSHAKE_TIMEOUT_S):
                await self._transport.start(RTCDtlsParameters(self._fingerprints))
        except TimeoutError:
            raise MediaError(
                Code.NO_VALID_CHECK,
                "The DTLS handshake took too long: check that UDP passes in both directions.",
            ) from None
        if self._transport.state != "connected":
            raise MediaError(
                Code.NO_VALID_CHECK,
                "The DTLS handshake failed: send a new offer with this browser's certificate.",
            )
        inner: Any = self._transport
        return SrtpPair(inner._rx_srtp, inner._tx_srtp)

    def _state_changed(self) -> None:
        if self._transport.state == "closed":
            self._on_closed()

    async def close(self) -> None:
        """Send close_notify and forget the association; takes at most a second."""
        self._transport.remove_all_listeners()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._transport.stop()
        except TimeoutError:
            pass
        self._path.end()
        self._on_closed = _nothing
