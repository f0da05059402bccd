// Players on libwebrtc: several WHEP viewers in one process, each with a connection of its own.
//
//   node libwebrtc-viewers.mjs <endpoint> <token> <how many>
//
// Writes a JSON line a second, [{frames, width, height, samples, loud, streams}] by viewer, until a
// line comes on standard input.

import { once } from "node:events";
import wrtc from "@roamhq/wrtc";

const [endpoint, token, count] = process.argv.slice(2);
const { RTCAudioSink, RTCVideoSink } = wrtc.nonstandard;
const authorization = `Bearer ${token}`;

async function view() {
  const seen = { frames: 0, width: 0, height: 0, samples: 0, loud: 0, streams: [] };
  const pc = new wrtc.RTCPeerConnection();
  for (const kind of ["video", "audio"]) pc.addTransceiver(kind, { direction: "recvonly" });
  pc.ontrack = ({ track, streams }) => {
    seen.streams.push(...streams.map((stream) => stream.id));
    if (track.kind === "video") {
      new RTCVideoSink(track).onframe = ({ frame }) => {
        seen.frames += 1;
        [seen.width, seen.height] = [frame.width, frame.height];
      };
    } else {
      new RTCAudioSink(track).ondata = ({ samples }) => {
        seen.samples += samples.length;
        seen.loud += samples.filter((sample) => Math.abs(sample) > 1000).length;
      };
    }
  };
  await pc.setLocalDescription(await pc.createOffer());
  const posted = await fetch(endpoint, {
    method: "POST",
    headers: { "Content-Type": "application/sdp", Authorization: authorization },
    body: pc.localDescription.sdp,
  });
  if (posted.status !== 201) throw new Error(`${posted.status} ${await posted.text()}`);
  const resource = new URL(posted.headers.get("Location"), endpoint);
  await pc.setRemoteDescription({ type: "answer", sdp: await posted.text() });
  return { pc, seen, resource };
}

const viewers = await Promise.all(Array.from({ length: Number(count) }, view));
const telling = setInterval(() => console.log(JSON.stringify(viewers.map(({ seen }) => seen))), 1000);
await once(process.stdin, "data");
clearInterval(telling);
for (const { pc, resource } of viewers) {
  const deleted = await fetch(resource, { method: "DELETE", headers: { Authorization: authorization } });
  console.log(`deleted ${deleted.status}`);
  pc.close();
}
process.exit(0);
