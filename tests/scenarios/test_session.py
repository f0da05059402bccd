"""A session over its log: several servers, time, and a store that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from redis.asyncio import Redis

from bridge.commands import Actor
from bridge.errors import Code, FloorRefused, StoreUnavailable
from bridge.floor.commands import (
    GrantFloor,
    ListState,
    MarkLive,
    ReleaseFloor,
    RequestFloor,
    RevokeFloor,
    SetList,
)
from bridge.floor.events import FloorRevoked
from bridge.ids import Role
from bridge.sessions.session import SYSTEM, Session
from bridge.store.log import log_key
from bridge.store.open import Store
from tests.scenarios.conftest import Clock, Witness

MODERATOR = Actor(role=Role.MODERATOR, key="m1")
COLLEAGUE = Actor(role=Role.MODERATOR, key="m2")


async def settle(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def speaking(session: Session, site: str = "dien-bien") -> str:
    """Bring a delegate on air; return the request."""
    await session.submit(MODERATOR, RequestFloor(cmd_id=f"ask-{site}", name="Một", site=site))
    request = session.state.floor.queue[-1]
    await session.submit(
        MODERATOR, GrantFloor(cmd_id=f"grant-{site}", request=request, override=True)
    )
    grant = session.state.floor.requests[request].turn.id
    await session.submit(SYSTEM, MarkLive(cmd_id=f"live-{site}", grant=grant))
    return request


async def test_replay_gives_the_same_state(make: Callable[[], Session]) -> None:
    first = make()
    await first.start()
    await speaking(first)
    again = make()
    await again.start()
    assert (again.rev, again.state) == (first.rev, first.state)


async def test_two_servers_racing_have_one_winner(make: Callable[[], Session]) -> None:
    left, right = make(), make()
    await left.start()
    await right.start()
    for site in ("dien-bien", "son-la"):
        await left.submit(MODERATOR, RequestFloor(cmd_id=site, name="Một", site=site))
    await settle(lambda: right.rev == left.rev)
    one, two = left.state.floor.queue
    results = await asyncio.gather(
        left.submit(MODERATOR, GrantFloor(cmd_id="a", request=one, override=True)),
        right.submit(COLLEAGUE, GrantFloor(cmd_id="b", request=two, override=True)),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, FloorRefused)]
    assert len(refused) == 1
    assert refused[0].code is Code.FLOOR_BUSY
    await settle(lambda: left.state == right.state)
    assert len(left.state.floor.speaking) == 1


async def test_a_command_sent_again_to_another_server_has_one_effect(
    make: Callable[[], Session],
) -> None:
    left, right = make(), make()
    await left.start()
    await right.start()
    command = RequestFloor(cmd_id="once", name="Một", site="dien-bien")
    rev = await left.submit(MODERATOR, command)
    assert await right.submit(MODERATOR, command) == rev
    assert len(right.state.floor.requests) == 1


async def test_a_refused_command_that_comes_again_late_is_refused_again(
    make: Callable[[], Session],
) -> None:
    """A line that stood still delivers what was sent again, and answered, on another."""
    session = make()
    await session.start()
    request = await speaking(session)
    await session.submit(MODERATOR, RequestFloor(cmd_id="ask", name="Hai", site="son-la"))
    late = GrantFloor(cmd_id="late", request=session.state.floor.queue[0], override=True)
    with pytest.raises(FloorRefused):
        await session.submit(MODERATOR, late)
    await session.submit(MODERATOR, ReleaseFloor(cmd_id="release", request=request))
    rev = session.rev
    with pytest.raises(FloorRefused) as refused:
        await session.submit(MODERATOR, late)
    assert refused.value.code is Code.FLOOR_BUSY
    assert session.rev == rev
    await session.submit(COLLEAGUE, late)  # another link chose the same id by chance
    assert session.state.floor.speaking == (late.request,)


async def test_a_command_that_was_so_already_does_nothing_when_it_comes_again_late(
    make: Callable[[], Session],
) -> None:
    session = make()
    await session.start()
    await session.submit(MODERATOR, SetList(cmd_id="close", state=ListState.CLOSED))
    late = SetList(cmd_id="late", state=ListState.CLOSED)
    assert await session.submit(MODERATOR, late) == 1
    await session.submit(COLLEAGUE, SetList(cmd_id="open", state=ListState.OPEN))
    assert await session.submit(MODERATOR, late) == 1
    assert session.state.floor.list_state is ListState.OPEN
    # The same id on another command is no copy, whatever the sender meant by it.
    assert await session.submit(MODERATOR, SetList(cmd_id="late", state=ListState.SUSPENDED)) == 3


async def test_only_so_many_answers_without_effect_are_remembered(
    make: Callable[[], Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.sessions.session.KEPT_ANSWERS", 2)
    session = make()
    await session.start()
    for cmd_id in ("a", "b", "c"):
        assert await session.submit(MODERATOR, SetList(cmd_id=cmd_id, state=ListState.OPEN)) == 0
    await session.submit(COLLEAGUE, SetList(cmd_id="close", state=ListState.CLOSED))
    assert await session.submit(MODERATOR, SetList(cmd_id="c", state=ListState.OPEN)) == 0
    assert await session.submit(MODERATOR, SetList(cmd_id="a", state=ListState.OPEN)) == 2


async def test_the_grace_time_ends_by_itself(make: Callable[[], Session], clock: Clock) -> None:
    session, witness = make(), Witness()
    session.listen(witness)
    await session.start()
    request = await speaking(session)
    await session.submit(MODERATOR, RevokeFloor(cmd_id="revoke", request=request))
    assert session.state.floor.speaking == (request,)
    clock.time += 5.0
    await session.submit(MODERATOR, SetList(cmd_id="wake", state=ListState.CLOSED))
    await settle(lambda: session.state.floor.speaking == ())
    assert any(isinstance(event, FloorRevoked) for event in witness.events)


async def test_a_store_that_lost_its_data_is_not_written_on(
    make: Callable[[], Session], store: Store
) -> None:
    session, witness = make(), Witness()
    session.listen(witness)
    await session.start()
    await speaking(session)
    state = session.state
    assert store.valkey is not None
    redis = Redis(unix_socket_path=store.valkey.socket_path)
    await redis.delete(log_key("test/plenary"))
    other = make()
    await other.start()
    for n in range(6):  # a longer log of another past
        command = RequestFloor(cmd_id=f"other-{n}", name=f"Khác {n}", site="son-la")
        await other.submit(COLLEAGUE, command)
    await redis.aclose()
    for _ in range(2):
        with pytest.raises(StoreUnavailable) as refused:
            await session.submit(MODERATOR, SetList(cmd_id="x", state=ListState.CLOSED))
        assert refused.value.code is Code.STORE_CORRUPT
        await session.store_answers(answers=True)  # it answers, and is still another log
        assert not session.saving
    assert session.state == state
    assert witness.saving == [False]
