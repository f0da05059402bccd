"""``diemcau``: start the server, hand out and withdraw join links, check event files.

Exit codes: 0 done, 2 something given is wrong (the message says what to do),
1 the server had to stop.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import sys
import zoneinfo
from collections.abc import Sequence
from pathlib import Path

import msgspec
import segno

from bridge import __version__, logs, records
from bridge.app import Server, join_links
from bridge.clock import SystemClock
from bridge.config import OPTIONS, ConfigProblems, format_problems, load_event, load_settings
from bridge.config.settings import ENV_PREFIX
from bridge.errors import BridgeError, Code, ConfigError
from bridge.ids import Role
from bridge.protocol.schema import json_schema, typescript
from bridge.server.data_directory import DataDirectory, ServerInfo
from bridge.server.site_links import SiteLinks
from bridge.server.tokens import Tokens
from bridge.sessions.session import log_name
from bridge.simulator.arguments import add_arguments as add_simulator_arguments
from bridge.state import SessionSetup
from bridge.store.commit import Commit
from bridge.store.open import open_for_reading
from bridge.tasks import Tasks

__all__ = ["main"]

DEFAULT_TTL_S = 86_400
#: Roles that belong to a site.
OF_SITE = {Role.HOST, Role.DELEGATE}
TTL = re.compile(r"(\d+)([smhd]?)")
SECONDS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
LOG_FORMAT = ENV_PREFIX + "LOG_FORMAT"
#: The bridge point whose join link is shown first; any other if the event has no such site.
SHOWN_SITE = "dien-bien"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    options = _parser().parse_args(arguments)
    wanted = os.environ.get(LOG_FORMAT, "")
    logs.configure(wanted if wanted in logs.FORMATS else logs.TEXT)
    try:
        result: int = options.run(options)
    except ConfigProblems as error:
        print(format_problems(error.problems), file=sys.stderr)
        return 2
    except BridgeError as error:
        print(f"diemcau: {error.message}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="diemcau", description=__doc__.splitlines()[0])
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="run the server")
    serve.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    for option in OPTIONS:
        if option.secret:
            continue
        text = f"{option.help} [{option.variable}]"
        if option.metavar:
            serve.add_argument(
                option.flag,
                dest=option.name,
                metavar=option.metavar,
                help=text,
                action="append" if option.many else "store",
            )
        else:
            serve.add_argument(
                option.flag, dest=option.name, action="store_true", default=None, help=text
            )
    serve.set_defaults(run=_serve)

    invite = commands.add_parser("invite", help="make a join link")
    roles = [role.value for role in Role if role is not Role.SYSTEM]
    invite.add_argument("--role", required=True, choices=roles)
    invite.add_argument("--session", default="plenary", help="session id (default: plenary)")
    invite.add_argument("--site", default="", help="site code, for hosts and delegates")
    invite.add_argument("--name", default="", help="name shown to colleagues")
    invite.add_argument(
        "--ttl",
        type=_ttl,
        help="30m, 24h, 7d (default: 24h; for delegates the link that the host's page shows, "
        "good until the end of the day after the session)",
    )
    invite.add_argument("--json", action="store_true", help="print JSON")
    invite.add_argument("--qr", action="store_true", help="print a QR code too")
    _add_data(invite)
    invite.set_defaults(run=_invite)

    revoke = commands.add_parser("revoke", help="withdraw a join link")
    revoke.add_argument("token", help="the token, or the whole link")
    _add_data(revoke)
    revoke.set_defaults(run=_revoke)

    check = commands.add_parser("check-config", help="check an event file")
    check.add_argument("file", type=Path)
    check.set_defaults(run=_check_config)

    simulate = commands.add_parser("simulate", help="join as simulated bridge points")
    add_simulator_arguments(simulate)
    _add_data(simulate)
    simulate.set_defaults(run=_simulate)

    verify = commands.add_parser("verify", help="check the hash chain of every session's log")
    verify.add_argument("session", nargs="?", default="", help="session id (default: all)")
    verify.add_argument(
        "--at", type=int, metavar="REV", help="print the hash of this revision, as in its minutes"
    )
    _add_store(verify)
    verify.set_defaults(run=_verify)

    replay = commands.add_parser("replay", help="print a session's log, or its state at a revision")
    replay.add_argument(
        "session", nargs="?", default="plenary", help="session id (default: plenary)"
    )
    replay.add_argument("--at", type=int, metavar="REV", help="print the state at this revision")
    _add_store(replay)
    replay.set_defaults(run=_replay)

    schema = commands.add_parser("schema", help="print the websocket protocol")
    schema.add_argument("--typescript", action="store_true", help="as TypeScript types")
    schema.set_defaults(run=_schema)
    return parser


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get("DIEMCAU_DATA") or "data"),
        metavar="FOLDER",
        help="data folder of the server [DIEMCAU_DATA]",
    )


def _add_store(parser: argparse.ArgumentParser) -> None:
    _add_data(parser)
    parser.add_argument(
        "--redis",
        default=os.environ.get("DIEMCAU_REDIS"),
        metavar="URL",
        help="the server's own store, if it has one [DIEMCAU_REDIS]",
    )


def _ttl(text: str) -> int:
    match = TTL.fullmatch(text)
    if match is None or not int(match[1]):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time such as 30m, 24h, 7d or 3600 (seconds)"
        )
    return int(match[1]) * SECONDS[match[2]]


def _serve(options: argparse.Namespace) -> int:
    given = {option.name: getattr(options, option.name, None) for option in OPTIONS}
    settings = load_settings(given, os.environ, options.config, required=["event"])
    assert settings.event is not None  # noqa: S101 - required above
    logs.configure(settings.log_format, anew=True)
    os.environ[LOG_FORMAT] = settings.log_format  # for the processes it starts
    server = Server(settings, load_event(settings.event))
    asyncio.run(_run(server))
    return 0


async def _run(server: Server) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await server.start()
    try:
        print(f"ready {server.url}", flush=True)
        _print_links(server)
        if server.settings.simulate:
            await server.simulate(server.settings.simulate)
        await stop.wait()
    finally:
        await server.close()


def _print_links(server: Server) -> None:
    session = server.event.sessions[0]
    sites = [code for code in session.sites if code != server.event.venue]
    site = SHOWN_SITE if SHOWN_SITE in sites else (sites or [server.event.venue])[0]
    links = join_links(server.tokens, server.site_links, server.url, session.id, site)
    width = max(len(f"{role} {place}".strip()) for role, place, _ in links)
    for role, place, link in links:
        print(f"{f'{role} {place}'.strip():<{width}}  {link}")
        if server.settings.qr:
            _print_qr(link)
    sys.stdout.flush()


def _print_qr(link: str) -> None:
    segno.make(link, error="l").terminal(compact=True)


def _open(data: Path) -> tuple[ServerInfo, Tokens, DataDirectory]:
    directory = DataDirectory(data)
    info = directory.read_info()
    tokens = Tokens(directory.secret(), info.event, SystemClock().now, directory.revoked)
    return info, tokens, directory


def _site_links(info: ServerInfo, directory: DataDirectory) -> SiteLinks:
    secret, now = directory.secret(), SystemClock().now
    return SiteLinks(secret, info.event, info.time_zone, info.dates, now, directory.revoked)


def _sites_of(info: ServerInfo, session: str) -> list[str]:
    sites = info.sessions.get(session)
    if sites is None:
        raise ConfigError(
            Code.SESSION_UNKNOWN,
            f"There is no session {session!r}. Sessions: {', '.join(info.sessions)}.",
        )
    return sites


def _invite(options: argparse.Namespace) -> int:
    info, tokens, directory = _open(options.data)
    role, site = Role(options.role), options.site
    sites = _sites_of(info, options.session)
    if role in OF_SITE and site not in sites:
        wrong = f"There is no site {site!r} in {options.session}."
        if not site:
            wrong = f"A {role} needs a site."
        raise ConfigError(Code.SITE_UNKNOWN, f"{wrong} Give one with --site: {', '.join(sites)}.")
    if role not in OF_SITE and site:
        raise ConfigError(Code.SITE_UNKNOWN, f"A {role} belongs to no site; leave --site out.")
    if role is Role.DELEGATE and options.name:
        raise ConfigError(Code.CONFIG_INVALID, "Many delegates come by one link; leave --name out.")
    if role is Role.DELEGATE and options.ttl is None:
        token, claims = _site_links(info, directory).link(options.session, site)
    else:
        ttl_s = options.ttl or DEFAULT_TTL_S
        token, claims = tokens.mint(
            role, options.session, site=site, name=options.name, ttl_s=ttl_s
        )
    url = f"{info.url}/j/{token}"
    if options.json:
        answer = {
            "url": url,
            "token": token,
            "role": role,
            "site": site or None,
            "session": options.session,
            "expires": claims.expires,
        }
        print(msgspec.json.encode(answer).decode())
    else:
        print(url)
    if options.qr:
        _print_qr(url)
    return 0


def _revoke(options: argparse.Namespace) -> int:
    info, tokens, directory = _open(options.data)
    token = options.token.rpartition("/j/")[2]
    reader = _site_links(info, directory) if "/" in token else tokens
    claims = reader.read(token)
    directory.revoke(claims.key)
    print(f"The link of {claims.role} {claims.site}".strip() + " no longer works.")
    return 0


def _check_config(options: argparse.Namespace) -> int:
    event = load_event(options.file)
    print(f"{options.file}: good: {len(event.sites)} sites, {len(event.sessions)} sessions")
    return 0


def _simulate(options: argparse.Namespace) -> int:
    # Only this command needs what draws and encodes pictures; the server must not carry it.
    from bridge.simulator.cli import run as run_simulator

    info, tokens, directory = _open(options.data)

    def mint(role: Role, session: str, site: str) -> str:
        return tokens.mint(role, session, site=site)[0]

    return run_simulator(options, info, mint, directory.path / "cache")


async def _read_logs(
    options: argparse.Namespace, event: str, sessions: Sequence[str]
) -> dict[str, list[Commit]]:
    tasks = Tasks("records")
    store = await open_for_reading(options.redis, options.data, tasks)
    try:
        return {name: await store.log.read(log_name(event, name)) for name in sessions}
    finally:
        await store.close()
        await tasks.close()


def _verify(options: argparse.Namespace) -> int:
    info = DataDirectory(options.data).read_info()
    sessions = list(info.sessions)
    if options.session:
        _sites_of(info, options.session)
        sessions = [options.session]
    elif options.at is not None:
        raise ConfigError(
            Code.CONFIG_INVALID, "Name the session too, as in: diemcau verify plenary --at 12."
        )
    for session, commits in asyncio.run(_read_logs(options, info.event, sessions)).items():
        print(records.check(session, commits, options.at))
    return 0


def _replay(options: argparse.Namespace) -> int:
    info = DataDirectory(options.data).read_info()
    sites = tuple(_sites_of(info, options.session))
    commits = asyncio.run(_read_logs(options, info.event, [options.session]))[options.session]
    if options.at is None:
        for line in records.lines(commits, zoneinfo.ZoneInfo(info.time_zone)):
            print(line)
        return 0
    setup = SessionSetup(id=options.session, venue=info.venue, sites=sites)
    state = records.state_at(setup, commits, options.at)
    print(msgspec.json.format(msgspec.json.encode(state), indent=1).decode())
    return 0


def _schema(options: argparse.Namespace) -> int:
    if options.typescript:
        print(typescript(), end="")
    else:
        print(msgspec.json.format(msgspec.json.encode(json_schema()), indent=2).decode())
    return 0
