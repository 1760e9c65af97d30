import { describe, expect, test } from 'vitest';
import { Resampler } from './resample.ts';

/** A second of a tone, from -1 to 1. */
const tone = (hertz: number, rate: number) =>
  Float32Array.from({ length: rate }, (_, at) => Math.sin((2 * Math.PI * hertz * at) / rate));

/** How loud a frequency is in the middle of a signal, in decibels of a full tone: a Hann window keeps others out. */
function loudness(signal: Float32Array, hertz: number, rate: number): number {
  const from = Math.round(signal.length / 4);
  const count = Math.round(signal.length / 2);
  let [real, imaginary, all] = [0, 0, 0];
  for (let at = 0; at < count; at += 1) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / count);
    const turn = (2 * Math.PI * hertz * (from + at)) / rate;
    real += window * (signal[from + at] ?? 0) * Math.cos(turn);
    imaginary += window * (signal[from + at] ?? 0) * Math.sin(turn);
    all += window;
  }
  return 20 * Math.log10((2 * Math.hypot(real, imaginary)) / all + 1e-12);
}

function resampled(input: Float32Array, from: number, to: number, piece = input.length): Float32Array {
  const resampler = new Resampler(from, to);
  const parts: number[] = [];
  for (let at = 0; at < input.length; at += piece) parts.push(...resampler.push(input.subarray(at, at + piece)));
  parts.push(...resampler.end());
  return Float32Array.from(parts);
}

describe.each([
  [44_100, 48_000],
  [22_050, 48_000],
  [11_025, 48_000],
  [32_000, 48_000],
  [96_000, 48_000],
  [44_100, 16_000],
])('from %i to %i Hz', (from, to) => {
  const low = Math.min(from, to);

  test('what both rates hold comes through as it was', () => {
    for (const share of [0.005, 0.1, 0.2, 0.3, 0.4, 0.45]) {
      const hertz = Math.round(low * share);
      expect(Math.abs(loudness(resampled(tone(hertz, from), from, to), hertz, to)), `${hertz} Hz`).toBeLessThan(0.1);
    }
  });

  test('no tone has an image or a fold anywhere', () => {
    for (const share of [0.05, 0.2, 0.4, 0.44]) {
      const hertz = Math.round(from * share);
      const got = resampled(tone(hertz, from), from, to);
      // Where it would appear: about each multiple of the input's rate, folded into the output's band.
      for (const times of [1, 2, 3])
        for (const image of [times * from - hertz, times * from + hertz]) {
          const folded = Math.abs(image - Math.round(image / to) * to);
          if (Math.abs(folded - hertz) > 50)
            expect(loudness(got, folded, to), `${hertz} Hz at ${folded}`).toBeLessThan(-80);
        }
      // What the output has no room for is gone.
      if (hertz > 0.55 * to) {
        const folded = Math.abs(hertz - Math.round(hertz / to) * to);
        expect(loudness(got, folded, to), `${hertz} Hz folded to ${folded}`).toBeLessThan(-80);
      }
    }
  });

  test('a click stays where it was, and the sound as long as it was, in whatever pieces it comes', () => {
    const input = new Float32Array(Math.round(from * 0.731));
    const place = Math.round(from * 0.25);
    input[place] = 1;
    const whole = resampled(input, from, to);
    expect(whole.length).toBe(Math.round((input.length * to) / from));
    const loudest = whole.reduce((best, value, at) => (value > (whole[best] ?? 0) ? at : best), 0);
    expect(Math.abs(loudest / to - place / from)).toBeLessThanOrEqual(0.5 / to);
    for (const piece of [1, 7, 1000, 4096]) expect(resampled(input, from, to, piece)).toEqual(whole);
  });
});

test('silence of one level stays at it', () => {
  const level = resampled(new Float32Array(44_100).fill(0.5), 44_100, 48_000);
  for (const value of level.subarray(100, -100)) expect(value).toBeCloseTo(0.5, 5);
});

test('rates for which no table fits are refused', () => {
  expect(() => new Resampler(383_999, 48_000)).toThrow(RangeError);
  expect(() => new Resampler(1, 48_000)).not.toThrow();
  expect(() => new Resampler(Number.NaN, 48_000)).toThrow(RangeError);
});
