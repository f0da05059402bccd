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

from typing import Any, Final

from pylibsrtp import Session
from pylibsrtp import _binding as binding

__all__ = [
    "CAPACITY",
    "PROTECT",
    "TRAILER",
    "SrtpPair",
    "char_pointer",
    "context_address",
    "int_pointer",
    "protect_address",
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
    found = binding.ffi.typeof(PROTECT)
    same = (
        [kind.cname for kind in found.args] == ["struct srtp_ctx_t_ *", "void *", "int *"]
        and found.result.kind == "enum"
        and not found.ellipsis
    )
    pointer = binding.ffi.addressof(binding.lib, "srtp_protect")
    return int(binding.ffi.cast("uintptr_t", pointer)) if same else 0


def context_address(srtp: SrtpPair) -> int:
    """Return the address of what :data:`PROTECT` takes first, valid as long as *srtp* lives."""
    return int(binding.ffi.cast("uintptr_t", srtp.context))


class SrtpPair:
    """Both directions of one peer's SRTP and SRTCP.

    Only one pair per DTLS connection may exist: two sessions that send SRTCP
    under one key would use the same nonce twice.

    Args:
        inbound: session with the remote side's keys.
        outbound: session with our keys.
    """

    __slots__ = ("_inbound", "_sessions", "context")

    def __init__(self, inbound: Session, outbound: Session) -> None:
        self._sessions = (inbound, outbound)  # keeps the C objects alive
        self._inbound: Any = inbound._srtp[0]
        self.context: Any = outbound._srtp[0]

    def unprotect(self, data: bytes) -> bytes | None:
        """Return the RTP packet in *data*, or None if it is forged, replayed or too long."""
        return _process(binding.lib.srtp_unprotect, self._inbound, data)

    def unprotect_rtcp(self, data: bytes) -> bytes | None:
        """Return the RTCP compound in *data*, or None if it is forged, replayed or too long."""
        return _process(binding.lib.srtp_unprotect_rtcp, self._inbound, data)

    def protect(self, packet: bytes) -> bytes | None:
        """Return the SRTP packet for *packet*, or None if libsrtp refuses it.

        The caller's duty: never two different packets with one SSRC and sequence number.
        """
        return _process(PROTECT, self.context, packet)

    def protect_rtcp(self, packet: bytes) -> bytes | None:
        """Return the SRTCP packet for *packet*, or None if libsrtp refuses it."""
        return _process(binding.lib.srtp_protect_rtcp, self.context, packet)


def _process(function: Any, context: Any, data: bytes) -> bytes | None:  # noqa: ANN401 - cffi
    size = len(data)
    if size > CAPACITY - TRAILER:
        return None
    _VIEW[:size] = data
    _LENGTH[0] = size
    if function(context, _BUFFER, _LENGTH):
        return None
    return bytes(_VIEW[: _LENGTH[0]])
