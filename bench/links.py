"""What link health costs the server: 64 sites at one second, and two hours of them in memory.

    python -m bench.links [--seconds 600]

Every site has a device whose counters go on as those of a camera in three layers with sound do,
and a page that reports every two seconds. Measured is the CPU time of all that is done for link
health and nothing else: counters to samples, scores and verdicts, the history, the frames to 64
hosts, two moderators and two technicians (encoded and handed to their sockets, not sent),
decoding what the pages say, and packing each minute for the store.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.replay import Nobody
from bench.server import EVENT
from bridge.commands import Actor
from bridge.config import load_event
from bridge.ids import Role
from bridge.link.samples import LinkSample, ServerLoad
from bridge.media.answer import Codec
from bridge.media.links import LinkSampler
from bridge.media.peer import Peer, PeerIdentity
from bridge.media.server import MediaServer
from bridge.media.source import Source
from bridge.protocol.codec import decode_client
from bridge.protocol.messages import Hello, Stats
from bridge.rtp.rtcp import ReportBlock
from bridge.sessions.facts import facts_of, setup_of
from bridge.sessions.runtime import SessionRuntime
from bridge.sessions.session import Session
from bridge.simulator.sdp import Direction, Kind, Line, build_offer
from bridge.store.open import open_log
from bridge.tasks import Tasks

SESSION = "plenary"
NOON = 1_800_000_000
STATS = (
    '{"type":"stats","peer":"abcdefghijkl","page":{"interval_s":2.001,"limitation":"none",'
    '"captured_fps":30,"encoded_fps":29.5,"encode_ms":7.333,"microphone_level":0.042,'
    '"decoded_fps":29.9,"freezes":0,"freeze_s":0,"concealed":0.001,"buffer_ms":41.2,'
    '"available_kbps":2140.5,"rtt_ms":38.1,"camera":"live","microphone":"live",'
    '"page_lag_ms":3.4,"candidate_changes":0,"reconnects":0}}'
)


class Clock:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.time = float(NOON)

    def now(self) -> float:
        return self.time


class Forum(MediaServer):
    """A media plane whose links are measured by a clock that is moved."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(host="127.0.0.1", port=0, public_addresses=(), observer=Nobody())
        self.clock = clock
        self.sampler = LinkSampler(clock.time)

    def link_samples(self, session: str) -> dict[str, LinkSample]:
        """Measure as the real one does."""
        known = self._session(session)
        peers = known.peers.values()
        return self.sampler.sample(peers, known.publishers, {}, self.clock.time)


class Page:
    """A websocket that takes everything."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.bytes = 0

    def write(self, frames: bytes) -> None:
        self.bytes += len(frames)

    def reads(self) -> bool:
        return True


class Site:
    """One device whose counters go on by themselves.

    Args:
        forum: where it is connected.
        code: of its site.
        chance: makes figures a little restless.
    """

    def __init__(self, forum: Forum, code: str, chance: random.Random) -> None:
        self._forum = forum
        self._chance = chance
        self.peer = _device(forum, code)
        known = forum._session(SESSION)
        known.publishers[code] = self.peer
        now = forum.clock.time
        camera, microphone = (self.peer.uplink.tracks[role] for role in ("camera", "microphone"))
        opus = microphone.section.codecs[0]
        self._sources = [
            *(self._source(camera.add(1000 + at, rid, _vp8(camera.section.codecs), now), size)
              for at, (rid, size) in enumerate(LAYERS.items())),
            self._source(microphone.add(2000, "", opus, now), (0, 0)),
        ]  # fmt: skip
        camera.best = self._sources[2]
        camera.key_at = now
        self._sequence = 0

    def _source(self, source: Source, size: tuple[int, int]) -> Source:
        source.size = size
        self.peer.uplink.sources[source.ssrc] = source
        return source

    def sees(self, speaker: Site) -> None:
        """Let this site be sent the picture and the sound of *speaker*."""
        for sink in self.peer.sinks.values():
            sink.source = speaker._sources[2 if sink.video else 3]

    def second(self, number: int) -> None:
        """Let a second pass."""
        now, chance = self._forum.clock.time, self._chance
        self.peer.endpoint.heard = now
        self.peer.uplink.last_media = now
        self.peer.rtt = 0.03 + chance.random() / 100
        for source in self._sources:
            step = source.statistics._clock_rate // 30
            for packet in range(30):
                if chance.random() < LOST:
                    continue
                source.statistics.received(
                    (number * 30 + packet) & 0xFFFF,
                    (number * 30 + packet) * step,
                    now + packet / 30,
                )
                source.packets += 1
                source.bytes += 1100
            source.frames += 30
            source.repaired += 1
            if not source.video:
                source.level = -20 - chance.randrange(20)
        for sink in self.peer.sinks.values():
            sink.tally.packets += 90
            sink.tally.octets += 90_000
            lost = chance.randrange(2)
            sink.report = ReportBlock(sink.ssrc, 0, lost + number // 2, 90 * number + 1, 300, 0, 0)


LAYERS = {"q": (320, 180), "h": (640, 360), "f": (1280, 720)}
LOST = 0.002


def _vp8(codecs: Sequence[Codec]) -> Codec:
    return next(codec for codec in codecs if codec.name == "vp8")


def _device(forum: Forum, code: str) -> Peer:
    lines = [
        Line(Kind.VIDEO, Direction.SEND, "0", ssrc=1000),
        Line(Kind.AUDIO, Direction.SEND, "1", ssrc=2000),
        Line(Kind.VIDEO, Direction.RECEIVE, "2"),
        *(Line(Kind.AUDIO, Direction.RECEIVE, str(3 + n)) for n in range(4)),
    ]
    offer = build_offer(
        lines, session_id=1, ufrag="abcd", password="a" * 24, fingerprint=":".join(["AB"] * 32)
    )  # fmt: skip
    who = PeerIdentity(SESSION, Role.HOST, code, code, ("main",), True, f"key {code}")
    peer, _ = forum.connect(offer, who)
    peer.state = "connected"
    return peer


class Stopwatch:
    """CPU time of this thread by what it was spent on, seconds."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def on(self, what: str) -> Iterator[None]:
        """Count what happens meanwhile."""
        began = time.thread_time()
        yield
        self.spent[what] += time.thread_time() - began


