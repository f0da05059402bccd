"""The estimate of a viewer's line, against simple lines that behave like real ones."""

from __future__ import annotations

import copy
import itertools
import math
from dataclasses import dataclass, field

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from bridge.media.estimate import FLOOR, LONGEST_HOLD_S, Estimate

STEP_S = 0.2
LAYERS = (200_000.0, 550_000.0, 1_850_000.0)


@dataclass
class Line:
    """A line with a queue, and a viewer behind it that reports once a second.

    Attributes:
        rate: bits per second. queue: its length in seconds.
        radio: lost whatever is sent, 0-1.
        rembs: whether the viewer sends them.
        route: round trip without a queue, seconds.
    """

    rate: float = math.inf
    queue: float = 0.3
    radio: float = 0.0
    rembs: bool = True
    route: float = 0.03
    estimate: Estimate = field(default_factory=Estimate)
    now: float = 100.0
    layer: int = 2
    history: list[tuple[float, int]] = field(default_factory=list)
    _waits: float = 0.0  # in the queue, seconds
    _lost: list[float] = field(default_factory=list)

    @property
    def sent(self) -> float:
        return LAYERS[self.layer] if self.layer >= 0 else 40_000.0

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP_S)):
            self.now += STEP_S
            self._carry()
            if round(self.now / STEP_S) % 5 == 0:
                self._report()
            wanted = LAYERS[self.layer + 1] if self.layer + 1 < len(LAYERS) else None
            budget = self.estimate.step(self.sent, wanted, self.now, LAYERS[0])
            fitting = [place for place, rate in enumerate(LAYERS) if rate <= budget]
            self.layer = fitting[-1] if fitting else -1
            self.history.append((self.now, self.layer))

    def _carry(self) -> None:
        over = self.sent / self.rate - 1
        self._waits = max(0.0, self._waits + over * STEP_S)
        full = self._waits > self.queue
        lost = 1 - self.rate / self.sent if full and over > 0 else 0.0
        self._waits = min(self._waits, self.queue)
        self._lost.append(1 - (1 - lost) * (1 - self.radio))
        self.estimate.asked(self._lost[-1], self.now)
        if self.rembs and (self._waits > 0.05 or self.now > 104):
            congested = self._waits > 0.05
            self.estimate.remb(self.rate * 0.7 if congested else self.sent * 1.5, self.now)

    def _report(self) -> None:
        self.estimate.loss(sum(self._lost) / len(self._lost), self.now - 1)
        self.estimate.round_trip(self.route + self._waits, self.now)
        self._lost.clear()

    def layers_since(self, at: float) -> set[int]:
        return {layer for when, layer in self.history if when > at}


def test_nothing_limits_a_line_that_carries_everything() -> None:
    line = Line()
    line.run(60)
    assert line.layers_since(0) == {2}
    assert line.estimate.bps == math.inf


@pytest.mark.parametrize("rembs", [True, False])
@pytest.mark.parametrize("queue", [0.0, 0.3, 1.0])
@pytest.mark.parametrize(("rate", "layer"), [(900_000, 1), (400_000, 0), (90_000, -1)])
def test_a_narrow_line_is_found_within_two_seconds(
    rate: float, layer: int, queue: float, rembs: bool
) -> None:
    line = Line(queue=queue, rembs=rembs)
    line.run(20)
    line.rate = rate
    line.run(2)
    assert line.layer < 2
    line.run(3)
    assert layer in line.layers_since(line.now - 3)


@pytest.mark.parametrize("rate", [900_000, 400_000])
def test_the_right_picture_is_shown_most_of_the_time_and_trials_become_rare(rate: float) -> None:
    line = Line()
    line.run(20)
    line.rate = rate
    line.run(120)
    after = [layer for when, layer in line.history if when > line.now - 100]
    fitting = sum(LAYERS[layer] <= rate for layer in after if layer >= 0)
    assert fitting / len(after) > 0.9
    last = [layer for when, layer in line.history if when > line.now - LONGEST_HOLD_S]
    trials = sum(b > a and LAYERS[b] > rate for a, b in itertools.pairwise(last))
    assert trials <= 3


