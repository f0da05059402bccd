"""Who did what last: taking back one's own step, and hearing who was first."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from bridge.commands import Actor
from bridge.errors import Code
from bridge.floor import policy_of
from bridge.floor.commands import ListState, PriorityClass
from bridge.floor.events import FloorResumed, GrantWithdrawn
from bridge.floor.policy import ChairPriority
from bridge.floor.tables import RequestState
from bridge.history import KEPT, ActionUndone, History, Undo, about, last_of, overtaken, record
from bridge.ids import Role, camera
from bridge.show.commands import SetLayout, SetPreview, StartItem, Take
from bridge.show.events import ProgramTaken
from bridge.show.scene import Layout, Slot
from bridge.state import SessionCommand
from tests.floor.playbook import (
    accept,
    apply,
    ask,
    call,
    cancel,
    change,
    clear,
    correct,
    deny,
    edit,
    extend,
    file,
    give_back,
    grant,
    host,
    keep,
    mark_live,
    move,
    pause,
    phone,
    readd,
    release,
    resume,
    revoke,
    set_list,
    unaccept,
    unfile,
    withdraw,
)
from tests.playbook import (
    CA_MAU,
    COLLEAGUE,
    DIEN_BIEN,
    HANOI,
    MODERATOR,
    SYSTEM,
    Session,
    by_floor,
)

CHAIR, POINT, REPLY, NORMAL, WRITTEN = PriorityClass
LAO_CAI = camera("lao-cai")
INSET = SetLayout(cmd_id="c", layout=Layout.INSET)


def undo(rev: int = 0) -> Undo:
    return Undo(cmd_id="u", rev=rev)


def start(item: str) -> StartItem:
    return StartItem(cmd_id="c", item=item)


def look(session: Session) -> dict[str, Any]:
    """Return what people see of the session; a request that came back looks as it did."""
    floor, show = session.state.floor, session.state.show

    def requests(name: str) -> list[tuple[object, ...]]:
        shown = [floor.requests[request] for request in getattr(floor, name)]
        return [
            (one.site, one.name, one.title, one.topic, one.priority_class, one.state)
            for one in shown
        ]

    return {
        **{name: requests(name) for name in ("pending", "queue", "filed", "speaking")},
        "clocks": [(turn.limit, turn.used_at(session.now)) for _, turn in floor.turns()],
        "ledger": floor.ledger,
        "list": floor.list_state,
        "policy": policy_of(session.setup.floor, floor),
        "program": (show.program.scene, show.home_scene),
        "preview": show.preview.scene,
        "item": show.item,
    }


@pytest.fixture
def session() -> Session:
    """r1 has spoken, r2 speaks, r3 r4 r5 wait, r6 waits for approval, r7 is filed."""
    session = Session()
    session.says(change(capacity=2), COLLEAGUE)
    session.live("ca-mau")
    session.now += 93.5
    session.release("r1")
    session.live("lao-cai")
    session.queued("dien-bien", name="Ba")
    session.queued("dien-bien", name="Bốn")
    session.queued("ca-mau", name="Năm")
    session.says(ask("Sáu"), host("dien-bien"))
    session.queued("dien-bien", WRITTEN, "Bảy")
    session.preview(CA_MAU, COLLEAGUE)
    session.says(start("khai-mac"), COLLEAGUE)
    session.now += 6.5
    return session


class Kind(NamedTuple):
    """A command, and what must be done before it."""

    command: SessionCommand
    before: tuple[SessionCommand, ...] = ()


KINDS = {
    "ask": Kind(ask("Tám", site="dien-bien")),
    "accept": Kind(accept("r6")),
    "accept a written one": Kind(accept("r7"), (unfile("r7", WRITTEN, pending=True),)),
    "deny": Kind(deny("r6")),
    "unaccept the first": Kind(unaccept("r3")),
    "unaccept the last": Kind(unaccept("r5")),
    "file a pending one": Kind(file("r6")),
    "file one in line": Kind(file("r4")),
    "file the only one": Kind(file("r3"), (cancel("r4"), cancel("r5"))),
    "unfile": Kind(unfile("r7", POINT)),
    "cancel a pending one": Kind(cancel("r6")),
    "cancel one in line": Kind(cancel("r4")),
    "cancel the last": Kind(cancel("r5")),
    "cancel a written one": Kind(cancel("r7")),
    "clear": Kind(clear(4)),
    "readd": Kind(readd("r1")),
    "edit": Kind(edit("r4", "Bốn", title="Giám đốc", topic="Cà phê")),
    "move up": Kind(move("r5", before="r3")),
    "move down": Kind(move("r3", after="r5")),
    "move the middle": Kind(move("r4", after="r5")),
    "apply the proposal": Kind(apply("r4", "r5", "r3"), (call("r5"), call("r4"))),
    "call": Kind(call("r4")),
    "take off deck": Kind(give_back("r4"), (call("r4"),)),
    "grant": Kind(grant("r4")),
    "grant the last": Kind(grant("r5")),
    "grant on deck": Kind(grant("r4"), (call("r4"),)),
    "withdraw": Kind(withdraw("r3"), (grant("r3"),)),
    "pause": Kind(pause("r2")),
    "resume": Kind(resume("r2"), (pause("r2"),)),
    "more time": Kind(extend("r2", 60)),
    "no more time": Kind(extend("r2", -3600)),
    "revoke": Kind(revoke("r2")),
    "keep": Kind(keep("r2"), (revoke("r2"),)),
    "correct": Kind(correct("r1", 60)),
    "close the list": Kind(set_list(ListState.CLOSED)),
    "suspend the list": Kind(set_list(ListState.SUSPENDED)),
    "open the list": Kind(set_list(ListState.OPEN), (set_list(ListState.CLOSED),)),
    "rules": Kind(change(first_limit=600, auto_accept=True, capacity=1)),
    "preview": Kind(SetPreview(cmd_id="c", source=DIEN_BIEN)),
    "take": Kind(Take(cmd_id="c", source=DIEN_BIEN)),
    "swap": Kind(Take(cmd_id="c")),
    "two on preview": Kind(SetLayout(cmd_id="c", layout=Layout.INSET)),
    "one on preview": Kind(SetLayout(cmd_id="c", layout=Layout.SINGLE), (INSET,)),
    "other two on preview": Kind(SetLayout(cmd_id="c", layout=Layout.SIDE_BY_SIDE), (INSET,)),
    "second on preview": Kind(SetPreview(cmd_id="c", source=DIEN_BIEN, slot=Slot.INSET), (INSET,)),
    "changed places": Kind(SetPreview(cmd_id="c", source=LAO_CAI), (INSET,)),
    "two on program": Kind(Take(cmd_id="c"), (INSET,)),
    "one on program": Kind(Take(cmd_id="c", source=DIEN_BIEN), (INSET, Take(cmd_id="c"))),
    "second on program": Kind(
        Take(cmd_id="c", source=DIEN_BIEN, slot=Slot.INSET), (INSET, Take(cmd_id="c"))
    ),
    "other two on program": Kind(
        Take(cmd_id="c", source=CA_MAU, layout=Layout.SIDE_BY_SIDE, inset=LAO_CAI),
        (INSET, Take(cmd_id="c")),
    ),
    "item": Kind(start("phat-bieu")),
}


class TestUndo:
    @pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
    def test_every_kind_of_step_can_be_taken_back(self, session: Session, kind: Kind) -> None:
        for command in kind.before:
            session.says(command)
        before = look(session)
        assert session.says(kind.command)
        step = session.rev
        assert look(session) != before
        events = session.says(undo())
        assert events[0] == ActionUndone(rev=step)
        assert len(events) > 1
        assert look(session) == before

    @pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
    def test_it_is_a_new_entry_that_names_the_step(self, session: Session, kind: Kind) -> None:
        for command in kind.before:
            session.says(command)
        session.says(kind.command)
        step = session.rev
        session.says(undo(step))
        assert session.rev == step + 1
        actions = {action.rev: action for action in session.state.history.actions}
        assert actions[step].undone
        back = actions[step + 1]
        assert (back.deed, back.actor, back.at) == ("action_undone", MODERATOR, session.now)
        assert (back.request, back.touched) == (actions[step].request, actions[step].touched)
        assert not back.undo

    @pytest.mark.parametrize("command", [release("r3"), revoke("r3")])
    def test_a_turn_that_has_ended_comes_back_as_the_next_request(
        self, session: Session, command: SessionCommand
    ) -> None:
        """History is not rewritten: what was spoken stays in the ledger."""
        session.grant("r3")
        session.says(command)
        session.says(undo())
        floor = session.state.floor
        assert floor.requests["r3"].status.value in {"released", "revoked"}
        assert floor.requests["r8"].readd_of == "r3"
        assert floor.queue == ("r8", "r4", "r5")

    def test_a_speech_that_was_ended_by_the_chair_comes_back_with_its_order(
        self, session: Session
    ) -> None:
        session.says(change(chair_priority=ChairPriority.CLEAR))
        session.live("ha-noi")
        chair = session.queued("ca-mau", CHAIR)
        session.grant(chair)
        assert session.state.floor.speaking == (chair,)
        session.says(undo())
        floor = session.state.floor
        again = [floor.requests[request] for request in floor.queue]
        assert [one.readd_of or one.id for one in again] == [chair, "r2", "r8", "r3", "r4", "r5"]

    def test_a_chair_that_was_taken_back_lets_the_suspended_go_on(self, session: Session) -> None:
        session.says(change(chair_priority=ChairPriority.SUSPEND))
        chair = session.queued("ca-mau", CHAIR)
        session.grant(chair)
        assert session.state.floor.requests["r2"].state is RequestState.PAUSED
        events = session.says(undo())
        assert GrantWithdrawn(request=chair, grant="g3") in events
        assert FloorResumed(request="r2", grant="g2") in events

    def test_the_first_preview_and_the_first_item_cannot_be_taken_back(self) -> None:
        session = Session()
        session.preview(CA_MAU)
        assert session.refuses(undo()).code is Code.NOTHING_TO_UNDO
        session.says(start("khai-mac"))
        assert session.refuses(undo()).code is Code.NOTHING_TO_UNDO

    def test_what_is_so_already_again_counts_as_taken_back(self, session: Session) -> None:
        session.grant("r4")
        step = session.rev
        session.now += 30
        session.check()  # it gave no sound and is back in the queue
        session.says(move("r4", after="r3"), COLLEAGUE)
        assert session.says(undo()) == [ActionUndone(rev=step)]

    def test_a_neighbour_who_has_left_does_not_stop_it(self, session: Session) -> None:
        session.grant("r4")
        session.says(cancel("r5"), host("ca-mau"))
        session.says(undo())
        assert session.state.floor.queue == ("r4", "r3")

    def test_nor_does_one_who_changed_the_class(self, session: Session) -> None:
        session.grant("r4")
        session.says(file("r5"), COLLEAGUE)
        session.says(unfile("r5", POINT), COLLEAGUE)
        session.says(undo())
        assert session.state.floor.queue == ("r5", "r4", "r3")

    def test_nor_a_site_that_has_asked_again_when_all_had_been_cleared(
        self, session: Session
    ) -> None:
        session.says(clear(4))
        session.says(ask("Bốn"), host("dien-bien"))
        session.says(undo())
        floor = session.state.floor
        assert [floor.requests[request].name for request in floor.queue] == ["Ba", "Năm"]
        assert [floor.requests[request].name for request in floor.pending] == ["Bốn", "Sáu"]

    def test_a_single_one_that_is_there_again_is_refused_in_words(self, session: Session) -> None:
        for command in (file("r3"), cancel("r4")):
            session.says(command)
            name = session.state.floor.requests[command.request].name
            session.says(ask(name), host("dien-bien"))
            assert session.refuses(undo()).code is Code.DUPLICATE_REQUEST

    def test_a_take_in_a_speech_gives_the_picture_back_to_the_floor(self, session: Session) -> None:
        session.take(DIEN_BIEN)
        session.says(undo())
        assert session.release("r2")[1:] == [by_floor(HANOI)]

    def test_who_came_on_air_since_a_take_stays_there(self, session: Session) -> None:
        session.take(DIEN_BIEN)
        session.says(grant("r5"), COLLEAGUE)
        assert session.says(undo())[1:] == [ProgramTaken(source=HANOI), by_floor(CA_MAU)]
        assert session.state.show.home == HANOI

    def test_what_the_rules_did_by_themselves_goes_on(self, session: Session) -> None:
        session.says(change(auto_call=True, capacity=2))
        session.says(give_back("r3"))
        session.says(cancel("r4"))
        assert session.state.floor.requests["r5"].deck is not None
        session.says(undo())
        assert session.state.floor.requests["r5"].deck is not None


class TestWhoseStep:
    @pytest.mark.parametrize(
        "actor", [host("dien-bien"), phone("dien-bien"), Actor(role=Role.TECHNICIAN), SYSTEM]
    )
    def test_only_moderators_take_steps_back(self, session: Session, actor: Actor) -> None:
        refusal = session.refuses(undo(), actor)
        assert refusal.code is Code.ROLE_FORBIDDEN
        assert refusal.details == {"role": actor.role.value, "command": "undo"}

    def test_nobody_elses(self, session: Session) -> None:
        session.says(accept("r6"))
        step = session.rev
        assert session.refuses(undo(step), COLLEAGUE).code is Code.NOTHING_TO_UNDO
        session.says(undo(), COLLEAGUE)  # takes back their own: room for two speakers
        assert policy_of(session.setup.floor, session.state.floor).capacity == 1
        assert "r6" in session.state.floor.queue

    def test_not_a_hosts(self, session: Session) -> None:
        session.says(cancel("r4"), host("dien-bien"))
        assert session.refuses(undo(session.rev)).code is Code.NOTHING_TO_UNDO

    def test_not_twice(self, session: Session) -> None:
        session.says(accept("r6"))
        step = session.rev
        session.says(undo(step))
        refusal = session.refuses(undo(step))
        assert refusal.code is Code.NOTHING_TO_UNDO
        assert refusal.message.endswith(".")

    def test_only_the_newest_is_meant_by_its_revision(self, session: Session) -> None:
        session.says(accept("r6"))
        step = session.rev
        session.says(call("r3"))
        assert session.refuses(undo(step)).code is Code.NOTHING_TO_UNDO
        session.says(undo())
        session.says(undo(step))

    def test_one_after_the_other_back_to_the_beginning(self) -> None:
        session = Session()
        session.queued("dien-bien", name="Một")
        session.queued("dien-bien", name="Hai")
        session.says(move("r2", before="r1"))
        session.says(call("r2"))
        session.grant("r2")
        for _ in range(5):
            session.says(undo())
        assert session.refuses(undo()).code is Code.NOTHING_TO_UNDO
        floor = session.state.floor
        assert (floor.queue, floor.speaking, floor.pending) == ((), (), ())

    def test_an_undo_is_no_step_to_take_back(self, session: Session) -> None:
        session.says(accept("r6"), COLLEAGUE)
        session.says(undo(), COLLEAGUE)
        session.says(undo(), COLLEAGUE)
        assert policy_of(session.setup.floor, session.state.floor).capacity == 1
        assert session.state.floor.pending == ("r6",)


#: Steps, what somebody else did after them, and whether that is in the way.
LATER: list[tuple[SessionCommand, SessionCommand, bool]] = [
    (edit("r4", "Bốn", title="Giám đốc"), edit("r4", "Bốn", title="Phó"), True),
    (edit("r4", "Bốn", title="Giám đốc"), edit("r5", "Năm", title="Phó"), False),
    (edit("r4", "Bốn", title="Giám đốc"), call("r4"), False),
    (set_list(ListState.CLOSED), set_list(ListState.SUSPENDED), True),
    (change(warning=30), change(warning=20), True),
    (change(warning=30, capacity=1), change(first_limit=600, capacity=2), True),
    (change(warning=30), change(first_limit=600), False),
    (move("r5", before="r3"), move("r5", before="r4"), True),
    (move("r5", before="r3"), move("r4", before="r3"), False),
    (extend("r2", 60), extend("r2", 60), True),
    (Take(cmd_id="c", source=DIEN_BIEN), Take(cmd_id="c", source=CA_MAU), True),
    (Take(cmd_id="c", source=DIEN_BIEN), SetPreview(cmd_id="c", source=HANOI), False),
    (SetPreview(cmd_id="c", source=HANOI), SetPreview(cmd_id="c", source=DIEN_BIEN), True),
    (SetPreview(cmd_id="c", source=HANOI), INSET, True),
    (INSET, Take(cmd_id="c", source=DIEN_BIEN, slot=Slot.MAIN), False),
    (
        Take(cmd_id="c", source=DIEN_BIEN, layout=Layout.INSET, inset=HANOI),
        Take(cmd_id="c", source=CA_MAU, slot=Slot.INSET),
        True,
    ),
    (start("phat-bieu"), start("khai-mac"), True),
    (correct("r1", 60), correct("r1", 70), True),
]


class TestOvertaken:
    @pytest.mark.parametrize(("step", "later", "in_the_way"), LATER)
    def test_what_somebody_else_did_to_the_same_since_is_not_taken_back_too(
        self, session: Session, step: SessionCommand, later: SessionCommand, in_the_way: bool
    ) -> None:
        session.says(step)
        rev = session.rev
        session.now += 5
        assert session.says(later, COLLEAGUE)
        if not in_the_way:
            assert session.says(undo(rev))
            return
        refusal = session.refuses(undo(rev))
        assert refusal.code is Code.NOTHING_TO_UNDO
        deed = session.state.history.actions[-1].deed
        assert refusal.details == {
            "why": "overtaken",
            "by": "Thư ký",
            "by_role": "moderator",
            "by_site": "",
            "deed": deed,
            "at": session.now,
        }

    def test_a_whole_order_is_overtaken_by_any_move(self, session: Session) -> None:
        session.says(call("r5"), COLLEAGUE)
        session.says(call("r4"), COLLEAGUE)
        session.says(apply("r4", "r5", "r3"))
        session.says(move("r3", before="r5"), COLLEAGUE)
        assert session.refuses(undo()).details["deed"] == "request_moved"

    def test_what_they_took_back_themselves_is_not_in_the_way(self, session: Session) -> None:
        session.says(edit("r4", "Bốn", title="Giám đốc"))
        session.says(edit("r4", "Bốn", title="Phó Giám đốc"), COLLEAGUE)
        session.says(undo(), COLLEAGUE)
        # Their undo put back what this step had made; now it is they who changed it last.
        assert session.refuses(undo()).details["deed"] == "action_undone"

    def test_ones_own_later_step_is_taken_back_first(self, session: Session) -> None:
        before = look(session)
        session.says(edit("r4", "Bốn", title="Giám đốc"))
        session.says(edit("r4", "Bốn", title="Phó Giám đốc"))
        session.says(undo())
        session.says(undo())
        assert look(session) == before

    def test_a_grant_that_was_heard_is_refused_in_words(self, session: Session) -> None:
        session.grant("r4")
        session.says(mark_live("g3"), SYSTEM)
        refusal = session.refuses(undo())
        assert refusal.code is Code.WRONG_STATE
        assert refusal.details["state"] == "live"

    def test_so_is_a_floor_that_was_taken_back_for_good(self, session: Session) -> None:
        session.says(revoke("r2"))
        session.now += 5
        session.check()
        assert session.refuses(undo()).code is Code.WRONG_STATE

    def test_and_a_grant_that_would_find_the_floor_busy(self, session: Session) -> None:
        session.says(change(capacity=1), COLLEAGUE)
        session.release("r2")
        session.grant("r4")
        session.says(withdraw("r4"))
        session.says(grant("r3"), COLLEAGUE)
        refusal = session.refuses(undo())
        assert refusal.code is Code.FLOOR_BUSY
        assert refusal.details["by"] == "Thư ký"


class TestWhoWasFirst:
    def test_a_refusal_says_who_did_what_and_when(self, session: Session) -> None:
        session.says(grant("r4"), COLLEAGUE)
        session.now += 1
        refusal = session.refuses(grant("r4"))
        assert refusal.code is Code.FLOOR_BUSY
        assert refusal.details == {
            "name": "Bốn",
            "site": "dien-bien",
            "request": "r4",
            "by": "Thư ký",
            "by_role": "moderator",
            "by_site": "",
            "deed": "floor_granted",
            "at": session.now - 1,
        }

    def test_of_a_host_it_says_the_site(self, session: Session) -> None:
        session.says(cancel("r4"), host("dien-bien"))
        details = session.refuses(grant("r4")).details
        assert (details["by"], details["by_role"], details["by_site"]) == ("", "host", "dien-bien")
        assert details["deed"] == "request_cancelled"

    def test_the_newest_deed_of_somebody_else_counts(self, session: Session) -> None:
        session.says(call("r4"), COLLEAGUE)
        session.says(give_back("r4"), host("dien-bien"))
        session.says(file("r4"))
        assert session.refuses(grant("r4")).details["deed"] == "deck_left"

    def test_ones_own_deeds_are_known(self, session: Session) -> None:
        session.says(cancel("r4"))
        assert "deed" not in session.refuses(grant("r4")).details

    def test_what_the_server_did_is_nobodys_deed(self, session: Session) -> None:
        session.grant("r4")
        session.now += 30
        session.check()
        assert "deed" not in session.refuses(release("r4")).details

    def test_of_several_at_once_everyone_is_named(self, session: Session) -> None:
        session.says(clear(4), COLLEAGUE)
        for request in ("r3", "r4", "r5", "r6"):
            details = session.refuses(grant(request)).details
            assert (details["by"], details["deed"]) == ("Thư ký", "request_cancelled")

    def test_a_step_that_was_taken_back_is_named(self, session: Session) -> None:
        session.says(accept("r6"), COLLEAGUE)
        session.says(undo(), COLLEAGUE)
        details = session.refuses(grant("r6")).details
        assert (details["by"], details["deed"]) == ("Thư ký", "action_undone")

    @pytest.mark.parametrize(
        "command",
        [
            Take(cmd_id="c", source="camera:atlantis"),
            ask("Chín", site="atlantis"),
            clear(99),
            change(capacity=3),
        ],
    )
    def test_a_refusal_about_no_request_names_nobody(
        self, session: Session, command: SessionCommand
    ) -> None:
        session.says(set_list(ListState.CLOSED), COLLEAGUE)
        assert "deed" not in session.refuses(command).details

    def test_an_undo_that_is_refused_says_who_was_first_too(self, session: Session) -> None:
        session.says(accept("r6"))
        session.says(grant("r6"), COLLEAGUE)
        details = session.refuses(undo()).details
        assert (details["deed"], details["state"]) == ("floor_granted", "arming")


class TestBound:
    def test_the_oldest_steps_are_forgotten(self) -> None:
        session = Session()
        for number in range(KEPT + 10):
            session.queued("dien-bien", name=f"Đại biểu số {number}")
        actions = session.state.history.actions
        assert [action.rev for action in actions] == list(range(11, KEPT + 11))
        for _ in range(KEPT // 2):  # each undo is a step of its own
            session.says(undo())
        assert len(session.state.history.actions) == KEPT
        assert session.refuses(undo(11)).code is Code.NOTHING_TO_UNDO

    def test_a_hall_full_of_phones_does_not_push_a_moderators_step_out(self) -> None:
        session = Session()
        session.says(set_list(ListState.OPEN), MODERATOR)
        session.queued("dien-bien", name="Một")
        for number in range(KEPT + 10):
            session.says(ask("Hai"), phone("ca-mau", f"p{number}"))
            session.says(cancel(f"r{number + 2}"), phone("ca-mau", f"p{number}"))
        actions = session.state.history.actions
        assert len(actions) == KEPT + 1
        assert actions[0].actor == MODERATOR
        assert session.says(undo())
        assert session.state.floor.queue == ()

    def test_an_undo_of_what_is_no_longer_remembered_is_still_read(self) -> None:
        """A log stays readable, however much of it a later release remembers."""
        session = Session()
        state, policy = session.state, session.setup.policy
        known = record(
            History(),
            (state.floor, policy),
            state.show,
            MODERATOR,
            [ActionUndone(rev=1)],
            1000.0,
            99,
        )
        (action,) = known.actions
        assert (action.rev, action.deed, action.request) == (99, "action_undone", "")
        assert last_of(known, MODERATOR) is None
        assert overtaken(known, action) is None
        assert about(known, "r1", COLLEAGUE) is None
