"""The newest health of every link of a session, from media samples and open pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from msgspec.structs import asdict, replace

from bridge.ids import Rank
from bridge.link.orders import Orders, orders_of
from bridge.link.pauses import Pauses
from bridge.link.samples import ABSENT, Device, Direction, LinkSample, PageStats
from bridge.link.score import Smoother, score
from bridge.link.totals import LinkTotals
from bridge.link.windows import Window, Windows
from bridge.protocol.messages import AlertView, DeviceView, DirectionView, LinkView, VerdictView

__all__ = ["LinkBoard"]

#: A link that has just come carries next to nothing yet; it is not judged before it had a chance.
SETTLING_S = 3.0


class LinkBoard:
    """Keeps one :class:`LinkView` a site.

    Args:
        sites: codes of all sites of the session.
    """

    def __init__(self, sites: Collection[str]) -> None:
        self.links: dict[str, LinkView] = {site: LinkView() for site in sites}
        self.totals: dict[str, LinkTotals] = {site: LinkTotals() for site in sites}
        """What passed on every site's link since the server was started."""
        self._pages: Counter[str] = Counter()
        self._smoother = Smoother()
        self._windows = Windows()
        self._pauses = Pauses()
        self.windows: dict[str, Window] = {}
        """The last seconds of every site."""
        self.orders: Mapping[str, Orders] = {}
        """What technicians have ordered, by site; whoever owns it keeps it new."""
        self._shown: dict[str, Orders] = {}  # of them, what the links say

    def page_joined(self, site: str) -> None:
        """One more page of *site* is open; sites without code (moderators) are not counted."""
        self._pages[site] += 1

    def page_left(self, site: str) -> None:
        """One page of *site* less is open."""
        self._pages[site] -= 1

    def update(self, samples: Mapping[str, LinkSample], now: float) -> None:
        """Take over the samples of the last second."""
        for site, before in self.links.items():
            orders = orders_of(self.orders, site)
            sample = self._pauses.excuse(site, samples.get(site, ABSENT), orders, now)
            self.totals[site].add(sample)
            since = before.since if sample.connected is before.connected else now
            settled = sample.connected and now - since >= SETTLING_S
            window = self._windows.push(site, sample)
            if (
                window is self.windows.get(site)
                and orders is self._shown.get(site)
                and self._pages[site] == before.pages
            ):
                continue  # nobody is there, and nobody was
            self.windows[site], self._shown[site] = window, orders
            total = score(window.sum).total if settled else 0.0
            same = (sample.publisher, sample.taken_by) == (before.publisher, before.taken_by)
            self.links[site] = LinkView(
                pages=self._pages[site],
                devices=len(sample.devices),
                publisher=sample.publisher,
                connected=sample.connected,
                since=since,
                rtt_ms=round(sample.rtt_ms, 1),
                path=sample.path,
                cap_kbps=sample.cap_kbps,
                score=round(self._smoother.update(site, total, sample.interval_s), 2),
                up=_direction(sample.up, sample.interval_s),
                down=_direction(sample.down, sample.interval_s),
                lines=_lines(sample.devices),
                taken_by=sample.taken_by,
                taken_at=(before.taken_at if same else now) if sample.taken_by else 0.0,
                page=sample.page,
                limitation=_limitation(sample.page),
                # A site whose devices are all gone for a moment has no sample, but its past.
                candidate_changes=max(before.candidate_changes, sample.candidate_changes),
                reconnects=max(before.reconnects, sample.reconnects),
                muted=orders.muted,
                forced_layer=orders.layer,
                audio_only=bool(orders.audio_only),
                verdict=before.verdict,
                alert=before.alert,
            )

    def judged(
        self, verdicts: Mapping[str, VerdictView], alerts: Mapping[str, AlertView | None]
    ) -> None:
        """Take over what is said of the links of this second."""
        for site, link in self.links.items():
            verdict, alert = verdicts[site], alerts[site]
            if link.verdict != verdict or link.alert != alert:
                self.links[site] = replace(link, verdict=verdict, alert=alert)


def _lines(devices: tuple[Device, ...]) -> list[DeviceView]:
    """Return the devices, none where there is nothing to say: every site has a main one."""
    if len(devices) == 1 and devices[0].rank is Rank.MAIN:
        return []
    return [DeviceView(**asdict(device)) for device in devices]


def _limitation(page: PageStats | None) -> str:
    return (page.limitation or "") if page is not None else ""


def _direction(direction: Direction, interval_s: float) -> DirectionView:
    seconds = interval_s if interval_s > 0 else 1.0
    return DirectionView(
        kbps=round(direction.kbps(interval_s), 1),
        loss=round(direction.loss, 4),
        jitter_ms=round(direction.jitter_ms, 1),
        width=direction.width,
        height=direction.height,
        fps=round(direction.fps, 1),
        missing=round(direction.residual, 4),
        repaired=round(direction.repaired / seconds, 1),
        layer=direction.layer,
        plis=round(direction.plis / seconds, 1),
        nacks=round(direction.nacks / seconds, 1),
        freeze_s=round(direction.freeze_s / seconds, 3),
        concealed=round(direction.concealed, 4),
        level_dbov=direction.level_dbov,
    )
