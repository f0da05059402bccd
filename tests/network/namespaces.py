"""Network namespaces without names: each lives as long as a process of ours, and no longer.

Nothing is left behind whatever ends a test: the holding process ends when its standard input
closes, and with it the namespace and its devices.
"""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

CLONE_NEWNET = 0x40000000
_HOLD = "ip link set lo up && echo ready && exec cat"


class NotPermitted(AssertionError):
    """Namespaces or tunnels cannot be made here."""


@contextmanager
def inside(path: str) -> Iterator[None]:
    """Let this thread open sockets and devices in the namespace at *path*; do nothing else there.

    Raises:
        NotPermitted: not root.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(path, os.O_RDONLY)
    try:
        if libc.setns(there, CLONE_NEWNET):
            raise NotPermitted(
                f"cannot enter a network namespace: {os.strerror(ctypes.get_errno())}"
            )
        try:
            yield
        finally:
            if libc.setns(home, CLONE_NEWNET):
                os._exit(70)  # everything this thread did afterwards would be in the wrong network
    finally:
        os.close(there)
        os.close(home)


class Namespace:
    """A network of its own, with nothing in it but loopback.

    Raises:
        NotPermitted: the machine or the user may not make one.
    """

    def __init__(self) -> None:
        self._holder = subprocess.Popen(
            ["unshare", "--net", "--", "sh", "-c", _HOLD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != "ready\n":
            _, error = self._holder.communicate()
            raise NotPermitted(
                "The network lab needs network namespaces: run it as root, or with CAP_SYS_ADMIN "
                f"and CAP_NET_ADMIN, on Linux with iproute2 and util-linux. {error.strip()}"
            )

    @property
    def path(self) -> str:
        return f"/proc/{self._holder.pid}/ns/net"

    def command(self, *words: str) -> list[str]:
        """Return the command line that runs *words* in here."""
        return ["nsenter", f"--net={self.path}", "--", *words]

    def run(self, *words: str) -> str:
        """Run a short command in here and return what it printed."""
        done = subprocess.run(
            self.command(*words), check=False, capture_output=True, text=True, timeout=10
        )
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr.strip()}"
        return done.stdout

    def socket(self, kind: int = socket.SOCK_DGRAM) -> socket.socket:
        """Return a socket of this network, which may be used from anywhere."""
        with inside(self.path):
            return socket.socket(socket.AF_INET, kind)

    def close(self) -> None:
        """Let the network go; processes still in it keep it until they end."""
        assert self._holder.stdin is not None
        self._holder.stdin.close()
        self._holder.wait(10)
        for stream in (self._holder.stdout, self._holder.stderr):
            if stream is not None:
                stream.close()
