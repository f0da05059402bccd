"""Connectivity checks (RFC 8445 7) as an ICE-lite server reads and answers them (RFC 8489).

Owns: of a binding request what concerns such a server, its authenticity, and the answer. Every
path of every peer is checked each 2.5 s: what this costs is paid by all of them, all the time.

    0                   2                   4                                   8          20
    +-------------------+-------------------+-----------------------------------+-----------+
    | type              | length of what    | magic cookie                      | trans-    |
    |                   | follows the header|                                   | action    |
    +-------------------+-------------------+-----------------------------------+-----------+
    then attributes: type, length, value, padded to four bytes
"""

from __future__ import annotations

import functools
import hmac
import ipaddress
import struct
from binascii import crc32
from collections.abc import Iterator
from typing import Final

import msgspec

from bridge.errors import Code, ProtocolError

__all__ = ["Check", "build_answer", "is_authentic", "parse_check"]

HEADER: Final = 20
COOKIE: Final = b"\x21\x12\xa4\x42"
_REQUEST: Final = b"\x00\x01"
_USERNAME, _INTEGRITY, _NOMINATED, _FINGERPRINT = 0x0006, 0x0008, 0x0025, 0x8028
_DIGEST: Final = 20  # bytes of HMAC-SHA1
_FINGERPRINT_MASK: Final = 0x5354554E
_FOUR, _SIX = 1, 2  # address families
_ANSWER_HEAD: Final = struct.Struct("!HH4s12s")
_ATTRIBUTE: Final = struct.Struct("!HH")
_NUMBER: Final = struct.Struct("!I")
_MAPPED: Final = struct.Struct("!HHBBH")
# Addresses remembered in their binary form: those of a usual forum.
_ADDRESSES: Final = 256


class Check(msgspec.Struct, frozen=True, gc=False):
    """What a binding request says."""

    ufrag: str
    """Whom it is for: the part of USERNAME before the colon, "" without."""
    transaction: bytes
    nominated: bool
    """It has USE-CANDIDATE."""
    signed: int
    """Offset of MESSAGE-INTEGRITY; 0 without."""


def parse_check(data: bytes) -> Check | None:
    """Read a STUN message; None if it is no binding request.

    What stands after MESSAGE-INTEGRITY is not authenticated, and not read but for FINGERPRINT.
    Of an attribute that is there twice the first one counts; unknown ones are ignored.

    Raises:
        ProtocolError: a length is wrong, or the fingerprint.
    """
    _check_header(data)
    ufrag = ""
    nominated = False
    signed = 0
    for kind, start, end in _attributes(data):
        if kind == _FINGERPRINT:
            if data[start:end] != _NUMBER.pack(_fingerprint(data[: start - 4])):
                raise ProtocolError(Code.PACKET_MALFORMED, "STUN fingerprint does not match")
        elif signed:
            continue
        elif kind == _USERNAME:
            ufrag = ufrag or data[start:end].partition(b":")[0].decode("latin-1")
        elif kind == _NOMINATED:
            nominated = True
        elif kind == _INTEGRITY:
            signed = start - 4
    if data[:2] != _REQUEST:
        return None
    return Check(ufrag, data[8:HEADER], nominated, signed)


def _check_header(data: bytes) -> None:
    if len(data) < HEADER or HEADER + int.from_bytes(data[2:4], "big") != len(data):
        raise ProtocolError(Code.PACKET_MALFORMED, "STUN message of another length than it says")
    if data[4:8] != COOKIE:
        raise ProtocolError(Code.PACKET_MALFORMED, "STUN message without the magic cookie")


def _attributes(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the type of each attribute, and where its value begins and ends."""
    size = len(data)
    at = HEADER
    while at + 4 <= size:
        kind, length = _ATTRIBUTE.unpack_from(data, at)
        end = at + 4 + length
        if end > size:
            raise ProtocolError(Code.PACKET_MALFORMED, "STUN attribute is cut off")
        yield kind, at + 4, end
        at = end + (-length & 3)


def is_authentic(data: bytes, check: Check, key: bytes) -> bool:
    """Return whether *data*, which *check* was read from, was signed with *key*."""
    at = check.signed
    if not at:
        return False
    said = data[at + 4 : at + 4 + int.from_bytes(data[at + 2 : at + 4], "big")]
    length = at + 4 + _DIGEST - HEADER  # as if nothing came after it (RFC 8489 14.5)
    signed = data[:2] + length.to_bytes(2, "big") + data[4:at]
    return hmac.compare_digest(said, hmac.digest(key, signed, "sha1"))


def build_answer(transaction: bytes, host: str, port: int, key: bytes) -> bytes:
    """Return the success response to a check, signed with *key*.

    Args:
        transaction: the check's, 12 bytes.
        host: where it came from, as ``recvfrom`` gives it; the IPv4 address a dual-stack socket
            shows as ``::ffff:a.b.c.d`` is named as such.
        port: the same.
        key: of the one who answers.
    """
    packed = _packed(host)
    mask = int.from_bytes(COOKIE + transaction, "big") >> (128 - 8 * len(packed))
    masked = (int.from_bytes(packed, "big") ^ mask).to_bytes(len(packed), "big")
    family = _FOUR if len(packed) == 4 else _SIX
    mapped = _MAPPED.pack(0x0020, 4 + len(packed), 0, family, port ^ 0x2112) + masked
    size = len(mapped)
    signed = _ANSWER_HEAD.pack(0x0101, size + 4 + _DIGEST, COOKIE, transaction) + mapped
    digest = hmac.digest(key, signed, "sha1")
    whole = b"".join(
        (
            _ANSWER_HEAD.pack(0x0101, size + 4 + _DIGEST + 8, COOKIE, transaction),
            mapped,
            _ATTRIBUTE.pack(_INTEGRITY, _DIGEST),
            digest,
        )
    )
    return whole + _ATTRIBUTE.pack(_FINGERPRINT, 4) + _NUMBER.pack(_fingerprint(whole))


def _fingerprint(data: bytes) -> int:
    return crc32(data) ^ _FINGERPRINT_MASK


@functools.lru_cache(maxsize=_ADDRESSES)
def _packed(host: str) -> bytes:
    """Return an address as 4 or 16 bytes; 4 for one of IPv4 in a form of IPv6."""
    address = ipaddress.ip_address(host)
    if address.version == 6 and address.ipv4_mapped is not None:
        return address.ipv4_mapped.packed
    return address.packed
