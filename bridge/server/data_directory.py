"""The data directory: secret, revoked keys, what is running. One per server.

::

    secret         64 hexadecimal digits, mode 600, made at first start
    revoked        one token key a line, appended by ``diemcau revoke``
    server.json    address, sessions and sites of the event; read by ``diemcau invite``
    valkey/        the log, when the embedded store is used
    tls/           self-signed certificate, when asked for
    cache/         what can be made again
"""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

import msgspec

from bridge.errors import Code, ConfigError

__all__ = ["DataDirectory", "ServerInfo"]

log = logging.getLogger(__name__)


class ServerInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line needs to know of the event that is served.

    Attributes:
        url: base address for join links.
        event: event id. time_zone: IANA name. venue: code of the central site.
        sessions: session id to the codes of its sites.
        dates: session id to its day (ISO 8601).
    """

    url: str
    event: str
    time_zone: str
    venue: str
    sessions: dict[str, list[str]]
    dates: dict[str, str]


class DataDirectory:
    """Files the server keeps.

    Args:
        path: made if it is missing.

    Raises:
        ConfigError: it cannot be made or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._revoked_stat: tuple[int, int] = (0, 0)
        self._revoked: frozenset[str] = frozenset()
        self._unreadable = False
        try:
            path.mkdir(parents=True, exist_ok=True)
            probe = path / f".write-{secrets.token_hex(4)}"
            probe.write_bytes(b"x")
            probe.unlink()
        except OSError as error:
            raise _unwritable(path, error) from error

    def secret(self) -> bytes:
        """Return the signing secret, made at the first call ever.

        Raises:
            ConfigError: the file is there and not a secret, or cannot be written.
        """
        file = self.path / "secret"
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        except OSError as error:
            raise _unwritable(self.path, error) from error
        else:
            with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                stream.write(secrets.token_hex(32) + "\n")
        text = file.read_text(encoding="ascii", errors="replace").strip()
        try:
            secret = bytes.fromhex(text)
        except ValueError:
            secret = b""
        if len(secret) < 32:
            raise ConfigError(
                Code.CONFIG_INVALID,
                f"{file} does not hold 64 hexadecimal digits. Remove it to have a new one made "
                "(all join links given out so far then stop working).",
            )
        return secret

    def revoke(self, key: str) -> None:
        """Add *key* to the revoked ones; a running server notices within a second."""
        try:
            with (self.path / "revoked").open("a", encoding="ascii") as stream:
                stream.write(key + "\n")
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def revoked(self) -> frozenset[str]:
        """Return all withdrawn keys; reads the file again only when it changed.

        A file that cannot be read leaves the last known keys in force, and is logged.
        """
        file = self.path / "revoked"
        try:
            stat = file.stat()
            mark = (stat.st_mtime_ns, stat.st_size)
            if mark != self._revoked_stat:
                text = file.read_text(encoding="ascii", errors="replace")
                self._revoked_stat, self._revoked = mark, frozenset(text.split())
        except FileNotFoundError:
            pass
        except OSError as error:
            if not self._unreadable:
                log.warning("withdrawn links cannot be read: %s", error)
            self._unreadable = True
        else:
            self._unreadable = False
        return self._revoked

    def write_info(self, info: ServerInfo) -> None:
        """Keep *info* for the command line; replaced as a whole or not at all."""
        temporary = self.path / "server.json.new"
        try:
            temporary.write_bytes(msgspec.json.format(msgspec.json.encode(info), indent=1))
            temporary.replace(self.path / "server.json")
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def read_info(self) -> ServerInfo:
        """Return what the last started server wrote.

        Raises:
            ConfigError: no server has been started with this directory yet.
        """
        try:
            return msgspec.json.decode((self.path / "server.json").read_bytes(), type=ServerInfo)
        except (OSError, msgspec.MsgspecError) as error:
            raise ConfigError(
                Code.CONFIG_INVALID,
                f"No server has been started with the data directory {self.path}. "
                "Start `diemcau serve` first, or give its directory with --data.",
            ) from error


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(
        Code.DATA_UNWRITABLE,
        f"The data directory {path} cannot be written ({error.strerror}). "
        "Choose another one with --data, or give this user the right to write there.",
        {"path": str(path)},
    )
