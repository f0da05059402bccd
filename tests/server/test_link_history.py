"""What a site's browser measures, and the past of links, of a real server."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import aiohttp
import pytest

from tests.running import Client, RunningServer
from tests.server.test_line_messages import joined, received

NOW = dt.datetime.now(dt.UTC).timestamp()


async def get(server: RunningServer, token: str, path: str, **query: str) -> tuple[int, Any]:
    headers = {"authorization": f"Bearer {token}"}
    url = f"{server.url}/api/sessions/plenary/{path}"
    async with (
        aiohttp.ClientSession() as http,
        http.get(url, params=query, headers=headers) as response,
    ):
        return response.status, await response.json()


def token_of(server: RunningServer, role: str, site: str = "") -> str:
    return str(server.invite(role, site)["token"])


async def test_what_a_browser_says_is_shown_and_kept(server: RunningServer) -> None:
    host, technician = token_of(server, "host", "dien-bien"), token_of(server, "technician")
    async with (
        joined(server, host) as peer,
        server.socket(host) as page,
        server.socket(technician) as desk,
    ):
        site, watcher = await Client.hello(page), await Client.hello(desk)
        await site.tell("stats", peer=peer, page={"limitation": "cpu", "encoded_fps": 7.5})
        async with asyncio.timeout(10):
            while True:
                links = await received(watcher, "links")
                link = links["sites"]["dien-bien"]
                if "page" in link:
                    break
        assert link["page"] == {"limitation": "cpu", "encoded_fps": 7.5}
        assert link["limitation"] == "cpu"
        assert "server" in links, "technicians see how the server does"
        assert "server" not in await received(site, "links")
        second = int(links["now"])

        async def kept() -> Any:
            status, past = await get(
                server, technician, "history", site="dien-bien", since=str(second - 5)
            )
            assert status == 200
            return past

        past = await kept()
        assert past["start"] == second - 5
        assert 7.5 in past["columns"]["encoded_fps"]
        assert len({len(column) for column in past["columns"].values()}) == 1
        assert [event["kind"] for event in past["events"]] == ["joined"]
        status, moment = await get(server, technician, "history/moment", at=str(second))
        assert (status, moment["known"]) == (200, True)
        assert moment["sites"]["dien-bien"]["limitation"] == "cpu"
        assert moment["sites"]["lao-cai"] == {}
        assert all(len(curve) * moment["step"] == 120 for curve in moment["curves"].values())


async def test_a_restarted_server_still_knows_the_past(own_server: RunningServer) -> None:
    server = own_server
    host, technician = token_of(server, "host", "dien-bien"), token_of(server, "technician")

    async def scores() -> list[float | None]:
        _, past = await get(server, technician, "history", site="dien-bien")
        scores: list[float | None] = past["columns"]["score"]
        return scores

    async with joined(server, host), asyncio.timeout(10):
        while not any(score is not None for score in await scores()):
            await asyncio.sleep(0.1)
    assert await asyncio.to_thread(server.stop) == 0
    await asyncio.to_thread(server.start)
    async with asyncio.timeout(10):
        while not any(score is not None for score in await scores()):
            await asyncio.sleep(0.1)


@pytest.mark.parametrize(
    "page",
    [
        {"limitation": "laziness"},
        {"concealed": 1.5},
        {"freezes": -1},
        {"encoded_fps": 1e308},
        {"interval_s": 0},
        {"camera": "on"},
        {"invented": 1},
    ],
)
async def test_a_browser_cannot_say_what_makes_no_sense(
    server: RunningServer, page: dict[str, Any]
) -> None:
    async with server.socket(token_of(server, "host", "dien-bien")) as socket:
        client = await Client.hello(socket)
        await client.tell("stats", peer="p", page=page)
        assert (await received(client, "nack"))["code"] == "field_invalid"


async def test_nobody_speaks_for_another_site(server: RunningServer) -> None:
    theirs, ours = (token_of(server, "host", site) for site in ("dien-bien", "lao-cai"))
    async with joined(server, theirs) as peer, server.socket(ours) as socket:
        client = await Client.hello(socket)
        await client.tell("stats", peer=peer, page={"limitation": "cpu"})
        assert (await received(client, "nack"))["code"] == "peer_unknown"


@pytest.mark.parametrize(
    ("role", "site", "query", "code"),
    [
        ("host", "dien-bien", {"site": "dien-bien"}, "role_forbidden"),
        ("stage", "", {"site": "dien-bien"}, "role_forbidden"),
        ("technician", "", {"site": "atlantis"}, "site_unknown"),
        ("technician", "", {}, "site_unknown"),
        ("technician", "", {"site": "dien-bien", "since": "yesterday"}, "field_invalid"),
        ("technician", "", {"site": "dien-bien", "step": "inf"}, "field_invalid"),
    ],
)
async def test_history_that_is_refused(
    server: RunningServer, role: str, site: str, query: dict[str, str], code: str
) -> None:
    status, answer = await get(server, token_of(server, role, site), "history", **query)
    assert status in {400, 403, 404}
    assert answer["code"] == code


async def test_moderators_may_look_back_as_well(server: RunningServer) -> None:
    moderator = token_of(server, "moderator")
    status, past = await get(
        server, moderator, "history", site="lao-cai", since=str(NOW - 1e9), step="60"
    )
    assert status == 200
    assert past["step"] == 60
    assert len(past["columns"]["score"]) == 120, "two hours and no more"
    status, moment = await get(server, moderator, "history/moment", at="0")
    assert (status, moment["known"]) == (200, False)


async def test_an_empty_span_is_empty(server: RunningServer) -> None:
    status, past = await get(
        server, token_of(server, "technician"), "history", site="lao-cai", since="2", until="1"
    )
    assert (status, past["columns"]["score"], past["events"]) == (200, [], [])


async def test_the_load_of_the_server_is_in_its_metrics(server: RunningServer) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{server.url}/metrics") as response:
        text = await response.text()
    assert "diemcau_event_loop_lag_seconds " in text
    assert "diemcau_media_unread_datagrams_total 0.0" in text
