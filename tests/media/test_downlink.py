"""A viewer's slots on lines of different width: which pictures they get."""

from __future__ import annotations

import math

import pytest

from bridge.media.answer import SLIDES
from bridge.media.downlink import ADAPT_S, Downlink
from bridge.media.sink import Sink
from bridge.media.source import Source, Track
from bridge.rtp.rtcp import ReportBlock
from tests.media.client import vp8_delta, vp8_key
from tests.media.test_engine import (
    H264_CODEC,
    OPUS_CODEC,
    VP8_CODEC,
    Rig,
    make_rig,
    make_sink,
    make_track,
)

SIZES = ((320, 180), (640, 360), (1280, 720))
RATES = (150_000, 500_000, 1_800_000)


class Hall:
    """Publishers with three layers each, and one viewer."""

    def __init__(self, *names: str) -> None:
        self.rig: Rig = make_rig()
        self.sinks = [make_sink(self.rig.net, VP8_CODEC, H264_CODEC) for _ in names]
        for sink, name in zip(self.sinks, names, strict=True):
            sink.name = name
        self.sound = make_sink(self.rig.net, OPUS_CODEC)
        self.downlink = Downlink([*self.sinks, self.sound])
        self.tracks: list[Track] = []
        self.now = 50.0
        self.number = 0

    def publish(self, role: str = "camera", layers: int = 3) -> Track:
        track = make_track()
        track.role = role
        for place in range(layers):
            track.add(len(self.tracks) * 10 + place + 1, "qhf"[place], VP8_CODEC, self.now)
        self.tracks.append(track)
        return track

    def show(self, sink: Sink, track: Track) -> Track:
        sink.follow(track, self.now)
        return track

    def run(self, seconds: float) -> None:
        """Let everything flow; whoever is asked for a key frame sends one."""
        asked: list[Source] = []
        for _ in range(round(seconds / ADAPT_S)):
            self.now += ADAPT_S
            self.number += 1
            for track in self.tracks:
                wanted = {*asked, *track.sought(self.now)}
                for place, source in enumerate(track.sources.values()):
                    self.send(source, place, key=source in wanted or self.number == 1)
            asked = self.downlink.adapt(self.now)

    def feed(self, count: int, *, leave_out: int = 0) -> list[int]:
        """Let the largest layer send *count* small packets, less every *leave_out*-th.

        Returns:
            what the sequence numbers of those would have been.
        """
        left_out = []
        for place in range(count):
            self.number += 1
            if leave_out and place % leave_out == 0:
                left_out.append(self.newest(1)[0] + 1 & 0xFFFF)
            else:
                self.feed_one(self.number)
        return left_out

    def feed_one(self, number: int) -> None:
        self.rig.feed(self.tracks[0].sources[3], number, vp8_delta(1), now=self.now)

    def newest(self, count: int) -> list[int]:
        """Return the sequence numbers of the newest packets of the first slot."""
        newest = self.sinks[0].newest
        return [number & 0xFFFF for number in range(newest - count + 1, newest + 1)]

    def send(self, source: Source, place: int, *, key: bool) -> None:
        start = vp8_key(1, SIZES[place]) if key else vp8_delta(1)
        self.rig.feed(source, self.number, start.ljust(1000, b"\1"), now=self.now)
        size = int(RATES[place] / 8 * ADAPT_S)
        # the rest of what this layer takes, in one piece: only its rate matters here
        source._octets += max(0, size - 1000)

    def narrow(self, bps: float) -> None:
        """Let it be found out that the line carries *bps*."""
        self.downlink.estimate.bps = bps
        self.downlink.estimate.spares_least = False
        self.downlink.estimate._changed = self.now

    def layers(self) -> list[int | None]:
        """Return the height of what each slot shows."""
        return [sink.source.size[1] if sink.source is not None else None for sink in self.sinks]


@pytest.mark.parametrize(
    ("bps", "layers", "states"),
    [
        (math.inf, [720, 720], {}),
        (2_500_000, [720, 360], {"inset": "reduced"}),
        (1_200_000, [360, 360], {"main": "reduced", "inset": "reduced"}),
        (700_000, [360, 180], {"main": "reduced", "inset": "reduced"}),
        (200_000, [180, None], {"main": "reduced", "inset": "paused"}),
        (60_000, [None, None], {"main": "paused", "inset": "paused"}),
    ],
)
def test_each_slot_gets_what_the_line_carries(
    bps: float, layers: list[int | None], states: dict[str, str]
) -> None:
    hall = Hall("main", "inset")
    for sink in hall.sinks:
        hall.show(sink, hall.publish())
    hall.run(2)
    assert hall.layers() == [720, 720]
    hall.narrow(bps)
    hall.run(1)
    assert hall.layers() == layers
    assert hall.downlink.states == states


def test_slides_go_before_the_speaker() -> None:
    hall = Hall("main", "inset")
    hall.show(hall.sinks[0], hall.publish())
    hall.show(hall.sinks[1], hall.publish(SLIDES))
    hall.run(2)
    hall.narrow(700_000)
    hall.run(1)
    assert hall.layers() == [180, 360]


