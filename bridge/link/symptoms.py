"""What speaks for each cause at one site, and how much it costs.

Owns the thresholds. A symptom names its cause by itself: what a browser says of its own
camera, loss that was counted in one direction, an encoder that complains. Its cost is in
points of R, the scale of ``score``, so that of two symptoms the worse one can be told.

Every limit is passed at its own value and left below a share of it (``EASE``), so that a link
that hovers at a limit does not change its verdict every second.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bridge.link.samples import Direction, Limitation, PageStats, PathKind, TrackState
from bridge.link.score import (
    MAX_STARVATION,
    OPUS_BPL,
    VIDEO_BPL,
    WANTED_FPS,
    delay_impairment,
    loss_impairment,
)
from bridge.link.windows import Window

__all__ = [
    "BUSY",
    "SEEKING",
    "Cause",
    "Evidence",
    "Shared",
    "Symptom",
    "device",
    "downlink",
    "relayed",
    "site_cpu",
    "suffering",
    "uplink",
    "worst",
]

Evidence = dict[str, float | str]

#: Share of a limit below which it is left again.
EASE = 0.6
#: Loss before repair from which a picture is not excellent any more (LiveKit: 2 % for video).
LOSS = 0.02
#: Fewer packets say nothing about loss.
ENOUGH = 50
#: Round trips from which talking to each other becomes tiring: 200 ms one way is the edge of
#: "very satisfied" in ITU-T G.114, Twilio warns at 400.
RTT_MS = 350.0
#: The receiver's buffer doubles it: from here on it alone costs more than 100 ms.
JITTER_MS = 50.0
#: Below this the smaller sizes of a camera and the sound do not fit together (seen with Chromium:
#: 180 and 360 lines and sound take 450 to 650 kb/s).
WANTED_KBPS = 700.0
#: In this share of a window the browser must say the same, to mean it.
MEANT = 0.6
#: An estimate that has grown so much within a window is on its way up: the line is free again.
GROWING = 1.25
#: A page whose timers are so late gets no turns on its machine; a browser slows hidden pages
#: to one turn a second, so more than that needs no second sign.
LAG_MS, LAG_ALONE_MS = 300.0, 1500.0
#: Longer than this for a frame, the encoder cannot keep up with 25 frames a second.
ENCODE_MS = 40.0
#: An encoder that makes less than this share of the frames it is given does not keep up.
KEPT_UP = 0.75
#: A picture that is sent with so few of its lines was made smaller than half, for the line.
SMALLER = 0.4
#: Seconds without any picture; a change of program takes less than one.
AWAY = 3
#: Share of the time a picture may stand, or of the sound that may be made up.
FROZEN, CONCEALED = 0.15, 0.05
#: Loudness below which nothing was picked up at all: a room is louder (RFC 6464: -127 is digital
#: silence), and so is what noise suppression leaves of it.
SILENT_DBOV = -100.0
SILENT_LEVEL = 1 / 32768
#: Signs that a computer without processor time explains, at the site or at the server, ...
BUSY = frozenset({"rate", "delay", "jitter", "freeze"})
#: ... and those that are still there afterwards, while the rate is looked for again.
SEEKING = BUSY - {"delay"}
#: What it costs to be neither seen nor heard.
NO_PICTURE, NO_SOUND = 90.0, 85.0


class Cause(StrEnum):
    """Why a link is bad; stable for ever."""

    NONE = ""
    NO_SIGNAL = "no_signal"
    UPLINK = "uplink"
    DOWNLINK = "downlink"
    SITE_CPU = "site_cpu"
    CAMERA = "camera"
    MICROPHONE = "microphone"
    RELAY = "relay"
    SERVER = "server"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing that is wrong.

    Attributes:
        cause: what it speaks for.
        cost: points of R, 0-100.
        evidence: figures for the sentence; ``sign`` says which of them leads.
    """

    cause: Cause
    cost: float
    evidence: Evidence = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shared:
    """What a site is sent already bad, because it came bad to the server.

    Attributes:
        loss: ratio 0-1 of packets.
        jitter_ms: of the worst source.
        height: lines of the picture on program as the server has it, 0 without one.
        bad: a source is in trouble, or many sites suffer at once.
    """

    loss: float = 0.0
    jitter_ms: float = 0.0
    height: int = 0
    bad: bool = False


def device(window: Window, *, expected: bool, had_picture: bool) -> list[Symptom]:
    """Return what is wrong with camera and microphone.

    Args:
        window: of the site.
        expected: it should be heard now: its microphone is open, or it is on deck.
        had_picture: pictures came from it before over this connection.
    """
    sample, page = window.sum, window.sum.page or PageStats()
    found = []
    camera = _camera(window, page, had_picture=had_picture)
    if camera:
        found.append(Symptom(Cause.CAMERA, NO_PICTURE, {"sign": camera}))
    if page.microphone is TrackState.ENDED or (page.microphone is TrackState.MUTED and expected):
        found.append(Symptom(Cause.MICROPHONE, NO_SOUND, {"sign": page.microphone.value}))
    elif expected and sample.up.packets and window.full and _silent(window):
        seconds = round(sample.interval_s)
        found.append(Symptom(Cause.MICROPHONE, NO_SOUND, {"sign": "silent", "seconds": seconds}))
    return found


