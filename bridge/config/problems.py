"""What is wrong in a configuration, where, and what would be right.

Mistakes are collected, not raised one by one: whoever prepares an event the
evening before should need one look, not ten attempts.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Sequence

import msgspec

from bridge.errors import Code, ConfigError

__all__ = ["ConfigProblems", "Problem", "closest", "fold", "format_problems", "slug", "suggest"]

LISTED = 8  # so many possible values are still read by somebody in a hurry


class Problem(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One mistake.

    Attributes:
        file: path as it was given, or ``environment`` or ``command line``.
        line: 1-based, 0 if unknown.
        key: path of the value: ``sessions[0].agenda[3].starts_at``, ``DIEMCAU_PORT``, ``--port``.
        wrong: what is wrong with it.
        right: what would be right.
    """

    file: str
    line: int = 0
    key: str = ""
    wrong: str
    right: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (where, self.key, f"{self.wrong}; {self.right}") if part)


class ConfigProblems(ConfigError):
    """Everything that is wrong with a configuration, at once.

    Args:
        problems: at least one.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(
            Code.CONFIG_INVALID,
            f"the configuration has {count} mistake{'s' if count > 1 else ''}; "
            f"correct {'them' if count > 1 else 'it'} and start again: {self.problems[0]}"
            + (f" (and {count - 1} more)" if count > 1 else ""),
            {"count": count, "first": str(self.problems[0])},
        )


def format_problems(problems: Sequence[Problem]) -> str:
    """Return the mistakes for a terminal, grouped by file, in the order of their lines."""
    lines: list[str] = []
    for file in dict.fromkeys(problem.file for problem in problems):
        here = sorted(problem for problem in problems if problem.file == file)
        lines.append(f"{file}: {len(here)} mistake{'s' if len(here) > 1 else ''}")
        for problem in here:
            where = f"line {problem.line}: " if problem.line else ""
            key = f"{problem.key}: " if problem.key else ""
            lines.extend((f"  {where}{key}{problem.wrong}", f"      → {problem.right}"))
    return "\n".join(lines)


def fold(text: str) -> str:
    """Return *text* in lower case without diacritics; đ becomes d."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def slug(text: str) -> str:
    """Return *text* as an identifier: ``Điện Biên`` is ``dien-bien``; empty if nothing is left."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")


def closest(word: str, options: Collection[str]) -> str:
    """Return the option that *word* was probably meant to be, or an empty string."""
    by_slug = {slug(option): option for option in options}
    found = difflib.get_close_matches(slug(word), by_slug, n=1, cutoff=0.6)
    return by_slug[found[0]] if found else ""


def suggest(word: str, options: Collection[str]) -> str:
    """Return what would be right instead of *word*."""
    meant = closest(word, options)
    if meant:
        return f'did you mean "{meant}"?'
    names = ", ".join(f'"{option}"' for option in options)
    if not names:
        return "remove it"
    return f"use one of {names}" if len(options) <= LISTED else f"there are {len(options)}: {names}"
