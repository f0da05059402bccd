"""What was measured of each server at each number of viewers, as a table with its ratios.

Owns the arithmetic and the bars; measures nothing. Runs of one server at one size are
pooled: their CPU and packets are added up, their pictures taken together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean
from typing import Any

from bench.report import percentile

JANUS = "janus"


@dataclass(frozen=True)
class Run:
    """One window of one server, or several of them pooled.

    Attributes:
        server: engine of ours, or ``janus``.
        seconds: length of the window.
        cpu_s: of the server process in it.
        reached: packets that came to the viewers' kernels.
        expected: packets that should have come, by their sequence numbers.
        dropped: of those that came, what the viewers left in their full sockets.
        published: packets sent by the publisher, without repairs.
        delays_ms: of each picture, last packet sent to the last viewer's kernel.
        pictures: sent in the window; those of ``delays_ms`` reached every viewer. None is
            recognised after the server has begun a stream anew.
        resident_mb: of the server process at the end.
        join_cpu_ms: CPU of the server process per viewer that joined, before the window.
        idle_cores: what the server process takes before anybody has come.
        generator_cpu_s: of publisher and viewers, in the window.
        busy_cpu_s: of the whole machine, in the window.
        sendto_us: CPU of a bare system call just after.
        load: average of the machine just after.
        lost: viewers that lost their connection.
        sampled: packets decrypted. authentic: and found to be meant for the viewer.
    """

    server: str
    viewers: int
    seconds: float
    cpu_s: float
    reached: int
    expected: int
    dropped: int
    published: int
    delays_ms: list[float] = field(repr=False)
    pictures: int
    resident_mb: float
    join_cpu_ms: float
    idle_cores: float
    generator_cpu_s: float
    busy_cpu_s: float
    sendto_us: float
    load: float
    lost: int
    sampled: int
    authentic: int

    @property
    def us_per_packet(self) -> float:
        """CPU of the server for each packet it got to a viewer's kernel."""
        return self.cpu_s / max(1, self.reached) * 1e6

    @property
    def loss(self) -> float:
        """Share of the packets that did not reach the viewers' kernels, 0..1."""
        return max(0.0, 1 - self.reached / max(1, self.expected))

    @property
    def p50_ms(self) -> float | None:
        """Median delay; None if no picture reached everybody."""
        return percentile(self.delays_ms, 0.5) if self.delays_ms else None

    @property
    def p99_ms(self) -> float | None:
        """Delay that one picture of a hundred exceeds; None if too few reached everybody."""
        complete = len(self.delays_ms) >= self.pictures * 0.99
        return percentile(self.delays_ms, 0.99) if self.delays_ms and complete else None

    @property
    def others_cores(self) -> float:
        """Cores that neither server nor generator used, and somebody else did."""
        return max(0.0, self.busy_cpu_s - self.cpu_s - self.generator_cpu_s) / self.seconds

    def as_json(self) -> dict[str, Any]:
        """Return what was measured and what follows from it."""
        rounded = {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in asdict(self).items()
            if name != "delays_ms"
        }
        for name in ("us_per_packet", "loss", "p50_ms", "p99_ms", "others_cores"):
            value = getattr(self, name)
            rounded[name] = value if value is None else round(value, 4)
        return rounded


def pooled(runs: Sequence[Run]) -> Run:
    """Return several windows of one server at one size as one."""
    first = runs[0]
    added: dict[str, Any] = {
        name: sum(getattr(run, name) for run in runs)
        for name in (
            *("seconds", "cpu_s", "reached", "expected", "dropped", "published", "pictures"),
            *("generator_cpu_s", "busy_cpu_s", "lost", "sampled", "authentic"),
        )
    }
    averaged: dict[str, Any] = {
        name: fmean(getattr(run, name) for run in runs)
        for name in ("resident_mb", "join_cpu_ms", "idle_cores", "sendto_us", "load")
    }
    delays = [delay for run in runs for delay in run.delays_ms]
    return Run(first.server, first.viewers, **added, **averaged, delays_ms=delays)


@dataclass(frozen=True)
class Bar:
    """At most *limit* of the figure *name* at *viewers*."""

    text: str
    name: str
    viewers: int
    limit: float
    unit: str


#: Of the native engine, whole process; see the design's budget.
BARS = (
    Bar("CPU per forwarded packet", "us_per_packet", 63, 4.0, "us"),
    Bar("CPU per forwarded packet", "us_per_packet", 200, 3.5, "us"),
    Bar("delay p50", "p50_ms", 63, 1.5, "ms"),
    Bar("delay p99", "p99_ms", 63, 5.0, "ms"),
    Bar("packets that did not arrive", "loss", 500, 0.01, ""),
    Bar("resident memory", "resident_mb", 63, 110.0, "MB"),
    Bar("CPU per viewer that joins", "join_cpu_ms", 63, 8.0, "ms"),
)
TIMES_CHEAPER = 5.0  # than Janus, per packet at 63 viewers
KB_PER_VIEWER = 60.0  # resident, of each further one

