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

    Remembers what was repeated of late, so that a line without loss takes no memory.

    Args:
        size: packets remembered at most; of more, the longest ago may be repeated again.
    """

    __slots__ = ("_before", "_recent", "_since", "_size", "_tokens")

    def __init__(self, size: int = 512) -> None:
        self._size = size // 2
        self._since = -_RESEND_INTERVAL_S
        self._recent: dict[int, float] = {}
        """When each sequence number was repeated since ``_since``."""
        self._before: dict[int, float] = {}
        """The same, for the time before."""
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
        last = self._recent.get(seq, self._before.get(seq))
        if last is not None and now - last < _RESEND_INTERVAL_S:
            return False
        if size > self._tokens:
            return False
        self._tokens -= size
        if now - self._since >= _RESEND_INTERVAL_S or len(self._recent) >= self._size:
            self._since, self._before, self._recent = now, self._recent, {}
        self._recent[seq] = now
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
