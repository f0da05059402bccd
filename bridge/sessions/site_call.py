"""One call of one site in its rehearsal: do technician and host hear each other by talkback?

Owns the watching of it. The conversation itself is ``talks``': a technician begins and ends it,
a host answers. The server sees sound come from both; that the technician's has arrived is what
the site's page says, which is asked to listen in its talkback slot. Whether both understand each
other no machine can tell: the technician says so afterwards.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from bridge.clock import monotonic
from bridge.commands import Actor
from bridge.errors import Code, ProtocolError
from bridge.ids import Role
from bridge.link.findings import Call, Heard
from bridge.media.answer import MICROPHONE
from bridge.media.server import MediaServer
from bridge.media.talkback import Conversation
from bridge.protocol.codec import server_frame
from bridge.protocol.messages import Rehearse
from bridge.sessions.runtime import SessionRuntime
from bridge.state import routes

__all__ = ["SiteCall"]

#: A technician has so long to allow the microphone, and to press a button.
BEGIN_S: Final = 40.0
#: After that a call is no test any more.
CALL_S: Final = 180.0
#: How often it is looked; a word is longer.
LOOK_S: Final = 0.25
#: The site's pages are asked again: one may have been loaded anew, or have come late.
ASK_S: Final = 5.0


class SiteCall:
    """One call.

    Args:
        site: which site.
        technician: whose conversation it is; by whatever page of theirs.

    Raises:
        ProtocolError: TALK_BUSY: another technician talks to that site.
    """

    def __init__(
        self, site: str, technician: Actor, name: str, runtime: SessionRuntime, media: MediaServer
    ) -> None:
        self.id = secrets.token_hex(6)
        self.call = Call(by=name)
        self._site = site
        self._key = technician.key
        self._runtime = runtime
        self._media = media
        self._spoken_at = 0.0  # seconds on the monotonic clock
        self._answered_at = 0.0
        other = self._conversations().get(site)
        if other is not None and not self._is_ours(other):
            raise ProtocolError(
                Code.TALK_BUSY,
                "Another technician is talking to this bridge point. Wait until they have ended.",
                {"name": ""},
            )

    def heard(self, answer: Heard) -> None:
        """The site's page hears the technician, or says why nobody there does."""
        self.call = replace(self.call, heard=answer)

    async def run(self, changed: Callable[[], None]) -> Call | None:
        """Watch until both were heard, or the conversation is over; return what was measured.

        Without any conversation nothing was.

        Args:
            changed: called whenever :attr:`call` is new.
        """
        began, asked_at, talked = monotonic(), 0.0, False
        told = self.call
        while not self.call.complete:
            now = monotonic()
            conversation = self._conversations().get(self._site)
            ours = conversation if conversation and self._is_ours(conversation) else None
            if ours is not None:
                talked = True
                self._look(ours, now)
            elif talked or now - began >= BEGIN_S:
                break
            if now - began >= CALL_S:
                break
            if self.call.heard is None and now - asked_at >= ASK_S:
                asked_at = now
                self._ask()
            if self.call != told:
                told = self.call
                changed()
            await asyncio.sleep(LOOK_S)
        return self.call if talked else None

    def _look(self, conversation: Conversation, now: float) -> None:
        call = self.call
        if conversation.speaking and now - self._sound_of(conversation.talker) < 2 * LOOK_S:
            self._spoken_at = self._spoken_at or now
            call = replace(call, spoken=True)
        if conversation.answering:
            self._answered_at = self._answered_at or now
            voice = self._sound_of(conversation.answering) >= self._answered_at
            call = replace(call, answered=True, voice=call.voice or voice)
        elif self._spoken_at and self._is_open():
            # Nothing is private there: the answer is what everybody hears.
            signal = self._media.signals(self._runtime.session.id).get(self._site)
            if signal is not None and signal.sound_at > self._spoken_at:
                call = replace(call, answered=True, voice=True)
        self.call = call

    def _conversations(self) -> dict[str, Conversation]:
        return dict(self._media.conversations(self._runtime.session.id))

    def _is_ours(self, conversation: Conversation) -> bool:
        peer = self._media.peer(conversation.talker)
        return peer is not None and peer.who.token_key == self._key

    def _is_open(self) -> bool:
        """Whether everybody hears the site's microphone."""
        session = self._runtime.session
        return self._site in routes(session.setup, session.state).microphones

    def _sound_of(self, peer_id: str) -> float:
        """Return when sound last came from the microphone of a peer, 0.0 for never."""
        peer = self._media.peer(peer_id)
        track = peer.uplink.tracks.get(MICROPHONE) if peer is not None else None
        return track.sound_at if track is not None else 0.0

    def _ask(self) -> None:
        frame = server_frame(Rehearse(test=self.id, step="listen", peer=""))
        for page in self._runtime.pages():
            if page.actor.role is Role.HOST and page.actor.site == self._site:
                page.write(frame)
