"""DTLS 1.2 records (RFC 6347 4.1), as far as they matter beside OpenSSL.

OpenSSL keeps 92 kB for an association, of which a peer whose SRTP keys are made needs three
things: to say goodbye, to hear a goodbye, and to repeat the last flight. Owns: reading record
headers, packing records into datagrams, and opening the alerts of the remote side with the
keys of the association (RFC 5246 6.3, RFC 5288, RFC 7905). Knows no socket, clock or OpenSSL.

    0      1        3      5                  11       13
    type   version  epoch  sequence number    length   fragment ...
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

__all__ = ["AlertReader", "ContentType", "Record", "datagrams", "records"]

HEADER: Final = 13
CLOSE_NOTIFY: Final = 0
FATAL: Final = 2


class ContentType(IntEnum):
    """What a record carries."""

    CHANGE_CIPHER_SPEC = 20
    ALERT = 21
    HANDSHAKE = 22


@dataclass(frozen=True, slots=True)
class Record:
    """One record.

    Attributes:
        kind: its content type, 0..255.
        version: as on the wire, two bytes.
        sequence: epoch and sequence number as on the wire, eight bytes.
        fragment: what follows the header, encrypted from epoch 1 on.
    """

    kind: int
    version: bytes
    sequence: bytes
    fragment: bytes

    @property
    def epoch(self) -> int:
        """How often the keys have changed, 0..65535; 0 is plain text."""
        return int.from_bytes(self.sequence[:2], "big")


def records(datagram: bytes) -> Iterator[Record]:
    """Yield the records of *datagram*; one that is cut short ends it. Never raises."""
    at = 0
    while at + HEADER <= len(datagram):
        end = at + HEADER + int.from_bytes(datagram[at + 11 : at + HEADER], "big")
        if end > len(datagram):
            return
        yield Record(
            datagram[at],
            datagram[at + 1 : at + 3],
            datagram[at + 3 : at + 11],
            datagram[at + HEADER : end],
        )
        at = end


def datagrams(flight: bytes, mtu: int) -> Iterator[bytes]:
    """Yield the records of *flight*, as many in each datagram as fit.

    A memory BIO puts what OpenSSL meant as several datagrams behind one another; records must
    not be cut.

    Args:
        flight: whole records.
        mtu: bytes a datagram may have; a longer record is one all the same.
    """
    start = at = 0
    while at < len(flight):
        end = at + HEADER + int.from_bytes(flight[at + 11 : at + HEADER], "big")
        if end - start > mtu and at > start:
            yield flight[start:at]
            start = at
        at = end
    if flight:
        yield flight[start:]


@dataclass(frozen=True, slots=True)
class _Cipher:
    """How a suite protects a record.

    Attributes:
        key: bytes of a key.
        salt: bytes of the part of the nonce that the handshake made.
        aead: what decrypts.
        explicit: whether the rest of the nonce stands before the text (RFC 5288 3); else the
            record's number is added to the salt (RFC 7905 2).
    """

    key: int
    salt: int
    aead: type[AESGCM | ChaCha20Poly1305]
    explicit: bool


# By a part of OpenSSL's names of suites.
_CIPHERS: Final = {
    "AES128-GCM": _Cipher(16, 4, AESGCM, explicit=True),
    "CHACHA20-POLY1305": _Cipher(32, 12, ChaCha20Poly1305, explicit=False),
}


class AlertReader:
    """Reads the remote side's alerts, after OpenSSL's part of the association is gone.

    Suites with CBC are not understood: browsers have had better ones for ten years, and who
    speaks them nevertheless is missed when it has gone, as one that is switched off.

    Args:
        suite: OpenSSL's name of the cipher suite.
        master: the master secret, 48 bytes.
        client_random: of the ClientHello, 32 bytes.
        server_random: of the ServerHello, 32 bytes.
        from_server: whether the remote side is the DTLS server.
    """

    __slots__ = ("_cipher", "_key", "_salt")

    def __init__(
        self,
        suite: str,
        master: bytes,
        client_random: bytes,
        server_random: bytes,
        *,
        from_server: bool,
    ) -> None:
        self._cipher = next((c for name, c in _CIPHERS.items() if name in suite), None)
        self._key = self._salt = b""
        if (cipher := self._cipher) is None:
            return
        # key_block: the client's key, the server's, the client's salt, the server's
        block = _expand(
            master, b"key expansion" + server_random + client_random, 2 * (cipher.key + cipher.salt)
        )
        key = cipher.key if from_server else 0
        salt = 2 * cipher.key + (cipher.salt if from_server else 0)
        self._key = block[key : key + cipher.key]
        self._salt = block[salt : salt + cipher.salt]

    def ends(self, record: Record) -> bool:
        """Return whether *record* is an authentic alert that ends the association. Never raises."""
        if self._cipher is None or record.kind != ContentType.ALERT or record.epoch != 1:
            return False
        nonce, text = self._split(record, explicit=self._cipher.explicit)
        plain_length = len(text) - 16
        if plain_length != 2:
            return False
        about = (
            record.sequence
            + bytes([record.kind])
            + record.version
            + plain_length.to_bytes(2, "big")
        )
        try:
            level, description = self._cipher.aead(self._key).decrypt(nonce, text, about)
        except InvalidTag:
            return False
        return description == CLOSE_NOTIFY or level == FATAL

    def _split(self, record: Record, *, explicit: bool) -> tuple[bytes, bytes]:
        """Return the nonce, and text and tag."""
        if explicit:
            return self._salt + record.fragment[:8], record.fragment[8:]
        number = int.from_bytes(record.sequence, "big")
        return (int.from_bytes(self._salt, "big") ^ number).to_bytes(12, "big"), record.fragment


def _expand(secret: bytes, seed: bytes, length: int) -> bytes:
    """Return *length* bytes of P_SHA256 (RFC 5246 5)."""
    made, link = b"", seed
    while len(made) < length:
        link = hmac.digest(secret, link, hashlib.sha256)
        made += hmac.digest(secret, link + seed, hashlib.sha256)
    return made[:length]
