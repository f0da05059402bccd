"""What a receiver knows of one incoming stream: loss, jitter, and which packets to ask for again.

Owns RFC 3550 appendices A.1 (sequence numbers), A.3 (loss) and A.8 (jitter), and the timing of
retransmission requests. No probation: packets come out of SRTP, so strangers cannot send any.
"""

from __future__ import annotations

from bridge.rtp.rtcp import ReportBlock

__all__ = ["NackTracker", "ReceiveStatistics"]

_MAX_DROPOUT = 3000  # RFC 3550, A.1: a larger step forward is a restart
_MAX_MISORDER = 100  # and so is a larger step back
_MAX_JITTER_STEP_S = 5.0  # a larger change of transit time is a new timestamp base, not jitter

_MAX_MISSING = 500  # beyond it a key frame costs less than the retransmissions
_MAX_ASKED = 250  # worst case 4 bytes each: one NACK stays in one datagram
_RETRY_S = 0.03  # without timed retry 5 % loss falls to 10 fps, with it 30 fps even at 20 %
_GIVE_UP_S = 1.0  # players have long skipped the frame


class ReceiveStatistics:
    """Counters of one SSRC, and the report block about it.

    Packets repaired through RTX are not counted here: loss is what the network did.

    Args:
        clock_rate: of the RTP timestamps, Hz.
    """

    __slots__ = (
        "_base",
        "_clock_rate",
        "_expected_prior",
        "_highest",
        "_jitter",
        "_lsr",
        "_lsr_at",
        "_received_prior",
        "_restart",
        "_transit",
        "packets",
    )

    def __init__(self, clock_rate: int) -> None:
        self._clock_rate = clock_rate
        self.packets = 0
        """Packets received, duplicates included."""
        self._base = 0  # first sequence number; after a restart, less what was expected before
        self._highest = -1  # extended: cycles in the bits above 16
        self._restart: int | None = None  # what would follow a packet far from the others
        self._expected_prior = 0
        self._received_prior = 0
        self._transit: int | None = None
        self._jitter = 0.0
        self._lsr = 0
        self._lsr_at = 0.0

    @property
    def expected(self) -> int:
        """Packets the sender must have sent, by sequence number; a restart does not reset it."""
        return self._highest - self._base + 1

    @property
    def lost(self) -> int:
        """Expected less received; duplicates can make it negative."""
        return self.expected - self.packets

    @property
    def jitter_ms(self) -> float:
        """Interarrival jitter in milliseconds."""
        return self._jitter * 1000 / self._clock_rate

    def received(self, seq: int, rtp_ts: int, arrival_s: float) -> None:
        """Count one packet.

        Args:
            seq: 0..65535, wraps.
            rtp_ts: 0..2^32-1, wraps.
            arrival_s: seconds of a clock that does not jump.
        """
        if self._highest < 0:
            self._start(seq)
        else:
            step = (seq - self._highest) & 0xFFFF
            if step < _MAX_DROPOUT:
                self._highest += step
            elif step <= 0x10000 - _MAX_MISORDER:
                if seq != self._restart:
                    self._restart = (seq + 1) & 0xFFFF
                    return  # one stray packet proves nothing; a second in order does
                self._start(seq)
        self._restart = None
        self.packets += 1
        self._update_jitter(rtp_ts, arrival_s)

    def _start(self, seq: int) -> None:
        self._base = seq - self.expected
        self._highest = seq
        self._transit = None

    def _update_jitter(self, rtp_ts: int, arrival_s: float) -> None:
        transit = int(arrival_s * self._clock_rate) - rtp_ts
        if self._transit is not None:
            change = ((transit - self._transit + 0x80000000) & 0xFFFFFFFF) - 0x80000000
            if abs(change) < _MAX_JITTER_STEP_S * self._clock_rate:
                self._jitter += (abs(change) - self._jitter) / 16
        self._transit = transit

    def sender_report(self, ntp_mid32: int, arrival_s: float) -> None:
        """Remember the stream's last sender report, so that its sender can compute a round trip.

        Args:
            ntp_mid32: middle 32 bits of its NTP time.
            arrival_s: when it came, seconds.
        """
        self._lsr = ntp_mid32
        self._lsr_at = arrival_s

    def report_block(self, ssrc: int, now: float) -> ReportBlock:
        """Return the report, and begin a new interval for the fraction lost.

        Args:
            ssrc: of the stream.
            now: seconds of the clock used for ``received``.
        """
        expected = self.expected - self._expected_prior
        lost = expected - (self.packets - self._received_prior)
        self._expected_prior, self._received_prior = self.expected, self.packets
        delay = int((now - self._lsr_at) * 65536) if self._lsr else 0
        return ReportBlock(
            ssrc=ssrc,
            fraction_lost=(lost << 8) // expected if lost > 0 else 0,
            cumulative_lost=max(-0x800000, min(0x7FFFFF, self.lost)),
            highest_sequence=max(0, self._highest) & 0xFFFFFFFF,
            jitter=min(0xFFFFFFFF, int(self._jitter)),
            lsr=self._lsr,
            dlsr=max(0, min(0xFFFFFFFF, delay)),
        )


