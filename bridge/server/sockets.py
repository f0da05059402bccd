"""``GET /ws/{session}``: one websocket per page. ``docs/protocol.md`` is the contract."""

from __future__ import annotations

import contextlib
import logging
from collections import Counter
from collections.abc import Iterator

from aiohttp import WSCloseCode, WSMsgType, web

from bridge.clock import monotonic
from bridge.errors import AccessDenied, BridgeError, Code, ProtocolError
from bridge.ids import Role, split_source
from bridge.link.actions import ActionKind
from bridge.logs import note
from bridge.media.peer import Peer
from bridge.media.peer_id import code_of
from bridge.protocol.codec import MAX_MESSAGE_BYTES, cmd_id_of, decode_client, server_frame
from bridge.protocol.messages import (
    Ack,
    Acknowledge,
    ActionDone,
    ClientCommand,
    ClientMessage,
    Hello,
    Joined,
    Nack,
    PathReport,
    SiteAction,
    SlidesEnded,
    Slots,
    Stats,
    TalkAnswer,
    TalkTo,
    UseDevice,
    Watch,
    WatchedView,
)
from bridge.server.access import check_origin, who
from bridge.server.context import CONTEXT
from bridge.server.outlet import Outlet
from bridge.server.problems import language_of, unforeseen
from bridge.server.tokens import Claims
from bridge.server.words import refusal
from bridge.sessions.runtime import SessionRuntime

__all__ = ["CLOSE_DENIED", "routes"]

log = logging.getLogger(__name__)

#: Application close code: the token is not, or no longer, valid. A page must not reconnect.
CLOSE_DENIED = 4401
#: Messages a page may send: this many at once, then this many a second.
BURST, RATE = 40.0, 20.0
#: Websockets one phone may have open: tabs, and some whose line died and nobody noticed yet.
PHONE_SOCKETS = 8
#: The same for any other link; that of a stage may serve a whole audience.
LINK_SOCKETS = 5000
#: A page that says nothing is asked; without an answer in half that time it is gone.
HEARTBEAT_S = 20.0


class Socket(web.WebSocketResponse):
    """A websocket that says why when it refuses a message as too large."""

    async def close(
        self, *, code: int = WSCloseCode.OK, message: bytes = b"", drain: bool = True
    ) -> bool:
        """Close; a close for size carries a sentence."""
        if code == WSCloseCode.MESSAGE_TOO_BIG and not message:
            message = f"A message may have {MAX_MESSAGE_BYTES} bytes; send less.".encode()
        return await super().close(code=code, message=message, drain=drain)


