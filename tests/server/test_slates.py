"""Slates of a real server: made while it starts, kept, and sent to any WHEP player."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bridge.config import load_event
from bridge.slates.cards import cards_of
from bridge.slates.still import path_of, read
from tests.media.client import VIEWER, Client, video
from tests.media.test_slates_on_air import frames
from tests.running import EVENT, RunningServer
from tests.running import Client as Page
from tests.slates.pictures import decoded, shows

pytestmark = pytest.mark.timeout(300)

VENUE, DIEN_BIEN, SON_LA = "Trung tâm (Hà Nội)", "Điện Biên", "Sơn La"
WAIT_S = 90.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that has to make its slates itself."""
    running = RunningServer(tmp_path_factory.mktemp("server") / "data", own_cache=True)
    running.start()
    yield running
    assert running.stop() == 0
    assert "Traceback" not in running.log()


def few_sites(folder: Path) -> Path:
    """Return an event file with the first session alone, of a few sites."""
    text = EVENT.read_text(encoding="utf-8")
    sites = 'bridge_points = ["dien-bien", "son-la", "lao-cai", "da-nang", "ho-chi-minh"]'
    assert 'bridge_points = "all"' in text
    second = text.index("[[sessions]]", text.index("[[sessions]]") + 1)
    file = folder / "event.toml"
    file.write_text(text[:second].replace('bridge_points = "all"', sites), encoding="utf-8")
    return file


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path / "data", few_sites(tmp_path), own_cache=True)
    running.start()
    yield running
    running.stop()


@asynccontextmanager
async def player(server: RunningServer, session: str = "plenary") -> AsyncIterator[Client]:
    """Let a player view *session* by WHEP."""
    client = Client(VIEWER)
    headers = {"Content-Type": "application/sdp"}

    async with server.http(server.invite("stage", session=session)["token"]) as http:

        async def signal(offer: str) -> str:
            async with http.post(f"/whep/{session}", data=offer, headers=headers) as response:
                assert response.status == 201
                return await response.text()

        await client.connect(signal)
        yield client
        await client.close()


def sees(client: Client, site: str) -> Callable[[], bool]:
    """Return a condition: the newest picture that is whole is the slate of *site*."""
    others = [name for name in (VENUE, DIEN_BIEN, SON_LA) if name != site]

    def condition() -> bool:
        whole = frames(video(client))
        return bool(whole) and shows(decoded("vp8", whole[-1])[0], site, others)

    return condition


def files(server: RunningServer, session: str = "plenary") -> dict[str, Path]:
    """Return where each site's slate is kept."""
    cache = server.data / "cache" / "slates"
    return {
        site: path_of(card, cache)
        for site, card in cards_of(load_event(server.event))[session].items()
    }


async def all_made(server: RunningServer, session: str = "plenary") -> None:
    """Wait until every slate of *session* is there."""
    async with asyncio.timeout(200):
        while not all(path.exists() for path in files(server, session).values()):
            await asyncio.sleep(0.2)


async def test_a_player_sees_what_is_on_program(server: RunningServer) -> None:
    async with player(server) as client, server.socket(server.invite("moderator")["token"]) as ws:
        await client.until(sees(client, VENUE), WAIT_S)  # on program, and never seen
        moderator = await Page.hello(ws)
        assert (await moderator.command("take", source="slate:dien-bien"))["type"] == "ack"
        await client.until(sees(client, DIEN_BIEN), WAIT_S)
        assert (await moderator.command("take", source="camera:son-la"))["type"] == "ack"
        await client.until(sees(client, SON_LA), WAIT_S)
        sequences = [r.header.sequence for r in video(client)]
        assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))


async def test_other_sessions_have_theirs_when_somebody_comes(server: RunningServer) -> None:
    of_thematic = files(server, "thematic-01")
    assert not any(path.exists() for path in of_thematic.values())
    async with player(server, "thematic-01") as client:
        await client.until(sees(client, VENUE), WAIT_S)
    assert of_thematic["ha-noi"].exists()


async def test_they_are_made_once_and_mended(own_server: RunningServer) -> None:
    await all_made(own_server)
    assert own_server.stop() == 0
    places = files(own_server)
    stamps = {site: path.stat().st_mtime_ns for site, path in places.items()}
    damaged = places["ha-noi"]
    damaged.write_bytes(damaged.read_bytes()[:-100])
    places["son-la"].unlink()
    assert read(damaged) is None
    own_server.start()
    async with player(own_server) as client:
        await client.until(sees(client, VENUE), WAIT_S)
    await all_made(own_server)
    again = {site for site, path in places.items() if path.stat().st_mtime_ns != stamps[site]}
    assert again == {"ha-noi", "son-la"}
    assert "damaged" in own_server.log()
