"""Loops decode back to what was asked for, loop without a seam, and are kept on disk."""

import logging
from pathlib import Path

import av
import pytest

from bridge.simulator.content import (
    Content,
    VideoFormat,
    encode,
    encode_audio,
    encode_video,
    load,
)
from bridge.simulator.picture import draw_room
from bridge.simulator.voice import FRAME_SAMPLES, room_tone, speech

SMALL = VideoFormat(width=320, height=180, fps=10, kbps=200, seconds=2, key_interval=1)


@pytest.fixture(scope="module")
def content() -> Content:
    return encode("Điện Biên", "Điểm cầu", SMALL)


def decode_video(frames: list[bytes]) -> list[av.VideoFrame]:
    decoder = av.CodecContext.create("libvpx", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    return [picture for frame in frames for picture in decoder.decode(av.Packet(frame))]


def test_every_encoded_frame_is_one_shown_picture_of_the_asked_size(content: Content) -> None:
    pictures = decode_video(content.video.frames)
    assert len(pictures) == len(content.video.frames) == SMALL.fps * SMALL.seconds
    assert {(picture.width, picture.height) for picture in pictures} == {(320, 180)}


def test_key_frames_come_at_the_asked_distance_and_first(content: Content) -> None:
    assert content.video.keys == [0, 10]
    for index, frame in enumerate(content.video.frames):
        is_key = frame[0] & 1 == 0  # RFC 6386 9.1: inverse key frame bit
        assert is_key == (index in content.video.keys)


def test_the_loop_decodes_across_its_seam_and_from_each_key_frame(content: Content) -> None:
    assert len(decode_video(content.video.frames * 2)) == 2 * len(content.video.frames)
    assert len(decode_video(content.video.frames[10:])) == 10


def test_bitrate_is_near_the_target() -> None:
    video = encode_video("Hà Nội", "Điểm cầu trung tâm", VideoFormat(seconds=4))
    kbps = sum(map(len, video.frames)) * 8 / 4 / 1000
    assert 250 < kbps < 500


def luma(picture: av.VideoFrame) -> bytes:
    plane = picture.reformat(format="gray").planes[0]
    return b"".join(
        bytes(plane)[row * plane.line_size : row * plane.line_size + picture.width]
        for row in range(picture.height)
    )


def test_the_name_is_drawn_with_its_diacritics() -> None:
    def bright(name: str) -> int:
        scene = draw_room(name, caption="", width=640, height=360, seconds=2)
        banner = scene.frame(0, 20).convert("L").crop((30, 60, 520, 125))
        return sum(count for value, count in enumerate(banner.histogram()) if value > 200)

    assert bright("Điện Biên") > bright("Dien Bien") > 2000
    assert bright("Bà Rịa - Vũng Tàu") > 3000


def test_the_longest_name_stays_inside_the_picture() -> None:
    scene = draw_room(
        "Thành phố Hồ Chí Minh mở rộng", caption="Điểm cầu", width=640, height=360, seconds=2
    )
    margin = scene.frame(0, 20).convert("L").crop((525, 60, 540, 125))
    assert max(value for value, count in enumerate(margin.histogram()) if count) < 200


def test_the_picture_moves(content: Content) -> None:
    pictures = decode_video(content.video.frames)
    first, later = luma(pictures[0]), luma(pictures[5])
    changed = sum(abs(one - two) > 40 for one, two in zip(first, later, strict=True))
    assert changed > 100


def decode_audio(packets: list[bytes]) -> list[av.AudioFrame]:
    decoder = av.CodecContext.create("libopus", "r")
    assert isinstance(decoder, av.AudioCodecContext)
    return [frame for packet in packets for frame in decoder.decode(av.Packet(packet))]


def peak(frames: list[av.AudioFrame]) -> int:
    return max(
        abs(sample)
        for frame in frames
        for sample in memoryview(bytes(frame.planes[0])).cast("h")[: frame.samples]
    )


def test_voice_is_audible_and_soft_and_ends_in_silence(content: Content) -> None:
    frames = decode_audio(content.speech.packets)
    assert len(content.speech.packets) == len(content.speech.levels) == 400
    assert 1500 < peak(frames) < 9000  # -27 to -11 dB full scale
    assert peak(frames[-20:]) < 60
    assert min(content.speech.levels) < 35
    assert set(content.speech.levels[-20:]) == {127}


def test_the_empty_room_is_far_below_the_voice(content: Content) -> None:
    frames = decode_audio(content.room.packets)
    assert 0 < peak(frames) < 200
    assert min(content.room.levels) > 60


def test_voices_differ_by_site() -> None:
    assert encode_audio(speech("Hà Nội", 1)) != encode_audio(speech("Lạng Sơn", 1))


def test_frames_are_20_ms() -> None:
    assert {frame.samples for frame in room_tone(1)} == {FRAME_SAMPLES}


def test_content_is_made_once_and_then_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = VideoFormat(width=160, height=90, fps=5, kbps=100, seconds=1, key_interval=1)
    made = load("Huế", "Điểm cầu", tiny, tmp_path / "cache")
    monkeypatch.setattr("bridge.simulator.content.encode", lambda *_: pytest.fail("made again"))
    assert load("Huế", "Điểm cầu", tiny, tmp_path / "cache") == made


def test_a_damaged_cache_file_is_made_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tiny = VideoFormat(width=160, height=90, fps=5, kbps=100, seconds=1, key_interval=1)
    made = load("Huế", "Điểm cầu", tiny, tmp_path)
    (path,) = tmp_path.glob("*.loop")
    path.write_bytes(b"\x93half")
    with caplog.at_level(logging.WARNING):
        again = load("Huế", "Điểm cầu", tiny, tmp_path)
    assert again.speech == made.speech
    assert "cannot be read" in caplog.text


def test_an_unwritable_cache_costs_time_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    tiny = VideoFormat(width=160, height=90, fps=5, kbps=100, seconds=1, key_interval=1)
    with caplog.at_level(logging.WARNING):
        assert load("Huế", "Điểm cầu", tiny, blocked / "cache").video.frames
    assert "cannot be written" in caplog.text
