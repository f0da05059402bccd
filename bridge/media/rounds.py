"""What is done at regular times: for each peer its reports and its layers, for each session slates.

Owns: how often, and for whom something is due. The process is woken for it ten times a second as
long as nothing hurries and all lines are good, and what is due for many viewers is done at the same
time: each wake-up costs several times what is done for a viewer, and for the first one more than
for those after it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from bridge.clock import monotonic
from bridge.media.downlink import ADAPT_S
from bridge.media.engine import Engine
from bridge.media.feedback import SLACK_S, TICK_S, Feedback
from bridge.media.peer import Peer
from bridge.media.peer_id import log_fields
from bridge.media.peers import Peers
from bridge.media.session import MediaSession
from bridge.tasks import Rhythm, until_beat

__all__ = ["CALM_TICK_S", "SUPERVISE_S", "UNEASY_TICK_S", "Rounds"]

log = logging.getLogger(__name__)

# While nothing is missing and nothing is to be paced: a divisor of all other intervals.
CALM_TICK_S: Final = 0.1
# While a viewer's line is in doubt or narrow: what is said of it is heard sooner.
UNEASY_TICK_S: Final = 0.05
# How often silence is looked for.
SUPERVISE_S: Final = 0.1


class Rounds:
    """The regular work of a media server.

    Args:
        engine: tells what came.
        feedback: reports.
        peers: all of the server.
        sessions: all of them, by name; live.
        rhythm: of :meth:`run`, hurried by whoever has something that cannot wait.
        flush: lets leave what was forwarded.
    """

    def __init__(
        self,
        engine: Engine,
        feedback: Feedback,
        peers: Peers,
        sessions: Mapping[str, MediaSession],
        rhythm: Rhythm,
        flush: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._feedback = feedback
        self._peers = peers
        self._sessions = sessions
        self._rhythm = rhythm
        self._flush = flush
        self._supervise_at = 0.0
        self._uneasy_until = 0.0
        self.heard_at = 0.0
        """When the last round heard what had come, seconds."""

    async def run(self) -> None:
        """Do what is due, for ever."""
        while True:
            now = monotonic()
            hurries = self._once(now)
            self._flush()  # reports, and slates
            await self._rhythm.beat(TICK_S if hurries else self._calm_interval(now))

    def _calm_interval(self, now: float) -> float:
        return UNEASY_TICK_S if now < self._uneasy_until else CALM_TICK_S

    def catch_up(self, now: float) -> None:
        """Hear what came, unless a round has done that just now."""
        if now - self.heard_at > TICK_S:
            self._engine.look(now)

    def _once(self, now: float) -> bool:
        """Do what is due at *now*; return whether more is after :data:`feedback.TICK_S`."""
        hurries = False
        is_behind = self._engine.look(now)
        self.heard_at = now
        next_at = now + until_beat(now, ADAPT_S) - SLACK_S
        for peer in self._peers.values():
            if now < peer.look_at:
                continue
            try:
                if self._rests(peer, now):
                    peer.look_at = next_at
                else:
                    hurries |= self._look_after(peer, now)
            except Exception:  # one peer must not stop the feedback of all
                log.exception("its feedback failed", extra=log_fields(peer))
        return hurries if is_behind else self._in_sessions(now) or hurries

    def _in_sessions(self, now: float) -> bool:
        """See who is silent; return whether slates are to be sent after :data:`feedback.TICK_S`."""
        supervises = now >= self._supervise_at - SLACK_S
        if supervises:
            self._supervise_at = now + SUPERVISE_S
            self._peers.end_silent(now)
        hurries = False
        for session in self._sessions.values():
            if not session.peers:
                continue
            try:
                if supervises:
                    session.supervise(now)
                hurries |= session.tick(now)
            except Exception:  # nor one session the others
                log.exception("the pictures of session %s failed", session.name)
        return hurries

    def _rests(self, peer: Peer, now: float) -> bool:
        """Return whether nothing can be due for *peer*: it watches, and has all there is."""
        return (
            now < peer.report_at - SLACK_S
            and not peer.uplink.tracks
            and not peer.watching
            and peer.downlink.rests(now)
        )

    def _look_after(self, peer: Peer, now: float) -> bool:
        """Do what is due for *peer*; return whether more is after :data:`feedback.TICK_S`."""
        hurries = self._feedback.tick(peer, now)
        if peer.state != "connected":
            return hurries
        loses = peer.downlink.doubles
        if loses:
            self._feedback.double(peer)
        if now >= peer.adapt_at - SLACK_S:
            peer.adapt_at = now + until_beat(now, ADAPT_S)  # of all viewers at the same time
            self._sessions[peer.who.session].adapt(peer, now)
        if peer.downlink.states or peer.downlink.in_doubt(now):
            self._uneasy_until = now + 2 * ADAPT_S  # until it is looked at again
        # Most peers only watch: nothing is to be done for them between two looks.
        watches = not peer.uplink.tracks and not loses
        next_at = min(peer.adapt_at, self._feedback.doubts_at(peer, now)) - SLACK_S
        peer.look_at = next_at if watches else now
        return hurries or loses
