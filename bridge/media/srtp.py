"""Encrypting and decrypting packets, at the least cost Python can have (RFC 3711, RFC 7714).

Owns: the only touch of pylibsrtp's binding. ``Session.protect`` of pylibsrtp
copies a packet three times and allocates twice; at 63 viewers per packet
that is a quarter of all CPU time, so the engines call :data:`PROTECT` on memory
of their own (``batch``, ``_engine``). The private names used here are ``Session._srtp``,
``_binding.ffi`` and ``_binding.lib``; a contract test guards them.

All other packets go through one scratch buffer: the event loop is one
thread, and nothing here awaits between filling and reading the buffer.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

from pylibsrtp import Session
from pylibsrtp import _binding as binding

__all__ = [
    "CAPACITY",
    "PROTECT",
    "TRAILER",
    "Guard",
    "SrtpPair",
    "char_pointer",
    "context_address",
    "inbound_address",
    "int_pointer",
    "protect_address",
    "protect_rtcp_address",
    "unprotect_address",
    "unprotect_rtcp_address",
]

# SRTP_MAX_TRAILER_LEN of libsrtp (tag and key id) plus the SRTCP index.
TRAILER: Final = 16 + 128 + 4
# Ethernet's 1500 bytes with room for the trailer; longer datagrams are dropped.
CAPACITY: Final = 2048

_BUFFER: Final[Any] = binding.ffi.new("char[]", CAPACITY)
_VIEW: Final = memoryview(binding.ffi.buffer(_BUFFER))
_LENGTH: Final[Any] = binding.ffi.new("int *")
PROTECT: Final[Any] = binding.lib.srtp_protect
"""``PROTECT(context, packet, length)`` encrypts in place and changes the length; 0 is success.

*packet* has room for :data:`TRAILER` more bytes; see :func:`char_pointer`, :func:`int_pointer`.
"""


def char_pointer(address: int) -> Any:  # noqa: ANN401 - cffi
    """Return *address* as ``char *`` for libsrtp; the caller keeps the memory alive."""
    return binding.ffi.cast("char *", address)


def int_pointer(address: int) -> Any:  # noqa: ANN401 - cffi
    """Return *address* as ``int *`` for libsrtp; the caller keeps the memory alive."""
    return binding.ffi.cast("int *", address)


def protect_address() -> int:
    """Return the address of ``srtp_protect`` for C code, 0 if it is not what we know.

    That is ``srtp_err_status_t srtp_protect(srtp_t, void *, int *)``; libsrtp 3 has another one.
    """
    return _function_address(PROTECT, "srtp_protect")


def unprotect_address() -> int:
    """Return the address of ``srtp_unprotect``, likewise."""
    return _function_address(binding.lib.srtp_unprotect, "srtp_unprotect")


def unprotect_rtcp_address() -> int:
    """Return the address of ``srtp_unprotect_rtcp``, likewise."""
    return _function_address(binding.lib.srtp_unprotect_rtcp, "srtp_unprotect_rtcp")


def protect_rtcp_address() -> int:
    """Return the address of ``srtp_protect_rtcp``, likewise."""
    return _function_address(binding.lib.srtp_protect_rtcp, "srtp_protect_rtcp")


def _function_address(function: Any, name: str) -> int:  # noqa: ANN401 - cffi
    found = binding.ffi.typeof(function)
    same = (
        [kind.cname for kind in found.args] == ["struct srtp_ctx_t_ *", "void *", "int *"]
        and found.result.kind == "enum"
        and not found.ellipsis
    )
    pointer = binding.ffi.addressof(binding.lib, name)
    return int(binding.ffi.cast("uintptr_t", pointer)) if same else 0


def context_address(srtp: SrtpPair) -> int:
    """Return the address of what :data:`PROTECT` takes first, valid as long as *srtp* lives."""
    return int(binding.ffi.cast("uintptr_t", srtp.context))


def inbound_address(srtp: SrtpPair) -> int:
    """Return the address of what ``srtp_unprotect`` takes first, likewise."""
    return int(binding.ffi.cast("uintptr_t", srtp.inbound))


class Guard(Protocol):
    """Keeps another thread from the keys of a :class:`SrtpPair`."""

    def acquire(self) -> None:
        """Wait until nobody else uses them."""
        ...

    def release(self) -> None:
        """Let others use them."""
        ...


class SrtpPair:
    """Both directions of one peer's SRTP and SRTCP.

    Only one pair per DTLS connection may exist: two sessions that send SRTCP
    under one key would use the same nonce twice.

    Args:
        inbound: session with the remote side's keys.
        outbound: session with our keys.
    """

    __slots__ = ("_sessions", "context", "guard", "inbound")

    def __init__(self, inbound: Session, outbound: Session) -> None:
        self._sessions = (inbound, outbound)  # keeps the C objects alive
        self.guard: Guard | None = None
        """Taken for each packet, where another thread uses the same keys."""
        self.inbound: Any = inbound._srtp[0]
        self.context: Any = outbound._srtp[0]

    def unprotect(self, data: bytes) -> bytes | None:
        """Return the RTP packet in *data*, or None if it is forged, replayed or too long."""
        return self._process(binding.lib.srtp_unprotect, self.inbound, data)

    def unprotect_rtcp(self, data: bytes) -> bytes | None:
        """Return the RTCP compound in *data*, or None if it is forged, replayed or too long."""
        return self._process(binding.lib.srtp_unprotect_rtcp, self.inbound, data)

    def protect(self, packet: bytes) -> bytes | None:
        """Return the SRTP packet for *packet*, or None if libsrtp refuses it.

        The caller's duty: never two different packets with one SSRC and sequence number.
        """
        return self._process(PROTECT, self.context, packet)

    def protect_rtcp(self, packet: bytes) -> bytes | None:
        """Return the SRTCP packet for *packet*, or None if libsrtp refuses it."""
        return self._process(binding.lib.srtp_protect_rtcp, self.context, packet)

    def _process(self, function: Any, context: Any, data: bytes) -> bytes | None:  # noqa: ANN401 - cffi
        size = len(data)
        if size > CAPACITY - TRAILER:
            return None
        _VIEW[:size] = data
        _LENGTH[0] = size
        guard = self.guard
        if guard is None:
            refused = function(context, _BUFFER, _LENGTH)
        else:
            guard.acquire()
            refused = function(context, _BUFFER, _LENGTH)
            guard.release()
        return None if refused else bytes(_VIEW[: _LENGTH[0]])
