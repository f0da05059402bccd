"""The process that carries packets between two namespaces: ``python -m tests.network.wire``.

Reads IPv4 packets from a TUN device at each end, hands them to a :class:`Direction`, writes what
is due to the other end. A process of its own, so that a test that is busy delays no packet; it
ends when its standard input closes, and the devices vanish with it.

Each line on standard input is a JSON object ``{"up": {...}, "down": {...}, "rebind": true}`` of
attributes to set; each is answered with the counters of both directions. ``outage_ms`` cuts a
direction for so long from now.
"""

from __future__ import annotations

import fcntl
import json
import os
import random
import select
import struct
import sys
import time
from typing import Any

from tests.network.impairment import Direction
from tests.network.namespaces import inside
from tests.network.nat import Nat

_TUNSETIFF = 0x400454CA
_IFF_TUN_NO_PI = 0x1001
#: Above the MTU of a TUN device, 1500.
_MAX_PACKET = 2048
#: Packets read per wake-up, so that both ends and the queues take turns.
_BATCH = 64


def open_tun(namespace: str, name: str) -> int:
    """Make the TUN device *name* in the namespace at a path; it lives as long as the descriptor."""
    with inside(namespace):
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN_NO_PI))
    return device


class Wire:
    """Two devices, two directions, one NAT at the client's end."""

    def __init__(self, client: int, far: int) -> None:
        self._client, self._far = client, far
        self._nat = Nat()
        self.up = Direction(random.Random(1))
        self.down = Direction(random.Random(2))
        self._orders = b""

    def run(self, control: int) -> None:
        """Carry packets until *control* ends."""
        poll = select.epoll()
        for descriptor in (self._client, self._far, control):
            poll.register(descriptor, select.EPOLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll(self._timeout())}
            if self._client in ready:
                self._read(self._client, self.up, inward=False)
            if self._far in ready:
                self._read(self._far, self.down, inward=True)
            # Last: what was sent before an order is carried as before it.
            if control in ready and not self._listen(control):
                return
            self._deliver(time.monotonic())

    def _deliver(self, now: float) -> None:
        for packet in self.up.due(now):
            self._write(self._far, packet)
        for packet in self.down.due(now):
            inner = self._nat.inward(packet)
            if inner is not None:
                self._write(self._client, inner)

    def _listen(self, control: int) -> bool:
        data = os.read(control, 65536)
        *lines, self._orders = (self._orders + data).split(b"\n")
        for line in lines:
            self._obey(json.loads(line))
        return bool(data)

    def _timeout(self) -> float:
        times = [at for at in (self.up.next_at(), self.down.next_at()) if at is not None]
        return max(0.0, min(times) - time.monotonic()) if times else -1

    def _read(self, device: int, direction: Direction, *, inward: bool) -> None:
        for _ in range(_BATCH):
            try:
                packet = os.read(device, _MAX_PACKET)
            except BlockingIOError:
                return
            if packet[0] >> 4 == 4:
                direction.offer(packet if inward else self._nat.outward(packet), time.monotonic())

    def _write(self, device: int, packet: bytes) -> None:
        try:
            os.write(device, packet)
        except OSError:  # the device is down: an address is being changed
            return

    def _obey(self, order: dict[str, Any]) -> None:
        now = time.monotonic()
        for name, direction in (("up", self.up), ("down", self.down)):
            for key, value in order.get(name, {}).items():
                if key == "outage_ms":
                    direction.cut_until = now + value / 1000
                else:
                    setattr(direction, key, value)
        if order.get("rebind"):
            self._nat.bindings += 1
        answer = {"up": self.up.counters.as_dict(), "down": self.down.counters.as_dict()}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def main() -> None:
    """Arguments: both namespaces' paths, both devices' names."""
    client_path, far_path, client_name, far_name = sys.argv[1:]
    wire = Wire(open_tun(client_path, client_name), open_tun(far_path, far_name))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    wire.run(sys.stdin.fileno())


if __name__ == "__main__":
    main()
