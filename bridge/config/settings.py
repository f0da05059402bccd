"""Settings of ``diemcau serve``: command line, then environment, then file, then default.

``OPTIONS`` is the one list of them: the command line, the names in the
environment and the keys of the file all follow from it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from bridge.config.document import Document, read_document
from bridge.config.problems import ConfigProblems, Problem, closest, suggest

__all__ = ["ENV_PREFIX", "OPTIONS", "Option", "Settings", "load_settings"]

ENV_PREFIX = "DIEMCAU_"
CONFIG_VARIABLE = "DIEMCAU_CONFIG"
MAX_SIMULATED = 63  # every bridge point of the largest event
REDIS_SCHEMES = ("redis", "rediss", "unix")
TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off", ""})


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the server is told.

    Attributes:
        event: the event file.
        host: address that pages and sockets are served on.
        port: TCP port of pages and sockets, 0 for any free one.
        media_port: UDP port of all media, 0 for any free one.
        public_address: IP addresses under which sites reach this server; empty for its own.
        public_url: what join links begin with, when a proxy or a name leads to this server; None
            for its own address.
        data: folder of the log, the secret and the embedded store.
        redis: URL of a Redis or Valkey server; None for the embedded one.
        tls_cert: certificate chain (PEM).
        tls_key: private key of it (PEM).
        tls_self_signed: make a certificate for this machine.
        simulate: how many simulated bridge points to start.
        qr: show the join links as QR codes too.
    """

    event: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    # Below the range that systems hand out to clients (32768 and up), and the port that
    # administrators know from Jitsi Videobridge.
    media_port: int = 10000
    public_address: tuple[str, ...] = ()
    public_url: str | None = None
    data: Path = Path("data")
    redis: str | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_self_signed: bool = False
    simulate: int = 0
    qr: bool = False

    @property
    def tls(self) -> bool:
        """Whether pages are served over HTTPS."""
        return self.tls_self_signed or self.tls_cert is not None


class _Wrong(Exception):
    """A value cannot be what it is meant to be; says what would be right."""

    def __init__(self, wrong: str, right: str) -> None:
        super().__init__(wrong)
        self.wrong = wrong
        self.right = right


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One setting.

    Attributes:
        name: field of ``Settings`` and key in the file.
        metavar: stands for the value in help texts, empty for a switch.
        help: one line.
        many: may be given several times.
        parse: turns a value into the field's, or raises.
    """

    name: str
    metavar: str
    help: str
    many: bool = False
    parse: Callable[[object, Path], object]

    @property
    def flag(self) -> str:
        """Return the name on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """Return the name in the environment."""
        return ENV_PREFIX + self.name.upper()

    @property
    def default(self) -> object:
        """Return the default."""
        return getattr(Settings(), self.name)


def _text(value: object, _base: Path) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise _Wrong(f"{value!r} is not a text", "write a text")


def _whole(low: int, high: int) -> Callable[[object, Path], int]:
    def parse(value: object, _base: Path) -> int:
        right = f"write a whole number from {low} to {high}"
        if isinstance(value, str) and value.strip().isdecimal():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise _Wrong(f"{value!r} is not a whole number", right)
        if not low <= value <= high:
            raise _Wrong(f"{value} is out of range", right)
        return value

    return parse


def _switch(value: object, _base: Path) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in TRUE | FALSE:
        return value.strip().lower() in TRUE
    raise _Wrong(f"{value!r} is neither true nor false", "write true or false")


def _path(value: object, base: Path) -> Path:
    if isinstance(value, Path):
        return value
    return base / Path(_text(value, base)).expanduser()


def _file(value: object, base: Path) -> Path:
    path = _path(value, base)
    if path.is_file():
        return path
    files = path.parent.glob(f"*{path.suffix}") if path.parent.is_dir() else ()
    meant = closest(path.stem, [file.stem for file in files])
    right = f'did you mean "{path.with_stem(meant)}"?' if meant else "give a file that exists"
    raise _Wrong(f'there is no file "{path}"', right)


def _folder(value: object, base: Path) -> Path:
    path = _path(value, base)
    place = next(place for place in (path, *path.parents) if place.exists())
    if not place.is_dir():
        raise _Wrong(f'"{place}" is a file', "give a folder, or one that can be made")
    return path


def _addresses(value: object, base: Path) -> tuple[str, ...]:
    parts = value if isinstance(value, list | tuple) else _text(value, base).split(",")
    found: list[str] = []
    for part in parts:
        text = _text(part, base)
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            raise _Wrong(
                f'"{text}" is not an IP address',
                'write the number that sites reach, such as "203.0.113.7"',
            ) from None
        if address.is_unspecified or address.is_multicast:
            raise _Wrong(f"nobody can reach {address}", "write an address of this server")
        found.append(str(address))
    return tuple(dict.fromkeys(found))


def _redis(value: object, base: Path) -> str:
    text = _text(value, base)
    try:
        parts = urlsplit(text)
        complete = bool(parts.path if parts.scheme == "unix" else parts.hostname)
        complete = complete and (parts.port is None or parts.port > 0)
    except ValueError:
        complete = False
    if not complete or parts.scheme not in REDIS_SCHEMES:
        # The URL may hold a password, so it is not repeated.
        raise _Wrong(
            "this is not the URL of a Redis server",
            'write "redis://host:6379/0", "rediss://..." for TLS, or "unix:///path/to/socket"',
        )
    return text


def _url(value: object, base: Path) -> str:
    text = _text(value, base).rstrip("/")
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
        raise _Wrong(
            f'"{text}" is not the address of a server',
            'write "https://name" or "https://name:port"',
        )
    return text


