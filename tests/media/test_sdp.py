"""Reading offers: real ones whole, broken ones refused with a word on what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Code, ProtocolError
from bridge.media.answer import negotiate
from bridge.media.sdp import MAX_LINES, MAX_MEDIA, MAX_OFFER, Offer, parse_fragment, parse_offer

CHROMIUM = """v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2
a=extmap-allow-mixed
a=msid-semantic: WMS
m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 45 46
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:Xg5T
a=ice-pwd:q0u9cIVYBDEVN9hGO4CmtZ+1
a=ice-options:trickle
a=fingerprint:sha-256 AB:CD
a=setup:actpass
a=mid:0
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:3/sendonly http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=sendonly
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:102 H264/90000
a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
a=rtpmap:103 rtx/90000
a=fmtp:103 apt=102
a=rtpmap:45 VP9/90000
a=rtpmap:46 rtx/90000
a=rid:q send
a=rid:f send
a=simulcast:send q;~f
a=ssrc-group:FID 11 12
a=ssrc-group:SIM 11 12
a=ssrc:11 cname:x
a=ssrc:11 msid:a b
a=ssrc:12 cname:x
m=audio 9 UDP/TLS/RTP/SAVPF 111 0
c=IN IP4 0.0.0.0
a=ice-ufrag:Xg5T
a=ice-pwd:q0u9cIVYBDEVN9hGO4CmtZ+1
a=fingerprint:sha-256 AB:CD
a=setup:actpass
a=mid:1
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
m=video 0 UDP/TLS/RTP/SAVPF 96
a=bundle-only
a=mid:2
a=recvonly
a=rtpmap:96 VP8/90000
"""


def parse(text: str) -> Offer:
    return parse_offer(text.replace("\n", "\r\n"))


def without(text: str) -> str:
    """Return the offer without lines that begin with *text*."""
    return "".join(line + "\n" for line in CHROMIUM.splitlines() if not line.startswith(text))


def test_a_real_offer_is_read_whole() -> None:
    offer = parse(CHROMIUM)
    assert (offer.ufrag, offer.password) == ("Xg5T", "q0u9cIVYBDEVN9hGO4CmtZ+1")
    assert offer.fingerprints == [("sha-256", "AB:CD")]
    assert offer.setup == "actpass"
    assert offer.bundle == ("0", "1", "2")
    camera, sound, slot = offer.media
    assert camera.formats == ["96", "97", "102", "103", "45", "46"]
    assert camera.codecs[102] == ("h264", 90_000, 1)
    assert camera.fmtp[97] == "apt=96"
    assert camera.extensions["urn:ietf:params:rtp-hdrext:sdes:mid"] == 4
    assert 3 in camera.extensions.values(), "the direction of an extmap is skipped"
    assert camera.rids == ("q", "f")
    assert camera.ssrcs == [11, 12]
    assert camera.rtx_ssrcs == {12: 11}
    assert camera.reduced_size
    assert camera.sends
    assert sound.direction == "sendrecv"
    assert sound.sends
    assert sound.codecs == {111: ("opus", 48_000, 2)}
    assert (slot.port, slot.bundle_only, slot.direction) == (0, True, "recvonly")
    assert offer.mixed
    assert not camera.mixed
    assert [media.usable for media in offer.media] == [True, True, True]
    assert not slot.sends


def test_line_ends_may_be_unix_ones() -> None:
    assert parse_offer(CHROMIUM).media[0].mid == "0"


def test_session_level_attributes_count_for_all() -> None:
    text = without("a=ice").replace(
        "t=0 0\n",
        "t=0 0\na=ice-ufrag:s\na=ice-pwd:p\na=recvonly\na=extmap:9 urn:x\na=mid:stray\n"
        "a=rtpmap:stray\na=fmtp:stray\na=simulcast:stray\na=ssrc:stray\na=bundle-only\n"
        "a=rtcp-rsize\n",
    )
    offer = parse(text)
    assert offer.ufrag == "s"
    assert offer.media[1].direction == "recvonly"
    assert offer.media[1].extensions == {"urn:x": 9}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "v=0"),
        ("hello\n", "v=0"),
        (CHROMIUM[:-20], "cut off"),
        (CHROMIUM[: CHROMIUM.index("m=audio")], "BUNDLE group names"),
        (CHROMIUM[: CHROMIUM.index("a=rtpmap:45")] + "m=audio 9 RTP 0\na=mid:1\n", "BUNDLE"),
        (without("a=group")[: without("a=group").index("a=rtpmap:45")], "payload type 45"),
        ("v=0\ns=-\n", "no m="),
        (without("a=ice-pwd"), "ice-ufrag"),
        (without("a=fingerprint"), "fingerprint"),
        (CHROMIUM.replace("a=mid:1", "a=mid:0"), "same mid"),
        (CHROMIUM.replace("m=video 9", "m=video nine"), "line 8"),
        (CHROMIUM.replace("m=video 9", "m=video"), "line 8"),
        (CHROMIUM.replace("m=video 9", "m=video 65536"), "line 8"),
        (CHROMIUM.replace("m=video 9", "m=video -1"), "line 8"),
        (CHROMIUM.replace("SAVPF 96 97", "SAVPF 96 128 97"), "line 8"),
        (CHROMIUM.replace("SAVPF 96 97", "SAVPF 96 +97"), "line 8"),
        (CHROMIUM.replace("SAVPF 96 97", "SAVPF 96 ٩٧"), "line 8"),
        (CHROMIUM.replace("SAVPF 96 97", "SAVPF 96 " + "9" * 5000), "line 8"),
        (CHROMIUM.replace("m=video 9", "m=video " + "9" * 5000), "line 8"),
        (CHROMIUM.replace("a=rtpmap:96 VP8/90000", "a=rtpmap:296 VP8/90000"), "line 22"),
        (CHROMIUM.replace("a=rtpmap:96 VP8/90000", "a=rtpmap:"), "line 22"),
        (CHROMIUM.replace("a=setup:actpass", "a=setup:holdconn"), "line 15"),
        (CHROMIUM.replace("a=simulcast:send q;~f", "a=simulcast:send"), "line 34"),
        (CHROMIUM.replace("s=-", "x"), "x=..."),
        (CHROMIUM.replace("m=audio 9 UDP/TLS/RTP/SAVPF 111 0", "m=audio 9 RTP"), "line 40"),
        (CHROMIUM.replace("a=mid:1", "a=mid:1 2"), "line 46"),
        (CHROMIUM.replace("a=mid:1", "a=mid:"), "line 46"),
        ("v=0\n" + "a=x\n" * (MAX_LINES + 1), "lines"),
        ("v=0\n" + "a" * (MAX_OFFER + 1) + "\n", "characters"),
        (CHROMIUM + "m=audio 9 RTP/AVP 0\n" * MAX_MEDIA, "cannot be read"),
        (CHROMIUM + "m=audio 9 RTP/AVP" + " 0" * 200 + "\n", "cannot be read"),
        (CHROMIUM + "".join(f"a=fingerprint:sha-256 {i}\n" for i in range(9)), "cannot be read"),
        (CHROMIUM + "".join(f"a=ssrc:{i} cname:x\n" for i in range(99)), "cannot be read"),
        (CHROMIUM + "".join(f"a=ssrc-group:FID 1 {i}\n" for i in range(99)), "cannot be read"),
        (CHROMIUM + "".join(f"a=extmap:1 urn:{i}\n" for i in range(99)), "cannot be read"),
        # every section begins with a copy of these: 16,000 of them took 42 MB
        ("v=0\n" + "".join(f"a=extmap:1 urn:{i}\n" for i in range(99)), "line 66"),
    ],
)
def test_a_broken_offer_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse(text)
    assert refused.value.code is Code.SDP_MALFORMED
    assert why in refused.value.message


def test_a_static_payload_type_needs_no_rtpmap() -> None:
    assert parse(CHROMIUM).media[1].formats == ["111", "0"]


def test_a_fragment_has_credentials_or_not() -> None:
    assert parse_fragment("a=ice-ufrag:u\r\na=ice-pwd:p\r\na=ice-ufrag:later\r\n") == ("u", "p")
    assert parse_fragment("a=candidate:1 1 udp 1 192.0.2.1 9 typ host") == ("", "")
    later = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\n"
    assert parse_fragment("a=group:BUNDLE 0 1\r\n" + later) == ("u", "p")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a" * (MAX_OFFER + 1), "characters"),
        ("", "line 1"),
        ("hello", "line 1"),
        ("a=mid:0\r\n\r\n\r\nx", "line 2"),
        ("a=ice-ufrag:u\r\n", "only one of"),
        ("a=ice-ufrag:\r\na=ice-pwd:p\r\n", "only one of"),
    ],
)
def test_a_broken_fragment_is_refused(text: str, why: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse_fragment(text)
    assert refused.value.code is Code.SDP_MALFORMED
    assert why in refused.value.message


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    for whole in (text, "v=0\n" + text + "\n", CHROMIUM + text + "\n"):
        try:
            parse_offer(whole)
        except ProtocolError as error:
            assert error.code is Code.SDP_MALFORMED


@pytest.mark.parametrize("digits", ["", "-1", "128", "9" * 5000])
def test_an_impossible_repair_is_no_repair(digits: str) -> None:
    offer = parse(CHROMIUM.replace("apt=96", f"apt={digits}"))
    codec = negotiate(offer, ("main",), publish=True)[0].codecs[0]
    assert (codec.name, codec.rtx) == ("vp8", -1)


LINES = CHROMIUM.splitlines()


@given(st.integers(0, len(LINES) - 1), st.text(max_size=12), st.integers(0, 40))
def test_any_damaged_line_is_read_or_refused(at: int, text: str, place: int) -> None:
    line = LINES[at]
    damaged = [*LINES[:at], line[:place] + text + line[place + 1 :], *LINES[at + 1 :]]
    try:
        parse_offer("\n".join(damaged) + "\n")
    except ProtocolError as error:
        assert error.code is Code.SDP_MALFORMED


def test_the_first_line_speaks_for_the_transport_of_all() -> None:
    first, _, rest = CHROMIUM.partition("a=setup:actpass")
    assert parse(first + "a=setup:active" + rest).setup == "active"
    assert parse(first + "a=setup:actpass" + rest.replace("actpass", "passive")).setup == "actpass"


def test_attributes_of_one_line_count_for_that_line() -> None:
    text = CHROMIUM.replace("a=mid:1\n", "a=mid:1\na=extmap-allow-mixed\na=rtcp-mux-only\n")
    lines = parse(text.replace("t=0 0\n", "t=0 0\na=rtcp-mux-only\n")).media
    assert [line.mixed for line in lines] == [False, True, False]
    assert [line.mux_only for line in lines] == [False, True, False]
