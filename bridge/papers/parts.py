"""What a paper is made of: paragraphs and tables, whatever file it becomes.

Sizes are as offices think of them: text in points, page and margins in millimetres, columns in
shares of the width.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

__all__ = ["Align", "Cell", "Page", "Paper", "Paragraph", "Table", "writable"]

# XML 1.0 section 2.2, and nothing a printer could show either: a delegate's name may hold anything.
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Align = Literal["left", "center", "right", "both"]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet and its margins, in millimetres."""

    width: float = 297
    height: float = 210
    top: float = 20
    bottom: float = 20
    left: float = 30
    right: float = 15

    @property
    def text_width(self) -> float:
        """Width between the margins."""
        return self.width - self.left - self.right


class Paragraph(msgspec.Struct, frozen=True, kw_only=True, tag="paragraph"):
    """One paragraph in one style.

    Attributes:
        text: line feeds begin a new line.
        size: points.
        before, after: space, points.
        indent: of the first line, millimetres.
        rule: a line below, as under the country's motto.
        keep: stays on the page of what follows.
    """

    text: str
    bold: bool = False
    italic: bool = False
    align: Align = "left"
    size: float = 13
    before: float = 0
    after: float = 0
    indent: float = 0
    rule: bool = False
    keep: bool = False


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One cell of a table."""

    paragraphs: tuple[Paragraph, ...]


class Table(msgspec.Struct, frozen=True, kw_only=True, tag="table"):
    """A table over the whole width.

    Attributes:
        widths: share of each column, in any unit.
        rows: of as many cells as there are widths.
        heads: how many rows are repeated on each page.
        borders: lines around the cells.
    """

    widths: Sequence[float]
    rows: Sequence[Sequence[Cell]]
    heads: int = 0
    borders: bool = True


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A whole paper.

    Attributes:
        parts: in order.
        title: in the file's properties.
        language: ``vi`` or ``en``, for spelling and reading aloud.
        page: A4 landscape with the margins of the decree, unless said otherwise.
    """

    parts: Sequence[Paragraph | Table]
    title: str
    language: str
    page: Page = Page()


def writable(text: str) -> str:
    """Return *text* without what no file may hold."""
    return _FORBIDDEN.sub("", text)
