"""What a sender needs to know: a budget for retransmission, NTP time, round trips.

The budget exists because unbounded answers to NACK turned 333 requests into 50,000 packets in
a test: the retransmissions filled the line, and their loss asked for more.
"""

from __future__ import annotations

__all__ = ["ResendBudget", "ntp_mid32", "ntp_time", "rtt_from_report"]

_NTP_EPOCH = 2208988800  # seconds from 1900 to 1970
_MAX_RTT_S = 60.0  # more is a report about something else
_CLOCK_ERROR_S = 0.05  # a round trip this far below zero is rounding and a fast path

# libwebrtc asks again every 100 ms if it knows no round trip: the same limit refused every second.
_RESEND_INTERVAL_S = 0.04
# 20 % loss takes a quarter: allowed a fifth, such lines stood still for seconds; a half is 30 fps.
_RESEND_SHARE = 0.5
_RESEND_START = 15_000  # bytes: a lossy first key frame may be repaired
_RESEND_BURST = 60_000  # bytes saved up at most: about one 720p key frame


class ResendBudget:
    """Whether one outgoing stream may repeat a packet now.

    The same sequence number at most every 40 ms; repeated bytes at most half of those sent.

    Args:
        size: packets kept for it, a power of two, so that numbers wrap without a jump.

    Raises:
        ValueError: another size.
    """

    __slots__ = ("_mask", "_sequences", "_times", "_tokens")

    def __init__(self, size: int = 512) -> None:
        if size < 1 or 65536 % size:
            raise ValueError(f"size must be a power of two up to 65536, not {size}")
        self._mask = size - 1
        self._sequences = [-1] * size
        self._times = [0.0] * size
        self._tokens = float(_RESEND_START)

    def sent(self, size: int) -> None:
        """Count bytes sent for the first time."""
        self._tokens = min(_RESEND_BURST, self._tokens + size * _RESEND_SHARE)

    def allow(self, seq: int, size: int, now: float) -> bool:
        """Return True, and spend the bytes, if the packet may be sent again.

        Args:
            seq: its original sequence number, 0..65535.
            size: bytes to send.
            now: seconds of a clock that does not jump.
        """
        slot = seq & self._mask
        if self._sequences[slot] == seq and now - self._times[slot] < _RESEND_INTERVAL_S:
            return False
        if size > self._tokens:
            return False
        self._tokens -= size
        self._sequences[slot] = seq
        self._times[slot] = now
        return True


def ntp_time(unix_s: float) -> int:
    """Return NTP time, 64 bits in 1/2^32 s, wrapping in 2036 as the format does.

    Args:
        unix_s: Unix seconds.
    """
    return int((unix_s + _NTP_EPOCH) * 4294967296) & 0xFFFFFFFFFFFFFFFF


def ntp_mid32(ntp: int) -> int:
    """Return the middle 32 bits of a 64-bit NTP time, in 1/65536 s."""
    return ntp >> 16 & 0xFFFFFFFF


def rtt_from_report(lsr: int, dlsr: int, now_ntp_mid32: int) -> float | None:
    """Return the round trip in seconds that a report block shows, RFC 3550 section 6.4.1.

    Args:
        lsr: from the block; 0 means the receiver had no sender report.
        dlsr: from the block, 1/65536 s.
        now_ntp_mid32: ``ntp_mid32(ntp_time(now))`` of the clock that wrote the sender reports.

    Returns:
        None when the block cannot show one, or shows nonsense.
    """
    if not lsr:
        return None
    ticks = ((now_ntp_mid32 - lsr - dlsr + 0x80000000) & 0xFFFFFFFF) - 0x80000000
    seconds = ticks / 65536
    if not -_CLOCK_ERROR_S <= seconds <= _MAX_RTT_S:
        return None
    return max(0.0, seconds)
