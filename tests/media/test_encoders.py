"""The answer to each known encoder and player holds what that one needs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Code, ProtocolError
from bridge.media.answer import LocalDescription, build_answer, build_fragment, negotiate
from bridge.media.constraints import check_egress, check_ingest
from bridge.media.sdp import Offer, parse_offer
from tests.media import offers

HOST = "192.0.2.1"


def answered(text: str, *, publish: bool, check: Callable[[Offer], None]) -> list[str]:
    """Return the answer in its sections, the first of them the session's."""
    offer = parse_offer(text)
    check(offer)
    sections = negotiate(offer, () if publish else ("main",), publish=publish)
    for number, section in enumerate(sections):
        section.announce = (100 + number, 200 + number)
    local = LocalDescription(
        "ours",
        "secret",
        "CD:EF",
        [(HOST, 10_000)],
        offer.setup == "passive",
        7,
        1,
        offer.mixed,
        "" if publish else "program",
    )
    return build_answer(sections, local).split("\r\nm=")


def ingest(text: str) -> list[str]:
    return answered(text, publish=True, check=check_ingest)


def egress(text: str) -> list[str]:
    return answered(text, publish=False, check=check_egress)


@pytest.mark.parametrize("name", ["OBS", "FFmpeg", "GStreamer", "Larix"])
def test_every_encoder_gets_what_all_of_them_need(name: str) -> None:
    head, *lines = ingest(offers.ALL[name])
    offer = parse_offer(offers.ALL[name])
    assert "a=ice-lite" in head
    assert f"a=group:BUNDLE {' '.join(offer.bundle)}" in head
    assert [line.split()[0] for line in lines] == [media.kind for media in offer.media]
    for line, media in zip(lines, offer.media, strict=True):
        assert line.startswith(f"{media.kind} 10000 ")
        assert f"a=mid:{media.mid}\r\n" in line
        assert "a=recvonly\r\n" in line
        assert "a=rtcp-mux\r\n" in line
        assert "a=ice-ufrag:ours\r\n" in line
        assert "a=fingerprint:sha-256 CD:EF\r\n" in line
        assert set(line.split("\r\n")[0].split()[3:]) <= set(media.formats)
    assert f"{HOST} 10000 typ host" in lines[0]
    assert "a=end-of-candidates" in lines[0]


def test_obs_sends_h264_and_is_the_dtls_client() -> None:
    head, audio, video = ingest(offers.OBS)
    assert "extmap" not in head + audio + video
    assert "a=setup:passive" in audio
    assert video.startswith("video 10000 UDP/TLS/RTP/SAVPF 96\r\n")
    assert (
        "a=fmtp:96 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1" in video
    )
    assert "a=rtcp-fb:96 nack\r\n" in video
    assert "a=rtcp-fb:96 nack pli\r\n" in video
    assert "transport-cc" not in video, "it numbers no packets"
    assert "rtx" not in video
    assert "useinbandfec=1" in audio


def test_obs_with_h265_is_told_what_to_choose() -> None:
    with pytest.raises(ProtocolError) as refused:
        ingest(offers.OBS.replace("H264/90000", "H265/90000"))
    assert refused.value.code is Code.SDP_UNSUPPORTED
    assert "H264" in refused.value.message


def test_ffmpeg_is_the_dtls_server_and_may_send_repairs() -> None:
    head, audio, video = ingest(offers.FFMPEG)
    assert "a=extmap-allow-mixed" in head
    assert "a=setup:active" in audio
    assert "a=setup:active" in video
    assert video.startswith("video 10000 UDP/TLS/RTP/SAVPF 106 105\r\n")
    assert "a=rtpmap:105 rtx/90000\r\na=fmtp:105 apt=106" in video


def test_an_encoder_that_is_active_gets_a_passive_server() -> None:
    _, *lines = ingest(offers.OBS.replace("a=setup:actpass", "a=setup:active"))
    assert all("a=setup:passive" in line for line in lines)


def test_gstreamers_bundle_only_line_is_accepted() -> None:
    head, video, audio = ingest(offers.GSTREAMER)
    assert "a=group:BUNDLE video0 audio1" in head
    assert video.startswith("video 10000 UDP/TLS/RTP/SAVPF 96\r\n")
    assert audio.startswith("audio 10000 UDP/TLS/RTP/SAVPF 97\r\n"), "port 0 is no refusal here"
    assert "transport-cc" not in video, "it offers no header extension to number packets with"
    assert "a=rtcp-mux-only" in video
    assert "a=rtcp-mux-only" in audio


def test_gstreamer_without_bundle_is_told_of_it() -> None:
    lone = offers.GSTREAMER.replace("a=bundle-only\n", "").replace("m=audio 0", "m=audio 9")
    for group in ("", "a=group:BUNDLE video0\n"):
        with pytest.raises(ProtocolError, match="max-bundle"):
            ingest(lone.replace("a=group:BUNDLE video0 audio1\n", group))


def test_gstreamers_credentials_per_line_are_those_of_the_first() -> None:
    """Without max-bundle each m-line gathers for itself; the bundle uses the first one's."""
    first, _, rest = offers.GSTREAMER.partition("m=audio")
    other = rest.replace("uUuU", "vVvV").replace("a=setup:actpass", "a=setup:active")
    offer = parse_offer(first + "m=audio" + other)
    assert (offer.ufrag, offer.setup) == ("uUuU", "actpass")


