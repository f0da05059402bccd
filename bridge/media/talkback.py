"""Who talks to whom beside the program: a technician to one site's hosts, and a host back.

Owns the conversations of one session, and whose sound each talkback slot is fed by; nothing of
it ever reaches any other slot. A host answers only while the site's microphone is closed. If
the floor opens it meanwhile, the site is kept from the conference until its page has ended the
answer, which it does at once, or :data:`ENDING_S` have passed: what was meant for the technician
is heard by nobody else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from bridge.ids import Role
from bridge.media.answer import MICROPHONE
from bridge.media.peer import Peer
from bridge.media.source import Track

__all__ = ["ENDING_S", "Conversation", "Talkback"]

#: A page learns of its open microphone and says that it answers no more: a word there and back.
ENDING_S: Final = 1.5


@dataclass
class Conversation:
    """One technician and one site.

    Attributes:
        talker: peer of the technician.
        speaking: the technician is heard at the site.
        answering: peer of the host who is heard by the technician, "" for none.
        opened: since when the site's microphone is open while it answers, 0 for it is not.
    """

    talker: str
    speaking: bool = False
    answering: str = ""
    opened: float = 0.0


class Talkback:
    """The conversations of one session.

    Args:
        peers: of the session by id; whoever owns it adds and removes.
    """

    def __init__(self, peers: Mapping[str, Peer]) -> None:
        self._peers = peers
        self.conversations: dict[str, Conversation] = {}
        """By site; a technician has one at a time."""

    def talk(self, peer: Peer, site: str, *, speaking: bool) -> None:
        """Let *peer*, which talks, have its conversation with *site*; with "" it has none."""
        for other, one in list(self.conversations.items()):
            if one.talker == peer.id and other != site:
                del self.conversations[other]
        if site:
            one = self.conversations.setdefault(site, Conversation(peer.id))
            one.speaking = speaking

    def answer(self, peer: Peer, *, on: bool) -> None:
        """Let a host be heard by whoever talks to its site, or no longer."""
        one = self.conversations.get(peer.who.site)
        if one is None:
            return
        if on:
            one.answering, one.opened = peer.id, 0.0
        elif one.answering == peer.id:
            one.answering, one.opened = "", 0.0

    def leave(self, peer: Peer) -> bool:
        """Forget *peer*, which has gone; return whether it had part in a conversation."""
        before = len(self.conversations)
        self.talk(peer, "", speaking=False)
        answered = [one for one in self.conversations.values() if one.answering == peer.id]
        for one in answered:
            one.answering, one.opened = "", 0.0
        return len(self.conversations) < before or bool(answered)

    def withheld(self, microphones: Collection[str]) -> frozenset[str]:
        """Return the sites of open *microphones* that answer: nobody else may hear them yet."""
        return frozenset(
            site
            for site, one in self.conversations.items()
            if one.answering and site in microphones
        )

    def end_opened(self, microphones: Collection[str], now: float) -> bool:
        """End answers of sites whose microphone has been open for too long; tell if any was."""
        ended = False
        for site in self.withheld(microphones):
            one = self.conversations[site]
            one.opened = one.opened or now
            if now - one.opened >= ENDING_S:
                one.answering, one.opened = "", 0.0
                ended = True
        return ended

    def heard_by(self, peer: Peer) -> Track | None:
        """Return whose sound belongs into the talkback slot of *peer*."""
        if peer.who.talks:
            answering = next(
                (one.answering for one in self.conversations.values() if one.talker == peer.id), ""
            )
            return self._sound(answering)
        if peer.who.role is not Role.HOST:
            return None
        one = self.conversations.get(peer.who.site)
        return self._sound(one.talker) if one is not None and one.speaking else None

    def _sound(self, peer_id: str) -> Track | None:
        peer = self._peers.get(peer_id)
        return peer.uplink.tracks.get(MICROPHONE) if peer is not None else None
