"""What a simulated camera sees: a small meeting room with the site's name, drawn frame by frame.

Owns the drawing only; knows nothing of codecs or packets. Every moving part has a
period that divides the loop, so the last frame leads into the first.
"""

from __future__ import annotations

import colorsys
import math
import zlib
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFont

from bridge import fonts

__all__ = ["Scene", "draw_room"]

_OVERSAMPLE = 3  # drawn larger and reduced: Pillow's shapes have no anti-aliasing
_GRAINS = 7  # different noise tiles; no divisor of a usual loop, so the noise never stands still
_GRAIN_SIGMA = 3.5  # strong enough that the encoder spends a camera's bitrate, not a slide's
# sober wall colours that tell neighbours on a multiview apart, as parts of the colour circle
_HUES = (0.02, 0.08, 0.36, 0.44, 0.50, 0.55, 0.60, 0.65, 0.71, 0.78, 0.88, 0.95)


def _fitted(text: str, width: float, largest: float) -> ImageFont.FreeTypeFont:
    """Return the font at the largest size, up to *largest*, at which *text* is within *width*."""
    font = fonts.load(largest)
    length = font.getlength(text)
    return font if length <= width else fonts.load(largest * width / length)


def _shade(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


@dataclass(frozen=True)
class Scene:
    """One site's room, ready to be drawn at any phase of the loop.

    Attributes:
        rooms: everything that does not move, each with another sensor noise.
        table: hides the lower edge of the delegates, with transparency.
        person: one delegate, with transparency.
        seats: (x, y) of each delegate's picture, and how far into the loop this one nods.
        accent: colour of the hand and of the light.
        seconds: length of the loop.
        counter: font of the running counter.
    """

    rooms: tuple[Image.Image, ...]
    table: Image.Image
    person: Image.Image
    seats: tuple[tuple[int, int, float], ...]
    accent: tuple[int, int, int]
    seconds: float
    counter: ImageFont.FreeTypeFont

    def frame(self, index: int, count: int) -> Image.Image:
        """Draw frame *index* (0..*count*-1) of the loop as RGB."""
        phase = index / count
        image = self.rooms[index % len(self.rooms)].copy()
        unit = image.height / 360
        for x, y, offset in self.seats:
            swing = 2 * math.pi * (phase + offset)
            image.paste(
                self.person,
                (round(x + 3 * unit * math.sin(swing)), round(y + 2 * unit * math.sin(2 * swing))),
                self.person,
            )
        image.paste(self.table, (0, image.height - self.table.height))
        draw = ImageDraw.Draw(image)
        centre_x, centre_y, radius = image.width - 62 * unit, 62 * unit, 32 * unit
        angle = 2 * math.pi * phase
        draw.line(
            (
                centre_x,
                centre_y,
                centre_x + radius * 0.86 * math.sin(angle),
                centre_y - radius * 0.86 * math.cos(angle),
            ),
            fill=self.accent,
            width=max(2, round(3 * unit)),
        )
        draw.text(
            (centre_x, centre_y + radius + 14 * unit),
            f"{phase * self.seconds:04.1f}",
            font=self.counter,
            fill=(240, 244, 250),
            anchor="mm",
        )
        return image


def _person(height: int, hue: float) -> Image.Image:
    """Return head and shoulders of a delegate, *height* pixels tall."""
    scale = _OVERSAMPLE
    size = height * scale
    image = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    suit, skin, hair = _shade(hue + 0.02, 0.35, 0.22), (214, 172, 140), (32, 28, 30)
    draw.ellipse((size * 0.08, size * 0.55, size * 0.92, size * 1.6), fill=suit)
    draw.polygon(
        ((size * 0.42, size * 0.56), (size * 0.58, size * 0.56), (size * 0.5, size * 0.82)),
        fill=(236, 240, 246),
    )
    draw.ellipse((size * 0.33, size * 0.08, size * 0.67, size * 0.46), fill=hair)
    draw.ellipse((size * 0.35, size * 0.16, size * 0.65, size * 0.58), fill=skin)
    return image.resize((height, height), Image.Resampling.LANCZOS)


def _room(name: str, caption: str, size: tuple[int, int], hue: float) -> Image.Image:
    """Return wall, banner, dial and table."""
    scale = _OVERSAMPLE
    width, height = size[0] * scale, size[1] * scale
    unit = height / 360
    wall = Image.linear_gradient("L").resize((width, height))
    image = Image.composite(
        Image.new("RGB", (width, height), _shade(hue, 0.45, 0.30)),
        Image.new("RGB", (width, height), _shade(hue, 0.50, 0.55)),
        wall,
    )
    draw = ImageDraw.Draw(image)
    white, pale = (250, 252, 255), _shade(hue, 0.18, 0.92)
    draw.text((36 * unit, 44 * unit), caption, font=fonts.load(19 * unit), fill=pale, anchor="lm")
    draw.text(
        (34 * unit, 92 * unit),
        name,
        font=_fitted(name, width - 160 * unit, 56 * unit),
        fill=white,
        anchor="lm",
    )
    draw.rectangle(
        (36 * unit, 128 * unit, 176 * unit, 132 * unit), fill=_shade(hue + 0.5, 0.6, 0.9)
    )
    dial = (width - 62 * unit, 62 * unit, 32 * unit)
    box = (dial[0] - dial[2], dial[1] - dial[2], dial[0] + dial[2], dial[1] + dial[2])
    draw.ellipse(box, fill=_shade(hue, 0.55, 0.20), outline=pale, width=round(2.5 * unit))
    for tick in range(12):
        angle = 2 * math.pi * tick / 12
        draw.line(
            tuple(
                part
                for share in (0.8, 0.93)
                for part in (
                    dial[0] + dial[2] * share * math.sin(angle),
                    dial[1] - dial[2] * share * math.cos(angle),
                )
            ),
            fill=pale,
            width=round(2 * unit),
        )
    draw.rectangle((0, 292 * unit, width, height), fill=(92, 62, 44))
    draw.rectangle((0, 292 * unit, width, 297 * unit), fill=(132, 92, 64))
    draw.text(
        (width / 2, 328 * unit),
        "Hình mô phỏng",
        font=fonts.load(17 * unit),
        fill=(226, 206, 186),
        anchor="mm",
    )
    return image.resize(size, Image.Resampling.LANCZOS)


def draw_room(name: str, *, caption: str, width: int, height: int, seconds: float) -> Scene:
    """Prepare the room of a site.

    Args:
        name: the site's Vietnamese name, drawn large.
        caption: one line above it.
        width: pixels, even.
        height: pixels, even.
        seconds: length of the loop the frames will be drawn for.
    """
    seed = zlib.crc32(name.encode())
    hue = _HUES[seed % len(_HUES)]
    unit = height / 360
    room = _room(name, caption, (width, height), hue)
    person = _person(round(150 * unit), hue)
    seats = tuple(
        (
            round(width * share - person.width / 2),
            round(292 * unit - person.height * 0.93),
            (seed >> 7) % 5 / 5 + place / 3,
        )
        for place, share in enumerate((0.2, 0.5, 0.8))
    )
    noises = (Image.effect_noise((width, height), _GRAIN_SIGMA) for _ in range(_GRAINS))
    rooms = tuple(
        ImageChops.add(room, Image.merge("RGB", (noise, noise, noise)), offset=-128)
        for noise in noises
    )
    return Scene(
        rooms=rooms,
        table=room.crop((0, round(292 * unit), width, height)),
        person=person,
        seats=seats,
        accent=_shade(hue + 0.5, 0.55, 1.0),
        seconds=seconds,
        counter=fonts.load(15 * unit),
    )
