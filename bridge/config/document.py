"""Reads a TOML file, and takes typed values out of it while noting every mistake.

A getter whose value is missing or wrong notes a problem and returns a harmless
stand-in, so that reading goes on; whoever reads must raise ``ConfigProblems`` at
the end if anything was noted, and must not use what was read then.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path as FilePath
from typing import TypeVar

from bridge.config.lines import Path, find_lines
from bridge.config.problems import Problem, slug, suggest
from bridge.protocol.views import Text

__all__ = ["Document", "Table", "read_document"]

T = TypeVar("T")

LANGUAGES = ("vi", "en")
IDENTIFIER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_IDENTIFIER = 64  # it becomes part of URLs and of keys in the store
KINDS = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    dict: "a table",
    list: "a list",
    dt.date: "a day",
    dt.time: "a time without quotes",
    dt.datetime: "a day with a time",
}


class Document:
    """A TOML file that could be read.

    Attributes:
        file: path as it was given.
        data: its content.
        problems: where mistakes are noted.
    """

    def __init__(self, file: str, text: str, problems: list[Problem]) -> None:
        self.file = file
        self.data: dict[str, object] = tomllib.loads(text)
        self.problems = problems
        self._lines = find_lines(text)

    def root(self) -> Table:
        """Return the whole file as a table."""
        return Table(self, (), self.data)

    def line(self, path: Path) -> int:
        """Return the line of *path*, or of the nearest table around it, 0 for the file itself."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 0)

    def note(self, path: Path, wrong: str, right: str) -> None:
        """Note a mistake."""
        key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
        self.problems.append(
            Problem(
                file=self.file,
                line=self.line(path),
                key=key.removeprefix("."),
                wrong=wrong,
                right=right,
            )
        )


def read_document(path: FilePath, problems: list[Problem]) -> Document | None:
    """Return the file at *path*, or note why it cannot be read and return None."""

    def note(wrong: str, right: str, line: int = 0) -> None:
        problems.append(Problem(file=str(path), line=line, wrong=wrong, right=right))

    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        folder = path.parent
        near = [file.name for file in sorted(folder.glob("*.toml"))] if folder.is_dir() else []
        right = suggest(path.name, near) if near else "give the path of a TOML file that exists"
        note("there is no such file", right)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        note("this is not UTF-8 text", 'save the file as "UTF-8" in your editor', line)
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        note(f"the file cannot be read: {reason}", "give the path of a file you may read")
    else:
        try:
            return Document(str(path), text.removeprefix("\ufeff"), problems)
        except tomllib.TOMLDecodeError as error:
            what, _, place = str(error).partition(" (at ")
            found = re.match(r"line (\d+)", place)
            line = int(found[1]) if found else text.count("\n") + 1
            note(f"this is not TOML: {what[:1].lower()}{what[1:]}", _syntax_hint(what), line)
        except (RecursionError, ValueError):
            note(
                "lists are nested too deeply or a number is too long", "look for a stray key press"
            )
    return None


def _syntax_hint(what: str) -> str:
    if re.search("overwrite|declare|twice|already", what):
        return "each key and table may be there once only: remove or rename one"
    if "date" in what:
        return "write a day that exists: 2021-12-06"
    return 'write key = "value"; texts need straight quotes at both ends'


