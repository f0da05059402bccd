"""Sound or silence of a packet: by its level, or by what libopus makes of it."""

from __future__ import annotations

import array
import itertools
import math
import random
from collections.abc import Iterable

import av
import pytest
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from hypothesis import given
from hypothesis import strategies as st

from bridge.rtp.audio_level import OPUS_SILENCE, SOUND_DBOV, carries_sound

SPEECH = b"\x78" + bytes(range(80))
SILENCE = b"\xf8\xff\xfe"
RATE = 48_000


@pytest.mark.parametrize("voice", [0x00, 0x80])
@pytest.mark.parametrize(
    ("level", "sound"), [(0, True), (30, True), (49, True), (50, False), (60, False), (127, False)]
)
def test_the_level_decides_whatever_the_voice_flag_and_the_payload_say(
    level: int, sound: bool, voice: int
) -> None:
    assert carries_sound(bytes((voice | level,)), SPEECH) is sound
    assert carries_sound(bytes((voice | level,)), SILENCE) is sound
    assert carries_sound(bytes((voice | level,)) + b"\0\0", SPEECH) is sound, "two-byte form"


@given(st.integers(0, 255))
def test_every_level_has_its_side_of_the_threshold(value: int) -> None:
    assert carries_sound(bytes((value,)), SPEECH) is (-(value % 128) > SOUND_DBOV)


@pytest.mark.parametrize("level", [None, b""])
def test_without_a_level_the_length_decides(level: bytes | None) -> None:
    assert carries_sound(level, SPEECH)
    assert carries_sound(level, SPEECH[: OPUS_SILENCE + 1])
    assert not carries_sound(level, SPEECH[:OPUS_SILENCE])
    assert not carries_sound(level, SILENCE)
    assert not carries_sound(level, b"\x78")
    assert not carries_sound(level, b"")


@given(st.none() | st.binary(max_size=3), st.binary(max_size=60))
def test_any_bytes_have_an_answer(level: bytes | None, payload: bytes) -> None:
    assert carries_sound(level, payload) in {True, False}


def encoded(samples: Iterable[float], channels: int, frame_ms: int, **options: str) -> list[bytes]:
    """Return half a second of *samples*, -1..1, as libopus packets of *frame_ms*."""
    codec = av.CodecContext.create("libopus", "w")
    assert isinstance(codec, AudioCodecContext)
    codec.sample_rate = RATE
    codec.format = "s16"
    codec.layout = "stereo" if channels == 2 else "mono"
    codec.bit_rate = 48_000 * channels
    codec.options = {"frame_duration": str(frame_ms), **options}
    size = RATE * frame_ms // 1000
    endless = iter(samples)
    packets = []
    for number in range(RATE // 2 // size):
        frame = AudioFrame(format="s16", layout=codec.layout.name, samples=size)
        values = [
            round(v * 32_767) for v in itertools.islice(endless, size) for _ in range(channels)
        ]
        frame.planes[0].update(array.array("h", values).tobytes())
        frame.sample_rate, frame.pts = RATE, number * size
        packets += [bytes(packet) for packet in codec.encode(frame)]
    assert len(packets) >= 2
    return packets


def tone(amplitude: float) -> Iterable[float]:
    return (amplitude * math.sin(2 * math.pi * 440 * i / RATE) for i in itertools.count())


def noise(amplitude: float) -> Iterable[float]:
    source = random.Random(1)
    return (source.uniform(-amplitude, amplitude) for _ in itertools.count())


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frame_ms", [10, 20, 60, 120])
def test_silence_of_libopus_is_silence_and_its_sound_is_sound(channels: int, frame_ms: int) -> None:
    def heard(samples: Iterable[float]) -> set[bool]:
        # An encoder's first packet also holds how it starts.
        return {carries_sound(None, p) for p in encoded(samples, channels, frame_ms)[1:]}

    assert heard(itertools.repeat(0.0)) == {False}
    assert heard(tone(0.1)) == {True}
    assert heard(noise(0.1)) == {True}


def test_silence_is_silence_at_a_constant_bit_rate_too() -> None:
    silent = encoded(itertools.repeat(0.0), 2, 20, vbr="off")
    loud = encoded(tone(0.1), 2, 20, vbr="off")
    assert {len(p) for p in silent} == {len(p) for p in loud}
    assert {carries_sound(None, p) for p in silent[1:]} == {False}
    assert {carries_sound(None, p) for p in loud[1:]} == {True}
