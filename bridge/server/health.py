"""``/healthz`` and ``/readyz``: whether the process answers, and whether it can do its work."""

from __future__ import annotations

from aiohttp import web

from bridge.server.context import CONTEXT

__all__ = ["routes"]


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
    """Return the routes for supervisors."""
    return [web.get("/healthz", healthz), web.get("/readyz", readyz)]
