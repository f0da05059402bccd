"""Talkback as pages see it: who talks to which site, who answers, and what is not allowed.

The media plane holds the conversations; this names them, and tells whoever has part in one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bridge.commands import Actor
from bridge.errors import AccessDenied, Code, ProtocolError
from bridge.ids import Role
from bridge.media.server import MediaServer
from bridge.protocol.codec import server_frame
from bridge.protocol.messages import Talk
from bridge.sessions.channels import Page

__all__ = ["Talks"]


class Talks:
    """The conversations of one session.

    Args:
        media: the media plane.
        session: id.
        pages: returns every page that is open.
        open_microphones: returns the sites whose sound is forwarded to everybody.
    """

    def __init__(
        self,
        media: MediaServer,
        session: str,
        pages: Callable[[], Iterable[Page]],
        open_microphones: Callable[[], Iterable[str]],
    ) -> None:
        self._media = media
        self._session = session
        self._pages = pages
        self._open_microphones = open_microphones
        self._names: dict[str, str] = {}  # of technicians, by their peer
        self._told: dict[str, Talk] = {}

    def talk(self, actor: Actor, peer: str, site: str, *, speaking: bool) -> bool:
        """Let the technician with *peer* talk to *site*, or with "" to nobody.

        Returns:
            Whether a conversation began.

        Raises:
            AccessDenied: *actor* is no technician.
            ProtocolError: TALK_BUSY: another technician talks to that site.
        """
        if actor.role is not Role.TECHNICIAN:
            raise AccessDenied(Code.ROLE_FORBIDDEN, "Only technicians talk to a bridge point.")
        known = self._media.conversations(self._session).get(site)
        if known is not None and known.talker != peer:
            name = self._names.get(known.talker, "")
            raise ProtocolError(
                Code.TALK_BUSY,
                "Another technician is talking to this bridge point. Wait until they have ended.",
                {"name": name},
            )
        self._names[peer] = actor.name
        self._media.talk(peer, site, speaking=speaking)
        self.look()
        return known is None and bool(site)

    def answer(self, actor: Actor, peer: str, *, on: bool) -> None:
        """Let the technician who talks to a site hear the host with *peer*, or no longer.

        Raises:
            AccessDenied: *actor* is no host.
            ProtocolError: TALK_ON_AIR: everybody hears the site now, so nothing is private.
        """
        if actor.role is not Role.HOST:
            raise AccessDenied(Code.ROLE_FORBIDDEN, "Only the host of a bridge point answers.")
        if on and actor.site in self._open_microphones():
            raise ProtocolError(
                Code.TALK_ON_AIR,
                "The microphone of this bridge point is open: the whole conference would hear it. "
                "Answer when it is closed.",
            )
        self._media.answer(peer, on=on)
        self.look()

    def look(self) -> None:
        """Tell what is new; also of those who have gone. Call it after changes and now and then."""
        now = {
            site: Talk(
                site=site,
                by=self._names.get(one.talker, ""),
                peer=one.talker,
                speaking=one.speaking,
                answering=bool(one.answering),
            )
            for site, one in self._media.conversations(self._session).items()
        }
        for site in self._told.keys() | now.keys():
            talk = now.get(site)
            if talk != self._told.get(site):
                self._tell(talk or Talk(site=site))
        self._told = now
        talkers = {talk.peer for talk in now.values()}
        self._names = {peer: name for peer, name in self._names.items() if peer in talkers}

    def joined(self, page: Page) -> bytes:
        """Return what *page*, which has just come, must be told."""
        told = (talk for talk in self._told.values() if _concerns(talk, page.actor))
        return b"".join(server_frame(talk) for talk in told)

    def _tell(self, talk: Talk) -> None:
        frame = server_frame(talk)
        for page in self._pages():
            if _concerns(talk, page.actor):
                page.write(frame)


def _concerns(talk: Talk, actor: Actor) -> bool:
    return actor.role is Role.TECHNICIAN or (actor.role is Role.HOST and actor.site == talk.site)
