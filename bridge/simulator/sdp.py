"""The offer a simulated device makes and what it needs of the answer (RFC 8829, 8840, 9725).

Pure text in both directions. Payload types and extension numbers are ours to choose as
the offerer; the answer may refuse a line (port 0) but not renumber.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bridge.simulator.ice import Candidate, RemoteIce

__all__ = [
    "AUDIO_LEVEL_EXTENSION",
    "MID_EXTENSION",
    "OPUS",
    "OPUS_CLOCK",
    "VP8",
    "VP8_CLOCK",
    "VP8_RTX",
    "Answer",
    "Direction",
    "Kind",
    "Line",
    "build_offer",
    "parse_answer",
]

VP8, VP8_RTX, OPUS = 96, 97, 111
VP8_CLOCK, OPUS_CLOCK = 90_000, 48_000
MID_EXTENSION, AUDIO_LEVEL_EXTENSION = 1, 2


class Kind(StrEnum):
    """Kind of media, as the m-line says it."""

    AUDIO = "audio"
    VIDEO = "video"


class Direction(StrEnum):
    """Direction, seen from the offerer."""

    SEND = "sendonly"
    RECEIVE = "recvonly"


@dataclass(frozen=True)
class Line:
    """One m-line of the offer.

    Attributes:
        mid: identification, also sent in every packet.
        ssrc: of a line that sends; 0 otherwise.
        rtx_ssrc: of its repaired packets; 0 if none.
    """

    kind: Kind
    direction: Direction
    mid: str
    ssrc: int = 0
    rtx_ssrc: int = 0


@dataclass(frozen=True)
class Answer:
    """What the other side agreed to.

    Attributes:
        ice: where and how to reach it.
        fingerprints: (algorithm, value) of its DTLS certificate.
        we_are_client: we send the DTLS ClientHello (its ``a=setup`` is passive).
        accepted: mids of lines that were not refused.
    """

    ice: RemoteIce
    fingerprints: tuple[tuple[str, str], ...]
    we_are_client: bool
    accepted: frozenset[str]


def _line_text(
    line: Line, ufrag: str, password: str, fingerprint: str, candidate: Candidate | None
) -> list[str]:
    types = [OPUS] if line.kind is Kind.AUDIO else [VP8, VP8_RTX]
    text = [
        f"m={line.kind} 9 UDP/TLS/RTP/SAVPF {' '.join(map(str, types))}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        f"a=ice-ufrag:{ufrag}",
        f"a=ice-pwd:{password}",
        f"a=fingerprint:sha-256 {fingerprint}",
        "a=setup:actpass",
        f"a=mid:{line.mid}",
        f"a=extmap:{MID_EXTENSION} urn:ietf:params:rtp-hdrext:sdes:mid",
    ]
    if line.kind is Kind.AUDIO:
        text += [
            f"a=extmap:{AUDIO_LEVEL_EXTENSION} urn:ietf:params:rtp-hdrext:ssrc-audio-level",
            f"a={line.direction}",
            "a=rtcp-mux",
            f"a=rtpmap:{OPUS} opus/{OPUS_CLOCK}/2",
            f"a=fmtp:{OPUS} minptime=10;useinbandfec=1",
        ]
    else:
        text += [
            f"a={line.direction}",
            "a=rtcp-mux",
            "a=rtcp-rsize",
            f"a=rtpmap:{VP8} VP8/{VP8_CLOCK}",
            f"a=rtcp-fb:{VP8} ccm fir",
            f"a=rtcp-fb:{VP8} nack",
            f"a=rtcp-fb:{VP8} nack pli",
            f"a=rtpmap:{VP8_RTX} rtx/{VP8_CLOCK}",
            f"a=fmtp:{VP8_RTX} apt={VP8}",
        ]
    if line.direction is Direction.SEND:
        text.append(f"a=msid:site {line.kind}")
        if line.rtx_ssrc:
            text.append(f"a=ssrc-group:FID {line.ssrc} {line.rtx_ssrc}")
        text += [f"a=ssrc:{ssrc} cname:site" for ssrc in (line.ssrc, line.rtx_ssrc) if ssrc]
    if candidate is not None:
        text.append(f"a=candidate:1 1 udp 2130706431 {candidate.host} {candidate.port} typ host")
        text.append("a=end-of-candidates")
    return text


def build_offer(
    lines: list[Line],
    *,
    session_id: int,
    ufrag: str,
    password: str,
    fingerprint: str,
    candidate: Candidate | None = None,
) -> str:
    """Return a BUNDLE offer of *lines*.

    Args:
        lines: m-lines in the order the server numbers its slots by.
        session_id: ``sess-id`` of the origin line, below 2^62.
        ufrag: ours.
        password: ours.
        fingerprint: SHA-256 of our certificate, hex with colons.
        candidate: ours, if the other side is a full agent; an ICE-lite one needs none.
    """
    text = [
        "v=0",
        f"o=- {session_id} 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE " + " ".join(line.mid for line in lines),
        "a=msid-semantic: WMS *",
    ]
    for line in lines:
        text += _line_text(line, ufrag, password, fingerprint, candidate)
    return "\r\n".join(text) + "\r\n"


def _all(text: str, pattern: str) -> list[tuple[str, ...]]:
    return [match.groups() for match in re.finditer(pattern, text, re.MULTILINE)]


def parse_answer(text: str) -> Answer:
    """Read what is needed of an answer to :func:`build_offer`.

    Raises:
        ValueError: no ICE credentials, no fingerprint or no role; names which.
    """
    text = text.replace("\r\n", "\n")
    found: dict[str, str] = {}
    for name, pattern in (
        ("ice-ufrag", r"^a=ice-ufrag:(\S+)"),
        ("ice-pwd", r"^a=ice-pwd:(\S+)"),
        ("setup", r"^a=setup:(\S+)"),
    ):
        values = _all(text, pattern)
        if not values:
            raise ValueError(f"the answer has no a={name}")
        found[name] = values[0][0]
    fingerprints = _all(text, r"^a=fingerprint:(\S+) (\S+)")
    if not fingerprints:
        raise ValueError("the answer has no a=fingerprint")
    candidates = _all(text, r"^a=candidate:\S+ 1 (?i:udp) \d+ (\S+) (\d+) typ")
    accepted = set()
    for section in re.split(r"(?m)^(?=m=)", text)[1:]:
        mid = _all(section, r"^a=mid:(\S+)")
        port = section.split(" ", 2)[1]
        if mid and (port != "0" or "a=bundle-only" in section):
            accepted.add(mid[0][0])
    return Answer(
        ice=RemoteIce(
            found["ice-ufrag"],
            found["ice-pwd"],
            tuple(dict.fromkeys(Candidate(host, int(port)) for host, port in candidates)),
        ),
        fingerprints=tuple((algorithm, value) for algorithm, value in dict.fromkeys(fingerprints)),
        we_are_client=found["setup"] != "active",
        accepted=frozenset(accepted),
    )