def _camera(window: Window, page: PageStats, *, had_picture: bool) -> str:
    """Return how the camera fails, empty if it does not."""
    if page.camera is TrackState.ENDED or page.camera is TrackState.MUTED:
        return page.camera.value
    if not window.full:
        return ""
    if page.camera is TrackState.LIVE:
        still = window.share(lambda said: said.captured_fps == 0) >= MEANT
        return "no_frames" if still else ""
    # Encoders that say nothing: sound comes, pictures have stopped, and not for want of line.
    up = window.sum.up
    silent = window.sum.page is None and had_picture
    stopped = up.packets > 0 and up.fps == 0 and up.loss < LOSS
    return "no_frames" if silent and stopped else ""


def _silent(window: Window) -> bool:
    levels = [one.up.level_dbov for one in window.samples]
    known = [level for level in levels if level is not None]
    if known:
        return max(known) <= SILENT_DBOV
    return window.share(_no_level) >= MEANT


def _no_level(said: PageStats) -> bool:
    return said.microphone_level is not None and said.microphone_level < SILENT_LEVEL


def site_cpu(window: Window, held: Cause) -> Symptom | None:
    """Return what says that the site's computer does not keep up.

    Args:
        window: of the site.
        held: the verdict so far.
    """
    page, sample = window.sum.page, window.sum
    if page is None:
        return None
    ease = EASE if held is Cause.SITE_CPU else 1.0
    fps = page.encoded_fps if page.encoded_fps is not None else sample.up.fps
    starved = _starvation(fps) if sample.up.height or page.encoded_fps is not None else 0.0
    evidence: Evidence = {"fps": round(fps, 1)}
    if page.encode_ms is not None:
        evidence["encode_ms"] = round(page.encode_ms)
    if window.share(lambda said: said.limitation is Limitation.CPU) >= MEANT * ease:
        return Symptom(Cause.SITE_CPU, 5 + starved, {"sign": "encoder", **evidence})
    if _late(window, LAG_ALONE_MS * ease) or (
        _late(window, LAG_MS * ease) and (starved or _uneven(window, ease))
    ):
        evidence["lag_ms"] = round(page.page_lag_ms or 0.0)
        return Symptom(Cause.SITE_CPU, 20 + starved, {"sign": "lag", **evidence})
    slow = (page.encode_ms or 0.0) >= ENCODE_MS * ease
    if slow and fps < KEPT_UP * (page.captured_fps or 0.0):
        return Symptom(Cause.SITE_CPU, 10 + starved, {"sign": "encoder", **evidence})
    return None


def _late(window: Window, limit_ms: float) -> bool:
    return window.share(lambda said: (said.page_lag_ms or 0.0) >= limit_ms) >= MEANT


def _uneven(window: Window, ease: float) -> bool:
    sample = window.sum
    jitter = sample.up.jitter_ms >= JITTER_MS * ease
    return jitter or suffering(sample.down, sample.interval_s) > 0


def uplink(window: Window, held: Cause, explained: Collection[str] = ()) -> Symptom | None:
    """Return what is wrong on the way from the site to the server.

    Args:
        window: of the site.
        held: the verdict so far.
        explained: signs that something else explains: ``BUSY``, ``SEEKING`` or none.
    """
    sample, up = window.sum, window.sum.up
    if not sample.publisher or not up.packets:
        return None
    ease = EASE if held in {Cause.UPLINK, Cause.RELAY} else 1.0
    signs: dict[str, float] = {}
    evidence: Evidence = {}
    loss = max(up.loss, up.residual) if up.expected >= ENOUGH else 0.0
    if loss:
        evidence["loss_up"] = round(loss, 3)
    if loss >= LOSS * ease:
        signs["loss"] = loss_impairment(loss, VIDEO_BPL if up.height else OPUS_BPL)
    available = _narrow(window, ease)
    if available:
        signs["rate"] = 12 + min(MAX_STARVATION, 20 * math.log(WANTED_KBPS / available))
        evidence["available_kbps"] = round(available)
    signs |= _slow(sample.rtt_ms, up.jitter_ms, ease)
    signs = {sign: cost for sign, cost in signs.items() if sign not in explained}
    return _of_line(Cause.UPLINK, signs, evidence, sample.rtt_ms, up)


def _narrow(window: Window, ease: float) -> float:
    """Return what the uplink carries, kilobits per second, 0 if it carries enough or grows."""
    page = window.sum.page
    if page is None or not page.available_kbps or window.sum.cap_kbps:
        return 0.0
    if page.available_kbps >= WANTED_KBPS:
        return 0.0
    if window.share(lambda said: said.limitation is Limitation.BANDWIDTH) < MEANT * ease:
        return 0.0
    known = [one.page.available_kbps for one in window.samples if one.page is not None]
    first = next((one for one in known if one), 0.0)
    return 0.0 if page.available_kbps > GROWING * first else page.available_kbps


