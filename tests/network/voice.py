"""A voice with a known pattern of bursts, as a sound file for Chromium's microphone.

The pattern is what makes it recognisable at the other end: no two stretches of some seconds are
alike, and hardly any noise looks like it.
"""

from __future__ import annotations

import math
import random
import wave
from itertools import pairwise
from pathlib import Path

from bridge.simulator import voice

#: Chromium plays the file again and again; stretches of 8 s of it are compared.
SECONDS = 12
STEP_S = 0.01
_RAMP = 320  # samples of 20 ms: a burst that begins at once is a click
_QUIET_S = (0.12, 0.6)
_LOUD_S = (0.15, 0.7)


def samples(pattern: int = 1) -> list[int]:
    """Return 12 s of a voice that speaks in bursts, 16-bit values at 16 kHz.

    Args:
        pattern: another number gives other bursts.
    """
    spoken = [
        int.from_bytes(plane[at : at + 2], "little", signed=True)
        for frame in voice.speech(f"network-{pattern}", SECONDS)
        for plane in [bytes(frame.planes[0])]
        for at in range(0, frame.samples * 2, 2)
    ]
    gate = _gate(pattern, len(spoken))
    return [round(value * 2 * open_) for value, open_ in zip(spoken, gate, strict=True)]


def _gate(pattern: int, length: int) -> list[float]:
    chance = random.Random(pattern)
    edges = [0.0]
    while edges[-1] < SECONDS:
        edges.append(edges[-1] + chance.uniform(*_LOUD_S))
        edges.append(edges[-1] + chance.uniform(*_QUIET_S))
    gate = [0.0] * length
    for begin, end in list(pairwise(edges))[::2]:
        first, last = int(begin * voice.SAMPLE_RATE), int(end * voice.SAMPLE_RATE)
        for at in range(first, min(last, length)):
            gate[at] = min(1.0, (at - first) / _RAMP, (last - at) / _RAMP)
    return gate


def envelope(sound: list[int], rate: int = voice.SAMPLE_RATE) -> list[float]:
    """Return the energy in each step of 10 ms."""
    step = int(rate * STEP_S)
    return [
        math.fsum(value * value for value in sound[at : at + step])
        for at in range(0, len(sound) - step + 1, step)
    ]


def write_wav(path: Path, sound: list[int]) -> None:
    """Write *sound* for ``--use-file-for-fake-audio-capture``."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(voice.SAMPLE_RATE)
        file.writeframes(b"".join(value.to_bytes(2, "little", signed=True) for value in sound))
