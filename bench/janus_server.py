"""Janus from Debian's package as the one to compare with: started, read from outside, stopped.

Tuned as its manual advises for many viewers: ``event_loops``, so that they share two
threads instead of having one each. It speaks ICE-lite as we do, and loads nothing that
is not needed.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

from bench.comparison import JANUS
from bench.janus import ROOM
from bench.server import cpu_s, now, process_resident_mb

PROGRAM = shutil.which("janus") or "/usr/bin/janus"
EVENT_LOOPS = 2
START_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 15.0

_CORE = """
general: {{
	configs_folder = "{folder}"
	plugins_folder = "{libraries}/plugins"
	transports_folder = "{libraries}/transports"
	events_folder = "{folder}"
	loggers_folder = "{folder}"
	debug_level = 3
	event_loops = {event_loops}
	session_timeout = 0
}}
nat: {{
	ice_lite = true
	ice_enforce_list = "127.0.0.1"
}}
plugins: {{
	disable = "{other_plugins}"
}}
transports: {{
	disable = "{other_transports}"
}}
"""
_SOCKETS = """
general: {{
	json = "compact"
	ws = true
	ws_ip = "127.0.0.1"
	ws_port = {port}
}}
"""
_ROOM = """
room-{room}: {{
	publishers = 1
	bitrate = 0
	fir_freq = 0
	audiocodec = "opus"
	videocodec = "vp8"
}}
"""


def installed() -> bool:
    """Tell whether this machine has Janus."""
    return Path(PROGRAM).exists()


def _libraries() -> Path:
    """Return the folder of its plugins, which has the machine's architecture in its name."""
    for folder in Path("/usr/lib").glob("*/janus"):
        return folder
    return Path("/usr/lib/janus")


def _others(folder: Path, needed: str) -> str:
    return ",".join(sorted(file.name for file in folder.glob("*.so") if file.name != needed))


class JanusServer:
    """Janus in a process of its own.

    Args:
        folder: for its configuration and its log.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]  # Janus cannot say which port it was given
        libraries = _libraries()
        for name, text in (
            ("janus", _CORE),
            ("janus.transport.websockets", _SOCKETS),
            ("janus.plugin.videoroom", _ROOM),
        ):
            filled = text.format(
                folder=self._folder,
                libraries=libraries,
                event_loops=EVENT_LOOPS,
                other_plugins=_others(libraries / "plugins", "libjanus_videoroom.so"),
                other_transports=_others(libraries / "transports", "libjanus_websockets.so"),
                port=port,
                room=ROOM,
            )
            (self._folder / f"{name}.jcfg").write_text(filled)
        log = self._folder / "janus.log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [PROGRAM, "-F", str(self._folder)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self._url = f"ws://127.0.0.1:{port}"
        deadline = now() + START_TIMEOUT_S
        while not _listens(port):
            if self._process.poll() is not None or now() > deadline:
                self.__exit__()
                raise SystemExit(f"Janus did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def viewing(self) -> dict[str, str]:
        """Return what viewers need to join."""
        return {"janus": self._url}

    @property
    def publishing(self) -> dict[str, str]:
        """Return what the publisher needs to join."""
        return {"janus": self._url}

    def cpu_s(self) -> float:
        """Return CPU seconds, user and system, that all its threads have used."""
        return cpu_s(self._process.pid)

    def resident_mb(self) -> float:
        """Return resident memory in 10^6 bytes."""
        return process_resident_mb(self._process.pid)

    async def called(self) -> str:
        """Return what the table calls it."""
        return JANUS

    def is_drawing(self) -> bool:
        """Tell whether it prepares pictures in the background: never."""
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
