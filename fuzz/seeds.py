"""Real input to begin with: packets of our own builders, offers of browsers and encoders."""

from __future__ import annotations

from aioice import stun

from bridge.media.answer import LocalDescription
from bridge.media.mux import Endpoint, Mux
from bridge.rtp.rtcp import (
    Bye,
    Fir,
    Nack,
    Pli,
    ReceiverReport,
    Remb,
    ReportBlock,
    SenderReport,
    SourceDescription,
    TransportFeedback,
    Unknown,
)
from tests.media import offers as real
from tests.media.client import PUBLISHER, VIEWER, VP8_RTX, Client, offer_text, vp8_delta, vp8_key

SSRC = 1000
UFRAG, PASSWORD = "fuzzfuzz", "f" * 32
FINGERPRINT = ":".join(["AB"] * 32)
LOCAL = LocalDescription(
    UFRAG, PASSWORD, FINGERPRINT, [("192.0.2.9", 40_000)], active=False, session_id=1, version=1
)
SLIDES_TOO = ("video sendonly", "audio sendonly", "video sendonly", "video recvonly")
PUBLISHES = offer_text(SLIDES_TOO, ufrag="u", password="p")
VIEWS = offer_text(VIEWER, ufrag="v", password="p")
# from x264: parameter sets of 1280x720 in the high profile
SPS = bytes.fromhex("6764001facb402802dd080000003008000001e478c1950")
PPS = bytes.fromhex("68ce0fc40c")


def known(mux: Mux, endpoint: Endpoint) -> None:
    """Give *endpoint* credentials that are the same in every run."""
    endpoint.ufrag, endpoint.password = UFRAG, PASSWORD
    endpoint.credentials = {UFRAG: PASSWORD.encode()}
    mux._by_ufrag.clear()
    mux._by_ufrag[UFRAG] = endpoint


def check(ufrag: str, password: str, *, nominate: bool = True) -> bytes:
    """Return a connectivity check as a browser sends it."""
    attributes: dict[str, object] = {
        "USERNAME": f"{ufrag}:them",
        "PRIORITY": 1_853_824_767,
        "ICE-CONTROLLING": 7,
    }
    if nominate:
        attributes["USE-CANDIDATE"] = None
    message = stun.Message(
        stun.Method.BINDING,
        stun.Class.REQUEST,
        transaction_id=b"123456789012",
        attributes=attributes,
    )
    message.add_message_integrity(password.encode())
    return bytes(message)


def _client() -> Client:
    client = Client(PUBLISHER)
    client.sock.close()
    return client


def rtp() -> list[bytes]:
    """Return packets of cameras and microphones."""
    packet = _client().packet
    plain = packet(1, 7, 960, b"opus", level=30)
    return [
        packet(0, 1, 3000, vp8_key(), wide=5, rid="h"),
        packet(0, 65_535, 6000, vp8_delta(2), wide=6),
        packet(0, 2, 3000, b"\0\1" + vp8_delta(1), payload_type=VP8_RTX, ssrc=1500, rrid="h"),
        plain,
        b"\xb2" + plain[1:12] + bytes(8) + plain[12:] + b"\0\0\3",  # CSRCs and padding
        b"\x90" + plain[1:12] + b"\x10\0\0\2" + b"\1\3abc\2\0\0" + b"opus",  # the two-byte form
    ]


def rtcp() -> list[bytes]:
    """Return compounds of browsers and players."""
    block = ReportBlock(SSRC, 12, -3, 70_000, 9, 5, 6)
    sender = SenderReport(SSRC, 1 << 60, 90_000, 10, 9000, (block,)).to_bytes()
    names = SourceDescription(((SSRC, "điểm cầu"), (SSRC + 1, ""))).to_bytes()
    return [
        sender + names,
        ReceiverReport(1, (block, block)).to_bytes() + Remb(1_500_000, (SSRC, 8)).to_bytes(),
        Nack(1, SSRC, (3, 5, 21, 900, 65_535, 0)).to_bytes(),
        Pli(1, SSRC).to_bytes() + Fir(1, ((SSRC, 3),)).to_bytes(),
        TransportFeedback(1, 2, 65_530, 900, 7, (3, None, None, 300, -2, *[1] * 30)).to_bytes(),
        Bye((SSRC, 2), "hết phiên").to_bytes(),
        Unknown(207, 3, b"12345678").to_bytes(),
    ]


