"""Texts people type: cleaning them, and telling whether two names mean one person.

Vietnamese needs care. One letter has several encodings (Unicode UAX #15), the
tone may stand on either vowel (``Hòa``, ``Hoà``), and many type without
diacritics at all; yet ``Thanh`` and ``Thành`` are two people.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

__all__ = ["clean_line", "clean_text", "same_person"]

#: Controls, invisible format characters (bidi overrides, zero width) and surrogates.
_UNWANTED = frozenset({"Cc", "Cf", "Cs"})


def clean_line(text: str) -> str:
    """Return *text* in NFC on one line, single spaces, nothing invisible."""
    words = (
        "".join(char for char in word if unicodedata.category(char) not in _UNWANTED)
        for word in text.split()
    )
    return unicodedata.normalize("NFC", " ".join(word for word in words if word))


def clean_text(text: str) -> str:
    """Return *text* as :func:`clean_line` does, but keep its non-empty lines apart."""
    return "\n".join(line for line in map(clean_line, text.splitlines()) if line)


class _Spelling(NamedTuple):
    """A name's letters, and the diacritics of each word in an order that forgets the vowel."""

    letters: tuple[str, ...]
    marks: tuple[tuple[str, ...], ...]


@lru_cache(maxsize=4096)
def _spelling(name: str) -> _Spelling:
    # đ is a letter of its own for Unicode; U+0335 (short stroke overlay) makes it d with a mark.
    words = unicodedata.normalize("NFD", name.casefold().replace("đ", "d\u0335")).split()
    return _Spelling(
        tuple("".join(char for char in word if not unicodedata.combining(char)) for word in words),
        tuple(tuple(sorted(filter(unicodedata.combining, word))) for word in words),
    )


def same_person(one: str, other: str) -> bool:
    """Return whether two names of one site are the same delegate's.

    Case, encoding and the vowel that carries the tone do not matter. A name
    typed without any diacritics matches every way to put them.
    """
    a, b = _spelling(one), _spelling(other)
    if a.letters != b.letters:
        return False
    return a.marks == b.marks or not any(a.marks) or not any(b.marks)
