"""How good a link is: 0 without signal, else 1.0 (bad) to 4.5 (excellent).

Owns the formulas; knows nothing of sites, peers or time. The scale is the mean
opinion score of the E-model, ITU-T G.107 (06/2015), with every default of its
table 2 left alone, which leaves ``R = 93.2 - Id - Ie_eff``:

* ``Id`` is the delay impairment Idd of clause 7.4 (no talker echo: browsers
  cancel it), for the one-way delay ``RTT/2 + 2 * jitter``: the receiver's
  buffer settles at about twice the jitter.
* ``Ie_eff`` is the packet-loss impairment of clause 7.5 with random loss.
  Opus is not in G.113: as it is wideband at the rates browsers use, it is no
  worse than G.711, ``Ie = 0``; ``Bpl = 20`` is the value used for Opus with
  in-band FEC (10 without) by the open E-model implementations for WebRTC. Sound that the
  receiving end had to make up is lost, whether its packets came too late or not at all:
  the larger of the two shares counts.

Video has no such standard in real time. Its component uses the same scale, so
that the two can be compared and the minimum taken:

* loss as above with ``Bpl = 16``: LiveKit calls 2 and 6 % video loss as bad as
  2.5 and 7.5 % Opus loss, and 20 / 2.5 = 16 / 2 = 20 / 7.5 = 16 / 6;
* seconds in which the picture stood still count as lost, by the same formula: the share of
  the interval that was frozen, as the browser at the receiving end counts freezes;
* starvation, ``20 * ln(wanted / actual)`` as LiveKit does, for a bitrate below
  what the picture's size and rate want (``WANTED_BITS_PER_PIXEL``) and for fewer than
  ``WANTED_FPS`` frames per second, together at most ``MAX_STARVATION``: a still
  picture needs few bits, so starvation alone never says worse than poor.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bridge.link.samples import Direction, LinkSample

__all__ = [
    "LinkScore",
    "Smoother",
    "audio_rating",
    "delay_impairment",
    "loss_impairment",
    "mos",
    "score",
    "video_rating",
]

BEST_RATING = 93.2  # R with all defaults of G.107
OPUS_BPL = 20.0
VIDEO_BPL = 16.0
# Chromium sends 720p30 in no less than 600 kb/s (its simulcast table): 0.022 bits per pixel.
WANTED_BITS_PER_PIXEL = 600_000 / (1280 * 720 * 30)
WANTED_FPS = 15.0  # cameras in a dim room halve 30; below this, lips no longer match speech
MAX_STARVATION = 40.0
# Shares of the gap closed per second: LiveKit's 0.8 down, and up to half within 3 s.
FALL_PER_S = 0.8
RISE_PER_S = 0.2


@dataclass(frozen=True, slots=True)
class LinkScore:
    """Scores of a link: 0 without signal, else 1.0-4.5.

    Attributes:
        total: the worse of the directions that carry something.
        up: site to server; 0 if nothing came.
        down: server to site; 0 if nothing was sent.
    """

    total: float = 0.0
    up: float = 0.0
    down: float = 0.0


def mos(rating: float) -> float:
    """Return the mean opinion score, 1.0-4.5, of an R factor (G.107 annex B, equation B-4).

    Below R = 6.5 the published cubic dips under 1; the score stays 1.0 there.
    """
    r = min(100.0, max(0.0, rating))
    return max(1.0, 1 + 0.035 * r + 7e-6 * r * (r - 60) * (100 - r))


def delay_impairment(delay_ms: float) -> float:
    """Return Idd (G.107 clause 7.4) for a one-way delay in milliseconds; 0 up to 100 ms."""
    if delay_ms <= 100:
        return 0.0
    x = math.log2(delay_ms / 100)
    return 25 * (math.pow(1 + x**6, 1 / 6) - 3 * math.pow(1 + (x / 3) ** 6, 1 / 6) + 2)


def loss_impairment(loss: float, bpl: float, ie: float = 0.0) -> float:
    """Return Ie_eff (G.107 clause 7.5) for random loss.

    Args:
        loss: ratio 0-1 of packets lost.
        bpl: packet-loss robustness factor Bpl of the codec.
        ie: equipment impairment factor Ie of the codec, 0-95.
    """
    percent = 100 * loss
    return ie + (95 - ie) * percent / (percent + bpl)


def audio_rating(*, loss: float, rtt_ms: float, jitter_ms: float) -> float:
    """Return R of the sound; an unknown round trip time (negative) counts as none."""
    delay_ms = max(0.0, rtt_ms) / 2 + 2 * max(0.0, jitter_ms)
    return BEST_RATING - delay_impairment(delay_ms) - loss_impairment(loss, OPUS_BPL)


def video_rating(direction: Direction, interval_s: float) -> float:
    """Return R of the picture; 93.2 if there is none, which then decides nothing."""
    pixels = direction.width * direction.height
    if not pixels:
        return BEST_RATING
    frozen = min(1.0, direction.freeze_s / interval_s) if interval_s > 0 else 0.0
    frames = direction.fps or WANTED_FPS
    wanted_kbps = pixels * min(frames, 30.0) * WANTED_BITS_PER_PIXEL / 1000
    starvation = _shortfall(wanted_kbps, direction.kbps(interval_s))
    starvation += _shortfall(WANTED_FPS, frames)
    spoilt = loss_impairment(max(direction.loss, frozen), VIDEO_BPL)
    return BEST_RATING - spoilt - min(MAX_STARVATION, starvation)


def score(sample: LinkSample) -> LinkScore:
    """Return the scores of one sample, or of a whole window (``Window.sum``).

    A site that publishes is judged by both directions, one that only watches
    by its downlink.
    """
    if not sample.connected:
        return LinkScore()
    up = _direction_score(sample.up, sample)
    down = _direction_score(sample.down, sample)
    judged = [up] if sample.publisher else []
    if sample.down.packets:
        judged.append(down)
    return LinkScore(total=min(judged, default=0.0), up=up, down=down)


class Smoother:
    """Steadies the total score of each site: falls fast, rises slowly.

    A link without signal is 0 at once. When it returns it starts at 1.0, so a
    link that comes and goes looks as bad as it is; a link that comes for the first
    time starts at what was measured.
    """

    def __init__(self) -> None:
        self._scores: dict[str, float] = {}

    def update(self, site: str, measured: float, interval_s: float = 1.0) -> float:
        """Return the steadied score of *site* after *interval_s* more seconds at *measured*."""
        before = self._scores.get(site)
        if measured <= 0.0:
            after = 0.0
        elif before is None:
            after = measured
        else:
            before = max(1.0, before)
            share = FALL_PER_S if measured < before else RISE_PER_S
            after = before + (measured - before) * (1 - math.pow(1 - share, max(0.0, interval_s)))
        if before is not None or after:
            self._scores[site] = after
        return after


def _direction_score(direction: Direction, sample: LinkSample) -> float:
    if not direction.packets:
        return 0.0
    unheard = max(direction.loss, direction.concealed)
    audio = audio_rating(loss=unheard, rtt_ms=sample.rtt_ms, jitter_ms=direction.jitter_ms)
    return mos(min(audio, video_rating(direction, sample.interval_s)))


def _shortfall(wanted: float, actual: float) -> float:
    if actual >= wanted:
        return 0.0
    return 20 * math.log(wanted / actual) if actual > 0 else MAX_STARVATION
