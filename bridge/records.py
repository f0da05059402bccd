"""What the log says, for whoever must answer for it: ``diemcau verify`` and ``diemcau replay``.

Reads beside a running server and changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from bridge.errors import Code, ConfigError, StoreUnavailable
from bridge.state import SessionEvent, SessionSetup, SessionState, fold, initial
from bridge.store.commit import Commit, verify_chain

__all__ = ["check", "lines", "state_at"]

_events = msgspec.json.Decoder(list[SessionEvent])


def check(session: str, commits: Sequence[Commit], at: int | None = None) -> str:
    """Return one line that says the hash chain of *commits* is whole.

    With *at* it names the hash of that revision, which minutes made then have printed.

    Raises:
        StoreUnavailable: STORE_CORRUPT, naming the revision where the chain breaks.
        ConfigError: the log is not that long.
    """
    try:
        verify_chain(commits)
    except StoreUnavailable as error:
        raise StoreUnavailable(error.code, f"{session}: {error.message}", error.details) from error
    if at is not None:
        if not 1 <= at <= len(commits):
            raise _too_far(len(commits))
        return f"{session}: chain whole, revision {at} of {len(commits)} has {commits[at - 1].hash}"
    if not commits:
        return f"{session}: empty"
    return f"{session}: {len(commits)} commits, chain whole, ends with {commits[-1].hash}"


def lines(commits: Iterable[Commit], zone: dt.tzinfo) -> Iterator[str]:
    """Yield one line a commit: revision, time, who, and what happened."""
    for commit in commits:
        time = dt.datetime.fromtimestamp(commit.at, zone).strftime("%Y-%m-%d %H:%M:%S")
        actor = commit.actor
        who = " ".join(filter(None, (actor.role, actor.site, actor.name, f"[{actor.key}]")))
        for event in msgspec.json.decode(commit.events, type=list[dict[str, object]]):
            what = event.pop("type")
            fields = " ".join(f"{name}={value}" for name, value in event.items())
            yield f"{commit.rev:>6}  {time}  {who}: {what} {fields}".rstrip()


def state_at(setup: SessionSetup, commits: Iterable[Commit], rev: int) -> SessionState:
    """Return the session as it was at *rev*; 0 is before the first commit.

    Raises:
        ConfigError: the log is not that long.
    """
    state, reached = initial(setup), 0
    for commit in commits:
        if commit.rev > rev:
            break
        events = _events.decode(commit.events)
        state = fold(setup, state, commit.actor, events, commit.at, commit.rev)
        reached = commit.rev
    if reached < rev:
        raise _too_far(reached)
    return state


def _too_far(reached: int) -> ConfigError:
    return ConfigError(
        Code.CONFIG_INVALID, f"The log ends at revision {reached}; give --at {reached} or less."
    )
