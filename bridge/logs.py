"""The log: lines for people or one JSON object a line, and whom a line is about in either.

Owns the handler on stderr, and the fields that every line of a request, a websocket or a task
they start carries by itself: what :func:`about` and :func:`note` said. A line that is written for
somebody else, such as by a loop over all peers, names them in ``extra``, which wins.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from types import MappingProxyType, TracebackType
from typing import Final, TextIO

__all__ = [
    "FIELDS",
    "FORMATS",
    "JSON",
    "TEXT",
    "about",
    "configure",
    "handler",
    "note",
    "noted",
    "of",
]

TEXT: Final = "text"
JSON: Final = "json"
FORMATS: Final = (TEXT, JSON)

#: What a line may be about: a media connection, by the code that its page shows and a technician
#: is told on the telephone; a session; a site; a role.
FIELDS: Final = ("peer", "session", "site", "role")

_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=MappingProxyType({}))


@contextlib.contextmanager
def about(**fields: str) -> Iterator[None]:
    """Let every line of the block, and of tasks it starts, carry *fields*, of :data:`FIELDS`.

    What :func:`note` adds meanwhile is forgotten too at the end of the block.
    """
    token = _about.set({**_about.get(), **fields})
    try:
        yield
    finally:
        _about.reset(token)


def note(**fields: str) -> None:
    """Let every line from here to the end of the :func:`about` around it carry *fields* too."""
    _about.set({**_about.get(), **fields})


def noted(field: str) -> str:
    """Return what lines carry in *field* now, empty for nothing."""
    return _about.get().get(field, "")


def of(**fields: str) -> dict[str, str]:
    """Return the ``extra`` of a line that is about *fields* and about nobody else."""
    return dict.fromkeys(FIELDS, "") | fields


class _Fields(logging.Filter):
    """Gives each record its fields."""

    def filter(self, record: logging.LogRecord) -> bool:
        known = _about.get()
        for field in FIELDS:
            if not hasattr(record, field):
                setattr(record, field, known.get(field, ""))
        return True


class TextFormatter(logging.Formatter):
    """Lines for people, with the code of the peer in brackets."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(code)s%(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """Return the line without a traceback."""
        peer = getattr(record, "peer", "")
        record.code = f"[{peer}] " if peer else ""
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (RFC 3339, UTC), level, logger, message, fields, exception."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        line = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {field: value for field in FIELDS if (value := getattr(record, field, ""))}
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        text = json.dumps(line, ensure_ascii=False)
        # Half a surrogate pair, from a stranger's bytes, is nothing that UTF-8 can say.
        return text.encode("utf-8", "replace").decode()


def handler(style: str, stream: TextIO) -> logging.Handler:
    """Return what writes the log to *stream* in a *style* of :data:`FORMATS`."""
    found = logging.StreamHandler(stream)
    found.addFilter(_Fields())
    found.setFormatter(JsonFormatter() if style == JSON else TextFormatter())
    return found


def configure(style: str, *, anew: bool = False) -> None:
    """Write the log to stderr.

    Args:
        style: of :data:`FORMATS`.
        anew: instead of what was configured before; otherwise that stays.
    """
    if style == JSON and isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(encoding="utf-8")  # JSON is, whatever the terminal's language
    logging.basicConfig(level=logging.INFO, handlers=[handler(style, sys.stderr)], force=anew)
    for name in ("aioice", "aiortc"):
        logging.getLogger(name).setLevel(logging.WARNING)
    if style == JSON:
        logging.captureWarnings(capture=True)
        sys.excepthook = _uncaught


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Log what ends the program."""
    log = logging.getLogger("bridge")
    log.critical("the program ends by an error", exc_info=(kind, error, trace))