class NackTracker:
    """Missing packets of one stream: ask at once, again every 30 ms, give up after 1 s.

    Once ``needs_key_frame`` is True the picture cannot be repaired from packets: ask for a
    key frame, then set it to False.
    """

    __slots__ = ("_missing", "_next", "_restart", "given_up", "needs_key_frame")

    def __init__(self) -> None:
        self._missing: dict[int, tuple[float, float]] = {}  # seq → missed at, ask again at
        self._next: int | None = None  # the sequence number after the newest
        self._restart: int | None = None  # what would follow a packet far behind the others
        self.given_up = 0
        """Packets that came neither at first nor again in time; only grows."""
        self.needs_key_frame = False

    @property
    def missing(self) -> int:
        """How many packets are waited for; 0 means ``due`` has nothing to do."""
        return len(self._missing)

    def received(self, seq: int, now: float) -> bool:
        """Note a packet, original or retransmitted.

        Args:
            seq: 0..65535, wraps.
            now: seconds of a clock that does not jump.

        Returns:
            True if it is new; False for a duplicate or one already given up: drop it.
        """
        if seq == self._next:
            self._next = (seq + 1) & 0xFFFF
            return True
        if self._next is None:
            self._reset(seq)
            return True
        if self._missing.pop(seq, None) is not None:
            return True
        gap = (seq - self._next) & 0xFFFF
        if gap >= 0x8000:
            return self._behind(seq, 0x10000 - gap)
        if len(self._missing) + gap > _MAX_MISSING:
            self.given_up += gap if gap < _MAX_DROPOUT else 0
            self._lose(seq)
            return True
        for missed in range(self._next, self._next + gap):
            self._missing[missed & 0xFFFF] = (now, now)
        self._next = (seq + 1) & 0xFFFF
        self._restart = None
        return True

    def _behind(self, seq: int, distance: int) -> bool:
        """A packet that is not waited for: a duplicate, or the sender counts anew."""
        if distance <= _MAX_MISSING:
            return False
        if seq != self._restart:
            self._restart = (seq + 1) & 0xFFFF
            return False
        self._lose(seq)
        return True

    def _lose(self, seq: int) -> None:
        self.given_up += len(self._missing)
        self._reset(seq)
        self.needs_key_frame = True

    def _reset(self, seq: int) -> None:
        self._missing.clear()
        self._next = (seq + 1) & 0xFFFF
        self._restart = None

    def due(self, now: float) -> list[int]:
        """Return what to ask for now, oldest first, at most 250; the caller sends the NACK.

        Call it after a gap and from a timer of about 10 ms while ``missing`` is not 0.

        Args:
            now: seconds of the clock used for ``received``.
        """
        asked: list[int] = []
        given_up: list[int] = []
        for seq, (missed_at, ask_at) in self._missing.items():
            if now - missed_at >= _GIVE_UP_S:
                given_up.append(seq)
            elif now >= ask_at and len(asked) < _MAX_ASKED:
                asked.append(seq)
                self._missing[seq] = (missed_at, now + _RETRY_S)
        for seq in given_up:
            del self._missing[seq]
            self.needs_key_frame = True
        self.given_up += len(given_up)
        return asked
