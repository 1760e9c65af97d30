// Owns changing the rate of samples: a windowed sinc in as many phases as the two rates need, on a stream of any length. Flat to within 0.1 dB
// up to 0.45 of the lower rate, and 80 dB down from 0.55 of it; the output lies where the input lay, sample 0 on sample 0.

/** Samples of the lower rate on either side of a place that count for it. */
const REACH = 32;
/** Kaiser's parameter for 90 dB (J. F. Kaiser, 1974: 0.1102 * (attenuation - 8.7)). With REACH the slope is 0.09 of the lower rate. */
const BETA = 8.96;
/** Most numbers in a table: 16 MB. Rates that share no divisor and lie far apart need more. */
const MOST_WEIGHTS = 4_000_000;

export class Resampler {
  readonly #from: number;
  readonly #to: number;
  /** Samples of the input on either side of a place. */
  readonly #reach: number;
  /** A row of weights for each place between two samples of the input at which a sample of the output may lie. */
  readonly #weights: Float32Array;
  /** The input that is still needed; its first sample is the input's number `#begin`. */
  #held: Float32Array;
  #begin: number;
  #taken = 0;
  #given = 0;

  /**
   * @param from samples a second of the input, `to` of the output: whole numbers
   * @throws RangeError for rates that no table of a sensible size is for
   */
  constructor(from: number, to: number) {
    const divisor = greatestDivisor(from, to);
    this.#from = from / divisor;
    this.#to = to / divisor;
    const share = Math.min(1, to / from);
    this.#reach = Math.ceil(REACH / share);
    if (!(this.#to * this.#reach * 2 <= MOST_WEIGHTS)) throw new RangeError('The rates are too far apart.');
    this.#weights = weights(this.#to, this.#reach, share);
    this.#held = new Float32Array(this.#reach);
    this.#begin = -this.#reach;
  }

  /** Takes more of the input and gives what of the output is certain by now. */
  push(samples: Float32Array): Float32Array<ArrayBuffer> {
    this.#taken += samples.length;
    return this.#next(samples, Number.POSITIVE_INFINITY);
  }

  /** What is left, so that the output is as long as the input, to the nearest sample. */
  end(): Float32Array<ArrayBuffer> {
    return this.#next(new Float32Array(this.#reach + 1), Math.round((this.#taken * this.#to) / this.#from));
  }

  #next(samples: Float32Array, until: number): Float32Array<ArrayBuffer> {
    const held = new Float32Array(this.#held.length + samples.length);
    held.set(this.#held);
    held.set(samples, this.#held.length);
    const taps = this.#reach * 2;
    // The last place whose every neighbour is there.
    const last = this.#begin + held.length - this.#reach - 1;
    const end = Math.min(until, Math.floor(((last + 1) * this.#to - 1) / this.#from) + 1);
    const found = new Float32Array(Math.max(0, end - this.#given));
    for (let index = 0; index < found.length; index += 1) {
      const place = (this.#given + index) * this.#from;
      const whole = Math.floor(place / this.#to);
      const row = (place - whole * this.#to) * taps;
      const first = whole - this.#reach + 1 - this.#begin;
      let sum = 0;
      for (let tap = 0; tap < taps; tap += 1) sum += (held[first + tap] ?? 0) * (this.#weights[row + tap] ?? 0);
      found[index] = sum;
    }
    this.#given += found.length;
    const needed = Math.floor((this.#given * this.#from) / this.#to) - this.#reach + 1;
    const drop = Math.min(held.length, Math.max(0, needed - this.#begin));
    this.#held = held.slice(drop);
    this.#begin += drop;
    return found;
  }
}

/** @param share of the input's band that the output has room for */
function weights(phases: number, reach: number, share: number): Float32Array {
  const table = new Float32Array(phases * reach * 2);
  for (let phase = 0; phase < phases; phase += 1) {
    const row = table.subarray(phase * reach * 2, (phase + 1) * reach * 2);
    for (let tap = 0; tap < row.length; tap += 1) {
      const away = tap - reach + 1 - phase / phases;
      const inside = 1 - (away / reach) ** 2;
      row[tap] = inside <= 0 ? 0 : sinc(away * share) * bessel(BETA * Math.sqrt(inside));
    }
    // What does not change comes out as it went in.
    const sum = row.reduce((all, weight) => all + weight, 0);
    for (let tap = 0; tap < row.length; tap += 1) row[tap] = (row[tap] ?? 0) / sum;
  }
  return table;
}

function sinc(at: number): number {
  return at === 0 ? 1 : Math.sin(Math.PI * at) / (Math.PI * at);
}

/** The modified Bessel function of the first kind and order 0. */
function bessel(at: number): number {
  let sum = 1;
  let term = 1;
  for (let count = 1; term > sum * 1e-12; count += 1) {
    term *= (at / (2 * count)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other);
}