class SocketPage:
    """One page: reads commands, writes views.

    Args:
        runtime: its session.
        claims: what its token says.
        socket: prepared websocket.
        outlet: sends on *socket*.
        request: the request that opened it.
    """

    def __init__(
        self,
        runtime: SessionRuntime,
        claims: Claims,
        socket: Socket,
        outlet: Outlet,
        request: web.Request,
    ) -> None:
        self.actor = claims.actor()
        self.claims = claims
        self.peer = ""
        """Its media connection, empty before it has said so."""
        self._context = request.app[CONTEXT]
        self.write, self.reads = outlet.write, outlet.reads
        self._runtime = runtime
        self._socket = socket
        self._lang = language_of(request)
        self._joined = False
        self._allowance = BURST
        self._allowance_at = monotonic()

    async def read(self) -> None:
        """Handle messages until the page leaves."""
        async for message in self._socket:
            if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                continue
            try:
                await self._handle(message.data)
            except BridgeError as error:
                self._refuse(message.data, error)
            except Exception as error:  # noqa: BLE001 - a bug must not take the page down
                self._refuse(message.data, unforeseen(f"command of {self.actor}", error))

    def tell_slots(self) -> None:
        """Send what the line of this page's media connection carries."""
        media = self._context.media
        watched = media.watched(self.peer).items()
        views = {slot: WatchedView(site=site, since=since) for slot, (site, since) in watched}
        self.write(server_frame(Slots(slots=media.slots(self.peer), watched=views)))

    async def deny(self) -> None:
        """The token was withdrawn or has expired: close, so that the page asks for a new one."""
        await self._socket.close(code=CLOSE_DENIED, message=b"This join link is no longer valid.")

    def leave(self) -> None:
        """The socket is closed."""
        if self._joined:
            self._runtime.leave(self)

    async def _handle(self, data: str | bytes) -> None:
        self._spend()
        message: ClientMessage = decode_client(data)
        match message:
            case Hello():
                self._lang = message.lang
                if self._joined:
                    self._runtime.leave(self)
                self._joined = True
                self._runtime.join(self, message)
            case Watch():
                self._watch(message)
            case Joined():
                self._take_peer(message.peer)
                self.tell_slots()
            case PathReport():
                self._take_path(message)
            case Stats():
                self._own_peer(message.peer).meter.page_says(message.page, monotonic())
            case SlidesEnded():
                self._own_peer(message.peer)
                self._context.media.end_slides(message.peer)
            case SiteAction() | ActionDone() | UseDevice() | Acknowledge():
                await self._about_site(message)
            case TalkTo() | TalkAnswer():
                await self._talk(message)
            case _:
                await self._command(message)

    async def _command(self, command: ClientCommand) -> None:
        rev = await self._runtime.session.submit(self.actor, command)
        self._runtime.settle(self)
        self.write(server_frame(Ack(cmd_id=command.cmd_id, rev=rev)))

    def _watch(self, message: Watch) -> None:
        self._own_peer(message.peer)
        if self.actor.role not in {Role.MODERATOR, Role.TECHNICIAN}:
            raise AccessDenied(
                Code.ROLE_FORBIDDEN, "Only moderators and technicians may watch a site."
            )
        site = ""
        if message.source:
            with contextlib.suppress(ValueError):
                _, site = split_source(message.source)
            if site not in self._runtime.facts.sites:
                raise ProtocolError(
                    Code.SOURCE_UNKNOWN, "There is no such source.", {"source": message.source}
                )
        self._context.media.watch(message.peer, site, message.slot)
        if message.peer == self.peer:
            self.tell_slots()

    async def _about_site(self, message: SiteAction | ActionDone | UseDevice | Acknowledge) -> None:
        match message:
            case SiteAction():
                rev = await self._runtime.actions.ask(self.actor, message)
                if message.cmd_id:
                    self._runtime.settle(self)
                    self.write(server_frame(Ack(cmd_id=message.cmd_id, rev=rev)))
            case Acknowledge():
                await self._runtime.alerts.acknowledge(self.actor, message.alert, message.note)
                if message.cmd_id:
                    rev = self._runtime.session.rev
                    self.write(server_frame(Ack(cmd_id=message.cmd_id, rev=rev)))
            case ActionDone():
                self._runtime.actions.answered(self.actor, message)
            case UseDevice():
                self._use_device(message.peer)

    async def _talk(self, message: TalkTo | TalkAnswer) -> None:
        self._own_peer(message.peer)
        talks, peer = self._runtime.talks, message.peer
        if isinstance(message, TalkAnswer):
            talks.answer(self.actor, peer, on=message.on)
            return
        if message.site:
            self._require_site(message.site)
        if talks.talk(self.actor, peer, message.site, speaking=message.speaking):
            sites = (message.site,)
            await self._runtime.actions.order(self.actor, ActionKind.TALK, "on", sites)

    def _require_site(self, site: str) -> None:
        if site not in self._runtime.facts.sites:
            raise ProtocolError(Code.SITE_UNKNOWN, f"There is no site {site!r}.", {"site": site})

    def _use_device(self, peer_id: str) -> None:
        """Let a device publish for its site: a host one of its own, the control room any."""
        peer = self._context.media.peer(peer_id)
        session = self._runtime.session.id
        if peer is None or not peer.who.publish or peer.who.session != session:
            raise _peer_unknown()
        if self.actor.role is Role.HOST:
            if peer.who.site != self.actor.site:
                raise _peer_unknown()
        elif self.actor.role not in {Role.MODERATOR, Role.TECHNICIAN}:
            raise AccessDenied(
                Code.ROLE_FORBIDDEN, "Only the site and the control room choose a site's device."
            )
        site, rank = peer.who.site, peer.who.rank
        log.info("session %s: %s wants the %s line of %s", session, self.actor, rank, site)
        self._context.media.use_device(peer_id, self.actor.role)

    def _own_peer(self, peer_id: str) -> Peer:
        """Return the page's own peer; refuse to act on one of somebody else."""
        peer = self._context.media.peer(peer_id)
        if peer is None or peer.who.token_key != self.claims.key:
            raise _peer_unknown()
        return peer

    def _take_peer(self, peer_id: str) -> None:
        """From now on this is the page's media connection, and the log is about it."""
        self._own_peer(peer_id)
        if peer_id != self.peer:
            self.peer = peer_id
            note(peer=code_of(peer_id))
            log.info("its page is here")

    def _take_path(self, report: PathReport) -> None:
        if self._own_peer(report.peer).meter.path is not report.kind:
            log.info("its packets travel: %s", report.kind or "?")
        self._context.media.report_path(report.peer, report.kind)

    def _spend(self) -> None:
        now = monotonic()
        self._allowance = min(BURST, self._allowance + (now - self._allowance_at) * RATE)
        self._allowance_at = now
        if self._allowance < 1:
            raise ProtocolError(
                Code.TOO_MANY_MESSAGES, "Too many messages at once. Wait a second, then try again."
            )
        self._allowance -= 1

    def _refuse(self, data: str | bytes, error: BridgeError) -> None:
        text = refusal(
            self._context.catalogues, self._lang, error, self._runtime.facts, self.actor.role
        )
        rev = self._runtime.session.rev
        cmd_id = cmd_id_of(data) if len(data) <= MAX_MESSAGE_BYTES else ""
        self.write(server_frame(Nack(cmd_id=cmd_id, code=error.code, message=text, rev=rev)))


