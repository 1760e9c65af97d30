// What renting costs and when it ends: meter, caps, idle time, bills, the number of pods. The fake's own meter is the witness.

import { afterEach, expect, test } from 'vitest';
import type { PodSettings } from '../../src/contract/pod-settings.ts';
import type { PodView } from '../../src/contract/pods.ts';
import { HOUR, MINUTE, Rig, SECOND } from './rig.ts';

const A40 = 'NVIDIA A40';
const H100 = 'NVIDIA H100 80GB HBM3';
const LOOK = 30 * SECOND;

let rig: Rig;

afterEach(async () => {
  await rig.close();
});

async function open(settings: Partial<PodSettings> = {}): Promise<void> {
  rig = await Rig.open({ settings });
}

/** Looks every 30 seconds, as the app does, until a pod is over. */
async function untilOver(id: string, most = 500): Promise<PodView> {
  for (let look = 0; look < most; look += 1) {
    if (['ended', 'failed'].includes(rig.pod(id).state)) return rig.pod(id);
    await rig.after(LOOK);
  }
  throw new Error(`It is still ${rig.pod(id).state}.`);
}

test('the meter agrees with the provider’s, over restarts of the app and its absence', async () => {
  await open({ capPerDayUsd: null });
  const { id } = await rig.ready([H100]);
  rig.host.job('j1', { workerId: id });
  for (let look = 0; look < 40; look += 1) await rig.after(LOOK);
  expect(rig.pod(id).spent).toBeCloseTo(rig.fake.machines.spent(), 6);
  await rig.restart();
  rig.clock.advance(2 * HOUR);
  await rig.pods.check();
  expect(rig.pod(id).spent).toBeCloseTo(rig.fake.machines.spent(), 6);
  expect(rig.pods.list().summary).toMatchObject({ costPerHour: 2.99, live: 1 });
});

test('a recording costs the time in which it was worked at, in equal parts with what was worked at beside it', async () => {
  await open({ capPerDayUsd: null });
  const { id } = await rig.ready([H100]);
  for (const name of ['one', 'two', 'ahead', 'never']) rig.row(name);
  const boot = rig.pod(id).spent;
  rig.host.job('one', { workerId: id });
  rig.host.job('ahead', { workerId: id, atWork: false });
  await rig.after(10 * MINUTE);
  rig.host.job('two', { workerId: id });
  await rig.after(10 * MINUTE);
  // It is no longer held when its delivery is told of, and the last minute was its own all the same.
  rig.clock.advance(MINUTE);
  rig.host.done('one');
  const over = { jobId: 'one', batchId: 'b1', workerId: id, attempt: 1, model: 'large-v3', durationSec: 600 };
  rig.pods.delivered({ ...over, startedAt: rig.clock.now() - 21 * MINUTE, at: rig.clock.now() });
  await rig.after(SECOND);
  const minute = 2.99 / 60;
  expect(rig.pods.costOf('one')).toBeCloseTo((10 + 5 + 0.5) * minute, 6);
  expect(rig.pods.costOf('two')).toBeCloseTo((5 + 0.5 + 1 / 60) * minute, 6);
  expect([rig.pods.costOf('ahead'), rig.pods.costOf('never')]).toEqual([null, null]);
  expect(rig.host.costs).toContain('two');
  const told = [rig.pods.costOf('one'), rig.pods.costOf('two')].reduce((sum: number, usd) => sum + (usd ?? 0), boot);
  expect(rig.pod(id).spent).toBeCloseTo(told, 6);
  expect(rig.pods.costOfBatch('b1')).toBeCloseTo(told - boot, 6);
});

test('what a cap keeps from pods says which cap, also when the last of them is gone', async () => {
  await open({ capPerBatchUsd: 0.5, capAction: 'now', capPerDayUsd: null });
  const { id } = await rig.ready([H100]);
  rig.host.job('dear', { workerId: id, durationSec: 90_000 });
  expect(rig.pods.capOn('b1')).toBe(null);
  await untilOver(id);
  expect([rig.pods.capOn('b1'), rig.pods.capOn('b2')]).toEqual(['cap_batch', null]);
  rig.settings = { ...rig.settings, capPerDayUsd: 0.5 };
  expect(rig.pods.capOn('b2')).toBe('cap_day');
  rig.settings = { ...rig.settings, capPerDayUsd: null, capPerBatchUsd: 2 };
  await rig.after(SECOND);
  expect(rig.pods.capOn('b1')).toBe(null);
});

