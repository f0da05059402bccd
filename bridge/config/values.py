"""From what somebody wrote to what a setting is, or a word on what would be right.

Each parser takes a value as the command line, the environment or a TOML file gives it, and
the folder that relative paths are relative to. It raises :class:`Wrong` and nothing else.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from bridge.config.problems import closest

__all__ = [
    "Secret",
    "Wrong",
    "as_addresses",
    "as_file",
    "as_folder",
    "as_one_of",
    "as_redis",
    "as_secret",
    "as_secret_file",
    "as_switch",
    "as_text",
    "as_turn_urls",
    "as_url",
    "as_whole",
    "read_secret",
]

REDIS_SCHEMES = ("redis", "rediss", "unix")
TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off", ""})
#: RFC 7065 section 3.1: no ``//``; a name, an IPv4 or a bracketed IPv6 address.
TURN_URL = re.compile(
    r"(?P<scheme>turns?):(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>[0-9]{1,5}))?"
    r"(\?transport=(?P<transport>udp|tcp))?"
)
TURN_EXAMPLE = 'write "turn:turn.example.vn:3478?transport=udp" or "turns:turn.example.vn:443"'
#: Browsers try every address of every entry; more only slow them down.
MAX_TURN_URLS = 8
#: 128 bits in hexadecimal digits are 32; a word somebody thought of is less.
MIN_SECRET = 16


class Wrong(Exception):
    """A value cannot be what it is meant to be; says what would be right."""

    def __init__(self, wrong: str, right: str) -> None:
        super().__init__(wrong)
        self.wrong = wrong
        self.right = right


class Secret:
    """A text that no log and no message shows.

    Args:
        value: the text.
    """

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "Secret(...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)


def as_text(value: object, _base: Path) -> str:
    """Return a text that is not empty."""
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise Wrong(f"{value!r} is not a text", "write a text")


def as_whole(low: int, high: int) -> Callable[[object, Path], int]:
    """Return the parser of a whole number from *low* to *high*."""

    def parse(value: object, _base: Path) -> int:
        right = f"write a whole number from {low} to {high}"
        if isinstance(value, str) and value.strip().isdecimal():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Wrong(f"{value!r} is not a whole number", right)
        if not low <= value <= high:
            raise Wrong(f"{value} is out of range", right)
        return value

    return parse


def as_one_of(*names: str) -> Callable[[object, Path], str]:
    """Return the parser of one of *names*."""

    def parse(value: object, _base: Path) -> str:
        if isinstance(value, str) and value.strip().lower() in names:
            return value.strip().lower()
        raise Wrong(f"{value!r} is none of them", f"write {', '.join(names[:-1])} or {names[-1]}")

    return parse


def as_switch(value: object, _base: Path) -> bool:
    """Return true or false, however it was written."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in TRUE | FALSE:
        return value.strip().lower() in TRUE
    raise Wrong(f"{value!r} is neither true nor false", "write true or false")


def as_path(value: object, base: Path) -> Path:
    """Return a path, whatever is there."""
    if isinstance(value, Path):
        return value
    return base / Path(as_text(value, base)).expanduser()


def as_file(value: object, base: Path) -> Path:
    """Return the path of a file that is there."""
    path = as_path(value, base)
    if path.is_file():
        return path
    files = path.parent.glob(f"*{path.suffix}") if path.parent.is_dir() else ()
    meant = closest(path.stem, [file.stem for file in files])
    right = f'did you mean "{path.with_stem(meant)}"?' if meant else "give a file that exists"
    raise Wrong(f'there is no file "{path}"', right)


def as_folder(value: object, base: Path) -> Path:
    """Return the path of a folder that is there or can be made."""
    path = as_path(value, base)
    place = next(place for place in (path, *path.parents) if place.exists())
    if not place.is_dir():
        raise Wrong(f'"{place}" is a file', "give a folder, or one that can be made")
    return path


def as_list(value: object, base: Path) -> list[str]:
    """Return the texts of a list, or of a text with commas."""
    parts = value if isinstance(value, list | tuple) else as_text(value, base).split(",")
    return [as_text(part, base) for part in parts]


def as_addresses(value: object, base: Path) -> tuple[str, ...]:
    """Return IP addresses that somebody can reach."""
    found: list[str] = []
    for text in as_list(value, base):
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            raise Wrong(
                f'"{text}" is not an IP address',
                'write the number that sites reach, such as "203.0.113.7"',
            ) from None
        if address.is_unspecified or address.is_multicast:
            raise Wrong(f"nobody can reach {address}", "write an address of this server")
        found.append(str(address))
    return tuple(dict.fromkeys(found))


def as_redis(value: object, base: Path) -> str:
    """Return the URL of a Redis or Valkey server."""
    text = as_text(value, base)
    try:
        parts = urlsplit(text)
        complete = bool(parts.path if parts.scheme == "unix" else parts.hostname)
        complete = complete and (parts.port is None or parts.port > 0)
    except ValueError:
        complete = False
    if not complete or parts.scheme not in REDIS_SCHEMES:
        # The URL may hold a password, so it is not repeated.
        raise Wrong(
            "this is not the URL of a Redis server",
            'write "redis://host:6379/0", "rediss://..." for TLS, or "unix:///path/to/socket"',
        )
    return text


def as_url(value: object, base: Path) -> str:
    """Return the address of a web server, without a path."""
    text = as_text(value, base).rstrip("/")
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.path
        good = (
            good
            and not parts.query
            and not parts.fragment
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        good = False
    if not good:
        raise Wrong(
            f'"{text}" is not the address of a server',
            'write "https://name" or "https://name:port"',
        )
    return text


def as_turn_urls(value: object, base: Path) -> tuple[str, ...]:
    """Return URIs of a TURN server (RFC 7065)."""
    found = tuple(dict.fromkeys(as_list(value, base)))
    for text in found:
        parts = TURN_URL.fullmatch(text)
        if parts is None or not 0 < int(parts["port"] or 1) <= 65535:
            raise Wrong(f'"{text}" is not the address of a TURN server', TURN_EXAMPLE)
        if parts["scheme"] == "turns" and parts["transport"] == "udp":
            # TURN over DTLS, which no browser has.
            raise Wrong(f'no browser speaks "{text}"', 'write "?transport=tcp" after "turns:"')
    if len(found) > MAX_TURN_URLS:
        raise Wrong(f"{len(found)} addresses are too many", f"write {MAX_TURN_URLS} at most")
    return found


def as_secret(value: object, base: Path) -> Secret:
    """Return a shared secret, long enough to be one."""
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str) or len(as_text(value, base)) < MIN_SECRET:
        raise Wrong(
            f"a secret has {MIN_SECRET} characters or more",
            "make one with: openssl rand -hex 32",
        )
    return Secret(value.strip())


def as_secret_file(value: object, base: Path) -> Path:
    """Return the path of a file that holds a secret on its only line."""
    path = as_file(value, base)
    try:
        as_secret(path.read_text(encoding="utf-8"), base)
    except (OSError, UnicodeDecodeError) as error:
        raise Wrong(f'"{path}" cannot be read: {error}', "let the server's user read it") from None
    except Wrong as error:
        raise Wrong(f'in "{path}": {error.wrong}', error.right) from None
    return path


def read_secret(path: Path) -> Secret:
    """Return the secret in a file that :func:`as_secret_file` has accepted."""
    return Secret(path.read_text(encoding="utf-8").strip())
