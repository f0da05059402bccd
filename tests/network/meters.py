"""What a viewer's page shows and plays, measured in the page while a test goes on."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from playwright.async_api import Page

from tests.e2e.browser import STATS
from tests.network import correlation

#: Goes into the page before its own scripts: keeps the time, size and colour of every frame of the
#: program's picture that is put on the screen, and on demand the energy of the sound.
SCRIPT = """
window.presented = [];
window.watchColour = false;
{
  const dot = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const metered = new WeakSet();
  const hook = () => {
    const video = document.querySelector("[data-testid=program-video]");
    if (!video || metered.has(video)) return;
    metered.add(video);
    const onFrame = (now, frame) => {
      let colour = [];
      if (window.watchColour) {
        dot.drawImage(video, 0, 0, 8, 8, 0, 0, 1, 1);
        colour = [...dot.getImageData(0, 0, 1, 1).data.slice(0, 3)];
      }
      const at = performance.timeOrigin + frame.presentationTime;
      window.presented.push([at, frame.width, frame.height, colour]);
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  };
  setInterval(hook, 100);
}
window.soundLog = [];
window.watchSound = (on) => {
  clearInterval(window.soundTimer);
  if (!on) return;
  window.soundLog = [];
  window.soundTimer = setInterval(async () => {
    for (const pc of window.peerConnections) {
      if (pc.connectionState === "closed") continue;
      for (const entry of (await pc.getStats()).values())
        if (entry.type === "inbound-rtp" && entry.kind === "audio")
          window.soundLog.push([entry.ssrc, entry.totalSamplesDuration, entry.totalAudioEnergy]);
    }
  }, 50);
};
"""

MOVING_S = 0.5
GOES_ON_S = 2.0

#: Totals of inbound statistics that a window shows the growth of.
_TOTALS = (
    "framesDecoded",
    "freezeCount",
    "totalFreezesDuration",
    "bytesReceived",
    "packetsLost",
    "nackCount",
    "pliCount",
    "retransmittedPacketsReceived",
    "concealedSamples",
    "totalSamplesReceived",
)


@dataclass(frozen=True)
class Frame:
    """One frame on the screen."""

    at: float
    """Unix seconds."""
    width: int
    height: int
    colour: tuple[int, ...]


@dataclass
class Window:
    """What a viewer saw and heard in some seconds."""

    seconds: float = 0.0
    fps: float = 0.0
    """Decoded."""
    longest_gap_ms: float = 0.0
    """Between frames on the screen, the edges of the window included."""
    freezes: int = 0
    """As Chromium counts them."""
    freeze_s: float = 0.0
    height: int = 0
    """Lines of the newest frame."""
    kbps: float = 0.0
    lost: int = 0
    """RTP packets, before repair."""
    nacks: int = 0
    plis: int = 0
    repaired: int = 0
    concealed: float = 0.0
    """Share of the sound that the player made up."""
    likeness: float = 0.0
    """Of the sound with what was said; 0 if it was not compared."""

    def figures(self) -> dict[str, Any]:
        return {
            name: round(value, 2) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


class Viewer:
    """The meters of one page that was opened with :data:`SCRIPT`.

    Args:
        page: has the program's picture.
        voice: energy curve of what is said, to compare with; None if sound does not matter.
    """

    def __init__(self, page: Page, voice: correlation.Curve | None = None) -> None:
        self.page = page
        self._voice = voice

    @asynccontextmanager
    async def window(self) -> AsyncIterator[Window]:
        """Measure what happens inside; the figures are there afterwards."""
        result = Window()
        if self._voice is not None:
            await self.page.evaluate("() => window.watchSound(true)")
        begin, before = time.time(), await self._totals()
        yield result
        end, after = time.time(), await self._totals()
        grown = {name: after[name] - before[name] for name in _TOTALS}
        seconds = result.seconds = end - begin
        result.fps = grown["framesDecoded"] / seconds
        result.freezes = int(grown["freezeCount"])
        result.freeze_s = grown["totalFreezesDuration"]
        result.kbps = grown["bytesReceived"] * 8 / 1000 / seconds
        result.lost = int(grown["packetsLost"])
        result.nacks = int(grown["nackCount"])
        result.plis = int(grown["pliCount"])
        result.repaired = int(grown["retransmittedPacketsReceived"])
        result.concealed = grown["concealedSamples"] / max(1.0, grown["totalSamplesReceived"])
        shown = await self.frames(begin - 60)
        times = [max(begin, min(end, frame.at)) for frame in shown]
        result.longest_gap_ms = 1000 * longest_gap([begin, *times, end])
        result.height = shown[-1].height if shown else 0
        if self._voice is not None:
            result.likeness = correlation.likeness(await self._heard(), self._voice)

    async def watch(self, seconds: float) -> Window:
        """Measure for some seconds."""
        async with self.window() as result:
            await asyncio.sleep(seconds)
        return result

    async def frames(self, since: float) -> list[Frame]:
        """Return the frames on the screen since then, Unix seconds, oldest first."""
        found = await self.page.evaluate(
            "since => window.presented.filter(([at]) => at >= since)", since * 1000
        )
        return [Frame(at / 1000, w, h, tuple(colour)) for at, w, h, colour in found]

    async def watch_colour(self) -> None:
        """Keep the colour of the picture's corner from now on."""
        await self.page.evaluate("() => { window.watchColour = true; }")

    async def moving_after(self, since: float, timeout_s: float = 10.0) -> float:
        """Return when after *since* the picture began to move and went on, Unix seconds.

        Shown frames closer than 0.5 s for 2 s are a picture that goes on; a slate has one a second.
        """
        end = time.monotonic() + timeout_s + GOES_ON_S
        while True:
            times = [frame.at for frame in await self.frames(since)]
            start = times[0] if times else 0.0
            for one, next_ in pairwise(times):
                if next_ - one > MOVING_S:
                    start = next_
                elif next_ - start >= GOES_ON_S:
                    return start
            assert time.monotonic() < end, f"no moving picture within {timeout_s} s"
            await asyncio.sleep(0.1)

    async def _totals(self) -> dict[str, float]:
        totals: dict[str, float] = defaultdict(float)
        for entry in await self.page.evaluate(STATS):
            if entry["type"] == "inbound-rtp":
                for name in _TOTALS:
                    totals[name] += entry.get(name, 0.0)
        return totals

    async def _heard(self) -> list[tuple[float, float]]:
        """Return the energy curve of the loudest stream."""
        await self.page.evaluate("() => window.watchSound(false)")
        streams: dict[int, list[tuple[float, float]]] = defaultdict(list)
        for ssrc, second, energy in await self.page.evaluate("() => window.soundLog"):
            streams[ssrc].append((second, energy))
        return max(streams.values(), key=lambda s: s[-1][1] - s[0][1], default=[])


def longest_gap(times: list[float]) -> float:
    """Return the longest time between two neighbours."""
    return max((b - a for a, b in pairwise(times)), default=0.0)
