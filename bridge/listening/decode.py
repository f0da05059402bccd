"""From Opus packets to samples, with silence where packets were lost."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from bridge.link.tones import RATE, recognise
from bridge.listening.order import Answer, Order, Sound

__all__ = ["answer", "decode"]

_CLOCK: Final = 48_000  # of Opus in RTP, whatever it carries (RFC 7587 4.1)
_PER_SAMPLE: Final = _CLOCK // RATE
# A stream that jumps by more has begun anew: a new timeline, not ten minutes of silence.
_LONGEST_GAP: Final = 10 * RATE
# The resampler gives a few samples late; a lost packet is 320.
_JITTER: Final = 160


def answer(order: Order) -> Answer:
    """Return what is heard in the packets of *order*."""
    samples, begins = decode(order.sounds)
    tone = recognise(samples, order.notes)
    if tone is None:
        return Answer()
    at = tone.at_s * RATE
    before = [sound for sound, start in zip(order.sounds, begins, strict=True) if 0 <= start <= at]
    return Answer(tone=tone, arrived=before[-1].arrived if before else 0.0)


def decode(sounds: Sequence[Sound]) -> tuple[array[int], list[int]]:
    """Return 16-bit samples at ``RATE``, and where each packet begins in them (-1: it does not).

    What cannot be decoded is silence.
    """
    codec = av.CodecContext.create("opus", "r")
    assert isinstance(codec, AudioCodecContext)  # noqa: S101 - Opus is sound
    codec.sample_rate, codec.layout = _CLOCK, "stereo"
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
    samples, begins = array("h"), []
    origin = 0
    for sound in sounds:
        start = (((sound.timestamp - origin) & 0xFFFFFFFF) // _PER_SAMPLE) if samples else 0
        if not samples or start > len(samples) + _LONGEST_GAP:
            start = len(samples)
            origin = sound.timestamp - start * _PER_SAMPLE
        if start < len(samples) - _JITTER:
            begins.append(-1)  # twice, or too late
            continue
        if start > len(samples) + _JITTER:
            samples.extend(array("h", bytes(2 * (start - len(samples)))))
        begins.append(start)
        samples.extend(_decoded(codec, resampler, sound.payload))
    return samples, begins


def _decoded(codec: AudioCodecContext, resampler: AudioResampler, payload: bytes) -> array[int]:
    heard = array("h")
    if not payload:
        return heard
    try:
        frames = codec.decode(av.Packet(payload))
    except av.FFmpegError:
        return heard
    for frame in frames:
        assert isinstance(frame, AudioFrame)  # noqa: S101
        frame.pts = None  # the resampler takes them as they come
        for part in resampler.resample(frame):
            heard.frombytes(bytes(part.planes[0])[: 2 * part.samples])
    return heard
