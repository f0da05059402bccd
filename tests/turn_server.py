"""A real coturn with the shipped configuration, for tests that go through a relay."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bridge.server import tls
from tests.running import ROOT, free_port

DEPLOY = ROOT / "config" / "deploy" / "coturn"
SECRET = "a-secret-for-tests-0123456789"


@dataclass(frozen=True)
class TurnServer:
    """A running coturn.

    Attributes:
        address: IP address it listens on.
        port: of TURN over UDP and TCP.
        tls_port: of TURN over TLS.
        secret_file: file with the secret, as the server's setting wants it.
        certificate: that it shows (PEM).
    """

    address: str
    port: int
    tls_port: int
    secret_file: Path
    certificate: Path
    process: subprocess.Popen[bytes]
    log_file: Path

    def url(self, way: str) -> str:
        """Return its URI for *way*: ``udp``, ``tcp`` or ``tls``."""
        if way == "tls":
            return f"turns:{self.address}:{self.tls_port}?transport=tcp"
        return f"turn:{self.address}:{self.port}?transport={way}"

    def settings(self, *ways: str) -> tuple[str, ...]:
        """Return command line arguments that tell our server of it."""
        urls = [part for way in ways for part in ("--turn-urls", self.url(way))]
        return (*urls, "--turn-secret-file", str(self.secret_file))

    def log(self) -> str:
        """Return what it wrote so far."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")


def configured(folder: Path, address: str, peer: str, certificate: Path) -> Path:
    """Return a copy of the shipped configuration in which the marked lines fit the test."""
    text = (DEPLOY / "turnserver.conf").read_text(encoding="utf-8")
    for shipped, wanted in (
        ("allowed-peer-ip=203.0.113.7", f"allowed-peer-ip={peer}"),
        ("-ip=203.0.113.8", f"-ip={address}"),
        ("/etc/diemcau/turn-cert.pem", str(certificate)),
        ("/etc/diemcau/turn-key.pem", str(certificate.with_name("key.pem"))),
    ):
        assert shipped in text
        text = text.replace(shipped, wanted)
    path = folder / "turnserver.conf"
    path.write_text(text, encoding="utf-8")
    return path


@asynccontextmanager
async def turn_server(
    folder: Path,
    *,
    address: str = "127.0.0.1",
    peer: str = "127.0.0.1",
    command: Callable[..., list[str]] = lambda *words: [*words],
    connect: Callable[[int], socket.socket] = lambda kind: socket.socket(socket.AF_INET, kind),
    options: Sequence[str] = (),
) -> AsyncIterator[TurnServer]:
    """Start coturn and end it afterwards.

    Args:
        folder: for its files; made if it is not there.
        address: to listen and relay on.
        peer: the only address it relays to.
        command: where to run it, as a prefix of the command line.
        connect: makes a TCP socket that can reach it.
        options: more of coturn's.
    """
    assert shutil.which("turnserver"), "install coturn: sh tools/test-tools.sh"
    folder.mkdir(parents=True, exist_ok=True)
    tls.self_signed(folder, [address], time.time())
    certificate = folder / "certificate.pem"
    config = configured(folder, address, peer, certificate)
    secret_file = folder / "turn.secret"
    secret_file.write_text(f"{SECRET}\n", encoding="utf-8")
    port, tls_port = free_port(), free_port()
    relay = free_port()  # relayed ports need to be free, not to be these
    ports = (f"--listening-port={port}", f"--tls-listening-port={tls_port}")
    relayed = (f"--min-port={relay}", f"--max-port={relay + 500}")
    loopback = ("--allow-loopback-peers",) if address.startswith("127.") else ()
    script = (str(DEPLOY / "start.sh"), str(config), str(secret_file))
    start = command("env", f"RUNTIME_DIRECTORY={folder}/run", *script)
    log_file = folder / "coturn.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [*start, *ports, *relayed, *loopback, "--verbose", *options],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    made = TurnServer(address, port, tls_port, secret_file, certificate, process, log_file)
    try:
        await _listening(made, connect)
        yield made
    finally:
        process.terminate()
        process.wait(10)
    assert SECRET not in made.log()


async def _listening(made: TurnServer, connect: Callable[[int], socket.socket]) -> None:
    deadline = time.monotonic() + 15
    while True:
        assert made.process.poll() is None, made.log()
        with connect(socket.SOCK_STREAM) as probe:
            if probe.connect_ex((made.address, made.tls_port)) == 0:
                return
        assert time.monotonic() < deadline, made.log()
        await asyncio.sleep(0.1)