def downlink(
    window: Window, shared: Shared, held: Cause, explained: Collection[str] = ()
) -> Symptom | None:
    """Return what is wrong on the way from the server to the site, beyond what is *shared*.

    Args:
        window: of the site.
        shared: what came bad to the server; the site's line is not to blame for it.
        held: the verdict so far.
        explained: signs that something else explains: ``BUSY``, ``SEEKING`` or none.
    """
    sample, down = window.sum, window.sum.down
    if not down.packets:
        return None
    ease = EASE if held in {Cause.DOWNLINK, Cause.RELAY} else 1.0
    loss = max(0.0, down.loss - shared.loss) if down.expected >= ENOUGH else 0.0
    signs = _down_signs(window, shared, ease)
    signs = {sign: cost for sign, cost in signs.items() if sign not in explained}
    if loss >= LOSS * ease:
        signs["loss"] = loss_impairment(loss, VIDEO_BPL if down.height else OPUS_BPL)
    evidence: Evidence = {}
    if loss:
        evidence["loss_down"] = round(loss, 3)
    if "rate" in signs:
        evidence["height"] = down.height
    if down.freeze_s:
        evidence["freeze_s"] = round(down.freeze_s, 1)
    return _of_line(Cause.DOWNLINK, signs, evidence, sample.rtt_ms, down)


def _down_signs(window: Window, shared: Shared, ease: float) -> dict[str, float]:
    """Return what else than loss tells of a bad downlink, and its cost."""
    sample, down = window.sum, window.sum.down
    # A round trip has two ways: at a site that publishes it counts for the way up.
    rtt_ms = 0.0 if sample.publisher else sample.rtt_ms
    # What a source in trouble sends comes unevenly, and each end smooths its jitter differently.
    jitter_ms = 0.0 if shared.bad else down.jitter_ms - shared.jitter_ms
    signs = _slow(rtt_ms, jitter_ms, ease)
    if shared.height and _smaller(window, shared.height):
        signs["rate"] = 20.0 if down.height else 30.0
    worse = suffering(down, sample.interval_s)
    if worse and not shared.bad:
        signs["freeze"] = worse
    return signs


def _smaller(window: Window, height: int) -> bool:
    """Return whether the picture has been much smaller than it could be all the time, or away."""
    heights = [one.down.height for one in window.samples]
    if not any(heights[-AWAY:]):
        return len(heights) >= AWAY
    return window.full and max(heights) <= SMALLER * height


def suffering(down: Direction, interval_s: float) -> float:
    """Return what viewers at the site suffer, points of R; 0 if they need not notice."""
    frozen = down.freeze_s / interval_s if interval_s > 0 else 0.0
    cost = 0.0
    if frozen >= FROZEN:
        cost = loss_impairment(min(1.0, frozen), VIDEO_BPL)
    if down.concealed >= CONCEALED:
        cost = max(cost, loss_impairment(down.concealed, OPUS_BPL))
    return cost


def _slow(rtt_ms: float, jitter_ms: float, ease: float) -> dict[str, float]:
    signs = {}
    if rtt_ms >= RTT_MS * ease:
        signs["delay"] = 8 + delay_impairment(rtt_ms / 2)
    if jitter_ms >= JITTER_MS * ease:
        signs["jitter"] = 5 + delay_impairment(2 * jitter_ms)
    return signs


def _of_line(
    cause: Cause, signs: dict[str, float], evidence: Evidence, rtt_ms: float, one: Direction
) -> Symptom | None:
    """Return the symptom of a direction; the sign that costs most leads."""
    if not signs:
        return None
    if cause is Cause.DOWNLINK and "loss" not in signs and rtt_ms >= RTT_MS:
        signs["delay"] = max(signs.values()) + 1  # the server takes it for a queue and sends less
    leading = max(signs, key=lambda sign: signs[sign])
    times: Evidence = {"jitter_ms": round(one.jitter_ms)}
    if rtt_ms >= 0:
        times["rtt_ms"] = round(rtt_ms)
    return Symptom(cause, signs[leading], {"sign": leading, **evidence, **times})


def _starvation(fps: float) -> float:
    """Return what too few frames cost, points of R."""
    if fps >= WANTED_FPS:
        return 0.0
    return min(MAX_STARVATION, 20 * math.log(WANTED_FPS / fps)) if fps > 0 else MAX_STARVATION


def relayed(path: PathKind) -> bool:
    """Return whether packets go through a relay."""
    return path in {PathKind.RELAY_UDP, PathKind.RELAY_TCP, PathKind.RELAY_TLS}


def worst(symptoms: Sequence[Symptom]) -> Symptom | None:
    """Return the symptom that costs most, the first of equal ones."""
    return max(symptoms, key=lambda one: one.cost, default=None)
