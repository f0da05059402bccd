"""The directory of the embedded store: who may use it, and the short name of its socket.

Owns the files beside the append-only file::

    <data>/valkey/           mode 0700
        owner.lock           locked while one of our processes uses the directory
        server.lock          locked while a Valkey lives on these files, whoever started it
        valkey.sock  valkey.pid  valkey.log  appendonlydir/

Both locks are ``flock`` locks of an open file: the kernel drops them when the last
process that has it open ends, however it ends. ``server.lock`` is opened by us and
inherited by Valkey, so it tells an orphan from a stale pid file without guessing.
Lock files are never deleted: a lock on a deleted file guards nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import stat
import tempfile
from pathlib import Path

from bridge.errors import Code, ConfigError

__all__ = ["StoreDirectory"]

SOCKET_PATH_MAX = 103
"""Bytes of a unix socket's path without the final NUL: ``sun_path`` has 108, on macOS 104."""


class StoreDirectory:
    """The files of one embedded store.

    Args:
        data_dir: the server's data directory; made if it is missing.
    """

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "valkey"
        self.log_path = self.path / "valkey.log"
        self.socket_path = ""
        self._owner_lock: int | None = None
        self._alias: Path | None = None

    def claim(self) -> None:
        """Make the directory and keep every other process of ours out until :meth:`release`.

        Raises:
            ConfigError: it cannot be written, or another server uses it.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path = self.path.resolve(strict=True)
            self.log_path = self.path / "valkey.log"
            self.path.chmod(0o700)
            lock = os.open(self.path / "owner.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unwritable(self.path, error) from error
        if not _try_lock(lock):
            owner = os.pread(lock, 20, 0).decode("ascii", "replace").strip()
            os.close(lock)
            raise ConfigError(
                Code.DATA_UNWRITABLE,
                f"The data directory {self.path.parent} is in use by another diemcau server "
                f"(process {owner or 'unknown'}): stop that one, or give this one another --data.",
                {"path": str(self.path.parent)},
            )
        self._owner_lock = lock
        try:
            os.ftruncate(lock, 0)
            os.pwrite(lock, b"%d\n" % os.getpid(), 0)
            self.socket_path = self._short_socket_path()
        except OSError as error:
            self.release()
            raise self._unwritable(self.path, error) from error
        except ConfigError:
            self.release()
            raise

    def socket_in_use(self) -> str:
        """Return the socket of the store a running server of ours has here, "" if none runs.

        Claims nothing: for reading beside that server.
        """
        try:
            lock = os.open(self.path / "owner.lock", os.O_RDWR)
        except OSError:
            return ""
        try:
            if _try_lock(lock):
                return ""
        finally:
            os.close(lock)
        direct = self.path.resolve() / "valkey.sock"
        if len(os.fsencode(direct)) <= SOCKET_PATH_MAX:
            return str(direct)
        return str(self._alias_of(direct.parent) / "valkey.sock")

    def release(self) -> None:
        """Let others use the directory; the server on it should have ended."""
        if self._alias is not None:
            with contextlib.suppress(OSError):
                self._alias.unlink()
            self._alias = None
        if self._owner_lock is not None:
            os.close(self._owner_lock)
            self._owner_lock = None

    def lock_for_server(self) -> int | None:
        """Return an open, locked ``server.lock`` for a new Valkey to inherit.

        The caller closes the descriptor when the process has been started, or has failed to.

        Returns:
            None: a Valkey lives on these files.

        Raises:
            ConfigError: the file cannot be opened.
        """
        try:
            lock = os.open(self.path / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unwritable(self.path, error) from error
        if _try_lock(lock):
            return lock
        os.close(lock)
        return None

    def server_lives(self) -> bool:
        """Return whether a Valkey lives on these files."""
        lock = self.lock_for_server()
        if lock is None:
            return True
        os.close(lock)
        return False

    def is_at(self, path: str) -> bool:
        """Return whether *path* names this directory."""
        return Path(path).resolve() == self.path

    def recorded_pid(self) -> int | None:
        """Return the process in the pid file; only meaningful while :meth:`server_lives`."""
        try:
            return int((self.path / "valkey.pid").read_text("ascii"))
        except (OSError, ValueError):
            return None

    def last_log_lines(self, count: int = 5) -> str:
        """Return the end of Valkey's log file, for an error message."""
        try:
            with self.log_path.open("rb") as file:
                file.seek(max(0, self.log_path.stat().st_size - 4096))
                lines = file.read().decode(errors="replace").splitlines()
        except OSError as error:
            return str(error)
        return "\n".join([line for line in lines if line.strip()][-count:])

    def _short_socket_path(self) -> str:
        """Return a path to the socket that fits into ``sun_path``.

        A data directory with a long name gets a short alias: a symbolic link in a
        directory of ours below the system's temporary directory.
        """
        direct = self.path / "valkey.sock"
        if len(os.fsencode(direct)) <= SOCKET_PATH_MAX:
            return str(direct)
        self._alias = self._alias_of(self.path)
        fresh = self._alias.with_suffix(f".{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(self.path, target_is_directory=True)
        fresh.replace(self._alias)
        return str(self._alias / "valkey.sock")

    @staticmethod
    def _alias_of(path: Path) -> Path:
        name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
        return _private_temporary_directory() / name

    @staticmethod
    def _unwritable(path: Path, error: OSError) -> ConfigError:
        reason = error.strerror or str(error)
        return ConfigError(
            Code.DATA_UNWRITABLE,
            f"The data directory {path} cannot be written ({reason}): "
            "choose another with --data, or give this user the right to write there.",
            {"path": str(path), "reason": reason},
        )


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _private_temporary_directory() -> Path:
    """Return a directory with a short name that only this user can change.

    Raises:
        ConfigError: somebody else made it first, or it is open to others.
    """
    base = Path(tempfile.gettempdir())
    if len(os.fsencode(base)) > SOCKET_PATH_MAX // 2:
        base = Path("/tmp")  # noqa: S108 - checked below: ours, 0700, no link
    path = base / f"diemcau-{os.getuid()}"
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise ConfigError(
            Code.DATA_UNWRITABLE,
            f"{path} belongs to somebody else or is open to others: remove it, or choose a --data "
            "directory with a shorter name.",
            {"path": str(path)},
        )
    return path
