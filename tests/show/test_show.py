"""Program, preview and run of show; how the program follows the floor."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.commands import Actor
from bridge.errors import Code, FloorRefused
from bridge.ids import Role, camera
from bridge.show import (
    ShowCommand,
    ShowEvent,
    ShowSetup,
    ShowState,
    decide,
    evolve,
    follow_grant,
    follow_grant_end,
    initial,
)
from bridge.show.commands import SetPreview, StartItem, Take
from bridge.show.events import ItemStarted, PreviewSet, ProgramTaken, TakenBy
from bridge.show.state import OnBus

HANOI, DIEN_BIEN, LAO_CAI = camera("ha-noi"), camera("dien-bien"), camera("lao-cai")
MODERATOR = Actor(role=Role.MODERATOR, key="m1")
SETUP = ShowSetup(
    sites=("ha-noi", "dien-bien", "lao-cai"), items=("khai-mac", "phat-bieu", "be-mac")
)


class Show:
    """Decides and evolves at the time ``now``."""

    def __init__(self) -> None:
        self.state: ShowState = initial("ha-noi")
        self.now = 0.0

    def says(self, command: ShowCommand, actor: Actor = MODERATOR) -> list[ShowEvent]:
        return self.happens(decide(SETUP, self.state, actor, command))

    def happens(self, events: list[ShowEvent]) -> list[ShowEvent]:
        for event in events:
            self.state = evolve(self.state, event, self.now)
        return events

    def refuses(self, command: ShowCommand, actor: Actor = MODERATOR) -> FloorRefused:
        with pytest.raises(FloorRefused) as caught:
            self.says(command, actor)
        assert caught.value.message.endswith(".")
        return caught.value


def preview(source: str) -> SetPreview:
    return SetPreview(cmd_id="c", source=source)


def take(source: str = "") -> Take:
    return Take(cmd_id="c", source=source)


def start(item: str) -> StartItem:
    return StartItem(cmd_id="c", item=item)


def test_a_session_begins_with_the_venue_on_program() -> None:
    state = Show().state
    assert state.program == OnBus(source=HANOI)
    assert state.preview.source == ""
    assert (state.item, state.started) == ("", {})


@pytest.mark.parametrize("command", [preview(DIEN_BIEN), take(DIEN_BIEN), start("khai-mac")])
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MODERATOR])
def test_only_moderators_decide_what_is_on_air(command: ShowCommand, role: Role) -> None:
    refusal = Show().refuses(command, Actor(role=role, site="dien-bien"))
    assert refusal.code is Code.ROLE_FORBIDDEN
    tag = command.__struct_config__.tag
    assert refusal.details == {"role": role.value, "command": tag}


class TestPreview:
    def test_it_is_set(self) -> None:
        show = Show()
        show.now = 5
        assert show.says(preview(DIEN_BIEN)) == [PreviewSet(source=DIEN_BIEN)]
        assert show.state.preview == OnBus(source=DIEN_BIEN, since=5)
        assert show.state.program.source == HANOI

    def test_setting_it_again_changes_nothing(self) -> None:
        show = Show()
        show.says(preview(DIEN_BIEN))
        assert show.says(preview(DIEN_BIEN)) == []


class TestTake:
    def test_a_source_is_cut_to(self) -> None:
        show = Show()
        show.now = 5
        show.says(preview(LAO_CAI))
        assert show.says(take(DIEN_BIEN)) == [ProgramTaken(source=DIEN_BIEN)]
        assert show.state.program == OnBus(source=DIEN_BIEN, since=5)
        assert show.state.preview.source == LAO_CAI
        assert show.state.home == DIEN_BIEN

    def test_without_a_source_the_buses_swap(self) -> None:
        show = Show()
        show.says(preview(DIEN_BIEN))
        assert show.says(take()) == [ProgramTaken(source=DIEN_BIEN), PreviewSet(source=HANOI)]
        assert show.says(take()) == [ProgramTaken(source=HANOI), PreviewSet(source=DIEN_BIEN)]

    def test_nobody_airs_a_preview_they_have_not_seen(self) -> None:
        show = Show()
        show.says(preview(DIEN_BIEN))
        seen = Take(cmd_id="c", preview=DIEN_BIEN)
        show.says(preview(LAO_CAI))  # a colleague was quicker
        refused = show.refuses(seen)
        assert refused.code is Code.PREVIEW_CHANGED
        assert refused.details == {"source": LAO_CAI}
        show.says(preview(DIEN_BIEN))
        assert show.says(seen) == [ProgramTaken(source=DIEN_BIEN), PreviewSet(source=HANOI)]
        assert show.refuses(seen).code is Code.PREVIEW_CHANGED  # pressed twice: no way back

    def test_with_nothing_on_preview_it_is_refused(self) -> None:
        refusal = Show().refuses(take())
        assert refusal.code is Code.SOURCE_UNKNOWN
        assert refusal.details == {"source": ""}

    def test_what_is_on_air_already_stays(self) -> None:
        show = Show()
        assert show.says(take(HANOI)) == []
        show.says(preview(HANOI))
        assert show.says(take()) == []


@pytest.mark.parametrize("source", ["camera:atlantis", "camera:", "dien-bien", "fax:dien-bien"])
@pytest.mark.parametrize("command", [preview, take])
def test_an_unknown_source_is_refused(command: Callable[[str], ShowCommand], source: str) -> None:
    refusal = Show().refuses(command(source))
    assert refusal.code is Code.SOURCE_UNKNOWN
    assert refusal.details == {"source": source}


class TestAgenda:
    def test_items_are_started_in_any_order(self) -> None:
        show = Show()
        show.now = 5
        assert show.says(start("phat-bieu")) == [ItemStarted(item="phat-bieu")]
        show.now = 9
        show.says(start("khai-mac"))
        assert show.state.item == "khai-mac"
        assert show.state.started == {"phat-bieu": 5, "khai-mac": 9}

    def test_starting_the_running_item_changes_nothing(self) -> None:
        show = Show()
        show.says(start("khai-mac"))
        assert show.says(start("khai-mac")) == []

    def test_an_unknown_item_is_refused(self) -> None:
        refusal = Show().refuses(start("tiec-tra"))
        assert refusal.code is Code.ITEM_UNKNOWN
        assert refusal.details == {"item": "tiec-tra"}


class TestFollowingTheFloor:
    def test_the_speaker_goes_on_program_and_then_what_was_there_returns(self) -> None:
        show = Show()
        show.says(take(LAO_CAI))
        assert show.happens(follow_grant(show.state, "dien-bien")) == [
            ProgramTaken(source=DIEN_BIEN, by=TakenBy.FLOOR)
        ]
        assert show.state.home == LAO_CAI
        assert show.happens(follow_grant_end(show.state, "dien-bien", ())) == [
            ProgramTaken(source=LAO_CAI, by=TakenBy.FLOOR)
        ]

    def test_a_speaker_on_program_already_stays_there(self) -> None:
        show = Show()
        show.says(take(DIEN_BIEN))
        assert follow_grant(show.state, "dien-bien") == []
        assert follow_grant_end(show.state, "dien-bien", ()) == []

    def test_what_a_moderator_took_meanwhile_stays(self) -> None:
        show = Show()
        show.happens(follow_grant(show.state, "dien-bien"))
        show.says(take(LAO_CAI))
        assert follow_grant_end(show.state, "dien-bien", ()) == []

    def test_who_still_has_the_floor_is_shown_before_that(self) -> None:
        show = Show()
        show.happens(follow_grant(show.state, "dien-bien"))
        show.happens(follow_grant(show.state, "lao-cai"))
        assert follow_grant_end(show.state, "dien-bien", ("lao-cai",)) == []
        assert follow_grant_end(show.state, "lao-cai", ("dien-bien",)) == [
            ProgramTaken(source=DIEN_BIEN, by=TakenBy.FLOOR)
        ]

    def test_even_then_a_moderators_choice_stays(self) -> None:
        show = Show()
        show.says(take(DIEN_BIEN))
        assert follow_grant_end(show.state, "dien-bien", ("lao-cai",)) == []

    def test_of_several_who_still_have_the_floor_the_newest_is_shown(self) -> None:
        show = Show()
        show.happens(follow_grant(show.state, "ha-noi"))
        show.happens(follow_grant(show.state, "lao-cai"))
        assert follow_grant_end(show.state, "lao-cai", ("ha-noi", "dien-bien")) == [
            ProgramTaken(source=DIEN_BIEN, by=TakenBy.FLOOR)
        ]

    def test_another_speaker_of_the_same_site_keeps_its_picture(self) -> None:
        show = Show()
        show.happens(follow_grant(show.state, "dien-bien"))
        assert follow_grant_end(show.state, "dien-bien", ("dien-bien",)) == []
