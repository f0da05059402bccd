"""What we accept of an offer, and the answer that says so (RFC 9429 5.3, RFC 8843).

Owns: which m-line means what, codecs, header extensions, feedback, and the
text of the answer. Knows nothing of sockets and peers.

    offered                      becomes
    sends video, first           ``camera`` (simulcast allowed)
    sends video, second          ``slides``
    sends audio, first           ``microphone``
    receives video               the slots the page named, in order
    receives audio               ``audio0`` to ``audio3``, ``talkback``, ``audio5``, ... up to
                                 ``MAX_AUDIO_SLOTS``; of one that talks, ``talkback`` alone
    anything else                refused (port 0) or inactive

Everything is bundled on one transport: ICE-lite, one candidate per public
address in the first accepted m-line. Uplinks get transport-wide feedback,
downlinks REMB and abs-send-time; both work in one BUNDLE.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bridge.errors import Code, ProtocolError
from bridge.media.sdp import Media, Offer

__all__ = [
    "ABS_SEND_TIME",
    "AUDIO_LEVEL",
    "MID",
    "RID",
    "RRID",
    "TALKBACK",
    "TRANSPORT_CC",
    "Codec",
    "LocalDescription",
    "Section",
    "build_answer",
    "build_fragment",
    "negotiate",
]

MID: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID: Final = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
RRID: Final = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
ABS_SEND_TIME: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_CC: Final = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
AUDIO_LEVEL: Final = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
UPLINK_EXTENSIONS: Final = {
    "video": (MID, RID, RRID, ABS_SEND_TIME, TRANSPORT_CC),
    "audio": (MID, RID, RRID, ABS_SEND_TIME, TRANSPORT_CC, AUDIO_LEVEL),
}
# Forwarding writes the extensions anew: what is not here never reaches a viewer.
DOWNLINK_EXTENSIONS: Final = (MID, ABS_SEND_TIME)

CAMERA: Final = "camera"
SLIDES: Final = "slides"
MICROPHONE: Final = "microphone"
TALKBACK: Final = "talkback"

# FEC lets a decoder repair single losses; the browser sends it only when asked.
OPUS_PARAMETERS: Final = "minptime=10;useinbandfec=1"
CLOCK_RATES: Final = {"vp8": 90_000, "h264": 90_000, "opus": 48_000}
# A page has four for the open microphones and one for the technician; each takes memory.
MAX_AUDIO_SLOTS: Final = 8
AUDIO_SLOTS: Final = tuple(TALKBACK if i == 4 else f"audio{i}" for i in range(MAX_AUDIO_SLOTS))
# RFC 8445 10; RFC 8838 4.1: trickled candidates are taken, though a lite agent needs none.
ICE_OPTIONS: Final = ("a=ice-lite", "a=ice-options:ice2 trickle")
# RFC 8445 5.1.2.1: type preference 126 (host), local preference, component 1.
PRIORITY_BASE: Final = (126 << 24) + 255


@dataclass(frozen=True)
class Codec:
    """One codec of a section: its payload type, that of its RTX (-1: none), its parameters."""

    name: str
    payload_type: int
    rtx: int
    parameters: str

    @property
    def clock_rate(self) -> int:
        """Ticks per second of its RTP timestamps."""
        return CLOCK_RATES[self.name]


@dataclass
class Section:
    """One m-line after negotiation.

    Attributes:
        media: as offered.
        role: what it means (table above), "" if nothing flows in it.
        direction: as we see it, for the answer; "" if the m-line is refused.
        codecs: accepted, most preferred first.
        extensions: URI → id, of those we use.
        announce: SSRC and RTX SSRC (0: none) of our stream in it, filled in for slots.
    """

    media: Media
    role: str = ""
    direction: str = ""
    codecs: tuple[Codec, ...] = ()
    extensions: dict[str, int] = field(default_factory=dict)
    announce: tuple[int, int] = (0, 0)

    @property
    def uplink(self) -> bool:
        """Whether the peer sends in it."""
        return self.direction == "recvonly"


@dataclass(frozen=True)
class LocalDescription:
    """Our side of the transport.

    Attributes:
        candidates: (address, port) pairs a browser can reach us at, best first.
        active: we send the DTLS ClientHello.
        version: of the session description; grows with each answer to one peer.
        mixed: the offer allows one- and two-byte header extensions side by side, and so do we.
        stream: id of the one MediaStream all slots are tracks of; "" for a stream per slot.
    """

    ufrag: str
    password: str
    fingerprint: str
    candidates: Sequence[tuple[str, int]]
    active: bool
    session_id: int
    version: int
    mixed: bool = False
    stream: str = ""


def negotiate(
    offer: Offer, slots: Sequence[str], *, publish: bool, talks: bool = False
) -> list[Section]:
    """Return one section per m-line of *offer*, in its order.

    Args:
        offer: as parsed.
        slots: names for the m-lines that receive video, in order; more m-lines stay inactive.
        publish: whether this peer may send.
        talks: it may send sound alone, for talkback, and hears nothing else.

    Raises:
        ProtocolError: SDP_UNSUPPORTED: nothing in it that we could use, or a publisher
            without audio, and what to offer instead.
    """
    if not offer.bundle and len(offer.media) > 1:
        raise _unsupported("all m= lines must be in one BUNDLE group")
    names = {"video": iter(slots), "audio": iter((TALKBACK,) if talks else AUDIO_SLOTS)}
    senders = {"video": iter(() if talks else (CAMERA, SLIDES)), "audio": iter((MICROPHONE,))}
    publish = publish or talks
    sections = []
    considered = []
    for media in offer.media:
        section = Section(media)
        sections.append(section)
        bundled = not offer.bundle or media.mid in offer.bundle
        if media.kind not in names or not media.usable or not bundled:
            continue
        considered.append(section)
        section.codecs = _codecs(media)
        sends = media.sends and (publish or media.direction == "sendonly")
        role = next((senders if sends else names)[media.kind], "")
        if not section.codecs:
            continue
        if media.direction == "inactive" or not role or (sends and not publish):
            section.direction = "inactive"
            continue
        section.role = role
        section.direction = "recvonly" if sends else "sendonly"
        wanted = UPLINK_EXTENSIONS[media.kind] if sends else DOWNLINK_EXTENSIONS
        section.extensions = {
            uri: media.extensions[uri] for uri in wanted if 1 <= media.extensions.get(uri, 0) <= 14
        }
    _check(sections, considered, publish=publish)
    return sections


def _check(sections: list[Section], considered: list[Section], *, publish: bool) -> None:
    """Raise what the caller of :func:`negotiate` is told when the offer cannot work."""
    if not any(section.media.kind in {"audio", "video"} for section in sections):
        raise _unsupported("offer an m=audio line (Opus) and, for a picture, an m=video line (VP8)")
    if not any(section.direction or section.media.usable for section in sections):
        raise _unsupported("every m= line in it is rejected")
    for kind, wanted in (("audio", "Opus"), ("video", "VP8 or H264 with packetization-mode=1")):
        for sends in (True, False):
            lines = [s for s in considered if s.media.kind == kind and s.media.sends == sends]
            if lines and not any(s.codecs for s in lines):
                raise _unsupported(f"no codec of the m={kind} line is known here: offer {wanted}")
    sending = {s.media.kind for s in considered if s.media.sends}
    if publish and sending == {"video"}:
        raise _unsupported(
            "a publisher needs an audio m-line (Opus) beside its video, even if it is silent"
        )


def _unsupported(what: str) -> ProtocolError:
    return ProtocolError(Code.SDP_UNSUPPORTED, f"The offer is not supported: {what}.")


def _codecs(media: Media) -> tuple[Codec, ...]:
    """Return what we take of *media*: Opus, or VP8 before H264."""
    offered = [int(text) for text in media.formats]
    repairs: dict[str, int] = {}  # RTX payload types by what they repair, as written
    for number in offered:
        if media.codecs.get(number, ("",))[0] == "rtx":
            apt = _parameter(media.fmtp.get(number, ""), "apt")
            repairs[apt] = number
    found = []
    for name in ("opus",) if media.kind == "audio" else ("vp8", "h264"):
        numbers = [
            n
            for n in offered
            if n in media.codecs and media.codecs[n][:2] == (name, CLOCK_RATES[name])
        ]
        if name == "h264":
            numbers = _h264(numbers, media)
        if numbers:
            number = numbers[0]
            parameters = OPUS_PARAMETERS if name == "opus" else media.fmtp.get(number, "")
            found.append(Codec(name, number, repairs.get(str(number), -1), parameters))
    return tuple(found)


def _h264(numbers: list[int], media: Media) -> list[int]:
    """Keep packetization-mode 1, constrained baseline first: every decoder has it."""
    usable = [n for n in numbers if _parameter(media.fmtp.get(n, ""), "packetization-mode") == "1"]

    def profile(number: int) -> int:
        level = _parameter(media.fmtp.get(number, ""), "profile-level-id").lower()
        return 0 if level.startswith(("42e0", "42c0")) else 1 if level.startswith("42") else 2

    return sorted(usable, key=profile)


def _parameter(parameters: str, name: str) -> str:
    for item in parameters.split(";"):
        key, _, value = item.strip().partition("=")
        if key == name:
            return value
    return ""


def build_answer(sections: Sequence[Section], local: LocalDescription) -> str:
    """Return the answer for *sections*."""
    bundle = _bundle(sections)
    lines = [
        "v=0",
        f"o=- {local.session_id} {local.version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        *ICE_OPTIONS,
        *(["a=extmap-allow-mixed"] if local.mixed else []),
        "a=msid-semantic: WMS *",
        *bundle,
    ]
    transport = [
        f"a=ice-ufrag:{local.ufrag}",
        f"a=ice-pwd:{local.password}",
        f"a=fingerprint:sha-256 {local.fingerprint}",
        f"a=setup:{'active' if local.active else 'passive'}",
    ]
    host, port = local.candidates[0]
    connection = f"c=IN {_family(host)} {host}"
    first = True
    for section in sections:
        if not section.direction:
            lines += _refused(section.media)
            continue
        lines += _accepted(section, port, connection, local.stream)
        lines += transport
        if first:
            lines += _candidates(local.candidates)
            first = False
    return "\r\n".join(lines) + "\r\n"


def build_fragment(sections: Sequence[Section], local: LocalDescription) -> str:
    """Return our trickle-ice-sdpfrag after an ICE restart (RFC 8840 9, RFC 9725 4.3.3).

    It holds all candidates: a client replaces those of the answer with these.
    """
    lines = [*ICE_OPTIONS, *_bundle(sections)]
    first = next((s.media for s in sections if s.direction), None)
    if first is not None:
        lines.append(f"m={first.kind} 9 {first.protocol} 0")
        if first.mid:
            lines.append(f"a=mid:{first.mid}")
    lines += [f"a=ice-ufrag:{local.ufrag}", f"a=ice-pwd:{local.password}"]
    lines += _candidates(local.candidates)
    return "\r\n".join(lines) + "\r\n"


def _bundle(sections: Sequence[Section]) -> list[str]:
    mids = [s.media.mid for s in sections if s.direction and s.media.mid]
    return [f"a=group:BUNDLE {' '.join(mids)}"] if mids else []


def _refused(media: Media) -> list[str]:
    lines = [
        f"m={media.kind} 0 {media.protocol} {' '.join(media.formats)}",
        "c=IN IP4 0.0.0.0",
        "a=inactive",
    ]
    if media.mid:
        lines.append(f"a=mid:{media.mid}")
    return lines


def _accepted(section: Section, port: int, connection: str, stream: str) -> list[str]:
    media = section.media
    formats = [str(n) for c in section.codecs for n in (c.payload_type, c.rtx) if n >= 0]
    lines = [
        f"m={media.kind} {port} {media.protocol} {' '.join(formats)}",
        connection,
        "a=rtcp-mux",
        f"a={section.direction}",
    ]
    if media.mux_only:  # RFC 9725 4.4.1 wants it of both sides
        lines.append("a=rtcp-mux-only")
    if media.reduced_size:
        lines.append("a=rtcp-rsize")
    if media.mid:
        lines.append(f"a=mid:{media.mid}")
    if media.mixed:
        lines.append("a=extmap-allow-mixed")
    lines += [f"a=extmap:{number} {uri}" for uri, number in section.extensions.items()]
    feedback = _feedback(section)
    for codec in section.codecs:
        lines += _codec_lines(codec, feedback)
    if section.uplink and media.rids:
        lines += [f"a=rid:{rid} recv" for rid in media.rids]
        lines.append(f"a=simulcast:recv {';'.join(media.rids)}")
    if section.direction == "sendonly":
        lines += _stream_lines(section, stream or section.role)
    return lines


def _codec_lines(codec: Codec, feedback: tuple[str, ...]) -> list[str]:
    number = codec.payload_type
    encoding = {"opus": "opus/48000/2", "vp8": "VP8/90000", "h264": "H264/90000"}[codec.name]
    lines = [f"a=rtpmap:{number} {encoding}"]
    if codec.parameters:
        lines.append(f"a=fmtp:{number} {codec.parameters}")
    lines += [f"a=rtcp-fb:{number} {item}" for item in feedback]
    if codec.rtx >= 0:
        lines += [f"a=rtpmap:{codec.rtx} rtx/90000", f"a=fmtp:{codec.rtx} apt={number}"]
    return lines


def _feedback(section: Section) -> tuple[str, ...]:
    repair = ("nack", "nack pli", "ccm fir") if section.media.kind == "video" else ()
    if section.uplink:
        return (*repair, "transport-cc") if TRANSPORT_CC in section.extensions else repair
    return (*repair, "goog-remb") if repair else ()


def _stream_lines(section: Section, stream: str) -> list[str]:
    ssrc, rtx = section.announce
    lines = [f"a=msid:{stream} {section.role}"]
    if rtx:
        lines.append(f"a=ssrc-group:FID {ssrc} {rtx}")
    lines.append(f"a=ssrc:{ssrc} cname:diemcau")
    if rtx:
        lines.append(f"a=ssrc:{rtx} cname:diemcau")
    return lines


def _candidates(addresses: Sequence[tuple[str, int]]) -> list[str]:
    lines = [
        f"a=candidate:{i + 1} 1 udp {PRIORITY_BASE + ((65_535 - i) << 8)} {host} {port} typ host"
        for i, (host, port) in enumerate(addresses)
    ]
    return [*lines, "a=end-of-candidates"]


def _family(host: str) -> str:
    return "IP6" if ":" in host else "IP4"
