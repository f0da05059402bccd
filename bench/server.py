"""The server under measurement: started, read from outside, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

import aiohttp

from bench.blocking import SIGNAL, Block
from bridge.clock import SystemClock
from bridge.ids import Role
from bridge.server.data_directory import DataDirectory
from bridge.server.tokens import Tokens

EVENT = Path(__file__).parent.parent / "config" / "events" / "industry40-2021.toml"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 15.0
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
#: Encoded cameras and drawn slates, kept from run to run.
CACHE = Path(tempfile.gettempdir()) / "diemcau-bench-cache"
SENT = "diemcau_media_sent_packets_total"
ENGINE = "diemcau_media_engine_info"


class Server:
    """``diemcau serve`` in a process of its own.

    Args:
        data: empty folder for its log and secret.
        engine: what forwards packets.
        module: what is run: ``bench.blocking`` may be stopped by :meth:`block`.
        threads: of the native engine.
    """

    def __init__(
        self, data: Path, engine: str = "auto", *, module: str = "bridge", threads: int = 1
    ) -> None:
        self.url = ""
        self._engine = engine
        self._module = module
        self._threads = threads
        self._data = data
        self._log = data.parent / "server.log"

    def __enter__(self) -> Self:
        slates = self._data / "cache" / "slates"
        slates.parent.mkdir(parents=True, exist_ok=True)
        (CACHE / "slates").mkdir(parents=True, exist_ok=True)
        slates.symlink_to(CACHE / "slates")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", self._module, "serve", "--event", str(EVENT)),
                    *("--host", "127.0.0.1", "--port", "0", "--media-port", "0"),
                    *("--data", str(self._data), "--engine", self._engine),
                    *("--media-threads", str(self._threads)),
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={key: value for key, value in os.environ.items() if "DIEMCAU" not in key},
            )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("ready "):
                self.url = line.split()[1]
                break
        else:
            raise SystemExit(f"the server did not start:\n{self._log.read_text()}")
        directory = DataDirectory(self._data)
        self._event = directory.read_info().event
        self._tokens = Tokens(directory.secret(), self._event, SystemClock().now)
        self.sites = directory.read_info().sessions["plenary"]
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    async def block(self) -> Block:
        """Let the event loop stand still; return when that was."""
        self._process.send_signal(SIGNAL)
        return await asyncio.to_thread(self._blocked)

    def _blocked(self) -> Block:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("blocked "):
                return Block.parsed(line)
        raise SystemExit("the server ended while its event loop was blocked")

    def token(self, role: Role, site: str = "") -> str:
        """Return a join token; a delegate's phone has its own, by the link of its site."""
        token, claims = self._tokens.mint(role, "plenary", site=site)
        return self._tokens.mint_phone(claims)[0] if claims.shared else token

    def cpu_s(self) -> float:
        """Return CPU seconds, user and system, that the server process has used."""
        return cpu_s(self._process.pid)

    def open_files(self) -> int:
        """Return how many files and sockets the server process has open."""
        return len(list(Path(f"/proc/{self._process.pid}/fd").iterdir()))

    def resident_mb(self) -> float:
        """Return resident memory in 10^6 bytes."""
        return process_resident_mb(self._process.pid)

    @property
    def viewing(self) -> dict[str, str]:
        """Return what viewers need to join."""
        return {"url": f"{self.url}/whep/plenary", "token": self.token(Role.STAGE)}

    @property
    def publishing(self) -> dict[str, str]:
        """Return what the venue's camera needs to join."""
        return camera(self, self.sites[0])

    def is_drawing(self) -> bool:
        """Tell whether it is having slates made, which takes a core for seconds, once."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return any(
            b"bridge.slates" in Path(f"/proc/{child}/cmdline").read_bytes()
            for child in children.read_text().split()
            if Path(f"/proc/{child}").exists()
        )

    async def called(self) -> str:
        """Return which engine forwards packets, by the server's own word."""
        async with aiohttp.ClientSession() as http:
            found = [name for name in await self.metrics(http) if name.startswith(ENGINE)]
        return found[0].removeprefix(ENGINE).split('"')[1]

    async def metrics(self, http: aiohttp.ClientSession) -> dict[str, float]:
        """Return the server's own figures by name, labels included."""
        async with http.get(f"{self.url}/metrics") as response:
            text = await response.text()
        lines = (line.rsplit(" ", 1) for line in text.splitlines() if line[:1] not in ("#", ""))
        return {name: float(value) for name, value in lines}


def camera(server: Server, site: str) -> dict[str, str]:
    """Return where and as whom the device of *site* joins."""
    url = f"{server.url}/media/plenary?client=bench-{site}&slots="
    return {"url": url, "token": server.token(Role.HOST, site)}


def cpu_s(process: int) -> float:
    """Return CPU seconds, user and system, that *process* has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def process_resident_mb(process: int) -> float:
    """Return resident memory of *process* in 10^6 bytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def busy_s() -> float:
    """Return CPU seconds that all cores of this machine were busy, or kept from us."""
    user, nice, system, _, _, irq, softirq, steal, *_ = (
        int(value) for value in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    )
    return (user + nice + system + irq + softirq + steal) * _TICK_S


def load_average() -> float:
    """Return the machine's load over the last minute."""
    return os.getloadavg()[0]


def now() -> float:
    """Return monotonic seconds, the same in all processes of this machine."""
    return time.monotonic()
