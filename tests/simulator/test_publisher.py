"""Replay makes RTP that another implementation parses, on time, for ever."""

import pytest
from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.rtp import (
    HeaderExtensionsMap,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSrPacket,
    RtpPacket,
    unwrap_rtx,
)

from bridge.simulator.content import AudioLoop, VideoLoop
from bridge.simulator.publisher import AudioReplay, VideoReplay, feedback_in, ntp_time
from bridge.simulator.sdp import OPUS, VP8, VP8_RTX

FRAMES = [bytes([number]) * size for number, size in enumerate((3000, 100, 900, 2500, 50, 60))]
LOOP = VideoLoop(width=64, height=36, fps=15, frames=FRAMES, keys=[0, 3])


def camera(first_sequence: int = 1000) -> VideoReplay:
    return VideoReplay(
        LOOP, mid="0", ssrc=11, rtx_ssrc=12, start=0.0, first_sequence=first_sequence
    )


def extensions() -> HeaderExtensionsMap:
    known = HeaderExtensionsMap()
    ids = known._HeaderExtensionsMap__ids  # type: ignore[attr-defined]
    ids.mid, ids.audio_level = 1, 2
    return known


def parse(packets: list[bytes]) -> list[RtpPacket]:
    return [RtpPacket.parse(packet, extensions()) for packet in packets]


def frames_of(packets: list[RtpPacket]) -> list[tuple[int, bytes]]:
    frames: list[tuple[int, bytes]] = []
    data = b""
    for packet in packets:
        descriptor, part = VpxPayloadDescriptor.parse(packet.payload)
        assert bool(descriptor.partition_start) == (not data)
        data += part
        if packet.marker:
            frames.append((packet.timestamp, data))
            data = b""
    assert not data
    return frames


def play(replay: VideoReplay, seconds: float, start: float = 0.0) -> list[RtpPacket]:
    packets: list[bytes] = []
    for step in range(int(seconds * 100)):
        packets += replay.due(start + step / 100)
    return parse(packets)


def test_frames_come_back_whole_in_order_and_the_loop_goes_on() -> None:
    packets = play(camera(), 2.0)
    frames = frames_of(packets)
    assert [data for _, data in frames] == [FRAMES[index % 6] for index in range(30)]
    assert [time for time, _ in frames] == [index * 6000 for index in range(30)]
    assert [packet.sequence_number for packet in packets] == list(range(1000, 1000 + len(packets)))
    assert {(packet.ssrc, packet.payload_type, packet.extensions.mid) for packet in packets} == {
        (11, VP8, "0")
    }
    pictures = [
        VpxPayloadDescriptor.parse(packet.payload)[0].picture_id
        for packet in packets
        if packet.marker
    ]
    assert pictures == list(range(1000, 1030))


def test_packets_fit_the_smallest_path() -> None:
    assert max(len(packet) for packet in camera().due(0.5)) + 16 + 48 <= 1280


def test_numbers_wrap_and_start_below_half() -> None:
    replay = camera(first_sequence=0xFFFE)
    packets = play(replay, 1.0)
    assert packets[0].sequence_number == 0x7FFE
    late = VideoReplay(LOOP, mid="0", ssrc=1, rtx_ssrc=2, start=0.0, first_sequence=0x7FFF)
    numbers = [
        int.from_bytes(packet[2:4])
        for tick in range(20_000)  # 10 packets in 6 frames: enough to pass 2^16
        for packet in late.due(tick / 15)
    ]
    assert numbers.index(0) == numbers.index(0xFFFF) + 1


def test_a_key_frame_request_jumps_forward_to_the_next_key_frame() -> None:
    replay = camera()
    replay.due(0.0)
    replay.want_key_frame()
    assert frames_of(parse(replay.due(0.07)))[0][1] == FRAMES[3]
    replay.due(0.14)
    replay.want_key_frame()
    replay.want_key_frame()
    (key,) = frames_of(parse(replay.due(0.21)))
    assert key == (3 * 6000, FRAMES[0])
    assert frames_of(parse(replay.due(0.27)))[0][1] == FRAMES[1]


