"""Who has spoken how long: the speaking time by delegate, and by anything sites belong to. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

import msgspec

from bridge.floor.names import same_person
from bridge.floor.state import FloorState, Request

__all__ = ["Account", "by_delegate", "by_group", "speeches"]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What one delegate, or one group of sites, has spoken in turns that have ended.

    Attributes:
        key: site code, or what the sites were grouped by.
        name, title: of the delegate, as in the newest speech; empty for a group.
        speeches: how many were heard.
        seconds: counted speaking time.
        overtime: seconds of it beyond the limits.
    """

    key: str
    name: str = ""
    title: str = ""
    speeches: int = 0
    seconds: float = 0.0
    overtime: float = 0.0

    def plus(self, speech: Request) -> Account:
        """Return the account with one more speech."""
        return Account(
            key=self.key,
            name=speech.name if self.name else "",
            title=speech.title if self.name else "",
            speeches=self.speeches + 1,
            seconds=self.seconds + speech.counted,
            overtime=self.overtime + speech.overtime,
        )


def speeches(state: FloorState) -> list[Request]:
    """Return what counts as a speech, oldest first; those that may go on come last."""
    known = (*state.ended, *state.filed, *state.pending, *state.queue, *state.speaking)
    return [one for one in map(state.requests.__getitem__, known) if one.is_speech]


def by_group(spoken: Iterable[Request], group: Callable[[str], str]) -> list[Account]:
    """Return one account for each value of *group* (of a site code), longest time first."""
    accounts: dict[str, Account] = {}
    for speech in spoken:
        key = group(speech.site)
        accounts[key] = accounts.get(key, Account(key=key)).plus(speech)
    return _longest_first(accounts.values())


def by_delegate(spoken: Iterable[Request]) -> list[Account]:
    """Return one account for each delegate of each site, longest time first."""
    accounts: dict[str, list[Account]] = {}
    for speech in spoken:
        of_site = accounts.setdefault(speech.site, [])
        for place, known in enumerate(of_site):
            if same_person(known.name, speech.name):
                of_site[place] = known.plus(speech)
                break
        else:
            fresh = Account(key=speech.site, name=speech.name, title=speech.title)
            of_site.append(fresh.plus(speech))
    return _longest_first(chain.from_iterable(accounts.values()))


def _longest_first(accounts: Iterable[Account]) -> list[Account]:
    return sorted(accounts, key=lambda one: (-one.seconds, one.key, one.name))
