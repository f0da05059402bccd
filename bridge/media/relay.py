"""What a source asks of a thread that receives and forwards it (``engine_native``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bridge.media.answer import Codec
from bridge.media.packets import Mark, Packet

if TYPE_CHECKING:
    from bridge.media.sink import Sink

__all__ = ["Relay"]


class Relay(Protocol):
    """A thread that receives and forwards a source, while the event loop looks on.

    It numbers and keeps the packets, and the source is told of each one afterwards.
    """

    def insert(
        self, sequence: int, timestamp: int, marker: int, payload: bytes, now: float
    ) -> Packet | None:
        """Number and keep a packet that came by another way; None if it is not new."""
        ...

    def forward(self, packet: Packet) -> None:
        """Give its sinks a packet that was inserted."""
        ...

    def keep(self, *, keeps: bool) -> None:
        """Keep packets from now on, or no more."""
        ...

    def packet(self, number: int) -> Packet | None:
        """Return a packet that is kept."""
        ...

    def attach(self, sink: Sink) -> bool:
        """Give *sink* everything from its first packet on; False if that is not kept."""
        ...

    def detach(self, sink: Sink) -> Mark:
        """Give *sink* nothing more."""
        ...

    def change(self, codec: Codec) -> None:
        """Go on in another codec."""
        ...

    def close(self) -> None:
        """End."""
        ...
