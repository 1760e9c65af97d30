import { expect, it } from 'vitest';
import { podAfter } from '../jobs/pod-life.ts';
import type { PodRecord } from '../jobs/pod-record.ts';
import { wantedPod } from '../jobs/pod-record.ts';
import { openDatabase } from './database.ts';
import { SqlitePodStore } from './pod-store.ts';
import { ownDatabase, ownDirectory } from './store.cases.ts';

const candidate = { gpuId: 'NVIDIA A40', gpuName: 'A40', memoryGB: 48, pricePerHour: 0.4 };

function pod(id: string, createdAt = 100): PodRecord {
  return wantedPod(
    {
      ...{ id, name: `bt-${id}`, bootMs: 1000, idleMs: 500, forQueue: true },
      request: { image: 'i@sha256:0', imageDigest: null, candidates: [candidate], cloud: 'SECURE' },
    },
    createdAt,
  );
}

function next(from: PodRecord, ...events: readonly Parameters<typeof podAfter>[1][]): PodRecord {
  return events.reduce((present, event) => podAfter(present, event, 200) ?? present, from);
}

it('gives back what was written, over a restart, and refuses a write that read an older one', () => {
  const file = `${ownDirectory()}/queue.db`;
  const db = openDatabase(file, 1);
  const store = new SqlitePodStore(db);
  const first = pod('one');
  store.addPod(first);
  const posted = next(first, { type: 'posted', candidate });
  expect(store.savePod(posted, 200)).toBe(true);
  expect(store.savePod(posted, 200)).toBe(false);
  db.close();
  const again = new SqlitePodStore(ownDatabase(file));
  expect(again.livePods()).toEqual([posted]);
  expect(again.podNamed('bt-one')).toEqual(posted);
  expect(again.pod('two')).toBeNull();
});

it('takes a name once', () => {
  const store = new SqlitePodStore(ownDatabase());
  store.addPod(pod('one'));
  expect(() => store.addPod({ ...pod('two'), name: 'bt-one' })).toThrow();
});

it('lists what is over apart from what may cost', () => {
  const store = new SqlitePodStore(ownDatabase());
  for (const id of ['a', 'b']) store.addPod(pod(id));
  expect(store.savePod(next(pod('a'), { type: 'end', reason: 'person' }), 200)).toBe(true);
  expect(store.livePods().map(({ id }) => id)).toEqual(['b']);
  expect(store.endedPods(200).map(({ id }) => id)).toEqual(['a']);
  expect(store.endedPods(201)).toEqual([]);
});

it('adds up money by day and batch, writes it with the pod or not at all, and lets the bill stand in', () => {
  const store = new SqlitePodStore(ownDatabase());
  const first = pod('one');
  store.addPod(first);
  const posted = next(first, { type: 'posted', candidate });
  const spend = [
    { day: '2026-11-24', batchId: 'b1', usd: 1, audioSec: 0 },
    { day: '2026-11-25', batchId: 'b1', usd: 2, audioSec: 60 },
    { day: '2026-11-25', batchId: null, usd: 0.5, audioSec: 0 },
  ];
  expect(store.savePod(posted, 200, { spend })).toBe(true);
  // The second time it read an older revision: no cent of it is written.
  expect(store.savePod(posted, 200, { spend })).toBe(false);
  expect(store.spentOnBatch('b1')).toBe(3);
  expect(store.spentOnPod('one').usd).toBe(3.5);
  expect(store.spentOnPod('one').onDay('2026-11-25')).toBe(2.5);
  expect(store.spentByBatch('2026-11-25')).toEqual([
    { batchId: 'b1', usd: 2, audioSec: 60, lastDay: '2026-11-25' },
    { batchId: null, usd: 0.5, audioSec: 0, lastDay: '2026-11-25' },
  ]);
  store.saveBill('one', '2026-11-24', 1.25, 300);
  store.saveBill('one', '2026-11-23', 0.25, 300);
  expect(store.spentByDay('2026-11-01')).toEqual([
    { day: '2026-11-23', usd: 0.25, billed: true, audioSec: 0 },
    { day: '2026-11-24', usd: 1.25, billed: true, audioSec: 0 },
    { day: '2026-11-25', usd: 2.5, billed: false, audioSec: 60 },
  ]);
  expect(store.spentOnPod('one').usd).toBe(4);
});

it('knows the speed of a GPU with a model from its latest recordings, each once', () => {
  const store = new SqlitePodStore(ownDatabase());
  const measured = { attempt: 1, gpuId: 'NVIDIA A40', model: 'large-v3', audioSec: 600 };
  for (let job = 0; job < 250; job += 1)
    store.saveMeasurement({ ...measured, jobId: `j${job}`, wallSec: job < 50 ? 600 : 30 }, job);
  store.saveMeasurement({ ...measured, jobId: 'j249', wallSec: 9999 }, 999);
  store.saveMeasurement({ ...measured, jobId: 'k', model: 'small', wallSec: 6 }, 5);
  expect(store.gpuSpeeds('large-v3').get('NVIDIA A40')).toMatchObject({
    speed: 20,
    basis: 'measured',
    recordings: 200,
  });
  expect(store.gpuSpeeds('small').get('NVIDIA A40')?.speed).toBe(100);
  expect(store.gpuSpeeds('medium').size).toBe(0);
});

it('knows how long starts take: the median of the latest', () => {
  const store = new SqlitePodStore(ownDatabase());
  expect(store.bootSeconds()).toBeNull();
  for (const [index, seconds] of [60, 90, 600].entries()) {
    const made = pod(`p${index}`, 1_000);
    store.addPod(made);
    store.savePod({ ...made, state: 'ready', readyAt: 1_000 + seconds * 1000, revision: 1 }, 200);
  }
  expect(store.bootSeconds()).toBe(90);
});
