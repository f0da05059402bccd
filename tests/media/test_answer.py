"""What is accepted of an offer, and the answer that says so."""

from __future__ import annotations

import pytest

from bridge.errors import Code, ProtocolError
from bridge.media.answer import (
    ABS_SEND_TIME,
    AUDIO_LEVEL,
    MID,
    TRANSPORT_CC,
    LocalDescription,
    Section,
    build_answer,
    negotiate,
)
from bridge.media.sdp import parse_offer
from tests.media.client import LEVEL_ID, offer_text

LOCAL = LocalDescription(
    "ours", "secret", "AA:BB", [("192.0.2.1", 5000), ("2001:db8::1", 5000)], False, 42, 1
)


def offer(*lines: str, **options: bool) -> str:
    return offer_text(lines, ufrag="u", password="p", **options)  # type: ignore[arg-type]


def take(text: str, *slots: str, publish: bool = True) -> list[Section]:
    return negotiate(parse_offer(text), slots, publish=publish)


PAGE = offer(
    "video sendonly",
    "audio sendonly",
    "video sendonly",
    "video recvonly",
    "video recvonly",
    "audio recvonly",
    "audio recvonly",
)


def test_every_m_line_gets_its_meaning() -> None:
    sections = take(PAGE, "main", "preview")
    assert [s.role for s in sections] == [
        "camera",
        "microphone",
        "slides",
        "main",
        "preview",
        "audio0",
        "audio1",
    ]
    assert [s.direction for s in sections] == ["recvonly"] * 3 + ["sendonly"] * 4
    assert [c.name for c in sections[0].codecs] == ["vp8", "h264"]
    assert sections[0].codecs[0].rtx == 97
    assert sections[0].codecs[0].clock_rate == 90_000
    assert sections[1].codecs[0].clock_rate == 48_000
    assert TRANSPORT_CC in sections[0].extensions
    assert set(sections[3].extensions) == {MID, ABS_SEND_TIME}


def test_more_slots_than_names_stay_inactive() -> None:
    sections = take(PAGE, "main")
    assert [s.direction for s in sections][3:5] == ["sendonly", "inactive"]
    assert "a=inactive" in build_answer(sections, LOCAL)


def test_who_may_not_publish_is_answered_inactive_and_may_still_receive() -> None:
    sections = take(PAGE, "main", "preview", publish=False)
    assert [s.role for s in sections] == ["", "", "", "main", "preview", "audio0", "audio1"]
    both = take(offer("video sendrecv", "audio sendrecv"), "main", publish=False)
    assert [(s.role, s.direction) for s in both] == [("main", "sendonly"), ("audio0", "sendonly")]


def test_the_answer_is_ice_lite_passive_and_bundled() -> None:
    sections = take(PAGE, "main", "preview")
    sections[3].announce = (1234, 5678)
    answer = build_answer(sections, LOCAL)
    assert answer.endswith("\r\n")
    head, camera, *rest = answer.split("\r\nm=")
    assert "a=ice-lite" in head
    assert "a=group:BUNDLE 0 1 2 3 4 5 6" in head
    assert "o=- 42 1 IN" in head
    assert camera.startswith("video 5000 UDP/TLS/RTP/SAVPF 96 97 102 103\r\nc=IN IP4 192.0.2.1\r\n")
    assert "a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host" in camera
    assert "a=candidate:2 1 udp 2130706175 2001:db8::1 5000 typ host" in camera
    assert all("a=candidate" not in section for section in rest)
    for section in (camera, *rest):
        assert "a=setup:passive" in section
        assert "a=rtcp-mux" in section
        assert "a=rtcp-rsize" in section
        assert "a=ice-ufrag:ours\r\na=ice-pwd:secret\r\na=fingerprint:sha-256 AA:BB" in section
    assert "a=rtcp-fb:96 transport-cc" in camera
    assert "a=rtcp-fb:96 goog-remb" not in camera
    main = rest[2]
    assert "a=sendonly" in main
    assert "a=rtcp-fb:96 goog-remb" in main
    assert "transport-cc" not in main
    assert "a=ssrc-group:FID 1234 5678" in main
    assert "a=msid:main main" in main
    assert "useinbandfec=1" in rest[0]
    assert "nack" not in rest[0]


def test_we_are_active_when_told_so() -> None:
    local = LocalDescription("o", "s", "AA", [("2001:db8::1", 1)], True, 1, 1)
    answer = build_answer(take(PAGE, "main"), local)
    assert "a=setup:active" in answer
    assert "c=IN IP6 2001:db8::1" in answer


def test_simulcast_is_accepted() -> None:
    text = offer_text(
        ("video sendonly", "audio sendonly"), ufrag="u", password="p", rids=("q", "h", "f")
    )
    answer = build_answer(take(text), LOCAL)
    assert "a=rid:h recv" in answer
    assert "a=simulcast:recv q;h;f" in answer


