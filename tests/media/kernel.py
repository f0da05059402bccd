"""The engines of this installation, and what stands for the kernel below them in tests."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, cast

from bridge.media import engine_native
from bridge.media.batch import _Iovec, _Mmsghdr, sockaddr
from bridge.media.counters import MediaCounters
from bridge.media.engine import Engine
from bridge.media.engine_native import NativeEngine, why_missing
from bridge.media.engine_python import PythonEngine
from bridge.media.udp import Address

__all__ = ["ENGINES", "THREADS", "Kernel", "make_engine"]

ENGINES: Final = ("python",) if why_missing() else ("python", "native")

#: Of the native engine, for a run of all tests with more than one; they share every viewer then.
THREADS: Final = int(os.environ.get("DIEMCAU_TEST_THREADS", "1"))
if THREADS > 1:
    engine_native.SHARED = 1
UDP_SEGMENT: Final = 103  # linux/udp.h
#: ``struct cmsghdr`` and what it is about: length, level, type, size of a datagram.
_CONTROL: Final = struct.Struct("@NiiH")

_SEND: Final = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, use_errno=True
)


@dataclass
class Kernel:
    """A socket that only remembers: what was sent, and to which ``sockaddr``.

    Attributes:
        error: what sending answers from now on.
        answers: what the next calls of ``sendmmsg`` answer: how many of the datagrams are taken,
            or an errno, negative. Without them all are taken.
        cuts: whether it cuts a message into datagrams, as Linux does since 4.18.
        messages: of how many datagrams the messages were.
        meanwhile: called while a message is sent.
    """

    error: OSError | None = None
    sent: list[bytes] = field(default_factory=list)
    names: list[bytes] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    cuts: bool = True
    messages: list[int] = field(default_factory=list)
    meanwhile: Callable[[], None] = field(default=lambda: None)
    _function: Any = None

    @property
    def family(self) -> int:
        return socket.AF_INET

    @property
    def pointer(self) -> int:
        """Address of our ``sendmmsg``."""
        self._function = self._function or _SEND(self._sendmmsg)
        return ctypes.cast(self._function, ctypes.c_void_p).value or 0

    def fileno(self) -> int:
        return -1

    def took(self, data: bytes, name: bytes) -> None:
        """Remember a datagram."""
        self.sent.append(data)
        self.names.append(name)

    def sendto(self, data: bytes, address: Address) -> int:
        if self.error is not None:
            raise self.error
        self.took(bytes(data), sockaddr(address, six=False))
        return len(data)

    def _sendmmsg(self, _file: int, messages: int, count: int, _flags: int) -> int:
        self.meanwhile()
        taken = self.answers.pop(0) if self.answers else count
        if self.error is not None:
            taken = -(self.error.errno or errno.ENETUNREACH)
        if taken < 0:
            ctypes.set_errno(-taken)
            return -1
        given = (_Mmsghdr * count).from_address(messages)
        if not self.cuts and given[0].msg_hdr.msg_iovlen > 1:
            ctypes.set_errno(errno.EINVAL)
            return -1
        for message in given[:taken]:
            header = message.msg_hdr
            pieces = (_Iovec * header.msg_iovlen).from_address(header.msg_iov)
            sizes = [piece.iov_len for piece in pieces]
            if len(sizes) > 1:
                control = ctypes.string_at(header.msg_control, header.msg_controllen)
                assert _CONTROL.unpack_from(control) == (
                    18,
                    socket.IPPROTO_UDP,
                    UDP_SEGMENT,
                    sizes[0],
                )
                assert {*sizes[:-1]} == {sizes[0]} >= {max(sizes)}, "only the last is shorter"
            self.messages.append(len(sizes))
            for piece in pieces:
                data = ctypes.string_at(piece.iov_base, piece.iov_len)
                self.took(data, ctypes.string_at(header.msg_name, header.msg_namelen))
        return taken


def make_engine(
    kind: str, kernel: Kernel, counters: MediaCounters, threads: int = THREADS
) -> Engine:
    """Return the engine *kind* that sends to *kernel*."""
    sock = cast("socket.socket", kernel)
    if kind == NativeEngine.name:
        return NativeEngine(sock, counters, send=kernel.pointer, threads=threads)
    return PythonEngine(sock, counters, together=False)