class Table:
    """A table of a document; remembers which keys were asked for.

    Args:
        document: where it stands and where mistakes are noted.
        path: its place in the document.
        data: its content.
    """

    def __init__(self, document: Document, path: Path, data: Mapping[str, object]) -> None:
        self.document = document
        self.path = path
        self._data = data
        self._asked: dict[str, None] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def note(self, key: str, wrong: str, right: str) -> None:
        """Note a mistake in the value of *key*."""
        self.document.note((*self.path, key), wrong, right)

    def finish(self) -> None:
        """Note every key that nobody asked for."""
        for key in self._data:
            if key not in self._asked:
                self.note(key, "there is no such key here", suggest(key, self._asked))

    def raw(self, key: str) -> object:
        """Return the value of *key*, whatever it is; None if it is not there."""
        self._asked[key] = None
        return self._data.get(key)

    def text(self, key: str, example: str, default: str | None = None) -> str:
        """Return a text that is not empty; *default* None means it must be there."""
        value = self._typed(key, (str,), f'a text: {key} = "{example}"', default)
        if value is None:
            return ""
        if not value.strip() and value != default:
            self.note(key, "the text is empty", f'write {key} = "{example}"')
        return value.strip()

    def identifier(self, key: str, example: str) -> str:
        """Return a name for machines: small letters, digits and hyphens."""
        value = self.text(key, example)
        if value and not (IDENTIFIER.fullmatch(value) and len(value) <= MAX_IDENTIFIER):
            better = slug(value)[:MAX_IDENTIFIER].strip("-") or example
            self.note(
                key,
                f'"{value}" has other signs than a-z, 0-9 and single hyphens, '
                f"or more than {MAX_IDENTIFIER}",
                f'write {key} = "{better}"',
            )
        return value

    def choice(self, key: str, options: Collection[str], default: str | None = None) -> str:
        """Return one of *options*."""
        value = self.text(key, next(iter(options)), default)
        if value and value not in options:
            self.note(key, f'"{value}" is not possible here', suggest(value, options))
        return value

    def bilingual(self, key: str) -> Text:
        """Return a text in both languages."""
        right = f'both languages: {key} = {{ vi = "Khai mạc", en = "Opening" }}'
        value = self._typed(key, (dict,), right, None)
        if value is None:
            return Text(vi="", en="")
        inner = Table(self.document, (*self.path, key), value)
        texts = {language: inner.text(language, "...") for language in LANGUAGES}
        inner.finish()
        return Text(**texts)

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number from *low* to *high*."""
        return int(self._number(key, (int,), low, high, default))

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        """Return a number from *low* to *high*."""
        return float(self._number(key, (int, float), low, high, default))

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._typed(key, (bool,), "true or false, without quotes", default)
        return default if value is None else value

    def date(self, key: str, default: dt.date | None = None) -> dt.date:
        """Return a day."""
        right = f"a day that exists, without quotes or time: {key} = 2021-12-06"
        value = self._typed(key, (dt.date,), right, default)
        return value or dt.date.min

    def table(self, key: str) -> Table:
        """Return a table, an empty one if it is not there."""
        value = self._typed(key, (dict,), f"a table: [{key}]", {})
        return Table(self.document, (*self.path, key), value or {})

    def tables(self, key: str) -> list[Table]:
        """Return a list of tables, an empty one if it is not there."""
        right = f"a list of tables, each headed [[{key}]]"
        value = self._typed(key, (list,), right, [])
        found = []
        for index, item in enumerate(value or []):
            if isinstance(item, dict):
                found.append(Table(self.document, (*self.path, key, index), item))
            else:
                self.document.note((*self.path, key, index), f"this is {_kind(item)}", right)
        return found

    def texts(self, key: str, right: str) -> list[tuple[int, str]]:
        """Return the texts of a list with their index, none if it is not there."""
        value = self._typed(key, (list,), right, [])
        found = []
        for index, item in enumerate(value or []):
            if isinstance(item, str):
                found.append((index, item))
            else:
                self.document.note((*self.path, key, index), f"this is {_kind(item)}", right)
        return found

    def _number(
        self,
        key: str,
        kinds: tuple[type[float], ...],
        low: float,
        high: float,
        default: float | None,
    ) -> float:
        what = "a whole number" if kinds == (int,) else "a number"
        right = f"{what} from {low} to {high}, without quotes"
        value = self._typed(key, kinds, right, default)
        if value is not None and low <= value <= high:
            return value
        if value is not None:
            self.note(key, f"{value} is out of range", f"write {right}")
        return low if default is None else default

    def _typed(
        self, key: str, kinds: tuple[type[T], ...], right: str, default: T | None
    ) -> T | None:
        self._asked[key] = None
        if key not in self._data:
            if default is None:
                self.note(key, "this is missing", f"add {right}")
            return default
        value = self._data[key]
        # bool is an int and datetime a date in Python, but neither is in TOML.
        if type(value) in kinds and isinstance(value, kinds):
            return value
        self.note(key, f"this is {_kind(value)}", f"write {right}")
        return default


def _kind(value: object) -> str:
    return KINDS[type(value)]
