"""What is printed: every letter, rows that stay whole, heads on every page; and what fails."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from bridge.errors import BridgeError, Code
from bridge.papers import printer
from bridge.papers.draw import pdf
from bridge.papers.parts import Cell, Page, Paper, Paragraph, Table

#: Letters with two marks, capitals among them, and what Vietnamese shares with nobody.
LETTERS = "Ế Ộ Ẵ ữ ặ Đ đ ẫ ỹ Ỷ"


def paper(*parts: Paragraph | Table, language: str = "vi") -> Paper:
    return Paper(parts=parts, title="Kiểm tra kỹ thuật", language=language)


def row(*texts: str, size: float = 10) -> list[Cell]:
    return [Cell(paragraphs=(Paragraph(text=text, size=size),)) for text in texts]


def pages(made: bytes) -> list[str]:
    """Return the text of each page; a reader that is not ours must understand the file."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(made), strict=True).pages]


def test_every_vietnamese_letter_is_there_to_be_searched() -> None:
    made = pdf(paper(Paragraph(text=LETTERS), Paragraph(text=LETTERS, bold=True, italic=True)))
    [text] = pages(made)
    assert text.split("\n") == [LETTERS, LETTERS]
    reader = PdfReader(io.BytesIO(made))
    assert reader.metadata is not None
    assert reader.metadata.title == "Kiểm tra kỹ thuật"
    assert str(reader.root_object["/Lang"]) == "vi-VN"
    assert (reader.pages[0].mediabox.width, reader.pages[0].mediabox.height) == pytest.approx(
        (841.89, 595.28), abs=0.1
    )


def test_rows_stay_whole_and_heads_are_repeated() -> None:
    rows = [row(f"số {number}", f"dòng một {number}\ndòng hai {number}") for number in range(60)]
    made = pages(pdf(paper(Table(widths=(1, 3), rows=[row("STT", "Ghi chú"), *rows], heads=1))))
    assert len(made) > 2
    for number, text in enumerate(made, 1):
        assert text.count("STT") == 1, "on every page"
        assert text.count("dòng một") == text.count("dòng hai"), "no row is torn"
        assert ("STT" in text.split("\n")[0]) == (number == 1), "others begin with their number"
    assert made[1].split("\n")[0] == "2"
    assert "".join(made).count("dòng hai") == 60


def test_a_heading_is_not_left_behind() -> None:
    filling = [Paragraph(text="chữ")] * 26
    heading = Paragraph(text="IV. Kết luận", keep=True)
    made = pages(pdf(paper(*filling, heading, Paragraph(text="Các bên đã thống nhất."))))
    assert "Kết luận" not in made[0]
    assert made[1].split("\n")[-2:] == ["IV. Kết luận", "Các bên đã thống nhất."]


def test_what_is_longer_than_a_page_is_still_printed() -> None:
    """A row higher than a page sticks out at the bottom, and nothing goes round for ever."""
    long = row("\n".join(f"dòng {number}" for number in range(80)))
    made = pages(pdf(paper(Table(widths=(1,), rows=[long, row("sau")]))))
    assert len(made) == 2
    assert "sau" in made[1]


def test_what_cannot_be_written_is_left_out() -> None:
    [text] = pages(pdf(paper(Paragraph(text="Đã thay\x07 micro\x00", indent=10, align="both"))))
    assert text.strip() == "Đã thay micro"
    assert pages(pdf(paper(Paragraph(text="")))) == [""]


def test_a_page_of_another_size() -> None:
    tall = Paper(
        parts=[Paragraph(text="a", rule=True)],
        title="",
        language="en",
        page=Page(width=210, height=297),
    )
    [page] = PdfReader(io.BytesIO(pdf(tall))).pages
    assert page.mediabox.height > page.mediabox.width


async def test_a_process_of_its_own_prints() -> None:
    assert pages(await printer.printed(paper(Paragraph(text=LETTERS)))) == [LETTERS]


async def test_a_process_that_fails_says_what_else_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(BridgeError) as refused:
        await printer.printed(paper())
    assert refused.value.code is Code.INTERNAL
