import { expect, test } from 'vitest';
import { DEFAULT_JOB_OPTIONS } from '../contract/options.ts';
import { JobLedger } from './job-ledger.ts';
import { MemoryJobStore } from './memory-store.cases.ts';

function ledgerOf(...ids: readonly string[]): { readonly ledger: JobLedger; readonly store: MemoryJobStore } {
  const store = new MemoryJobStore();
  const jobs = ids.map((id) => ({ id, name: id, sourcePath: `/${id}.wav`, options: DEFAULT_JOB_OPTIONS }));
  store.addBatch({ id: 'b', name: 'b', createdAt: 1 }, jobs, 1);
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  return { ledger: new JobLedger(store, { now: () => 2, after: () => () => undefined }, silent), store };
}

test('listeners hear of changes in the order of the commits, also where one of them makes another change', async () => {
  const { ledger } = ledgerOf('a', 'b');
  const heard: string[] = [];
  ledger.onChange((job, _previous, event) => {
    heard.push(`${job.id} ${event.type}`);
    if (job.id === 'a') ledger.apply('b', { type: 'cancel' });
  });
  // Both are on disk before anybody is told; the listener of the first changes the second once more.
  await Promise.all([
    ledger.applySoon('a', { type: 'prepare_started' }),
    ledger.applySoon('b', { type: 'prepare_started' }),
  ]);
  expect(heard).toEqual(['a prepare_started', 'b prepare_started', 'b cancel']);
});

test('a listener that throws keeps the changes of others from nobody', async () => {
  const { ledger, store } = ledgerOf('a', 'b');
  const heard: string[] = [];
  ledger.onChange((job) => {
    heard.push(job.id);
    if (job.id === 'a') throw new Error('It fell over.');
  });
  const outcomes = await Promise.allSettled([
    ledger.applySoon('a', { type: 'prepare_started' }),
    ledger.applySoon('b', { type: 'prepare_started' }),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(heard).toEqual(['a', 'b']);
  expect(store.get('a')?.state).toBe('preparing');
});

test('a listener that throws keeps a change from no other listener', async () => {
  const { ledger, store } = ledgerOf('a');
  const heard: string[] = [];
  ledger.onChange(() => {
    throw new Error('It fell over.');
  });
  ledger.onChange((job) => heard.push(job.state));
  expect(() => ledger.apply('a', { type: 'cancel' })).toThrow('It fell over.');
  expect(heard).toEqual(['canceled']);
  expect(store.get('a')?.state).toBe('canceled');
});

test('an event that means nothing in the state that the job has come to meanwhile changes nothing', async () => {
  const { ledger, store } = ledgerOf('a');
  const [first, second] = await Promise.all([
    ledger.applySoon('a', { type: 'cancel' }),
    ledger.applySoon('a', { type: 'prepare_started' }),
  ]);
  expect(first?.state).toBe('canceled');
  expect(second).toBeNull();
  expect(store.get('a')?.revision).toBe(first?.revision);
});