test('an idle time that is lowered holds for pods that run already; a longer one does not', async () => {
  await open({ idleStopMinutes: 10 });
  const { id } = await rig.ready([A40]);
  await rig.after(3 * MINUTE);
  rig.settings = { ...rig.settings, idleStopMinutes: 60 };
  const { idleEndsAt, readyAt } = rig.pod(id);
  expect((idleEndsAt ?? 0) - (readyAt ?? 0)).toBeLessThan(11 * MINUTE);
  rig.settings = { ...rig.settings, idleStopMinutes: 2 };
  await rig.after(MINUTE);
  expect(rig.pod(id)).toMatchObject({ state: 'ended', endReason: 'idle' });
});

test('idle for so many minutes with an empty queue, it is ended, and not before', async () => {
  await open({ idleStopMinutes: 10 });
  const { id } = await rig.ready([A40]);
  rig.host.job('j1', { workerId: id });
  await rig.after(30 * MINUTE);
  expect(rig.pod(id)).toMatchObject({ state: 'ready', idleSince: null, jobsHeld: 1 });
  rig.host.done('j1');
  await rig.after(SECOND);
  expect(rig.pod(id).idleEndsAt).toBe(rig.clock.now() + 10 * MINUTE);
  await rig.after(10 * MINUTE - SECOND);
  expect(rig.pod(id).state).toBe('ready');
  rig.host.job('j2');
  await rig.after(SECOND);
  expect(rig.pod(id)).toMatchObject({ state: 'ready', idleSince: null });
  rig.host.done('j2');
  await rig.after(SECOND);
  await rig.after(10 * MINUTE);
  expect(rig.pod(id)).toMatchObject({ state: 'ended', endReason: 'idle' });
  expect(rig.fake.machines.all.size).toBe(0);
});

test.each(['now', 'finish'] as const)(
  'the cap of a day is not overshot by more than one look (%s)',
  async (capAction) => {
    await open({ capPerDayUsd: 1, capAction, maxPods: 3 });
    rig.host.job('waiting');
    const { id } = await rig.ready([H100]);
    const { id: second } = await rig.ready([H100]);
    rig.host.job('long', { workerId: id, durationSec: 90_000 });
    rig.host.job('long too', { workerId: second, durationSec: 90_000 });
    const pod = await untilOver(id);
    await untilOver(second);
    expect(pod).toMatchObject({ endReason: 'cap_day', trouble: { code: 'POD_CAP_REACHED' } });
    const oneLook = (2 * 2.99 * LOOK) / HOUR;
    expect(rig.fake.machines.spent()).toBeGreaterThan(1 - 2 * oneLook);
    expect(rig.fake.machines.spent()).toBeLessThanOrEqual(1 + oneLook);
    await expect(rig.pods.startPod({})).rejects.toMatchObject({ code: 'POD_CAP_REACHED' });
    // The next day pays anew.
    await rig.after(24 * HOUR);
    expect((await rig.start([A40])).state).toBe('starting');
  },
);

test('near the cap nothing is begun that it would not pay for, and what is at work is finished', async () => {
  await open({ capPerDayUsd: 1, capAction: 'finish' });
  const { id } = await rig.ready([H100]);
  rig.host.job('at work', { workerId: id, durationSec: 3 * 3600 });
  rig.host.job('next', { durationSec: 3 * 3600 });
  await rig.after(SECOND);
  expect(rig.pods.takes(id, 'b1')).toBe(true);
  // An H100 is assumed to hear 42 seconds a second: six hours take 514 s. At $0.60 of $1 there is time for 481 s.
  while (rig.pods.takes(id, 'b1')) await rig.after(LOOK);
  expect(rig.fake.machines.spent()).toBeGreaterThan(0.5);
  expect(rig.fake.machines.spent()).toBeLessThan(0.62);
  expect(rig.pod(id)).toMatchObject({ state: 'ready', jobsHeld: 1 });
  while (rig.fake.machines.spent() < 0.85) await rig.after(LOOK);
  expect(rig.pod(id)).toMatchObject({ state: 'ready', jobsHeld: 1 });
  rig.host.done('at work');
  await rig.after(SECOND);
  expect(rig.pod(id)).toMatchObject({ state: 'ended', endReason: 'cap_day' });
  expect(rig.fake.machines.spent()).toBeLessThan(1);
  // Something of the cap is left, and not enough for what waits: that is what it waits for.
  expect(rig.pods.capOn('b1')).toBe('cap_day');
  rig.settings = { ...rig.settings, capPerDayUsd: 10 };
  await rig.after(SECOND);
  expect(rig.pods.capOn('b1')).toBe(null);
});

