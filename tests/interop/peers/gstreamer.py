"""GStreamer's webrtcbin behind the exchange of WHIP or WHEP, for machines without gst-plugins-rs.

Its elements ``whipclientsink`` and ``whepclientsrc`` are the same webrtcbin behind the same HTTP.
Runs under the system's Python, which has GStreamer's bindings::

    python3 gstreamer.py publish <endpoint> <token> vp8|h264 [bundle policy]
    python3 gstreamer.py view <endpoint> <token>

Until a line comes on standard input. A viewer writes ``{"frames": ..., "samples": ...}`` once a
second, what it has decoded.
"""

from __future__ import annotations

import json
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

PICTURE = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=400,height=300,framerate=20/1"
VIDEO = {
    "vp8": "vp8enc deadline=1 keyframe-max-dist=40 ! rtpvp8pay pt=96 picture-id-mode=15-bit",
    "h264": "videoconvert ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=40 "
    "! video/x-h264,profile=constrained-baseline ! rtph264pay pt=96 config-interval=-1 "
    "aggregate-mode=zero-latency",
}
TONE = "audiotestsrc is-live=true ! audioconvert ! audioresample ! opusenc ! rtpopuspay pt=97"
DECODE = {
    "VP8": "rtpvp8depay ! vp8dec ! fakesink name=end signal-handoffs=true sync=false",
    "OPUS": "rtpopusdepay ! opusdec ! fakesink name=end signal-handoffs=true sync=false",
}


class Session:
    """One peer: offer with all candidates, answer, until the end."""

    def __init__(self, endpoint: str, token: str, pipeline: Any) -> None:
        self.endpoint, self.token = endpoint, token
        self.resource = ""
        self.pipeline = pipeline
        self.webrtc = pipeline.get_by_name("webrtc")
        self.webrtc.connect("notify::ice-gathering-state", self.on_gathering)
        self.webrtc.connect("notify::connection-state", self.on_state)

    def offer(self) -> bool:
        """Begin."""
        self.webrtc.emit(
            "create-offer", None, Gst.Promise.new_with_change_func(self.on_offer, None)
        )
        return False

    def on_offer(self, promise: Any, _: object) -> None:
        promise.wait()
        reply = promise.get_reply()  # owns the offer
        self.webrtc.emit("set-local-description", reply["offer"], Gst.Promise.new())

    def on_gathering(self, webrtc: Any, _: object) -> None:
        if webrtc.get_property("ice-gathering-state") != GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            return
        offer = webrtc.get_property("local-description").sdp.as_text()
        answer = self.request("POST", self.endpoint, offer, 201)
        _, message = GstSdp.SDPMessage.new_from_text(answer)
        description = GstWebRTC.WebRTCSessionDescription.new(
            GstWebRTC.WebRTCSDPType.ANSWER, message
        )
        webrtc.emit("set-remote-description", description, Gst.Promise.new())

    def on_state(self, webrtc: Any, _: object) -> None:
        print("state", webrtc.get_property("connection-state").value_nick, flush=True)

    def request(self, method: str, url: str, body: str, wanted: int) -> str:
        """Ask and return the body; anything but *wanted* ends the program."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/sdp"}
        request = urllib.request.Request(url, body.encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                status, text = response.status, str(response.read(), "utf-8")
                self.resource = urllib.parse.urljoin(url, response.headers.get("Location", url))
        except urllib.error.HTTPError as error:
            status, text = error.code, str(error.read(), "utf-8")
        if status != wanted:
            sys.exit(f"{method} gave {status}: {text}")
        return text

    def end(self) -> None:
        """Leave."""
        if not self.resource:
            sys.exit("No session was made.")
        self.request("DELETE", self.resource, "", 200)
        print("deleted 200", flush=True)
        self.pipeline.set_state(Gst.State.NULL)


def publisher(codec: str, policy: str) -> Any:
    """Return a pipeline that sends picture and tone."""
    return Gst.parse_launch(
        f"webrtcbin name=webrtc bundle-policy={policy} "
        f"{PICTURE} ! {VIDEO[codec]} ! queue ! webrtc. {TONE} ! queue ! webrtc."
    )


def viewer(seen: dict[str, int]) -> Any:
    """Return a pipeline that decodes what it is sent and counts it in *seen*."""
    pipeline = Gst.Pipeline.new("viewer")
    webrtc = Gst.ElementFactory.make("webrtcbin", "webrtc")
    webrtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
    pipeline.add(webrtc)
    common = "application/x-rtp,media="
    for caps in (
        common + "video,encoding-name=VP8,payload=96,clock-rate=90000,rtcp-fb-nack-pli=true",
        common + "audio,encoding-name=OPUS,payload=97,clock-rate=48000,encoding-params=(string)2",
    ):
        webrtc.emit(
            "add-transceiver",
            GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY,
            Gst.caps_from_string(caps),
        )

    def on_pad(_: object, pad: Any) -> None:
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        structure = pad.get_current_caps().get_structure(0)
        decoder = Gst.parse_bin_from_description(
            "queue ! " + DECODE[structure.get_string("encoding-name")], True
        )
        name = "frames" if structure.get_string("media") == "video" else "samples"

        def count(*_: object) -> None:
            seen[name] += 1

        decoder.get_by_name("end").connect("handoff", count)
        pipeline.add(decoder)
        decoder.sync_state_with_parent()
        pad.link(decoder.get_static_pad("sink"))

    webrtc.connect("pad-added", on_pad)
    return pipeline


def main(
    mode: str, endpoint: str, token: str, codec: str = "vp8", policy: str = "max-bundle"
) -> None:
    """Run until a line comes."""
    Gst.init(None)
    seen = {"frames": 0, "samples": 0}
    pipeline = publisher(codec, policy) if mode == "publish" else viewer(seen)
    session = Session(endpoint, token, pipeline)
    pipeline.set_state(Gst.State.PLAYING)
    GLib.timeout_add(300, session.offer)  # by then its pads know their formats
    loop = GLib.MainLoop()

    def tell() -> bool:
        print(json.dumps(seen), flush=True)
        return True

    if mode == "view":
        GLib.timeout_add(1000, tell)

    def wait_for_end() -> None:
        sys.stdin.readline()
        GLib.idle_add(loop.quit)

    threading.Thread(target=wait_for_end, daemon=True).start()
    loop.run()
    session.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
