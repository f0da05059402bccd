"""What the media benchmark computes from what it saw, and what its viewers count."""

from __future__ import annotations

import random
import socket
import struct
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from bench.comparison import BARS, Comparison, Run, pooled
from bench.delay import Frame, Mark, delays_ms, offset
from bench.drain import SAMPLE_EVERY, Drain
from bench.janus import answer_to
from bench.media import schedule
from bench.plot import apart, draw
from bridge.simulator.media import receiving
from bridge.simulator.sdp import build_offer, parse_answer

RUN = Run(
    server="native",
    viewers=63,
    seconds=10.0,
    cpu_s=0.5,
    reached=125_000,
    expected=125_000,
    dropped=0,
    published=1984,
    delays_ms=[1.0, 2.0, 3.0, 4.0],
    pictures=4,
    resident_mb=100.0,
    join_cpu_ms=2.0,
    idle_cores=0.02,
    generator_cpu_s=0.3,
    busy_cpu_s=1.8,
    sendto_us=4.0,
    load=0.5,
    lost=0,
    sampled=10,
    authentic=10,
)
JANUS = replace(RUN, server="janus", cpu_s=2.5, delays_ms=[4.0], pictures=1, join_cpu_ms=8.0)


def test_a_run_says_what_a_packet_costs() -> None:
    assert RUN.us_per_packet == pytest.approx(4.0)
    assert RUN.p50_ms == 2.0
    assert RUN.p99_ms == 4.0
    assert RUN.others_cores == pytest.approx(0.1)
    assert replace(RUN, reached=123_750).loss == pytest.approx(0.01)


def test_no_percentile_of_pictures_that_did_not_arrive() -> None:
    assert replace(RUN, delays_ms=[]).p50_ms is None
    assert replace(RUN, pictures=5).p99_ms is None, "the missing one may be the worst"


def test_windows_are_pooled() -> None:
    both = pooled([RUN, replace(RUN, cpu_s=1.0, reached=75_000, delays_ms=[9.0], load=1.5)])
    assert both.us_per_packet == pytest.approx(1.5 / 200_000 * 1e6), "not the mean of two ratios"
    assert both.delays_ms == [1.0, 2.0, 3.0, 4.0, 9.0]
    assert both.pictures == 8
    assert both.load == 1.0
    assert both.resident_mb == 100.0


def test_ratios_are_to_janus_at_the_same_size() -> None:
    few = replace(RUN, viewers=5, resident_mb=97.1)
    comparison = Comparison([few, RUN, JANUS, RUN])
    assert comparison.ratio(comparison.runs[63, "native"], "us_per_packet") == pytest.approx(5.0)
    assert comparison.ratio(comparison.runs[63, "native"], "p50_ms") == 2.0
    assert comparison.ratio(comparison.runs[63, "janus"], "us_per_packet") is None
    assert comparison.ratio(comparison.runs[5, "native"], "us_per_packet") is None
    assert comparison.kb_per_viewer("native") == pytest.approx(50.0)
    assert comparison.kb_per_viewer("janus") is None
    assert "4.0 (5.0x)" in comparison.table()
    assert [each["windows"] for each in comparison.as_json()] == [1, 1, 2]


def test_bars_are_judged() -> None:
    comparison = Comparison([RUN, JANUS])
    verdicts = comparison.verdicts()
    assert len(verdicts) == sum(bar.viewers == 63 for bar in BARS) + 1
    assert {line.split()[-1] for line in verdicts if "p50" not in line} == {"ok"}
    assert [line for line in verdicts if line.endswith("MISSED")] == [
        line for line in verdicts if "p50" in line
    ]
    dearer = Comparison([RUN, replace(JANUS, cpu_s=2.4)])
    assert dearer.verdicts()[-1].endswith("MISSED"), "4.8 times cheaper are not 5"


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ({"lost": 1}, "1 viewers lost"),
        ({"authentic": 9}, "9 of 10 samples"),
        ({"sampled": 0, "authentic": 0}, "0 of 0 samples"),
        ({"dropped": 7}, "dropped 7 packets"),
        ({"pictures": 6}, "2 of 6 pictures"),
        ({"expected": 110_000}, "0.880 of what was published"),
    ],
)
def test_what_speaks_against_a_figure_is_said(what: dict[str, int], sentence: str) -> None:
    assert Comparison([RUN]).doubts() == []
    [doubt] = Comparison([replace(RUN, **what)]).doubts()  # type: ignore[arg-type]
    assert sentence in doubt
    assert doubt in Comparison([replace(RUN, **what)]).table()  # type: ignore[arg-type]


def test_the_last_engine_runs_on_both_sides_of_janus() -> None:
    assert schedule(["python", "native"], with_janus=True) == [
        *("python", "native", "janus", "native")
    ]
    assert schedule(["python", "native"], with_janus=False) == ["python", "native"]