test('the cap of a batch ends that batch on pods, and leaves the others', async () => {
  await open({ capPerBatchUsd: 0.5, capAction: 'now', capPerDayUsd: null });
  const { id } = await rig.ready([H100]);
  rig.host.job('dear', { workerId: id, batchId: 'b1', durationSec: 90_000 });
  for (let look = 0; rig.host.returned.length === 0 && look < 100; look += 1) await rig.after(LOOK);
  expect(rig.host.returned).toEqual([{ workerId: id, jobId: 'dear' }]);
  expect(rig.fake.machines.spent()).toBeLessThanOrEqual(0.5 + (2.99 * LOOK) / HOUR);
  expect(rig.pods.takes(id, 'b1')).toBe(false);
  expect(rig.pod(id)).toMatchObject({ state: 'ended', endReason: 'cap_batch' });
  const other = await rig.ready([H100]);
  rig.host.job('other', { workerId: other.id, batchId: 'b2' });
  await rig.after(LOOK);
  expect(rig.pod(other.id).state).toBe('ready');
  expect(rig.pods.takes(other.id, 'b2')).toBe(true);
  const { batches } = rig.pods.spending({ days: 1 });
  expect(batches.find(({ batchId }) => batchId === 'b1')?.usd).toBeCloseTo(0.5, 1);
});

test('spending names days, batches and the price of an hour of recording; the bill of a day that is over counts', async () => {
  await open({ capPerDayUsd: null });
  const { id, providerId } = await rig.ready([A40]);
  rig.host.job('j1', { workerId: id, batchId: 'b1' });
  await rig.after(30 * MINUTE);
  const at = rig.clock.now();
  rig.pods.delivered({
    ...{ jobId: 'j1', batchId: 'b1', workerId: id, attempt: 1, model: 'large-v3', durationSec: 7200 },
    ...{ startedAt: at - 10 * MINUTE, at },
  });
  rig.host.done('j1');
  const spent = rig.pods.spending({ days: 2 });
  expect(spent.today).toBeCloseTo(0.2, 3);
  expect(spent.batches[0]).toMatchObject({ batchId: 'b1', name: 'Batch b1', audioSec: 7200 });
  expect(spent.usdPerAudioHour).toBeCloseTo(0.1, 3);
  expect(rig.pod(id)).toMatchObject({ jobsDone: 1, audioSec: 7200 });
  // Measured: two hours in ten minutes.
  const prices = await rig.pods.prices({});
  expect(prices.offers.find(({ gpuId }) => gpuId === A40)?.speed).toEqual({
    ...{ speed: 12, basis: 'measured', recordings: 1, audioSec: 7200 },
  });
  await rig.pods.change({ id, action: 'terminate' });
  const metered = rig.pod(id).spent;
  const machine = rig.fake.machines.gone.find((gone) => gone.id === providerId);
  if (machine !== undefined) machine.cost += 0.05;
  await rig.after(24 * HOUR);
  const days = rig.pods.spending({ days: 2 }).days;
  expect(days[0]).toMatchObject({ day: '2026-11-25', billed: true });
  expect(days[0]?.usd).toBeCloseTo(metered + 0.05, 3);
});

