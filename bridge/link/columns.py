"""Two hours of one link, second by second, in columns of small integers.

Owns what is kept of a second and how it is folded into longer steps. Pure: the
second is an argument. A value costs one or two bytes and no object:

    row = 20 figures of 2 bytes, 13 of 1 byte, and the second it is of, 4 bytes = 57 bytes

so that 64 sites of 7,200 seconds are 26.3 MB. A row says itself which second it is
of, so a gap needs no filling and an old round of the ring cannot be taken for a new one.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final, assert_never

__all__ = ["COLUMNS", "ROW_BYTES", "SECONDS", "Column", "Columns", "Fold", "LinkColumns"]

#: Two hours: the longest time between the first rehearsal of a morning and its end.
SECONDS: Final = 7200


class Fold(Enum):
    """What stands for several seconds: a chart of two hours must not hide a bad second."""

    LOW = "the lowest"
    HIGH = "the highest"
    MEAN = "the mean"
    LAST = "the newest that is not 0"


@dataclass(frozen=True)
class Column:
    """One figure.

    Attributes:
        name: as clients know it.
        code: ``array`` type: ``H`` 0..65535, ``B`` 0..255, ``b`` -128..127.
        scale: how many steps of the integer are 1.
        fold: what stands for several seconds.
        none: the integer for "not known", if the figure may be unknown.
    """

    name: str
    code: str
    scale: int = 1
    fold: Fold = Fold.HIGH
    none: int | None = None

    @cached_property
    def least(self) -> int:
        """The smallest integer."""
        return -127 if self.code == "b" else 0

    @cached_property
    def most(self) -> int:
        """The largest integer that is a figure; larger ones are told as this."""
        most = {"H": 0xFFFF, "B": 0xFF, "b": 0x7F}[self.code]
        return most - 1 if self.none == most else most

    def pack(self, value: float | None) -> int:
        """Return the integer that stands for *value*."""
        if value is None:
            return self.none or 0
        return max(self.least, min(self.most, round(value * self.scale)))

    def unpack(self, cell: int) -> float | None:
        """Return the value *cell* stands for, None if it is not known."""
        if cell == self.none:
            return None
        return cell if self.scale == 1 else cell / self.scale


_RATIO, _MS, _FPS = 10_000, 10, 10
_LOW, _MEAN, _LAST = Fold.LOW, Fold.MEAN, Fold.LAST

#: In the order in which rows are given. Names and units are told in docs/link-health.md.
COLUMNS: Final = (
    Column("score", "H", 100, _LOW),
    Column("loss_up", "H", _RATIO),
    Column("loss_down", "H", _RATIO),
    Column("missing_up", "H", _RATIO),
    Column("missing_down", "H", _RATIO),
    Column("rtt_ms", "H", _MS, none=0xFFFF),
    Column("jitter_up_ms", "H", _MS),
    Column("jitter_down_ms", "H", _MS),
    Column("kbps_up", "H", 1, _MEAN),
    Column("kbps_down", "H", 1, _MEAN),
    Column("fps_up", "H", _FPS, _LOW),
    Column("fps_down", "H", _FPS, _LOW),
    Column("width_up", "H", 1, _LOW),
    Column("height_up", "H", 1, _LOW),
    Column("width_down", "H", 1, _LOW),
    Column("height_down", "H", 1, _LOW),
    Column("freeze_s", "H", 1000),
    Column("concealed", "H", _RATIO),
    Column("concealed_up", "H", _RATIO),
    Column("available_kbps", "H", 1, _LOW, none=0xFFFF),
    Column("level_dbov", "b", none=-128),
    Column("freeze_up_s", "B", 100),
    Column("captured_fps", "B", 2, _LOW, none=0xFF),
    Column("encoded_fps", "B", 2, _LOW, none=0xFF),
    Column("cause", "B", 1, _LAST),
    Column("path", "B", 1, _LAST),
    Column("limitation", "B", 1, _LAST),
    Column("layer_up", "B", 1, _LAST),
    Column("layer_down", "B", 1, _LAST),
    Column("flags", "B", 1, _LAST),
    Column("pages", "B", 1, _LAST),
    Column("devices", "B", 1, _LAST),
    Column("alert", "B", 1, _LAST),
)

ROW_BYTES: Final = 4 + sum(array(column.code).itemsize for column in COLUMNS)


class Columns:
    """A ring of rows, one a second.

    Args:
        columns: what a row has, in order.
        seconds: how many rows are kept.
    """

    def __init__(self, columns: Sequence[Column], seconds: int = SECONDS) -> None:
        self.columns = tuple(columns)
        self._seconds = seconds
        self._at = array("I", bytes(4 * seconds))  # the second each row is of, 0 for none
        self._cells = [
            array(column.code, bytes(array(column.code).itemsize * seconds)) for column in columns
        ]

    @property
    def size(self) -> int:
        """Bytes of all cells."""
        return sum(len(cells) * cells.itemsize for cells in (self._at, *self._cells))

    def put(self, second: int, row: Iterable[float | None]) -> None:
        """Keep the row of *second*, Unix; a value of each column, in order."""
        index = second % self._seconds
        self._at[index] = second
        for column, cells, value in zip(self.columns, self._cells, row, strict=True):
            # Most figures of a good link are 0, and pack() is most of the cost.
            cells[index] = column.pack(value) if value != 0 else 0

    def has(self, second: int) -> bool:
        """Return whether the row of *second* is kept."""
        return second > 0 and self._at[second % self._seconds] == second

    def row(self, second: int) -> dict[str, float | None] | None:
        """Return the row of *second* by column name, None if it is not kept."""
        if not self.has(second):
            return None
        index = second % self._seconds
        return {
            column.name: column.unpack(cells[index])
            for column, cells in zip(self.columns, self._cells, strict=True)
        }

    def series(
        self, names: Iterable[str], since: int, until: int, step: int
    ) -> dict[str, list[float | None]]:
        """Return figures by column name, one for each step; None where no row is kept.

        Args:
            names: columns wanted.
            since: first second, Unix.
            until: the second after the last one.
            step: seconds folded into one figure.
        """
        found: dict[str, list[float | None]] = {}
        kept: list[float | None]
        wanted = set(names)
        if step == 1:
            at, size = self._at, self._seconds  # as has(), without its calls
            places = [i if 0 < s == at[i := s % size] else -1 for s in range(since, until)]
        else:
            rows = [self._kept(s, min(s + step, until)) for s in range(since, until, step)]
        for column, cells in zip(self.columns, self._cells, strict=True):
            if column.name not in wanted:
                continue
            if step == 1:
                none, scale = column.none, column.scale
                kept = [None if i < 0 or (cell := cells[i]) == none else cell for i in places]
                if scale != 1:
                    kept = [None if cell is None else cell / scale for cell in kept]
                found[column.name] = kept
            else:
                found[column.name] = [_folded(column, [cells[i] for i in row]) for row in rows]
        return found

    def _kept(self, since: int, until: int) -> list[int]:
        at, seconds = self._at, self._seconds
        return [i for second in range(since, until) if at[i := second % seconds] == second]

    def pack(self, since: int, until: int) -> bytes:
        """Return the rows of some seconds as bytes for :meth:`load`: all of a column together."""
        rows = [second % self._seconds for second in range(since, until)]
        return b"".join(
            array(cells.typecode, [cells[i] for i in rows]).tobytes()
            for cells in (self._at, *self._cells)
        )

    def load(self, data: bytes, columns: Mapping[str, str]) -> None:
        """Take rows that :meth:`pack` has made, perhaps of another version of the columns.

        What is kept already is not replaced.

        Args:
            data: the rows.
            columns: array type by name, of each column in *data*, in order.

        Raises:
            ValueError: *data* and *columns* do not fit.
        """
        widths = [4, *(array(code).itemsize for code in columns.values())]
        count, rest = divmod(len(data), sum(widths))
        if rest:
            raise ValueError("the rows are not of these columns")
        at = array("I")
        at.frombytes(data[: 4 * count])
        start = 4 * count
        known: dict[str, array[int]] = {}
        for name, code in columns.items():
            cells = array(code)
            cells.frombytes(data[start : start + cells.itemsize * count])
            start += cells.itemsize * count
            known[f"{name}:{code}"] = cells
        for offset, second in enumerate(at):
            if second and not self.has(second) and self._at[second % self._seconds] < second:
                self._restore(second, offset, known)

    def _restore(self, second: int, offset: int, known: Mapping[str, array[int]]) -> None:
        index = second % self._seconds
        self._at[index] = second
        for column, cells in zip(self.columns, self._cells, strict=True):
            kept = known.get(f"{column.name}:{column.code}")
            cells[index] = column.pack(None) if kept is None else kept[offset]


class LinkColumns(Columns):
    """The columns of one site's link."""

    def __init__(self, seconds: int = SECONDS) -> None:
        super().__init__(COLUMNS, seconds)


def _folded(column: Column, cells: list[int]) -> float | None:
    if column.none is not None:
        cells = [cell for cell in cells if cell != column.none]
    if not cells:
        return None
    match column.fold:
        case Fold.LOW:
            return column.unpack(min(cells))
        case Fold.HIGH:
            return column.unpack(max(cells))
        case Fold.MEAN:
            return round(sum(cells) / len(cells) / column.scale, 4)
        case Fold.LAST:
            return column.unpack(next((cell for cell in reversed(cells) if cell), cells[-1]))
        case _:
            assert_never(column.fold)
