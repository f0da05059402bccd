"""Offers are read by aiortc, answers by us."""

import pytest
from aiortc.sdp import SessionDescription

from bridge.simulator.ice import Candidate
from bridge.simulator.media import receiving
from bridge.simulator.sdp import VP8, VP8_RTX, Direction, Kind, Line, build_offer, parse_answer

ANSWER = """v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=ice-lite
a=group:BUNDLE 0 1
m=video 9000 UDP/TLS/RTP/SAVPF 96
c=IN IP4 10.0.0.1
a=mid:0
a=ice-ufrag:uf
a=ice-pwd:pw
a=fingerprint:sha-256 AA:BB
a=setup:passive
a=candidate:1 1 udp 2130706431 10.0.0.1 9000 typ host
a=candidate:1 1 UDP 2130706431 10.0.0.1 9000 typ host
m=audio 0 UDP/TLS/RTP/SAVPF 111
a=mid:1
a=ice-ufrag:uf
a=fingerprint:sha-256 AA:BB
""".replace("\n", "\r\n")


def test_another_implementation_reads_the_offer() -> None:
    lines = [
        Line(Kind.VIDEO, Direction.SEND, "0", ssrc=11, rtx_ssrc=12),
        Line(Kind.AUDIO, Direction.SEND, "1", ssrc=13),
        *receiving(video=1, audio=1),
    ]
    text = build_offer(
        lines,
        session_id=7,
        ufrag="uf",
        password="p" * 22,
        fingerprint="AA:BB",
        candidate=Candidate("127.0.0.1", 5000),
    )
    description = SessionDescription.parse(text)
    assert [(media.kind, media.direction) for media in description.media] == [
        ("video", "sendonly"),
        ("audio", "sendonly"),
        ("video", "recvonly"),
        ("audio", "recvonly"),
    ]
    video = description.media[0]
    assert [ssrc.ssrc for ssrc in video.ssrc] == [11, 12]
    assert [codec.payloadType for codec in video.rtp.codecs] == [VP8, VP8_RTX]
    assert video.ice_candidates[0].port == 5000
    assert description.group[0].items == ["0", "1", "2", "3"]


def test_the_answer_is_read() -> None:
    answer = parse_answer(ANSWER)
    assert answer.ice.ufrag == "uf"
    assert answer.ice.candidates == (Candidate("10.0.0.1", 9000),)
    assert answer.fingerprints == (("sha-256", "AA:BB"),)
    assert answer.we_are_client
    assert answer.accepted == {"0"}
    assert not parse_answer(ANSWER.replace("passive", "active")).we_are_client


@pytest.mark.parametrize("missing", ["ice-ufrag", "ice-pwd", "setup", "fingerprint"])
def test_an_unusable_answer_says_what_is_missing(missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        parse_answer(ANSWER.replace(f"a={missing}:", "a=other:"))
