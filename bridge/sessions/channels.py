"""Views out to pages: built once per audience and commit, encoded once, sent as patches.

An *audience* is a role, for hosts and delegates together with their site. All pages of
one audience share one :class:`Channel`. It keeps the newest patches as finished
websocket frames, and of each page only the revision it was sent last: a page
that is behind, because it was away or because its line is slow, is sent what it
misses with one write, when it can take it. Nothing is queued for anybody.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple, Protocol

from bridge.commands import Actor
from bridge.ids import Role
from bridge.protocol import merge_patch
from bridge.protocol.codec import server_frame
from bridge.protocol.messages import Hello, Patch, View, You

__all__ = ["Audience", "Channel", "Channels", "Page"]

log = logging.getLogger(__name__)


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

    def write(self, frames: bytes) -> None:
        """Send whole frames; never blocks, never raises."""

    def reads(self) -> bool:
        """Tell whether the page has read most of what it was sent."""


class Shown:
    """What one page was sent last.

    Attributes:
        rev: revision of its view.
        news: number of the news it has heard, see :meth:`Channel.announce`.
    """

    __slots__ = ("news", "rev")

    def __init__(self, rev: int, news: int) -> None:
        self.rev = rev
        self.news = news


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
        # The last patch leads to the view. They are kept while they are smaller than the view:
        # a page that misses more is sent the view.
        self._patches: deque[bytes] = deque()
        self._patches_size = 0
        self._view_size = 0
        self._at = 0.0
        self._news = b""
        self._news_number = 0
        self._pages: dict[Page, Shown] = {}

    @property
    def pages(self) -> list[Page]:
        """Return the pages."""
        return list(self._pages)

    def advance(self, rev: int, now: float) -> None:
        """Build the view of *rev*, the one after the present, and keep the difference."""
        view = self._build()
        difference = merge_patch.difference(self._view, view)
        patch = server_frame(Patch(rev=rev, now=now, patch=difference))
        self._view, self._rev, self._at = view, rev, now
        self._patches.append(patch)
        self._patches_size += len(patch)
        while self._patches_size > self._view_size and len(self._patches) > 1:
            self._patches_size -= len(self._patches.popleft())

    def announce(self, news: bytes) -> None:
        """Take a frame every page is to be sent unless newer news comes first."""
        self._news = news
        self._news_number += 1

    def join(self, page: Page, hello: Hello, now: float) -> bytes:
        """Add *page*; return what brings it up to date from what its hello says it has."""
        self._pages[page] = Shown(self._rev, self._news_number)
        missed = self._rev - hello.rev
        resumes = hello.instance == self._instance and hello.rev >= 0
        if resumes and 0 < missed <= len(self._patches):
            return self._newest(missed)
        if resumes and not missed:
            return server_frame(Patch(rev=self._rev, now=now, patch={}))
        return self._whole(page, now)

    def leave(self, page: Page) -> None:
        """Remove *page*, if it is there."""
        self._pages.pop(page, None)

    def offer(self, page: Page) -> bool:
        """Send *page* what it was not sent yet, if it reads; tell whether anything was sent."""
        if not self._is_behind(page) or not page.reads():
            return False
        self._catch_up(page)
        return True

    def settle(self, page: Page) -> None:
        """Send *page* what it was not sent yet, before it is told something about it."""
        if self._is_behind(page):
            self._catch_up(page)

    def _is_behind(self, page: Page) -> bool:
        shown = self._pages.get(page)
        return shown is not None and (shown.rev, shown.news) != (self._rev, self._news_number)

    def _catch_up(self, page: Page) -> None:
        shown = self._pages[page]
        missed = self._rev - shown.rev
        if missed > len(self._patches):
            frames = self._whole(page, self._at)
        else:
            frames = self._newest(missed) if missed else b""
        if shown.news != self._news_number:
            frames += self._news
        shown.rev, shown.news = self._rev, self._news_number
        page.write(frames)

    def _whole(self, page: Page, now: float) -> bytes:
        """Return the whole view as a frame for *page*."""
        you = _you(page.actor)
        view = View(rev=self._rev, now=now, instance=self._instance, you=you, view=self._view)
        whole = server_frame(view)
        self._view_size = len(whole)
        return whole

    def _newest(self, count: int) -> bytes:
        """Return the last *count* patches."""
        if count == 1:
            return self._patches[-1]
        return b"".join(islice(self._patches, len(self._patches) - count, None))


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

    def join(self, page: Page, hello: Hello, rev: int, now: float) -> bytes:
        """Add *page*; return the frames that bring it up to date to *rev*, to be sent next."""
        audience = Audience.of(page.actor)
        channel = self._channels.get(audience)
        if channel is None:
            channel = self._channels[audience] = Channel(
                lambda: self._build(audience), rev, self._instance
            )
        return channel.join(page, hello, now)

    def leave(self, page: Page) -> None:
        """Remove *page*."""
        channel = self._channels.get(Audience.of(page.actor))
        if channel is not None:
            channel.leave(page)

    def advance(self, rev: int, now: float) -> None:
        """Make the patches that lead to *rev*, for :meth:`deliver`."""
        for channel in self._channels.values():
            channel.advance(rev, now)

    def announce(self, news: Callable[[Audience], bytes]) -> None:
        """Take the news of each audience, for :meth:`deliver`.

        Args:
            news: returns a frame that only counts while it is new, nothing if there is none.
        """
        for audience, channel in self._channels.items():
            if fresh := news(audience):
                channel.announce(fresh)

    def settle(self, page: Page) -> None:
        """Send *page* what it was not sent yet, now."""
        channel = self._channels.get(Audience.of(page.actor))
        if channel is not None:
            channel.settle(page)

    def deliver(self) -> Iterator[bool]:
        """Send one page after the other what it was not sent; yield whether that was anything.

        Between two pages anything may happen: commits, pages that come and go.
        """
        for channel in list(self._channels.values()):
            for page in channel.pages:
                try:
                    sent = channel.offer(page)
                except Exception:  # one page must not keep the others from theirs
                    log.exception("a page of %s could not be written to", page.actor)
                    sent = False
                yield sent

    def pages(self) -> list[Page]:
        """Return all pages of the session."""
        return [page for channel in self._channels.values() for page in channel.pages]
