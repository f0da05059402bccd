"""What the server finds of a site in one test or call, and what counts as good. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from bridge.link.rehearsal import Baseline, Item, Mark, Outcome
from bridge.link.tones import Recognised

__all__ = ["Call", "Heard", "Return", "Second", "baseline_of", "judge", "judge_call"]

# Below 3.1 many are dissatisfied (G.107 annex B, R = 60); what a link cannot do at rest it
# will not do in the forum.
GOOD_SCORE: Final = 3.1
# Repair hides this much; a healthy line at rest loses next to nothing.
GOOD_LOSS: Final = 0.03
# G.114: above 400 ms one way a conversation breaks down; half of it leaves the hall its share.
GOOD_RTT_MS: Final = 400.0
# A delegate who gestures is a slide show below this; a dim room halves 30 to 15.
GOOD_FPS: Final = 12.0
# The smallest picture that fills a wall without being a smear.
GOOD_LINES: Final = 360
# A slate has a frame a second: most of those of a test must have been decoded.
GOOD_FRAMES: Final = 4
# Quieter than this the hall's loudspeaker or the microphone is turned down.
GOOD_LEVEL_DB: Final = -55.0
# At least so much of a test must have been measured.
ENOUGH_SECONDS: Final = 5


class Second(msgspec.Struct, frozen=True, kw_only=True):
    """One second of a link, as a baseline is made of; fields as there."""

    connected: bool
    rtt_ms: float
    loss_up: float
    loss_down: float
    kbps_up: float
    kbps_down: float
    fps_up: float
    fps_down: float
    height_up: int
    score: float


class Return(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the site's page says after a test.

    Attributes:
        test: which test.
        problem: why no tone was played: ``sound_blocked``, ``no_microphone``, ``failed``; or empty.
        frames: of the program, decoded during the test.
    """

    test: Annotated[str, Meta(max_length=32)]
    problem: Annotated[str, Meta(max_length=32)] = ""
    frames: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


