"""Totals of the media plane since start, for ``/metrics``, the technician and the benchmarks."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["MediaCounters"]


@dataclass(slots=True)
class MediaCounters:
    """Counts only ever grow; ``peers`` and ``publishers`` are how many there are now.

    Attributes:
        packets_in: RTP packets received and authenticated.
        bytes_in: their bytes on the wire.
        packets_out: RTP packets forwarded; resent ones are counted in ``resent`` instead.
        bytes_out: bytes of the forwarded packets before encryption.
        rtcp_in, rtcp_out: RTCP compounds.
        nacks_in: packets viewers asked for. nacks_out: packets we asked publishers for.
        plis_in: key frames viewers asked for. plis_out: key frames we asked publishers for.
        resent: packets sent again.
        send_full: forwarded packets lost to a full socket buffer.
        switches: slots that changed source.
        moves: peers that changed address.
        drops: datagrams thrown away, by reason.
    """

    peers: int = 0
    publishers: int = 0
    packets_in: int = 0
    bytes_in: int = 0
    packets_out: int = 0
    bytes_out: int = 0
    rtcp_in: int = 0
    rtcp_out: int = 0
    nacks_in: int = 0
    nacks_out: int = 0
    plis_in: int = 0
    plis_out: int = 0
    resent: int = 0
    send_full: int = 0
    switches: int = 0
    moves: int = 0
    drops: dict[str, int] = field(default_factory=dict)

    def drop(self, reason: str) -> None:
        """Count one datagram thrown away; *reason* is one of a fixed set, never input."""
        self.drops[reason] = self.drops.get(reason, 0) + 1