def test_small_slots_take_small_pictures() -> None:
    hall = Hall("main", "preview", "thumb1")
    track = hall.publish()
    for sink in hall.sinks:
        hall.show(sink, track)
    hall.run(2)
    assert hall.layers() == [720, 360, 180]
    assert hall.downlink.states == {}


def test_a_publisher_with_one_picture_only_is_paused_at_the_end() -> None:
    hall = Hall("main")
    hall.show(hall.sinks[0], hall.publish(layers=1))
    hall.narrow(200_000)
    hall.run(2)
    assert hall.layers() == [180]
    hall.narrow(60_000)
    hall.run(1)
    assert hall.layers() == [None]


def test_all_comes_back() -> None:
    hall = Hall("main")
    hall.show(hall.sinks[0], hall.publish())
    hall.run(2)
    hall.narrow(60_000)
    hall.run(1)
    assert hall.downlink.states == {"main": "paused"}
    hall.run(30)  # nothing speaks against it
    assert hall.layers() == [720]
    hall.run(15)
    assert hall.downlink.estimate.bps == math.inf
    assert hall.downlink.states == {}


def test_a_layer_that_the_publisher_stops_is_left() -> None:
    hall = Hall("main")
    track = hall.show(hall.sinks[0], hall.publish())
    hall.run(2)
    large = list(track.sources.values())[2]
    del track.sources[large.ssrc]
    hall.run(1)
    assert hall.layers() == [360]


def test_what_is_sent_is_measured() -> None:
    hall = Hall("main")
    sink = hall.sinks[0]
    for _ in range(30):
        hall.now += ADAPT_S
        sink.tally.packets += 10
        sink.tally.octets += 10_000
        sink.tally.repeated(5_000)
        hall.downlink.adapt(hall.now)
    expected = (15_000 + 10 * sink.overhead) * 8 / ADAPT_S
    assert hall.downlink.sent_bps == pytest.approx(expected, rel=0.01)


def block(lost: float, highest: int) -> ReportBlock:
    return ReportBlock(
        ssrc=1,
        fraction_lost=int(lost * 256),
        cumulative_lost=int(lost * highest),
        highest_sequence=highest,
        jitter=0,
        lsr=0,
        dlsr=0,
    )


def test_reports_on_too_few_packets_say_nothing() -> None:
    hall = Hall("main")
    hall.show(hall.sinks[0], hall.publish())
    hall.run(1)
    sink = hall.sinks[0]
    for highest in (100, 105, 110):
        hall.now += 1
        hall.downlink.report(sink, block(0.9, highest), None, hall.now)
        hall.run(1)
    assert hall.downlink.estimate.bps == math.inf
    for highest in (210, 310, 410):
        hall.now += 1
        hall.downlink.report(sink, block(0.5, highest), 0.03, hall.now)
        hall.run(1)
    assert hall.downlink.estimate.bps < math.inf


def test_sound_tells_of_loss_only_where_there_is_no_picture() -> None:
    hall = Hall("main")
    hall.show(hall.sinks[0], hall.publish())
    hall.run(1)
    for highest in (0, 100):
        hall.downlink.report(hall.sound, block(0.5, highest), None, hall.now)
        hall.run(1)
    assert hall.downlink.estimate.bps == math.inf
    hall.sinks[0].follow(None, hall.now)
    for highest in range(200, 260, 10):
        hall.sound.tally.octets += 800
        hall.downlink.report(hall.sound, block(0.5, highest), None, hall.now)
        hall.run(ADAPT_S)
    assert hall.downlink.estimate.bps < math.inf


def test_a_packet_asked_for_twice_is_counted_once() -> None:
    hall = Hall("main")
    sink = hall.sinks[0]
    hall.show(sink, hall.publish())
    hall.run(2)
    hall.feed(4)
    lost = hall.newest(4)
    for _ in range(10):
        hall.feed(100)
        hall.downlink.asked(sink, lost, hall.now)
        hall.run(ADAPT_S)
    assert hall.downlink.estimate.bps == math.inf
    hall.feed(100)
    hall.downlink.asked(sink, hall.newest(60), hall.now)
    hall.run(ADAPT_S)
    assert hall.downlink.estimate.bps < math.inf


def test_what_was_lost_on_the_way_from_the_site_is_not_held_against_the_viewer() -> None:
    hall = Hall("main")
    sink = hall.sinks[0]
    hall.show(sink, hall.publish())
    hall.run(2)
    hall.downlink.asked(sink, hall.feed(100, leave_out=3), hall.now)
    hall.run(ADAPT_S)
    missing = hall.feed(100, leave_out=3)
    hall.now += 0.05
    for number in range(hall.number - 99, hall.number + 1, 3):  # the site has sent them again
        hall.feed_one(number)
    assert all(sink.find(sequence) for sequence in missing)
    hall.downlink.asked(sink, missing, hall.now)
    hall.run(2 * ADAPT_S)
    assert hall.downlink.estimate.bps == math.inf
    hall.feed(100)
    hall.downlink.asked(sink, hall.newest(100)[::2], hall.now)
    hall.run(2 * ADAPT_S)
    assert hall.downlink.estimate.bps < math.inf


