"""What technicians do to sites' links: orders into the log, words to pages, answers back.

The rules are ``link.orders`` and ``link.actions``; this brings them together with the
session's log and its open pages.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from bridge.clock import Clock
from bridge.commands import Actor
from bridge.errors import AccessDenied, Code, ProtocolError
from bridge.ids import Role
from bridge.link.actions import (
    LINE_SILENT,
    NO_LINE,
    ActionKind,
    Asked,
    Ledger,
    checked,
    order_of,
)
from bridge.media.server import MediaServer
from bridge.protocol.codec import server_frame
from bridge.protocol.link_views import DeviceView, LinkView
from bridge.protocol.messages import Action, ActionDone, SiteAction
from bridge.sessions.alerts import Marker
from bridge.sessions.channels import Page
from bridge.sessions.session import Session

__all__ = ["SiteActions"]

log = logging.getLogger(__name__)

#: Actions a technician's page is told of when it comes.
TOLD: Final = 64
#: Names of messages that are remembered, so that one which comes twice is carried out once.
REMEMBERED: Final = 500


class SiteActions:
    """The technicians' actions of one session.

    Args:
        session: whose log holds the orders.
        pages: returns every page that is open.
        clock: Unix time.
        instance: names this run of the server.
        mark: remembers an action beside the figures of its site.
        media: lets another device of a site publish.
        links: returns the newest health of every link, with the site's devices.
    """

    def __init__(
        self,
        session: Session,
        pages: Callable[[], Iterable[Page]],
        clock: Clock,
        instance: str,
        mark: Marker,
        media: MediaServer,
        links: Callable[[], Mapping[str, LinkView]],
    ) -> None:
        self._media = media
        self._links = links
        self._mark = mark
        self._session = session
        self._pages = pages
        self._clock = clock
        self._ledger = Ledger(instance[:8])
        self._carried_out: dict[tuple[str, str], int] = {}  # (actor key, cmd_id) to the revision

    async def ask(self, actor: Actor, message: SiteAction) -> int:
        """Carry out what a technician wants; return the revision at which it holds.

        Raises:
            AccessDenied: *actor* is no technician.
            ProtocolError: SITE_UNKNOWN, or FIELD_INVALID for what says nothing.
            StoreUnavailable: an order could not be saved; nothing happened.
        """
        if actor.role is not Role.TECHNICIAN:
            raise AccessDenied(
                Code.ROLE_FORBIDDEN, "Only technicians act on the links of bridge points."
            )
        name = (actor.key, message.cmd_id)
        if message.cmd_id and name in self._carried_out:
            return self._carried_out[name]
        sites = tuple(dict.fromkeys(filter(None, (message.site, *message.sites))))
        self._require_sites(sites)
        value = checked(message.action, message.value)
        rev = await self.order(actor, message.action, value, sites)
        if message.cmd_id:
            self._carried_out[name] = rev
            if len(self._carried_out) > REMEMBERED:
                del self._carried_out[next(iter(self._carried_out))]
        return rev

    async def order(
        self, actor: Actor, kind: ActionKind, value: str, sites: tuple[str, ...]
    ) -> int:
        """Save what an action with a checked *value* orders, then tell the sites' pages.

        Raises:
            FloorRefused, StoreUnavailable: it was not saved; nothing happened.
        """
        now = self._clock.now()
        rev = self._session.rev
        order = order_of(kind, value, sites, f"{kind}-{now:.3f}")
        if order is not None:
            rev = await self._session.submit(actor, order)
        of_sites: dict[str, list[Page]] = {site: [] for site in sites}
        for page in self._pages():
            if page.actor.role is Role.HOST and page.actor.site in of_sites:
                of_sites[page.actor.site].append(page)
        for site, pages in of_sites.items():
            done, problem = value, ""
            if kind is ActionKind.LINE:
                done, problem = self._take_line(site, value)
            asked = self._ledger.ask(
                site, kind, done, by=actor.name, now=now, pages=len(pages), problem=problem
            )
            log.info("session %s: %s: %s %r at %s", self._session.id, actor, kind, value, site)
            what = "note" if kind is ActionKind.NOTE else "action"
            self._mark(site, what, action=kind.value, value=done, by=actor.name)
            if asked.until:
                frame = server_frame(_told(asked))
                for page in pages:
                    page.write(frame)
            self._tell(asked)
        return rev

    def answered(self, actor: Actor, message: ActionDone) -> None:
        """Take what a site's page says of an action; of others, and of old ones, nothing follows.

        Raises:
            AccessDenied: *actor* is no host.
        """
        if actor.role is not Role.HOST:
            raise AccessDenied(Code.ROLE_FORBIDDEN, "Only the pages of bridge points are asked.")
        asked = self._ledger.answered(
            message.action_id, actor.site, ok=message.ok, detail=message.detail
        )
        if asked is not None:
            self._tell(asked)

    def joined(self, page: Page) -> bytes:
        """Return what *page*, which has just come, must be told."""
        if page.actor.role is Role.TECHNICIAN:
            return b"".join(server_frame(_told(one)) for one in self._ledger.newest(TOLD))
        if page.actor.role is Role.HOST:
            unread = self._ledger.unread(page.actor.site)
            return b"".join(server_frame(_told(one)) for one in unread)
        return b""

    def look(self) -> None:
        """Give up what nobody has answered; call it about once a second."""
        for asked in self._ledger.expired(self._clock.now()):
            self._tell(asked)

    def _take_line(self, site: str, wanted: str) -> tuple[str, str]:
        """Let a device of *site* publish: one of that rank which sends, or the one of that id.

        Returns:
            What it is to the site (or *wanted*, if there is none), and why it cannot be taken.
        """
        lines = self._links()[site].lines
        named = [line for line in lines if wanted in {line.peer, line.rank}]
        if not named:
            return wanted, NO_LINE
        line: DeviceView = next((line for line in named if line.sending), named[0])
        if not line.sending:
            return line.rank, LINE_SILENT
        self._media.use_device(line.peer, Role.TECHNICIAN)
        return line.rank, ""

    def _require_sites(self, sites: tuple[str, ...]) -> None:
        if not sites:
            raise ProtocolError(
                Code.FIELD_INVALID, "Say which bridge point it is about.", {"field": "site"}
            )
        for site in sites:
            if site not in self._session.setup.sites:
                raise ProtocolError(
                    Code.SITE_UNKNOWN, f"There is no site {site!r}.", {"site": site}
                )

    def _tell(self, asked: Asked) -> None:
        log.info(
            "session %s: action %s (%s at %s): %s %s",
            self._session.id,
            asked.id,
            asked.kind,
            asked.site,
            asked.state,
            asked.detail,
        )
        frame = server_frame(_told(asked))
        for page in self._pages():
            if page.actor.role is Role.TECHNICIAN:
                page.write(frame)


def _told(asked: Asked) -> Action:
    """Return *asked* as pages are told it."""
    return Action(
        id=asked.id,
        site=asked.site,
        action=asked.kind,
        value=asked.value,
        by=asked.by,
        at=asked.at,
        state=asked.state,
        detail=asked.detail,
    )
