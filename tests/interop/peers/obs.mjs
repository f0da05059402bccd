// What OBS Studio's WHIP output does (plugins/obs-webrtc/whip-output.cpp), with the same library:
// libdatachannel, its H.264 packetizer, sender reports and answers to NACK. OBS takes no other
// status than 201 for POST and 200 for DELETE, sends no PATCH, and knows no key frame requests.
//
//   node obs.mjs <endpoint> <token> <file.h264>     until a line comes on standard input

import { readFileSync } from "node:fs";
import { once } from "node:events";
import rtc from "node-datachannel";

const [endpoint, token, file] = process.argv.slice(2);
const FPS = 20;
const VIDEO_CLOCK = 90_000;
const OPUS_CLOCK = 48_000;
const OPUS_SILENCE = Buffer.from([0xf8, 0xff, 0xfe]); // 20 ms
const FRAGMENT_BYTES = 1200; // OBS's MAX_VIDEO_FRAGMENT_SIZE

/** Splits an Annex B stream at its access unit delimiters (NAL type 9). */
function accessUnits(stream) {
  const starts = [];
  const mark = Buffer.from([0, 0, 0, 1, 9]);
  for (let at = stream.indexOf(mark); at >= 0; at = stream.indexOf(mark, at + 5)) starts.push(at);
  return starts.map((start, i) => stream.subarray(start, starts[i + 1]));
}

const pc = new rtc.PeerConnection("obs", { iceServers: [] });
const state = { now: "new" };
pc.onStateChange((name) => {
  state.now = name;
  console.log(`state ${name}`);
});

function track(description, packetizer, config) {
  const added = pc.addTrack(description);
  const report = new rtc.RtcpSrReporter(config);
  packetizer.addToChain(report);
  packetizer.addToChain(new rtc.RtcpNackResponder());
  added.setMediaHandler(packetizer);
  return added;
}

const audio = new rtc.Audio("0", "SendOnly");
audio.addOpusCodec(111);
audio.addSSRC(1000, "cname", "stream", "stream-audio");
const audioConfig = new rtc.RtpPacketizationConfig(1000, "cname", 111, OPUS_CLOCK);
const audioTrack = track(audio, new rtc.RtpPacketizer(audioConfig), audioConfig);

const video = new rtc.Video("1", "SendOnly");
video.addH264Codec(96);
video.addSSRC(1001, "cname", "stream", "stream-video");
const videoConfig = new rtc.RtpPacketizationConfig(1001, "cname", 96, VIDEO_CLOCK);
const videoTrack = track(
  video,
  new rtc.H264RtpPacketizer("StartSequence", videoConfig, FRAGMENT_BYTES),
  videoConfig,
);

pc.setLocalDescription();
const authorization = `Bearer ${token}`;
const posted = await fetch(endpoint, {
  method: "POST",
  headers: { "Content-Type": "application/sdp", Authorization: authorization },
  body: pc.localDescription().sdp,
});
if (posted.status !== 201) throw new Error(`${posted.status} ${await posted.text()}`);
const resource = new URL(posted.headers.get("Location"), endpoint);
pc.setRemoteDescription(await posted.text(), "answer");

const frames = accessUnits(readFileSync(file));
let sent = 0;
const filming = setInterval(() => {
  if (!videoTrack.isOpen()) return;
  videoConfig.timestamp = (videoConfig.timestamp + VIDEO_CLOCK / FPS) >>> 0;
  videoTrack.sendMessageBinary(frames[sent++ % frames.length]);
}, 1000 / FPS);
const speaking = setInterval(() => {
  if (!audioTrack.isOpen()) return;
  audioConfig.timestamp = (audioConfig.timestamp + OPUS_CLOCK / 50) >>> 0;
  audioTrack.sendMessageBinary(OPUS_SILENCE);
}, 20);

await once(process.stdin, "data");
clearInterval(filming);
clearInterval(speaking);
pc.close();
const deleted = await fetch(resource, {
  method: "DELETE",
  headers: { Authorization: authorization },
});
console.log(`deleted ${deleted.status}`);
rtc.cleanup();
process.exit(0);