def camera(pictures: int) -> list[Frame]:
    """Return pictures 33 ms apart, whose last packets have lengths of their own."""
    lengths = random.Random(7)
    return [
        Frame(1_000_000_000 + n * 33_000_000, (2**32 - 9_000 + n * 3000) % 2**32, length)
        for n, length in enumerate(lengths.choices(range(100, 1200), k=pictures))
    ]


def seen(frames: list[Frame], viewer: int, late_ms: float, added: int) -> list[Mark]:
    return [
        Mark(
            frame.at + int(late_ms * 1e6),
            viewer,
            (frame.timestamp + added) % 2**32,
            frame.length + 6,
        )
        for frame in frames
    ]


@pytest.mark.parametrize("late_ms", [0.4, 90.0, 900.0])
def test_a_picture_is_recognised_however_late(late_ms: float) -> None:
    frames = camera(120)
    marks = seen(frames, 0, late_ms, 123_456)
    assert offset(frames, marks) == 123_456
    assert offset(frames, []) is None
    strange = [mark._replace(length=length) for length, mark in enumerate(marks)]
    assert offset(frames, strange) is None, "lengths that do not fit are of something else"


def test_the_delay_is_that_of_the_last_viewer() -> None:
    frames = camera(90)
    early = seen(frames, 0, 1.0, 77)
    late = seen(frames, 1, 3.0, 2**31)
    assert delays_ms(frames, early + late, 2) == pytest.approx([3.0] * 90)
    assert len(delays_ms(frames, early + late[:40] + late[41:], 2)) == 89, "one missed a picture"
    assert delays_ms(frames, early, 2) == []


def rtp(sequence: int, timestamp: int, *, kind: int = 96, marker: bool = False) -> bytes:
    head = struct.pack("!BBHII", 0x80, kind | marker << 7, sequence, timestamp, 5)
    return head + bytes(100)


def test_a_drain_counts_what_came_and_what_did_not() -> None:
    drain = Drain(2)
    handed: list[bytes] = []
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as viewer,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
    ):
        viewer.bind(("127.0.0.1", 0))
        server.connect(viewer.getsockname())
        place = drain.add(viewer, 96, 111, handed.append)
        drain.note_marks(True)
        for sequence in (65_534, 65_535, 1, 0, 4):
            server.send(rtp(sequence, 3000 * sequence, marker=sequence == 4))
        server.send(rtp(9, 0, kind=97))
        report = b"\x80\xc8" + bytes(30)
        server.send(report)
        server.send(b"\x16 a handshake")
        drain.read()
        counters = drain.viewers[place]
        [stream] = counters.streams
        assert (counters.packets, stream.received, stream.expected, stream.frames) == (6, 5, 7, 1)
        assert stream.highest - 65536 == 65_540
        assert handed[1:] == [report, b"\x16 a handshake"]
        assert handed[0] == rtp(65_534, 3000 * 65_534), "the first is a sample"
        [mark] = drain.marks
        assert (mark.viewer, mark.timestamp, mark.length) == (place, 12_000, 112)
        handed.clear()
        for number in range(SAMPLE_EVERY):
            server.send(rtp(10 + number, 0))
            drain.read()
        assert len(handed) == 1
        drain.remove(place)
        server.send(rtp(2000, 0))
        drain.read()
        assert counters.packets == 6 + SAMPLE_EVERY, "nobody looks any more"


def test_the_answer_to_janus_takes_all_lines_as_the_handshakes_client() -> None:
    offer = build_offer(
        receiving(video=1, audio=1, first_mid=0)[::-1],
        session_id=1,
        ufrag="them",
        password="theirs",
        fingerprint="AB",
    )
    answer = answer_to(offer, ufrag="me", password="mine", fingerprint="CD")
    parsed = parse_answer(answer)
    assert parsed.ice.ufrag == "me"
    assert parsed.fingerprints == (("sha-256", "CD"),)
    assert parsed.we_are_client is False, "their view: we sent setup:active"
    assert parsed.accepted == {"0", "1"}
    assert answer.index("m=audio") < answer.index("m=video"), "in the order of the offer"
    assert "actpass" not in answer
    assert "a=recvonly" in answer


def test_the_plot_has_every_figure_and_labels_that_do_not_touch() -> None:
    runs = Comparison([replace(RUN, viewers=5), RUN, JANUS]).as_json()
    tree = ET.fromstring(draw(runs))
    texts = [element.text for element in tree.iter() if element.tag.endswith("text")]
    assert {"native engine", "Janus, event_loops=2", "5", "63", "20.0"} <= set(texts)
    assert "Python engine" not in texts, "it was not measured"
    assert apart([50.0, 10.0, 52.0], 15.0) == [50.0, 10.0, 65.0]
