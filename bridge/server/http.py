"""The aiohttp application: all routes on one port."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

from aiohttp import web

from bridge.errors import Code, ConfigError
from bridge.server import (
    exports,
    health,
    history_api,
    ice_api,
    media_api,
    metrics,
    pages,
    phones,
    preflight_api,
    rehearsal_api,
    sockets,
    whip_api,
)
from bridge.server.context import CONTEXT, Context
from bridge.server.cross_origin import expose
from bridge.server.middleware import boundary
from bridge.server.open_files import allow_open_files

__all__ = ["HttpServer", "make_application"]

#: Pages and open sockets get this long to end when the server stops.
SHUTDOWN_S = 2.0
# A browser whose computer has another address asks over each connection it kept, and waits in vain:
# one that is closed soon cannot hold up an ICE restart.
KEEP_ALIVE_S = 5.0


def make_application(context: Context, web_root: Path) -> web.Application:
    """Return the application that serves *context*."""
    application = web.Application(middlewares=[boundary])
    application[CONTEXT] = context
    application[metrics.REGISTRY] = metrics.registry(context)
    application[exports.TURN] = asyncio.Lock()
    application.on_response_prepare.append(expose)
    for module in (
        pages, phones, exports, sockets, media_api, whip_api, ice_api, history_api, health,
        metrics, rehearsal_api, preflight_api,
    ):  # fmt: skip
        application.add_routes(module.routes())
    application.router.add_static("/static", web_root / "static", append_version=False)
    return application


class HttpServer:
    """The listening server.

    Args:
        application: what answers.
        host: address to listen on.
        port: TCP port; 0 lets the system choose.
        tls: certificate and key, or None for plain HTTP.
    """

    def __init__(
        self, application: web.Application, host: str, port: int, tls: ssl.SSLContext | None
    ) -> None:
        self._runner = web.AppRunner(
            application,
            access_log=None,
            handle_signals=False,
            keepalive_timeout=KEEP_ALIVE_S,
            shutdown_timeout=SHUTDOWN_S,
        )
        self._host = host
        self._tls = tls
        self.port = port

    async def start(self) -> None:
        """Listen.

        Raises:
            ConfigError: the port is taken or the address is not ours.
        """
        allow_open_files()
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self.port, ssl_context=self._tls, backlog=4096)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise ConfigError(
                Code.PORT_IN_USE,
                f"Cannot listen on {self._host} port {self.port} ({error.strerror}). "
                "Stop the other program, or choose another port with --port.",
                {"port": self.port},
            ) from error
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Stop listening and end open requests, within a bounded time."""
        await self._runner.cleanup()
