"""One test of one site: what the server measures in a quarter of a minute.

Owns the course of it. The host is asked to speak while line and picture are measured; then the
site's page plays a row of tones through its loudspeaker, which the server looks for in what
the microphone sends. The picture on its way back is what that page says it has decoded.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Final, Literal

from bridge.clock import Clock, monotonic
from bridge.ids import Rank, Role
from bridge.link.findings import Return, Second, baseline_of, judge
from bridge.link.rehearsal import Marked, Measured, RehearsalEvent
from bridge.link.tones import FREQUENCIES_HZ, GAP_S, ROW_S, TONE_S, notes_of
from bridge.listening.listener import Listener
from bridge.media.hearing import Hearing
from bridge.media.server import MediaServer
from bridge.protocol.codec import server_frame
from bridge.protocol.messages import Rehearse
from bridge.sessions.runtime import SessionRuntime

__all__ = ["SiteTest"]

#: The host is asked to say something for so long, while line and picture are measured.
VOICE_S: Final = 5.0
#: After that the page has so long to open its microphone anew, play the row and say so.
PLAY_S: Final = ROW_S + 6.0
#: What the loudspeaker played last must come back through room, encoder and line.
TAIL_S: Final = 1.0
#: How often a test looks: packets are kept for ten seconds, and links are measured each second.
LOOK_S: Final = 0.5


class SiteTest:
    """One test.

    Args:
        site: which site.
        technician: name of who began it.
    """

    def __init__(
        self,
        site: str,
        technician: str,
        runtime: SessionRuntime,
        media: MediaServer,
        listener: Listener,
        clock: Clock,
    ) -> None:
        self.id = secrets.token_hex(6)
        self.by = technician
        self._site = site
        self._runtime = runtime
        self._media = media
        self._listener = listener
        self._clock = clock
        self._notes = notes_of(secrets.randbelow(18_750))
        self._began = 0.0
        self._spoken_at = 0.0
        self._played_at = 0.0  # seconds on the monotonic clock
        self._answer: Return | None = None
        self._answered = asyncio.Event()
        self._seconds: list[Second] = []

    def playing(self) -> None:
        """The site's page plays its row from now on."""
        self._played_at = monotonic()

    def answered(self, answer: Return) -> None:
        """The site's page has played, or says why not."""
        self._answer = answer
        self._answered.set()

    async def run(self) -> list[RehearsalEvent]:
        """Carry the test out and return what was found."""
        hearing = self._media.hear(self._runtime.session.id, self._site)
        self._began = monotonic()
        self._ask("speak", hearing.peer)
        await self._watch(hearing, self._began + VOICE_S)
        deadline = monotonic() + (PLAY_S if self._ask("play", hearing.peer) else 0.0)
        while not self._answered.is_set() and monotonic() < deadline:
            await self._watch(hearing, min(deadline, monotonic() + LOOK_S))
        await self._watch(hearing, monotonic() + TAIL_S)
        hearing.look(monotonic())
        heard = await self._listener.hear(self._notes, hearing.sounds())
        timed = heard.arrived and self._played_at
        delay = max(0.0, heard.arrived - self._played_at) * 1000 if timed else -1.0
        now = self._clock.now()
        baseline = baseline_of(self._seconds, now)
        marks = judge(
            baseline=baseline,
            voice=self._spoken_at >= self._began,
            answer=self._answer,
            tone=heard.tone,
            delay_ms=delay,
            backup=self._backup(),
            at=now,
        )
        measured = [Measured(site=self._site, baseline=baseline)] if baseline is not None else []
        marked = [Marked(site=self._site, item=item, mark=mark) for item, mark in marks.items()]
        return [*measured, *marked]

    async def _watch(self, hearing: Hearing, until: float) -> None:
        """Collect what is measured until then."""
        session = self._runtime.session.id
        while (now := monotonic()) < until:
            if now - self._began >= len(self._seconds) + 1:
                self._seconds.append(self._second())
            hearing.look(now)
            if now - self._began <= VOICE_S:  # afterwards the tones are what sounds
                signal = self._media.signals(session).get(self._site)
                self._spoken_at = signal.sound_at if signal is not None else 0.0
            await asyncio.sleep(min(LOOK_S, until - now))

    def _second(self) -> Second:
        link = self._runtime.links()[self._site]
        return Second(
            connected=link.connected and link.publisher != "",
            rtt_ms=link.rtt_ms,
            loss_up=link.up.loss,
            loss_down=link.down.loss,
            kbps_up=link.up.kbps,
            kbps_down=link.down.kbps,
            fps_up=link.up.fps,
            fps_down=link.down.fps,
            height_up=link.up.height,
            score=link.score,
        )

    def _backup(self) -> bool | None:
        """Return whether the site's second line sends, None if it has none."""
        lines = self._runtime.links()[self._site].lines
        backups = [line for line in lines if line.rank is Rank.BACKUP]
        return any(line.sending for line in backups) if backups else None

    def _ask(self, step: Literal["speak", "play"], peer: str) -> bool:
        """Tell the site's pages what to do now, which the one that publishes does; any there?"""
        frame = server_frame(
            Rehearse(
                test=self.id,
                step=step,
                peer=peer,
                notes=[FREQUENCIES_HZ[note] for note in self._notes],
                tone_ms=round(TONE_S * 1000),
                gap_ms=round(GAP_S * 1000),
            )
        )
        pages = [
            page
            for page in self._runtime.pages()
            if page.actor.role is Role.HOST and page.actor.site == self._site
        ]
        for page in pages:
            page.write(frame)
        return bool(pages)
