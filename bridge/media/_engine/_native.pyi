from collections.abc import Callable
from typing import Final

from bridge.media.mux import Endpoint
from bridge.media.sink import Segment, Sink
from bridge.media.source import Packet
from bridge.media.srtp import SrtpPair
from bridge.media.udp import Address

CAPACITY: Final[int]
TRAILER: Final[int]

class Slot:
    packets: int
    octets: int
    def __init__(self, packets: int = 0, octets: int = 0) -> None: ...
    def write(
        self,
        *,
        segment: Segment | None,
        srtp: SrtpPair | None,
        endpoint: Endpoint,
        address: Address | None,
        context: int,
        name: bytes,
        first: int,
        ssrc: int,
        head: int,
        sequence: int,
        timestamp: int,
        before: bytes,
        after: bytes,
        picture: int,
        tl0: int,
    ) -> None: ...

class Fanout:
    def __init__(self, protect: int, send: int = 0) -> None: ...
    def forward(
        self,
        file: int,
        sinks: list[Sink],
        packet: Packet,
        video: bool,
        renew: Callable[[Sink], Slot | None],
    ) -> tuple[int, int, int, int, int, int]: ...
    def flush(self, file: int) -> tuple[int, int]: ...
