import { expect, test } from 'vitest';
import { ADDED } from '../jobs/job.cases.ts';
import { TestClock } from './test-clock.cases.ts';
import { TranscriptKeeper } from './transcript-keeper.ts';

function keeperOf(there: readonly string[], stored: Readonly<Record<string, string>>, broken = new Set<string>()) {
  const files = new Map(there.map((id) => [id, 'old']));
  const clock = new TestClock();
  const warnings: string[] = [];
  const log = { info: () => undefined, error: () => undefined, warn: (event: string) => void warnings.push(event) };
  const keeper = new TranscriptKeeper(
    {
      put: async (id, json) => {
        if (broken.has(id)) throw new Error('The disk is full.');
        files.set(id, json);
      },
      drop: (id) => void files.delete(id),
      jobs: () => [...files.keys()],
    },
    {
      get: (id) => (id in stored ? { ...ADDED, id, transcriptSha256: 'a'.repeat(64) } : null),
      idsIn: () => Object.keys(stored),
      transcriptText: (id) => stored[id] ?? null,
    },
    clock,
    log,
  );
  return { keeper, files, clock, warnings };
}

test('files of jobs that are gone go at a start, and those that are missing are made, one after the other', async () => {
  const { keeper, files, clock } = keeperOf(['a', 'gone'], { a: 'A', b: 'B', c: 'C' });
  keeper.start();
  expect([...files]).toEqual([['a', 'old']]);
  await clock.advance(1_000);
  expect([...files]).toEqual([
    ['a', 'old'],
    ['b', 'B'],
    ['c', 'C'],
  ]);
});

test('where one cannot be made, it is left to the next start, and nothing else is kept from work', async () => {
  const { keeper, files, clock, warnings } = keeperOf([], { a: 'A', b: 'B' }, new Set(['a']));
  keeper.start();
  await clock.advance(1_000);
  expect([...files]).toEqual([]);
  expect(warnings).toEqual(['transcript_file_not_made']);
});

test('nothing is made any more after the engine is closed', async () => {
  const { keeper, files, clock } = keeperOf([], { a: 'A' });
  keeper.start();
  keeper.close();
  await clock.advance(1_000);
  expect([...files]).toEqual([]);
});
