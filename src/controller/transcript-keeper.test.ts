import { expect, test } from 'vitest';
import { ADDED } from '../jobs/job.cases.ts';
import { TestClock } from './test-clock.cases.ts';
import { TranscriptKeeper } from './transcript-keeper.ts';

function keeperOf(there: readonly string[], stored: Readonly<Record<string, string>>, broken = new Set<string>()) {
  const files = new Map(there.map((id) => [id, 'old']));
  const clock = new TestClock();
  const warnings: string[] = [];
  /** What writing a file waits for. */
  const writing: { wait: Promise<void> | null } = { wait: null };
  const log = { info: () => undefined, error: () => undefined, warn: (event: string) => void warnings.push(event) };
  const keeper = new TranscriptKeeper(
    {
      put: async (id, json) => {
        if (broken.has(id)) throw new Error('The disk is full.');
        if (writing.wait !== null) await writing.wait;
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
  return { keeper, files, clock, warnings, writing };
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

test('what is removed while its file is written leaves none', async () => {
  const stored: Record<string, string> = { a: 'A' };
  const { keeper, files, clock, writing } = keeperOf([], stored);
  keeper.start();
  const written = Promise.withResolvers<void>();
  writing.wait = written.promise;
  await clock.advance(100);
  delete stored['a'];
  keeper.drop('a');
  written.resolve();
  await clock.advance(100);
  expect([...files]).toEqual([]);
});

test('one that is being made when the engine is closed is the last', async () => {
  const { keeper, files, clock, writing } = keeperOf([], { a: 'A', b: 'B' });
  keeper.start();
  const written = Promise.withResolvers<void>();
  writing.wait = written.promise;
  await clock.advance(100);
  keeper.close();
  written.resolve();
  await clock.advance(1_000);
  expect([...files.keys()]).toEqual(['a']);
  expect(clock.pending).toBe(0);
});
