"""Be Vietnam Pro, which has every Vietnamese letter, for pictures the program itself draws.

Pages take theirs from ``web/static/vendor``: there a family comes in pieces, one per range of
letters, which only browsers put together.
"""

from __future__ import annotations

from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageFont

__all__ = ["load"]


def load(size: float, *, bold: bool = True) -> ImageFont.FreeTypeFont:
    """Return the font at *size* pixels."""
    from PIL import ImageFont  # only processes that draw carry what draws

    name = f"BeVietnamPro-{'Bold' if bold else 'Regular'}.ttf"
    data = files("bridge.fonts").joinpath(name).read_bytes()
    return ImageFont.truetype(BytesIO(data), size)
