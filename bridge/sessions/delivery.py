"""Brings pages up to date in slices, so that thousands of them do not hold up media packets."""

from __future__ import annotations

import asyncio

from bridge.sessions.channels import Channels

__all__ = ["Delivery"]

#: Pages written to before the loop may do something else: about a millisecond of system calls.
SLICE = 64


class Delivery:
    """One task that writes whatever the pages of a session were not sent yet.

    A commit made while it is under way costs no round of its own: whoever is still to
    come gets both patches with one system call.

    Args:
        channels: what to deliver, and to whom.
    """

    def __init__(self, channels: Channels) -> None:
        self._channels = channels
        self._wanted = asyncio.Event()

    def wake(self) -> None:
        """There is something new."""
        self._wanted.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            written = 0
            for wrote in self._channels.deliver():
                written += wrote
                if wrote and written % SLICE == 0:
                    await asyncio.sleep(0)