_COLUMNS = (
    ("us/packet", "us_per_packet", "{:.1f}"),
    ("p50 ms", "p50_ms", "{:.1f}"),
    ("p99 ms", "p99_ms", "{:.1f}"),
    ("MB", "resident_mb", "{:.0f}"),
    ("join ms", "join_cpu_ms", "{:.1f}"),
)
_CONDITIONS: tuple[tuple[str, Callable[[Run], str]], ...] = (
    ("loss %", lambda run: f"{run.loss * 100:.2f}"),
    ("packets/s", lambda run: f"{run.reached / run.seconds:.0f}"),
    ("idle %", lambda run: f"{run.idle_cores * 100:.1f}"),
    ("server %", lambda run: f"{run.cpu_s / run.seconds * 100:.0f}"),
    ("generator %", lambda run: f"{run.generator_cpu_s / run.seconds * 100:.0f}"),
    ("others %", lambda run: f"{run.others_cores * 100:.0f}"),
    ("sendto us", lambda run: f"{run.sendto_us:.1f}"),
    ("load", lambda run: f"{run.load:.1f}"),
)


class Comparison:
    """All runs.

    Args:
        runs: in the order in which they were made.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        grouped: dict[tuple[int, str], list[Run]] = {}
        for run in runs:
            grouped.setdefault((run.viewers, run.server), []).append(run)
        self.counts = {key: len(same) for key, same in grouped.items()}
        self.runs = {key: pooled(grouped[key]) for key in sorted(grouped)}

    def as_json(self) -> list[dict[str, Any]]:
        """Return all figures, by viewers and server."""
        return [{"windows": self.counts[key], **run.as_json()} for key, run in self.runs.items()]

    def ratio(self, run: Run, name: str) -> float | None:
        """Return how many times *run*'s figure Janus's is, at the same size; above 1 is better."""
        peer = self.runs.get((run.viewers, JANUS))
        ours = getattr(run, name)
        theirs = getattr(peer, name) if peer is not None and peer is not run else None
        return theirs / ours if theirs and ours else None

    def kb_per_viewer(self, server: str) -> float | None:
        """Return resident kB for each viewer between the smallest and the largest size."""
        sizes = [run for (_, name), run in self.runs.items() if name == server]
        few, many = sizes[0], sizes[-1]
        if many.viewers == few.viewers:
            return None
        return (many.resident_mb - few.resident_mb) * 1000 / (many.viewers - few.viewers)

    def table(self) -> str:
        """Return what was measured, each figure with its ratio to Janus's in brackets."""
        lines = [
            "In brackets: how many times as much Janus takes.",
            f"{'viewers':>7} {'server':8}" + "".join(f"{title:>17}" for title, *_ in _COLUMNS),
        ]
        for run in self.runs.values():
            cells = [self._cell(run, name, form) for _, name, form in _COLUMNS]
            lines.append(f"{run.viewers:>7} {run.server:8}" + "".join(f"{c:>17}" for c in cells))
        titles = "".join(f"{title:>12}" for title, _ in _CONDITIONS)
        lines += ["", f"{'viewers':>7} {'server':8}{'windows':>9}{titles}"]
        for key, run in self.runs.items():
            cells = [text(run) for _, text in _CONDITIONS]
            windows = f"{self.counts[key]:>9}"
            lines.append(
                f"{run.viewers:>7} {run.server:8}{windows}" + "".join(f"{c:>12}" for c in cells)
            )
        return "\n".join([*lines, "", *self.verdicts(), *self.doubts()])

    def _cell(self, run: Run, name: str, form: str) -> str:
        value = getattr(run, name)
        if value is None:
            return "-"
        ratio = self.ratio(run, name)
        return form.format(value) + (f" ({ratio:.1f}x)" if ratio is not None else "")

    def verdicts(self) -> list[str]:
        """Return a line for each bar of the native engine that was measured."""
        found = []
        for bar in BARS:
            run = self.runs.get((bar.viewers, "native"))
            value = getattr(run, bar.name) if run is not None else None
            if value is not None:
                text = f"native, {bar.viewers} viewers: {bar.text}"
                found.append(_verdict(text, value, bar.limit, bar.unit, value <= bar.limit))
        at_63 = self.runs.get((63, "native"))
        ratio = self.ratio(at_63, "us_per_packet") if at_63 is not None else None
        if ratio is not None:
            text = "native, 63 viewers: times cheaper per packet than Janus"
            found.append(_verdict(text, ratio, TIMES_CHEAPER, "", ratio >= TIMES_CHEAPER))
        growth = self.kb_per_viewer("native") if at_63 is not None else None
        if growth is not None:
            text = "native: memory of a further viewer"
            found.append(_verdict(text, growth, KB_PER_VIEWER, "kB", growth <= KB_PER_VIEWER))
        return found

    def doubts(self) -> list[str]:
        """Return what speaks against believing a figure."""
        found = []
        for run in self.runs.values():
            who = f"{run.server} with {run.viewers} viewers"
            if run.lost:
                found.append(f"{who}: {run.lost} viewers lost their connection")
            if run.authentic != run.sampled or not run.sampled:
                found.append(f"{who}: {run.authentic} of {run.sampled} samples were authentic")
            if run.dropped:
                found.append(f"{who}: the viewers themselves dropped {run.dropped} packets")
            if len(run.delays_ms) < run.pictures:
                some = f"{run.pictures - len(run.delays_ms)} of {run.pictures} pictures"
                found.append(f"{who}: {some} did not reach everybody, or unrecognised")
            if not 0.99 < run.expected / max(1, run.published * run.viewers) < 1.01:
                share = run.expected / max(1, run.published * run.viewers)
                found.append(f"{who}: {share:.3f} of what was published was forwarded")
        return found


def _verdict(text: str, value: float, limit: float, unit: str, good: bool) -> str:
    word = "ok" if good else "MISSED"
    return f"{text:58}{value:>9.4g} {unit:3} bar {limit:g} {unit:3}{word}"
