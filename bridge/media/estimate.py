"""What a viewer's line carries, judged from what the viewer reports. Pure.

Nothing is limited until something speaks against it: a falling REMB, reported loss, requests for
many new packets, or a round trip that grows. Any of them takes the estimate below what is sent
now, within a second. A REMB is a signal and not a rate: its first value comes after seconds, it
rises by 8 % a second, and it stays where it is while little is sent; so only one that falls below
what is sent counts. Up again goes by trial: the next larger picture is sent for
:data:`TRIAL_S`; if the signs come back it is taken back, and the next trial waits twice as long.

A line that loses packets whatever is sent (radio) is learned: when less was sent and the loss did
not go down, the former estimate comes back and so much loss counts as usual for this line. In the
same way a route that has become longer (another operator, a satellite) is told from a queue: that
becomes shorter, or at least another one, when less is sent.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

__all__ = ["Estimate"]

# A REMB is a falling one below this share of its own highest value of late.
REMB_FALLS: Final = 0.9
# Jitter makes browsers say 0.85 of what comes; less is a line that carries less, or there are
# other signs of it.
REMB_ALONE: Final = 0.75
REMB_WITH_OTHERS: Final = 0.9
# Packets that come in clumps look like a queue to a browser. A round trip that is no longer than by
# this says that there is none. It is waited for so long, and may have begun so long before.
NO_QUEUE_S: Final = 0.03
ROUND_TRIP_WAIT_S: Final = 0.6
ROUND_TRIP_AGE_S: Final = 0.4
SOME_LOSS: Final = 0.02
REMB_MEMORY_S: Final = 3.0
# Loss above the usual; a tenth is where sound begins to suffer, FEC and repair included.
LOSS_TOO_HIGH: Final = 0.1
# New packets asked for again, of those sent: comes a second before the report does.
ASKED_TOO_HIGH: Final = 0.3
# Loss alone, without a queue, takes the last picture only when sound could not survive it either.
HOPELESS: Final = 0.5
# Whoever is sent so many times the smallest picture gets that one before none: what the first
# signs say of the line is too low.
FAR_ABOVE: Final = 1.5
# A queue of this length, or as long as the line itself: pictures come late and then not at all.
QUEUE_S: Final = 0.15
LONG_QUEUE_S: Final = 0.5
FORGETS_PER_S: Final = 1.02
# A queue that becomes shorter is what a step down was made for.
DRAINS: Final = 0.9
# Signs that belong to what was sent before a step are still under way.
SETTLE_S: Final = 0.5
# A report on packets sent this long after a step is not about those that the queue still held.
EMPTY_S: Final = 0.4
# How often a line may stand still for a moment without being taken for a narrow one.
PATIENCE_S: Final = 5.0
TRIAL_S: Final = 2.5
FIRST_HOLD_S: Final = 4.0
SHORTEST_HOLD_S: Final = 2.0
LONGEST_HOLD_S: Final = 60.0
# All is sent and nothing speaks against it: no estimate any more.
FREE_S: Final = 10.0
# When less is sent and more than so many times as large a share comes through, the loss was ours.
OURS: Final = 1.2
JUDGE_S: Final = 2.5
# A route stays as long as it was, give or take its jitter.
SAME_ROUTE: Final = 0.15
# Of what is asked for again a tenth is lost too, and so is a tenth of the asking.
LOSES_ANYWAY: Final = 0.1
# Bits per second; nobody has a line below it.
FLOOR: Final = 30_000.0
MARGIN: Final = 0.9
# More than the next picture takes on average: key frames, changing scenes.
HEADROOM: Final = 1.1


class Estimate:
    """One viewer's line. All rates in bits per second, times in seconds of one monotonic clock."""

    def __init__(self) -> None:
        self.bps = math.inf
        """What the line carries; infinite as long as nothing speaks against anything."""
        self.sign = ""
        """What spoke against it last: "remb", "loss", "asked" or "delay"."""
        self.spares_least = True
        """Whether that leaves the smallest picture its room, whatever it takes by now."""
        self._rembs: deque[tuple[float, float]] = deque(maxlen=64)
        self._loss = self._usual_loss = 0.0
        self._chance = 0.0  # by how much it may be off, one standard deviation
        self._loss_since = -math.inf
        self._asked = 0.0
        self._asked_at = -math.inf
        self._rtt = 0.0
        self._shortest_rtt = math.inf
        self._rtt_at = -math.inf
        self._rtt_begun = -math.inf  # when its sender report was sent
        self._remb_low = math.inf  # since when the newest ones are too low
        self._long_rtts = 0
        self._interrupted = -math.inf
        self._changed = -math.inf
        self._hold = FIRST_HOLD_S
        self._trial: tuple[float, float] | None = None  # began, estimate before
        self._blamed: tuple[float, float, float] | None = None  # when, loss, estimate before
        # The same of a queue: when, round trip, estimate before.
        self._queued: tuple[float, float, float] | None = None

    @property
    def loses_anyway(self) -> bool:
        """Whether the line loses so much whatever is sent that asking again comes too late."""
        return self._usual_loss >= LOSES_ANYWAY

    def remb(self, bps: float, now: float) -> None:
        """Take a REMB."""
        self._rembs.append((now, bps))

    def loss(self, ratio: float, since: float, packets: int = 1000) -> None:
        """Take the loss that a receiver report tells of some dozen packets at least.

        Args:
            ratio: lost of those sent, 0-1.
            since: when the report before it came, seconds: all of them were sent about then, or
                later.
            packets: sent.
        """
        self._loss, self._loss_since = ratio, since
        self._chance = math.sqrt(ratio * (1 - ratio) / packets)
        # What is not held against the line is usual: reports scatter around it, both ways.
        if self._usual_loss and ratio <= self._usual_loss + LOSS_TOO_HIGH:
            self._usual_loss += (ratio - self._usual_loss) / 4

    def asked(self, ratio: float, now: float) -> None:
        """Take how many of the packets of late were asked for again, each counted once, 0-1."""
        self._asked, self._asked_at = ratio, now

    def interrupted(self, now: float) -> bool:
        """The line stood still and goes on: what was lost then says nothing of what it carries.

        Returns:
            False if that happened of late: a line that stands still again and again carries little.
        """
        if now - self._interrupted < PATIENCE_S:
            return False
        self._interrupted = now
        return True

    def round_trip(self, rtt: float, now: float, age: float = 0.0) -> None:
        """Take a round trip, seconds.

        Args:
            rtt: without the time the viewer kept it.
            now: when it ended.
            age: how long the viewer kept it.
        """
        self._rtt_begun = now - rtt - age
        drains = rtt < self._rtt * DRAINS
        # The shortest is forgotten slowly: a route may have become longer.
        passed = min(1.0, now - self._rtt_at)
        self._shortest_rtt = min(rtt, self._shortest_rtt * FORGETS_PER_S**passed)
        self._rtt, self._rtt_at = rtt, now
        long = rtt > self._shortest_rtt + max(QUEUE_S, self._shortest_rtt)
        self._long_rtts = self._long_rtts + 1 if long and not drains else 0
        if self._long_rtts and rtt > self._shortest_rtt + LONG_QUEUE_S:
            self._long_rtts += 1  # no doubt

    def stands(self, sent: float, now: float) -> bool:
        """Return whether nothing was ever said against the line that is not forgotten, nor is now.

        Then :meth:`step` would change nothing more, and need not be called.
        """
        return (
            self.bps == math.inf
            and self._trial is None
            and self._blamed is None
            and self._queued is None
            and self._carried(sent, now) is None
        )

    def step(self, sent: float, wanted: float | None, now: float, least: float = 0.0) -> float:
        """Judge what has come since the last call; return the estimate. Call it every 0.2 s.

        Args:
            sent: to this viewer now, resent packets included.
            wanted: what the next better pictures would take, None if nothing is missing.
            now: seconds.
            least: what the smallest picture takes, sound included. It is left room as long as it
                was not tried, by a REMB alone, and by loss that may not be ours.
        """
        carried = self._carried(sent, now)
        if carried is not None:
            self.spares_least = (
                (self.sign == "remb" and self._no_queue())
                or sent > FAR_ABOVE * least
                or self._may_be_the_line(now)
            )
            if self.spares_least:
                carried = max(carried, least)
            self._down(min(carried, self.bps), now)
        elif self._trial is not None:
            began, _ = self._trial
            if now - began >= TRIAL_S:
                self._trial = None
                self._hold = max(SHORTEST_HOLD_S, self._hold / 2)
                self._changed = now
        elif not (self._forgive(now) or self._longer_route(now, sent)) and self.bps < math.inf:
            self._up(wanted, now)
        return self.bps

    def _carried(self, sent: float, now: float) -> float | None:
        """Return what the line carries if something says that it is less than *sent*."""
        since = self._changed + SETTLE_S
        if now < since or not sent:
            return None
        signs: list[tuple[float, str]] = []
        usual = self._usual_loss
        if self._rembs and self._rembs[-1][0] > since and self._low(sent, now):
            signs.append((self._rembs[-1][1], "remb"))
        fresh = max(self._changed + EMPTY_S, self._interrupted)
        if self._loss_since > fresh and self._loss - self._chance > usual + LOSS_TOO_HIGH:
            signs.append((sent * (1 - self._loss) / (1 - usual) * MARGIN, "loss"))
        if self._asked_at > since and self._asked > usual + ASKED_TOO_HIGH:
            asked = min(0.9, self._asked)
            signs.append((sent * (1 - asked) / (1 - usual) * MARGIN, "asked"))
        if self._rtt_at > since and self._long_rtts >= (1 if self._trial else 2):
            signs.append((sent * MARGIN * MARGIN, "delay"))
        if not signs:
            return None
        carried, self.sign = min(signs)
        if [sign for _, sign in signs] != ["delay"]:
            self._queued = None
        return max(FLOOR, carried)

    def _low(self, sent: float, now: float) -> bool:
        """Return whether the newest REMB speaks against what is sent, and not alone."""
        at, newest = self._rembs[-1]
        usual = self._usual_loss
        others = self._loses_more()
        share = REMB_WITH_OTHERS if others or self._long_rtts else REMB_ALONE
        # What is lost anyway does not come, and a REMB is a share of what comes.
        if newest >= share * sent * (1 - usual) or not self._falls(now):
            self._remb_low = math.inf
            return False
        if others or self._long_rtts:
            return True
        self._remb_low = min(self._remb_low, now)
        if self._rtt_begun < at - ROUND_TRIP_AGE_S:
            return now - self._remb_low >= ROUND_TRIP_WAIT_S
        return self._rtt > self._shortest_rtt + NO_QUEUE_S

    def _no_queue(self) -> bool:
        """Return whether a low REMB is as good as alone: what comes may come in clumps."""
        if self._long_rtts:
            return False
        fresh = self._rtt_begun >= self._rembs[-1][0] - ROUND_TRIP_AGE_S
        short = fresh and self._rtt <= self._shortest_rtt + NO_QUEUE_S
        bearable = max(self._loss, self._asked) < HOPELESS
        return not self._loses_more() or (short and bearable)

    def _loses_more(self) -> bool:
        """Return whether more is lost than what is usual for this line."""
        usual = self._usual_loss
        return max(self._loss, self._asked) > usual + max(SOME_LOSS, usual / 2)

    def _down(self, bps: float, now: float) -> None:
        before = self.bps
        if self.sign == "delay" and self._queued is None and self._trial is None:
            self._queued = (now, self._rtt, before)
        if self._trial is not None:
            _, before_trial = self._trial
            self._trial = None
            self._hold = min(LONGEST_HOLD_S, self._hold * 2)
            bps = before_trial
        else:
            self._hold = max(self._hold, FIRST_HOLD_S)
            only_loss = self._only_loss(now)
            if only_loss and self._blamed is None:
                self._blamed = (now, max(self._loss, self._asked), before)
            elif not only_loss:
                self._blamed = None
        self.bps = bps
        self._changed = now

    def _may_be_the_line(self, now: float) -> bool:
        """Return whether it is only loss, and not so much that sound could not survive it."""
        return self._only_loss(now) and max(self._loss, self._asked) < HOPELESS

    def _only_loss(self, now: float) -> bool:
        """Return whether nothing speaks of a queue."""
        return not self._long_rtts and not self._falls(now)

    def _falls(self, now: float) -> bool:
        """Return whether the REMB has become lower since the last step; flat says nothing."""
        since = max(now - REMB_MEMORY_S, self._changed)
        recent = [bps for at, bps in self._rembs if at >= since]
        before = [bps for at, bps in self._rembs if self._changed - SETTLE_S < at < since]
        return bool(recent) and recent[-1] < REMB_FALLS * max(recent + before[-1:])

    def _forgive(self, now: float) -> bool:
        """Take the last step down back if the loss did not go down with it."""
        if self._blamed is None or now - self._blamed[0] < JUDGE_S:
            return False
        at, loss, before = self._blamed
        self._blamed = None
        # A narrow line lets through as much as before, so a larger share of less; a lossy one the
        # same share of everything.
        same_share = 1 - self._loss <= OURS * (1 - loss)
        if self._loss_since <= at or self._loss < LOSS_TOO_HIGH or not same_share:
            return False
        self._usual_loss = min(HOPELESS, max(self._loss, self._asked))
        self.bps = before
        self._changed = now
        return True

    def _longer_route(self, now: float, sent: float) -> bool:
        """Take the steps down for a queue back if it is none: it stays when less is sent."""
        if self._queued is None or now - self._queued[0] < JUDGE_S:
            return False
        at, rtt, before = self._queued
        self._queued = None
        same = self._rtt_at > at + EMPTY_S and abs(self._rtt - rtt) <= SAME_ROUTE * rtt
        lossy = self._loss > self._usual_loss + SOME_LOSS
        low = bool(self._rembs) and self._rembs[-1][1] < REMB_ALONE * sent
        if not same or lossy or low:
            return False
        self._shortest_rtt, self._long_rtts = self._rtt, 0
        self.bps = before
        self._changed = now
        return True

    def _up(self, wanted: float | None, now: float) -> None:
        clean = now - self._changed
        if wanted is None:
            if clean >= FREE_S:
                self.bps = math.inf
                self._hold = FIRST_HOLD_S
        elif clean >= self._hold:
            self._trial = (now, self.bps)
            self.bps = max(self.bps, wanted * HEADROOM)
            self._changed = now
