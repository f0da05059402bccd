"""What a simulated microphone hears: a soft voice-like sound, or an empty room.

Owns the sound as numbers (FFmpeg's expression language makes the samples); knows
nothing of Opus or packets. Both sounds start and end in near silence, so they loop
without a click.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import av
from av.filter import Graph

__all__ = ["FRAME_SAMPLES", "SAMPLE_RATE", "room_tone", "speech"]

SAMPLE_RATE = 16_000  # wideband is enough for a voice, and a third of the work to make
FRAME_SAMPLES = 320  # 20 ms, what WebRTC sends

_ROOM_AMPLITUDE = 0.0008  # about -65 dB full scale: a quiet room, not digital silence


def speech(name: str, seconds: int) -> Iterator[av.AudioFrame]:
    """Yield 20 ms frames of a voice of its own for *name*: syllables, phrases, pauses.

    A pitch of 105-235 Hz with five overtones; syllables about four per second in
    phrases of 3 s, the last 0.5 s of the loop silent. Peak about -20 dB full scale.
    """
    seed = zlib.crc32(name.encode())
    pitch = 105 + seed % 131
    syllables = 3.4 + (seed >> 8) % 5 / 5
    melody = 0.45 + (seed >> 12) % 4 / 10
    bright = 0.15 + (seed >> 16) % 6 / 20
    voice = (
        # register 0: the phase of a pitch that glides as tones do; register 1: the envelope
        f"st(0,2*PI*{pitch}*t+{pitch}*0.09/{melody}*sin(2*PI*{melody}*t)"
        f"+{pitch}*0.05/{syllables}*sin(2*PI*{syllables}*t));"
        f"st(1,pow(abs(sin(PI*{syllables}*t)),0.6)"
        f"*clip(sin(PI*mod(t,4)/3.5)*3,0,1)*lt(t,{seconds}-0.5));"
        f"st(2,0.5+0.5*sin(2*PI*{syllables}/2.7*t));"
        "0.045*ld(1)*(sin(ld(0))+0.55*sin(2*ld(0))+0.5*(1-ld(2))*sin(3*ld(0))"
        f"+0.6*ld(2)*sin(5*ld(0))+{bright}*sin(7*ld(0))+{bright}*0.6*ld(2)*sin(11*ld(0)))"
    )
    return _frames("aevalsrc", f"exprs='{voice}':s={SAMPLE_RATE}:d={seconds}")


def room_tone(seconds: int) -> Iterator[av.AudioFrame]:
    """Yield 20 ms frames of an empty room."""
    return _frames("anoisesrc", f"c=pink:a={_ROOM_AMPLITUDE}:r={SAMPLE_RATE}:d={seconds}:seed=1")


def _frames(source: str, arguments: str) -> Iterator[av.AudioFrame]:
    graph = Graph()
    nodes = [
        graph.add(source, arguments),
        graph.add("asetnsamples", f"n={FRAME_SAMPLES}"),
        graph.add("aformat", "sample_fmts=s16:channel_layouts=mono"),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*nodes)
    graph.configure()
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, av.AudioFrame)  # noqa: S101 - an audio sink gives nothing else
        yield frame
