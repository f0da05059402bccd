"""The client-to-mixer audio level header extension, RFC 6464."""

from __future__ import annotations

from bridge.errors import Code, ProtocolError

__all__ = ["audio_level"]


def audio_level(ext: bytes) -> tuple[bool, int]:
    """Return whether the sender hears a voice, and the level.

    Args:
        ext: value of the extension, ``|V| level |``: one byte, in the two-byte form perhaps more.

    Returns:
        Voice flag, and 0 (loudest) to -127 (silence) dBov.

    Raises:
        ProtocolError: no byte at all.
    """
    if not ext:
        raise ProtocolError(Code.PACKET_MALFORMED, "audio level extension is empty")
    return ext[0] > 0x7F, -(ext[0] & 0x7F)
