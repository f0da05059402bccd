"""Program, preview and run of show; how the program follows the floor."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.commands import Actor
from bridge.errors import Code, FloorRefused
from bridge.ids import Role, camera, slate
from bridge.show import (
    Scene,
    ShowCommand,
    ShowEvent,
    ShowSetup,
    ShowState,
    decide,
    evolve,
    follow_grant,
    follow_grant_end,
    follow_link_lost,
    follow_link_returned,
    initial,
    restore_program,
)
from bridge.show.commands import RestoreProgram, SetPreview, StartItem, Take
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


def by_floor(source: str) -> ProgramTaken:
    return ProgramTaken(source=source, by=TakenBy.FLOOR)


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
        assert follow_grant_end(show.state, "dien-bien", (LAO_CAI,)) == []
        assert follow_grant_end(show.state, "lao-cai", (DIEN_BIEN,)) == [
            ProgramTaken(source=DIEN_BIEN, by=TakenBy.FLOOR)
        ]

    def test_even_then_a_moderators_choice_stays(self) -> None:
        show = Show()
        show.says(take(DIEN_BIEN))
        assert follow_grant_end(show.state, "dien-bien", (LAO_CAI,)) == []

    def test_of_several_who_still_have_the_floor_the_newest_is_shown(self) -> None:
        show = Show()
        show.happens(follow_grant(show.state, "ha-noi"))
        show.happens(follow_grant(show.state, "lao-cai"))
        assert follow_grant_end(show.state, "lao-cai", (HANOI, DIEN_BIEN)) == [
            ProgramTaken(source=DIEN_BIEN, by=TakenBy.FLOOR)
        ]

    def test_another_speaker_of_the_same_site_keeps_its_picture(self) -> None:
        show = Show()
        show.happens(follow_grant(show.state, "dien-bien"))
        assert follow_grant_end(show.state, "dien-bien", (DIEN_BIEN,)) == []

    def test_of_one_whose_link_is_lost_the_slate_is_shown(self) -> None:
        show = Show()
        show.happens(follow_grant(show.state, "dien-bien"))
        assert follow_grant_end(show.state, "dien-bien", (slate("lao-cai"),)) == [
            by_floor(slate("lao-cai"))
        ]


class TestLostLinks:
    def test_the_slate_stands_for_a_picture_that_is_lost_until_it_returns(self) -> None:
        show = Show()
        show.happens(follow_grant(show.state, "dien-bien"))
        assert show.happens(follow_link_lost(show.state, "dien-bien")) == [
            by_floor(slate("dien-bien"))
        ]
        assert show.state.home == HANOI
        assert show.happens(follow_link_returned(show.state, "dien-bien")) == [by_floor(DIEN_BIEN)]

    def test_a_picture_that_is_not_on_program_needs_none(self) -> None:
        show = Show()
        show.happens(follow_grant(show.state, "dien-bien"))
        show.says(take(LAO_CAI))
        assert follow_link_lost(show.state, "dien-bien") == []
        assert follow_link_returned(show.state, "dien-bien") == []

    def test_a_picture_a_moderator_took_gets_its_slate_too_and_returns(self) -> None:
        show = Show()
        show.says(take(DIEN_BIEN))
        show.happens(follow_link_lost(show.state, "dien-bien"))
        assert show.state.program.source == slate("dien-bien")
        show.happens(follow_link_returned(show.state, "dien-bien"))
        assert (show.state.program.source, show.state.home) == (DIEN_BIEN, DIEN_BIEN)

    def test_a_slate_a_moderator_took_is_left_alone(self) -> None:
        show = Show()
        show.says(take(slate("dien-bien")))
        assert follow_link_returned(show.state, "dien-bien") == []

    def test_a_speech_that_ends_while_the_slate_is_shown_ends_with_what_was_there(self) -> None:
        show = Show()
        show.happens(follow_grant(show.state, "dien-bien"))
        show.happens(follow_link_lost(show.state, "dien-bien"))
        assert follow_grant_end(show.state, "dien-bien", ()) == [by_floor(HANOI)]


class TestTakingBack:
    def back(self, source: str, home: str, preview: str = "") -> RestoreProgram:
        before = Scene(preview) if preview else None
        return RestoreProgram(cmd_id="c", scene=Scene(source), home=Scene(home), preview=before)

    def test_what_was_there_returns(self) -> None:
        show = Show()
        show.says(take(LAO_CAI))
        assert show.happens(restore_program(show.state, self.back(HANOI, HANOI), ())) == [
            ProgramTaken(source=HANOI)
        ]
        assert show.state.home == HANOI
        assert restore_program(show.state, self.back(HANOI, HANOI), ()) == []

    def test_the_speaker_the_take_was_made_over_returns_with_the_way_home(self) -> None:
        show = Show()
        show.happens(follow_grant(show.state, "dien-bien"))
        show.says(take(LAO_CAI))
        back = self.back(DIEN_BIEN, HANOI)
        assert show.happens(restore_program(show.state, back, (DIEN_BIEN,))) == [
            ProgramTaken(source=HANOI),
            by_floor(DIEN_BIEN),
        ]
        show.happens(follow_grant_end(show.state, "dien-bien", ()))
        assert show.state.program.source == HANOI

    def test_as_the_slate_if_the_link_was_lost_meanwhile(self) -> None:
        show = Show()
        show.happens(follow_grant(show.state, "dien-bien"))
        show.says(take(LAO_CAI))
        events = restore_program(
            show.state, self.back(DIEN_BIEN, HANOI), (HANOI, slate("dien-bien"))
        )
        assert events[1:] == [by_floor(slate("dien-bien"))]

    def test_but_not_if_that_speech_has_ended(self) -> None:
        show = Show()
        show.happens(follow_grant(show.state, "dien-bien"))
        show.says(take(LAO_CAI))
        events = restore_program(show.state, self.back(DIEN_BIEN, HANOI), (LAO_CAI,))
        assert events == [ProgramTaken(source=HANOI)]

    def test_a_speaker_who_came_on_air_since_stays_there(self) -> None:
        show = Show()
        show.says(take(LAO_CAI))
        show.happens(follow_grant(show.state, "dien-bien"))
        show.happens(restore_program(show.state, self.back(HANOI, HANOI), (DIEN_BIEN,)))
        assert show.state.program == OnBus(source=DIEN_BIEN, by=TakenBy.FLOOR)
        assert show.state.home == HANOI

    def test_both_buses_return_after_a_swap(self) -> None:
        show = Show()
        show.says(preview(LAO_CAI))
        show.says(take())
        show.happens(restore_program(show.state, self.back(HANOI, HANOI, LAO_CAI), ()))
        assert (show.state.program.source, show.state.preview.source) == (HANOI, LAO_CAI)

    def test_but_not_a_preview_that_was_changed_since(self) -> None:
        show = Show()
        show.says(preview(LAO_CAI))
        show.says(take())
        show.says(preview(DIEN_BIEN))
        show.happens(restore_program(show.state, self.back(HANOI, HANOI, LAO_CAI), ()))
        assert (show.state.program.source, show.state.preview.source) == (HANOI, DIEN_BIEN)
