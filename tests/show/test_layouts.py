"""Slides and layouts: two pictures, each of which changes on its own."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bridge.commands import Actor
from bridge.errors import Code
from bridge.ids import Role, slate, slides
from bridge.show import (
    Layout,
    Scene,
    ShowEvent,
    ShowSetup,
    Slot,
    decide,
    follow_grant,
    follow_grant_end,
    follow_link_lost,
    follow_link_returned,
    restore_preview,
    restore_program,
    shown,
)
from bridge.show.commands import (
    ReportSlides,
    RestoreProgram,
    SetLayout,
    SetPreview,
    ShowCommand,
    Take,
)
from bridge.show.events import (
    InsetTaken,
    LayoutTaken,
    PreviewInsetSet,
    PreviewLayoutSet,
    PreviewSet,
    ProgramTaken,
    SlidesStarted,
    SlidesStopped,
    TakenBy,
)
from tests.show.test_show import DIEN_BIEN, HANOI, LAO_CAI, MODERATOR, Show, by_floor, take

SETUP = ShowSetup(sites=("ha-noi", "dien-bien", "lao-cai"), venue="ha-noi")
SYSTEM = Actor(role=Role.SYSTEM)
SLIDES = slides("dien-bien")
SINGLE, INSET, SIDE_BY_SIDE = Layout


def layout(wanted: Layout) -> SetLayout:
    return SetLayout(cmd_id="c", layout=wanted)


def choose(source: str, slot: Slot = Slot.MAIN) -> SetPreview:
    return SetPreview(cmd_id="c", source=source, slot=slot)


def scene_take(main: str, wanted: Layout, inset: str = "") -> Take:
    return Take(cmd_id="c", source=main, layout=wanted, inset=inset)


def into(slot: Slot, source: str) -> Take:
    return Take(cmd_id="c", source=source, slot=slot)


def inset_by_floor(source: str) -> InsetTaken:
    return InsetTaken(source=source, by=TakenBy.FLOOR)


class Layouts(Show):
    """A show in which somebody may have the floor."""

    def asks(self, command: ShowCommand, *speaking: str) -> list[ShowEvent]:
        return self.happens(decide(SETUP, self.state, MODERATOR, command, speaking))

    def shares(self, site: str, *, flowing: bool = True) -> list[ShowEvent]:
        command = ReportSlides(cmd_id="c", site=site, flowing=flowing)
        return self.happens(decide(SETUP, self.state, SYSTEM, command))

    def lectures(self) -> None:
        """Điện Biên speaks beside its slides, as a moderator has put it."""
        self.shares("dien-bien")
        self.asks(scene_take(SLIDES, INSET, DIEN_BIEN))

    @property
    def program(self) -> Scene:
        return self.state.program.scene

    @property
    def preview(self) -> Scene:
        return self.state.preview.scene


@pytest.fixture
def show() -> Layouts:
    return Layouts()


class TestSlides:
    def test_the_server_says_when_they_begin_and_end(self, show: Layouts) -> None:
        assert show.shares("dien-bien") == [SlidesStarted(site="dien-bien")]
        assert show.shares("dien-bien") == []
        show.shares("lao-cai")
        assert list(show.state.slides) == ["dien-bien", "lao-cai"]
        assert show.shares("dien-bien", flowing=False) == [SlidesStopped(site="dien-bien")]
        assert show.shares("dien-bien", flowing=False) == []
        assert list(show.state.slides) == ["lao-cai"]

    def test_nobody_else_says_it(self, show: Layouts) -> None:
        command = ReportSlides(cmd_id="c", site="dien-bien", flowing=True)
        assert show.refuses(command).code is Code.ROLE_FORBIDDEN

    def test_they_are_a_source_before_they_flow(self, show: Layouts) -> None:
        assert show.asks(choose(SLIDES)) == [PreviewSet(source=SLIDES)]


class TestArranging:
    def test_an_empty_preview_begins_with_what_is_on_program(self, show: Layouts) -> None:
        assert show.asks(layout(SINGLE)) == [PreviewSet(source=HANOI)]
        assert show.asks(layout(SINGLE)) == []

    def test_a_program_of_two_pictures_is_kept_whole(self, show: Layouts) -> None:
        show.lectures()
        assert show.asks(layout(SIDE_BY_SIDE)) == [
            PreviewSet(source=SLIDES),
            PreviewLayoutSet(layout=SIDE_BY_SIDE),
            PreviewInsetSet(source=DIEN_BIEN),
        ]

    def test_slides_that_are_shared_come_beside_their_sites_camera(self, show: Layouts) -> None:
        show.shares("dien-bien")
        show.asks(choose(DIEN_BIEN))
        show.asks(layout(INSET), "lao-cai")
        assert show.preview == Scene(SLIDES, INSET, DIEN_BIEN)

    @pytest.mark.parametrize(
        ("main", "speaking", "second"),
        [
            (SLIDES, (), DIEN_BIEN),
            (SLIDES, ("ha-noi", "lao-cai"), LAO_CAI),
            (DIEN_BIEN, (), HANOI),
            (DIEN_BIEN, ("lao-cai",), LAO_CAI),
            (DIEN_BIEN, ("lao-cai", "dien-bien"), LAO_CAI),
            (slate("lao-cai"), ("lao-cai",), HANOI),
            (HANOI, (), ""),
        ],
    )
    def test_else_a_second_picture_is_proposed(
        self, show: Layouts, main: str, speaking: Sequence[str], second: str
    ) -> None:
        show.asks(choose(main))
        show.asks(layout(INSET), *speaking)
        assert show.preview == Scene(main, INSET, second)

    def test_another_layout_for_two_keeps_both(self, show: Layouts) -> None:
        show.asks(choose(LAO_CAI))
        show.asks(layout(INSET))
        assert show.asks(layout(SIDE_BY_SIDE)) == [PreviewLayoutSet(layout=SIDE_BY_SIDE)]
        assert show.preview == Scene(LAO_CAI, SIDE_BY_SIDE, HANOI)

    def test_one_picture_forgets_the_second(self, show: Layouts) -> None:
        show.asks(choose(LAO_CAI))
        show.asks(layout(INSET))
        assert show.asks(layout(SINGLE)) == [PreviewLayoutSet(layout=SINGLE)]
        assert show.preview == Scene(LAO_CAI)


class TestChoosing:
    def test_each_slot_is_chosen_on_its_own(self, show: Layouts) -> None:
        show.asks(choose(LAO_CAI))
        show.asks(layout(INSET))
        assert show.asks(choose(DIEN_BIEN, Slot.INSET)) == [PreviewInsetSet(source=DIEN_BIEN)]
        assert show.asks(choose(SLIDES)) == [PreviewSet(source=SLIDES)]
        assert show.asks(choose(SLIDES)) == []
        assert show.preview == Scene(SLIDES, INSET, DIEN_BIEN)

    def test_what_is_in_the_other_slot_changes_places(self, show: Layouts) -> None:
        show.asks(choose(LAO_CAI))
        show.asks(layout(SIDE_BY_SIDE))
        assert show.asks(choose(HANOI)) == [
            PreviewSet(source=HANOI),
            PreviewInsetSet(source=LAO_CAI),
        ]
        show.asks(choose(HANOI, Slot.INSET))
        assert show.preview == Scene(LAO_CAI, SIDE_BY_SIDE, HANOI)

    def test_but_not_with_nothing(self, show: Layouts) -> None:
        show.asks(choose(HANOI))
        show.asks(layout(INSET))
        show.asks(choose(HANOI, Slot.INSET))
        assert show.preview == Scene(HANOI, INSET, HANOI)

    def test_one_picture_has_no_second_slot(self, show: Layouts) -> None:
        for command in (choose(LAO_CAI, Slot.INSET), into(Slot.INSET, LAO_CAI)):
            refusal = show.refuses(command)
            assert refusal.code is Code.SLOT_UNUSED
            assert refusal.details == {"slot": "inset"}


class TestTaking:
    def test_a_whole_scene_is_cut_to(self, show: Layouts) -> None:
        assert show.asks(scene_take(SLIDES, INSET, DIEN_BIEN)) == [
            ProgramTaken(source=SLIDES),
            LayoutTaken(layout=INSET),
            InsetTaken(source=DIEN_BIEN),
        ]
        assert show.state.home_scene == Scene(SLIDES, INSET, DIEN_BIEN)
        assert show.asks(scene_take(SLIDES, INSET, DIEN_BIEN)) == []

    def test_a_source_alone_fills_the_screen(self, show: Layouts) -> None:
        """The emergency slate leaves nothing beside it."""
        show.lectures()
        assert show.asks(take(slate("ha-noi"))) == [
            ProgramTaken(source=slate("ha-noi")),
            LayoutTaken(layout=SINGLE),
        ]
        assert show.state.home_scene == Scene(slate("ha-noi"))

    def test_with_one_picture_there_is_no_second(self, show: Layouts) -> None:
        show.asks(scene_take(LAO_CAI, SINGLE, DIEN_BIEN))
        assert show.program == Scene(LAO_CAI)

    def test_one_slot_is_switched_and_the_other_stays(self, show: Layouts) -> None:
        show.lectures()
        assert show.asks(into(Slot.INSET, LAO_CAI)) == [InsetTaken(source=LAO_CAI)]
        assert show.asks(into(Slot.MAIN, HANOI)) == [ProgramTaken(source=HANOI)]
        assert show.program == Scene(HANOI, INSET, LAO_CAI)

    def test_the_buses_swap_whole(self, show: Layouts) -> None:
        show.lectures()
        show.asks(choose(LAO_CAI))
        assert show.asks(take()) == [
            ProgramTaken(source=LAO_CAI),
            LayoutTaken(layout=SINGLE),
            PreviewSet(source=SLIDES),
            PreviewLayoutSet(layout=INSET),
            PreviewInsetSet(source=DIEN_BIEN),
        ]
        show.asks(take())
        assert (show.program, show.preview) == (Scene(SLIDES, INSET, DIEN_BIEN), Scene(LAO_CAI))

    @pytest.mark.parametrize(
        ("wanted", "second"), [(SIDE_BY_SIDE, HANOI), (INSET, DIEN_BIEN), (INSET, "")]
    )
    def test_nobody_airs_an_arrangement_they_have_not_seen(
        self, show: Layouts, wanted: Layout, second: str
    ) -> None:
        show.asks(choose(LAO_CAI))
        show.asks(layout(INSET))
        seen = Take(cmd_id="c", preview=LAO_CAI, preview_layout=wanted, preview_inset=second)
        refusal = show.refuses(seen)
        assert refusal.code is Code.PREVIEW_CHANGED
        same = Take(cmd_id="c", preview=LAO_CAI, preview_layout=INSET, preview_inset=HANOI)
        assert show.asks(same)

    @pytest.mark.parametrize("inset", ["camera:atlantis", "fax:ha-noi"])
    def test_an_unknown_second_source_is_refused(self, show: Layouts, inset: str) -> None:
        refusal = show.refuses(scene_take(HANOI, INSET, inset))
        assert refusal.code is Code.SOURCE_UNKNOWN
        assert refusal.details == {"source": inset}


class TestFollowingTheFloor:
    def test_slides_that_are_shown_large_stay_and_the_speaker_is_beside_them(
        self, show: Layouts
    ) -> None:
        show.lectures()
        assert show.happens(follow_grant(show.state, "lao-cai")) == [inset_by_floor(LAO_CAI)]
        assert show.happens(follow_grant_end(show.state, "lao-cai", ())) == [
            inset_by_floor(DIEN_BIEN)
        ]
        assert show.program == Scene(SLIDES, INSET, DIEN_BIEN)

    def test_without_slides_the_large_picture_is_the_speakers(self, show: Layouts) -> None:
        show.asks(scene_take(HANOI, SIDE_BY_SIDE, DIEN_BIEN))
        assert show.happens(follow_grant(show.state, "lao-cai")) == [by_floor(LAO_CAI)]
        assert show.program == Scene(LAO_CAI, SIDE_BY_SIDE, DIEN_BIEN)

    def test_slides_alone_give_way(self, show: Layouts) -> None:
        show.asks(take(SLIDES))
        assert show.happens(follow_grant(show.state, "lao-cai")) == [by_floor(LAO_CAI)]
        assert show.happens(follow_grant_end(show.state, "lao-cai", ())) == [by_floor(SLIDES)]

    def test_who_is_in_either_picture_stays_there(self, show: Layouts) -> None:
        show.asks(scene_take(HANOI, SIDE_BY_SIDE, DIEN_BIEN))
        for site in ("ha-noi", "dien-bien"):
            assert follow_grant(show.state, site) == []
            assert follow_grant_end(show.state, site, ()) == []

    def test_nobody_is_shown_twice(self, show: Layouts) -> None:
        show.asks(scene_take(HANOI, SIDE_BY_SIDE, DIEN_BIEN))
        show.happens(follow_grant(show.state, "lao-cai"))
        assert show.happens(follow_grant_end(show.state, "lao-cai", (DIEN_BIEN,))) == [
            by_floor(HANOI)
        ]

    def test_a_second_picture_that_was_empty_is_empty_again(self, show: Layouts) -> None:
        show.shares("dien-bien")
        show.asks(scene_take(SLIDES, INSET))
        show.happens(follow_grant(show.state, "lao-cai"))
        assert show.happens(follow_grant_end(show.state, "lao-cai", ())) == [inset_by_floor("")]
        assert show.program == Scene(SLIDES, INSET)

    def test_the_slate_stands_where_the_lost_picture_was(self, show: Layouts) -> None:
        show.lectures()
        assert show.happens(follow_link_lost(show.state, "dien-bien")) == [
            inset_by_floor(slate("dien-bien"))
        ]
        assert show.happens(follow_link_returned(show.state, "dien-bien")) == [
            inset_by_floor(DIEN_BIEN)
        ]


class TestTakingBack:
    def undo(self, show: Layouts, step: ShowCommand) -> RestoreProgram:
        """Return what takes *step* back, and let it happen."""
        before = RestoreProgram(cmd_id="c", scene=show.program, home=show.state.home_scene)
        show.asks(step)
        return before

    def test_both_pictures_and_the_layout_return(self, show: Layouts) -> None:
        show.lectures()
        before = self.undo(show, take(HANOI))
        show.happens(restore_program(show.state, before, ()))
        assert show.program == show.state.home_scene == Scene(SLIDES, INSET, DIEN_BIEN)

    def test_one_picture_returns(self, show: Layouts) -> None:
        before = self.undo(show, scene_take(SLIDES, INSET, DIEN_BIEN))
        assert show.happens(restore_program(show.state, before, ())) == [
            LayoutTaken(layout=SINGLE),
            ProgramTaken(source=HANOI),
        ]
        assert show.program == show.state.home_scene == Scene(HANOI)

    def test_who_speaks_since_goes_where_the_floor_puts_them(self, show: Layouts) -> None:
        before = self.undo(show, scene_take(SLIDES, INSET, DIEN_BIEN))
        show.happens(follow_grant(show.state, "lao-cai"))
        show.happens(restore_program(show.state, before, (LAO_CAI,)))
        assert (show.program, show.state.home_scene) == (Scene(LAO_CAI), Scene(HANOI))

    def test_whom_the_take_was_made_over_returns_beside_the_slides(self, show: Layouts) -> None:
        show.lectures()
        show.happens(follow_grant(show.state, "lao-cai"))
        before = self.undo(show, take(HANOI))
        show.happens(restore_program(show.state, before, (LAO_CAI,)))
        assert show.program == Scene(SLIDES, INSET, LAO_CAI)
        show.happens(follow_grant_end(show.state, "lao-cai", ()))
        assert show.program == Scene(SLIDES, INSET, DIEN_BIEN)

    def test_a_preview_returns_whole(self, show: Layouts) -> None:
        show.asks(choose(LAO_CAI))
        show.asks(layout(INSET))
        before = show.preview
        show.asks(layout(SINGLE))
        show.happens(restore_preview(show.state, before))
        assert show.preview == before


class TestWhatIsSeen:
    @pytest.mark.parametrize(
        ("scene", "sharing", "seen"),
        [
            (Scene(""), (), Scene("")),
            (Scene(HANOI), (), Scene(HANOI)),
            (Scene(SLIDES), ("dien-bien",), Scene(SLIDES)),
            (Scene(SLIDES), (), Scene(DIEN_BIEN)),
            (Scene(SLIDES, INSET), (), Scene(DIEN_BIEN)),
            (
                Scene(SLIDES, INSET, DIEN_BIEN),
                ("dien-bien",),
                Scene(SLIDES, INSET, DIEN_BIEN),
            ),
            (Scene(SLIDES, INSET, DIEN_BIEN), (), Scene(DIEN_BIEN)),
            (Scene(SLIDES, INSET, LAO_CAI), (), Scene(LAO_CAI)),
            (Scene(LAO_CAI, INSET, SLIDES), (), Scene(LAO_CAI)),
            (Scene(SLIDES, SIDE_BY_SIDE, slides("lao-cai")), (), Scene(DIEN_BIEN)),
            (Scene(SLIDES, INSET, SLIDES), ("dien-bien",), Scene(SLIDES)),
            (Scene(HANOI, INSET, HANOI), (), Scene(HANOI)),
            (Scene(HANOI, INSET, slate("ha-noi")), (), Scene(HANOI)),
            (Scene(HANOI, SIDE_BY_SIDE, LAO_CAI), (), Scene(HANOI, SIDE_BY_SIDE, LAO_CAI)),
        ],
    )
    def test_of_what_was_chosen(self, scene: Scene, sharing: Sequence[str], seen: Scene) -> None:
        assert shown(scene, sharing) == seen
