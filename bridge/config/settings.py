"""Settings of ``diemcau serve``: command line, then environment, then file, then default.

``OPTIONS`` is the one list of them: the command line, the names in the
environment and the keys of the file all follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import msgspec

from bridge.config.document import Document, read_document
from bridge.config.problems import ConfigProblems, Problem, closest, suggest
from bridge.config.values import (
    Secret,
    Wrong,
    as_addresses,
    as_file,
    as_folder,
    as_one_of,
    as_redis,
    as_secret,
    as_secret_file,
    as_switch,
    as_text,
    as_turn_urls,
    as_url,
    as_whole,
    read_secret,
)

__all__ = ["ENV_PREFIX", "OPTIONS", "Option", "Settings", "load_settings"]

ENV_PREFIX = "DIEMCAU_"
CONFIG_VARIABLE = "DIEMCAU_CONFIG"
MAX_SIMULATED = 63  # every bridge point of the largest event
# Coturn looks at the time when a page allocates; a page renews at half of it.
MIN_TURN_TTL_S, MAX_TURN_TTL_S = 60, 24 * 3600


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the server is told.

    Attributes:
        event: the event file.
        host: address that pages and sockets are served on.
        port: TCP port of pages and sockets, 0 for any free one.
        media_port: UDP port of all media, 0 for any free one.
        media_host: address of that port; None for that of the pages.
        engine: what forwards media packets: "native", "python", or "auto" for the best there is.
        media_threads: of the native engine, 1..8.
        public_address: IP addresses under which sites reach this server; empty for its own.
        public_url: what join links begin with, when a proxy or a name leads to this server; None
            for its own address.
        data: folder of the log, the secret and the embedded store.
        redis: URL of a Redis or Valkey server; None for the embedded one.
        tls_cert: certificate chain (PEM).
        tls_key: private key of it (PEM).
        tls_self_signed: make a certificate for this machine.
        turn_urls: URIs of the TURN server that pages may reach the media through; empty for none.
        turn_secret: what that server and this one share; None if it is in a file.
        turn_secret_file: file that holds it.
        turn_ttl: how long its credentials are good, seconds.
        simulate: how many simulated bridge points to start.
        qr: show the join links as QR codes too.
        log_format: how the log is written: "text" for people, "json" for programs.
    """

    event: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    # Below the range that systems hand out to clients (32768 and up), and the port that
    # administrators know from Jitsi Videobridge.
    media_port: int = 10000
    media_host: str | None = None
    engine: str = "auto"
    media_threads: int = 1
    public_address: tuple[str, ...] = ()
    public_url: str | None = None
    data: Path = Path("data")
    redis: str | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_self_signed: bool = False
    turn_urls: tuple[str, ...] = ()
    turn_secret: Secret | None = None
    turn_secret_file: Path | None = None
    turn_ttl: int = 3600
    simulate: int = 0
    qr: bool = False
    log_format: str = "text"

    @property
    def tls(self) -> bool:
        """Whether pages are served over HTTPS."""
        return self.tls_self_signed or self.tls_cert is not None

    @property
    def turn_key(self) -> Secret | None:
        """What the TURN server and this one share, wherever it was given."""
        return read_secret(self.turn_secret_file) if self.turn_secret_file else self.turn_secret


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One setting.

    Attributes:
        name: field of ``Settings`` and key in the file.
        metavar: stands for the value in help texts, empty for a switch.
        help: one line.
        many: may be given several times.
        table: table of the file it stands in, with the rest of its name as the key.
        secret: comes from the environment alone: others see a command line, and copy files.
        parse: turns a value into the field's, or raises.
    """

    name: str
    metavar: str
    help: str
    many: bool = False
    table: str = ""
    secret: bool = False
    parse: Callable[[object, Path], object]

    @property
    def flag(self) -> str:
        """Return the name on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def key(self) -> str:
        """Return the name in the file."""
        return self.name.removeprefix(self.table + "_") if self.table else self.name

    @property
    def variable(self) -> str:
        """Return the name in the environment."""
        return ENV_PREFIX + self.name.upper()

    @property
    def default(self) -> object:
        """Return the default."""
        return getattr(Settings(), self.name)


