"""One viewer that costs little: real ICE and DTLS-SRTP, then headers are counted.

It checks its path, answers DTLS, reads the server's reports and sends its own, as a player
does. What it leaves out: it decrypts one packet in a thousand (to know that what is
counted is what was meant for it), decodes nothing, asks for no repairs and no key frames
and estimates no bandwidth.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol, TypedDict

from aiortc.rtcdtlstransport import SRTP_AEAD_AES_128_GCM, RTCCertificate
from aiortc.rtp import RtcpReceiverInfo, RtcpRrPacket

from bench.drain import Drain
from bridge.clock import monotonic
from bridge.simulator.media import CONNECT_TIMEOUT_S, new_ssrc
from bridge.simulator.sdp import parse_answer
from bridge.simulator.transport import MediaSink, SecureTransport, certificate_fingerprint

_SENDER_REPORT = 200


#: What :meth:`Viewer.figures` counts.
FIGURES = (
    *("viewers", "packets", "octets", "frames", "expected", "missing", "dropped"),
    *("lost", "sampled", "authentic"),
)


class Credentials(TypedDict):
    """What a session description says of one end."""

    ufrag: str
    password: str
    fingerprint: str


class OneCipher(SecureTransport):
    """Offers AES-128-GCM alone, so that all servers have the same work.

    Left to itself Janus takes AES-256, which would cost it more.
    """

    def __init__(
        self, certificate: RTCCertificate, sink: MediaSink, on_lost: Callable[[], None]
    ) -> None:
        super().__init__(certificate, sink, on_lost)
        self._dtls._srtp_profiles = [SRTP_AEAD_AES_128_GCM]


class Viewer:
    """One player: a video and an audio line."""

    def __init__(self, certificate: RTCCertificate, drain: Drain) -> None:
        self.lost = False
        self.authentic = 0
        self.sampled = 0
        self.place: int | None = None
        self.transport = OneCipher(certificate, self, self._lose)
        self.left: Any = None
        """Whatever the signalling wants to remember."""
        self._ssrc = new_ssrc()
        self._drain = drain
        self._heard: dict[int, tuple[int, float]] = {}

    @property
    def credentials(self) -> Credentials:
        """Return those of this end."""
        return {
            "ufrag": self.transport.ice.ufrag,
            "password": self.transport.ice.password,
            "fingerprint": certificate_fingerprint(self.transport.certificate),
        }

    def _lose(self) -> None:
        self.lost = True

    async def connect(self, description: str, *, pause_s: float = 0.0) -> None:
        """Bring the media connection up with what the server says of itself."""
        answer = parse_answer(description)
        await self.transport.connect(answer, CONNECT_TIMEOUT_S, pause_s=pause_s)
        types = dict(re.findall(r"a=rtpmap:(\d+) (VP8|opus)/", description))
        kinds = {codec: int(number) for number, codec in types.items()}
        opened = self.transport.ice.hand_over()
        self.place = self._drain.add(opened, kinds["VP8"], kinds["opus"], self.transport.ice.take)

    def rtp_received(self, datagram: bytes) -> None:
        """Decrypt what was drawn as a sample."""
        if self.place is not None:
            self.sampled += 1
            self.authentic += self.transport.decrypt(datagram) is not None

    def rtcp_received(self, compound: bytes) -> None:
        """Remember sender reports, for the round trip time of the server."""
        at = 0
        while at + 16 <= len(compound):
            if compound[at + 1] == _SENDER_REPORT:
                ssrc = int.from_bytes(compound[at + 4 : at + 8])
                middle = int.from_bytes(compound[at + 10 : at + 14])
                self._heard[ssrc] = middle, monotonic()
            at += 4 + 4 * int.from_bytes(compound[at + 2 : at + 4])

    def report(self) -> None:
        """Send a receiver report on all streams (RFC 3550 6.4.2)."""
        if self.place is None or self.lost:
            return
        blocks = []
        for stream in self._drain.viewers[self.place].streams:
            lsr, heard = self._heard.get(stream.ssrc, (0, 0.0))
            blocks.append(
                RtcpReceiverInfo(
                    ssrc=stream.ssrc,
                    fraction_lost=0,
                    packets_lost=max(0, stream.expected - stream.received),
                    highest_sequence=stream.highest - 65536,
                    jitter=stream.jitter >> 4,
                    lsr=lsr,
                    dlsr=int((monotonic() - heard) * 65536) if lsr else 0,
                )
            )
        if blocks:
            self.transport.send_rtcp(bytes(RtcpRrPacket(ssrc=self._ssrc, reports=blocks)))

    def figures(self) -> dict[str, int]:
        """Return what came so far."""
        if self.place is None:
            return {}
        counters = self._drain.viewers[self.place]
        return {
            "viewers": 1,
            "packets": counters.packets,
            "octets": counters.octets,
            "dropped": counters.dropped,
            "frames": sum(each.frames for each in counters.streams if each.kind == counters.video),
            "expected": sum(stream.expected for stream in counters.streams),
            "missing": sum(stream.expected - stream.received for stream in counters.streams),
            "lost": self.lost,
            "sampled": self.sampled,
            "authentic": self.authentic,
        }

    def stop_counting(self) -> None:
        """Read no more; to be called before the socket is closed."""
        if self.place is not None:
            self._drain.remove(self.place)
            self.place = None

    async def close(self) -> None:
        self.stop_counting()
        await self.transport.close()

    def vanish(self) -> None:
        """Be gone without a word, as a page whose device was switched off."""
        self.stop_counting()
        self.transport.ice.close()


class Signalling(Protocol):
    """How a viewer and a server exchange their descriptions."""

    async def join(self, viewer: Viewer) -> None:
        """Let *viewer* join.

        Raises:
            ConnectionError, JoinRefused, aiohttp.ClientError: it could not.
        """

    async def leave(self, viewer: Viewer) -> None:
        """Tell the server that *viewer* is gone."""
