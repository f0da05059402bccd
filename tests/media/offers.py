"""Offers as real encoders and players write them, from their sources or caught on the wire.

Each has other credentials and candidates every time; everything else is as they send it.
"""

from __future__ import annotations

FINGERPRINT = "sha-256 " + ":".join(["AB"] * 32)
ICE = "a=ice-ufrag:uUuU\na=ice-pwd:pPpPpPpPpPpPpPpPpPpPpP"

#: OBS Studio 30 to 32 (libdatachannel): audio first, no header extensions, no RTX.
OBS = f"""v=0
o=rtc 1103166213 0 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=group:LS 0 1
a=msid-semantic:WMS *
a=ice-options:ice2,trickle
a=fingerprint:{FINGERPRINT}
m=audio 39770 UDP/TLS/RTP/SAVPF 111
c=IN IP4 192.0.2.2
a=mid:0
a=sendonly
a=ssrc:1234 cname:cname
a=ssrc:1234 msid:stream stream-audio
a=msid:stream stream-audio
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;maxaveragebitrate=96000;stereo=1;sprop-stereo=1;useinbandfec=1
a=setup:actpass
{ICE}
a=candidate:2 1 UDP 2116026111 2001:db8::2 39770 typ host
a=candidate:1 1 UDP 2114977791 192.0.2.2 39770 typ host
a=end-of-candidates
m=video 39770 UDP/TLS/RTP/SAVPF 96
c=IN IP4 192.0.2.2
a=mid:1
a=sendonly
a=ssrc:4567 cname:cname
a=ssrc:4567 msid:stream stream-video
a=msid:stream stream-video
a=rtcp-mux
a=rtpmap:96 H264/90000
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtcp-fb:96 goog-remb
a=fmtp:96 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1
a=setup:actpass
{ICE}
"""

#: FFmpeg 8 and 9: wants to be the DTLS server, an RTX line for H264, no header extensions.
FFMPEG = f"""v=0
o=FFmpeg 4489045141692799359 2 IN IP4 127.0.0.1
s=FFmpegPublishSession
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
{ICE}
a=fingerprint:{FINGERPRINT}
a=setup:passive
a=mid:0
a=sendonly
a=msid:FFmpeg audio
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=ssrc:2731923498 cname:FFmpeg
a=ssrc:2731923498 msid:FFmpeg audio
m=video 9 UDP/TLS/RTP/SAVPF 106 105
c=IN IP4 0.0.0.0
{ICE}
a=fingerprint:{FINGERPRINT}
a=setup:passive
a=mid:1
a=sendonly
a=msid:FFmpeg video
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:106 H264/90000
a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42c01f
a=rtcp-fb:106 nack
a=rtpmap:105 rtx/90000
a=fmtp:105 apt=106
a=ssrc-group:FID 4022213451 3015498753
a=ssrc:4022213451 cname:FFmpeg
a=ssrc:4022213451 msid:FFmpeg video
"""

#: GStreamer 1.22's webrtcbin with bundle-policy=max-bundle, as whipsink uses it.
GSTREAMER = f"""v=0
o=- 8414297842318519438 0 IN IP4 0.0.0.0
s=-
t=0 0
a=ice-options:trickle
a=group:BUNDLE video0 audio1
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=setup:actpass
{ICE}
a=rtcp-mux
a=rtcp-rsize
a=sendrecv
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 nack pli
a=rtcp-fb:96 ccm fir
a=rtcp-fb:96 transport-cc
a=framerate:20
a=ssrc:143679160 msid:user3837799327@host-173809e9 webrtctransceiver0
a=ssrc:143679160 cname:user3837799327@host-173809e9
a=mid:video0
a=fingerprint:{FINGERPRINT}
a=rtcp-mux-only
a=candidate:1 1 UDP 2015363327 192.0.2.2 42557 typ host
a=candidate:2 1 TCP 1015021823 192.0.2.2 9 typ host tcptype active
a=candidate:7 1 UDP 2015363839 fe80::fc:ff:fe00:1 35572 typ host
m=audio 0 UDP/TLS/RTP/SAVPF 97
c=IN IP4 0.0.0.0
a=setup:actpass
{ICE}
a=bundle-only
a=rtcp-mux
a=rtcp-rsize
a=sendrecv
a=rtpmap:97 OPUS/48000/2
a=rtcp-fb:97 transport-cc
a=fmtp:97 sprop-stereo=0;sprop-maxcapturerate=48000
a=ssrc:1732334007 msid:user3837799327@host-173809e9 webrtctransceiver1
a=ssrc:1732334007 cname:user3837799327@host-173809e9
a=mid:audio1
a=fingerprint:{FINGERPRINT}
a=rtcp-mux-only
"""

