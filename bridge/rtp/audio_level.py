"""Whether an audio packet carries sound, told without decoding it.

Owns the client-to-mixer audio level header extension (RFC 6464)::

     0 1 2 3 4 5 6 7
    |V| level       |  V: a voice, as the sender believes; level: 0 loudest, 127 silence, -dBov

and, for senders without it, what an Opus packet (RFC 6716) shows from outside.
"""

from __future__ import annotations

from typing import Final

__all__ = ["OPUS_SILENCE", "SOUND_DBOV", "carries_sound"]

SOUND_DBOV: Final = -50
"""Louder than this is sound.

A muted microphone says -127 and the noise of a quiet office about -60 to -55. The voice flag is not
asked: it is each sender's guess, aiortc never sets it, and with ``vad=off`` it means nothing.
"""

OPUS_SILENCE: Final = 14
"""Bytes of the longest packet that libopus makes of digital silence at a variable bit rate.

Silence takes two bytes per frame: a packet of 20 ms has 3, of 60 ms 8, of 120 ms 14, and RFC 7587
has no longer ones. Discontinuous transmission makes 1 or 2. At 24 kb/s 20 ms of noise in the lowest
bit take 16 and more, of speech 30 and more.
"""

# At a constant bit rate silence is padded to the length of sound, but its frame still begins with
# the CELT silence flag (RFC 6716 4.3): fifteen ones.
_SILENT_FRAME: Final = b"\xff\xfe"


def carries_sound(level: bytes | None, payload: bytes) -> bool:
    """Return whether a packet carries sound above :data:`SOUND_DBOV`.

    Without a level only digital silence is silence: noise, however low, counts as sound. So does
    what an encoder makes of silence in its speech mode (below about 32 kb/s): 17 bytes and more,
    like quiet sound.

    Args:
        level: value of the extension, one byte, in the two-byte form perhaps more; None or empty
            if the packet has none.
        payload: Opus, without padding; may be empty.
    """
    if level:
        return level[0] & 0x7F < -SOUND_DBOV
    return len(payload) > OPUS_SILENCE and payload[1:3] != _SILENT_FRAME
