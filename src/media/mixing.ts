// Owns what of several channels becomes one, as the worker's decoder does it, so that the model hears the same of a copy as of the recording.

/**
 * How much of each channel is in the mix, by their number: libswresample's own weights for the layouts with a fixed meaning, scaled so that
 * nothing overflows (rematrix.c; the channel for low frequencies is left out). Others are microphones, each as good as the next.
 */
const SURROUND: Readonly<Record<number, readonly number[]>> = {
  // Left, right, centre, low frequencies, two behind.
  6: [Math.SQRT1_2, Math.SQRT1_2, 1, 0, 0.5, 0.5],
  // And two at the sides.
  8: [Math.SQRT1_2, Math.SQRT1_2, 1, 0, 0.5, 0.5, 0.5, 0.5],
};

/** All channels in one. Two are taken half each. */
export function mixed(channels: readonly Float32Array[]): Float32Array {
  const [first] = channels;
  if (first === undefined || channels.length === 1) return first ?? new Float32Array();
  const shares = SURROUND[channels.length] ?? channels.map(() => 1);
  const all = shares.reduce((sum, share) => sum + share, 0);
  const sum = new Float32Array(first.length);
  for (const [index, channel] of channels.entries()) {
    const share = (shares[index] ?? 0) / all;
    if (share > 0) for (let at = 0; at < sum.length; at += 1) sum[at] = (sum[at] ?? 0) + share * (channel[at] ?? 0);
  }
  return sum;
}
