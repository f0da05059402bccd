// A picture that no encoder can make small: what a line carries shows only when it is full. It needs
// neither camera nor permission, and shows nobody.

const WIDTH = 640;
const HEIGHT = 360;
const FPS = 24;
const GRAIN = 160; // lines of noise, drawn larger: noise in every pixel costs a phone too much

/** @returns {{track: MediaStreamTrack, stop: () => void}} */
export function testPicture() {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
  const noise = document.createElement("canvas");
  noise.width = Math.round((GRAIN * WIDTH) / HEIGHT);
  noise.height = GRAIN;
  const grain = /** @type {CanvasRenderingContext2D} */ (noise.getContext("2d", { alpha: false }));
  const pixels = grain.createImageData(noise.width, noise.height);
  const values = new Uint32Array(pixels.data.buffer);
  let seed = 1;
  const draw = () => {
    for (let at = 0; at < values.length; at += 1) {
      seed = (seed * 1664525 + 1013904223) >>> 0; // Numerical Recipes: fast, and random enough
      values[at] = 0xff000000 | (seed >>> 8);
    }
    grain.putImageData(pixels, 0, 0);
    pen.drawImage(noise, 0, 0, WIDTH, HEIGHT);
  };
  draw();
  const timer = setInterval(draw, 1000 / FPS);
  // Without a rate of its own: Firefox would take half of the pictures that are drawn at the same rate.
  const track = canvas.captureStream().getVideoTracks()[0];
  return {
    track,
    stop() {
      clearInterval(timer);
      track.stop();
    },
  };
}
