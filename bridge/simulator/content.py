"""Video and audio encoded once, kept on disk, replayed for ever.

Owns the loops and their cache files. A loop starts with a key frame and repeats a
key frame at a steady distance, so that a replay can answer a picture loss
indication by jumping to the next one. No alternate reference frames: each encoded
frame is one picture that is shown.
"""

from __future__ import annotations

import hashlib
import logging
import math
import os
from array import array
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import msgspec
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.reformatter import Interpolation

from bridge.simulator.picture import draw_room
from bridge.simulator.voice import SAMPLE_RATE, room_tone, speech

__all__ = [
    "AudioLoop",
    "Content",
    "VideoFormat",
    "VideoLoop",
    "encode",
    "encode_audio",
    "encode_video",
    "load",
]

log = logging.getLogger(__name__)

_EDITION = 1  # raise when drawing, sound or encoder settings change: old cache files go unused
_AUDIO_SECONDS = 8
_AUDIO_BITRATE = 28_000
_SILENCE_DBOV = 127


class VideoFormat(msgspec.Struct, frozen=True, kw_only=True):
    """How a camera loop is encoded.

    Attributes:
        width: pixels, even.
        height: pixels, even.
        fps: frames per second.
        kbps: target bitrate.
        seconds: length of the loop.
        key_interval: seconds between key frames, divides *seconds*.
    """

    width: int = 640
    height: int = 360
    fps: int = 15
    kbps: int = 400
    seconds: int = 6
    key_interval: int = 2


class VideoLoop(msgspec.Struct, frozen=True, kw_only=True):
    """VP8 frames in order; *keys* are the indexes of the key frames, the first is 0."""

    width: int
    height: int
    fps: int
    frames: list[bytes]
    keys: list[int]


class AudioLoop(msgspec.Struct, frozen=True, kw_only=True):
    """Opus packets of 20 ms; *levels* are their loudness in -dBov (RFC 6464), 0..127."""

    packets: list[bytes]
    levels: list[int]


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one site sends: its picture, its voice, and its room when nobody speaks."""

    video: VideoLoop
    speech: AudioLoop
    room: AudioLoop


def encode_video(name: str, caption: str, form: VideoFormat) -> VideoLoop:
    """Draw and encode a site's camera. Takes about half a CPU second at 640x360."""
    scene = draw_room(
        name, caption=caption, width=form.width, height=form.height, seconds=form.seconds
    )
    context = av.CodecContext.create("libvpx", "w")
    assert isinstance(context, VideoCodecContext)  # noqa: S101 - what libvpx is
    context.width, context.height = form.width, form.height
    context.pix_fmt = "yuv420p"
    context.time_base = Fraction(1, form.fps)
    context.framerate = Fraction(form.fps)
    context.bit_rate = form.kbps * 1000
    context.gop_size = form.key_interval * form.fps
    context.thread_count = 1
    context.options = {
        "deadline": "realtime",
        "cpu-used": "6",
        "lag-in-frames": "0",
        "auto-alt-ref": "0",
        "minrate": f"{form.kbps}k",
        "maxrate": f"{form.kbps}k",
        "bufsize": f"{form.kbps // 2}k",
        "max-intra-rate": "450",  # per cent of a frame's share: keeps key frames near 15 kB
    }
    count = form.fps * form.seconds
    every = form.fps * form.key_interval
    frames: list[bytes] = []
    keys: list[int] = []
    for index in [*range(count), None]:
        picture = None
        if index is not None:
            image = scene.frame(index, count)
            picture = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
            picture = picture.reformat(format="yuv420p", interpolation=Interpolation.FAST_BILINEAR)
            picture.pts = index
            picture.pict_type = PictureType.I if index % every == 0 else PictureType.NONE
        for packet in context.encode(picture):
            if packet.is_keyframe:
                keys.append(len(frames))
            frames.append(bytes(packet))
    return VideoLoop(width=form.width, height=form.height, fps=form.fps, frames=frames, keys=keys)


def encode_audio(frames: Iterable[av.AudioFrame]) -> AudioLoop:
    """Encode 20 ms frames of mono to Opus."""
    context = av.CodecContext.create("libopus", "w")
    assert isinstance(context, AudioCodecContext)  # noqa: S101 - what libopus is
    context.sample_rate = SAMPLE_RATE
    context.layout = "mono"
    context.format = "s16"
    context.time_base = Fraction(1, SAMPLE_RATE)
    context.bit_rate = _AUDIO_BITRATE
    context.options = {"application": "voip", "frame_duration": "20"}
    packets: list[bytes] = []
    levels: list[int] = []
    for frame in frames:
        levels.append(_level(frame))
        packets.extend(bytes(packet) for packet in context.encode(frame))
    packets.extend(bytes(packet) for packet in context.encode(None))
    # the encoder's delay makes one packet more than frames; it holds only silence
    return AudioLoop(packets=packets[: len(levels)], levels=levels)


def _level(frame: av.AudioFrame) -> int:
    """Return the loudness of 16-bit samples in -dBov, 0 (loudest)..127 (silence)."""
    samples = array("h", bytes(frame.planes[0])[: frame.samples * 2])
    power = sum(sample * sample for sample in samples) / max(1, len(samples))
    if power < 1:
        return _SILENCE_DBOV
    return min(_SILENCE_DBOV, max(0, round(-10 * math.log10(power / 32768**2))))


def encode(name: str, caption: str, form: VideoFormat) -> Content:
    """Make everything a site sends, with the processor only."""
    return Content(
        video=encode_video(name, caption, form),
        speech=encode_audio(speech(name, _AUDIO_SECONDS)),
        room=encode_audio(room_tone(_AUDIO_SECONDS)),
    )


def load(name: str, caption: str, form: VideoFormat, cache: Path) -> Content:
    """Return a site's content from *cache*, made now if it is not there.

    A damaged file is made again; a cache that cannot be written costs time, not function.
    """
    key = msgspec.json.encode((_EDITION, name, caption, form))
    path = cache / f"{hashlib.sha256(key).hexdigest()[:20]}.loop"
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Content)
    except FileNotFoundError:
        pass
    except (OSError, msgspec.DecodeError) as error:
        log.warning("cache file %s cannot be read (%s); encoding again", path, error)
    content = encode(name, caption, form)
    partial = path.with_suffix(f".{os.getpid()}")
    try:
        cache.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(msgspec.msgpack.encode(content))
        partial.replace(path)
    except OSError as error:
        log.warning("cache directory %s cannot be written: %s", cache, error)
    return content
