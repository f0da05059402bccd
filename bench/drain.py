"""Many viewers' sockets, emptied by ``drain.c``, which is compiled where it is needed.

Owns the compiled function, the counters of all viewers and what is handed out; knows
nothing of what the datagrams mean.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import socket
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

from bench.delay import Mark
from bench.server import CACHE

SOURCE = Path(__file__).with_name("drain.c")
STREAMS = 4
SAMPLE_EVERY = 1000  # RTP packets of a viewer, one of which is handed out
#: What a socket may hold while nobody looks: seconds of 1.5 Mb/s, with the kernel's accounts.
RECEIVE_BUFFER = 2 << 20
_BYTES_ROOM = 8 << 20
_MARKS_ROOM = 1 << 15
_RXQ_OVFL = 40  # SO_RXQ_OVFL; Python has no name for it
_TIMESTAMPNS = 35  # SO_TIMESTAMPNS
_UDP_GRO = 104
_HEAD = struct.Struct("=II")
_MARK = struct.Struct("=QIIII")


class Stream(ctypes.Structure):
    """One incoming stream; see ``drain.c``."""

    _fields_ = tuple(
        (name, ctypes.c_uint32)
        for name in (
            *("ssrc", "received", "first", "highest"),
            *("transit", "jitter", "kind", "frames"),
        )
    )
    ssrc: int
    received: int
    first: int
    highest: int
    jitter: int
    kind: int
    frames: int

    @property
    def expected(self) -> int:
        """Packets from the first to the newest, whether they came or not."""
        return self.highest - self.first + 1


class Counters(ctypes.Structure):
    """What came for one viewer."""

    _fields_ = (
        ("fd", ctypes.c_int32),
        ("video", ctypes.c_uint32),
        ("audio", ctypes.c_uint32),
        ("dropped", ctypes.c_uint32),
        ("packets", ctypes.c_uint64),
        ("octets", ctypes.c_uint64),
        ("all_streams", Stream * STREAMS),
    )
    fd: int
    video: int
    audio: int
    dropped: int
    packets: int
    octets: int
    all_streams: ctypes.Array[Stream]

    @property
    def streams(self) -> list[Stream]:
        """Those that have begun."""
        return [stream for stream in self.all_streams if stream.received]


class _Outlet(ctypes.Structure):
    _fields_ = (
        ("bytes", ctypes.c_void_p),
        ("marks", ctypes.c_void_p),
        *(
            (name, ctypes.c_uint32)
            for name in (
                *("bytes_room", "bytes_used", "marks_room", "marks_used"),
                *("sample_every", "unused"),
            )
        ),
    )
    bytes_used: int
    marks_room: int
    marks_used: int


def compiled() -> ctypes.CDLL:
    """Return ``drain.c`` as a library; it is kept from run to run.

    Raises:
        SystemExit: there is no C compiler, or it does not like the source.
    """
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
    target = CACHE / f"drain-{hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]}.so"
    if not target.exists():
        if compiler is None:
            raise SystemExit("the viewers need a C compiler: install gcc, or set CC")
        CACHE.mkdir(parents=True, exist_ok=True)
        made = target.with_suffix(f".{os.getpid()}")
        command = [
            compiler,
            "-O2",
            "-Wall",
            "-Wextra",
            "-shared",
            "-fPIC",
            "-o",
            str(made),
            str(SOURCE),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"bench/drain.c did not compile:\n{done.stderr}")
        made.rename(target)  # whole or not at all, for others who start now
    return ctypes.CDLL(str(target))


class Drain:
    """All sockets.

    Args:
        most: viewers at one time.
    """

    def __init__(self, most: int) -> None:
        self._drain = compiled().drain
        self._drain.restype = None
        self.viewers = (Counters * most)()
        for viewer in self.viewers:
            viewer.fd = -1
        self._free = list(range(most))[::-1]
        self._data = ctypes.create_string_buffer(_BYTES_ROOM)
        self._marked = ctypes.create_string_buffer(_MARKS_ROOM * _MARK.size)
        self._outlet = _Outlet(
            ctypes.addressof(self._data),
            ctypes.addressof(self._marked),
            _BYTES_ROOM,
            marks_room=0,
            sample_every=SAMPLE_EVERY,
        )
        self._takers: dict[int, Callable[[bytes], None]] = {}
        self.marks: list[Mark] = []

    def add(
        self, opened: socket.socket, video: int, audio: int, take: Callable[[bytes], None]
    ) -> int:
        """Read a socket from now on.

        Args:
            opened: the socket, bound; not read by anybody else.
            video: payload type of the picture. audio: and of the sound.
            take: gets what is handed out.

        Returns:
            Its place in ``viewers``.
        """
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        opened.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
        opened.setsockopt(socket.SOL_SOCKET, _RXQ_OVFL, 1)
        opened.setsockopt(socket.IPPROTO_UDP, _UDP_GRO, 1)
        place = self._free.pop()
        self.viewers[place] = Counters(fd=opened.fileno(), video=video, audio=audio)
        self._takers[place] = take
        return place

    def remove(self, place: int) -> None:
        """Read it no more; to be called before it is closed."""
        self.viewers[place].fd = -1
        del self._takers[place]
        self._free.append(place)

    def note_marks(self, wanted: bool) -> None:
        """Note, from now on, when each picture's last packet arrived, or no more."""
        self.marks = []
        self._outlet.marks_room = _MARKS_ROOM if wanted else 0

    def read(self) -> None:
        """Empty all sockets; hand out what is not for counting."""
        self._outlet.bytes_used = self._outlet.marks_used = 0
        self._drain(self.viewers, len(self.viewers), ctypes.byref(self._outlet))
        marked = memoryview(self._marked)[: self._outlet.marks_used * _MARK.size]
        self.marks += [Mark(*values[:4]) for values in _MARK.iter_unpack(marked)]
        data, at = memoryview(self._data)[: self._outlet.bytes_used], 0
        while at < len(data):
            place, length = _HEAD.unpack_from(data, at)
            at += _HEAD.size
            self._takers[place](bytes(data[at : at + length]))
            at += length
