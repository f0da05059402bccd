"""What the server itself counts of a link: repair, feedback, sound, freezes, changes of the way."""

from __future__ import annotations

import asyncio

from bridge.link.samples import LinkSample, PageStats
from bridge.media.links import MAX_PAGES, STILL_S, LinkSampler, Past
from bridge.media.server import Routes
from bridge.rtp.rtcp import Nack, Pli, ReceiverReport, ReportBlock
from tests.media.client import PUBLISHER, VIEWER, VP8_RTX, Client, video, vp8_delta, vp8_key
from tests.media.conftest import Hall, identity

SITE = "ha-noi"


def sample(hall: Hall, site: str = SITE) -> LinkSample:
    return hall.server.link_samples("plenary")[site]


class Seconds:
    """Samples the links of a hall with a second between two samples, whatever the clock says."""

    def __init__(self, hall: Hall) -> None:
        self._session = hall.server._session("plenary")
        self._sampler = LinkSampler(100.0)
        self._now = 100.0

    def next(self, site: str = SITE) -> LinkSample:
        self._now += 1.0
        session = self._session
        peers = session.peers.values()
        return self._sampler.sample(peers, session.publishers, {}, self._now)[site]


async def test_packets_that_came_by_repair_and_those_asked_for(hall: Hall) -> None:
    publisher = await hall.publisher(SITE)
    await hall.frames(publisher, 1, 3)
    sample(hall)
    publisher.send_rtp(publisher.packet(0, 5, 15_000, vp8_delta(5)))
    await publisher.until(lambda: any(isinstance(p, Nack) for p in publisher.rtcp))
    again = publisher.packet(0, 900, 12_000, b"\0\4" + vp8_delta(4), payload_type=VP8_RTX, ssrc=7)
    publisher.send_rtp(again)
    await hall.settle()
    up = sample(hall).up
    assert (up.expected, up.lost, up.repaired, up.missing) == (2, 1, 1, 0)
    assert up.nacks >= 1
    assert sample(hall).up.repaired == 0, "each packet is told once"


async def test_packets_that_were_given_up(hall: Hall) -> None:
    publisher = await hall.publisher(SITE)
    await hall.frames(publisher, 1, 3)
    sample(hall)
    publisher.send_rtp(publisher.packet(0, 6, 18_000, vp8_delta(6)))
    source = hall.peer(publisher).uplink.sources[1000]
    await publisher.until(lambda: source.tracker.given_up == 2)
    up = sample(hall).up
    assert (up.lost, up.missing, up.residual) == (2, 2, 2 / 3)
    # A jump too large to be repaired is lost as a whole; one that is a new beginning is none.
    publisher.send_rtp(publisher.packet(0, 1000, 21_000, vp8_key(7)))
    await hall.settle()
    assert sample(hall).up.missing == 993
    publisher.send_rtp(publisher.packet(0, 20_000, 24_000, vp8_key(8)))
    await hall.settle()
    assert sample(hall).up.missing == 0


async def test_lost_sound_is_concealed_and_the_loudest_is_told(hall: Hall) -> None:
    publisher = await hall.publisher(SITE)
    for number, level in ((1, 60), (2, 23), (4, 50)):
        packet = publisher.packet(1, number, number * 960, b"sound", level=level)
        publisher.send_rtp(packet)
    await hall.settle()
    up = sample(hall).up
    assert (up.level_dbov, up.missing, up.concealed) == (-23, 1, 0.25)
    publisher.send_rtp(publisher.packet(1, 5, 4800, b"sound"))
    await hall.settle()
    assert sample(hall).up.level_dbov is None, "nobody says"


async def test_what_a_viewer_asks_for_is_counted_with_its_site(hall: Hall) -> None:
    publisher = await hall.publisher("dien-bien")
    host = await hall.join(Client((*PUBLISHER, *VIEWER)), identity(SITE))
    hall.server.apply("plenary", Routes("dien-bien"))
    await hall.frames(publisher, 1, 10)
    await host.until(lambda: len(video(host, "2")) == 10)
    sample(hall)
    lost = video(host, "2")[4].header.sequence
    ssrc = host.ssrc(2)
    host.send_rtcp(ReceiverReport(5, ()), Nack(1, ssrc, (lost, 60_000)), Pli(1, ssrc))
    await host.until(lambda: any(r.header.payload_type == VP8_RTX for r in host.rtp))
    down = sample(hall).down
    assert (down.nacks, down.plis, down.repaired) == (2, 1, 1)


async def test_loss_that_was_repaired_is_not_missing(hall: Hall) -> None:
    publisher = await hall.publisher("dien-bien")
    host = await hall.join(Client((*PUBLISHER, *VIEWER)), identity(SITE))
    hall.server.apply("plenary", Routes("dien-bien"))
    await hall.frames(publisher, 1, 10)
    await host.until(lambda: len(video(host, "2")) == 10)
    ssrc, sink = host.ssrc(2), hall.peer(host).sinks["main"]

    async def report(highest: int, lost: int) -> None:
        host.send_rtcp(ReceiverReport(5, (ReportBlock(ssrc, 0, lost, highest, 0, 0, 0),)))
        while sink.report is None or sink.report.highest_sequence != highest:
            await asyncio.sleep(0.005)

    await report(100, 0)
    sample(hall)
    host.send_rtcp(Nack(1, ssrc, (video(host, "2")[4].header.sequence,)))
    await host.until(lambda: any(r.header.payload_type == VP8_RTX for r in host.rtp))
    assert sample(hall).down.repaired == 1
    await report(200, 3)  # what was asked for before the report is part of it
    down = sample(hall).down
    assert (down.lost, down.missing) == (3, 2)
    await report(300, 4)
    assert sample(hall).down.missing == 1, "it was counted once"


