"""The media server with small clients over real UDP: what flows, to whom, with which bytes."""

from __future__ import annotations

import asyncio
import re
import socket
from itertools import pairwise

import pytest

from bridge.clock import SystemClock, monotonic
from bridge.errors import Code, ConfigError, MediaError, ProtocolError
from bridge.ids import Role
from bridge.media import server
from bridge.media.feedback import Feedback
from bridge.media.peer_id import code_of
from bridge.media.server import MediaServer, Routes
from bridge.rtp.rtcp import Fir, Nack, Pli, ReceiverReport, Remb, ReportBlock, SenderReport
from bridge.rtp.send import ntp_mid32, ntp_time
from bridge.rtp.twcc import TransportFeedback
from tests.media.client import (
    H264,
    PUBLISHER,
    VIEWER,
    VP8_RTX,
    Client,
    audio,
    video,
    vp8_delta,
    vp8_key,
)
from tests.media.conftest import Hall, Observed, identity
from tests.media.kernel import ENGINES

PROGRAM = Routes("ha-noi", "", ("ha-noi",))


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_video_and_audio_of_the_program_reach_a_viewer(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    viewer = await hall.viewer()
    hall.server.apply("plenary", PROGRAM)
    await hall.frames(publisher, 1, 5)
    await hall.sound(publisher, 1, *(b"opus%d" % i for i in range(5)))
    await viewer.until(lambda: len(video(viewer)) == 5 and len(audio(viewer)) == 5)

    seen = video(viewer)
    assert [r.payload for r in seen] == [vp8_key(1), *(vp8_delta(i) for i in range(2, 6))]
    assert [r.header.ssrc for r in seen] == [viewer.ssrc(0)] * 5
    sequences = [r.header.sequence for r in seen]
    assert sequences == list(range(sequences[0], sequences[0] + 5))
    assert sequences[0] < 1 << 15
    times = [r.header.timestamp for r in seen]
    assert [(b - a) & 0xFFFFFFFF for a, b in pairwise(times)] == [3000] * 4
    assert {r.mid for r in audio(viewer)} == {"1"}
    assert hall.observed.heard == ["ha-noi"]
    assert hall.observed.switched == ["ha-noi"]


async def test_nothing_flows_without_a_route(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    viewer = await hall.viewer()
    await hall.frames(publisher, 1, 3)
    await hall.sound(publisher, 1, b"opus")
    hall.server.apply("plenary", Routes("ha-noi"))
    await hall.frames(publisher, 4, 1)
    await hall.sound(publisher, 2, b"opus")
    await hall.frames(publisher, 5, 1)
    await viewer.until(lambda: len(video(viewer)) == 2)
    assert [r.payload for r in video(viewer)] == [vp8_key(4), vp8_key(5)]
    assert audio(viewer) == []
    assert hall.observed.heard == []


async def test_a_closed_microphone_is_silent_and_opens_again_without_a_jump(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    viewer = await hall.viewer()
    for part, opened in enumerate((True, False, True)):
        hall.server.apply("plenary", Routes("", "", ("ha-noi",) if opened else ()))
        await hall.sound(publisher, part * 10, *[b"open%d" % opened] * 3)
    await viewer.until(lambda: len(audio(viewer)) == 6)
    assert {r.payload for r in audio(viewer)} == {b"open1"}
    sequences = [r.header.sequence for r in audio(viewer)]
    first, second = sequences[:3], sequences[3:]
    assert second[0] == first[-1] + 1, "the slot goes on counting where it stopped"
    assert hall.observed.heard == ["ha-noi", "ha-noi"]


async def test_an_open_microphone_reports_again_after_each_change(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    for number in (1, 10):
        hall.server.apply("plenary", Routes("", "", ("ha-noi", "dien-bien")))
        await hall.sound(publisher, number, b"one", b"two")
    await asyncio.sleep(0)
    assert hall.observed.heard == ["ha-noi", "ha-noi"]


async def test_an_open_microphone_reports_again_when_asked(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    hall.server.apply("plenary", Routes("", "", ("ha-noi",)))
    await hall.sound(publisher, 1, b"one", b"two")
    hall.server.report_audio_again("plenary")
    await hall.sound(publisher, 3, b"three", b"four")
    await asyncio.sleep(0)
    assert hall.observed.heard == ["ha-noi", "ha-noi"]


async def test_nobody_hears_themself(hall: Hall) -> None:
    lines = (*PUBLISHER, *VIEWER)
    own = await hall.join(Client(lines), identity("ha-noi"))
    other = await hall.join(Client(lines), identity("dien-bien"))
    hall.server.apply("plenary", Routes("", "", ("ha-noi", "dien-bien")))
    await hall.sound(own, 1, *[b"from ha-noi"] * 3)
    await hall.sound(other, 1, *[b"from dien-bien"] * 3)
    await own.until(lambda: len(audio(own)) == 3)
    await other.until(lambda: len(audio(other)) == 3)
    assert {r.payload for r in audio(own)} == {b"from dien-bien"}
    assert {r.payload for r in audio(other)} == {b"from ha-noi"}


async def test_the_program_switches_exactly_at_the_key_frame(hall: Hall) -> None:
    first = await hall.publisher("ha-noi")
    second = await hall.publisher("dien-bien")
    viewer = await hall.viewer()
    hall.server.apply("plenary", Routes("ha-noi"))
    await hall.frames(first, 1, 1)  # the first of a stream takes another way, and may come late
    await hall.frames(first, 2, 2, key=False)
    await viewer.until(lambda: len(video(viewer)) == 3)
    second.send_rtp(second.packet(0, 500, 1, vp8_delta(77)))
    await hall.settle()
    hall.server.apply("plenary", Routes("dien-bien"))
    await second.until(lambda: any(isinstance(p, Pli) for p in second.rtcp))
    await hall.frames(first, 4, 2, key=False)
    await viewer.until(lambda: len(video(viewer)) == 5)
    second.send_rtp(second.packet(0, 501, 3001, vp8_delta(78)))
    second.send_rtp(second.packet(0, 502, 6001, vp8_key(79)))
    second.send_rtp(second.packet(0, 503, 9001, vp8_delta(80)))
    await hall.settle()
    await hall.frames(first, 6, 2, key=False)
    await viewer.until(lambda: len(video(viewer)) == 7)
    await hall.viewer()  # a full exchange later nothing more has come

    seen = video(viewer)
    assert len(seen) == 7
    sequences = [r.header.sequence for r in seen]
    assert sequences == list(range(sequences[0], sequences[0] + 7)), "no gap, no repetition"
    pictures = [int.from_bytes(r.payload[2:4], "big") & 0x7FFF for r in seen]
    assert pictures == [1, 2, 3, 4, 5, 6, 7], "PictureID goes on over the switch"
    assert [r.payload[4] for r in seen] == [1, 2, 3, 4, 5, 6, 7], "and so does TL0PICIDX"
    assert seen[5].payload[5:] == vp8_key(79)[5:]
    step = (seen[5].header.timestamp - seen[4].header.timestamp) & 0xFFFFFFFF
    assert 0 < step < 90_000 * 5
    assert hall.observed.switched == ["ha-noi", "dien-bien"]


async def test_a_key_frame_is_asked_for_until_it_comes(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    viewer = await hall.viewer()
    publisher.send_rtp(publisher.packet(0, 1, 1, vp8_delta(1)))
    await hall.settle()
    hall.server.apply("plenary", Routes("ha-noi"))
    await publisher.until(lambda: sum(isinstance(p, Pli) for p in publisher.rtcp) >= 1)
    sequence = 2
    while sum(isinstance(p, Pli) for p in publisher.rtcp) < 3:
        publisher.send_rtp(publisher.packet(0, sequence, sequence * 3000, vp8_delta(sequence)))
        sequence += 1
        await asyncio.sleep(0.02)
    assert video(viewer) == []
    await hall.frames(publisher, sequence, 1)
    await viewer.until(lambda: len(video(viewer)) == 1)


async def test_key_frame_requests_of_viewers_merge_into_one(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    viewers = [await hall.viewer() for _ in range(3)]
    hall.server.apply("plenary", Routes("ha-noi"))
    await hall.frames(publisher, 1, 1)
    for viewer in viewers:
        await viewer.until(lambda v=viewer: len(video(v)) == 1)  # type: ignore[misc]
    before = hall.server.counters().plis_out
    for viewer in viewers:
        viewer.send_rtcp(Pli(1, viewer.ssrc(0)), Fir(1, ((viewer.ssrc(0), 1),)))
    while hall.server.counters().plis_in < 6:
        await asyncio.sleep(0.005)
    while hall.server.counters().plis_out == before:
        await asyncio.sleep(0.005)
    assert hall.server.counters().plis_out == before + 1


async def test_lost_packets_are_resent_with_the_same_payload_through_rtx(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    viewer = await hall.viewer()
    hall.server.apply("plenary", Routes("ha-noi"))
    await hall.frames(publisher, 1, 10)
    await viewer.until(lambda: len(video(viewer)) == 10)
    lost = video(viewer)[4]
    viewer.send_rtcp(Nack(1, viewer.ssrc(0), (lost.header.sequence, 60_000)))
    await viewer.until(lambda: any(r.header.payload_type == VP8_RTX for r in viewer.rtp))
    repair = next(r for r in viewer.rtp if r.header.payload_type == VP8_RTX)
    assert repair.payload == lost.header.sequence.to_bytes(2, "big") + lost.payload
    assert repair.header.timestamp == lost.header.timestamp
    assert repair.mid == "0"
    assert hall.server.counters().resent == 1


async def test_without_rtx_the_very_same_bytes_are_sent_again(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    viewer = await hall.join(Client(VIEWER, rtx=False, keep=False), identity(publish=False))
    hall.server.apply("plenary", Routes("ha-noi"))
    wires: list[bytes] = []
    take = viewer._take

    def note(data: bytes) -> None:
        if 128 <= data[0] < 192 and not 192 <= data[1] <= 223:
            wires.append(data)
        take(data)

    viewer._take = note  # type: ignore[method-assign]
    await hall.frames(publisher, 1, 4)
    await viewer.until(lambda: len(wires) == 4)
    sequence = int.from_bytes(wires[2][2:4], "big")
    viewer.send_rtcp(Nack(1, viewer.ssrc(0), (sequence,)))
    await viewer.until(lambda: len(wires) == 5)
    assert wires[4] == wires[2], "another packet under one number would break SRTP"


async def test_resending_stays_within_its_budget(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    viewer = await hall.viewer()
    hall.server.apply("plenary", Routes("ha-noi"))
    await hall.frames(publisher, 1, 5)
    await viewer.until(lambda: len(video(viewer)) == 5)
    sequence = video(viewer)[2].header.sequence
    for _ in range(50):
        viewer.send_rtcp(Nack(1, viewer.ssrc(0), (sequence,)))
    while hall.server.counters().nacks_in < 50:
        await asyncio.sleep(0.005)
    assert hall.server.counters().resent <= 2


async def test_a_gap_in_the_uplink_is_asked_for_again_and_again(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    await hall.frames(publisher, 1, 3)
    publisher.send_rtp(publisher.packet(0, 6, 18_000, vp8_delta(6)))

    def asked() -> list[tuple[int, ...]]:
        return [p.sequences for p in publisher.rtcp if isinstance(p, Nack)]

    await publisher.until(lambda: len(asked()) >= 3)
    assert asked()[0] == (4, 5)
    packet = publisher.packet(0, 900, 12_000, b"\0\4" + vp8_delta(4), payload_type=VP8_RTX, ssrc=7)
    publisher.send_rtp(packet)
    await publisher.until(lambda: asked()[-1] == (5,))


async def test_a_repaired_packet_is_forwarded_in_its_place(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    viewer = await hall.viewer()
    hall.server.apply("plenary", Routes("ha-noi"))
    await hall.frames(publisher, 1, 3)
    publisher.send_rtp(publisher.packet(0, 5, 15_000, vp8_delta(5)))
    packet = publisher.packet(0, 900, 12_000, b"\0\4" + vp8_delta(4), payload_type=VP8_RTX, ssrc=7)
    publisher.send_rtp(packet)
    publisher.send_rtp(
        publisher.packet(0, 901, 12_000, b"\0\4" + vp8_delta(4), payload_type=VP8_RTX, ssrc=7)
    )
    publisher.send_rtp(publisher.packet(0, 6, 18_000, vp8_delta(6)))
    await viewer.until(lambda: len(video(viewer)) == 6)
    first = video(viewer)[0].header.sequence
    by_place = sorted(video(viewer), key=lambda r: r.header.sequence)
    assert [r.header.sequence - first for r in by_place] == [0, 1, 2, 3, 4, 5]
    assert by_place[3].payload == vp8_delta(4)


async def test_reports_tell_the_truth_both_ways(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    viewer = await hall.viewer()
    hall.server.apply("plenary", Routes("ha-noi"))
    await hall.frames(publisher, 1, 3)
    publisher.send_rtp(publisher.packet(0, 6, 18_000, vp8_delta(6)))

    def block() -> ReportBlock | None:
        reports = [p for p in publisher.rtcp if isinstance(p, ReceiverReport) and p.reports]
        blocks = [b for p in reports for b in p.reports if b.highest_sequence & 0xFFFF == 6]
        return blocks[-1] if blocks else None

    await publisher.until(lambda: block() is not None)
    found = block()
    assert found is not None
    assert found.cumulative_lost == 2

    def report() -> SenderReport | None:
        own = [p for p in viewer.rtcp if isinstance(p, SenderReport) and p.ssrc == viewer.ssrc(0)]
        return own[-1] if own and own[-1].packet_count == 4 else None

    await viewer.until(lambda: report() is not None)
    sent = report()
    assert sent is not None
    assert sent.octet_count == len(vp8_key()) + 3 * len(vp8_delta(1))
    newest = video(viewer)[-1].header.timestamp
    assert 0 <= (sent.rtp_time - newest) & 0xFFFFFFFF < 90_000 * 3

    lsr = sent.ntp_time >> 16 & 0xFFFFFFFF
    viewer.send_rtcp(ReceiverReport(9, (ReportBlock(viewer.ssrc(0), 0, 3, 50, 90, lsr, 0),)))
    viewer.send_rtcp(Remb(700_000, (viewer.ssrc(0),)))
    while hall.peer(viewer).rtt is None:
        await asyncio.sleep(0.005)
    assert 0 <= (hall.peer(viewer).rtt or 0) < 3


async def test_what_a_report_waited_for_the_event_loop_is_not_the_lines(hall: Hall) -> None:
    viewer = await hall.viewer()
    peer, feedback = hall.peer(viewer), hall.server._feedback
    assert feedback is not None
    came = monotonic() - 2.0
    lsr = ntp_mid32(ntp_time(SystemClock().now() - 2.0 - 0.25))
    block = ReportBlock(viewer.ssrc(0), 0, 0, 0, 0, lsr, 0)
    feedback.received(peer, [ReceiverReport(5, (block,))], came)
    assert peer.rtt == pytest.approx(0.25, abs=1)


async def test_a_line_in_doubt_is_asked_for_its_round_trip_more_often(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    viewer = await hall.viewer()
    hall.server.apply("plenary", Routes("ha-noi"))
    await hall.frames(publisher, 1, 3)
    bps = 3_000_000

    def more_often() -> bool:
        nonlocal bps
        bps -= 100
        viewer.send_rtcp(Remb(bps, (viewer.ssrc(0),)))  # lower and lower
        own = [p for p in viewer.rtcp if isinstance(p, SenderReport) and p.ssrc == viewer.ssrc(0)]
        times = [p.ntp_time / 2**32 for p in own]
        return any(after - before < 0.8 for before, after in pairwise(times))

    await viewer.until(more_often, timeout_s=10)


async def test_publishers_get_transport_wide_feedback(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    for i in (0, 1, 3):
        publisher.send_rtp(publisher.packet(0, i, i * 3000, vp8_key(i), wide=100 + i))

    def arrived() -> set[int]:
        told = [p for p in publisher.rtcp if isinstance(p, TransportFeedback)]
        return {sequence for p in told for sequence, _ in p.arrivals()}

    await publisher.until(lambda: arrived() >= {100, 101, 103}, timeout_s=10)
    assert 102 not in arrived()


async def test_simulcast_forwards_the_largest_layer(hall: Hall) -> None:
    publisher = await hall.join(Client(PUBLISHER, rids=("q", "f")), identity("ha-noi"))
    viewer = await hall.viewer()
    hall.server.apply("plenary", Routes("ha-noi"))
    for i in range(3):
        small = vp8_key(i, (320, 180)) if i == 0 else vp8_delta(i)
        large = vp8_key(i, (1280, 720), 90) if i == 0 else vp8_delta(i, 90)
        publisher.send_rtp(publisher.packet(0, i, i * 3000, small, ssrc=21, rid="q"))
        publisher.send_rtp(publisher.packet(0, 700 + i, i * 3000, large, ssrc=22, rid="f"))
    await viewer.until(lambda: len(video(viewer)) >= 4)
    assert "a=simulcast:recv q;f" in publisher.answer
    sizes = [len(r.payload) for r in video(viewer)]
    assert sizes[0] == len(vp8_key(0)), "the small one came first"
    assert set(sizes[1:]) == {len(vp8_key(0, fill=90)), len(vp8_delta(1, 90))}


async def test_h264_and_vp8_may_alternate_in_one_slot(hall: Hall) -> None:
    first = await hall.publisher("ha-noi")
    second = await hall.publisher("dien-bien")
    viewer = await hall.viewer()
    narrow = await hall.join(Client(VIEWER, h264=False), identity(publish=False))
    hall.server.apply("plenary", Routes("ha-noi"))
    await hall.frames(first, 1, 2)
    await viewer.until(lambda: len(video(viewer)) == 2)
    await narrow.until(lambda: len(video(narrow)) == 2)
    hall.server.apply("plenary", Routes("dien-bien"))
    idr = b"\x65" + bytes(40)
    second.send_rtp(second.packet(0, 1, 3000, idr, payload_type=H264))
    await viewer.until(lambda: len(video(viewer)) == 3)
    seen = video(viewer)
    assert seen[2].header.payload_type == H264
    assert seen[2].payload == idr
    assert seen[2].header.sequence == seen[1].header.sequence + 1
    await hall.frames(first, 3, 1)
    await hall.viewer()
    assert len(video(narrow)) == 2, "who cannot decode H264 sees nothing rather than the old site"
    assert hall.server.counters().drops["viewer_lacks_codec"] == 1


async def test_preview_and_monitor_are_for_those_who_prepare(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    slots = ("main", "preview", "monitor", "thumb1")
    lines = ("video recvonly",) * 4
    director = await hall.join(
        Client(lines), identity(role=Role.MODERATOR, slots=slots, publish=False)
    )
    guest = await hall.join(Client(lines), identity(role=Role.STAGE, slots=slots, publish=False))
    hall.server.apply("plenary", Routes("", "ha-noi", ()))
    hall.server.watch(hall.peer(director).id, "ha-noi")
    hall.server.watch(hall.peer(guest).id, "ha-noi")
    hall.server.watch("unknown", "ha-noi")
    for slot in ("thumb1", "thumb2", "main"):
        hall.server.watch(hall.peer(director).id, "ha-noi", slot)
    await hall.frames(publisher, 1, 1)
    await director.until(lambda: len(director.rtp) == 3)
    assert {r.mid for r in director.rtp} == {"1", "2", "3"}
    assert guest.rtp == []


async def test_ice_restart_keeps_media_and_both_credentials(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    viewer = await hall.viewer()
    hall.server.apply("plenary", Routes("ha-noi"))
    await hall.frames(publisher, 1, 1)
    await viewer.until(lambda: len(video(viewer)) == 1)
    old = (viewer.remote_ufrag, viewer.remote_password)
    etag = hall.peer(viewer).etag
    assert hall.server.restart(hall.peer(viewer).id, viewer.offer)
    assert hall.peer(viewer).etag == etag, "no restart, no new tag"
    assert re.fullmatch(r'"[\x21\x23-\x7e]+"', etag), "an entity-tag of RFC 9110 8.8.3"
    viewer.ufrag = "renewed"
    viewer.take_answer(hall.server.restart(hall.peer(viewer).id, viewer.offer))
    assert viewer.remote_ufrag != old[0]
    assert hall.peer(viewer).etag != etag
    new = (viewer.remote_ufrag, viewer.remote_password)
    viewer.remote_ufrag, viewer.remote_password = old
    await viewer.check()
    viewer.remote_ufrag, viewer.remote_password = new
    viewer.rebind()
    await viewer.check()
    await hall.frames(publisher, 2, 1)
    await viewer.until(lambda: len(video(viewer)) == 2)
    assert video(viewer)[1].header.sequence == video(viewer)[0].header.sequence + 1
    assert hall.server.counters().moves == 1


async def test_ice_restart_by_fragment(hall: Hall) -> None:
    viewer = await hall.viewer()
    peer_id = hall.peer(viewer).id
    same = f"a=ice-ufrag:{viewer.ufrag}\r\na=ice-pwd:x\r\n"
    assert hall.server.restart_ice(peer_id, same) is None
    assert hall.server.restart_ice(peer_id, "a=candidate:1 1 udp 1 10.0.0.1 9 typ host") is None
    etag = hall.peer(viewer).etag
    fragment = hall.server.restart_ice(peer_id, "a=ice-ufrag:fresh\r\na=ice-pwd:x\r\n")
    assert fragment is not None
    assert f"a=ice-ufrag:{hall.peer(viewer).endpoint.ufrag}" in fragment
    assert hall.peer(viewer).etag != etag
    with pytest.raises(MediaError, match="ended"):
        hall.server.restart_ice("unknown", same)


async def test_a_restart_with_another_page_is_refused(hall: Hall) -> None:
    viewer = await hall.viewer()
    peer_id = hall.peer(viewer).id
    other = Client(("audio recvonly",))
    hall.clients.append(other)
    with pytest.raises(ProtocolError, match="other m= lines") as refused:
        hall.server.restart(peer_id, other.offer)
    assert refused.value.code is Code.SDP_UNSUPPORTED
    stranger = viewer.offer.replace("a=fingerprint:sha-256 ", "a=fingerprint:sha-256 00:")
    with pytest.raises(ProtocolError, match="another certificate"):
        hall.server.restart(peer_id, stranger)
    with pytest.raises(MediaError) as unknown:
        hall.server.restart("unknown", viewer.offer)
    assert unknown.value.code is Code.PEER_UNKNOWN


async def test_a_nat_rebinding_is_followed_by_the_next_packet(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    viewer = await hall.viewer()
    hall.server.apply("plenary", Routes("ha-noi"))
    await hall.frames(publisher, 1, 2)
    await viewer.until(lambda: len(video(viewer)) == 2)
    publisher.rebind()
    await hall.frames(publisher, 3, 1, key=False)
    await viewer.until(lambda: len(video(viewer)) == 3)
    viewer.send_rtcp(ReceiverReport(5))
    while hall.server.counters().rtcp_in < 1:
        await asyncio.sleep(0.005)
    viewer.rebind()
    viewer.send_rtcp(ReceiverReport(5))
    while hall.server.counters().moves < 2:
        await asyncio.sleep(0.005)
    await hall.frames(publisher, 4, 1, key=False)
    await viewer.until(lambda: len(video(viewer)) == 4)


async def test_we_are_dtls_client_for_a_passive_offer(hall: Hall) -> None:
    publisher = await hall.join(Client(PUBLISHER, passive=True), identity("ha-noi"))
    assert "a=setup:active" in publisher.answer
    viewer = await hall.viewer()
    assert "a=setup:passive" in viewer.answer
    hall.server.apply("plenary", Routes("ha-noi"))
    await hall.frames(publisher, 1, 1)
    await viewer.until(lambda: len(video(viewer)) == 1)


async def test_a_peer_without_header_extensions_works(hall: Hall) -> None:
    publisher = await hall.join(Client(PUBLISHER, uris={}), identity("ha-noi"))
    viewer = await hall.join(Client(VIEWER, uris={}), identity(publish=False))
    hall.server.apply("plenary", PROGRAM)
    await hall.frames(publisher, 1, 2)
    await hall.sound(publisher, 1, b"opus")
    await viewer.until(lambda: len(viewer.rtp) == 3)
    assert [r.payload for r in viewer.rtp if r.header.ssrc == viewer.ssrc(0)] == [
        vp8_key(1),
        vp8_delta(2),
    ]


async def test_the_port_in_use_is_said_clearly(hall: Hall) -> None:
    second = MediaServer(
        host="127.0.0.1", port=hall.server.port, public_addresses=[], observer=Observed()
    )
    with pytest.raises(ConfigError, match="--media-port") as refused:
        await second.start()
    assert refused.value.code is Code.PORT_IN_USE
    elsewhere = MediaServer(host="192.0.2.1", port=0, public_addresses=[], observer=Observed())
    with pytest.raises(ConfigError, match=r"192\.0\.2\.1") as refused:
        await elsewhere.start()
    assert refused.value.code is Code.CONFIG_INVALID


async def test_before_start_there_are_no_sessions() -> None:
    unstarted = MediaServer(host="::", port=0, public_addresses=[], observer=Observed())
    with pytest.raises(RuntimeError, match="not started"):
        unstarted.apply("plenary", PROGRAM)
    with pytest.raises(RuntimeError, match="not open"):
        assert unstarted.port


async def test_link_samples_count_both_directions(hall: Hall) -> None:
    lines = (*PUBLISHER, *VIEWER)
    host = await hall.join(Client(lines), identity("ha-noi"))
    hall.server.apply("plenary", PROGRAM)
    hall.server.link_samples("plenary")
    await hall.frames(host, 1, 4)
    host.send_rtp(host.packet(0, 7, 21_000, vp8_delta(7)))
    await host.until(lambda: len(video(host, "2")) == 5)
    ssrc = host.ssrc(2)
    for highest, lost in ((100, 1), (110, 3)):
        host.send_rtcp(ReceiverReport(5, (ReportBlock(ssrc, 0, lost, highest, 900, 0, 0),)))
        while (
            hall.peer(host).sinks["main"].report or ReportBlock(0, 0, 0, 0, 0)
        ).highest_sequence != highest:
            await asyncio.sleep(0.005)
        sample = hall.server.link_samples("plenary")["ha-noi"]
        if highest == 100:
            assert sample.connected
            assert (sample.up.packets, sample.up.expected, sample.up.lost) == (5, 7, 2)
            assert (sample.up.width, sample.up.height) == (640, 360)
            assert sample.up.fps > 0
            assert sample.down.packets == 5
            assert sample.down.jitter_ms == 10.0
            assert sample.down.expected == 0, "the first report has nothing to compare with"
        else:
            assert (sample.down.expected, sample.down.lost) == (10, 2)
            assert sample.up.packets == 0


async def test_malformed_datagrams_are_counted_and_dropped(hall: Hall) -> None:
    viewer = await hall.viewer()
    for data in (
        b"",
        b"\x00\x01",
        b"\xff\xff\xff",
        b"\x80\x60" + bytes(20),
        b"\x80\xc9" + bytes(9),
    ):
        viewer.send_raw(data)
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with stranger:
        stranger.sendto(b"\x16" + bytes(40), viewer.server)
        stranger.sendto(b"\x80\x60" + bytes(40), viewer.server)
    assert viewer.srtp is not None
    viewer.send_rtp(b"\xa0\x60" + bytes(20))  # padding of zero bytes
    viewer.send_rtp(viewer.packet(0, 1, 1, b"nobody sends here"))
    bad = viewer.srtp.protect_rtcp(b"\x81\xc9\x00\x02" + bytes(8))
    assert bad is not None
    viewer.send_raw(bad)
    expected = {
        "stun_malformed",
        "unknown_protocol",
        "srtp_refused",
        "srtcp_refused",
        "dtls_unknown_address",
        "media_unknown_address",
        "rtcp_malformed",
        "rtp_malformed",
        "rtp_unknown_stream",
    }
    async with asyncio.timeout(5):
        while not expected <= set(hall.server.counters().drops):
            await asyncio.sleep(0.005)
    assert hall.server.counters().peers == 1


async def test_a_flood_before_the_keys_is_counted_and_dropped(hall: Hall) -> None:
    early = Client(VIEWER)
    hall.clients.append(early)
    _, answer = hall.server.connect(early.offer, identity(publish=False))
    early.take_answer(answer)
    asyncio.get_running_loop().add_reader(early.sock.fileno(), early._readable)
    await early.check()
    early.send_raw(b"\x80\x60" + bytes(40))
    for _ in range(300):
        early.send_raw(b"\x16" + bytes(40))
    async with asyncio.timeout(5):
        while not {"media_before_keys", "dtls_flood"} <= set(hall.server.counters().drops):
            await asyncio.sleep(0.005)


async def test_feedback_for_one_peer_may_fail_without_stopping_the_others(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = await hall.publisher("ha-noi")
    second = await hall.publisher("dien-bien")
    broken = hall.peer(first)
    tick = Feedback.tick

    def failing(self: Feedback, peer: server.Peer, now: float) -> None:
        if peer is broken:
            raise RuntimeError("broken")
        tick(self, peer, now)

    monkeypatch.setattr(Feedback, "tick", failing)
    await hall.frames(second, 1, 1)
    second.rtcp.clear()
    await second.until(lambda: any(isinstance(p, ReceiverReport) for p in second.rtcp))
    failed = [record for record in caplog.records if record.message == "its feedback failed"]
    assert {vars(record)["peer"] for record in failed} == {code_of(broken.id)}


async def test_a_viewer_without_reduced_size_gets_whole_compounds(hall: Hall) -> None:
    publisher = Client(PUBLISHER)
    text = publisher.offer.replace("a=rtcp-rsize\r\n", "")
    hall.clients.append(publisher)

    async def signal(_offer: str) -> str:
        peer_, answer = hall.server.connect(text, identity("ha-noi"))
        hall.peers[id(publisher)] = peer_
        return answer

    await publisher.connect(signal)
    await hall.peer(publisher).established.wait()
    assert "rtcp-rsize" not in publisher.answer
    await hall.frames(publisher, 1, 1)
    publisher.send_rtp(publisher.packet(0, 3, 9000, vp8_delta(3)))
    await publisher.until(lambda: any(isinstance(p, Nack) for p in publisher.rtcp))
    place = next(i for i, p in enumerate(publisher.rtcp) if isinstance(p, Nack))
    assert isinstance(publisher.rtcp[place - 1], ReceiverReport)


async def test_the_senders_report_gives_the_publisher_its_round_trip(hall: Hall) -> None:
    publisher = await hall.publisher("ha-noi")
    await hall.frames(publisher, 1, 1)
    publisher.send_rtcp(SenderReport(1000, 0x0001_0002_0003_0004, 3000, 1, 60))

    def last() -> ReportBlock | None:
        reports = [p for p in publisher.rtcp if isinstance(p, ReceiverReport)]
        blocks = [b for p in reports for b in p.reports if b.lsr]
        return blocks[-1] if blocks else None

    await publisher.until(lambda: last() is not None)
    found = last()
    assert found is not None
    assert found.lsr == 0x0002_0003
    assert found.dlsr < 65_536 * 5