def test_of_h264_only_mode_1_counts_and_constrained_baseline_comes_first() -> None:
    text = offer("video sendonly", "audio sendonly").replace(
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103",
        "m=video 9 UDP/TLS/RTP/SAVPF 98 99 100 102 103",
    )
    text = text.replace("a=rtpmap:96 VP8/90000\r\n", "")
    text = text.replace("a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n", "")
    text = text.replace("a=fmtp:97 apt=96\r\n", "")
    for number, mode, profile in ((98, 0, "42e01f"), (99, 1, "640c1f"), (100, 1, "42001f")):
        text = text.replace(
            "a=rtpmap:102",
            f"a=rtpmap:{number} H264/90000\r\n"
            f"a=fmtp:{number} packetization-mode={mode};profile-level-id={profile}\r\n"
            "a=rtpmap:102",
        )
    sections = take(text)
    assert [c.payload_type for c in sections[0].codecs] == [102]
    without = text.replace("a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;", "a=x:")
    assert [c.payload_type for c in take(without)[0].codecs] == [100]
    text = without.replace("packetization-mode=1;profile-level-id=42001f", "profile-level-id=4")
    assert [c.payload_type for c in take(text)[0].codecs] == [99]


def test_m_lines_that_cannot_be_used_are_refused_one_by_one() -> None:
    text = offer("audio sendonly", "video sendonly", "audio recvonly").replace(
        "a=group:BUNDLE 0 1 2", "a=group:BUNDLE 0 1"
    )
    text = text.replace("m=video 9", "m=video 0")
    text += "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=sctp-port:5000\r\n"
    answer = build_answer(take(text), LOCAL)
    assert "a=group:BUNDLE 0\r\n" in answer
    sections = answer.split("\r\nm=")[1:]
    assert sections[1].startswith("video 0 UDP/TLS/RTP/SAVPF 96")
    assert "a=mid:1" in sections[1]
    assert sections[2].startswith("audio 0 ")
    assert sections[3].startswith("application 0 UDP/DTLS/SCTP webrtc-datachannel")
    assert "a=mid" not in sections[3]
    assert "a=candidate" in sections[0]


def test_bundle_only_lines_have_port_zero_and_are_accepted() -> None:
    text = (
        offer("video sendonly", "audio sendonly")
        .replace("m=audio 9", "m=audio 0")
        .replace("a=mid:1", "a=mid:1\r\na=bundle-only")
    )
    assert [s.role for s in take(text)] == ["camera", "microphone"]


def test_a_single_line_needs_no_bundle_and_no_mid() -> None:
    text = offer("audio recvonly").replace("a=group:BUNDLE 0\r\n", "").replace("a=mid:0\r\n", "")
    answer = build_answer(take(text), LOCAL)
    assert "BUNDLE" not in answer
    assert "a=mid" not in answer
    assert "m=audio 5000" in answer


@pytest.mark.parametrize(
    ("text", "publish", "why"),
    [
        (offer("video sendonly"), True, "audio m-line"),
        (offer("video sendonly", "audio recvonly"), True, "audio m-line"),
        (offer("application sendonly"), True, "m=audio"),
        (offer("audio sendonly").replace("m=audio 9", "m=audio 0"), True, "rejected"),
        (
            offer("video recvonly", "audio recvonly").replace("opus/48000/2", "speex/16000"),
            False,
            "Opus",
        ),
        (
            offer("video sendonly", "audio sendonly", h264=False).replace("VP8/90000", "AV1/90000"),
            True,
            "VP8 or H264",
        ),
        (
            offer("video recvonly", "audio recvonly").replace("a=group:BUNDLE 0 1\r\n", ""),
            False,
            "BUNDLE",
        ),
    ],
)
def test_what_cannot_work_is_said_clearly(text: str, publish: bool, why: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        take(text, "main", publish=publish)
    assert refused.value.code is Code.SDP_UNSUPPORTED
    assert why in refused.value.message


def test_a_viewer_may_leave_out_sound() -> None:
    assert [s.role for s in take(offer("video recvonly"), "main", publish=False)] == ["main"]
    assert [s.role for s in take(offer("audio sendonly"), publish=True)] == ["microphone"]


def test_the_audio_level_is_taken_of_microphones_only() -> None:
    sections = take(PAGE, "main", "preview")
    assert [s.role for s in sections if AUDIO_LEVEL in s.extensions] == ["microphone"]
    _, *lines = build_answer(sections, LOCAL).split("\r\nm=")
    told = [line for line in lines if f"a=extmap:{LEVEL_ID} {AUDIO_LEVEL}" in line]
    assert told == [lines[1]]
    without = PAGE.replace(f"a=extmap:{LEVEL_ID} {AUDIO_LEVEL}\r\n", "")
    assert AUDIO_LEVEL not in build_answer(take(without, "main"), LOCAL)


def test_what_both_sides_must_say_is_said_where_the_offer_says_it() -> None:
    plain = build_answer(take(PAGE, "main"), LOCAL)
    assert "mixed" not in plain
    assert "mux-only" not in plain
    assert "a=ice-lite\r\na=ice-options:ice2 trickle\r\n" in plain
    text = PAGE.replace("a=mid:1\r\n", "a=mid:1\r\na=extmap-allow-mixed\r\na=rtcp-mux-only\r\n")
    head, *lines = build_answer(take(text, "main"), LOCAL).split("\r\nm=")
    assert "mixed" not in head
    assert ["a=extmap-allow-mixed\r\n" in line for line in lines][:3] == [False, True, False]
    assert ["a=rtcp-mux-only\r\n" in line for line in lines][:3] == [False, True, False]