def test_after_a_stall_time_goes_on_and_no_frame_is_skipped() -> None:
    replay = camera()
    replay.due(0.0)
    frames = frames_of(parse(replay.due(10.0)))
    assert [data for _, data in frames] == [FRAMES[index] for index in range(1, 6)]
    assert [time // 6000 for time, _ in frames] == [146, 147, 148, 149, 150]


def test_a_missing_packet_is_repaired_unchanged() -> None:
    replay = camera()
    packets = replay.due(0.3)
    (wanted,) = parse(packets[2:3])
    (repair,) = parse(replay.repairs((wanted.sequence_number, 42)))
    assert (repair.payload_type, repair.ssrc) == (VP8_RTX, 12)
    original = unwrap_rtx(repair, VP8, 11)
    assert (original.payload, original.timestamp, original.marker) == (
        wanted.payload,
        wanted.timestamp,
        wanted.marker,
    )
    assert original.sequence_number == wanted.sequence_number
    again = parse(replay.repairs((wanted.sequence_number,)))[0]
    assert again.sequence_number == repair.sequence_number + 1


def test_what_is_too_old_is_not_repaired() -> None:
    replay = camera()
    packets = play(replay, 40)
    assert not replay.repairs((packets[0].sequence_number,))


def test_reports_agree_with_the_packets() -> None:
    replay = camera()
    packets = play(replay, 1.0)
    sender, name = RtcpPacket.parse(replay.report(2.0, 1_700_000_000.5))
    assert isinstance(sender, RtcpSrPacket)
    assert isinstance(name, RtcpSdesPacket)
    assert sender.sender_info.packet_count == len(packets) == replay.packets
    assert sender.sender_info.octet_count == sum(len(packet.payload) for packet in packets)
    assert sender.sender_info.rtp_timestamp == 180_000
    assert sender.sender_info.ntp_timestamp == ntp_time(1_700_000_000.5)
    assert ntp_time(0.5) == (2_208_988_800 << 32) + (1 << 31)


def microphone() -> AudioReplay:
    return AudioReplay(
        AudioLoop(packets=[b"s0", b"s1", b"s2"], levels=[20, 30, 40]),
        AudioLoop(packets=[b"r0", b"r1"], levels=[90, 91]),
        mid="1",
        ssrc=21,
        start=0.0,
        first_sequence=5,
    )


def test_the_microphone_hears_the_room_until_somebody_speaks() -> None:
    replay = microphone()
    quiet = parse(replay.due(0.05))
    replay.speaking = True
    talk = parse(replay.due(0.13))
    replay.speaking = False
    after = parse(replay.due(0.15))
    assert [packet.payload for packet in quiet + talk + after] == [
        *(b"r0", b"r1", b"r0"),
        *(b"s0", b"s1", b"s2", b"s0"),
        b"r1",
    ]
    assert [packet.marker for packet in quiet + talk + after] == [0, 0, 0, 1, 0, 0, 0, 0]
    assert [packet.timestamp for packet in quiet + talk] == [index * 960 for index in range(7)]
    assert quiet[0].extensions.audio_level == (False, 90)
    assert talk[1].extensions.audio_level == (True, 30)
    assert {(packet.payload_type, packet.ssrc, packet.extensions.mid) for packet in talk} == {
        (OPUS, 21, "1")
    }


def test_a_second_speech_starts_at_the_beginning() -> None:
    replay = microphone()
    for now, speaking in ((0.01, True), (0.03, False), (0.05, True)):
        replay.speaking = speaking
        packets = replay.due(now)
    assert parse(packets)[0].payload == b"s0"
    assert replay.packets == 3
    assert RtcpPacket.parse(replay.report(1.0, 1.0))
    assert replay.ssrc == 21


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=11), (True, 11, ())),
        (
            RtcpPsfbPacket(fmt=4, ssrc=1, media_ssrc=0, fci=b"\0\0\0\x0b\x01\0\0\0"),
            (True, 11, ()),
        ),
        (
            RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=11, lost=[5, 6, 21, 30]),
            (False, 11, (5, 6, 21, 30)),
        ),
    ],
)
def test_feedback_is_understood(
    packet: RtcpPsfbPacket | RtcpRtpfbPacket, expected: tuple[bool, int, tuple[int, ...]]
) -> None:
    assert list(feedback_in(bytes(packet))) == [expected]
    other = bytes(RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=0, fci=b"REMB\0\0\0\0"))
    assert list(feedback_in(other + bytes(packet))) == [expected]


@pytest.mark.parametrize("compound", [b"", b"\x81\xce\x00", b"\x81\xce\xff\xff" + bytes(20)])
def test_broken_feedback_is_passed_over(compound: bytes) -> None:
    assert not list(feedback_in(compound))
