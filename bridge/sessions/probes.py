"""Testing the line of a page that is not in the room yet: its own picture sent back to it.

A page that checks its line sends a picture as large as a camera's may be, and gets it back, for
some seconds: the real way, port, encryption and packet sizes, both directions at once. It happens
in a media session of its own beside the forum's, where nothing else is and nobody looks, so a
probe is on no wall, takes no site's place and is never heard. Few run at once, one a site.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import msgspec

from bridge.clock import monotonic
from bridge.errors import Code, FloorRefused
from bridge.ids import Role
from bridge.media.router import MONITOR
from bridge.media.server import MediaServer, Peer, PeerIdentity
from bridge.tasks import Tasks

__all__ = ["PROBE_S", "ProbeReport", "ProbeSecond", "Probes"]

log = logging.getLogger(__name__)

#: What a page measures, seconds.
PROBE_S: Final = 8.0
#: A probe that nobody ends is ended: 8 s, and what joining by a relay over TLS may take.
LONGEST_S: Final = 20.0
#: At once, of all sites: each costs up to 2.5 Mb/s both ways, and the forum comes first.
AT_ONCE: Final = 4
#: Between two probes of one site, seconds: an anxious finger is no load test.
PAUSE_S: Final = 5.0
EVERY_S: Final = 1.0


class ProbeSecond(msgspec.Struct, frozen=True, kw_only=True):
    """What the server measured in one second of a probe.

    Attributes:
        kbps_up, kbps_down: kilobits per second that came, that were sent back.
        loss_up, loss_down: before repair, ratio 0-1.
        rtt_ms: -1 if not measured.
    """

    kbps_up: float
    kbps_down: float
    loss_up: float
    loss_down: float
    rtt_ms: float


class ProbeReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the server measured so far; seconds without any packet are left out."""

    seconds: list[ProbeSecond]


class _Probe:
    """One page that checks its line."""

    def __init__(self, peer: str, session: str, site: str, ends: float) -> None:
        self.peer = peer
        self.session = session
        self.site = site
        self.ends = ends
        self.seconds: list[ProbeSecond] = []


class Probes:
    """All probes of this server."""

    def __init__(self, media: MediaServer, tasks: Tasks) -> None:
        self._media = media
        self._tasks = tasks
        self._probes: dict[str, _Probe] = {}
        self._ended: dict[tuple[str, str], float] = {}
        self._work: asyncio.Task[None] | None = None

    def begin(
        self, session: str, site: str, offer: str, *, client: str, key: str, expires: float
    ) -> tuple[Peer, str]:
        """Make the peer of a probe; return it and the SDP answer.

        Args:
            session: id of the session.
            site: whose line it is.
            offer: sends one video and one audio m-line, receives one video m-line.
            client: id of the page.
            key: of its token.
            expires: when that ends, Unix seconds.

        Raises:
            FloorRefused: TEST_RUNNING: another one runs, or too many do.
            ProtocolError: SDP_MALFORMED or SDP_UNSUPPORTED.
            MediaError: TOO_MANY_PEERS.
        """
        now = monotonic()
        running = any((one.session, one.site) == (session, site) for one in self._probes.values())
        just_now = now - self._ended.get((session, site), -PAUSE_S) < PAUSE_S
        if running or just_now or len(self._probes) >= AT_ONCE:
            raise FloorRefused(
                Code.TEST_RUNNING, "Another line is being tested. Try again in a few seconds."
            )
        identity = PeerIdentity(
            session=_apart(session),
            role=Role.TECHNICIAN,  # who may watch a site; here that is the page itself
            site=site,
            client=client,
            slots=(MONITOR,),
            publish=True,
            token_key=key,
            expires=expires,
        )
        peer, answer = self._media.connect(offer, identity)
        self._media.watch(peer.id, site, MONITOR)
        self._probes[peer.id] = _Probe(peer.id, session, site, now + LONGEST_S)
        if self._work is None or self._work.done():
            self._work = self._tasks.start("probes", self._look_after())
        return peer, answer

    def report(self, peer: str) -> ProbeReport:
        """Return what was measured of a probe, nothing of an unknown one."""
        probe = self._probes.get(peer)
        return ProbeReport(seconds=probe.seconds if probe is not None else [])

    def is_probe(self, peer: str) -> bool:
        """Return whether *peer* is a probe that has not ended."""
        return peer in self._probes

    async def end(self, peer: str) -> None:
        """End a probe; an unknown one has ended already."""
        probe = self._probes.pop(peer, None)
        if probe is not None:
            self._ended[probe.session, probe.site] = monotonic()
            await self._media.disconnect(peer)

    async def _look_after(self) -> None:
        """Measure every second as long as there are probes, and end those that take too long."""
        while self._probes:
            await asyncio.sleep(EVERY_S)
            now = monotonic()
            for session in {probe.session for probe in self._probes.values()}:
                samples = self._media.link_samples(_apart(session))
                for probe in self._probes.values():
                    sample = samples.get(probe.site)
                    if probe.session == session and sample is not None and sample.up.packets:
                        probe.seconds.append(
                            ProbeSecond(
                                kbps_up=round(sample.up.kbps(sample.interval_s), 1),
                                kbps_down=round(sample.down.kbps(sample.interval_s), 1),
                                loss_up=round(sample.up.loss, 4),
                                loss_down=round(sample.down.loss, 4),
                                rtt_ms=sample.rtt_ms,
                            )
                        )
            for probe in [one for one in self._probes.values() if now > one.ends]:
                log.info("session %s: the probe of %s is ended", probe.session, probe.site)
                await self.end(probe.peer)


def _apart(session: str) -> str:
    """Return the name of the media session in which the probes of *session* are."""
    return f"{session}/probes"
