"""On which line each value of a TOML text stands, which ``tomllib`` does not tell.

Works only on text that ``tomllib`` has accepted, so it checks nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["Path", "find_lines"]

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""
    (?P<blank> [\ \t\r]+ | \#[^\n]* )
  | (?P<newline> \n )
  | (?P<text> "{3} (?: \\. | [^\\] )*? "{3,5} | " (?: \\. | [^"\\] )* "
            | '{3} .*? '{3,5} | '[^']*' )
  | (?P<mark> [\[\]{},=.] )
  | (?P<bare> [^\s\[\]{},=.\#"']+ )
    """,
    re.VERBOSE | re.DOTALL,
)


def find_lines(text: str) -> dict[Path, int]:
    """Return the 1-based line of every table, key and list element of valid TOML *text*."""
    return _Finder(text).lines


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "blank":
            yield match.lastgroup or "", match.group(), line
        line += match.group().count("\n")


class _Finder:
    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._tokens = list(_tokens(text))
        self._at = 0
        self._lengths: dict[Path, int] = {}  # of arrays of tables
        table: Path = ()
        while self._at < len(self._tokens):
            if self._skip("\n"):
                continue
            table = self._header() if self._peek() == "[" else self._pair(table)

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _skip(self, mark: str) -> bool:
        if self._peek() != mark:
            return False
        self._at += 1
        return True

    def _key(self) -> tuple[str, ...]:
        parts: list[str] = []
        while True:
            kind, text, _ = self._tokens[self._at]
            parts.append(text[1:-1] if kind == "text" else text)
            self._at += 1
            if not self._skip("."):
                return tuple(parts)

    def _header(self) -> Path:
        line = self._tokens[self._at][2]
        self._skip("[")
        many = self._skip("[")
        *outer, last = self._key()
        path: Path = ()
        for part in outer:
            path = self._newest((*path, part))
        path = (*path, last)
        if many:
            self._lengths[path] = self._lengths.get(path, 0) + 1
            self.lines.setdefault(path, line)
            path = self._newest(path)
        self.lines[path] = line
        self._skip("]")
        self._skip("]")
        return path

    def _newest(self, path: Path) -> Path:
        return (*path, self._lengths[path] - 1) if path in self._lengths else path

    def _pair(self, table: Path) -> Path:
        line = self._tokens[self._at][2]
        path: Path = (*table, *self._key())
        self.lines[path] = line
        self._skip("=")
        self._value(path)
        return table

    def _value(self, path: Path) -> None:
        if self._skip("["):
            self._elements(path)
        elif self._skip("{"):
            while not self._skip("}"):
                self._pair(path)
                self._skip(",")
        else:
            while self._peek() not in {"", "\n", ",", "]", "}"}:
                self._at += 1

    def _elements(self, path: Path) -> None:
        index = 0
        while not self._skip("]"):
            if self._skip("\n"):
                continue
            self.lines[*path, index] = self._tokens[self._at][2]
            self._value((*path, index))
            while self._skip("\n"):
                pass
            self._skip(",")
            index += 1