async def test_the_browser_tells_of_its_own_end_for_a_while(hall: Hall) -> None:
    publisher = await hall.publisher(SITE)
    stats = PageStats(freezes=2, freeze_s=0.5, interval_s=2.0, concealed=0.25, rtt_ms=31.0)
    seconds = Seconds(hall)
    hall.peer(publisher).meter.page_says(stats, 100.5)
    first = seconds.next()
    assert (first.page, first.rtt_ms) == (stats, 31.0)
    assert (first.down.freezes, first.down.freeze_s, first.down.concealed) == (2, 0.25, 0.25)
    second = seconds.next()
    assert (second.down.freezes, second.down.freeze_s) == (0, 0.25)
    later = [seconds.next() for _ in range(5)]
    assert later[3].page == stats
    assert later[4].page is None
    assert later[4].down.freeze_s == 0.0


async def test_a_picture_that_stands_still_is_a_freeze_until_it_is_none(hall: Hall) -> None:
    publisher = await hall.publisher(SITE)
    seconds = Seconds(hall)
    assert seconds.next().up.freeze_s == 0.0, "there was no picture yet"
    await hall.frames(publisher, 1, 3)
    assert seconds.next().up.freeze_s == 0.0
    stood = [seconds.next().up for _ in range(int(STILL_S) + 2)]
    assert [up.freezes for up in stood[:3]] == [1, 0, 0]
    assert [up.freeze_s for up in stood] == [1.0] * int(STILL_S) + [0.0, 0.0]
    await hall.frames(publisher, 4, 1, key=False)
    assert seconds.next().up.freeze_s == 0.0
    assert seconds.next().up.freezes == 1


async def test_another_address_is_a_candidate_change(hall: Hall) -> None:
    publisher = await hall.publisher(SITE)
    assert sample(hall).candidate_changes == 0
    publisher.rebind()
    await publisher.check()
    assert sample(hall).candidate_changes == 1
    assert sample(hall).candidate_changes == 1


async def test_a_page_that_joins_again_has_reconnected(hall: Hall) -> None:
    who = identity(SITE, client="tab", token="one")
    first = await hall.join(Client(PUBLISHER), who)
    assert sample(hall).reconnects == 0
    await hall.join(Client(PUBLISHER), identity(SITE, client="tab", token="two"))
    assert sample(hall).reconnects == 0, "the same tab of another link is another page"
    await hall.server.disconnect(hall.peer(first).id)
    await hall.join(Client(PUBLISHER), who)
    assert sample(hall).reconnects == 1


async def test_two_encoders_with_one_token_are_no_reconnects(hall: Hall) -> None:
    for _ in range(2):
        await hall.join(Client(PUBLISHER), identity(SITE))
    assert [sample(hall).reconnects for _ in range(3)] == [0, 0, 0]


async def test_pages_are_not_remembered_for_ever(hall: Hall) -> None:
    past = Past()
    publisher = await hall.publisher(SITE)
    peer = hall.peer(publisher)
    for number in range(MAX_PAGES + 5):
        peer.who = identity(SITE, client=f"tab {number}")
        past.see([peer])
    assert len(past._pages) == MAX_PAGES
    assert past.reconnects == 0


async def test_a_device_that_takes_over_brings_no_past_along(hall: Hall) -> None:
    main = await hall.publisher(SITE)
    backup = await hall.publisher(SITE)
    await hall.frames(main, 1, 3)
    sample(hall)
    await hall.frames(backup, 1, 50)
    assert sample(hall).up.packets == 0, "the other one publishes"
    hall.server.use_device(hall.peer(backup).id, identity().role)
    assert sample(hall).publisher == hall.peer(backup).id
    assert sample(hall).up.packets == 0


async def test_the_picture_is_the_largest_that_comes_when_the_larger_ones_have_ended(
    hall: Hall,
) -> None:
    publisher = await hall.join(Client(PUBLISHER, rids=("q", "f")), identity(SITE))
    seconds = Seconds(hall)

    def send(rid: str, number: int, payload: bytes) -> None:
        ssrc = {"q": 31, "f": 33}[rid]
        publisher.send_rtp(publisher.packet(0, number, number * 3000, payload, ssrc=ssrc, rid=rid))

    send("q", 1, vp8_key(1, (320, 180)))
    send("f", 1, vp8_key(1, (1280, 720)))
    await hall.settle()
    up = seconds.next().up
    assert (up.layer, up.height, up.fps) == ("f", 720, 1)
    for number in (2, 3):
        send("q", number, vp8_delta(number))
    await hall.settle()
    up = seconds.next().up
    assert (up.layer, up.height, up.fps) == ("q", 180, 2)
    up = seconds.next().up
    assert (up.layer, up.height, up.fps) == ("", 0, 0), "nothing came"
