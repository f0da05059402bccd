"""A picture over a bad link comes on program only after somebody was asked; slates at once."""

from __future__ import annotations

import pytest

from bridge.errors import Code, FloorRefused
from bridge.ids import camera, slate, slides
from bridge.show.commands import SetPreview, Take
from bridge.show.scene import Layout
from bridge.state import SessionEvent, decide, fold
from tests.playbook import MODERATOR, Session

WEAK = {"dien-bien": "downlink", "ca-mau": "no_signal"}


class Warned(Session):
    """A session in which two links are bad."""

    def airs(self, **what: object) -> list[SessionEvent]:
        command = Take(cmd_id="t", **what)  # type: ignore[arg-type]
        events = decide(self.setup, self.state, MODERATOR, command, self.now, WEAK)
        self.rev += 1
        self.state = fold(self.setup, self.state, MODERATOR, events, self.now, self.rev)
        return events

    def warns(self, **what: object) -> FloorRefused:
        with pytest.raises(FloorRefused) as caught:
            self.airs(**what)
        assert caught.value.code is Code.LINK_BAD
        return caught.value


def test_a_camera_or_slides_over_a_bad_link() -> None:
    session = Warned()
    assert session.warns(source=camera("dien-bien")).details == {
        "site": "dien-bien",
        "why": "downlink",
    }
    assert session.warns(source=slides("ca-mau")).details["why"] == "no_signal"
    assert session.airs(source=camera("dien-bien"), override=True)
    assert session.airs(source=slides("dien-bien")), "it is on air already"


def test_the_second_picture_and_what_comes_from_the_preview_count_too() -> None:
    session = Warned()
    inset = {"layout": Layout.INSET, "inset": camera("ca-mau")}
    assert session.warns(source=camera("lao-cai"), **inset).details["site"] == "ca-mau"
    session.says(SetPreview(cmd_id="p", source=camera("ca-mau")))
    assert session.warns().details["site"] == "ca-mau"


def test_good_links_slates_and_the_end_of_an_emergency_wait_for_nobody() -> None:
    session = Warned()
    assert session.airs(source=camera("lao-cai"))
    assert session.airs(source=slate("dien-bien"))
    assert session.airs(source=camera("dien-bien")), "what was there before the slate"
