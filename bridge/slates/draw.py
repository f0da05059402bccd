"""Drawing a slate: calm, never red, legible from the last row of a hall.

The same picture as ``.slate`` in ``web/static/css/tokens.css``, so that nobody notices when a
page's own slate takes over from this one. Knows nothing of codecs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from bridge import fonts
from bridge.slates.still import SIZE, Card

__all__ = ["draw"]

_WIDTH, _HEIGHT = SIZE
_OVERSAMPLE: Final = 3  # drawn larger and reduced: Pillow's shapes have no anti-aliasing
_UNIT: Final = _WIDTH / 100  # the style sheet's cqw
_MARGIN: Final = 4 * _UNIT
_TOP, _BOTTOM = (0x10, 0x30, 0x4F), (0x08, 0x17, 0x25)
_WHITE, _PALE, _GOLD = (255, 255, 255), (0xCF, 0xDD, 0xE9), (0xE7, 0xB8, 0x4B)
_LEADING: Final = 1.4  # Vietnamese capitals carry two marks, one above the other
_RING: Final = 18  # of 255: as faint as on the pages
# A bridge on a grid of 24, as the symbol i-logo of the pages: deck, posts, hangers, and the arch.
_STROKES: Final = (
    ((3, 12), (3, 20)),
    ((21, 12), (21, 20)),
    ((9, 11.5), (9, 19)),
    ((15, 11.5), (15, 19)),
    ((2, 19), (22, 19)),
)
_ARCH: Final = ((3, 16), (6, 9), (18, 9), (21, 16))


def draw(card: Card) -> Image.Image:
    """Return the slate of *card* as RGB."""
    image = _ground().copy()
    logo = _logo()
    site = _fit(card.site, bold=True, largest=6.4 * _UNIT, smallest=4 * _UNIT)
    note = _fit(card.note, bold=False, largest=2.8 * _UNIT, smallest=2 * _UNIT)
    top = (_HEIGHT - logo.height - _height(site) - _height(note)) / 2
    image.paste(_GOLD, ((_WIDTH - logo.width) // 2, round(top)), logo)
    pen = ImageDraw.Draw(image)
    top = _write(pen, site, top + logo.height, _WHITE)
    _write(pen, note, top, _PALE)
    foot = [
        _fit(text, bold=False, largest=1.9 * _UNIT, smallest=1.6 * _UNIT)
        for text in (card.event, card.session)
    ]
    top = _HEIGHT - 0.75 * _MARGIN - sum(map(_height, foot))
    for lines in foot:
        top = _write(pen, lines, top, _PALE)
    return image


@lru_cache(maxsize=1)
def _ground() -> Image.Image:
    """Return what is behind the words: the blue, and the rings."""
    size = (_WIDTH * _OVERSAMPLE, _HEIGHT * _OVERSAMPLE)
    unit = _UNIT * _OVERSAMPLE
    rings = Image.new("L", size)
    pen = ImageDraw.Draw(rings)
    x, y = 0.88 * size[0], 0.92 * size[1]
    for count in range(1, 20):
        radius = 6 * unit * count
        box = (x - radius, y - radius, x + radius, y + radius)
        pen.ellipse(box, outline=_RING, width=round(0.12 * unit))
    gradient = Image.linear_gradient("L").resize(SIZE)
    image = Image.composite(Image.new("RGB", SIZE, _BOTTOM), Image.new("RGB", SIZE, _TOP), gradient)
    image.paste(_WHITE, (0, 0), rings.resize(SIZE, Image.Resampling.LANCZOS))
    return image


@lru_cache(maxsize=1)
def _logo() -> Image.Image:
    """Return the bridge as a mask."""
    size = round(6 * _UNIT)
    mask = Image.new("L", (size * _OVERSAMPLE, size * _OVERSAMPLE))
    _bridge(ImageDraw.Draw(mask), size * _OVERSAMPLE / 24)
    return mask.resize((size, size), Image.Resampling.LANCZOS)


def _bridge(pen: ImageDraw.ImageDraw, scale: float) -> None:
    """Draw the logo, *scale* pixels for each of its 24 units."""
    steps = [step / 24 for step in range(25)]
    arch = [tuple(_bezier([point[axis] for point in _ARCH], t) for axis in (0, 1)) for t in steps]
    for start, end in (*_STROKES, *pairwise(arch)):
        points = [(x * scale, y * scale) for x, y in (start, end)]
        pen.line(points, fill=255, width=round(1.25 * scale))
        for x, y in points:  # round caps
            radius = 0.625 * scale
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def _bezier(points: Sequence[float], t: float) -> float:
    """Return one coordinate of a cubic Bézier curve at *t*, 0 to 1."""
    a, b, c, d = points
    s = 1 - t
    return a * s**3 + 3 * b * s**2 * t + 3 * c * s * t**2 + d * t**3


_Lines = list[tuple[str, ImageFont.FreeTypeFont]]


def _fit(text: str, *, bold: bool, largest: float, smallest: float) -> _Lines:
    """Return *text* in one line, as large as it fits; a longer one in several, balanced."""
    room = _WIDTH - 2 * _MARGIN
    length = _font(round(largest), bold).getlength(text)
    size = largest if length <= room else max(smallest, largest * room / length)
    font = _font(int(size), bold)
    lines = _wrap(text, font, room)
    narrow = font.getlength(text) / len(lines)
    while len(lines) > 1 and narrow < room:
        better = _wrap(text, font, narrow)
        if len(better) == len(lines):
            lines = better
            break
        narrow += _UNIT
    return [(line, font) for line in lines]


def _wrap(text: str, font: ImageFont.FreeTypeFont, room: float) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _height(lines: _Lines) -> float:
    return sum(_LEADING * font.size for _, font in lines)


def _write(
    pen: ImageDraw.ImageDraw, lines: _Lines, top: float, fill: tuple[int, int, int]
) -> float:
    """Write *lines* from *top* down, centred; return where they end."""
    for line, font in lines:
        pen.text(
            (_WIDTH / 2, top + _LEADING / 2 * font.size), line, font=font, fill=fill, anchor="mm"
        )
        top += _LEADING * font.size
    return top


@lru_cache(maxsize=32)
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    return fonts.load(size, bold=bold)