def _peer_unknown() -> ProtocolError:
    return ProtocolError(
        Code.PEER_UNKNOWN, "That media connection is not there (any more); join again."
    )


async def websocket(request: web.Request) -> web.StreamResponse:
    """Open the socket of a page."""
    context = request.app[CONTEXT]
    check_origin(request)
    session = request.match_info["session"]
    runtime = context.runtime(session)
    claims = who(request, context.tokens, session)
    limit = PHONE_SOCKETS if claims.role is Role.DELEGATE else LINK_SOCKETS
    if context.sockets[claims.key] >= limit:
        raise ProtocolError(
            Code.TOO_MANY_PEERS, "This link is open in too many places. Close some of them."
        )
    socket = Socket(heartbeat=HEARTBEAT_S, max_msg_size=4 * MAX_MESSAGE_BYTES, compress=False)
    with counted(context.sockets, claims.key):
        await socket.prepare(request)
        if (transport := request.transport) is None:
            return socket  # gone already
        page = SocketPage(runtime, claims, socket, Outlet(socket, transport), request)
        context.pages.add(page)
        try:
            await page.read()
        finally:
            context.pages.discard(page)
            page.leave()
    return socket


@contextlib.contextmanager
def counted(counts: Counter[str], key: str) -> Iterator[None]:
    """Count one more of *key* while the block runs."""
    counts[key] += 1
    try:
        yield
    finally:
        counts[key] -= 1
        if not counts[key]:
            del counts[key]


def routes() -> list[web.RouteDef]:
    """Return the websocket route."""
    return [web.get("/ws/{session}", websocket)]
