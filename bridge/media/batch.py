"""Many datagrams with one system call: slots to encrypt in, then ``sendmmsg`` (Linux).

Owns: the memory of the datagrams that leave together, and the kernel's view of
it. Everything that stays the same is laid out once; per datagram only its
length and its destination are written. Knows nothing of RTP.

A slot's length is one word of memory: libsrtp reads and writes it as ``int``,
the kernel reads it as ``iov_len``. On a little-endian machine both see the same
number, because the upper half stays zero. Where that does not hold, or
``sendmmsg`` is missing, the same bytes leave with one ``sendto`` each.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import struct
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from bridge.media.counters import MediaCounters
from bridge.media.srtp import CAPACITY, char_pointer, int_pointer
from bridge.media.udp import Address

__all__ = ["SLOTS", "TOGETHER", "Batch"]

# One call for all viewers of a forum with 63 of them; more viewers take another call.
SLOTS: Final = 64
# Addresses kept in the kernel's form: those of all peers the server admits, and some moves.
MAX_KNOWN: Final = 4096
# sockaddr_in: family in the machine's order, port in the network's, address, padding.
_IPV4: Final = struct.Struct("=H2s4s8x")
# sockaddr_in6 (RFC 3493 3.3): the same with flow label and 128 bits; scope in the machine's order.
_IPV6: Final = struct.Struct("=H2s4s16sI")


class _Iovec(ctypes.Structure):
    """``struct iovec``: a stretch of memory."""

    _fields_ = (("iov_base", ctypes.c_void_p), ("iov_len", ctypes.c_size_t))


class _Msghdr(ctypes.Structure):
    """``struct msghdr``: a destination and what goes there."""

    _fields_ = (
        ("msg_name", ctypes.c_void_p),
        ("msg_namelen", ctypes.c_uint),
        ("msg_iov", ctypes.c_void_p),
        ("msg_iovlen", ctypes.c_size_t),
        ("msg_control", ctypes.c_void_p),
        ("msg_controllen", ctypes.c_size_t),
        ("msg_flags", ctypes.c_int),
    )


class _Mmsghdr(ctypes.Structure):
    """``struct mmsghdr``: a message, and how many bytes of it were sent."""

    _fields_ = (("msg_hdr", _Msghdr), ("msg_len", ctypes.c_uint))


def _find_sendmmsg() -> Callable[[int, Any, int, int], int] | None:
    if sys.platform != "linux" or sys.byteorder != "little":
        return None
    found: Any = getattr(ctypes.CDLL(None, use_errno=True), "sendmmsg", None)
    if found is None:
        return None
    found.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)
    found.restype = ctypes.c_int
    call: Callable[[int, Any, int, int], int] = found
    return call


_sendmmsg = _find_sendmmsg()
TOGETHER: Final = _sendmmsg is not None
"""Whether this machine can send many datagrams with one call."""


class Batch:
    """Slots for datagrams that leave together.

    Fill the slots from the first on, without a gap, then :meth:`send`.

    Args:
        sock: the media socket, non-blocking.
        counters: totals to count into.
        together: send with one call; needs :data:`TOGETHER`.

    Attributes:
        view: the memory of all slots.
        slots: for each slot its memory (``char *``), its length (``int *``, before and after
            encryption), and the offset in ``view`` at which it begins.
    """

    def __init__(
        self, sock: socket.socket, counters: MediaCounters, *, together: bool = TOGETHER
    ) -> None:
        self._socket = sock
        self._counters = counters
        self._six = together and sock.family == socket.AF_INET6
        self._known: dict[Address, bytes] = {}
        self.send: Callable[[Sequence[Address]], None] = (
            self._send_together if together else self._send_each
        )
        """Send the first slots, one to each address; see ``_send_together``."""

        name = _IPV6.size if self._six else _IPV4.size
        memory = (ctypes.c_char * (SLOTS * CAPACITY))()
        names = (ctypes.c_char * (SLOTS * name))()
        iovecs = (_Iovec * SLOTS)()
        self._messages = (_Mmsghdr * SLOTS)()
        for slot, (iovec, message) in enumerate(zip(iovecs, self._messages, strict=True)):
            iovec.iov_base = ctypes.addressof(memory) + slot * CAPACITY
            header = message.msg_hdr
            header.msg_name = ctypes.addressof(names) + slot * name
            header.msg_namelen = name
            header.msg_iov = ctypes.addressof(iovec)
            header.msg_iovlen = 1
        self.view: Final = memoryview(memory).cast("B")
        self._names: Final = memoryview(names).cast("B")
        self._iovecs: Final = iovecs  # kept alive: the messages hold bare addresses
        self._starts: Final = [
            ctypes.addressof(self._messages) + slot * ctypes.sizeof(_Mmsghdr)
            for slot in range(SLOTS)
        ]
        self.slots: Final[list[tuple[Any, Any, int]]] = [
            (
                char_pointer(ctypes.addressof(memory) + slot * CAPACITY),
                int_pointer(ctypes.addressof(iovecs[slot]) + _Iovec.iov_len.offset),
                slot * CAPACITY,
            )
            for slot in range(SLOTS)
        ]

    def _send_together(self, addresses: Sequence[Address]) -> None:
        """Send the first ``len(addresses)`` slots with as few calls as errors allow.

        The kernel stops at the first datagram it cannot send, and tells why only when the next
        call begins with that one: a full socket buffer ends the batch, any other error is this
        destination's own.
        """
        known = self._known
        try:
            names = b"".join([known[address] for address in addresses])
        except KeyError:
            names = b"".join([self._name(address) for address in addresses])
        self._names[: len(names)] = names
        begin, count, file = 0, len(addresses), self._socket.fileno()
        while begin < count:
            sent = _sendmmsg(file, self._starts[begin], count - begin, 0) if _sendmmsg else -1
            if sent > 0:
                begin += sent
            elif ctypes.get_errno() in {errno.EAGAIN, errno.EWOULDBLOCK}:
                self._counters.send_full += count - begin
                return
            else:
                self._counters.drop("send_failed")
                begin += 1

    def _send_each(self, addresses: Sequence[Address]) -> None:
        """Send the first ``len(addresses)`` slots with a call for each."""
        for address, (_, length, start) in zip(addresses, self.slots, strict=False):
            try:
                self._socket.sendto(self.view[start : start + length[0]], address)
            except BlockingIOError:
                self._counters.send_full += 1
            except OSError:
                self._counters.drop("send_failed")

    def _name(self, address: Address) -> bytes:
        """Return *address* as the kernel wants it, and remember it."""
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        name = self._known[address] = sockaddr(address, six=self._six)
        return name


def sockaddr(address: Address, *, six: bool) -> bytes:
    """Return the ``sockaddr_in`` or ``sockaddr_in6`` of *address*.

    Args:
        address: as ``recvfrom`` of a socket of this family gave it; of an IPv6 socket with flow
            label and scope after the port. A host that is no address becomes port 0, to which
            the kernel sends nothing (EINVAL).
        six: the socket is an IPv6 one, dual-stack or not.
    """
    host, port = address[:2]
    more: tuple[int, ...] = address[2:]  # recvfrom of an IPv6 socket gives four
    family = socket.AF_INET6 if six else socket.AF_INET
    try:
        packed = socket.inet_pton(family, host)
    except OSError:
        packed, port = b"", 0
    if not six:
        return _IPV4.pack(family, port.to_bytes(2, "big"), packed)
    flow, scope = more or (0, 0)
    return _IPV6.pack(family, port.to_bytes(2, "big"), flow.to_bytes(4, "big"), packed, scope)
