"""What becomes of an action: sent, shown, done, failed, and late answers."""

from __future__ import annotations

import pytest

from bridge.errors import Code, ProtocolError
from bridge.link.actions import (
    KEPT,
    NO_LINE,
    NOTES,
    ActionKind,
    ActionState,
    Asked,
    Ledger,
    checked,
    order_of,
)
from bridge.link.orders import AudioOnly, Layer, OrderSites

SITE = "dien-bien"


class Story:
    """A ledger, and the one action of a test."""

    def __init__(self, kind: ActionKind, value: str = "", *, pages: int = 1) -> None:
        self.ledger = Ledger("run")
        self.asked = self.ledger.ask(SITE, kind, value, by="Sơn", now=100.0, pages=pages)

    def answer(self, *, ok: bool = True, detail: str = "", site: str = SITE) -> Asked | None:
        return self.ledger.answered(self.asked.id, site, ok=ok, detail=detail)


def test_a_page_that_answers_has_done_it() -> None:
    story = Story(ActionKind.RECONNECT)
    assert (story.asked.state, story.asked.until) == (ActionState.SENT, 115.0)
    done = story.answer()
    assert done is not None
    assert (done.state, done.until) == (ActionState.DONE, 0.0)
    assert story.answer() is None, "a second page of the site"
    assert story.answer(ok=False) is None
    assert story.ledger.expired(1e9) == []


def test_nobody_answers() -> None:
    story = Story(ActionKind.MUTE, "on")
    assert story.ledger.expired(105.9) == []
    [late] = story.ledger.expired(106.0)
    assert (late.state, late.detail) == (ActionState.FAILED, "no_answer")
    assert story.ledger.expired(200.0) == []
    done = story.answer()
    assert done is not None, "better late"
    assert done.state is ActionState.DONE


def test_a_page_that_cannot_and_another_one_that_can() -> None:
    story = Story(ActionKind.RECONNECT, pages=2)
    failed = story.answer(ok=False, detail="unreachable")
    assert failed is not None
    assert (failed.state, failed.detail) == (ActionState.FAILED, "unreachable")
    assert story.answer(ok=False, detail="unreachable") is None
    done = story.answer()
    assert done is not None
    assert (done.state, done.detail) == (ActionState.DONE, "")


def test_without_a_page_it_has_failed_at_once() -> None:
    story = Story(ActionKind.RELOAD, pages=0)
    assert (story.asked.state, story.asked.detail) == (ActionState.FAILED, "no_page")


def test_what_the_server_cannot_do_is_asked_of_nobody() -> None:
    ledger = Ledger("run")
    kind = ActionKind.LINE
    asked = ledger.ask(SITE, kind, "backup", by="", now=1.0, pages=2, problem=NO_LINE)
    assert (asked.state, asked.detail, asked.until) == (ActionState.FAILED, "no_line", 0.0)


def test_a_note_is_shown_then_read() -> None:
    story = Story(ActionKind.NOTE, "Tắt quạt")
    assert story.ledger.unread(SITE) == [story.asked]
    shown = story.answer(detail="shown")
    assert shown is not None
    assert (shown.state, shown.until) == (ActionState.SHOWN, 0.0)
    assert story.ledger.unread(SITE) == [shown], "a page that is loaded anew shows it again"
    assert story.answer(detail="shown") is None
    read = story.answer(detail="read")
    assert read is not None
    assert read.state is ActionState.DONE
    assert story.ledger.unread(SITE) == []


def test_notes_for_a_page_that_comes_later() -> None:
    ledger = Ledger("run")
    for number in range(NOTES + 2):
        ledger.ask(SITE, ActionKind.NOTE, str(number), by="", now=1.0, pages=0)
    ledger.ask("lao-cai", ActionKind.NOTE, "x", by="", now=1.0, pages=0)
    ledger.ask(SITE, ActionKind.RELOAD, "", by="", now=1.0, pages=0)
    assert [one.value for one in ledger.unread(SITE)] == ["2", "3", "4", "5", "6"]


def test_answers_that_mean_nothing() -> None:
    story = Story(ActionKind.MUTE, "on")
    assert story.answer(site="lao-cai") is None
    assert story.ledger.answered("nobody", SITE, ok=True, detail="") is None


def test_old_actions_are_forgotten() -> None:
    ledger = Ledger("run")
    for _ in range(KEPT + 1):
        last = ledger.ask(SITE, ActionKind.RELOAD, "", by="", now=1.0, pages=1)
    assert ledger.answered("run.1", SITE, ok=True, detail="") is None
    assert list(ledger.newest(1)) == [last]
    assert len(list(ledger.newest(10_000))) == KEPT


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ActionKind.MUTE, ""),
        (ActionKind.LAYER, "f"),
        (ActionKind.AUDIO_ONLY, "left"),
        (ActionKind.RELOAD, "now"),
        (ActionKind.NOTE, " \n "),
        (ActionKind.CAP, ""),
        (ActionKind.CAP, "-1"),
        (ActionKind.CAP, "100001"),
        (ActionKind.CAP, "²"),
        (ActionKind.LINE, " "),
    ],
)
def test_values_that_say_nothing(kind: ActionKind, value: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        checked(kind, value)
    assert caught.value.code is Code.FIELD_INVALID


@pytest.mark.parametrize(
    ("kind", "value", "order"),
    [
        (ActionKind.MUTE, "on", {"muted": True}),
        (ActionKind.MUTE, "off", {"muted": False}),
        (ActionKind.AUDIO_ONLY, "up", {"audio_only": AudioOnly.SENDING}),
        (ActionKind.LAYER, "h", {"layer": Layer.MEDIUM}),
        (ActionKind.CAP, "400", {"cap_kbps": 400}),
        (ActionKind.LINE, "backup", None),
        (ActionKind.RECONNECT, "", None),
        (ActionKind.RELOAD, "", None),
        (ActionKind.NOTE, "Tắt quạt", None),
    ],
)
def test_what_is_ordered(kind: ActionKind, value: str, order: dict[str, object] | None) -> None:
    assert checked(kind, value) == value
    wanted = OrderSites(cmd_id="c", sites=(SITE,), **order) if order else None  # type: ignore[arg-type]
    assert order_of(kind, value, (SITE,), "c") == wanted


def test_a_cap_is_a_plain_number_and_a_note_is_one_line() -> None:
    assert checked(ActionKind.CAP, "0400") == "400"
    assert checked(ActionKind.NOTE, "  Tắt\n quạt ") == "Tắt quạt"