async def measure(folder: Path, seconds: int) -> None:
    """Let *seconds* pass in a forum of 64 sites and print what its link health has cost."""
    tasks, clock, event = Tasks("bench"), Clock(), load_event(EVENT)
    store = await open_log(None, folder, tasks)
    forum = Forum(clock)
    await forum.start()
    try:
        session = Session(setup_of(event, event.sessions[0]), store.log, "bench", clock, tasks)
        facts = facts_of(event, event.sessions[0])
        runtime = SessionRuntime(session, facts, forum, clock, tasks, "bench")
        await session.start()
        chance = random.Random(7)
        sites = [Site(forum, code, chance) for code in facts.sites]
        for site in sites:
            site.sees(sites[0])
        actors = [Actor(role=Role.HOST, site=code) for code in facts.sites]
        actors += [Actor(role=role) for role in (Role.MODERATOR, Role.TECHNICIAN) for _ in "12"]
        pages = [Page(actor) for actor in actors]
        for page in pages:
            runtime.join(page, Hello())
        watch, minutes = Stopwatch(), []
        for number in range(1, seconds + 1):
            clock.time += 1
            for site in sites:
                site.second(number)
            with watch.on("reports of the pages"):
                for site in sites[number % 2 :: 2]:
                    message = decode_client(STATS)
                    if isinstance(message, Stats):
                        site.peer.meter.page_says(message.page, clock.time)
            with watch.on("samples, scores, verdicts, history"):
                runtime.refresh_links(ServerLoad(lag_ms=1.5, cpu=0.4))
            with watch.on("frames to 68 pages"):
                for _ in runtime._channels.deliver():
                    pass
            if number % 60 == 0:
                with watch.on("minutes for the store"):
                    minutes.append(runtime.history.minute(int(clock.time) - 60) or b"")
        with watch.on("-"):
            view = runtime.history.view(next(iter(facts.sites)), 0, int(clock.time) + 1, 1)
        two_hours_s = watch.spent.pop("-")
        _tell(watch, seconds, len(sites))
        technician = pages[-1].bytes / seconds
        print(f"a technician's page is sent {technician / 1000:.1f} kB/s")
        print(f"history in memory: {runtime.history.size / 1e6:.1f} MB")
        if minutes:
            print(f"a minute in the store: {sum(map(len, minutes)) / len(minutes) / 1000:.1f} kB")
        print(f"a chart of {len(view.columns['score'])} s: {two_hours_s * 1000:.1f} ms")
    finally:
        await tasks.close()
        await forum.close()
        await store.close()


def _tell(watch: Stopwatch, seconds: int, sites: int) -> None:
    for what, spent in watch.spent.items():
        print(f"{what:36}{spent / seconds * 1000:7.2f} ms a second")
    total = sum(watch.spent.values()) / seconds
    print(f"{f'link health of {sites} sites':36}{total * 100:7.2f} % of one core (bar: 10 %)")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.links",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", type=int, default=600, metavar="N", help="(600)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="diemcau-links-") as folder:
        asyncio.run(measure(Path(folder), options.seconds))


if __name__ == "__main__":
    main()