def test_a_line_that_is_free_again_gets_everything_back() -> None:
    line = Line()
    line.run(20)
    line.rate = 400_000
    line.run(15)
    line.rate = math.inf
    line.run(45)
    assert line.layer == 2
    line.run(15)
    assert line.estimate.bps == math.inf


@pytest.mark.parametrize("radio", [0.05, 0.2, 0.35])
def test_loss_that_does_not_depend_on_us_is_learned(radio: float) -> None:
    line = Line(radio=radio)
    line.run(60)
    assert line.layers_since(130) == {2}


def test_a_remb_of_what_a_lossy_line_lets_through_means_nothing() -> None:
    line = Line(radio=0.2)
    line.run(60)
    line.estimate.loss(0.25, line.now)  # a fifth in the mean is sometimes a quarter
    line.estimate.remb(0.85 * 0.8 * line.sent, line.now + 0.1)
    assert line.estimate.step(line.sent, None, line.now + 0.2) == math.inf


@pytest.mark.parametrize(
    ("rtt", "means_something"),
    [(0.035, False), (0.080, True), (None, True)],
    ids=["no queue", "a queue", "nothing else is known"],
)
def test_a_low_remb_alone_waits_for_a_round_trip(
    rtt: float | None, *, means_something: bool
) -> None:
    line = Line()
    line.run(60)
    estimate, now = line.estimate, line.now + 0.5
    estimate.remb(0.5 * line.sent, now + 0.3)
    assert estimate.step(line.sent, None, now + 0.4) == math.inf, "it is asked for first"
    if rtt is not None:
        estimate.round_trip(0.030, now + 0.5, 0.7)  # began before there was a queue to see
        assert estimate.step(line.sent, None, now + 0.6) == math.inf
        estimate.round_trip(rtt, now + 0.6)
    assert (estimate.step(line.sent, None, now + 1.1) < math.inf) == means_something


def test_loss_that_may_not_be_ours_does_not_take_the_last_picture() -> None:
    line = Line(radio=0.35, layer=0)
    line.run(30)
    assert -1 not in line.layers_since(0)


def test_a_line_that_cuts_off_what_is_too_much_is_left_with_sound() -> None:
    line = Line(rate=60_000, queue=0, rembs=False, layer=0)
    line.run(10)
    assert -1 in line.layers_since(0)


def test_a_lossy_line_that_becomes_narrow_is_found_too() -> None:
    line = Line(radio=0.2)
    line.run(60)
    line.rate = 400_000
    line.run(5)
    assert 0 in line.layers_since(line.now - 3) <= {0, 1}


@pytest.mark.parametrize("rembs", [True, False])
def test_a_route_that_becomes_longer_is_no_queue(rembs: bool) -> None:
    line = Line(rembs=rembs)
    line.run(20)
    line.route = 0.47
    line.run(8)
    assert line.layer == 2
    line.run(30)
    assert line.layers_since(line.now - 30) == {2}
    line.rate = 400_000
    line.run(4)
    assert line.layer < 2, "a queue is still found, on top of it"


@pytest.mark.parametrize("queue", [0.5, 2.0])
def test_a_long_queue_is_not_taken_for_a_route(queue: float) -> None:
    line = Line(queue=queue, rembs=False)
    line.run(20)
    line.rate = 400_000
    line.run(20)
    late = [layer for when, layer in line.history if when > line.now - 14]
    assert sum(layer == 2 for layer in late) / len(late) < 0.2


def test_a_low_first_remb_means_nothing() -> None:
    estimate = Estimate()
    for step in range(20):
        now = 10 + step * STEP_S
        estimate.remb(300_000 + step * 10_000, now)
        assert estimate.step(1_800_000, None, now) == math.inf


