"""Makes a PDF of a paper, in Be Vietnam Pro, which has every Vietnamese letter.

A row of a table stays on one page; its heads are repeated on the next one. There is no slanted
Be Vietnam Pro among our files: what is italic elsewhere stands upright here.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import as_file, files
from typing import Final, cast

from fpdf import FPDF
from fpdf.enums import MethodReturnValue

from bridge.papers.parts import Cell, Paper, Paragraph, Table, writable

__all__ = ["pdf"]

_FAMILY: Final = "Be Vietnam Pro"
_ALIGN: Final = {"left": "L", "center": "C", "right": "R", "both": "J"}
_MM: Final = 25.4 / 72  # of a point
_LEADING: Final = 1.35  # the font's own line is tight for letters with two marks above
_PADDING: Final = 0.8  # millimetres between a cell's text and its lines
_AIR: Final = 0.6  # and above and below it, where lines are drawn
_NUMBER_AT: Final = 10.0  # millimetres from the top; decree 30/2020, appendix I
_NEXT: Final = 15.0  # of what follows a kept paragraph at least so much fits below it


def pdf(paper: Paper) -> bytes:
    """Return *paper* as a PDF file."""
    sheets = _Sheets(paper)
    for part in paper.parts:
        if isinstance(part, Table):
            sheets.rows(part)
        else:
            sheets.paragraph(part)
    return bytes(sheets.output())


class _Sheets(FPDF):
    """The pages, from the top on."""

    def __init__(self, paper: Paper) -> None:
        page = paper.page
        super().__init__(unit="mm", format=(page.width, page.height))
        self._paper = paper
        self.set_margins(page.left, page.top, page.right)
        self.set_auto_page_break(auto=False)
        self.set_title(writable(paper.title))
        self.set_lang("vi-VN" if paper.language == "vi" else "en-GB")
        self.set_line_width(0.18)
        self.c_margin = 0
        for style, name in (("", "Regular"), ("B", "Bold")):
            with as_file(files("bridge.fonts") / f"BeVietnamPro-{name}.ttf") as file:
                self.add_font(_FAMILY, style, file)
        self.set_font(_FAMILY)
        self.add_page()

    def header(self) -> None:
        """The number is above, from the second page on."""
        if self.page_no() > 1:
            self.set_font(_FAMILY, "", 13)
            self.set_xy(self.l_margin, _NUMBER_AT)
            self.cell(self._paper.page.text_width, 13 * _MM, str(self.page_no()), align="C")
        self.set_xy(self.l_margin, self._paper.page.top)

    def paragraph(self, one: Paragraph) -> None:
        """Write a paragraph over the whole width, on the next page if it does not fit."""
        width = self._paper.page.text_width
        self._make_room(self._height(one, width) + (_NEXT if one.keep else 0.0))
        self.set_y(self._write(one, self.l_margin, self.get_y(), width))

    def rows(self, table: Table) -> None:
        """Draw a table."""
        whole = sum(table.widths)
        widths = [self._paper.page.text_width * share / whole for share in table.widths]
        heads, rows = table.rows[: table.heads], table.rows[table.heads :]
        for row in heads:
            self._row(row, widths, table.borders)
        for row in rows:
            if self._make_room(self._row_height(row, widths, table.borders)):
                for head in heads:
                    self._row(head, widths, table.borders)
            self._row(row, widths, table.borders)

    def _make_room(self, height: float) -> bool:
        """Begin a page if so many millimetres do not fit on this one; return whether one was."""
        page = self._paper.page
        fits = self.get_y() + height <= page.height - page.bottom
        if fits or self.get_y() <= page.top:
            return False
        self.add_page()
        return True

    def _row(self, row: Sequence[Cell], widths: Sequence[float], borders: bool) -> None:
        x, y = self.l_margin, self.get_y()
        height = self._row_height(row, widths, borders)
        for cell, width in zip(row, widths, strict=True):
            if borders:
                self.rect(x, y, width, height)
            at = y + (_AIR if borders else 0.0)
            for one in cell.paragraphs:
                at = self._write(one, x + _PADDING, at, width - 2 * _PADDING)
            x += width
        self.set_xy(self.l_margin, y + height)

    def _row_height(self, row: Sequence[Cell], widths: Sequence[float], borders: bool) -> float:
        heights = [
            sum(self._height(one, width - 2 * _PADDING) for one in cell.paragraphs)
            for cell, width in zip(row, widths, strict=True)
        ]
        return max(heights, default=0.0) + (2 * _AIR if borders else 0.0)

    def _height(self, one: Paragraph, width: float) -> float:
        """Return the millimetres *one* takes."""
        lines = self._lines(one, width)
        return (len(lines) * one.size * _LEADING + one.before + one.after) * _MM

    def _lines(self, one: Paragraph, width: float) -> list[str]:
        self.set_font(_FAMILY, "B" if one.bold else "", one.size)
        if not (text := _indented(self, one)):
            return [""]
        lines = MethodReturnValue.LINES
        broken = self.multi_cell(width, text=text, align="L", dry_run=True, output=lines)
        return cast("list[str]", broken)

    def _write(self, one: Paragraph, x: float, y: float, width: float) -> float:
        """Write *one* and return where it ends."""
        height = self._height(one, width)
        line = one.size * _LEADING * _MM
        self.set_font(_FAMILY, "B" if one.bold else "", one.size)
        self.set_xy(x, y + one.before * _MM)
        if text := _indented(self, one):
            self.multi_cell(width, line, text, align=_ALIGN[one.align])
        if one.rule:
            self.line(x, y + height, x + width, y + height)
        return y + height


def _indented(sheets: FPDF, one: Paragraph) -> str:
    """Return the text, its first line moved in by spaces that do not shrink or break."""
    text = writable(one.text)
    if not one.indent or not text:
        return text
    return "\u00a0" * round(one.indent / sheets.get_string_width("\u00a0")) + text
