"""Slates as decoders see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import av
from av.video.codeccontext import VideoCodecContext
from PIL import Image, ImageChops, ImageStat

from bridge.slates.draw import draw
from bridge.slates.encode import encode
from bridge.slates.still import Card, Still

#: Where the name of the site stands, in pixels of 1280x720.
NAME = (60, 320, 1220, 430)


def card(site: str = "Điện Biên", **fields: str) -> Card:
    known = {
        "note": "Đường truyền đang gián đoạn, xin chờ",
        "event": "Diễn đàn cấp cao thường niên lần thứ ba về Công nghiệp 4.0",
        "session": "Phiên toàn thể",
    }
    return Card(site=f"Điểm cầu {site}", **known | fields)


@cache
def still(site: str) -> Still:
    """Return the still of a site; made once for all tests of a worker."""
    return encode(draw(card(site)))


def annex_b(units: Iterable[bytes]) -> bytes:
    return b"".join(b"\0\0\0\1" + unit for unit in units)


def decoded(codec: str, *pictures: bytes) -> list[Image.Image]:
    """Return every picture a decoder that never saw anything before makes of *pictures*."""
    context = av.CodecContext.create(codec, "r")
    assert isinstance(context, VideoCodecContext)
    frames: list[av.VideoFrame] = []
    for data in pictures:
        frames += context.decode(av.Packet(data))
    frames += context.decode(None)
    images: list[Image.Image] = []
    for frame in frames:
        image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
        images.append(image)
    return images


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return how far two pictures are apart: mean of the squares, 0 for the same."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).rms) / 3


def shows(picture: Image.Image, site: str, others: Sequence[str]) -> bool:
    """Return whether *picture* is the slate of *site* and of none of the *others*."""

    def apart(name: str) -> float:
        return difference(picture.crop(NAME), draw(card(name)).crop(NAME))

    name_area = ImageStat.Stat(picture.crop(NAME).convert("L"))
    written = name_area.stddev[0] > 20  # white letters on blue
    return written and apart(site) < 12 < min(apart(other) for other in others)
