"""What the server sees of the sites, told to the floor: who is ready, who was lost, who is back.

Compares what the media plane observes with what the state says, and gives the
commands that bring the two together. Keeps no verdict of its own: after a crash
it starts again from the state.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from bridge.floor.commands import Check, ReportChecks, ReportFlow, ReportLink
from bridge.floor.state import FloorState, Request
from bridge.floor.tables import ON_DECK, RequestState
from bridge.media.signals import Signal
from bridge.show.commands import ReportSlides

__all__ = ["Observation", "Observer"]

Observation = ReportLink | ReportFlow | ReportChecks

#: A waiting site's link is lost when nothing was heard of it for this long, seconds.
LINK_LOST_S: Final = 3.0
#: After a start pages need a moment to come back; nobody is declared lost before.
PATIENCE_S: Final = 10.0
#: Sound and key frames this long before the call count: who has just been talking need not do
#: it again, and an encoder that sends key frames by its own clock (FFmpeg) is not asked for one.
RECENT_S: Final = 10.0

_NOTHING: Final = Signal()


class Observer:
    """Watches the sites of one session.

    A site is only reported lost by a server that has seen it, or that found its
    requests in the log when it started: another server may serve it.

    Args:
        floor: the queue as the log left it.
        now: seconds on the monotonic clock.
        sharing: sites that shared slides, as the log left it.
    """

    def __init__(self, floor: FloorState, now: float, *, sharing: Collection[str] = ()) -> None:
        self._patient_until = now + PATIENCE_S
        self._last_seen: dict[str, float] = {}
        self._still: set[str] = set()  # speakers of whom nothing came at the last look
        self._ours = {floor.requests[request].site for request in (*floor.queue, *floor.speaking)}
        self._our_slides = set(sharing)
        self._silent: set[str] = set()  # of these nothing came at the last look

    def compare(
        self,
        floor: FloorState,
        signals: Mapping[str, Signal],
        now: float,
        at: float,
        unseen: Collection[str] = (),
    ) -> list[Observation]:
        """Return what the floor does not know yet.

        Args:
            floor: the queue as it is.
            signals: what is seen of each site; times on the monotonic clock.
            now: seconds on the monotonic clock.
            at: the same moment, Unix seconds.
            unseen: sites that speak without a picture, because a technician wants it so.
        """
        for site, signal in signals.items():
            if signal.connected:
                self._last_seen[site] = now
                self._ours.add(site)
        found: list[Observation] = []
        waiting = [floor.requests[request] for request in floor.queue]
        for request in waiting:
            if request.state in ON_DECK:
                signal = signals.get(request.site, _NOTHING)
                found += self._checks(request, signal, now, at, unseen)
        for site in dict.fromkeys(one.site for one in waiting):
            states = {one.state for one in waiting if one.site == site}
            found += self._link(site, states, now)
        for request, grant in floor.turns():
            flowing = signals.get(request.site, _NOTHING).flowing
            # After a moment without breath the server sees silence everywhere: look twice.
            still = request.id in self._still
            (self._still.discard if flowing else self._still.add)(request.id)
            if (flowing or still) and self._flow_is_news(request, now, flowing=flowing):
                name = f"flow-{grant.id}-{now:.3f}"
                found.append(ReportFlow(cmd_id=name, grant=grant.id, flowing=flowing))
        return found

    def slides(
        self, sharing: Collection[str], signals: Mapping[str, Signal], now: float
    ) -> list[ReportSlides]:
        """Return where slides have begun or ended and the show does not know it yet.

        Args:
            sharing: sites whose slides flow, as the show knows it.
            signals: what is seen of each site.
            now: seconds on the monotonic clock.
        """
        flowing = {site for site, signal in signals.items() if signal.slides}
        # After a moment without breath the server sees silence everywhere: look twice.
        patient = now < self._patient_until
        silent = set() if patient else (set(sharing) & self._our_slides) - flowing
        ended, self._silent = silent & self._silent, silent
        self._our_slides = flowing | (self._our_slides if patient else silent)
        return [
            ReportSlides(cmd_id=f"slides-{site}-{now:.3f}", site=site, flowing=site in flowing)
            for site in sorted((flowing - set(sharing)) | ended)
        ]

    def _flow_is_news(self, request: Request, now: float, *, flowing: bool) -> bool:
        """Return whether the floor should hear that a speaker is lost, or back."""
        if request.state is RequestState.LINK_LOST:
            return flowing
        return (
            request.state is RequestState.LIVE
            and not flowing
            and self._may_report(request.site, now)
        )

    def _may_report(self, site: str, now: float) -> bool:
        return site in self._ours and now >= self._patient_until

    def _link(self, site: str, states: set[RequestState], now: float) -> list[Observation]:
        """Return the report that holds the places of *site*, or lets them go on."""
        seen = self._last_seen.get(site, 0.0)
        if RequestState.HELD in states:
            if seen == now:
                return [ReportLink(cmd_id=f"link-{site}-{now:.3f}", site=site, up=True)]
            self._ours.discard(site)  # said once; if another server sees it, that one is right
        lost = now - seen >= LINK_LOST_S and self._may_report(site, now)
        if lost and RequestState.QUEUED in states:
            return [ReportLink(cmd_id=f"link-{site}-{now:.3f}", site=site, up=False)]
        return []

    def _checks(
        self, request: Request, signal: Signal, now: float, at: float, unseen: Collection[str]
    ) -> list[Observation]:
        """Return the report of what is missing of a speaker on deck, if that is news."""
        deck = request.deck
        if deck is None:
            return []
        called = now - (at - deck.called_at)
        present = {
            Check.LINK: signal.flowing,
            Check.PICTURE: request.site in unseen or signal.key_frame_at >= called - RECENT_S,
            Check.SOUND: signal.sound_at >= called - RECENT_S,
            Check.RETURN: deck.returned,
        }
        missing = tuple(check for check, there in present.items() if not there)
        known = () if request.state is RequestState.READY else deck.missing
        if missing == known:
            return []
        name = f"checks-{request.id}-{now:.3f}"
        return [ReportChecks(cmd_id=name, request=request.id, missing=missing)]
