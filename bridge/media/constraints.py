"""What WHIP and WHEP allow in an offer, beyond what we could use (RFC 9725 4.4).

A page of ours knows its own m-lines and is told which of them were refused. An
encoder or a player is told at once if it would get less than it offered:
"partially successful" sessions mislead people (RFC 9725 4.4.3).
"""

from __future__ import annotations

from bridge.errors import Code, ProtocolError
from bridge.media.sdp import Media, Offer

__all__ = ["check_egress", "check_ingest"]


def check_ingest(offer: Offer) -> None:
    """Check that *offer* only sends, in one BUNDLE, at most one stream of each kind.

    Raises:
        ProtocolError: SDP_UNSUPPORTED, and what to offer instead.
    """
    lines = _lines(offer)
    if any(not line.sends for line in lines):
        raise _unsupported(
            "WHIP only publishes: its m= lines are sendonly or sendrecv. Play with WHEP"
        )
    for kind in ("audio", "video"):
        if sum(line.kind == kind for line in lines) > 1:
            raise _unsupported(f"WHIP publishes one m={kind} line, and this offer has several")
    _check_bundle(offer, lines)


def check_egress(offer: Offer) -> None:
    """Check that *offer* wants to receive, in one BUNDLE.

    Raises:
        ProtocolError: SDP_UNSUPPORTED, and what to offer instead.
    """
    lines = _lines(offer)
    if any(line.direction == "sendonly" for line in lines):
        raise _unsupported(
            "WHEP only plays: its m= lines are recvonly or sendrecv. Publish with WHIP"
        )
    _check_bundle(offer, lines)


def _lines(offer: Offer) -> list[Media]:
    return [line for line in offer.media if line.kind in {"audio", "video"} and line.usable]


def _check_bundle(offer: Offer, lines: list[Media]) -> None:
    if len(lines) > 1 and any(line.mid not in offer.bundle for line in lines):
        raise _unsupported("all m= lines must be in one BUNDLE group (bundle policy max-bundle)")


def _unsupported(what: str) -> ProtocolError:
    return ProtocolError(Code.SDP_UNSUPPORTED, f"The offer is not supported: {what}.")