class Heard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the site's page says of the technician's voice in its talkback.

    Attributes:
        test: which call.
        level_db: of what it decoded, dB of full scale.
        problem: why nobody there hears it all the same: ``sound_blocked``; or empty.
    """

    test: Annotated[str, Meta(max_length=32)]
    level_db: Annotated[float, Meta(ge=-127, le=0)] = -127.0
    problem: Annotated[str, Meta(max_length=32, pattern="^[a-z_]*$")] = ""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """How far a technician's call of a site has been measured.

    Attributes:
        by: name of the technician.
        spoken: their voice came to the server while they talked to the site.
        heard: the site's page has it, see :class:`Heard`; None as long as it has not said so.
        answered: the site's host has answered, or its microphone is open to all anyway.
        voice: and a voice came with it.
    """

    by: str = ""
    spoken: bool = False
    heard: Heard | None = None
    answered: bool = False
    voice: bool = False

    @property
    def complete(self) -> bool:
        """Whether sound was measured both ways."""
        return not _call_lacks(self)


def judge_call(call: Call, at: float) -> Mark:
    """Return what was measured of a call.

    Args:
        call: when it was over.
        at: Unix seconds.
    """
    heard = call.heard
    figures = {"level_db": heard.level_db} if heard is not None and not heard.problem else {}
    return _mark(at, _call_lacks(call), **figures)


def _call_lacks(call: Call) -> str:
    """Return what is missing of a call, empty for nothing: the first thing on the way."""
    if not call.spoken:
        return "not_spoken"
    if call.heard is None:
        return "not_heard"
    if call.heard.problem:
        return call.heard.problem
    if not call.answered:
        return "not_answered"
    return "" if call.voice else "answer_quiet"


def baseline_of(seconds: Sequence[Second], at: float) -> Baseline | None:
    """Return the medians of a test, None if the link was there for too little of it.

    Args:
        seconds: one for each second of the test.
        at: Unix seconds, now.
    """
    there = [second for second in seconds if second.connected]
    if len(there) < ENOUGH_SECONDS:
        return None

    def middle(values: Iterable[float], digits: int) -> float:
        return round(median(values), digits)

    known = [second.rtt_ms for second in there if second.rtt_ms >= 0]
    return Baseline(
        at=at,
        seconds=len(there),
        rtt_ms=middle(known, 1) if known else -1.0,
        loss_up=middle((second.loss_up for second in there), 4),
        loss_down=middle((second.loss_down for second in there), 4),
        kbps_up=middle((second.kbps_up for second in there), 0),
        kbps_down=middle((second.kbps_down for second in there), 0),
        fps_up=middle((second.fps_up for second in there), 1),
        fps_down=middle((second.fps_down for second in there), 1),
        height_up=int(median(second.height_up for second in there)),
        score=middle((second.score for second in there), 2),
    )


def judge(
    *,
    baseline: Baseline | None,
    voice: bool,
    answer: Return | None,
    tone: Recognised | None,
    delay_ms: float,
    backup: bool | None,
    at: float,
) -> dict[Item, Mark]:
    """Return what the server has measured of a site in one test.

    Args:
        baseline: None if the link was not there.
        voice: somebody spoke into the site's microphone while asked to.
        answer: of the site's page, None if none came.
        tone: what came back of the page's tones, None if they were not heard.
        delay_ms: from the page's playing to the server's hearing, negative if unknown.
        backup: a second line stands by and sends; None if the site has none.
        at: Unix seconds.
    """
    marks = {
        Item.LINE: _line(baseline, at),
        Item.PICTURE_UP: _picture(baseline, at),
        Item.SOUND_UP: _mark(at, "" if voice else "quiet"),
        Item.PICTURE_DOWN: _returned(answer, at),
        Item.SOUND_DOWN: _tone(answer, tone, delay_ms, at),
    }
    if backup is not None:
        marks[Item.BACKUP] = _mark(at, "" if backup else "backup_silent")
    return marks


def _mark(at: float, reason: str, **figures: float) -> Mark:
    outcome = Outcome.BAD if reason else Outcome.GOOD
    return Mark(outcome=outcome, at=at, reason=reason, figures=figures)


def _line(baseline: Baseline | None, at: float) -> Mark:
    if baseline is None:
        return _mark(at, "no_link")
    reason = ""
    if max(baseline.loss_up, baseline.loss_down) > GOOD_LOSS:
        reason = "loss"
    elif baseline.rtt_ms > GOOD_RTT_MS:
        reason = "delay"
    elif baseline.score < GOOD_SCORE:
        reason = "score"
    return _mark(
        at,
        reason,
        loss_up=baseline.loss_up,
        loss_down=baseline.loss_down,
        rtt_ms=baseline.rtt_ms,
        score=baseline.score,
    )


def _picture(baseline: Baseline | None, at: float) -> Mark:
    if baseline is None or not baseline.height_up:
        return _mark(at, "no_picture")
    reason = ""
    if baseline.height_up < GOOD_LINES:
        reason = "small"
    elif baseline.fps_up < GOOD_FPS:
        reason = "slow"
    return _mark(at, reason, height=baseline.height_up, fps=baseline.fps_up, kbps=baseline.kbps_up)


def _returned(answer: Return | None, at: float) -> Mark:
    if answer is None:
        return _mark(at, "no_answer")
    return _mark(at, "" if answer.frames >= GOOD_FRAMES else "no_return", frames=answer.frames)


def _tone(answer: Return | None, tone: Recognised | None, delay_ms: float, at: float) -> Mark:
    if tone is not None:
        reason = "" if tone.level_db >= GOOD_LEVEL_DB else "faint"
        figures = {"level_db": tone.level_db, "snr_db": tone.snr_db}
        if delay_ms >= 0:
            figures["delay_ms"] = round(delay_ms)
        return _mark(at, reason, **figures)
    if answer is None:
        return _mark(at, "no_answer")
    return _mark(at, answer.problem or "no_tone")