test('prices come from the catalogue of now; the cheapest for this queue is by measured speed', async () => {
  await open();
  rig.host.job('j1', { durationSec: 36_000 });
  rig.host.job('j2', { durationSec: null });
  const before = await rig.pods.prices({});
  expect(before.queue).toEqual({ jobs: 2, audioSec: 72_000, unknown: 1 });
  expect(before.offers.map(({ memoryGB }) => memoryGB)).not.toContain(8);
  expect(before.offers[0]).toMatchObject({ gpuId: 'NVIDIA GeForce RTX 4090', cheapest: true, pricePerHour: 0.44 });
  for (const [gpuId, wallSec] of [
    ['NVIDIA GeForce RTX 4090', 600],
    [A40, 300],
  ] as const) {
    const { id } = await rig.ready([gpuId]);
    const at = rig.clock.now();
    rig.pods.delivered({
      ...{ jobId: gpuId, batchId: 'b1', workerId: id, attempt: 1, model: 'large-v3', durationSec: 6000 },
      ...{ startedAt: at - wallSec * 1000, at },
    });
  }
  const after = await rig.pods.prices({});
  expect(after.offers[0]).toMatchObject({ gpuId: A40, cheapest: true, speed: { speed: 20, basis: 'measured' } });
  const four = rig.fake.gpus.find(({ id }) => id === A40);
  if (four !== undefined) four.availability = 'NONE';
  const gone = await rig.pods.prices({});
  expect(gone.offers[0]?.gpuId).not.toBe(A40);
  expect(gone.offers.at(-1)).toMatchObject({ gpuId: A40, cheapest: false, availability: 'NONE' });
  const community = await rig.pods.prices({ cloud: 'COMMUNITY' });
  expect(community.offers.find(({ gpuId }) => gpuId === 'NVIDIA L40')?.pricePerHour).toBeNull();
});

test('everything now on up to N pods: the number keeps the deadline, and they end one by one as the queue runs out', async () => {
  await open({ maxPods: 4, capPerDayUsd: null });
  for (let job = 0; job < 8; job += 1) rig.host.job(`j${job}`, { durationSec: 3600 });
  const planned = await rig.pods.run({ maxPods: 4, gpuIds: [A40], deadlineHours: 0.3, dryRun: true });
  // 8 h at an assumed 16 take 1800 s on one, with 240 s to boot; 1080 s are left by the deadline.
  expect(planned).toMatchObject({ plan: { pods: 3, meetsDeadline: true, estimate: { basis: 'assumed' } }, pods: [] });
  expect(rig.fake.machines.all.size).toBe(0);
  const { pods } = await rig.pods.run({ maxPods: 3, gpuIds: [A40], deadlineHours: 0.3, dryRun: false });
  expect(pods).toHaveLength(3);
  for (const { id } of pods) await rig.until(id, ({ state }) => state === 'starting');
  await rig.pods.check();
  for (const { id } of pods) rig.host.health(id, 'ok');
  await rig.pods.check();
  const [one = '', two = '', three = ''] = pods.map(({ id }) => id);
  for (let job = 0; job < 8; job += 1) rig.host.done(`j${job}`);
  rig.host.job('last', { workerId: two });
  await rig.after(SECOND);
  await rig.after(21 * SECOND);
  expect([one, two, three].map((id) => rig.pod(id).state)).toEqual(['ended', 'ready', 'ended']);
  rig.host.done('last');
  await rig.after(SECOND);
  await rig.after(21 * SECOND);
  expect(rig.pod(two)).toMatchObject({ state: 'ended', endReason: 'drained' });
  await expect(rig.pods.run({ dryRun: true })).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('drained by hand, a pod takes nothing more and ends when what it has is done', async () => {
  await open();
  const { id } = await rig.ready([A40]);
  rig.host.job('at work', { workerId: id });
  rig.host.job('waiting');
  await rig.pods.change({ id, action: 'drain' });
  expect(rig.pods.takes(id, 'b1')).toBe(false);
  await rig.after(LOOK);
  expect(rig.pod(id).state).toBe('draining');
  rig.host.done('at work');
  await rig.after(LOOK);
  expect(rig.pod(id)).toMatchObject({ state: 'ended', endReason: 'person' });
});

test('work that a pod may not do keeps none alive: its worker was drained, or only this computer is to work', async () => {
  await open({ idleStopMinutes: 10 });
  rig.host.job('waiting');
  const { id } = await rig.ready([A40]);
  const { id: second } = await rig.ready([A40]);
  await rig.after(11 * MINUTE);
  expect([rig.pod(id).state, rig.pod(second).state]).toEqual(['ready', 'ready']);
  rig.host.drain(id);
  await rig.after(SECOND);
  await rig.after(10 * MINUTE);
  expect([rig.pod(id).state, rig.pod(second).state]).toEqual(['ended', 'ready']);
  rig.mayWork = false;
  await rig.after(SECOND);
  await rig.after(10 * MINUTE);
  expect(rig.pod(second)).toMatchObject({ state: 'ended', endReason: 'idle' });
});
