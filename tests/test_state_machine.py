"""The invariants of a session, on whatever sequence of commands Hypothesis can think of.

The model and its invariants are in ``tests.model``, how a command is played and what it
must leave alone in ``tests.machine``. I6 and I11 need connections, ids and views, which
live above this layer; I13 is in ``tests/floor/test_patience.py``. ``FLOOR_EXAMPLES`` is the
number of examples; ``make fuzz-floor`` sets it high.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import Code
from bridge.floor import policy_of
from bridge.floor.commands import Check, ListState, PriorityClass
from bridge.floor.events import FloorExtended
from bridge.floor.fairness import propose
from bridge.floor.policy import ChairPriority, Contribution, Overtime, PolicyChange
from bridge.floor.tables import RequestState
from bridge.history import ActionUndone, Undo
from bridge.ids import camera, slate, slides
from bridge.show.commands import ReportSlides, SetLayout, SetPreview, StartItem, Take
from bridge.show.scene import Layout, Slot
from bridge.state import SessionCommand, next_deadline
from tests.floor import playbook as say
from tests.machine import (
    ANYBODY,
    BEGINNING,
    CLASSES,
    HOSTS,
    MODERATORS,
    NAMES,
    PHONES,
    POWERLESS,
    SITES,
    STEP,
    Draw,
    Machine,
    steps,
)
from tests.playbook import MODERATOR, SYSTEM

CHAIR = PriorityClass.CHAIR
LOST = RequestState.LINK_LOST

EXAMPLES = int(os.environ.get("FLOOR_EXAMPLES", "2000"))
SIZE = BEGINNING + 60 * STEP

CHANGES = (
    *({"capacity": capacity} for capacity in (1, 2, 3)),
    *({"chair_priority": priority} for priority in ChairPriority),
    *({"overtime": overtime} for overtime in Overtime),
    *({"contribution": contribution} for contribution in Contribution),
    *({"auto_accept": on, "several_requests": on} for on in (True, False)),
    *({"auto_call": on} for on in (True, False)),
    *({"auto_grant": on} for on in (True, False)),
    {"first_limit": 10.0, "next_limit": 10.0, "warning": 0.0},
    {"warning": 600.0},
    {"prep_timeout": 5.0, "check_timeout": 5.0},
    {"revoke_grace": 0.0, "drop_timeout": 5.0},
)


class Floor(Machine):
    """What people, time and the network do."""

    # -- what sites and phones do

    def a_site_asks(self, draw: Draw) -> None:
        actor, chosen = draw.of((*HOSTS, *PHONES)), draw.of(CLASSES)
        named = self.some(draw, "ended", "speaking") if draw.below(2) else ""
        outcome = self.says(actor, say.ask(draw.of(NAMES), priority_class=chosen, reply_to=named))
        if chosen is CHAIR:
            assert outcome is Code.ROLE_FORBIDDEN
            return
        state = self.state.floor.list_state
        closed = state is ListState.CLOSED and chosen is not PriorityClass.POINT_OF_ORDER
        if closed or state is ListState.SUSPENDED:
            assert outcome is (Code.LIST_CLOSED if closed else Code.LIST_SUSPENDED)
        elif isinstance(outcome, Code):
            reasons = {Code.DUPLICATE_REQUEST}
            reasons |= {Code.REPLY_UNKNOWN} if chosen is PriorityClass.REPLY else set()
            reasons |= {Code.TOO_MANY_REQUESTS} if actor in PHONES else set()
            assert outcome in reasons

    def somebody_cancels(self, draw: Draw) -> None:
        request = self.some(draw, "pending", "queue", "filed")
        self.says(draw.of(ANYBODY), say.cancel(request))

    def somebody_edits(self, draw: Draw) -> None:
        request, queue = self.some(draw, "pending", "queue", "filed"), self.state.floor.queue
        self.says(draw.of(ANYBODY), say.edit(request, draw.of(NAMES)))
        assert self.state.floor.queue == queue

    def somebody_confirms_or_leaves_the_deck(self, draw: Draw) -> None:
        command = say.confirm if draw.below(2) else say.give_back
        actor = draw.of((*ANYBODY, *HOSTS, *HOSTS))
        self.says(actor, command(self.somebody_on_deck(draw)))

    def somebody_releases(self, draw: Draw) -> None:
        self.says(draw.of((*ANYBODY, *HOSTS)), say.release(self.somebody_speaks(draw)))

    def the_powerless_try(self, draw: Draw) -> None:
        """I12: no effect without permission."""
        actor, request = draw.of(POWERLESS), self.some(draw, "pending", "queue", "speaking")
        command = draw.of(
            (
                say.accept(request),
                say.grant(request),
                say.revoke(request),
                say.ask(site="dien-bien"),
                say.mark_live(f"g{draw.below(9)}"),
                Undo(cmd_id="c"),
                Take(cmd_id="c", source=camera("dien-bien")),
            )
        )
        assert self.says(actor, command) is Code.ROLE_FORBIDDEN

    # -- what moderators do with those who wait

    def a_moderator_asks(self, draw: Draw) -> None:
        actor, chosen = draw.of(MODERATORS), draw.of(CLASSES)
        outcome = self.says(
            actor, say.ask(draw.of(NAMES), site=draw.of(SITES), priority_class=chosen)
        )
        if isinstance(outcome, Code):
            assert outcome in {Code.DUPLICATE_REQUEST, Code.REPLY_UNKNOWN}
        else:
            assert len(outcome) >= 2

    def a_request_is_judged(self, draw: Draw) -> None:
        command = draw.of((say.accept, say.accept, say.deny, say.file))
        self.says(draw.of(MODERATORS), command(self.some(draw, "pending")))

    def it_is_judged_otherwise(self, draw: Draw) -> None:
        actor = draw.of(MODERATORS)
        if draw.below(2):
            self.says(actor, draw.of((say.unaccept, say.file))(self.some(draw, "queue")))
        else:
            request, chosen = self.some(draw, "filed"), draw.of(CLASSES)
            self.says(actor, say.unfile(request, chosen, pending=bool(draw.below(2))))

    def an_ended_request_is_repeated(self, draw: Draw) -> None:
        request, before = self.some(draw, "ended"), self.some(draw, "queue")
        head, pending = bool(draw.below(2)), draw.below(4) == 1
        self.says(
            draw.of(MODERATORS),
            say.readd(request, pending=pending, before=before, at_head=head),
        )

    def all_that_waits_is_cleared(self, draw: Draw) -> None:
        floor = self.state.floor
        count = len(floor.queue) + len(floor.pending)
        seen = draw.below(8)  # most of the time not what there is: long queues are worth more
        outcome = self.says(draw.of(MODERATORS), say.clear(seen))
        assert (outcome is Code.STALE_REVISION) is (seen != count)

    def a_request_is_moved(self, draw: Draw) -> None:
        request, anchor = self.some(draw, "queue"), self.some(draw, "queue")
        before = bool(draw.below(2))
        command = say.move(request, before=anchor if before else "", after="" if before else anchor)
        self.says(draw.of(MODERATORS), command)

    def the_proposal_is_applied(self, draw: Draw) -> None:
        """The whole queue, each class for itself; what is applied is what was seen."""
        policy = policy_of(self.setup.floor, self.state.floor)
        order = [place.request for place in propose(policy, self.state.floor)]
        outcome = self.says(draw.of(MODERATORS), say.apply(*order))
        assert not isinstance(outcome, Code)
        assert list(self.state.floor.queue) == order
        assert [place.request for place in propose(policy, self.state.floor)] == order

    def a_request_is_called_on_deck(self, draw: Draw) -> None:
        self.says(draw.of(MODERATORS), say.call(self.some(draw, "queue")))

    # -- what moderators do with those who speak

    def somebody_gets_the_floor(self, draw: Draw) -> None:
        request, override = self.some(draw, "queue"), draw.below(4) != 1
        self.says(draw.of(MODERATORS), say.grant(request, override=override))

    def two_moderators_grant_at_once(self, _: Draw) -> None:
        """I7: at most the capacity wins; who loses hears that the floor is busy."""
        floor = self.state.floor
        first = [
            request
            for request in floor.queue
            if floor.requests[request].priority_class is not CHAIR
        ][:2]
        free = max(0, self.model.policy.capacity - self.model.ordinary())
        alone = any(grant.suspends for _, grant in floor.turns())
        outcomes = [
            self.says(actor, say.grant(request))
            for actor, request in zip(MODERATORS, first, strict=False)
        ]
        won = [outcome for outcome in outcomes if not isinstance(outcome, Code)]
        if not self.model.policy.auto_grant and Code.MICROPHONES_FULL not in outcomes:
            assert len(won) == (0 if alone else min(free, len(outcomes)))
            assert all(one is Code.FLOOR_BUSY for one in outcomes if isinstance(one, Code))

    def a_speech_is_given(self, draw: Draw) -> None:
        """The ordinary course of things, so that long histories are reached often."""
        for request in self.state.floor.queue[:1]:
            self.says(draw.of(MODERATORS), say.grant(request))
            self.first_sounds()
            self.now += draw.below(500)
            self.says(draw.of(MODERATORS), say.release(request))

    def the_chair_takes_the_floor(self, draw: Draw) -> None:
        self.somebody_speaks(draw)
        name, site = f"Chủ tọa {draw.below(4)}", draw.of(SITES)
        outcome = self.says(MODERATOR, say.ask(name, site=site, priority_class=CHAIR))
        if not isinstance(outcome, Code):
            self.says(draw.of(MODERATORS), say.grant(self.state.floor.of_class(CHAIR)[-1].id))
            if draw.below(2):
                self.first_sounds()

    def a_turn_is_changed(self, draw: Draw) -> None:
        command = draw.of(
            (say.pause, say.resume, say.revoke, say.keep, say.withdraw, say.resume, say.keep)
        )
        self.says(draw.of(MODERATORS), command(self.somebody_speaks(draw)))

    def a_speech_gets_more_or_less_time(self, draw: Draw) -> None:
        request, seconds = self.somebody_speaks(draw), draw.of((60, -60, 0, 3600, -3600))
        outcome = self.says(draw.of(MODERATORS), say.extend(request, seconds))
        for event in [] if isinstance(outcome, Code) else outcome:
            if isinstance(event, FloorExtended):
                used = self.state.floor.requests[request].turn.used_at(self.now)
                assert event.limit >= used or seconds > 0

    def a_time_is_corrected(self, draw: Draw) -> None:
        request, seconds = self.some(draw, "ended"), draw.of((0, 30, 100))
        self.says(draw.of(MODERATORS), say.correct(request, seconds))

    # -- rules, list, program, and second thoughts

    def the_rules_are_changed(self, draw: Draw) -> None:
        """Nothing that was given changes with them; see ``leaves_alone``."""
        before, change = policy_of(self.setup.floor, self.state.floor), draw.of(CHANGES)
        outcome = self.says(draw.of(MODERATORS), say.change(**change))
        after = policy_of(self.setup.floor, self.state.floor)
        if isinstance(outcome, Code):
            assert outcome is Code.POLICY_INVALID
            assert after == before
        else:
            assert after == PolicyChange(**change).applied(before)
            assert after.capacity <= self.setup.floor.max_capacity

    def the_list_is_set(self, draw: Draw) -> None:
        state = draw.of((ListState.OPEN, *ListState))
        self.says(draw.of(MODERATORS), say.set_list(state))
        assert self.state.floor.list_state is state

    def the_program_is_changed(self, draw: Draw) -> None:
        kinds = (camera, slate, slides)
        actor = draw.of(MODERATORS)
        source, other = (draw.of(kinds)(draw.of(SITES)) for _ in range(2))
        slot, layout = draw.of(tuple(Slot)), draw.of(tuple(Layout))
        commands = (
            Take(cmd_id="c", source=source),
            Take(cmd_id="c", source=source, layout=layout, inset=other),
            Take(cmd_id="c", source=source, slot=slot),
            SetPreview(cmd_id="c", source=source, slot=slot),
            SetLayout(cmd_id="c", layout=layout),
            Take(cmd_id="c"),
            StartItem(cmd_id="c", item=draw.of(self.setup.items)),
        )
        self.says(actor, draw.of(commands))

    def slides_come_and_go(self, draw: Draw) -> None:
        site, flowing = draw.of(SITES), draw.of((True, False))
        self.says(SYSTEM, ReportSlides(cmd_id="c", site=site, flowing=flowing))
        assert (site in self.state.show.slides) is flowing

    def a_step_is_taken_back(self, draw: Draw) -> None:
        """By whoever made it, and once."""
        actor, actions = draw.of(MODERATORS), self.state.history.actions
        rev = actions[-1].rev if actions and draw.below(4) == 1 else 0
        outcome = self.says(actor, Undo(cmd_id="c", rev=rev))
        if isinstance(outcome, Code):
            return
        undone = outcome[0]
        assert isinstance(undone, ActionUndone)
        (action,) = [one for one in actions if one.rev == undone.rev]
        assert action.actor == actor
        assert not action.undone
        assert self.says(actor, Undo(cmd_id="c", rev=undone.rev)) is Code.NOTHING_TO_UNDO

    # -- what time and the network do

    def time_passes(self, draw: Draw) -> None:
        self.now += draw.of((0.25, 4.0, 5.0, 15.0, 30.0, 120.0, 600.0))

    def deadlines_are_checked(self, draw: Draw) -> None:
        """What is due is done, and then nothing is: no deadline comes for ever."""
        due = next_deadline(self.setup, self.state)
        if due is not None and draw.below(4):
            self.now = max(self.now, due)
        outcome = self.says(SYSTEM, say.check())
        assert bool(outcome) is (due is not None and due <= self.now)
        rounds = 0
        while self.says(SYSTEM, say.check()):
            rounds += 1
            assert rounds < 5
        after = next_deadline(self.setup, self.state)
        assert after is None or after > self.now

    def all_speakers_are_heard(self, _: Draw) -> None:
        self.first_sounds()

    def something_is_seen_of_a_grant(self, draw: Draw) -> None:
        """I8: an observation of an old grant changes nothing."""
        self.somebody_speaks(draw)
        if not self.model.grants:
            return
        grant = draw.of([*self.model.speaking.values(), draw.of(self.model.grants)])
        lost = [own.id for one, own in self.state.floor.turns() if one.state is LOST]
        news = bool(draw.below(4))
        command: SessionCommand = say.flow(grant, flowing=news is (grant in lost))
        if not draw.below(4):
            command = say.mark_live(grant)
        outcome = self.says(SYSTEM, command)
        assert not outcome or grant in {one.grant for one in outcome if hasattr(one, "grant")}

    def a_link_is_lost_or_back(self, draw: Draw) -> None:
        site, up = draw.of(SITES), bool(draw.below(2))
        self.says(SYSTEM, say.link(site, up=up))
        assert not self.says(SYSTEM, say.link(site, up=up))

    def something_is_seen_of_the_deck(self, draw: Draw) -> None:
        request = self.somebody_on_deck(draw)
        missing = tuple(check for check in Check if draw.below(4) == 1)
        self.says(SYSTEM, say.checks(request, *missing))


@pytest.mark.timeout(600 + EXAMPLES)  # far beyond what a loaded machine needs
@settings(max_examples=EXAMPLES, database=None)
@given(st.binary(min_size=SIZE, max_size=SIZE))
def test_whatever_happens(chance: bytes) -> None:
    assert len(steps(Floor)) <= 32, "as many as a mask has bits"
    Floor(chance).play()