#: Larix Broadcaster and other apps on libwebrtc for Android: H264 only, by hardware.
LARIX = f"""v=0
o=- 5311730421876103542 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS larix
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
{ICE}
a=ice-options:trickle renomination
a=fingerprint:{FINGERPRINT}
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendonly
a=msid:larix audio0
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
{ICE}
a=ice-options:trickle renomination
a=fingerprint:{FINGERPRINT}
a=setup:actpass
a=mid:1
a=extmap:14 urn:ietf:params:rtp-hdrext:toffset
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
a=sendonly
a=msid:larix video0
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:96 H264/90000
a=rtcp-fb:96 goog-remb
a=rtcp-fb:96 transport-cc
a=rtcp-fb:96 ccm fir
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640c1f
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:98 H264/90000
a=fmtp:98 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:99 rtx/90000
a=fmtp:99 apt=98
"""

#: Safari 17 as a WHEP player: H264 before VP8, mode 0 beside mode 1, a data channel beside.
SAFARI = f"""v=0
o=- 3063426583128173054 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2
a=extmap-allow-mixed
a=msid-semantic: WMS
m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100 101
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
{ICE}
a=ice-options:trickle
a=fingerprint:{FINGERPRINT}
a=setup:actpass
a=mid:0
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=recvonly
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:96 H264/90000
a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640c1f
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:98 H264/90000
a=fmtp:98 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f
a=rtpmap:99 H265/90000
a=rtpmap:100 VP8/90000
a=rtpmap:101 rtx/90000
a=fmtp:101 apt=100
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8
c=IN IP4 0.0.0.0
{ICE}
a=fingerprint:{FINGERPRINT}
a=setup:actpass
a=mid:1
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=recvonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
{ICE}
a=fingerprint:{FINGERPRINT}
a=setup:actpass
a=mid:2
a=sctp-port:5000
"""

#: Firefox ESR as a WHEP player: fingerprint for all, extensions with directions, bundle-only.
FIREFOX = f"""v=0
o=mozilla...THIS_IS_SDPARTA-99.0 6417430937245043041 0 IN IP4 0.0.0.0
s=-
t=0 0
a=fingerprint:{FINGERPRINT}
a=group:BUNDLE 0 1
a=ice-options:trickle
a=msid-semantic:WMS *
m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101
c=IN IP4 0.0.0.0
a=recvonly
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level
a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1
a=fmtp:101 0-15
{ICE}
a=mid:0
a=rtcp-mux
a=rtpmap:109 opus/48000/2
a=rtpmap:9 G722/8000/1
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=setup:actpass
a=ssrc:1 cname:x
m=video 0 UDP/TLS/RTP/SAVPF 120 124 126 127
c=IN IP4 0.0.0.0
a=bundle-only
a=recvonly
a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid
a=extmap:4 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:6/recvonly http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
a=fmtp:126 profile-level-id=42e01f;level-asymmetry-allowed=1;packetization-mode=1
a=fmtp:120 max-fs=12288;max-fr=60
a=fmtp:124 apt=120
a=fmtp:127 apt=126
{ICE}
a=mid:1
a=rtcp-fb:120 nack
a=rtcp-fb:120 nack pli
a=rtcp-mux
a=rtcp-rsize
a=rtpmap:120 VP8/90000
a=rtpmap:124 rtx/90000
a=rtpmap:126 H264/90000
a=rtpmap:127 rtx/90000
a=setup:actpass
"""

ALL = {
    "OBS": OBS,
    "FFmpeg": FFMPEG,
    "GStreamer": GSTREAMER,
    "Larix": LARIX,
    "Safari": SAFARI,
    "Firefox": FIREFOX,
}
