"""What is wrong with each link of a session, from what flows and what was measured.

Brings the pure judgement (``link.verdict``) together with the session's state: who is on
program, whose microphone is open, who is on deck, what technicians have ordered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bridge.floor.tables import ON_DECK, RequestState
from bridge.ids import split_source
from bridge.link.alerts import Condition
from bridge.link.samples import ServerLoad
from bridge.link.verdict import Judge, Scene
from bridge.link.windows import Window
from bridge.protocol.messages import LinkView, VerdictView
from bridge.sessions.alerts import AlertDesk
from bridge.state import SessionSetup, SessionState, routes

__all__ = ["LinkHealth", "on_air", "scene_of"]


class LinkHealth:
    """Verdicts and alerts of one session's links.

    Args:
        desk: keeps the alerts.
    """

    def __init__(self, desk: AlertDesk) -> None:
        self._judge = Judge()
        self._desk = desk

    def update(
        self,
        windows: Mapping[str, Window],
        links: Mapping[str, LinkView],
        setup: SessionSetup,
        state: SessionState,
        load: ServerLoad,
        now: float,
    ) -> dict[str, VerdictView]:
        """Judge this second, and let alerts begin and end; return the verdicts.

        Args:
            windows: the newest of every site.
            links: the same sites' figures, with their scores.
            setup: of the session.
            state: of the session.
            load: of the server in this second.
            now: Unix seconds.
        """
        scene = scene_of(setup, state)
        urgent = on_air(scene)
        verdicts = self._judge.update(windows, scene, load, now)
        for site, verdict in verdicts.items():
            link = links[site]
            condition = Condition(
                score=link.score,
                cause=verdict.cause,
                on_air=site in urgent,
                present=bool(link.pages or link.devices),
            )
            self._desk.step(site, condition, now)
        return {
            site: VerdictView(cause=verdict.cause.value, evidence=verdict.evidence)
            for site, verdict in verdicts.items()
        }


def scene_of(setup: SessionSetup, state: SessionState) -> Scene:
    """Return what flows, as far as verdicts depend on it."""
    wanted, floor = routes(setup, state), state.floor
    picture = wanted.program or wanted.program_slides
    inset = split_source(wanted.inset)[1] if wanted.inset else ""
    sources = dict.fromkeys(filter(None, (picture, inset, *wanted.microphones)))
    waiting = [floor.requests[request] for request in floor.queue]
    called = [one.site for one in waiting if one.state in ON_DECK]
    # The venue's and the co-chairs' microphones are open all the time; they need not speak.
    turns = [request for request, _ in floor.turns()]
    speaking = [one.site for one in turns if one.state is not RequestState.PAUSED]
    restricted = {*wanted.unseen, *wanted.without_pictures, *wanted.layers, *wanted.caps}
    return Scene(
        picture=picture,
        sources=tuple(sources),
        expected=frozenset((*speaking, *called)),
        restricted=frozenset(restricted),
    )


def on_air(scene: Scene) -> Collection[str]:
    """Return the sites whose link matters now: seen, heard, or about to be."""
    return {*scene.sources, *scene.expected}
