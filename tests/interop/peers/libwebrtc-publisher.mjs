// An encoder on libwebrtc (as apps for phones and hardware encoders are): VP8 and Opus by WHIP.
//
//   node libwebrtc-publisher.mjs <endpoint> <token> <width> <height>
//
// Publishes until a line comes on standard input.

import { once } from "node:events";
import wrtc from "@roamhq/wrtc";

const [endpoint, token, ...size] = process.argv.slice(2);
const [width, height] = size.map(Number);
const { RTCAudioSource, RTCVideoSource } = wrtc.nonstandard;
const authorization = `Bearer ${token}`;

const pc = new wrtc.RTCPeerConnection();
pc.onconnectionstatechange = () => console.log(`state ${pc.connectionState}`);
const camera = new RTCVideoSource();
const microphone = new RTCAudioSource();
for (const source of [camera, microphone]) {
  pc.addTransceiver(source.createTrack(), { direction: "sendonly" });
}
await pc.setLocalDescription(await pc.createOffer());
const posted = await fetch(endpoint, {
  method: "POST",
  headers: { "Content-Type": "application/sdp", Authorization: authorization },
  body: pc.localDescription.sdp,
});
if (posted.status !== 201) throw new Error(`${posted.status} ${await posted.text()}`);
const resource = new URL(posted.headers.get("Location"), endpoint);
await pc.setRemoteDescription({ type: "answer", sdp: await posted.text() });

let frame = 0;
const filming = setInterval(() => {
  const data = new Uint8ClampedArray((width * height * 3) / 2).fill(128);
  const bar = (frame++ * 8) % width; // a bright bar wanders over grey
  for (let y = 0; y < height; y++) data.fill(235, y * width + bar, y * width + Math.min(bar + 16, width));
  camera.onFrame({ width, height, data });
}, 50);
let phase = 0;
const speaking = setInterval(() => {
  const samples = Int16Array.from({ length: 480 }, () => 8000 * Math.sin(phase++ * 0.0576)); // 440 Hz
  microphone.onData({ samples, sampleRate: 48_000, bitsPerSample: 16, channelCount: 1, numberOfFrames: 480 });
}, 10);

await once(process.stdin, "data");
clearInterval(filming);
clearInterval(speaking);
const deleted = await fetch(resource, { method: "DELETE", headers: { Authorization: authorization } });
console.log(`deleted ${deleted.status}`);
pc.close();
process.exit(0);
