"""Views out to pages: built once per audience and commit, encoded once, sent as patches.

An *audience* is a role, for hosts and delegates together with their site. All pages of one
audience share one :class:`Channel`; a page that resumes gets the patches it
missed if they are still kept, otherwise the whole view.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from bridge.commands import Actor
from bridge.ids import Role
from bridge.protocol import merge_patch
from bridge.protocol.codec import encode_server
from bridge.protocol.messages import Hello, Patch, View, You

__all__ = ["Audience", "Channel", "Channels", "Page"]

#: Patches kept for pages that come back: several minutes of a busy session.
KEPT_PATCHES = 256


#: Roles whose view depends on their site.
OF_SITE = frozenset({Role.HOST, Role.DELEGATE})


class Audience(NamedTuple):
    """Who sees the same view."""

    role: Role
    site: str

    @classmethod
    def of(cls, actor: Actor) -> Audience:
        """Return the audience *actor* belongs to."""
        return cls(actor.role, actor.site if actor.role in OF_SITE else "")


class Page(Protocol):
    """One websocket connection, seen from here."""

    actor: Actor

    def send(self, text: str) -> None:
        """Queue *text* for the page; never blocks."""


class Channel:
    """The view of one audience, and the pages that show it.

    Args:
        build: makes the present view, as JSON-able builtins.
        rev: revision of that view.
        instance: names this run of the server; revisions of another run mean nothing here.
    """

    def __init__(self, build: Callable[[], dict[str, Any]], rev: int, instance: str) -> None:
        self._instance = instance
        self._build = build
        self._rev = rev
        self._view = build()
        self._patches: deque[tuple[int, str]] = deque(maxlen=KEPT_PATCHES)
        self.pages: set[Page] = set()

    def advance(self, rev: int, now: float) -> None:
        """Build the view of *rev* and send every page the difference."""
        view = self._build()
        patch = Patch(rev=rev, now=now, patch=merge_patch.difference(self._view, view))
        text = encode_server(patch)
        self._view, self._rev = view, rev
        self._patches.append((rev, text))
        for page in self.pages:
            page.send(text)

    def greet(self, page: Page, hello: Hello, now: float) -> None:
        """Bring *page* up to date from what its hello says it has."""
        missed = [text for at, text in self._patches if at > hello.rev]
        known = hello.instance == self._instance and 0 <= hello.rev <= self._rev
        if known and len(missed) == self._rev - hello.rev:
            for text in missed or [encode_server(Patch(rev=self._rev, now=now, patch={}))]:
                page.send(text)
        else:
            page.send(
                encode_server(
                    View(
                        rev=self._rev,
                        now=now,
                        instance=self._instance,
                        you=_you(page.actor),
                        view=self._view,
                    )
                )
            )


def _you(actor: Actor) -> You:
    return You(role=actor.role, site=actor.site, name=actor.name, key=actor.key)


class Channels:
    """All channels of one session.

    Args:
        build: makes the view of an audience, as JSON-able builtins.
        instance: names this run of the server.
    """

    def __init__(self, build: Callable[[Audience], dict[str, Any]], instance: str) -> None:
        self._build = build
        self._instance = instance
        self._channels: dict[Audience, Channel] = {}

    def join(self, page: Page, hello: Hello, rev: int, now: float) -> None:
        """Add *page* and bring it up to date to *rev*."""
        audience = Audience.of(page.actor)
        channel = self._channels.get(audience)
        if channel is None:
            channel = self._channels[audience] = Channel(
                lambda: self._build(audience), rev, self._instance
            )
        channel.greet(page, hello, now)
        channel.pages.add(page)

    def leave(self, page: Page) -> None:
        """Remove *page*."""
        channel = self._channels.get(Audience.of(page.actor))
        if channel is not None:
            channel.pages.discard(page)

    def advance(self, rev: int, now: float) -> None:
        """Send every page what changed up to *rev*."""
        for channel in self._channels.values():
            channel.advance(rev, now)

    def pages(self) -> list[Page]:
        """Return all pages of the session."""
        return [page for channel in self._channels.values() for page in channel.pages]
