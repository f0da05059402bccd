"""The link figures of a whole forum, made up, and a page that is given them once a second.

Most links are well and a little restless, as real ones are; a few are ill in every way there is a
verdict for, and fall ill and recover at different times. The same second gives the same figures.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from typing import Any

__all__ = ["feed", "links_at"]

#: Gives the page the next of the made-up messages for each ``links`` of the server, the first
#: ones at once: what it shows of the past is there from the beginning. The page does as much
#: for them as for the server's own. What it says itself is kept in ``window.said``.
FEED = """
{
  const frames = %s;
  const atOnce = %d;
  let next = 0;
  window.said = [];
  window.WebSocket = class extends window.WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", (event) => {
        if (event.isTrusted && event.data.startsWith('{"type":"links"')) {
          event.stopImmediatePropagation();
          const now = JSON.parse(event.data).now;
          for (let left = next ? 1 : atOnce; left > 0; left -= 1) {
            const data = frames[next %% frames.length].replace('"now":0', `"now":${now}`);
            next += 1;
            this.dispatchEvent(new MessageEvent("message", { data }));
          }
        }
      });
    }
    send(data) {
      window.said.push(JSON.parse(data));
      super.send(data);
    }
  };
}
"""

#: What is wrong with some sites: verdict, its evidence, score, and the figures that show it.
ILLS: tuple[dict[str, Any], ...] = (
    {"cause": "uplink", "evidence": {"sign": "loss", "loss_up": 0.12},
     "score": 2.4, "up": {"loss": 0.12, "kbps": 610.0}},
    {"cause": "downlink", "evidence": {"sign": "loss", "loss_down": 0.051},
     "score": 2.9, "down": {"loss": 0.051, "kbps": 900.0}},
    {"cause": "site_cpu", "evidence": {"sign": "encoder", "fps": 9.0},
     "score": 3.3, "up": {"fps": 9.0}},
    {"cause": "camera", "evidence": {"sign": "no_frames"}, "score": 4.2, "up": {"fps": 0.0}},
    {"cause": "microphone", "evidence": {"sign": "silent"}, "score": 4.3},
    {"cause": "relay", "evidence": {"sign": "delay", "path": "relay_tls", "rtt_ms": 210.0},
     "score": 3.4, "rtt_ms": 210.0, "path": "relay_tls"},
)  # fmt: skip
#: Every so many sites one is ill.
ILL_EVERY = 8
#: Seconds after which another site has the ill.
SHIFT_S = 45


def links_at(sites: Sequence[str], second: int) -> dict[str, dict[str, Any]]:
    """Return the links of *sites*, as a ``links`` message has them, at a *second* of the forum."""
    return {site: _link(site, at, second) for at, site in enumerate(sites)}


def feed(sites: Sequence[str], now: float, *, at_once: int = 120, seconds: int = 240) -> str:
    """Return a script that has a page show made-up links; run it before the page's own.

    Args:
        sites: codes.
        now: Unix seconds; alerts and connections began before.
        at_once: messages that are given at once.
        seconds: how many there are; then they begin again.
    """
    frames = []
    for second in range(seconds):
        links = links_at(sites, second)
        for link in links.values():
            link["since"] = now - 1000
            if "alert" in link:
                link["alert"]["since"] = now - 60
        frames.append(
            json.dumps({"type": "links", "now": 0, "sites": links}, separators=(",", ":"))
        )
    return FEED % (json.dumps(frames), at_once)


def _link(site: str, at: int, second: int) -> dict[str, Any]:
    chance = random.Random(f"{site} {second}")
    wave = math.sin((second + 17 * at) / 23)
    link: dict[str, Any] = {
        "pages": 1, "devices": 1, "publisher": f"p-{site}", "connected": True, "since": 1.0,
        "rtt_ms": round(8 + 1.4 * (at % 40) + 3 * chance.random(), 1), "path": "direct",
        "score": round(4.25 + 0.15 * wave, 2),
        "up": {"kbps": round(2100 + 150 * chance.random(), 1), "loss": 0.001 * chance.randrange(3),
               "jitter_ms": 3.0, "width": 1280, "height": 720, "fps": 30.0},
        "down": {"kbps": round(2400 + 90 * chance.random(), 1), "loss": 0.0005, "jitter_ms": 2.0,
                 "width": 1280, "height": 720, "fps": 30.0},
    }  # fmt: skip
    turn = (at + second // SHIFT_S) % ILL_EVERY
    if at == 1:
        evidence = {"sign": "lost", "seconds": 60.0 + second}
        gone = {"cause": "no_signal", "evidence": evidence}
        return {"since": 100.0, "verdict": gone, **_alert(site, "critical")}
    if turn or at == 0:
        return link
    ill = ILLS[(at // ILL_EVERY) % len(ILLS)]
    link["score"] = round(float(ill["score"]) + 0.1 * wave, 2)
    link["rtt_ms"] = ill.get("rtt_ms", link["rtt_ms"])
    link["path"] = ill.get("path", "direct")
    link["up"] |= ill.get("up", {})
    link["down"] |= ill.get("down", {})
    link["verdict"] = {"cause": ill["cause"], "evidence": ill["evidence"]}
    link |= _alert(site, "critical" if link["score"] < 3 else "warning")
    return link


def _alert(site: str, level: str) -> dict[str, Any]:
    return {"alert": {"id": f"a-{site}", "kind": "score", "level": level, "since": 100.0}}
