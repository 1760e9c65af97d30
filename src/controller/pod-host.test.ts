import { describe, expect, it } from 'vitest';
import { DEFAULT_JOB_OPTIONS } from '../contract/options.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { JobEvent } from '../jobs/transition.ts';
import { transition } from '../jobs/transition.ts';
import { Holds } from './holds.ts';
import { MemoryJobStore } from './memory-store.cases.ts';
import { EnginePodHost } from './pod-host.ts';

const source = (durationSec: number) => ({
  ...{ sizeBytes: 4, mtimeMs: 1, sha256: 'a'.repeat(64), contentType: 'audio/wav' },
  durationSec,
});

/** A store with two batches of two, and what pods see of it. */
function queue() {
  const store = new MemoryJobStore();
  for (const batch of ['b1', 'b2'])
    store.addBatch(
      { id: batch, name: batch, createdAt: 1, options: DEFAULT_JOB_OPTIONS },
      [0, 1].map((n) => ({ id: `${batch}-${n}`, name: 'a.wav', sourcePath: '/a.wav', options: DEFAULT_JOB_OPTIONS })),
      1,
    );
  const holds = new Holds(store);
  const unused = { roster: null, ledger: null, chance: null, clock: null, log: null } as never as Pick<
    ConstructorParameters<typeof EnginePodHost>[0],
    'roster' | 'ledger' | 'chance' | 'clock' | 'log'
  >;
  const board = { progress: () => ({ processedSec: null }) } as never;
  const host = new EnginePodHost({
    ...{ ...unused, board, store, batches: store, holds },
    ...{ publish: () => undefined, costed: () => undefined, nudge: () => undefined },
  });
  const apply = (id: string, ...events: readonly JobEvent[]): void => {
    for (const event of events) {
      const job = store.get(id) as JobRecord;
      const result = transition(job, event, 2);
      if (!result.ok) throw new Error(`${event.type}: ${result.refusal}`);
      store.save(result.job);
    }
  };
  const wanting = (): string[] =>
    host
      .queue()
      .filter(({ wantsWorker }) => wantsWorker)
      .map(({ id }) => id);
  return { store, holds, host, apply, wanting };
}

const PREPARED = [{ type: 'prepare_started' }, { type: 'prepared', source: source(60) }] as const;

describe('the queue as pods see it', () => {
  it('is what is in hand and the head of the line, with lengths where they are known', () => {
    const { host, apply, wanting } = queue();
    apply('b1-0', ...PREPARED);
    expect(wanting()).toEqual(['b1-0', 'b1-1', 'b2-0', 'b2-1']);
    expect(host.waiting()).toEqual({ jobs: 4, unmeasured: 3, seconds: 60 });
    expect(host.queue().find(({ id }) => id === 'b1-0')).toMatchObject({
      durationSec: 60,
      workerId: null,
      batchId: 'b1',
    });
  });

  it('does not wait for a pod what is at a worker, paused, or lacks its drive', () => {
    const { host, holds, apply, wanting } = queue();
    apply('b1-0', ...PREPARED, { type: 'attempt_opened', workerId: 'w' });
    expect(wanting()).not.toContain('b1-0');
    expect(host.queue().find(({ id }) => id === 'b1-0')?.workerId).toBe('w');
    apply('b1-1', { type: 'wait', reason: 'source_missing', until: null, message: '' });
    expect(wanting()).toEqual(['b2-0', 'b2-1']);
    holds.pauseBatch('b2', 5);
    expect(wanting()).toEqual([]);
    expect(host.waiting().jobs).toBe(0);
    holds.pauseBatch('b2', null);
    holds.pauseQueue(6);
    expect(wanting()).toEqual([]);
    expect(host.waiting().jobs).toBe(0);
  });

  it('what no worker at hand can do keeps no pod alive, with its whole batch, and is a reason to rent one', () => {
    const { host, apply, wanting } = queue();
    apply('b1-0', ...PREPARED, { type: 'wait', reason: 'worker_lacks', until: null, message: '' });
    expect(wanting()).toEqual(['b2-0', 'b2-1']);
    expect(host.waiting()).toEqual({ jobs: 4, unmeasured: 3, seconds: 60 });
  });
});