def test_a_remb_that_only_jitters_means_nothing() -> None:
    estimate = Estimate()
    for step in range(50):
        now = 10 + step * STEP_S
        estimate.remb(2_500_000 if step < 25 else 1_530_000, now)
        assert estimate.step(1_800_000, None, now) == math.inf
    estimate.asked(0.05, 20.1)
    estimate.remb(1_370_000, 20.2)
    assert estimate.step(1_800_000, None, 20.2) == 1_370_000


def test_the_estimate_never_falls_to_nothing() -> None:
    line = Line(rate=1_000)
    line.run(30)
    assert line.estimate.bps >= FLOOR


@pytest.mark.parametrize(("rtt", "stays"), [(0.1, True), (0.3, False)])
def test_a_remb_takes_the_last_picture_only_with_a_long_queue(rtt: float, *, stays: bool) -> None:
    line = Line(rate=400_000, queue=1.0)
    line.run(60)
    estimate, now = line.estimate, line.now + 3
    assert line.layer == 0
    estimate.remb(line.sent, now - 1)
    estimate.remb(0.3 * line.sent, now)
    estimate.round_trip(rtt, now + 0.1)
    estimate.round_trip(rtt, now + 0.2)
    budget = estimate.step(line.sent, None, now + 0.3, LAYERS[0])
    assert (budget >= LAYERS[0]) == stays
    assert estimate.sign == "remb"


@pytest.mark.parametrize(
    ("lost", "rtt", "stays"),
    [(0.25, 0.03, True), (0.25, None, False), (0.25, 0.08, False), (0.6, 0.03, False)],
    ids=["no queue", "nothing is known of a queue", "a queue", "sound could not survive it"],
)
def test_a_remb_beside_loss_takes_the_last_picture_only_with_a_queue(
    lost: float, rtt: float | None, *, stays: bool
) -> None:
    line = Line(rate=400_000, queue=1.0, route=0.02)
    line.run(60)
    estimate, now = line.estimate, line.now + 3
    assert line.layer == 0
    estimate.remb(line.sent, now - 1)
    estimate.remb(0.3 * line.sent, now)
    estimate.loss(lost, now - 1)
    if rtt is not None:
        estimate.round_trip(rtt, now + 0.1)
    budget = estimate.step(line.sent, None, now + 0.3, LAYERS[0])
    assert (estimate.sign, estimate.spares_least) == ("remb", stays)
    assert (budget >= LAYERS[0]) == stays


SIGNS = st.one_of(
    st.tuples(st.just("remb"), st.sampled_from((200e3, 500e3, 900e3, 2e6))),
    st.tuples(st.just("loss"), st.sampled_from((0.0, 0.03, 0.2, 0.5))),
    st.tuples(st.just("asked"), st.sampled_from((0.0, 0.1, 0.4))),
    st.tuples(st.just("rtt"), st.sampled_from((0.02, 0.2, 0.6))),
    st.tuples(st.just("step"), st.sampled_from((0.0, 300e3, 1e6))),
    st.tuples(st.just("pass"), st.sampled_from((0.2, 1.0, 5.0))),
)


@given(st.lists(SIGNS, max_size=60))
def test_what_stands_needs_no_step(course: list[tuple[str, float]]) -> None:
    estimate, now = Estimate(), 100.0
    for what, value in course:
        now += 0.1
        match what:
            case "remb":
                estimate.remb(value, now)
            case "loss":
                estimate.loss(value, now - 1)
            case "asked":
                estimate.asked(value, now)
            case "rtt":
                estimate.round_trip(value, now)
            case "pass":
                now += value
            case _:
                stepped = copy.deepcopy(estimate)
                stepped.step(value, None, now)
                stands = estimate.stands(value, now)
                event(f"stands: {stands}")
                if not stands:
                    estimate.step(value, None, now)
                assert vars(estimate) == vars(stepped)


@pytest.mark.parametrize(("packets", "holds"), [(50, True), (1000, False)])
def test_few_packets_are_lost_by_chance(packets: int, *, holds: bool) -> None:
    line = Line()
    line.run(60)
    line.estimate.loss(0.14, line.now, packets)
    budget = line.estimate.step(line.sent, None, line.now + 1)
    assert (budget == math.inf) == holds