def test_of_larixs_h264_constrained_baseline_is_chosen() -> None:
    head, audio, video = ingest(offers.LARIX)
    assert "a=extmap-allow-mixed" in head
    assert video.startswith("video 10000 UDP/TLS/RTP/SAVPF 98 99\r\n")
    assert "a=rtcp-fb:98 transport-cc" in video
    assert "ssrc-audio-level" in audio
    assert "toffset" not in video


def test_safari_plays_either_codec_in_one_stream() -> None:
    head, video, audio, data = egress(offers.SAFARI)
    assert head.endswith("a=group:BUNDLE 0 1")
    assert video.startswith("video 10000 UDP/TLS/RTP/SAVPF 100 101 96 97\r\n")
    assert "a=sendonly" in video
    assert "a=msid:program main\r\n" in video
    assert "a=msid:program audio0\r\n" in audio, "one MediaStream, so that picture and sound agree"
    assert audio.startswith("audio 10000 UDP/TLS/RTP/SAVPF 111\r\n")
    assert data.startswith("application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n")


def test_firefoxs_player_too() -> None:
    head, audio, video = egress(offers.FIREFOX)
    assert head.endswith("a=group:BUNDLE 0 1")
    assert audio.startswith("audio 10000 UDP/TLS/RTP/SAVPF 109\r\n")
    assert video.startswith("video 10000 UDP/TLS/RTP/SAVPF 120 124 126 127\r\n")
    assert "a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid" in video
    assert "a=extmap:4 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time" in video


@pytest.mark.parametrize(
    ("text", "check", "why"),
    [
        (offers.FIREFOX, check_ingest, "WHIP only publishes"),
        (offers.OBS, check_egress, "WHEP only plays"),
        (offers.OBS.replace("a=sendonly", "a=inactive"), check_ingest, "WHIP only publishes"),
    ],
)
def test_who_comes_to_the_wrong_door_is_told(
    text: str, check: Callable[[Offer], None], why: str
) -> None:
    with pytest.raises(ProtocolError) as refused:
        check(parse_offer(text))
    assert refused.value.code is Code.SDP_UNSUPPORTED
    assert why in refused.value.message


def second(kind: str, *, port: int) -> str:
    """OBS's offer with one more m-line of *kind*."""
    _, audio, video = offers.OBS.split("m=")
    more = {"audio": audio.replace("a=mid:0", "a=mid:2"), "video": video}[kind]
    more = more.replace("a=mid:1", "a=mid:2").replace("39770", str(port), 1)
    return offers.OBS.replace("BUNDLE 0 1", "BUNDLE 0 1 2") + "m=" + more


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_an_encoder_with_two_lines_of_a_kind_is_refused_as_a_whole(kind: str) -> None:
    with pytest.raises(ProtocolError, match=f"one m={kind} line"):
        ingest(second(kind, port=9))


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_a_line_the_encoder_rejected_itself_does_not_count(kind: str) -> None:
    *_, last = ingest(second(kind, port=0))
    assert last.startswith(f"{kind} 0 ")


def test_an_encoder_may_write_sendrecv_and_still_only_sends() -> None:
    _, *lines = ingest(offers.OBS.replace("a=sendonly", "a=sendrecv"))
    assert all("a=recvonly" in line for line in lines)


def test_a_fragment_holds_all_a_restarting_client_needs() -> None:
    offer = parse_offer(offers.FIREFOX)
    sections = negotiate(offer, ("main",), publish=False)
    local = LocalDescription(
        "new", "secret", "CD", [("2001:db8::1", 9), (HOST, 9)], False, 7, 2, False
    )
    fragment = build_fragment(sections, local)
    assert fragment.endswith("\r\n")
    assert fragment.split("\r\n")[:-1] == [
        "a=ice-lite",
        "a=ice-options:ice2 trickle",
        "a=group:BUNDLE 0 1",
        "m=audio 9 UDP/TLS/RTP/SAVPF 0",
        "a=mid:0",
        "a=ice-ufrag:new",
        "a=ice-pwd:secret",
        "a=candidate:1 1 udp 2130706431 2001:db8::1 9 typ host",
        f"a=candidate:2 1 udp 2130706175 {HOST} 9 typ host",
        "a=end-of-candidates",
    ]


@given(
    st.sampled_from(sorted(offers.ALL)),
    st.integers(0, 90),
    st.text(max_size=12),
    st.integers(0, 40),
)
def test_whatever_line_is_damaged_there_is_an_answer_or_a_refusal(
    name: str, at: int, text: str, place: int
) -> None:
    lines = offers.ALL[name].splitlines()
    line = lines[at % len(lines)]
    lines[at % len(lines)] = line[:place] + text + line[place + 1 :]
    for answer in (ingest, egress):
        try:
            head, *_ = answer("\n".join(lines) + "\n")
        except ProtocolError as error:
            assert error.code in {Code.SDP_MALFORMED, Code.SDP_UNSUPPORTED}
        else:
            assert head.startswith("v=0\r\n")