def test_a_line_that_stood_still_for_a_moment_is_not_a_narrow_one() -> None:
    hall = Hall("main")
    sink = hall.sinks[0]
    hall.show(sink, hall.publish())
    hall.run(5)

    def miss(count: int) -> None:
        assert sink.source is not None
        newest = sink.source.highest + sink.sequence
        row = [number & 0xFFFF for number in range(newest - count, newest)]
        hall.downlink.report(sink, block(0.0, 100), None, hall.now - 1)
        hall.downlink.asked(sink, row, hall.now)
        hall.downlink.report(sink, block(0.5, 200), None, hall.now)
        hall.run(2 * ADAPT_S)

    miss(20)
    assert hall.layers() == [720]
    assert hall.downlink.estimate.bps == math.inf
    hall.run(4)
    miss(20)  # within five seconds: then it carries little, whatever the reason
    assert hall.downlink.estimate.bps < math.inf


def test_a_line_that_loses_anyway_gets_pictures_twice_and_room_for_it() -> None:
    hall = Hall("main")
    hall.show(hall.sinks[0], hall.publish())
    hall.run(2)
    estimate = hall.downlink.estimate
    assert not estimate.loses_anyway
    for seconds in (1, 3):
        estimate.loss(0.2, hall.now)
        hall.run(seconds)
    assert estimate.loses_anyway
    assert estimate.bps == math.inf
    hall.narrow(1_200_000)
    hall.run(1)
    assert hall.layers() == [360], "twice 500 kb/s fit, twice 1.8 Mb/s do not"
    assert hall.downlink.doubles
    hall.narrow(200_000)
    hall.run(1)
    assert hall.layers() == [180], "once it fits"
    assert not hall.downlink.doubles
    for _ in range(9):
        estimate.loss(0.0, hall.now)
    assert not estimate.loses_anyway


def test_a_smallest_picture_that_takes_more_than_before_is_not_taken_away() -> None:
    hall = Hall("main")
    hall.show(hall.sinks[0], hall.publish())
    hall.run(2)
    hall.narrow(200_000)
    hall.downlink.estimate.spares_least = True  # what was said did not mean this picture
    hall.run(1)
    smallest = hall.sinks[0].source
    assert smallest is not None
    assert smallest.size[1] == 180
    hall.downlink.estimate.bps = smallest.bps / 2
    hall.run(1)
    assert hall.layers() == [180]
    hall.downlink.estimate.spares_least = False
    hall.run(1)
    assert hall.layers() == [None]


def test_a_fifth_of_a_key_frame_after_a_calm_time_is_a_fifth() -> None:
    hall = Hall("main")
    sink = hall.sinks[0]
    hall.show(sink, hall.publish())
    hall.run(5)
    assert sink.source is not None
    hall.feed(60)
    hall.downlink.asked(sink, hall.newest(60)[::5], hall.now)
    hall.run(2 * ADAPT_S)
    assert hall.downlink.estimate.bps == math.inf


def test_what_is_asked_for_of_a_picture_that_was_stopped_does_not_count() -> None:
    hall = Hall("main")
    sink = hall.sinks[0]
    hall.show(sink, hall.publish())
    hall.run(2)
    hall.narrow(700_000)
    hall.run(ADAPT_S)
    stopped = sink.newest
    hall.narrow(700_000)
    for _ in range(10):
        sink.tally.packets += 20
        hall.downlink.asked(sink, [n & 0xFFFF for n in range(stopped - 30, stopped + 1)], hall.now)
        hall.run(ADAPT_S)
    assert hall.downlink.states == {"main": "reduced"}
    assert hall.downlink.estimate.bps == 700_000


def test_a_calm_viewer_is_left_alone_until_something_is_said_or_stands_still() -> None:
    hall = Hall("main")
    hall.show(hall.sinks[0], hall.publish())
    hall.run(2)
    downlink, looked = hall.downlink, list[float]()
    measure = downlink._measure

    def noted(now: float) -> None:
        looked.append(now)
        measure(now)

    downlink._measure = noted  # type: ignore[method-assign]
    hall.run(4)
    assert len(looked) == 4, "once a second, for larger pictures that begin to come"
    downlink.remb(2_000_000, hall.now)
    hall.run(1)
    calm = len(looked)
    downlink.remb(2_000_000, hall.now)
    downlink.adapt(hall.now)
    assert len(looked) == calm
    downlink.remb(1_900_000, hall.now)
    downlink.adapt(hall.now)
    assert len(looked) == calm + 1
    for _ in range(3):
        hall.now += ADAPT_S
        downlink.adapt(hall.now)
    assert len(looked) > calm + 1, "no packet has come"


def test_a_viewer_who_has_everything_gets_a_larger_picture_as_soon_as_there_is_one() -> None:
    hall = Hall("main")
    track = hall.show(hall.sinks[0], hall.publish(layers=2))
    hall.run(5)
    assert hall.sinks[0].source is track.sources[2]
    track.add(3, "f", VP8_CODEC, hall.now)
    hall.number = 0  # its first packet is of a key frame
    hall.run(2)
    assert hall.sinks[0].source is track.sources[3]
