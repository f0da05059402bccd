"""``/metrics``: what Prometheus is told, in its own format or in that of OpenMetrics.

Metric names follow the Prometheus conventions: one prefix, base units at the end of the name,
``_total`` for counters, ratios 0-1, and labels with few values: the event's sessions and sites,
and words of our own, never anything a stranger sent.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Iterable

from aiohttp import web
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import Metric, SummaryMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from bridge import __version__
from bridge.server.context import Context
from bridge.server.families import counters, gauge, gauges, info
from bridge.server.link_metrics import Links, link_metrics

__all__ = ["REGISTRY", "registry", "routes"]

REGISTRY: web.AppKey[CollectorRegistry] = web.AppKey("registry", CollectorRegistry)


class BridgeCollector(Collector):
    """Reads the server's figures at the moment they are asked for."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def describe(self) -> Iterable[Metric]:
        """Nothing: the collector must not run at registration."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Yield every metric of ours."""
        yield from self._process()
        yield from self._media()
        yield from self._sessions()
        sessions = self._context.sessions
        yield from link_metrics(
            {name: Links(one.links(), one.link_totals()) for name, one in sessions.items()}
        )

    def _process(self) -> Iterable[Metric]:
        yield info("build", "The version that runs.", version=__version__)
        yield gauge("tasks", "Tasks of the event loop now.", len(asyncio.all_tasks()))
        yield gauge(
            "event_loop_lag_seconds",
            "How late the event loop was at worst in 15 seconds.",
            self._context.load.lag_s,
        )
        disk = shutil.disk_usage(self._context.data)
        yield gauge("data_free_bytes", "Room left for the data directory.", disk.free)
        yield gauge("data_size_bytes", "Size of the disk it is on.", disk.total)

    def _media(self) -> Iterable[Metric]:
        media = self._context.media
        seen = media.counters()
        for name, text, value in (
            ("received_packets", "RTP packets accepted from publishers.", seen.packets_in),
            ("sent_packets", "RTP packets forwarded to viewers.", seen.packets_out),
            ("received_bytes", "Bytes of accepted RTP packets.", seen.bytes_in),
            ("sent_bytes", "Bytes of forwarded RTP packets.", seen.bytes_out),
            ("resent_packets", "Packets sent again because a viewer lost them.", seen.resent),
            ("nacks_sent", "Lost packets asked of publishers.", seen.nacks_out),
            ("nacks_received", "Lost packets viewers asked for.", seen.nacks_in),
            ("key_frame_requests", "Key frames asked of publishers.", seen.plis_out),
            ("unsent_packets", "Packets lost because the socket was full.", seen.send_full),
            (
                "unread_datagrams",
                "Datagrams the kernel dropped because nobody read them.",
                media.unread,
            ),
            ("address_changes", "Changes of a peer's address.", seen.moves),
            ("switches", "Slots that changed source at a key frame.", seen.switches),
        ):
            yield counters(f"media_{name}", text, [], [([], value)])
        yield counters(
            "media_refused_packets",
            "Datagrams and packets not used.",
            ["reason"],
            (([reason], value) for reason, value in sorted(seen.drops.items())),
        )
        yield gauge("media_peers", "Media connections now.", seen.peers)
        yield gauge("media_publishers", "Sites that publish now.", seen.publishers)
        yield gauges(
            "media_entries",
            "Entries of the media tables now.",
            ["table"],
            (([name], value) for name, value in media.sizes().items()),
        )
        yield info("media_engine", "What forwards packets.", engine=media.engine)

    def _sessions(self) -> Iterable[Metric]:
        sessions = self._context.sessions
        pages = Counter(
            (name, str(page.actor.role)) for name, one in sessions.items() for page in one.pages()
        )
        yield gauges("pages", "Open websockets.", ["session", "role"], sorted(pages.items()))
        revisions = (([id_], one.session.rev) for id_, one in sessions.items())
        yield gauges("session_revision", "Newest revision of the log.", ["session"], revisions)
        saving = (([id_], one.session.saving) for id_, one in sessions.items())
        yield gauges("session_saving", "1 if commands can be saved.", ["session"], saving)
        to_air = SummaryMetricFamily(
            "diemcau_grant_to_air_seconds",
            "From granting the floor to the first sound forwarded.",
            labels=["session"],
            unit="seconds",
        )
        for id_, one in sessions.items():
            to_air.add_metric([id_], one.grants_heard, one.grants_heard_s)
        yield to_air


class _Told(Collector):
    """What was read a moment ago."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def registry(context: Context) -> CollectorRegistry:
    """Return a registry with our figures and those of the process."""
    result = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=result)
    result.register(BridgeCollector(context))
    return result


async def metrics(request: web.Request) -> web.Response:
    """``GET /metrics`` in the Prometheus or the OpenMetrics format, as asked."""
    try:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    except TypeError:  # a version that is no number
        encode, content_type = choose_encoder("")
    # Reading takes 3 ms with 64 sites; writing 16, in which media shall not wait.
    told = _Told(list(request.app[REGISTRY].collect()))
    body = await asyncio.to_thread(encode, told)
    return web.Response(body=body, headers={"Content-Type": content_type})


def routes() -> list[web.RouteDef]:
    """Return the route."""
    return [web.get("/metrics", metrics)]
