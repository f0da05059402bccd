"""Lines of the log: whom they are about, for people and for programs."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bridge import logs

log = logging.getLogger("tests.logs")

Lines = Callable[[], list[str]]


@pytest.fixture(params=[logs.JSON])
def lines(request: pytest.FixtureRequest) -> Iterator[Lines]:
    """Return what was written so far."""
    stream = io.StringIO()
    handler = logs.handler(request.param, stream)
    log.addHandler(handler)
    log.propagate = False
    log.setLevel(logging.INFO)
    yield lambda: stream.getvalue().splitlines()
    log.removeHandler(handler)
    log.propagate = True


def told(lines: Lines) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines()]


def test_a_line_is_one_object(lines: Lines) -> None:
    log.info("Điểm cầu %s:\nhai dòng", "Lào Cai")
    (line,) = told(lines)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "tests.logs",
        "message": "Điểm cầu Lào Cai:\nhai dòng",
    }
    assert "Điểm cầu" in lines()[0], "people read it too"


def test_the_time_is_rfc_3339_in_utc() -> None:
    record = logging.LogRecord("a", logging.INFO, "", 0, "b", (), None)
    record.created = 1795342539.5
    assert json.loads(logs.JsonFormatter().format(record))["time"] == "2026-11-22T10:15:39.500Z"


def test_an_exception_is_a_field(lines: Lines) -> None:
    try:
        int("vỡ")
    except ValueError:
        log.exception("it failed", stack_info=True)
    log.error("nothing was raised", exc_info=True)  # noqa: LOG014 - what is tested
    failed, nothing = told(lines)
    assert failed["exception"].startswith("Traceback")
    assert failed["exception"].endswith("'vỡ'")
    assert "test_logs" in failed["stack"]
    assert "exception" not in nothing


def test_half_a_surrogate_pair_is_no_error() -> None:
    stream = io.StringIO()
    half = b"\xff".decode("utf-8", "surrogateescape")
    record = log.makeRecord(log.name, logging.INFO, __file__, 1, "%s", (half,), None)
    # Not by the logger: pytest would keep it for its report, which workers could not pass on.
    logs.handler(logs.JSON, stream).handle(record)
    assert json.loads(stream.getvalue())["message"] == "?"


def test_lines_of_a_block_carry_its_fields(lines: Lines) -> None:
    with logs.about(session="plenary"):
        logs.note(peer="3f7k9m")
        log.info("inside")
        with logs.about(site="lao-cai"):
            log.info("deeper")
            assert logs.noted("peer") == "3f7k9m"
        log.info("inside again")
    log.info("outside")
    assert logs.noted("peer") == ""
    inside, deeper, again, outside = told(lines)
    assert (inside["peer"], inside["session"]) == ("3f7k9m", "plenary")
    assert "site" not in inside
    assert deeper["site"] == "lao-cai"
    assert deeper["peer"] == "3f7k9m"
    assert {key: again[key] for key in inside if key not in {"time", "message"}} == {
        key: inside[key] for key in inside if key not in {"time", "message"}
    }
    assert not {"peer", "session", "site"} & outside.keys()


def test_who_is_named_in_the_line_wins(lines: Lines) -> None:
    with logs.about(peer="3f7k9m", site="lao-cai"):
        log.info("of another", extra=logs.of(peer="aaaaaa"))
    (line,) = told(lines)
    assert line["peer"] == "aaaaaa"
    assert "site" not in line


async def test_tasks_go_on_with_what_they_were_started_for(lines: Lines) -> None:
    async def later(started: asyncio.Event) -> None:
        await started.wait()
        log.info("later")

    tasks, started = [], asyncio.Event()
    for peer in ("one", "two"):
        with logs.about(peer=peer):
            tasks.append(asyncio.get_running_loop().create_task(later(started)))
    started.set()
    await asyncio.gather(*tasks)
    assert [line["peer"] for line in told(lines)] == ["one", "two"]


@pytest.mark.parametrize("lines", [logs.TEXT], indirect=True)
def test_people_see_the_code_too(lines: Lines) -> None:
    with logs.about(peer="3f7k9m", site="lao-cai"):
        log.warning("it ends")
    log.warning("it ends")
    first, second = lines()
    assert first.endswith(" WARNING tests.logs: [3f7k9m] it ends")
    assert second.endswith(" WARNING tests.logs: it ends")


def test_what_ends_the_program_is_an_object_too() -> None:
    program = (
        "import sys, warnings; from bridge import logs; logs.configure(logs.JSON, anew=True);"
        "warnings.warn('cũ'); sys.exit(print(1 / 0))"
    )
    environment = {"PYTHONIOENCODING": "ascii", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        timeout=60,
        check=False,
        env=environment,
    )
    assert done.returncode == 1
    warned, ended = [json.loads(line) for line in done.stderr.decode("utf-8").splitlines()]
    assert "cũ" in warned["message"]
    assert (warned["logger"], warned["level"]) == ("py.warnings", "warning")
    assert ended["level"] == "critical"
    assert ended["exception"].endswith("ZeroDivisionError: division by zero")
