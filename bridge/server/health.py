"""``/healthz``, ``/readyz`` and ``/metrics``: what machines ask of the server.

Metric names follow the Prometheus conventions: one prefix, base units,
``_total`` for counters, ratios 0-1, and labels with few values (at most the
event's sites).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from aiohttp import web
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from bridge.server.context import CONTEXT, Context
from bridge.server.link_metrics import link_metrics
from bridge.server.load import kernel_drops

__all__ = ["registry", "routes"]


class BridgeCollector(Collector):
    """Reads the server's figures at the moment they are asked for."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def describe(self) -> Iterable[Metric]:
        """Nothing: the collector must not run at registration."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Yield every metric of ours."""
        yield from self._tables()
        yield from self._media()
        yield from self._sessions()
        sessions = self._context.sessions
        yield from link_metrics({name: one.links() for name, one in sessions.items()})

    def _tables(self) -> Iterable[Metric]:
        tasks = GaugeMetricFamily("diemcau_tasks", "Tasks of the event loop now.")
        tasks.add_metric([], len(asyncio.all_tasks()))
        yield tasks
        lag = GaugeMetricFamily(
            "diemcau_event_loop_lag_seconds", "How late the event loop was at worst in 15 seconds."
        )
        lag.add_metric([], self._context.load.lag_s)
        yield lag
        entries = GaugeMetricFamily(
            "diemcau_media_entries", "Entries of the media tables now.", labels=["table"]
        )
        for name, value in self._context.media.sizes().items():
            entries.add_metric([name], value)
        yield entries

    def _media(self) -> Iterable[Metric]:
        counters = self._context.media.counters()
        for name, text, value in (
            ("packets_received", "RTP packets accepted from publishers.", counters.packets_in),
            (
                "packets_sent",
                "RTP packets forwarded to viewers.",
                counters.packets_out,
            ),
            ("bytes_received", "Bytes of accepted RTP packets.", counters.bytes_in),
            ("bytes_sent", "Bytes of RTP packets sent.", counters.bytes_out),
            ("resent_packets", "Packets sent again because a viewer lost them.", counters.resent),
            ("nacks_sent", "Lost packets asked of publishers.", counters.nacks_out),
            ("nacks_received", "Lost packets viewers asked for.", counters.nacks_in),
            ("key_frame_requests", "Key frames asked of publishers.", counters.plis_out),
            ("socket_full", "Packets lost because the socket was full.", counters.send_full),
            ("address_moves", "Peers that changed their address.", counters.moves),
            ("switches", "Slots that changed source at a key frame.", counters.switches),
        ):
            metric = CounterMetricFamily(f"diemcau_media_{name}", text)
            metric.add_metric([], value)
            yield metric
        dropped = CounterMetricFamily(
            "diemcau_media_dropped", "Datagrams and packets not used.", labels=["reason"]
        )
        for reason, value in sorted(counters.drops.items()):
            dropped.add_metric([reason], value)
        yield dropped
        unread = CounterMetricFamily(
            "diemcau_media_unread", "Datagrams the kernel dropped because nobody read them."
        )
        unread.add_metric([], kernel_drops(self._context.media.port))
        yield unread
        peers = GaugeMetricFamily("diemcau_media_peers", "Media connections now.")
        peers.add_metric([], counters.peers)
        yield peers
        engine = GaugeMetricFamily(
            "diemcau_media_engine_info", "The engine that forwards packets.", labels=["engine"]
        )
        engine.add_metric([self._context.media.engine], 1)
        yield engine

    def _sessions(self) -> Iterable[Metric]:
        pages = GaugeMetricFamily("diemcau_pages", "Open websockets.", labels=["session", "role"])
        revision = GaugeMetricFamily(
            "diemcau_session_revision", "Newest revision of the log.", labels=["session"]
        )
        saving = GaugeMetricFamily(
            "diemcau_session_saving", "1 if commands can be saved.", labels=["session"]
        )
        to_air = SummaryMetricFamily(
            "diemcau_grant_to_air_seconds",
            "From granting the floor to the first sound forwarded.",
            labels=["session"],
        )
        for name, runtime in self._context.sessions.items():
            to_air.add_metric([name], runtime.grants_heard, runtime.grants_heard_s)
            counts: dict[str, int] = {}
            for page in runtime.pages():
                counts[page.actor.role] = counts.get(page.actor.role, 0) + 1
            for role, count in sorted(counts.items()):
                pages.add_metric([name, role], count)
            revision.add_metric([name], runtime.session.rev)
            saving.add_metric([name], int(runtime.session.saving))
        yield from (pages, revision, saving, to_air)


def registry(context: Context) -> CollectorRegistry:
    """Return a registry with our figures and those of the process."""
    result = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=result)
    result.register(BridgeCollector(context))
    return result


REGISTRY: web.AppKey[CollectorRegistry] = web.AppKey("registry", CollectorRegistry)


async def metrics(request: web.Request) -> web.Response:
    """``GET /metrics`` in the Prometheus or the OpenMetrics format, as asked."""
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return web.Response(body=encode(request.app[REGISTRY]), headers={"Content-Type": content_type})


async def healthz(_request: web.Request) -> web.Response:
    """``GET /healthz``: the process answers."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """``GET /readyz``: 200 if every session can save commands, else 503."""
    sessions = request.app[CONTEXT].sessions
    failing = sorted(name for name, runtime in sessions.items() if not runtime.session.saving)
    status = "ok" if not failing else "the log cannot be written"
    return web.json_response(
        {"status": status, "sessions_not_saving": failing}, status=503 if failing else 200
    )


def routes() -> list[web.RouteDef]:
    """Return the routes for machines."""
    return [
        web.get("/healthz", healthz),
        web.get("/readyz", readyz),
        web.get("/metrics", metrics),
    ]