def arrivals() -> list[bytes]:
    """Return numbers one after the other, with a gap, and around the wrap."""
    steady = b"".join(number.to_bytes(2, "big") + bytes((number % 32,)) for number in range(90))
    wrap = b"".join(
        (number & 0xFFFF).to_bytes(2, "big") + b"\x1f" for number in range(65_500, 65_570)
    )
    return [steady, wrap, steady[:60] + wrap[60:]]


def losses() -> list[bytes]:
    """Return a stream that loses each tenth packet, and one that begins anew."""
    lossy = b"".join(n.to_bytes(2, "big") + bytes((9, n & 255)) for n in range(99) if n % 10)
    return [lossy, lossy + b"".join(n.to_bytes(2, "big") + b"\1\3" for n in range(40_000, 40_030))]


def payloads() -> list[bytes]:
    """Return key frames and others."""
    together = b"\x78" + b"".join(len(unit).to_bytes(2, "big") + unit for unit in (SPS, PPS))
    fragments = [b"\x7c\x85" + bytes(30), b"\x7c\x05" + bytes(30)]
    return [vp8_key(), vp8_delta(3), b"\x10\0\0\0\x9d\1\x2a" + bytes(9), SPS, together, *fragments]


def datagrams() -> list[bytes]:
    """Return what comes to the port."""
    hello = b"\x16\xfe\xfd" + bytes(8) + b"\0\x10" + b"\1\0\0\4" + bytes(12)
    return [
        check(UFRAG, PASSWORD),
        check(UFRAG, PASSWORD, nominate=False),
        check(UFRAG, "wrong"),
        check("nobody", PASSWORD),
        hello,
        rtp()[0],
        rtcp()[0],
        b"\x50zrtp",
    ]


def offers() -> list[bytes]:
    """Return offers of browsers, encoders and players."""
    ours = [PUBLISHES, VIEWS, offer_text(PUBLISHER, ufrag="u", password="p", rids=("q", "h", "f"))]
    return [text.replace("\n", "\r\n").encode() for text in real.ALL.values()] + [
        text.encode() for text in ours
    ]


def fragments() -> list[bytes]:
    """Return trickled candidates, and an ICE restart."""
    restart = b"a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
    candidates = (
        b"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
        b"a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0\r\n"
        b"a=end-of-candidates\r\n"
    )
    return [restart + candidates, restart.replace(b"\r", b""), candidates]


def visits() -> list[bytes]:
    """Return what a publisher and a viewer send, with who and when before each datagram."""
    packet = _client().packet

    def said(how: int, data: bytes) -> bytes:
        return bytes((how << 3 | len(data) >> 8, len(data) & 255)) + data

    video = [packet(0, n, n * 3000, vp8_key(n) if n == 1 else vp8_delta(n)) for n in range(1, 7)]
    sound = [packet(1, n, n * 960, b"opus", level=20, wide=n) for n in range(1, 7)]
    publishes = b"".join(said(8, v) + said(0, s) for v, s in zip(video, sound, strict=True))
    loses = b"".join(said(8, v) for v in (video[0], video[2], video[5], video[1]))
    reports = b"".join(said(17 if n % 2 else 16, compound) for n, compound in enumerate(rtcp()))
    moves = said(8, video[0]) + said(10, video[1]) + said(14, check("nobody", PASSWORD))
    return [publishes, publishes + reports, loses + reports, moves, reports]
