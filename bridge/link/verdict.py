"""The one cause of what is wrong with each link, and by what it is known.

Owns the comparison of sites with each other, and the steadiness of what is said. One site's
figures name the symptom (``symptoms``); only all sites together tell whose fault it is:

* what came bad to the server is bad at everybody who is sent it. A source's loss is taken off
  what its viewers report, and what they still suffer is ``remote``: never their own downlink.
  A picture that stands at half of all sites at once does not stand for the line of one;
* what began at many sites at once is the server's own line, and what is late while the
  server's event loop is late is the server's;
* loss or delay through a relay over TCP is the relay's: TCP turns loss into delay. Through a
  relay over UDP it is the relay's if all sites behind it have it and nobody else.

Of several causes the one that costs most is named. It is named after ``BEGIN_S`` of it, another
one takes its place after ``SWITCH_S`` in which that one was worse, and the link is good again
after ``END_S`` without it. A signal is lost, and there again, at once.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bridge.link.samples import Direction, PathKind, ServerLoad
from bridge.link.symptoms import (
    BUSY,
    SEEKING,
    Cause,
    Evidence,
    Shared,
    Symptom,
    device,
    downlink,
    relayed,
    site_cpu,
    suffering,
    uplink,
    worst,
)
from bridge.link.windows import WINDOW_S, Window

__all__ = ["Cause", "Judge", "Scene", "Verdict"]

#: Seconds a cause must be found without a break before it is named, ...
BEGIN_S = 2.0
#: ... be worse than the one that is named before it takes its place, ...
SWITCH_S = 3.0
#: ... and not be found before the link is good.
END_S = 4.0
#: A connection that has just begun looks for its rate; nothing is said of it before.
SETTLING_S = 8.0
#: An event loop that is so late, every second for a window, delays every site's media.
LAG_MS = 150.0
#: Packets the server itself throws away, every second for a window.
DROPS = 20.0
#: As many sites, and this share of all, with the same trouble at once are no coincidence.
MANY, MANY_SHARE = 5, 0.5
#: A viewer's report covers other packets than the server's count: the estimate is not exact.
LEEWAY = 1.25
#: Browsers report on sound every 5 s, and a window holds it for as long: so late a source's loss
#: may still be in its viewers' figures.
LATE_S = 12
#: So long after a computer that did not keep up browsers and the server still look for what the
#: lines carry, which was never their fault.
AFTER_S = 20.0

#: Loss that came from the source from which on viewers may notice it.
REMOTE_LOSS = 0.02
#: Limits of the server are left below this share of them.
EASE = 0.6

_LINK = frozenset({Cause.UPLINK, Cause.DOWNLINK})
_DEVICES = frozenset({Cause.NO_SIGNAL, Cause.CAMERA, Cause.MICROPHONE})
#: What of a source is seen and heard at everybody else.
_BLAMED = frozenset({Cause.UPLINK, Cause.SITE_CPU, Cause.RELAY})
_TCP = frozenset({PathKind.RELAY_TCP, PathKind.RELAY_TLS})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one link.

    Attributes:
        cause: the one cause, ``Cause.NONE`` if nothing is wrong.
        evidence: figures and names for the sentence, see ``docs/link-health.md``; ``sign`` says
            which of them leads.
        since: when this cause was named, Unix seconds.
    """

    cause: Cause = Cause.NONE
    evidence: Evidence = field(default_factory=dict)
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What flows, as far as verdicts depend on it.

    Attributes:
        picture: site whose camera or slides are on program, empty for none or a slate.
        sources: sites whose picture or sound all others are sent.
        expected: sites that should be heard now: open microphones and speakers on deck.
        restricted: sites of which a technician has ordered smaller pictures, or none.
    """

    picture: str = ""
    sources: Collection[str] = ()
    expected: Collection[str] = ()
    restricted: Collection[str] = ()


@dataclass(slots=True)
class _Held:
    """What is known of one site from one second to the next."""

    verdict: Verdict = field(default_factory=Verdict)
    found_at: float = 0.0
    """When the cause that is named was last found."""
    other: Cause = Cause.NONE
    other_since: float = 0.0
    """Since when another cause has been worse."""
    up_since: float | None = None
    """When the connection began, None without."""
    gone_at: float | None = None
    """When the connection, or its media, ended; None if it never was or is there."""
    sent: bool = False
    """Media has come over this connection, ..."""
    had_picture: bool = False
    """... and pictures."""
    slow_at: float = -math.inf
    """When its computer did not keep up for the last time."""
    blamed_at: float = -math.inf
    """When something was found that spoils what it sends to all."""
    lost: deque[float] = field(default_factory=lambda: deque(maxlen=LATE_S))
    """Share of packets that did not come, of the last seconds."""


class Judge:
    """The verdicts of one session."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._loads: deque[ServerLoad] = deque(maxlen=round(WINDOW_S))
        self._overloaded_at = -math.inf

    def update(
        self, windows: Mapping[str, Window], scene: Scene, load: ServerLoad, now: float
    ) -> dict[str, Verdict]:
        """Return the verdict of every site of *windows*; call it once a second.

        Args:
            windows: the newest of every site.
            scene: what flows.
            load: of the last second.
            now: Unix seconds.
        """
        self._loads.append(load)
        for site, window in windows.items():
            self._notice(site, window, now)
        found = self._find(windows, scene, now)
        return {site: self._steady(self._held[site], found[site], now) for site in windows}

    def _notice(self, site: str, window: Window, now: float) -> None:
        """Remember since when the link is there, or gone."""
        held, sample = self._held.setdefault(site, _Held()), window.samples[-1]
        if not sample.connected:
            if held.up_since is not None:
                held.gone_at = now
            held.up_since, held.sent, held.had_picture = None, False, False
            return
        if held.up_since is None:
            held.up_since, held.gone_at = now, None
        if sample.up.packets:
            held.sent, held.gone_at = True, None
        elif held.sent and held.gone_at is None:
            held.gone_at = now
        held.had_picture |= sample.up.fps > 0
        held.lost.append(max(window.sum.up.loss, window.sum.up.residual))

    def _find(
        self, windows: Mapping[str, Window], scene: Scene, now: float
    ) -> dict[str, list[Symptom]]:
        found: dict[str, list[Symptom]] = {}
        for site, window in windows.items():
            found[site] = self._of_site(site, window, scene, now)
        overload = self._overload()
        if overload is not None:
            self._overloaded_at = now
        trouble = {
            site: finding
            for site in scene.sources
            if (finding := worst([one for one in found.get(site, []) if one.cause in _BLAMED]))
        }
        for site in trouble:
            self._held[site].blamed_at = now
        for site in windows:
            if not self._settled(site, now):
                continue
            if overload is not None:
                found[site] = [one for one in found[site] if one.cause in _DEVICES] + [overload]
                continue
            found[site] += self._of_downlink(site, windows, scene, trouble, now)
        if overload is None:
            self._compare(windows, found)
        return found

    def _of_site(self, site: str, window: Window, scene: Scene, now: float) -> list[Symptom]:
        """Return what one site's own figures say, but for its downlink."""
        held = self._held[site]
        if held.gone_at is not None:
            sign = "no_media" if window.sum.connected else "lost"
            seconds = round(now - held.gone_at)
            gone = Symptom(Cause.NO_SIGNAL, 100.0, {"sign": sign, "seconds": seconds})
            if not window.sum.connected:
                return [gone]
            ended = self._devices(site, window, scene)
            return ended or ([gone] if now - held.gone_at >= BEGIN_S else [])
        if not self._settled(site, now):
            return []
        cause = held.verdict.cause
        slow = site_cpu(window, cause)
        if slow is not None:
            held.slow_at = now
        findings = [*self._devices(site, window, scene), slow]
        findings.append(uplink(window, cause, self._explained(site, now)))
        return [one for one in findings if one is not None]

    def _devices(self, site: str, window: Window, scene: Scene) -> list[Symptom]:
        return device(
            window,
            expected=site in scene.expected,
            had_picture=self._held[site].had_picture and site not in scene.restricted,
        )

    def _of_downlink(
        self,
        site: str,
        windows: Mapping[str, Window],
        scene: Scene,
        trouble: Mapping[str, Symptom],
        now: float,
    ) -> list[Symptom]:
        window, held = windows[site], self._held[site]
        shared = self._shared(site, windows, scene, now)
        own = downlink(window, shared, held.verdict.cause, self._explained(site, now))
        if own is not None or held.slow_at == now:
            return [own] if own is not None else []
        others = {name: one for name, one in trouble.items() if name != site}
        down, seconds = window.sum.down, window.sum.interval_s
        cost = max(suffering(down, seconds), 100 * down.loss if down.loss >= REMOTE_LOSS else 0.0)
        if not others or not cost:
            return []
        source = max(others, key=lambda name: others[name].cost)
        evidence: Evidence = {"sign": "source", "site": source, "cause": others[source].cause.value}
        if down.freeze_s:
            evidence["freeze_s"] = round(down.freeze_s, 1)
        if down.loss:
            evidence["loss_down"] = round(down.loss, 3)
        return [Symptom(Cause.REMOTE, cost, evidence)]

    def _explained(self, site: str, now: float) -> Collection[str]:
        """Return the signs that too little processor time explains, there or here."""
        since = now - max(self._overloaded_at, self._held[site].slow_at)
        if since <= 0:
            return BUSY
        return SEEKING if since < AFTER_S else ()

    def _shared(
        self,
        site: str,
        windows: Mapping[str, Window],
        scene: Scene,
        now: float,
    ) -> Shared:
        """Return what came bad to the server of all that *site* is sent."""
        sources = [name for name in scene.sources if name in windows]
        lost = max((max(self._held[name].lost, default=0.0) for name in sources), default=0.0)
        jitter_ms = max((windows[name].sum.up.jitter_ms for name in sources), default=0.0)
        others = [one.sum for name, one in windows.items() if name != site and one.sum.connected]
        hurt = sum(suffering(one.down, one.interval_s) > 0 for one in others)
        spoilt = any(now - self._held[name].blamed_at < LATE_S for name in sources)
        picture = windows[scene.picture].sum.up if scene.picture in windows else Direction()
        return Shared(
            loss=LEEWAY * lost,
            jitter_ms=jitter_ms,
            height=picture.height if picture.fps and site not in scene.restricted else 0,
            bad=spoilt or (hurt > 0 and 2 * hurt >= len(others)),
        )

    def _overload(self) -> Symptom | None:
        """Return that the server itself is late or throws packets away, if it is."""
        held = any(one.verdict.cause is Cause.SERVER for one in self._held.values())
        ease = EASE if held else 1.0
        lag = sum(one.lag_ms for one in self._loads) / len(self._loads)
        drops = sum(one.drops for one in self._loads) / len(self._loads)
        late = sum(one.lag_ms >= LAG_MS * ease for one in self._loads)
        if lag >= LAG_MS * ease and late >= min(3, len(self._loads)) and len(self._loads) > 1:
            return Symptom(Cause.SERVER, 80.0, {"sign": "lag", "lag_ms": round(lag)})
        if drops >= DROPS * ease:
            return Symptom(Cause.SERVER, 80.0, {"sign": "drops", "drops": round(drops)})
        return None

    @staticmethod
    def _compare(windows: Mapping[str, Window], found: dict[str, list[Symptom]]) -> None:
        """Put the blame on what many sites share: the server's line, or the relay."""
        bad: dict[Cause, set[str]] = {cause: set() for cause in _LINK}
        for site, findings in found.items():
            for one in findings:
                if one.cause in _LINK:
                    bad[one.cause].add(site)
        connected = {site for site, window in windows.items() if window.sum.connected}
        path = {site: windows[site].sum.path for site in connected}
        direct = {site for site in connected if not relayed(path[site])}
        by_udp = {site for site in connected if path[site] is PathKind.RELAY_UDP}
        for cause, sites in bad.items():
            many = len(sites) >= MANY and len(sites) >= MANY_SHARE * len(connected)
            behind = len(by_udp) > 1 and by_udp <= sites and not sites & direct
            for site in sites:
                if relayed(path[site]) and (behind or path[site] in _TCP):
                    changed, more = Cause.RELAY, Evidence(path=path[site].value)
                elif many and sites & direct:
                    changed, more = Cause.SERVER, Evidence(sites=len(sites), way=cause.value)
                else:
                    continue
                found[site] = [
                    Symptom(changed, one.cost, one.evidence | more) if one.cause is cause else one
                    for one in found[site]
                ]

    def _settled(self, site: str, now: float) -> bool:
        since = self._held[site].up_since
        return since is not None and now - since >= SETTLING_S

    def _steady(self, held: _Held, found: list[Symptom], now: float) -> Verdict:
        """Let a cause be named, go on, give way to a worse one, or end."""
        named = held.verdict.cause
        top = worst(found)
        same = worst([one for one in found if one.cause is named])
        if same is not None:
            held.found_at = now
            held.verdict = Verdict(named, same.evidence, held.verdict.since)
        cause = top.cause if top is not None else Cause.NONE
        if cause is not held.other:
            held.other, held.other_since = cause, now
        if top is None or cause is named:
            lasts = 0.0 if named is Cause.NO_SIGNAL else END_S  # who is back is not lost
            if named is not Cause.NONE and now - held.found_at >= lasts and same is None:
                held.verdict = Verdict(since=now)
            return held.verdict
        patience = BEGIN_S if same is None else SWITCH_S
        at_once = cause is Cause.NO_SIGNAL or named is Cause.NO_SIGNAL
        if at_once or now - held.other_since >= patience:
            held.verdict, held.found_at = Verdict(cause, top.evidence, now), now
        return held.verdict
