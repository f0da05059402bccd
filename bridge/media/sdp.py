"""Reading SDP offers (RFC 8866, RFC 8829): text in, plain data out.

Owns: the syntax and its limits. Knows nothing of what we support: that is
``answer``. Every line is looked at once and split, never searched with a
regular expression, because offers with 64 slots have thousands of lines.
Lines that we do not use are skipped, whatever they hold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bridge.errors import Code, ProtocolError

__all__ = ["Direction", "Media", "Offer", "parse_fragment", "parse_offer"]

# A Chromium offer with 64 video slots and all codecs has about 300 kB and 9,000 lines.
MAX_OFFER: Final = 512 * 1024
MAX_LINES: Final = 20_000
MAX_MEDIA: Final = 128
# Chromium lists about 40 payload types per video section.
MAX_FORMATS: Final = 128
# Chromium has 13 in a video section; ids above 14 need the two-byte form, which has 255.
MAX_EXTENSIONS: Final = 64
# Three layers with RTX each are 6.
MAX_SSRCS: Final = 16

SENDRECV: Final = "sendrecv"
Direction = str  # one of the four below
_DIRECTIONS: Final = frozenset({SENDRECV, "sendonly", "recvonly", "inactive"})


@dataclass
class Media:
    """One m-section of an offer.

    Attributes:
        kind: ``audio``, ``video``, ``application``...
        port: 0 means rejected, unless ``bundle_only``.
        protocol: ``UDP/TLS/RTP/SAVPF``.
        formats: as written, in order of preference; of audio and video payload types 0..127.
        mid: its name in the BUNDLE group, "" if it has none.
        direction: as the offerer sees it.
        codecs: payload type → (name in lower case, clock rate, channels or 1).
        fmtp: payload type → parameters as written.
        extensions: URI → id.
        rids: simulcast streams the offerer sends, in its order.
        ssrcs: SSRCs announced. rtx_ssrcs: RTX SSRC → primary SSRC (FID groups).
        mixed: one- and two-byte header extensions may alternate (RFC 8285 6).
        mux_only: RTCP never has a port of its own (RFC 8858).
    """

    kind: str
    port: int
    protocol: str
    formats: list[str]
    mid: str = ""
    direction: Direction = SENDRECV
    bundle_only: bool = False
    reduced_size: bool = False
    codecs: dict[int, tuple[str, int, int]] = field(default_factory=dict)
    fmtp: dict[int, str] = field(default_factory=dict)
    extensions: dict[str, int] = field(default_factory=dict)
    rids: tuple[str, ...] = ()
    ssrcs: list[int] = field(default_factory=list)
    rtx_ssrcs: dict[int, int] = field(default_factory=dict)
    mixed: bool = False
    mux_only: bool = False

    @property
    def usable(self) -> bool:
        """Whether the offerer has not rejected it itself (RFC 9429 5.2.2, RFC 9143 7.2.1)."""
        return self.port != 0 or self.bundle_only

    @property
    def sends(self) -> bool:
        """Whether the offerer wants to send."""
        return self.direction in {SENDRECV, "sendonly"}

    def shed(self) -> None:
        """Forget what only negotiation reads: a page stays for hours, 64 slots take megabytes."""
        self.codecs.clear()
        self.fmtp.clear()
        self.extensions.clear()


@dataclass
class Offer:
    """A whole offer; transport attributes are the first ones found (all sections are bundled).

    Attributes:
        bundle: mids of the BUNDLE group, empty if there is none.
        fingerprints: (algorithm, value) of the offerer's certificate.
        setup: ``actpass``, ``active`` or ``passive``.
        mixed: ``a=extmap-allow-mixed`` stands at session level.
    """

    ufrag: str = ""
    password: str = ""
    fingerprints: list[tuple[str, str]] = field(default_factory=list)
    setup: str = "actpass"
    bundle: tuple[str, ...] = ()
    media: list[Media] = field(default_factory=list)
    mixed: bool = False


def parse_offer(text: str) -> Offer:
    """Return the offer in *text*.

    Raises:
        ProtocolError: SDP_MALFORMED: too large, cut off, or not SDP.
    """
    lines = _lines(text)
    if not lines or not lines[0].startswith("v="):
        raise _malformed("it does not begin with v=0")
    if not text.endswith(("\n", "\r")):
        raise _malformed("it is cut off: the last line has no end")
    reader = _Reader()
    for number, line in enumerate(lines, 1):
        if len(line) < 2 or line[1] != "=":
            raise _malformed(f"line {number} is not of the form x=...")
        try:
            reader.line(line[0], line[2:])
        except (ValueError, IndexError):
            raise _malformed(f"line {number} cannot be read") from None
    offer = reader.offer
    _check_whole(offer)
    return offer


def _check_whole(offer: Offer) -> None:
    if not offer.media:
        raise _malformed("it has no m= line")
    if not offer.ufrag or not offer.password:
        raise _malformed("it has no ice-ufrag and ice-pwd")
    if not offer.fingerprints:
        raise _malformed("it has no DTLS fingerprint")
    mids = [media.mid for media in offer.media if media.mid]
    if len(mids) != len(set(mids)):
        raise _malformed("two m= lines have the same mid")
    if not set(offer.bundle) <= set(mids):
        raise _malformed("it is cut off: the BUNDLE group names an m= line that is not there")
    for media in offer.media:
        _check_formats(media)


def _check_formats(media: Media) -> None:
    if media.kind not in {"audio", "video"}:
        return
    for text in media.formats:
        # RFC 3551 6: payload types from 35 on mean nothing without an rtpmap
        if int(text) >= 35 and int(text) not in media.codecs:
            raise _malformed(f"it is cut off: payload type {text} has no rtpmap")


def parse_fragment(text: str) -> tuple[str, str]:
    """Return ufrag and password of a trickle-ice-sdpfrag (RFC 8840 9), "" where it has none.

    All m-lines are bundled: the first credentials are those of all.

    Raises:
        ProtocolError: SDP_MALFORMED: too large, not SDP, empty, or half of the credentials.
    """
    found = {"ice-ufrag": "", "ice-pwd": ""}
    lines = _lines(text)
    for number, line in enumerate(lines, 1):
        if len(line) < 2 or line[1] != "=":
            raise _malformed(f"line {number} is not of the form x=...", "fragment")
        name, _, value = line[2:].partition(":")
        if line[0] == "a" and name in found:
            found[name] = found[name] or value.strip()
    ufrag, password = found["ice-ufrag"], found["ice-pwd"]
    if bool(ufrag) != bool(password):
        raise _malformed("it has only one of ice-ufrag and ice-pwd", "fragment")
    return ufrag, password


def _lines(text: str) -> list[str]:
    if len(text) > MAX_OFFER:
        raise _malformed(f"it is larger than {MAX_OFFER} characters")
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    if len(lines) > MAX_LINES:
        raise _malformed(f"it has more than {MAX_LINES} lines")
    return lines


def _malformed(why: str, what: str = "offer") -> ProtocolError:
    return ProtocolError(
        Code.SDP_MALFORMED,
        f"The SDP {what} cannot be read: {why}. Send the whole {what} as the browser made it.",
    )


class _Reader:
    """Fills an :class:`Offer` line by line; ValueError or IndexError mean a bad line."""

    def __init__(self) -> None:
        self.offer = Offer()
        self.media: Media | None = None
        self.session_direction = SENDRECV
        self.session_extensions: dict[str, int] = {}
        self.setup_known = False

    def line(self, kind: str, value: str) -> None:
        if kind == "m":
            self._media_line(value)
        elif kind == "a":
            name, _, rest = value.partition(":")
            if name in _DIRECTIONS:
                self._direction(name)
            elif reader := _ATTRIBUTES.get(name):
                reader(self, rest)

    def _media_line(self, value: str) -> None:
        kind, port, protocol, *formats = value.split()
        if not formats or len(self.offer.media) >= MAX_MEDIA or len(formats) > MAX_FORMATS:
            raise ValueError("none or too many")
        if kind in {"audio", "video"}:
            for text in formats:
                _payload_type(text)
        self.media = Media(
            kind,
            _number(port.partition("/")[0], 65_535),
            protocol,
            formats,
            direction=self.session_direction,
            extensions=dict(self.session_extensions),
        )
        self.offer.media.append(self.media)

    def _direction(self, name: str) -> None:
        if self.media is None:
            self.session_direction = name
        else:
            self.media.direction = name

    def ufrag(self, value: str) -> None:
        self.offer.ufrag = self.offer.ufrag or value.strip()

    def password(self, value: str) -> None:
        self.offer.password = self.offer.password or value.strip()

    def fingerprint(self, value: str) -> None:
        algorithm, digest = value.split()
        pair = (algorithm.lower(), digest)
        if pair not in self.offer.fingerprints:
            if len(self.offer.fingerprints) >= 4:
                raise ValueError("too many")
            self.offer.fingerprints.append(pair)

    def setup(self, value: str) -> None:
        if value.strip() not in {"actpass", "active", "passive"}:
            raise ValueError(value)
        if not self.setup_known:
            self.setup_known = True
            self.offer.setup = value.strip()

    def group(self, value: str) -> None:
        semantics, *mids = value.split()
        if semantics == "BUNDLE" and not self.offer.bundle:
            self.offer.bundle = tuple(mids)

    def extmap(self, value: str) -> None:
        number, uri = value.split()[:2]
        # "extmap:3/sendonly uri": the direction does not matter to us
        into = self.session_extensions if self.media is None else self.media.extensions
        if len(into) >= MAX_EXTENSIONS:
            raise ValueError("too many")
        into[uri] = int(number.partition("/")[0])

    def mid(self, value: str) -> None:
        if self.media is not None:
            (self.media.mid,) = value.split()

    def rtpmap(self, value: str) -> None:
        if self.media is not None:
            number, encoding = value.split()[:2]
            name, rate, *channels = encoding.split("/")
            if len(self.media.codecs) >= MAX_FORMATS:
                raise ValueError("too many")
            self.media.codecs[_payload_type(number)] = (
                name.lower(),
                int(rate),
                int(channels[0]) if channels else 1,
            )

    def fmtp(self, value: str) -> None:
        if self.media is not None:
            number, _, parameters = value.partition(" ")
            if len(self.media.fmtp) >= MAX_FORMATS:
                raise ValueError("too many")
            self.media.fmtp[_payload_type(number)] = parameters.strip()

    def simulcast(self, value: str) -> None:
        words = value.split()
        if self.media is not None and "send" in words:
            # "q;h;~f" or "1,2;3": of alternatives the first, "~" is initially paused
            streams = words[words.index("send") + 1].split(";")
            self.media.rids = tuple(s.partition(",")[0].lstrip("~") for s in streams[:8])

    def ssrc(self, value: str) -> None:
        if self.media is not None:
            number = int(value.split(None, 1)[0])
            if number not in self.media.ssrcs:
                if len(self.media.ssrcs) >= MAX_SSRCS:
                    raise ValueError("too many")
                self.media.ssrcs.append(number)

    def ssrc_group(self, value: str) -> None:
        semantics, *numbers = value.split()
        if self.media is not None and semantics == "FID":
            primary, repair = (int(n) for n in numbers)
            if len(self.media.rtx_ssrcs) >= MAX_SSRCS:
                raise ValueError("too many")
            self.media.rtx_ssrcs[repair] = primary

    def bundle_only(self, _: str) -> None:
        if self.media is not None:
            self.media.bundle_only = True

    def reduced_size(self, _: str) -> None:
        if self.media is not None:
            self.media.reduced_size = True

    def mixed(self, _: str) -> None:
        if self.media is None:
            self.offer.mixed = True
        else:
            self.media.mixed = True

    def mux_only(self, _: str) -> None:
        if self.media is not None:
            self.media.mux_only = True


def _payload_type(text: str) -> int:
    return _number(text, 127)


def _number(text: str, highest: int) -> int:
    # int() alone would take signs, underscores and the digits of every script
    if not (text.isascii() and text.isdecimal()) or int(text) > highest:
        raise ValueError("not a number of its range")
    return int(text)


_ATTRIBUTES: Final[dict[str, Callable[[_Reader, str], None]]] = {
    "ice-ufrag": _Reader.ufrag,
    "ice-pwd": _Reader.password,
    "fingerprint": _Reader.fingerprint,
    "setup": _Reader.setup,
    "group": _Reader.group,
    "extmap": _Reader.extmap,
    "mid": _Reader.mid,
    "rtpmap": _Reader.rtpmap,
    "fmtp": _Reader.fmtp,
    "simulcast": _Reader.simulcast,
    "ssrc": _Reader.ssrc,
    "ssrc-group": _Reader.ssrc_group,
    "bundle-only": _Reader.bundle_only,
    "rtcp-rsize": _Reader.reduced_size,
    "extmap-allow-mixed": _Reader.mixed,
    "rtcp-mux-only": _Reader.mux_only,
}
