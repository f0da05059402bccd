"""One simulated device: an offer over HTTP, then packets both ways.

Owns the join (``POST``), the leave (``DELETE``) and the wiring of replay and receiver
to the transport. When to come back after a loss is ``site``'s business, when to send
is the pacer's in ``run``.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import aiohttp
from aiortc.rtcdtlstransport import RTCCertificate
from yarl import URL

from bridge.simulator.content import Content
from bridge.simulator.publisher import AudioReplay, VideoReplay, feedback_in
from bridge.simulator.receiver import Receiver
from bridge.simulator.sdp import Direction, Kind, Line, build_offer, parse_answer
from bridge.simulator.transport import SecureTransport, certificate_fingerprint

__all__ = ["Device", "Endpoint", "JoinRefused", "exchange", "leave", "new_ssrc", "receiving"]

CONNECT_TIMEOUT_S = 8.0
_LEAVE_TIMEOUT_S = 2.0
_REPORT_INTERVAL_S = 1.0
_CAMERA, _MICROPHONE = "0", "1"  # mids
_FIRST_RECEIVING = 2


class JoinRefused(Exception):
    """The server answered an offer with something else than 201; the message says what."""


@dataclass(frozen=True)
class Endpoint:
    """Where and as whom an offer is posted.

    Attributes:
        url: absolute, with its query.
        token: bearer token.
    """

    url: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """Return the authorization header."""
        return {"Authorization": f"Bearer {self.token}"}


def new_ssrc() -> int:
    """Return a random SSRC, never 0."""
    return secrets.randbits(32) or 1


def receiving(*, video: int, audio: int, first_mid: int = _FIRST_RECEIVING) -> list[Line]:
    """Return receive-only lines: *video* picture slots, then *audio* sound slots."""
    kinds = [Kind.VIDEO] * video + [Kind.AUDIO] * audio
    return [
        Line(kind, Direction.RECEIVE, str(first_mid + number)) for number, kind in enumerate(kinds)
    ]


async def exchange(http: aiohttp.ClientSession, endpoint: Endpoint, offer: str) -> tuple[str, URL]:
    """Post *offer*; return the answer and the URL whose ``DELETE`` ends it.

    Raises:
        JoinRefused: not 201, or no ``Location``.
        aiohttp.ClientError: no connection.
    """
    headers = {"Content-Type": "application/sdp", **endpoint.headers}
    async with http.post(endpoint.url, data=offer.encode(), headers=headers) as response:
        text = await response.text()
        location = response.headers.get("Location", "")
        if response.status != 201 or not location:
            raise JoinRefused(f"{response.status} from {response.url.path}: {text[:200]}")
        return text, response.url.join(URL(location))


async def leave(http: aiohttp.ClientSession, endpoint: Endpoint, location: URL) -> None:
    """End a peer; a server that is gone needs no goodbye."""
    timeout = aiohttp.ClientTimeout(total=_LEAVE_TIMEOUT_S)
    try:
        async with http.delete(location, headers=endpoint.headers, timeout=timeout):
            pass
    except (aiohttp.ClientError, TimeoutError):
        pass


class Device:
    """A camera and a microphone, and what comes back for them.

    Args:
        content: what is sent.
        certificate: for DTLS, may be shared by the process.
        lines: what to receive, made by :func:`receiving`.
        clock: monotonic seconds.
        unix: Unix seconds, for sender reports.
        phase_s: delay of the first frame, so that devices do not send in step.
        on_lost: called once when the connection is gone.
        local_host: address to bind and to offer as a candidate; empty for an ICE-lite
            server, which needs none.
    """

    def __init__(
        self,
        content: Content,
        *,
        certificate: RTCCertificate,
        lines: Sequence[Line],
        clock: Callable[[], float],
        unix: Callable[[], float],
        phase_s: float,
        on_lost: Callable[[], None],
        local_host: str = "",
    ) -> None:
        start = clock() + phase_s
        self.video = VideoReplay(
            content.video,
            mid=_CAMERA,
            ssrc=new_ssrc(),
            rtx_ssrc=new_ssrc(),
            start=start,
            first_sequence=secrets.randbits(15),
        )
        self.audio = AudioReplay(
            content.speech,
            content.room,
            mid=_MICROPHONE,
            ssrc=new_ssrc(),
            start=start,
            first_sequence=secrets.randbits(15),
        )
        self.receiver = Receiver(self.video.ssrc)
        self.transport = SecureTransport(certificate, self, on_lost, local_host=local_host)
        self._receive = list(lines)
        self._clock = clock
        self._unix = unix
        self._local_host = local_host
        self._joined: tuple[Endpoint, URL] | None = None
        self._next_report = start + _REPORT_INTERVAL_S
        self._connected = False

    def offer(self) -> str:
        """Return the session description to post."""
        lines = [
            Line(
                Kind.VIDEO,
                Direction.SEND,
                _CAMERA,
                ssrc=self.video.ssrc,
                rtx_ssrc=self.video.rtx_ssrc,
            ),
            Line(Kind.AUDIO, Direction.SEND, _MICROPHONE, ssrc=self.audio.ssrc),
            *self._receive,
        ]
        return build_offer(
            lines,
            session_id=secrets.randbits(60),
            ufrag=self.transport.ice.ufrag,
            password=self.transport.ice.password,
            fingerprint=certificate_fingerprint(self.transport.certificate),
            candidate=self.transport.bind() if self._local_host else None,
        )

    async def join(self, http: aiohttp.ClientSession, endpoint: Endpoint) -> None:
        """Post the offer and bring the media connection up.

        The caller closes the device whether this succeeds or not.

        Raises:
            JoinRefused: the server does not take the offer.
            ConnectionError: no media path, or the handshake failed.
            ValueError: the answer cannot be used.
            aiohttp.ClientError: no HTTP connection.
        """
        text, location = await exchange(http, endpoint, self.offer())
        self._joined = endpoint, location
        await self.accept(text)

    async def accept(self, answer: str) -> None:
        """Bring the media connection up with the server's *answer*.

        Raises:
            ConnectionError: no media path, or the handshake failed.
            ValueError: the answer cannot be used.
        """
        await self.transport.connect(parse_answer(answer), CONNECT_TIMEOUT_S)
        self._connected = True

    def tick(self, now: float) -> None:
        """Send what is due."""
        if not self._connected:
            return
        for packet in self.video.due(now):
            self.transport.send_rtp(packet)
        for packet in self.audio.due(now):
            self.transport.send_rtp(packet)
        if now >= self._next_report:
            self._next_report = now + _REPORT_INTERVAL_S
            unix_s = self._unix()
            self.transport.send_rtcp(
                self.video.report(now, unix_s)
                + self.audio.report(now, unix_s)
                + self.receiver.reports(now)
            )

    def rtp_received(self, datagram: bytes) -> None:
        """Count what the server sends."""
        self.receiver.rtp(datagram)

    def rtcp_received(self, compound: bytes) -> None:
        """Answer key frame requests and repair what was lost."""
        for wants_key_frame, media, missing in feedback_in(compound):
            if media != self.video.ssrc:
                continue
            if wants_key_frame:
                self.video.want_key_frame()
            for packet in self.video.repairs(missing):
                self.transport.send_rtp(packet)
        self.receiver.rtcp(compound, self._clock())

    async def close(self, http: aiohttp.ClientSession | None = None) -> None:
        """End the media connection; with *http*, tell the server too."""
        self._connected = False
        joined, self._joined = self._joined, None
        if http is not None and joined is not None:
            async with asyncio.timeout(_LEAVE_TIMEOUT_S + 1):
                await leave(http, *joined)
        await self.transport.close()
