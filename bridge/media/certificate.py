"""The process's certificate, and what all DTLS associations have in common.

Owns: the one OpenSSL context: versions, suites, SRTP profiles, and whether the certificate of a
peer is the one of its offer (RFC 8122 5, RFC 8827 6.5).
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from OpenSSL import SSL, crypto

from bridge.media.profiles import PROFILES

__all__ = ["Certificate"]

# pyOpenSSL has no name for it. Never below (RFC 8827 6.5), and not above: what stays of an
# association (dtls_records) is that of 1.2.
DTLS_1_2: Final = 0xFEFD
# ECDSA suites first, then their RSA twins for peers with an RSA certificate.
CIPHERS: Final = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
    b"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:"
    b"ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA"
)
LIFETIME: Final = dt.timedelta(days=30)
# RFC 8122 5; "all" of an offer's that we know must match.
DIGESTS: Final = ("sha-256", "sha-384", "sha-512")


class Certificate:
    """A self-signed certificate and the OpenSSL context for all connections that show it.

    Args:
        key: private.
        cert: of *key*.
    """

    def __init__(
        self, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, cert: x509.Certificate
    ) -> None:
        context = SSL.Context(SSL.DTLS_METHOD)
        context.set_min_proto_version(DTLS_1_2)
        context.set_max_proto_version(DTLS_1_2)
        # The MTU is ours: a memory BIO knows none, and OpenSSL would make fragments of 200 bytes.
        context.set_options(SSL.OP_NO_TICKET | SSL.OP_NO_QUERY_MTU | SSL.OP_NO_RENEGOTIATION)
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)  # or 20,000 of them would stay
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, _is_of_offer)
        context.use_certificate(cert)
        context.use_privatekey(key)
        context.set_cipher_list(CIPHERS)
        context.set_tlsext_use_srtp(b":".join(profile.name for profile in PROFILES))
        self.context = context
        self.fingerprint = cert.fingerprint(hashes.SHA256()).hex(":").upper()
        """The SHA-256 fingerprint as in ``a=fingerprint`` (RFC 8122 5)."""

    @classmethod
    def generate(cls) -> Self:
        """Return a new one with a key on P-256, of no meaningful name (RFC 8827 6.5)."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, secrets.token_hex(16))])
        now = dt.datetime.now(tz=dt.UTC)
        cert = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))  # clocks of peers may be behind
            .not_valid_after(now + LIFETIME)
            .sign(key, hashes.SHA256())
        )
        return cls(key, cert)


def _is_of_offer(
    connection: SSL.Connection, certificate: crypto.X509, _error: int, depth: int, _known: int
) -> bool:
    """Return whether *certificate* is the one of the offer; OpenSSL says so to the peer if not.

    There must be a fingerprint of an algorithm we know, and all of those must match.
    """
    if depth > 0:
        return True  # who signed it does not matter
    offered = [
        (algorithm.lower(), value.upper())
        for algorithm, value in connection.get_app_data()
        if algorithm.lower() in DIGESTS
    ]
    return bool(offered) and all(
        certificate.digest(algorithm.replace("-", "")).decode() == value
        for algorithm, value in offered
    )
