"""ICE and DTLS-SRTP of one simulated device: plain packets above, protected ones below.

Owns the order of the handshakes and the SRTP sessions; knows nothing of what the
packets mean. aiortc's ``RTCDtlsTransport`` does the handshake and the keys; media
datagrams pass it by, because its own path parses every packet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

import pylibsrtp
from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)

from bridge.simulator.ice import Candidate, IceAgent
from bridge.simulator.sdp import Answer

__all__ = ["MediaSink", "SecureTransport", "certificate_fingerprint"]


class MediaSink(Protocol):
    """What the device does with what arrives."""

    def rtp_received(self, datagram: bytes) -> None:
        """Take one SRTP packet, still protected; its header is readable as it is."""
        ...

    def rtcp_received(self, compound: bytes) -> None:
        """Take one RTCP compound, authentic and in the clear."""
        ...


def certificate_fingerprint(certificate: RTCCertificate) -> str:
    """Return the SHA-256 fingerprint for ``a=fingerprint``."""
    return next(item.value for item in certificate.getFingerprints() if item.algorithm == "sha-256")


class SecureTransport:
    """One device's way to the server.

    Args:
        certificate: may be shared by all devices of a process (making one takes 1 ms).
        sink: gets what arrives.
        on_lost: called once when the path is dead or the server has closed it.
        local_host: see :class:`IceAgent`.
    """

    def __init__(
        self,
        certificate: RTCCertificate,
        sink: MediaSink,
        on_lost: Callable[[], None],
        *,
        local_host: str = "",
    ) -> None:
        self.certificate = certificate
        self.ice = IceAgent(self._received, self.give_up, local_host=local_host)
        self.undecipherable = 0
        self._sink = sink
        self._on_lost: Callable[[], None] | None = on_lost
        # aiortc asks for its own ICE class but uses only role, _send and _recv of it
        self._dtls = RTCDtlsTransport(self.ice, [certificate])  # type: ignore[arg-type]
        self._outbound: pylibsrtp.Session | None = None
        self._inbound: pylibsrtp.Session | None = None

    def bind(self) -> Candidate:
        """Open the socket before the offer is made."""
        return self.ice.bind()

    async def connect(self, answer: Answer, timeout_s: float, *, pause_s: float = 0.0) -> None:
        """Bring up ICE, then DTLS, then SRTP.

        Args:
            answer: of the server.
            timeout_s: for each of the handshakes.
            pause_s: between them, for a server that drops a handshake it is not ready for; it
                would be repeated a second later.

        Raises:
            ConnectionError: the server did not answer in time, or is not who the answer says.
        """
        await self.ice.connect(answer.ice, timeout_s)
        await asyncio.sleep(pause_s)
        # the handshake's retransmission timers are aiortc's; the role is the answer's
        self._dtls._set_role("client" if answer.we_are_client else "server")
        parameters = RTCDtlsParameters(
            [RTCDtlsFingerprint(algorithm, value) for algorithm, value in answer.fingerprints]
        )
        try:
            async with asyncio.timeout(timeout_s):
                await self._dtls.start(parameters)
        except TimeoutError:
            raise ConnectionError("the DTLS handshake got no answer") from None
        if self._dtls.state != "connected":
            raise ConnectionError(f"DTLS handshake: {self._dtls.state}")
        self._outbound = self._dtls._tx_srtp
        self._inbound = self._dtls._rx_srtp
        self._dtls.add_listener("statechange", self._dtls_changed)

    def _dtls_changed(self) -> None:
        if self._dtls.state in ("closed", "failed"):
            self.give_up()

    def give_up(self) -> None:
        """Treat the connection as lost; ``on_lost`` is called, once."""
        on_lost, self._on_lost = self._on_lost, None
        if on_lost is not None:
            on_lost()

    def _received(self, datagram: bytes) -> None:
        if self._inbound is None or len(datagram) < 12:
            return
        if not 192 <= datagram[1] <= 223:  # RFC 5761: RTCP packet types
            self._sink.rtp_received(datagram)
            return
        try:
            compound = self._inbound.unprotect_rtcp(datagram)
        except pylibsrtp.Error:
            self.undecipherable += 1
            return
        self._sink.rtcp_received(compound)

    def decrypt(self, datagram: bytes) -> bytes | None:
        """Return the packet in the clear, or None if it is not authentic.

        SRTP keeps a replay window, so each datagram can be decrypted once.
        """
        if self._inbound is None:
            return None
        try:
            return self._inbound.unprotect(datagram)
        except pylibsrtp.Error:
            self.undecipherable += 1
            return None

    def send_rtp(self, packet: bytes) -> None:
        """Protect and send one RTP packet; nothing before :meth:`connect` returned."""
        if self._outbound is not None:
            self.ice.send(self._outbound.protect(packet))

    def send_rtcp(self, compound: bytes) -> None:
        """Protect and send one RTCP compound; nothing before :meth:`connect` returned."""
        if self._outbound is not None:
            self.ice.send(self._outbound.protect_rtcp(compound))

    async def close(self) -> None:
        """Say goodbye (DTLS close_notify) and close the socket."""
        self._on_lost = None
        self._outbound = self._inbound = None
        await self._dtls.stop()
        self.ice.close()
