"""What is on a slate, as decoders see it; and the file it is kept in."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from PIL import Image, ImageStat

from bridge.config import load_event
from bridge.rtp import h264, vp8
from bridge.slates import encode as encoder
from bridge.slates.cards import cards_of
from bridge.slates.draw import draw
from bridge.slates.encode import encode
from bridge.slates.still import SIZE, Still, path_of, read, write
from tests.running import EVENT
from tests.slates.pictures import NAME, annex_b, card, decoded, difference, shows, still

LONG = "Ủy ban nhân dân tỉnh Bà Rịa - Vũng Tàu và các cơ quan trung ương đóng trên địa bàn tỉnh"


def bright(image: Image.Image, box: tuple[int, int, int, int]) -> float:
    return ImageStat.Stat(image.crop(box).convert("L")).extrema[0][1]


@pytest.mark.parametrize(
    ("site", "other"), [("Điện Biên", "Quảng Trị"), ("Quảng Trị", "Điện Biên")]
)
def test_both_codecs_show_what_was_drawn(site: str, other: str) -> None:
    found = still(site)
    drawn = draw(card(site))
    assert drawn.size == SIZE
    pictures = [*decoded("vp8", found.vp8), *decoded("h264", *map(annex_b, found.h264))]
    assert len(pictures) == 3
    for seen in pictures:
        assert seen.size == SIZE
        assert difference(seen, drawn) < 6
        assert shows(seen, site, [other])


def test_marks_make_another_name() -> None:
    """Letters that differ only in their marks: no letter is missing in the font."""
    names = ["Điện Biên", "Dien Bien", "Điên Biên", "Điền Biên", "Điễn Biên", "Điển Biên"]
    pictures = [draw(card(name)).crop(NAME) for name in names]
    for place, one in enumerate(pictures):
        for other in pictures[place + 1 :]:
            assert difference(one, other) > 1
    boxes = [
        draw(card(glyph * 6)).crop(NAME)
        for glyph in "ạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"
    ]
    for one, other in pairwise(boxes):
        assert difference(one, other) > 0.5, "two letters without a glyph would be the same box"


def test_long_names_stay_within_the_picture() -> None:
    image = draw(card(LONG, session=LONG, event=LONG))
    ground = draw(card(""))
    assert difference(image, ground) > 5
    for box in ((0, 0, 40, 720), (1240, 0, 1280, 720), (0, 0, 1280, 30), (0, 705, 1280, 720)):
        assert bright(image, box) < 100, "no letter touches the edge"


def test_every_line_is_there() -> None:
    whole = draw(card())
    for field in ("note", "event", "session"):
        assert difference(whole, draw(card(**{field: ""}))) > 1, field


def test_h264_is_for_every_decoder_and_two_may_follow_each_other() -> None:
    pictures = still("Điện Biên").h264
    for units in pictures:
        assert [unit[0] & 31 for unit in units] == [7, 8, 5]
        profile, constraints, level = units[0][1:4]
        assert (profile, constraints & 0x40, level) == (66, 0x40, 31), "constrained baseline"
        assert h264.is_keyframe(units[0])
        assert h264.frame_size(units[0]) == SIZE
    first, second = (units[2] for units in pictures)
    assert first != second, "the idr_pic_id of neighbours differs"


def test_vp8_is_a_key_frame_of_moderate_size() -> None:
    data = still("Điện Biên").vp8
    assert vp8.is_keyframe(b"\x10" + data)
    assert vp8.frame_size(b"\x10" + data) == SIZE
    assert 5_000 < len(data) < 40_000


def test_without_x264_there_is_vp8(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "H264", "no such encoder")
    found = encode(draw(card()))
    assert found.h264 == ()
    assert decoded("vp8", found.vp8)


def test_a_file_is_named_after_what_it_shows(tmp_path: Path) -> None:
    cards = [card(), card("Sơn La"), card(note="x"), card(event="x"), card(session="x")]
    paths = [path_of(one, tmp_path) for one in cards]
    assert len(set(paths)) == len(paths)
    assert path_of(card(), tmp_path) == paths[0]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "made" / "a.slate"
    assert read(path) is None
    write(path, still("Điện Biên"))
    assert read(path) == still("Điện Biên")
    assert list(path.parent.iterdir()) == [path]


def test_any_damage_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.slate"
    small = Still(vp8=b"key", h264=((b"\x67", b"\x65"),))
    write(path, small)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :])
        assert read(path) is None
        path.write_bytes(whole[:place])
        assert read(path) is None
    path.write_bytes(whole)
    assert read(path) == small


def test_another_form_is_no_still(tmp_path: Path) -> None:
    class Other(msgspec.Struct):
        vp9: bytes

    path = tmp_path / "a.slate"
    write(path, Other(vp9=b"key"))  # type: ignore[arg-type]
    assert read(path) is None
    path.unlink()
    path.mkdir()
    assert read(path) is None


def test_the_cards_of_an_event() -> None:
    event = load_event(EVENT)
    cards = cards_of(event)
    assert list(cards) == [session.id for session in event.sessions]
    plenary = cards["plenary"]
    assert set(plenary) == {site.code for site in event.sites}
    assert plenary["dien-bien"] == card()
    assert plenary["ha-noi"].site == "Điểm cầu Trung tâm (Hà Nội)"
    assert cards["thematic-01"]["dien-bien"].session.startswith("Tư duy")