OPTIONS: tuple[Option, ...] = (
    Option(name="event", metavar="FILE", help="event file (TOML)", parse=as_file),
    Option(name="host", metavar="ADDRESS", help="address of pages and sockets", parse=as_text),
    Option(
        name="port",
        metavar="PORT",
        help="TCP port of pages and sockets, 0 for any free one",
        parse=as_whole(0, 65535),
    ),
    Option(
        name="media_port",
        metavar="PORT",
        help="UDP port of all media, 0 for any free one",
        parse=as_whole(0, 65535),
    ),
    Option(
        name="media_host",
        metavar="ADDRESS",
        help="address of all media, if not that of the pages (behind a proxy on this machine)",
        parse=as_text,
    ),
    Option(
        name="engine",
        metavar="NAME",
        help="what forwards media packets: native, python, or auto for the best there is",
        parse=as_one_of("auto", "native", "python"),
    ),
    Option(
        name="media_threads",
        metavar="N",
        help="threads of the native engine that send media, at most one a core",
        parse=as_whole(1, 8),
    ),
    Option(
        name="public_address",
        metavar="IP",
        help="IP address under which sites reach this server; may be given several times",
        many=True,
        parse=as_addresses,
    ),
    Option(
        name="public_url",
        metavar="URL",
        help="what join links begin with, if a proxy or a name leads to this server",
        parse=as_url,
    ),
    Option(
        name="data",
        metavar="FOLDER",
        help="folder of the log, the secret and the embedded store",
        parse=as_folder,
    ),
    Option(
        name="redis",
        metavar="URL",
        help="Redis or Valkey server to use instead of the embedded one",
        parse=as_redis,
    ),
    Option(name="tls_cert", metavar="FILE", help="certificate chain (PEM)", parse=as_file),
    Option(name="tls_key", metavar="FILE", help="private key (PEM)", parse=as_file),
    Option(
        name="tls_self_signed",
        metavar="",
        help="serve HTTPS with a certificate made for this machine",
        parse=as_switch,
    ),
    Option(
        name="turn_urls",
        metavar="URI",
        help="TURN server for sites whose firewall drops UDP; may be given several times",
        many=True,
        table="turn",
        parse=as_turn_urls,
    ),
    Option(
        name="turn_secret",
        metavar="TEXT",
        help="what the TURN server and this one share",
        table="turn",
        secret=True,
        parse=as_secret,
    ),
    Option(
        name="turn_secret_file",
        metavar="FILE",
        help="file with what the TURN server and this one share (its static-auth-secret)",
        table="turn",
        parse=as_secret_file,
    ),
    Option(
        name="turn_ttl",
        metavar="SECONDS",
        help="how long credentials for the TURN server are good",
        table="turn",
        parse=as_whole(MIN_TURN_TTL_S, MAX_TURN_TTL_S),
    ),
    Option(
        name="simulate",
        metavar="N",
        help="start N simulated bridge points",
        parse=as_whole(0, MAX_SIMULATED),
    ),
    Option(name="qr", metavar="", help="show the join links as QR codes too", parse=as_switch),
    Option(
        name="log_format",
        metavar="NAME",
        help="how the log is written to standard error: text, or json, one object a line",
        parse=as_one_of("text", "json"),
    ),
)
_BY_NAME = {option.name: option for option in OPTIONS}
_TABLES = {
    table: {option.key: option for option in OPTIONS if option.table == table}
    for table in {option.table for option in OPTIONS}
}


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
        except Wrong as error:
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
        if key in _TABLES and isinstance(value, dict):
            for inner, part in value.items():
                _read_entry(reader, document, (key, inner), part, folder)
        else:
            _read_entry(reader, document, ("", key), value, folder)


def _read_entry(
    reader: _Reader, document: Document, name: tuple[str, str], value: object, folder: Path
) -> None:
    table, key = name
    path = (table, key) if table else (key,)
    place = (document.file, document.line(path), ".".join(path))
    known = {**_TABLES[table], **({} if table else dict.fromkeys(filter(None, _TABLES)))}
    option = known.get(key)
    if option is None:
        wrong = "this is a table" if key in known else "there is no such setting"
        right = f"write it as [{key}]" if key in known else suggest(key, known)
        reader.note(place, wrong, right)
    elif option.secret:
        right = f"write {option.key}_file, or set {option.variable}"
        reader.note(place, "a secret does not belong into this file", right)
    else:
        reader.take(option, value, place, folder)


def _check_together(reader: _Reader, required: Collection[str]) -> None:
    for name in required:
        if name not in reader.places:
            option = _BY_NAME[name]
            reader.note(
                reader.place(name),
                "this is missing",
                f"give {option.flag} {option.metavar} or set {option.variable}",
            )
    _check_turn(reader)
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


def _check_turn(reader: _Reader) -> None:
    secrets = [name for name in ("turn_secret", "turn_secret_file") if name in reader.places]
    if "turn_urls" in reader.places and not secrets:
        right = "set DIEMCAU_TURN_SECRET, or turn.secret_file to a file that holds the secret"
        reader.note(reader.place("turn_urls"), "this needs the secret of the TURN server", right)
    if "turn_urls" not in reader.places:
        for name in secrets:
            right = "write turn.urls too, or leave this away"
            reader.note(reader.place(name), "there is no TURN server that this is for", right)
    if len(secrets) > 1:
        reader.note(reader.place("turn_secret_file"), "there is a secret already", "give only one")