OPTIONS: tuple[Option, ...] = (
    Option(name="event", metavar="FILE", help="event file (TOML)", parse=_file),
    Option(name="host", metavar="ADDRESS", help="address of pages and sockets", parse=_text),
    Option(
        name="port",
        metavar="PORT",
        help="TCP port of pages and sockets, 0 for any free one",
        parse=_whole(0, 65535),
    ),
    Option(
        name="media_port",
        metavar="PORT",
        help="UDP port of all media, 0 for any free one",
        parse=_whole(0, 65535),
    ),
    Option(
        name="public_address",
        metavar="IP",
        help="IP address under which sites reach this server; may be given several times",
        many=True,
        parse=_addresses,
    ),
    Option(
        name="public_url",
        metavar="URL",
        help="what join links begin with, if a proxy or a name leads to this server",
        parse=_url,
    ),
    Option(
        name="data",
        metavar="FOLDER",
        help="folder of the log, the secret and the embedded store",
        parse=_folder,
    ),
    Option(
        name="redis",
        metavar="URL",
        help="Redis or Valkey server to use instead of the embedded one",
        parse=_redis,
    ),
    Option(name="tls_cert", metavar="FILE", help="certificate chain (PEM)", parse=_file),
    Option(name="tls_key", metavar="FILE", help="private key (PEM)", parse=_file),
    Option(
        name="tls_self_signed",
        metavar="",
        help="serve HTTPS with a certificate made for this machine",
        parse=_switch,
    ),
    Option(
        name="simulate",
        metavar="N",
        help="start N simulated bridge points",
        parse=_whole(0, MAX_SIMULATED),
    ),
    Option(name="qr", metavar="", help="show the join links as QR codes too", parse=_switch),
)
_BY_NAME = {option.name: option for option in OPTIONS}


class _Reader:
    """Takes each setting from the first place that has it, and notes what is wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.values: dict[str, object] = {}
        self.places: dict[str, tuple[str, int, str]] = {}  # file, line, key of each setting

    def take(self, option: Option, value: object, place: tuple[str, int, str], base: Path) -> None:
        """Take *value* unless a better place had one; a wrong value is noted either way."""
        first = option.name not in self.places
        self.places.setdefault(option.name, place)
        try:
            parsed = option.parse(value, base)
        except _Wrong as error:
            self.note(place, error.wrong, error.right)
        else:
            if first:
                self.values[option.name] = parsed

    def note(self, place: tuple[str, int, str], wrong: str, right: str) -> None:
        """Note a mistake at a place."""
        file, line, key = place
        self.problems.append(Problem(file=file, line=line, key=key, wrong=wrong, right=right))

    def place(self, name: str) -> tuple[str, int, str]:
        """Return where a setting was given, or where it could be."""
        return self.places.get(name, ("command line", 0, _BY_NAME[name].flag))


def load_settings(
    cli: Mapping[str, object],
    environ: Mapping[str, str],
    file: Path | None = None,
    *,
    required: Collection[str] = (),
) -> Settings:
    """Return the settings.

    Args:
        cli: values of the command line by ``Option.name``; None means not given.
        environ: the environment.
        file: settings file; without it the one named by ``DIEMCAU_CONFIG``, if any.
            Relative paths in it are relative to its folder.
        required: names of options that must be given somewhere.

    Raises:
        ConfigProblems: values that cannot work; all of them are listed.
    """
    reader = _Reader()
    here = Path()
    for option in OPTIONS:
        value = cli.get(option.name)
        if value is not None:
            reader.take(option, value, ("command line", 0, option.flag), here)
    _read_environment(reader, environ)
    if file is None and environ.get(CONFIG_VARIABLE):
        file = Path(environ[CONFIG_VARIABLE])
    if file is not None:
        document = read_document(file, reader.problems)
        if document is not None:
            _read_file(reader, document, file.parent)
    _check_together(reader, required)
    if reader.problems:
        raise ConfigProblems(reader.problems)
    return msgspec.convert(reader.values, Settings)


def _read_environment(reader: _Reader, environ: Mapping[str, str]) -> None:
    known = {option.variable: option for option in OPTIONS}
    for variable, value in environ.items():
        place = ("environment", 0, variable)
        if variable in known:
            if value:
                reader.take(known[variable], value, place, Path())
        elif variable.startswith(ENV_PREFIX) and variable != CONFIG_VARIABLE:
            # Other tools may have variables of their own; only a likely slip is a mistake.
            meant = closest(variable, known)
            if meant:
                reader.note(place, "there is no such setting", f'did you mean "{meant}"?')


def _read_file(reader: _Reader, document: Document, folder: Path) -> None:
    for key, value in document.data.items():
        place = (document.file, document.line((key,)), key)
        if key in _BY_NAME:
            reader.take(_BY_NAME[key], value, place, folder)
        else:
            reader.note(place, "there is no such setting", suggest(key, _BY_NAME))


def _check_together(reader: _Reader, required: Collection[str]) -> None:
    for name in required:
        if name not in reader.places:
            option = _BY_NAME[name]
            reader.note(
                reader.place(name),
                "this is missing",
                f"give {option.flag} {option.metavar} or set {option.variable}",
            )
    for name, other in (("tls_cert", "tls_key"), ("tls_key", "tls_cert")):
        if name in reader.places and other not in reader.places:
            flag = _BY_NAME[other].flag
            reader.note(reader.place(name), f"this needs {flag} too", f"give {flag} FILE")
    if reader.values.get("tls_self_signed") and "tls_cert" in reader.places:
        reader.note(
            reader.place("tls_self_signed"),
            "there is a certificate already",
            "give either this or --tls-cert and --tls-key",
        )
