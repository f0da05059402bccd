"""A small WebRTC client over real UDP: exact control over every packet, no codec.

It shares DTLS and the RTP parser with the server, but not its transport, SDP
or forwarding; Chromium, aiortc and FFmpeg are the independent ends.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aioice import stun

from bridge.media.dtls import Certificate, DtlsConnection
from bridge.media.srtp import SrtpPair
from bridge.rtp.demux import Kind, classify
from bridge.rtp.packet import RtpHeader, build_extensions, extension, parse_header
from bridge.rtp.rtcp import RtcpPacket, parse_compound
from tests.rtp.reference import build_header

Signal = Callable[[str], Awaitable[str]]

LEVEL_ID, MID_ID, RID_ID, RRID_ID, TIME_ID, TWCC_ID = 1, 4, 10, 11, 2, 3
URIS = {
    LEVEL_ID: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    MID_ID: "urn:ietf:params:rtp-hdrext:sdes:mid",
    RID_ID: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    RRID_ID: "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    TIME_ID: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    TWCC_ID: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
}
VP8, VP8_RTX, H264, H264_RTX, OPUS = 96, 97, 102, 103, 111

CERTIFICATE = Certificate.generate()
PUBLISHER = ("video sendonly", "audio sendonly")
VIEWER = ("video recvonly", "audio recvonly", "audio recvonly")


def vp8_key(picture: int = 1, size: tuple[int, int] = (640, 360), fill: int = 60) -> bytes:
    """Return the payload of a VP8 key frame in one packet, with a 15-bit PictureID and TL0."""
    descriptor = b"\x90\xc0" + (0x8000 | picture).to_bytes(2, "big") + bytes((picture & 0xFF,))
    head = b"\x10\x02\x00\x9d\x01\x2a"
    return (
        descriptor
        + head
        + size[0].to_bytes(2, "little")
        + size[1].to_bytes(2, "little")
        + bytes(fill)
    )


def vp8_delta(picture: int, fill: int = 60) -> bytes:
    """Return the payload of a VP8 frame that is no key frame."""
    descriptor = b"\x90\xc0" + (0x8000 | picture).to_bytes(2, "big") + bytes((picture & 0xFF,))
    return descriptor + b"\x11" + bytes(fill)


def offer_text(
    lines: tuple[str, ...],
    *,
    ufrag: str,
    password: str,
    setup: str = "actpass",
    rids: tuple[str, ...] = (),
    rtx: bool = True,
    vp8: bool = True,
    h264: bool = True,
    uris: Mapping[int, str] = URIS,
) -> str:
    """Return an offer with one m-line per ``"kind direction"``, all with the extensions *uris*."""
    out = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    out.append("a=group:BUNDLE " + " ".join(str(i) for i in range(len(lines))))
    for mid, line in enumerate(lines):
        kind, direction = line.split()
        if kind == "audio":
            codecs = {OPUS: "opus/48000/2"}
        else:
            codecs = {VP8: "VP8/90000"} if vp8 else {}
            if vp8 and rtx:
                codecs[VP8_RTX] = "rtx/90000"
            if h264:
                codecs[H264] = "H264/90000"
                codecs[H264_RTX] = "rtx/90000"
        out += [
            f"m={kind} 9 UDP/TLS/RTP/SAVPF {' '.join(map(str, codecs))}",
            "c=IN IP4 0.0.0.0",
            f"a=ice-ufrag:{ufrag}",
            f"a=ice-pwd:{password}",
            f"a=fingerprint:sha-256 {CERTIFICATE.fingerprint}",
            f"a=setup:{setup}",
            f"a=mid:{mid}",
            f"a={direction}",
            "a=rtcp-mux",
            "a=rtcp-rsize",
        ]
        out += [f"a=extmap:{number} {uri}" for number, uri in uris.items()]
        out += [f"a=rtpmap:{number} {name}" for number, name in codecs.items()]
        if VP8_RTX in codecs:
            out.append(f"a=fmtp:{VP8_RTX} apt={VP8}")
        if H264 in codecs:
            out.append(
                f"a=fmtp:{H264} level-asymmetry-allowed=1;packetization-mode=1;"
                "profile-level-id=42e01f"
            )
            out.append(f"a=fmtp:{H264_RTX} apt={H264}")
        if rids and kind == "video" and direction == "sendonly":
            out += [f"a=rid:{rid} send" for rid in rids]
            out.append("a=simulcast:send " + ";".join(rids))
    return "\r\n".join(out) + "\r\n"


@dataclass
class Received:
    """One RTP packet as it came."""

    header: RtpHeader
    payload: bytes
    mid: str
    wire: bytes
    plain: bytes


@dataclass
class Client:
    """One peer. ``lines`` are ``"kind direction"`` per m-line; their indexes are the mids.

    ``uris`` are the header extensions it offers. It sends them under their usual numbers.
    """

    lines: tuple[str, ...]
    rids: tuple[str, ...] = ()
    rtx: bool = True
    vp8: bool = True
    h264: bool = True
    uris: Mapping[int, str] = field(default_factory=lambda: URIS)
    passive: bool = False
    rtp: list[Received] = field(default_factory=list)
    rtcp: list[RtcpPacket] = field(default_factory=list)
    answer: str = ""
    keep: bool = True
    """Keep received packets; off for load."""
    received: int = 0
    sent: int = 0

    def __post_init__(self) -> None:
        self.mid_id = next((n for n, uri in self.uris.items() if uri == URIS[MID_ID]), 0)
        self.ufrag = secrets.token_hex(4)
        self.password = secrets.token_hex(12)
        self.srtp: SrtpPair | None = None
        self.dtls: DtlsConnection | None = None
        self.server = ("", 0)
        self.remote_ufrag = self.remote_password = ""
        self.closed = asyncio.Event()
        self.checked = asyncio.Event()
        self.changed = asyncio.Event()
        self.sock = self._socket()

    def _socket(self) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.bind(("127.0.0.1", 0))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        return sock

    @property
    def offer(self) -> str:
        """The SDP offer."""
        return offer_text(
            self.lines,
            ufrag=self.ufrag,
            password=self.password,
            setup="passive" if self.passive else "actpass",
            rids=self.rids,
            rtx=self.rtx,
            vp8=self.vp8,
            h264=self.h264,
            uris=self.uris,
        )

    def take_answer(self, answer: str) -> None:
        """Read credentials and candidate from *answer*."""
        self.answer = answer
        found = dict(line.partition(":")[::2] for line in answer.split("\r\n"))
        self.remote_ufrag, self.remote_password = found["a=ice-ufrag"], found["a=ice-pwd"]
        candidate = next(v for k, v in found.items() if k == "a=candidate").split()
        self.server = (candidate[4], int(candidate[5]))

    async def connect(self, signal: Signal) -> None:
        """Offer, answer, check, handshake."""
        self.take_answer(await signal(self.offer))
        asyncio.get_running_loop().add_reader(self.sock.fileno(), self._readable)
        await self.check()
        fingerprint = self.answer.split("a=fingerprint:sha-256 ")[1].split("\r\n")[0]
        self.dtls = DtlsConnection(
            CERTIFICATE,
            self.send_raw,
            active=not self.passive,
            fingerprints=[("sha-256", fingerprint)],
            on_closed=self.closed.set,
        )
        self.srtp = await self.dtls.handshake()

    async def check(self, *, nominate: bool = True) -> None:
        """Send a connectivity check and wait for its answer."""
        self.checked.clear()
        async with asyncio.timeout(5):
            while not self.checked.is_set():
                self.send_check(nominate=nominate)
                try:
                    await asyncio.wait_for(self.checked.wait(), 0.2)
                except TimeoutError:
                    continue

    def check_bytes(self, *, nominate: bool = True, password: str = "") -> bytes:
        """Return a connectivity check."""
        attributes: dict[str, object] = {
            "USERNAME": f"{self.remote_ufrag}:{self.ufrag}",
            "PRIORITY": 1,
            "ICE-CONTROLLING": 7,
        }
        if nominate:
            attributes["USE-CANDIDATE"] = None
        message = stun.Message(
            message_method=stun.Method.BINDING,
            message_class=stun.Class.REQUEST,
            attributes=attributes,
        )
        message.add_message_integrity((password or self.remote_password).encode())
        return bytes(message)

    def send_check(self, *, nominate: bool = True) -> None:
        self.send_raw(self.check_bytes(nominate=nominate))

    def send_raw(self, data: bytes) -> None:
        self.sock.sendto(data, self.server)

    def rebind(self) -> None:
        """Go on from another port, as after a NAT rebinding."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(self.sock.fileno())
        self.sock.close()
        self.sock = self._socket()
        loop.add_reader(self.sock.fileno(), self._readable)

    def packet(
        self,
        mid: int,
        sequence: int,
        timestamp: int,
        payload: bytes,
        *,
        marker: bool = True,
        ssrc: int = 0,
        payload_type: int = 0,
        rid: str = "",
        rrid: str = "",
        wide: int | None = None,
        level: int | None = None,
    ) -> bytes:
        """Return an RTP packet of m-line *mid*, not encrypted; *level* is in -dBov."""
        kind = self.lines[mid].split()[0]
        items = [(MID_ID, str(mid).encode())] if MID_ID in self.uris else []
        if rid:
            items.append((RID_ID, rid.encode()))
        if rrid:
            items.append((RRID_ID, rrid.encode()))
        if wide is not None:
            items.append((TWCC_ID, wide.to_bytes(2, "big")))
        if level is not None:
            items.append((LEVEL_ID, bytes((level,))))
        number = payload_type or (OPUS if kind == "audio" else VP8)
        extensions = build_extensions(items)
        header = build_header(
            number,
            marker,
            sequence & 0xFFFF,
            timestamp & 0xFFFFFFFF,
            ssrc or 1000 + mid,
            bool(extensions),
        )
        return header + extensions + payload

    def send_rtp(self, packet: bytes) -> None:
        assert self.srtp is not None
        data = self.srtp.protect(packet)
        assert data is not None
        self.sent += 1
        self.send_raw(data)

    def send_rtcp(self, *packets: RtcpPacket) -> None:
        assert self.srtp is not None
        data = self.srtp.protect_rtcp(b"".join(packet.to_bytes() for packet in packets))
        assert data is not None
        self.send_raw(data)

    def ssrc(self, mid: int) -> int:
        """Return the SSRC the answer announces for m-line *mid*."""
        section = self.answer.split("\r\nm=")[1 + mid]
        return int(section.split("a=ssrc:")[1].split()[0])

    def _readable(self) -> None:
        for _ in range(64):
            try:
                data = self.sock.recv(2048)
            except OSError:
                return
            self._take(data)

    def _take(self, data: bytes) -> None:
        kind = classify(data)
        if kind is Kind.STUN:
            response = stun.parse_message(data)
            if response.check_message_integrity(self.remote_password.encode()):
                self.checked.set()
        elif kind is Kind.DTLS and self.dtls is not None:
            self.dtls.receive(data)
        elif kind is Kind.RTP and self.srtp is not None:
            self.received += 1
            if self.keep and (plain := self.srtp.unprotect(data)) is not None:
                header = parse_header(plain)
                mid = (extension(plain, header, self.mid_id) or b"").decode()
                payload = plain[header.payload_offset : header.payload_end]
                self.rtp.append(Received(header, payload, mid, data, plain))
        elif kind is Kind.RTCP and self.srtp is not None and self.keep:
            plain = self.srtp.unprotect_rtcp(data)
            if plain is not None:
                self.rtcp += parse_compound(plain)
        self.changed.set()

    async def until(self, condition: Callable[[], bool], timeout_s: float = 5.0) -> None:
        """Wait until *condition* holds; checked whenever something comes."""
        async with asyncio.timeout(timeout_s):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def close(self) -> None:
        if self.dtls is not None:
            await self.dtls.close()
        if self.sock.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self.sock.fileno())
            self.sock.close()


def video(client: Client, mid: str = "0") -> list[Received]:
    """Return what came in video m-line *mid*, without resent packets."""
    return [r for r in client.rtp if r.mid == mid and r.header.payload_type != VP8_RTX]


def audio(client: Client) -> list[Received]:
    """Return what came in all audio m-lines."""
    return [r for r in client.rtp if r.header.payload_type == OPUS]
