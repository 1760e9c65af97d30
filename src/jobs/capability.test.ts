import { expect, it } from 'vitest';
import type { Ability } from './capability.ts';
import { isForNow, lackSentence, lacks } from './capability.ts';

const HAS: Ability = {
  models: ['small', 'large-v3'],
  diarization: true,
  diarizationReason: null,
  diarizationChecking: false,
  maxFileMB: 100,
  vramTotalMB: 24_000,
  gpu: true,
};
const told = (change: Partial<Ability>, options = { model: 'large-v3', diarize: true }, bytes = 1): string[] =>
  lacks(options, bytes, { ...HAS, ...change }).map((lack) => lackSentence('Pod', lack));

it('finds nothing where a worker has everything, or names no models', () => {
  expect(told({})).toEqual([]);
  expect(told({ models: [] })).toEqual([]);
  expect(lacks({ model: 'small', diarize: false }, null, { ...HAS, maxFileMB: 0 })).toEqual([]);
});

it('names what is missing', () => {
  expect(told({ models: ['small'] })).toEqual(['Pod has no model "large-v3" (it has small).']);
  expect(told({ diarization: false, diarizationReason: 'HF_TOKEN is not set.' })).toEqual([
    'Pod cannot tell speakers apart: HF_TOKEN is not set.',
  ]);
  expect(told({}, undefined, 101 * 1024 * 1024)).toEqual(['Pod takes recordings of up to 100 MB.']);
  expect(told({ vramTotalMB: 2_000 })).toEqual(['Pod has 2000 MB of GPU memory, and this needs 3300 MB or more.']);
  expect(told({ vramTotalMB: 2_000, gpu: false })).toEqual([]);
});

it('waits for a worker that still tries whether it can tell speakers apart, and for nothing else that is missing', () => {
  const trying = { ...HAS, diarization: false, diarizationReason: 'It is being found out.', diarizationChecking: true };
  const wish = { model: 'large-v3', diarize: true };
  expect(isForNow(lacks(wish, 1, trying))).toBe(true);
  expect(isForNow(lacks({ ...wish, model: 'tiny' }, 1, trying))).toBe(false);
  expect(isForNow(lacks(wish, 1, { ...trying, diarizationChecking: false }))).toBe(false);
  expect(isForNow([])).toBe(false);
});
