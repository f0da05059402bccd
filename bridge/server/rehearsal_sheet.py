"""The sheet of a rehearsal: every site, what was found, and who signed.

In the form of Nghị định 30/2020/NĐ-CP, appendix I, as the minutes have it: country and motto,
issuer, title, numbered parts, a table, signatures. Landscape, since a site has many figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from bridge.link.rehearsal import Item, Mark, Outcome, SiteRehearsal
from bridge.papers.parts import Align, Cell, Paper, Paragraph, Table
from bridge.server.minutes_words import Words

__all__ = ["sheet"]

SMALL: Final = 10.0  # points, in the table
HEAD: Final = 8.5  # points, of its heads: "Liên lạc" fits into a column
_WIDTHS: Final = (11, 27, *[15.5] * len(Item), 16, 17, 34, 34)


def sheet(
    sites: Mapping[str, SiteRehearsal], order: list[str], words: Words, made_at: float
) -> Paper:
    """Return the sheet.

    Args:
        sites: how far each is, by code.
        order: codes of all sites, as the event file has them.
        words: language, names and dates.
        made_at: Unix seconds.
    """
    title = f"{words.say('rehearsal.sheet_title')} {words.of(words.plan.session)}"
    parts: list[Paragraph | Table] = [_head(words, made_at), *_title(words)]
    parts += [*_about(sites, order, words, made_at), *_findings(sites, order, words)]
    parts += [_signatures(words), Paragraph(text="", size=1)]  # no file ends with a table
    return Paper(parts=parts, title=title, language=words.language)


def _head(words: Words, made_at: float) -> Table:
    day = words.date(words.local(made_at).date())
    left = (
        Paragraph(text=words.say("minutes.issuer"), align="center"),
        Paragraph(text=words.say("rehearsal.sheet_office"), align="center", bold=True),
        Paragraph(text="———", align="center", size=8),
        Paragraph(text=words.say("rehearsal.sheet_number"), align="center"),
    )
    right = (
        Paragraph(text=words.say("minutes.state"), align="center", bold=True),
        Paragraph(text=words.say("minutes.motto"), align="center", bold=True),
        Paragraph(text="———————————", align="center", size=8),
        Paragraph(
            text=words.say("minutes.place_date", place=words.place(), date=day),
            align="center",
            italic=True,
        ),
    )
    row = [Cell(paragraphs=left), Cell(paragraphs=right)]
    return Table(widths=(2, 3), rows=[row], borders=False)


def _title(words: Words) -> Iterator[Paragraph]:
    yield Paragraph(
        text=words.say("minutes.heading"), align="center", bold=True, size=14, before=14
    )
    yield Paragraph(text=words.say("rehearsal.sheet_title"), align="center", bold=True, size=14)
    yield Paragraph(text=words.of(words.plan.session), align="center", bold=True)
    yield Paragraph(text=words.of(words.plan.event), align="center", after=8)


def _about(
    sites: Mapping[str, SiteRehearsal], order: list[str], words: Words, made_at: float
) -> Iterator[Paragraph]:
    signed = [code for code in order if code in sites and sites[code].signed_at]
    bad = [code for code in signed if sites[code].bad]
    times = [one.signed_at for one in sites.values() if one.signed_at]
    since, until = min(times, default=made_at), max(times, default=made_at)

    def line(key: str, **values: object) -> Paragraph:
        text = words.say(f"rehearsal.sheet_{key}", **values)
        return Paragraph(text=text, align="both", indent=10, after=3)

    def part(key: str) -> Paragraph:
        text = words.say(f"rehearsal.sheet_{key}")
        return Paragraph(text=text, bold=True, before=6, after=3, keep=True)

    yield part("part_when")
    if times:
        span = {"since": words.moment(since), "until": words.moment(until)}
        yield line("when", **span, place=words.place())
    else:
        yield line("when_not", place=words.place())
    yield part("part_who")
    names = sorted({one.signed_by for one in sites.values() if one.signed_at})
    yield line("who", names=", ".join(names) or "……………………")
    yield part("part_result")
    counts = {"done": len(signed), "all": len(order), "good": len(signed) - len(bad)}
    yield line("result", **counts, bad=len(bad), open=len(order) - len(signed))


def _findings(
    sites: Mapping[str, SiteRehearsal], order: list[str], words: Words
) -> Iterator[Paragraph | Table]:
    heads = ["number", "site", *Item, "line_figures", "rate", "signed", "note"]
    head = [_cell(words.say(f"rehearsal.column_{name}"), bold=True, size=HEAD) for name in heads]
    rows = [
        _row(number, code, sites.get(code, SiteRehearsal()), words)
        for number, code in enumerate(order, 1)
    ]
    yield Table(widths=_WIDTHS, rows=[head, *rows], heads=1)
    yield Paragraph(
        text=words.say("rehearsal.sheet_legend"), italic=True, size=SMALL, before=3, after=6
    )
    yield Paragraph(text=words.say("rehearsal.sheet_part_end"), bold=True, before=6, keep=True)
    yield Paragraph(text=words.say("rehearsal.sheet_end"), align="both", indent=10, after=10)


def _row(number: int, code: str, site: SiteRehearsal, words: Words) -> list[Cell]:
    line, rate = _figures(site, words)
    signed = f"{site.signed_by}\n{words.moment(site.signed_at)}" if site.signed_at else ""
    overruled = site.overruled
    return [
        _cell(str(number)),
        _cell(words.site(code), align="left"),
        *(_cell(_outcome(site.marks.get(item), words, item in overruled)) for item in Item),
        _cell(line),
        _cell(rate),
        _cell(signed),
        _cell("\n".join(_notes(site, words)), align="left"),
    ]


def _outcome(mark: Mark | None, words: Words, overruled: bool) -> str:
    if mark is None:
        return ""
    return words.say(f"rehearsal.short_{mark.outcome}") + ("*" if overruled else "")


def _figures(site: SiteRehearsal, words: Words) -> tuple[str, str]:
    found = site.baseline
    if found is None:
        return "", ""
    loss = words.decimal(100 * max(found.loss_up, found.loss_down))
    rtt = f"{found.rtt_ms:.0f} ms" if found.rtt_ms >= 0 else "–"
    up, down = words.decimal(found.kbps_up / 1000), words.decimal(found.kbps_down / 1000)
    return f"{rtt}\n{loss} %", f"{up} / {down}"


def _notes(site: SiteRehearsal, words: Words) -> Iterator[str]:
    """Yield what was said of the site, and why something is bad."""
    if site.note:
        yield site.note
    for item, mark in sorted(site.marks.items(), key=lambda one: list(Item).index(one[0])):
        against = site.measured.get(item)
        if mark.outcome is Outcome.GOOD and against and against.outcome is Outcome.BAD and mark.by:
            found = words.say(f"rehearsal.why_{against.reason}")
            said = words.say("rehearsal.sheet_against", why=found)
            yield f"{words.say(f'rehearsal.item_{item}')}: {said}"
        why = mark.note or (words.say(f"rehearsal.why_{mark.reason}") if mark.reason else "")
        if why and (mark.outcome is Outcome.BAD or mark.note):
            yield f"{words.say(f'rehearsal.item_{item}')}: {why}"


def _signatures(words: Words) -> Table:
    here = Paragraph(
        text=words.say("rehearsal.sheet_sign_here"), align="center", italic=True, after=60
    )
    titles = [
        Paragraph(text=words.say(f"rehearsal.sheet_{key}"), align="center", bold=True, keep=True)
        for key in ("secretary", "technician")
    ]
    sides = [Cell(paragraphs=(title, here)) for title in titles]
    return Table(widths=(1, 1), rows=[sides], borders=False)


def _cell(text: str, *, bold: bool = False, align: Align = "center", size: float = SMALL) -> Cell:
    return Cell(paragraphs=(Paragraph(text=text, bold=bold, align=align, size=size),))
