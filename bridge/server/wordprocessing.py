"""A small writer of DOCX (Office Open XML, ISO/IEC 29500 transitional): paragraphs and tables.

Owns the markup, knows nothing of what is written.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from bridge.papers.parts import Cell, Page, Paper, Paragraph, Table, writable

__all__ = ["DOCX", "document"]

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_TWIPS_PER_MM: Final = 1440 / 25.4
_NAMESPACE: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_FONT: Final = "Times New Roman"  # appendix I of Nghị định 30/2020/NĐ-CP


def document(paper: Paper) -> bytes:
    """Return *paper* as a DOCX file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in _frame(paper.title, paper.language).items():
            package.writestr(name, _HEAD + content)
        package.writestr("word/document.xml", _HEAD + _body(paper.parts, paper.page))
    return file.getvalue()


def _body(parts: Sequence[Paragraph | Table], page: Page) -> str:
    inside = [
        _table(part, page.text_width) if isinstance(part, Table) else _paragraph(part)
        for part in parts
    ]
    orient = ' w:orient="landscape"' if page.width > page.height else ""
    section = (
        '<w:sectPr><w:headerReference w:type="default" r:id="rId2"/>'
        f'<w:pgSz w:w="{_twips(page.width)}" w:h="{_twips(page.height)}"{orient}/>'
        f'<w:pgMar w:top="{_twips(page.top)}" w:right="{_twips(page.right)}" '
        f'w:bottom="{_twips(page.bottom)}" w:left="{_twips(page.left)}" '
        f'w:header="{_twips(10)}" w:footer="{_twips(10)}" w:gutter="0"/><w:titlePg/></w:sectPr>'
    )
    body = f"<w:body>{''.join(inside)}{section}</w:body>"
    return f'<w:document xmlns:w="{_NAMESPACE}" xmlns:r="{_RELATIONS}">{body}</w:document>'


def _paragraph(one: Paragraph) -> str:
    rule = '<w:pBdr><w:bottom w:val="single" w:sz="6" w:space="1" w:color="000000"/></w:pBdr>'
    properties = (
        f"{'<w:keepNext/>' if one.keep else ''}{rule if one.rule else ''}"
        f'<w:spacing w:before="{round(one.before * 20)}" w:after="{round(one.after * 20)}"/>'
        f'<w:ind w:firstLine="{_twips(one.indent)}"/><w:jc w:val="{one.align}"/>'
    )
    half_points = round(one.size * 2)
    style = (
        f"{'<w:b/>' if one.bold else ''}{'<w:i/>' if one.italic else ''}"
        f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'
    )
    lines = [
        f'<w:t xml:space="preserve">{escape(writable(line))}</w:t>'
        for line in one.text.splitlines() or [""]
    ]
    run = f"<w:r><w:rPr>{style}</w:rPr>{'<w:br/>'.join(lines)}</w:r>"
    return f"<w:p><w:pPr>{properties}</w:pPr>{run}</w:p>"


def _table(table: Table, width_mm: float) -> str:
    whole = sum(table.widths)
    widths = [_twips(width_mm * share / whole) for share in table.widths]
    line = 'w:val="single" w:sz="4" w:space="0" w:color="000000"'
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(f"<w:{side} {line}/>" for side in sides) if table.borders else ""
    properties = (
        f'<w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f"<w:tblBorders>{borders}</w:tblBorders>"
        '<w:tblLayout w:type="fixed"/><w:tblCellMar>'
        '<w:left w:w="57" w:type="dxa"/><w:right w:w="57" w:type="dxa"/></w:tblCellMar></w:tblPr>'
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    rows = [
        _row(cells, widths, head=number < table.heads) for number, cells in enumerate(table.rows)
    ]
    return f"<w:tbl>{properties}<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def _row(cells: Sequence[Cell], widths: Sequence[int], *, head: bool) -> str:
    made = [
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
        f"{''.join(_paragraph(one) for one in cell.paragraphs)}</w:tc>"
        for cell, width in zip(cells, widths, strict=True)
    ]
    properties = f"<w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}</w:trPr>"
    return f"<w:tr>{properties}{''.join(made)}</w:tr>"


def _frame(title: str, language: str) -> dict[str, str]:
    """Return the parts every file has: types, relations, styles, the page number, the title."""
    main = DOCX + ".main+xml"
    kinds = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    locale = "vi-VN" if language == "vi" else "en-GB"
    fonts = f'w:ascii="{_FONT}" w:hAnsi="{_FONT}" w:cs="{_FONT}" w:eastAsia="{_FONT}"'
    return {
        "[Content_Types].xml": (
            f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{main}"/>'
            f'<Override PartName="/word/styles.xml" ContentType="{kinds}.styles+xml"/>'
            f'<Override PartName="/word/header.xml" ContentType="{kinds}.header+xml"/>'
            '<Override PartName="/docProps/core.xml" '
            'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" '
            'Target="word/document.xml"/>'
            f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" '
            'Target="docProps/core.xml"/></Relationships>'
        ),
        "word/_rels/document.xml.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
            f'<Relationship Id="rId2" Type="{_RELATIONS}/header" Target="header.xml"/>'
            "</Relationships>"
        ),
        "word/styles.xml": (
            f'<w:styles xmlns:w="{_NAMESPACE}"><w:docDefaults><w:rPrDefault><w:rPr>'
            f'<w:rFonts {fonts}/><w:sz w:val="26"/><w:lang w:val="{locale}"/>'
            "</w:rPr></w:rPrDefault></w:docDefaults></w:styles>"
        ),
        # The number is above, from the second page on (titlePg leaves the first one without).
        "word/header.xml": (
            f'<w:hdr xmlns:w="{_NAMESPACE}"><w:p><w:pPr><w:jc w:val="center"/></w:pPr>'
            '<w:fldSimple w:instr="PAGE"><w:r><w:t>2</w:t></w:r></w:fldSimple></w:p></w:hdr>'
        ),
        "docProps/core.xml": (
            f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>{escape(writable(title))}</dc:title>"
            f"<dc:language>{locale}</dc:language></cp:coreProperties>"
        ),
    }


def _twips(millimetres: float) -> int:
    return round(millimetres * _TWIPS_PER_MM)
