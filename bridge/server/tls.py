"""TLS for a LAN without a proxy: a given certificate, or one the server signs itself.

Browsers allow camera and microphone on ``https`` and on ``localhost`` only, so
provincial hosts cannot join over plain HTTP.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import ssl
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bridge.errors import Code, ConfigError

__all__ = ["context_from_files", "self_signed"]

#: Browsers refuse certificates that are valid for longer.
VALID_DAYS = 397


def context_from_files(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return a server context of PEM files.

    Raises:
        ConfigError: they cannot be read or do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            Code.CONFIG_INVALID,
            f"The certificate {certificate} with the key {key} cannot be used ({error}). "
            "Give PEM files that belong together with --tls-cert and --tls-key.",
        ) from error
    return context


def self_signed(directory: Path, names: Sequence[str], now: float) -> ssl.SSLContext:
    """Return a context with our own certificate for *names*, kept in *directory*.

    A kept certificate is used again while it covers all *names* and is valid
    for another week, so that an exception a browser learnt stays good.

    Args:
        directory: where certificate and key are kept.
        names: host names and IP addresses of this server.
        now: Unix time.

    Raises:
        ConfigError: the directory cannot be written.
    """
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    if not _covers(certificate, names, now):
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(certificate, key, names, now)
        except OSError as error:
            raise ConfigError(
                Code.DATA_UNWRITABLE,
                f"The certificate cannot be written to {directory} ({error.strerror}).",
            ) from error
    return context_from_files(certificate, key)


def _covers(certificate: Path, names: Sequence[str], now: float) -> bool:
    try:
        known = x509.load_pem_x509_certificate(certificate.read_bytes())
        extension = known.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    left = known.not_valid_after_utc.timestamp() - now
    return left > 7 * 86_400 and set(_alternative_names(names)) <= set(extension.value)


def _alternative_names(names: Sequence[str]) -> list[x509.GeneralName]:
    result: list[x509.GeneralName] = []
    for name in names:
        try:
            result.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            result.append(x509.DNSName(name))
    return result


def _write(certificate: Path, key: Path, names: Sequence[str], now: float) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Điểm Cầu")])
    start = dt.datetime.fromtimestamp(now, dt.UTC) - dt.timedelta(hours=1)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName(_alternative_names(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    descriptor = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(pem)
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
