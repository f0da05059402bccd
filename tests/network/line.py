"""A line between a site's network and the hub's, and what a test may do to it while it runs."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.network.impairment import Counters
from tests.network.namespaces import Namespace, NotPermitted

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class LineCounters:
    """Both directions, as seen from the client."""

    up: Counters
    down: Counters


class Line:
    """A wire of its own process between a client's namespace and the hub's.

    "Up" is from the client to the hub. Everything takes effect at the next packet.

    Args:
        number: 1..250, unlike that of any other line of the hub.
        client: namespace that gets the device ``line``, the address ``10.77.<number>.2`` and a
            default route.
        hub: namespace whose address is *hub_address*; it gets the device ``line<number>``.

    Raises:
        NotPermitted: TUN devices cannot be made here.
    """

    def __init__(self, number: int, client: Namespace, hub: Namespace, hub_address: str) -> None:
        self.address = f"10.77.{number}.2"
        self._client = client
        self._hub_address = hub_address
        far = f"line{number}"
        self._wire = subprocess.Popen(
            [
                sys.executable, "-m", "tests.network.wire",
                client.path, hub.path, "line", far,
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        assert self._wire.stdout is not None
        if self._wire.stdout.readline() != "ready\n":
            _, error = self._wire.communicate()
            raise NotPermitted(f"The network lab needs TUN devices: {error.strip()}")
        hub.run("ip", "link", "set", far, "addrgenmode", "none", "up")
        hub.run("ip", "addr", "add", hub_address, "peer", self.address, "dev", far)
        hub.run("ip", "route", "add", f"10.77.{number}.0/24", "dev", far)
        client.run("ip", "link", "set", "line", "addrgenmode", "none", "up")
        self._give(self.address)

    def _give(self, address: str) -> None:
        self._client.run("ip", "addr", "add", address, "peer", self._hub_address, "dev", "line")
        self._client.run("ip", "route", "add", "default", "dev", "line")

    def _order(self, **order: Any) -> LineCounters:
        assert self._wire.stdin is not None
        assert self._wire.stdout is not None
        self._wire.stdin.write(json.dumps(order) + "\n")
        self._wire.stdin.flush()
        answer = json.loads(self._wire.stdout.readline())
        return LineCounters(Counters(**answer["up"]), Counters(**answer["down"]))

    def up(self, **attributes: float) -> None:
        """Set attributes of ``impairment.Direction`` from the client to the hub."""
        self._order(up=attributes)

    def down(self, **attributes: float) -> None:
        """Set them from the hub to the client."""
        self._order(down=attributes)

    def both(self, **attributes: float) -> None:
        """Set them in both directions; 20 % ``loss`` takes a round trip two chances."""
        self._order(up=attributes, down=attributes)

    def clear(self) -> None:
        """Make it a perfect line again; its NAT keeps what it has changed."""
        self.both(
            loss=0.0, burst=1.0, delay_ms=0.0, jitter_ms=0.0, rate_kbps=0.0, block_udp=False,
            outage_ms=0.0,
        )  # fmt: skip

    def outage(self, ms: float) -> None:
        """Let nothing through for *ms*, either way, and lose what is under way."""
        self.both(outage_ms=ms)

    def block_udp(self, blocked: bool = True) -> None:
        """Let only TCP (and ICMP) through, as some firewalls do: silently."""
        self.both(block_udp=blocked)

    def rebind(self) -> None:
        """Give the client's UDP another address and other ports, as the hub sees it.

        The browser cannot notice; what is still sent to the old ones is lost.
        """
        self._order(rebind=True)

    def move(self) -> None:
        """Give the client's device another address; the browser notices, all its sockets end."""
        network, _, host = self.address.rpartition(".")
        self._client.run("ip", "addr", "flush", "dev", "line")
        self.address = f"{network}.{int(host) + 100}"
        self._give(self.address)

    def counters(self) -> LineCounters:
        """Return what became of all packets so far."""
        return self._order()

    def close(self) -> None:
        """Take the line down; its devices vanish."""
        assert self._wire.stdin is not None
        self._wire.stdin.close()
        self._wire.wait(10)
        for stream in (self._wire.stdout, self._wire.stderr):
            if stream is not None:
                stream.close()
