"""Encoding a slate: one VP8 key frame, two H.264 pictures that may follow each other.

Constant quality, chosen so that a still has about 20 kB: sent once a second it costs a viewer
a tenth of what the camera did. The lines of the letters stay sharp, which is all there is to see.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

import av
from av.codec.codec import UnknownCodecError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from PIL import Image

from bridge.slates.still import Still

__all__ = ["encode"]

VP8: Final = "libvpx"
H264: Final = "libx264"
_VP8 = {
    "deadline": "good",
    "qmin": "32",  # of 63
    "qmax": "32",
    "lag-in-frames": "0",
    "auto-alt-ref": "0",
}
# Constrained baseline is what every decoder has: no CABAC, no B-frames, no 8x8 transform.
_H264 = {
    "profile": "baseline",
    "level": "3.1",
    "preset": "veryfast",
    "qp": "30",
    "x264-params": "keyint=1:slices=1:annexb=1:repeat-headers=1:ipratio=1",
}
_START_CODE = re.compile(b"\x00\x00\x00?\x01")
_WANTED = {5, 7, 8}  # IDR slice and the two parameter sets; not the encoder's greeting (SEI)


def encode(image: Image.Image) -> Still:
    """Return *image* encoded; without H.264 where this PyAV has no x264."""
    frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
    frame = frame.reformat(format="yuv420p")
    frame.pict_type = PictureType.I
    (vp8,) = _pictures(VP8, _VP8, frame, 1)
    try:
        h264 = _pictures(H264, _H264, frame, 2)
    except UnknownCodecError:
        h264 = []
    return Still(vp8=vp8, h264=tuple(tuple(_units(picture)) for picture in h264))


def _pictures(codec: str, options: dict[str, str], frame: av.VideoFrame, count: int) -> list[bytes]:
    """Return *frame*, *count* times over, each a key frame."""
    context = av.CodecContext.create(codec, "w")
    assert isinstance(context, VideoCodecContext)  # noqa: S101 - what both are
    context.width, context.height = frame.width, frame.height
    context.pix_fmt = "yuv420p"
    context.time_base = Fraction(1, 1)
    context.framerate = Fraction(1)
    context.bit_rate = 4_000_000  # out of the way: the quality decides
    context.thread_count = 1
    context.options = options
    pictures = []
    for number in [*range(count), None]:
        if number is not None:
            frame.pts = number
        packets = context.encode(None if number is None else frame)
        pictures += [bytes(packet) for packet in packets]
    return pictures


def _units(picture: bytes) -> list[bytes]:
    """Return the NAL units of an Annex B picture that a decoder needs."""
    units = [unit for unit in _START_CODE.split(picture) if unit]
    return [unit for unit in units if unit[0] & 0x1F in _WANTED]
