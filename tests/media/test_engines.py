"""Which engine forwards, and how operators hear of it."""

from __future__ import annotations

import asyncio
import logging
import shutil
import socket
import sysconfig
from pathlib import Path

import pytest

from bridge.errors import Code, ConfigError
from bridge.media import engine_native
from bridge.media.counters import MediaCounters
from bridge.media.engine_native import why_missing
from bridge.media.engines import AUTO, open_engine
from bridge.media.server import MediaServer
from tests.media.conftest import Hall, Observed
from tests.media.kernel import ENGINES


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_native, "_native", None)


def opened(wanted: str) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        return open_engine(wanted, sock, MediaCounters()).name


def test_where_there_is_a_compiler_there_is_a_native_engine() -> None:
    header = Path(sysconfig.get_path("include"), "Python.h")
    if shutil.which("cc") and header.exists():
        assert why_missing() == "", "install the package again: make setup"
        assert ENGINES == ("python", "native")


def test_each_engine_can_be_chosen(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert [opened(name) for name in ENGINES] == list(ENGINES)
    assert opened(AUTO) == ENGINES[-1]
    assert "media engine: python" in caplog.text


@pytest.mark.usefixtures("absent")
def test_without_the_native_engine_python_forwards(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert opened(AUTO) == opened("python") == "python"
    assert "media engine: python; no native one: it was not built" in caplog.text
    with pytest.raises(ConfigError) as refused:
        opened("native")
    assert refused.value.code is Code.ENGINE_MISSING
    assert "Install a C compiler" in refused.value.message


@pytest.mark.usefixtures("absent")
async def test_a_server_that_wants_a_missing_engine_leaves_nothing_open() -> None:
    server = MediaServer(
        host="127.0.0.1", port=0, public_addresses=[], observer=Observed(), engine="native"
    )
    assert server.engine == ""
    with pytest.raises(ConfigError):
        await server.start()
    with pytest.raises(RuntimeError):
        server.port  # noqa: B018
    await server.close()


def test_a_core_of_other_sources_or_another_libsrtp_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Other:
        CAPACITY = TRAILER = 1

    monkeypatch.setattr(engine_native, "_native", Other)
    assert "install the package again" in why_missing()
    monkeypatch.undo()
    monkeypatch.setattr(engine_native, "protect_address", lambda: 0)
    if len(ENGINES) > 1:
        assert "srtp_protect" in why_missing()


async def test_what_a_full_socket_keeps_is_tried_again_soon(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [True, True, False]
    engine = hall.server._engine
    assert engine is not None
    assert engine.holds
    monkeypatch.setattr(engine, "flush", lambda: bool(answers) and answers.pop(0))
    hall.server._flush()
    first = hall.server._retry
    assert first is not None
    async with asyncio.timeout(5):
        while hall.server._retry is not None:
            await asyncio.sleep(0.001)
    assert answers == []
    answers.append(True)
    hall.server._flush()
    assert hall.server._retry not in {None, first}, "and the server may close meanwhile"
