// What the other tests rely on when they say "this was spoken": fresh recordings, the closed vocabulary, and the word error rate.
import { describe, expect, it } from 'vitest';
import { drawSentence, isHeldOut, WORDS } from './speech/grammar.mjs';
import { chanceFrom } from './speech/random.mjs';
import { resample } from './speech/resample.mjs';
import { decodeWav } from './speech/wav.mjs';
import { inventRecording, speak, toWav } from './speech.mjs';
import { wordErrorRate, wordErrors, words } from './wer.mjs';

describe('the grammar', () => {
  it('knows 165 words and writes no other', () => {
    expect(WORDS).toHaveLength(165);
    const known = new Set(WORDS.map((word) => word.toLowerCase()));
    const chance = chanceFrom(1);
    for (let count = 0; count < 500; count += 1) {
      for (const word of words(drawSentence(chance, { heldOut: false }))) expect(known).toContain(word);
    }
  });

  it('draws the same sentences from the same seed, all of them held out of training', () => {
    const draw = () => {
      const chance = chanceFrom(5);
      return Array.from({ length: 20 }, () => drawSentence(chance));
    };
    expect(draw()).toEqual(draw());
    expect(draw().every(isHeldOut)).toBe(true);
  });
});

describe('the resampler', () => {
  const rates = { from: 22_050, to: 16_000 };
  const tone = (hertz: number) =>
    Float32Array.from({ length: rates.from }, (_, index) => Math.sin((2 * Math.PI * hertz * index) / rates.from));
  const loudness = (samples: Float32Array) =>
    Math.sqrt(samples.slice(1000, -1000).reduce((sum, sample) => sum + sample ** 2, 0) / (samples.length - 2000));

  it('keeps a tone below the new band edge', () => {
    const out = resample(tone(1000), rates.from, rates.to);
    expect(out).toHaveLength(rates.to);
    for (let index = 1000; index < 15_000; index += 1) {
      expect(Math.abs((out[index] ?? 0) - Math.sin((2 * Math.PI * 1000 * index) / rates.to))).toBeLessThan(0.001);
    }
  });

  it('takes away a tone above it, which would come back as another one', () => {
    expect(loudness(resample(tone(9000), rates.from, rates.to))).toBeLessThan(0.002);
  });
});

describe('a recording', () => {
  it('is the same every time for its seed, and its lines lie where they say', async () => {
    const [one, again] = await Promise.all([1, 1].map((seed) => inventRecording({ seed, seconds: 15 })));
    expect(one?.samples).toEqual(again?.samples);
    if (one === undefined) throw new Error('no recording');
    expect(one.duration).toBeLessThanOrEqual(15);
    expect(one.duration).toBeGreaterThan(10);
    let silentFrom = 0;
    for (const { start, end } of one.lines) {
      const before = one.samples.slice(silentFrom, Math.round(start * one.sampleRate) - 16);
      expect(before.every((sample) => sample === 0)).toBe(true);
      expect(one.samples.slice(start * one.sampleRate, end * one.sampleRate).some((sample) => sample > 10_000)).toBe(
        true,
      );
      silentFrom = Math.round(end * one.sampleRate) + 16;
    }
    expect(one.text).toBe(one.lines.map((line) => line.text).join(' '));
  });

  it('speaks the lines it is given, with their pauses', async () => {
    const lines = [
      { speaker: 'Anna', text: 'Good morning Ben.', pause: 0.25 },
      { speaker: 'Ben', text: 'Hello Anna.', pause: 2 },
    ];
    const { lines: spoken, samples, sampleRate } = await speak(lines);
    expect(spoken[0]?.start).toBe(0.25);
    expect((spoken[1]?.start ?? 0) - (spoken[0]?.end ?? 0)).toBeCloseTo(2, 2);
    expect(decodeWav(toWav({ samples, sampleRate, lines: spoken, duration: 0, text: '' }))).toEqual({
      samples,
      sampleRate,
    });
  });

  it('refuses a speaker without a voice', async () => {
    await expect(speak([{ speaker: 'Zoe', text: 'Hello.' }])).rejects.toThrow('no voice for speaker "Zoe"');
  });
});

describe('the word error rate', () => {
  it('ignores case and punctuation', () => {
    expect(wordErrorRate('Yes, I will send it.', 'yes I will send it')).toBe(0);
  });

  it.each([
    ['a b c d', 'a b d', 0.25],
    ['a b c d', 'a x c d', 0.25],
    ['a b', 'a b c d', 1],
    ['', '', 0],
    ['', 'a', Number.POSITIVE_INFINITY],
  ])('of "%s" heard as "%s" is %d', (said, written, rate) => {
    expect(wordErrorRate(said, written)).toBe(rate);
  });

  it('finds the fewest changes', () => {
    expect(wordErrors(['a', 'b', 'c'], ['b', 'c', 'a'])).toBe(2);
  });
});
