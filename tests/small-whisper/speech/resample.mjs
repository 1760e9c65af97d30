// Owns the change of sample rate: a polyphase windowed sinc, so that the same bytes come out with and without ffmpeg.

/** Zero crossings of the sinc on each side; with the Hann window about 50 dB down half a kilohertz above the new band edge. */
const CROSSINGS = 24;

/**
 * @param {Float32Array} samples
 * @param {number} from Hz
 * @param {number} to Hz
 * @returns {Float32Array}
 */
export function resample(samples, from, to) {
  if (from === to) return samples.slice();
  const divisor = gcd(from, to);
  const up = to / divisor;
  const down = from / divisor;
  const taps = filters(up, down);
  const out = new Float32Array(Math.floor((samples.length * up) / down));
  for (let index = 0; index < out.length; index += 1) {
    const position = index * down;
    const weights = /** @type {Float32Array} */ (taps.phases[position % up]);
    const first = Math.floor(position / up) - taps.reach;
    let sum = 0;
    for (let tap = 0; tap < weights.length; tap += 1) sum += (weights[tap] ?? 0) * (samples[first + tap] ?? 0);
    out[index] = sum;
  }
  return out;
}

/**
 * @param {number} up
 * @param {number} down
 * @returns {{ phases: Float32Array[], reach: number }} weights over input samples, for each of the `up` positions between two of them
 */
function filters(up, down) {
  const cutoff = Math.min(1, up / down);
  const width = CROSSINGS / cutoff;
  const reach = Math.ceil(width);
  const phases = Array.from({ length: up }, (_, phase) => {
    const weights = Float32Array.from({ length: 2 * reach + 2 }, (_unused, tap) => {
      const distance = tap - reach - phase / up;
      if (Math.abs(distance) >= width) return 0;
      return cutoff * sinc(cutoff * distance) * (0.5 + 0.5 * Math.cos((Math.PI * distance) / width));
    });
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  });
  return { phases, reach };
}

/** @param {number} x */
function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/**
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
function gcd(a, b) {
  return b === 0 ? a : gcd(b, a % b);
}
