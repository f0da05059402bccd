"""A site that is lost: technicians are told, one takes it on, and a restart forgets neither."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bridge.ids import Role
from tests.running import EVENT, Client, RunningServer
from tests.server.test_line_messages import joined, received


def impatient(folder: Path) -> Path:
    """Return an event file whose alerts begin at once and take a minute to end."""
    text = EVENT.read_text(encoding="utf-8")
    for usual, changed in (("hold = 10 ", "hold = 0 "), ("hold_on_air = 3", "hold_on_air = 0")):
        assert usual in text
        text = text.replace(usual, changed)
    text = text.replace("clear = 10 ", "clear = 60 ")
    file = folder / "event.toml"
    file.write_text(text, encoding="utf-8")
    return file


async def alert_of(client: Client, site: str, **fields: str) -> dict[str, Any]:
    """Wait for an alert of *site* with these fields."""
    async with asyncio.timeout(20):
        while True:
            links = await received(client, "links")
            alert: dict[str, Any] = links["sites"][site].get("alert") or {}
            if alert and all(alert.get(name) == value for name, value in fields.items()):
                return alert


async def test_an_alert_is_taken_on_by_name_and_survives_a_restart(tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "data", impatient(tmp_path))
    server.start()
    try:
        host = str(server.invite("host", "dien-bien")["token"])
        token, _ = server.tokens().mint(Role.TECHNICIAN, "plenary", name="Trần Văn Kỹ")
        async with server.socket(host) as page, server.socket(token) as desk:
            site, technician = await Client.hello(page), await Client.hello(desk)
            async with joined(server, host):
                while not (await received(technician, "links"))["sites"]["dien-bien"].get(
                    "connected"
                ):
                    pass
            alert = await alert_of(technician, "dien-bien", kind="no_signal", level="warning")

            await site.tell("acknowledge", alert=alert["id"], cmd_id="a1")
            assert (await received(site, "nack"))["code"] == "role_forbidden"
            await technician.tell("acknowledge", alert="nobody:signal:1", cmd_id="a2")
            assert (await received(technician, "nack"))["code"] == "alert_unknown"
            await technician.tell(
                "acknowledge", alert=alert["id"], note="đang gọi VNPT", cmd_id="a3"
            )
            assert (await received(technician, "ack"))["cmd_id"] == "a3"
            await alert_of(technician, "dien-bien", acked_by="Trần Văn Kỹ", note="đang gọi VNPT")
        server.kill()
        server.start()
        async with server.socket(token) as desk:
            again = await alert_of(await Client.hello(desk), "dien-bien")
        assert again["id"] == alert["id"]
        assert (again["acked_by"], again["note"]) == ("Trần Văn Kỹ", "đang gọi VNPT")
    finally:
        server.stop()
    assert "Traceback" not in server.log()
