"""Which engine forwards: the one that was asked for, or the best this installation has."""

from __future__ import annotations

import logging
import socket

from bridge.errors import Code, ConfigError
from bridge.media.counters import MediaCounters
from bridge.media.engine import Engine
from bridge.media.engine_native import NativeEngine, why_missing
from bridge.media.engine_python import PythonEngine

__all__ = ["AUTO", "open_engine"]

log = logging.getLogger(__name__)

AUTO = "auto"


def open_engine(
    wanted: str, sock: socket.socket, counters: MediaCounters, threads: int = 1
) -> Engine:
    """Return the engine.

    Args:
        wanted: "native", "python" or "auto".
        sock: the media socket, non-blocking.
        counters: totals to count into.
        threads: of the native engine, 1..8.

    Raises:
        ConfigError: ENGINE_MISSING: the native one is wanted and not there.
    """
    missing = why_missing() if wanted != PythonEngine.name else ""
    if wanted == NativeEngine.name and missing:
        raise ConfigError(
            Code.ENGINE_MISSING,
            f"There is no native media engine here: {missing}. Install a C compiler and Python's "
            'headers and then this package again, or choose "auto" with --engine.',
        )
    if missing or wanted == PythonEngine.name:
        reason = f"; no native one: {missing}" if missing else ""
        log.info("media engine: python%s", reason)
        if threads > 1:
            log.warning("the Python engine has no threads of its own: --media-threads is ignored")
        return PythonEngine(sock, counters)
    log.info("media engine: native, threads: %d", threads)
    return NativeEngine(sock, counters, threads=threads)
