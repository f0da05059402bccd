"""Real Opus: what a microphone would send, as packets with numbers and timestamps."""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Iterable, Sequence

import av
from av.audio.codeccontext import AudioCodecContext

from bridge.link.tones import FREQUENCIES_HZ, GAP_S, RATE, TONE_S
from bridge.listening.order import Sound
from bridge.simulator import voice

FRAME = voice.FRAME_SAMPLES  # 20 ms at 16 kHz


def row(notes: Sequence[int], *, amplitude: float = 0.3, lead_s: float = 1.0) -> list[float]:
    """Return a row of tones as the page plays it, samples of -1..1, after and before silence."""
    out = [0.0] * round(lead_s * RATE)
    for note in notes:
        length, ramp = round(TONE_S * RATE), round(0.01 * RATE)
        for at in range(length):
            edge = min(1.0, at / ramp, (length - at) / ramp)
            out.append(amplitude * edge * math.sin(2 * math.pi * FREQUENCIES_HZ[note] * at / RATE))
        out += [0.0] * round(GAP_S * RATE)
    return out + [0.0] * RATE


def silence(seconds: float) -> list[float]:
    return [0.0] * round(seconds * RATE)


def noise(seconds: float, level_db: float, seed: int = 1) -> list[float]:
    """Return white noise of *level_db*, dB of a full-scale sine."""
    chance = random.Random(seed)
    sigma = 10 ** (level_db / 20) / math.sqrt(2)
    return [chance.gauss(0, sigma) for _ in range(round(seconds * RATE))]


def speech(name: str, seconds: int) -> list[float]:
    """Return a loud voice, about -8 dB at its peaks."""
    values = array("h")
    for frame in voice.speech(name, seconds):
        values.frombytes(bytes(frame.planes[0])[: 2 * frame.samples])
    return [4 * value / 32768 for value in values]


def music(seconds: int, seed: int) -> list[float]:
    """Return a melody with chords below it, a note each 0.3 s: the rhythm of the row itself."""
    chance = random.Random(seed)
    scale = [
        523.25,
        587.33,
        659.25,
        698.46,
        783.99,
        880.0,
        987.77,
        1046.5,
        1396.91,
        1760.0,
        2349.32,
    ]
    out: list[float] = []
    while len(out) < seconds * RATE:
        lead, bass = chance.choice(scale), chance.choice(scale) / 4
        for at in range(round(0.3 * RATE)):
            t, fade = at / RATE, math.exp(-3 * at / RATE)
            tone = sum(math.sin(2 * math.pi * lead * h * t) / h**2 for h in (1, 2, 3))
            chord = sum(math.sin(2 * math.pi * bass * step * t) for step in (1, 1.25, 1.5))
            out.append(0.2 * fade * tone + 0.06 * chord)
    return out


def mixed(*sounds: Sequence[float]) -> list[float]:
    longest = max(map(len, sounds))
    return [sum(one[at] for one in sounds if at < len(one)) for at in range(longest)]


def echoed(sound: Sequence[float], seconds: float) -> list[float]:
    """Return *sound* in a hall whose echo falls by 60 dB in *seconds*."""
    out = list(sound)
    for delay, strength in ((0.031, 1), (0.047, 1), (0.073, 1), (0.097, 1)):
        step = round(delay * RATE)
        fall = strength * 10 ** (-3 * delay / seconds)
        back = [0.0] * len(out)
        for at in range(step, len(out)):
            back[at] = fall * (back[at - step] + sound[at - step])
        out = [direct + 0.25 * late for direct, late in zip(out, back, strict=True)]
    return out


def opus(sound: Sequence[float], *, kbps: int = 32, timestamp: int = 4_294_900_000) -> list[Sound]:
    """Return *sound* as packets of 20 ms; timestamps wrap on the way, arrivals are regular."""
    codec = av.CodecContext.create("libopus", "w")
    assert isinstance(codec, AudioCodecContext)
    codec.sample_rate, codec.layout, codec.format = RATE, "mono", "s16"
    codec.bit_rate = kbps * 1000
    codec.options = {"application": "voip", "frame_duration": "20"}
    out: list[Sound] = []
    for packet in _packets(codec, sound):
        number = len(out) + 1
        stamp = (timestamp + (number - 1) * 960) & 0xFFFFFFFF
        out.append(Sound(number, stamp, 100 + number * 0.02, packet))
    return out


def _packets(codec: AudioCodecContext, sound: Sequence[float]) -> Iterable[bytes]:
    for at in range(0, len(sound) - FRAME + 1, FRAME):
        values = array("h", (round(32767 * max(-1.0, min(1.0, v))) for v in sound[at : at + FRAME]))
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.sample_rate, frame.pts = RATE, at
        frame.planes[0].update(values.tobytes())
        yield from map(bytes, codec.encode(frame))
    yield from map(bytes, codec.encode(None))


def lossy(sounds: Sequence[Sound], ratio: float, seed: int = 1) -> list[Sound]:
    chance = random.Random(seed)
    return [sound for sound in sounds if chance.random() >= ratio]
