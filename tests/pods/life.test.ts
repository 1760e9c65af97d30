// The life of rented pods over the provider's real wire, each fault with what a person is told of it.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { IMAGE, INSTALL, MINUTE, Rig, SECOND } from './rig.ts';

let rig: Rig;

beforeEach(async () => {
  rig = await Rig.open();
});

afterEach(async () => {
  await rig.close();
});

const CHEAP = 'NVIDIA A40';

describe('while it starts', () => {
  test('it says how far it is, and is ready when its worker answers', async () => {
    Object.assign(rig.fake.machines.times, { provisionMs: MINUTE, startMs: 2 * MINUTE });
    const { id } = await rig.start([CHEAP]);
    expect(rig.pod(id).detail).toBe('RunPod looks for a machine.');
    await rig.after(61 * SECOND);
    expect(rig.pod(id).detail).toBe('The machine fetches the image.');
    await rig.after(2 * MINUTE);
    expect(rig.pod(id)).toMatchObject({ state: 'starting', url: expect.stringContaining('-8477') });
    rig.host.health(id, 'ok');
    await rig.after(SECOND);
    expect(rig.pod(id)).toMatchObject({ state: 'ready', bootDeadline: null, trouble: null });
    expect(rig.pods.takes(id, 'b1')).toBe(true);
  });

  test.each([
    ['PROVISIONING', { provisionMs: 99 * MINUTE, startMs: 0 }, 'looking for a machine'],
    ['STARTING', { provisionMs: 0, startMs: 99 * MINUTE }, 'fetching the image'],
    ['RUNNING but 502', { provisionMs: 0, startMs: 0 }, 'does not answer'],
  ])('one that is too slow (%s) is ended with the cause', async (_, times, words) => {
    Object.assign(rig.fake.machines.times, times);
    const { id } = await rig.start([CHEAP]);
    rig.host.health(id, 'unreachable');
    await rig.after(rig.settings.bootMinutes * MINUTE + SECOND);
    expect(rig.pod(id)).toMatchObject({
      state: 'ended',
      endReason: 'boot_timeout',
      trouble: { code: 'POD_BOOT_TIMEOUT' },
    });
    expect(rig.pod(id).trouble?.message).toContain(words);
    expect(rig.fake.machines.all.size).toBe(0);
  });

  test('its log is followed, over a cut as well, and its last line is part of the cause', async () => {
    const { id } = await rig.start([CHEAP]);
    const [machine] = [...rig.fake.machines.all.values()];
    if (machine === undefined) throw new Error('No machine was made.');
    const lines = (): string[] =>
      rig.host.events.flatMap((event) => (event.type === 'pod-log' ? event.lines.map(({ line }) => line) : []));
    const heard = async (line: string): Promise<void> => {
      while (!lines().includes(line)) await new Promise((resolve) => setTimeout(resolve, 2));
    };
    await heard('start container');
    rig.fake.machines.say(machine, 'container', 'pulling');
    await heard('pulling');
    rig.fake.cutAll();
    while (rig.logged.every((line) => !line.startsWith('pod_log_broken')))
      await new Promise((resolve) => setTimeout(resolve, 2));
    rig.fake.machines.say(machine, 'container', 'CUDA driver too old');
    rig.clock.advance(3 * SECOND);
    await heard('CUDA driver too old');
    expect(lines().filter((line) => line === 'pulling')).toHaveLength(1);
    await rig.after(rig.settings.bootMinutes * MINUTE);
    expect(rig.pod(id).trouble?.message).toContain('Last line of its log: CUDA driver too old');
  });
});

describe('afterwards', () => {
  test('a pod that moved has a new id and address, the same jobs, and starts again', async () => {
    const { id, providerId, url } = await rig.ready([CHEAP]);
    rig.host.job('j1', { workerId: id });
    const [machine] = [...rig.fake.machines.all.values()];
    if (machine !== undefined) await rig.fake.machines.migrate(machine);
    await rig.after(30 * SECOND);
    const moved = rig.pod(id);
    expect(moved.state).toBe('starting');
    expect(moved.providerId).not.toBe(providerId);
    expect(moved.url).not.toBe(url);
    expect(rig.host.lost).toEqual([]);
    expect(moved.jobsHeld).toBe(1);
    expect(rig.host.workers.get(id)?.address.url).toBe(moved.url);
    rig.host.health(id, 'ok');
    await rig.after(SECOND);
    expect(rig.pod(id).state).toBe('ready');
  });

  test('one that ended by itself shows that, gives its jobs back, and can be started again', async () => {
    const { id } = await rig.ready([CHEAP]);
    rig.host.job('j1', { workerId: id });
    const [machine] = [...rig.fake.machines.all.values()];
    if (machine !== undefined) await rig.fake.machines.stop(machine);
    await rig.after(30 * SECOND);
    expect(rig.pod(id)).toMatchObject({ state: 'exited', costPerHour: 0, trouble: { code: 'POD_EXITED' } });
    expect(rig.pod(id).actions).toEqual(['start', 'terminate']);
    expect(rig.host.lost).toEqual([id]);
    expect(rig.host.jobs[0]).toMatchObject({ workerId: null, wantsWorker: true });
    await rig.pods.change({ id, action: 'start' });
    expect(rig.pod(id).state).toBe('starting');
  });

  test('one that comes back without its GPU is ended, with the reason', async () => {
    const { id } = await rig.ready([CHEAP]);
    await rig.pods.change({ id, action: 'stop' });
    expect(rig.pod(id)).toMatchObject({ state: 'stopped', costPerHour: 0 });
    rig.fake.machines.losesGpu = true;
    await rig.pods.change({ id, action: 'start' });
    await rig.after(5 * SECOND);
    expect(rig.pod(id)).toMatchObject({ state: 'ended', endReason: 'no_gpu', trouble: { code: 'POD_NO_GPU' } });
    expect(rig.fake.machines.all.size).toBe(0);
  });

  test('stopping one that is in no state for it (409) says so and is tried again', async () => {
    const { id } = await rig.ready([CHEAP]);
    rig.fake.faults.plan('POST /pods/', { kind: 'answer', status: 409, detail: 'the pod is starting' });
    await rig.pods.change({ id, action: 'stop' });
    expect(rig.pod(id)).toMatchObject({ state: 'stopping', trouble: { code: 'PODS_CONFLICT' } });
    await rig.after(5 * SECOND);
    expect(rig.pod(id).state).toBe('stopped');
  });

  test('the balance runs out: gone by the provider’s word, jobs back in the queue, the next start says 402', async () => {
    const { id } = await rig.ready([CHEAP]);
    rig.host.job('j1', { workerId: id });
    await rig.fake.runOut();
    await rig.after(30 * SECOND);
    expect(rig.pod(id)).toMatchObject({ state: 'ended', endReason: 'gone', trouble: { code: 'PODS_GONE' } });
    expect(rig.host.lost).toEqual([id]);
    const { id: next } = await rig.pods.startPod({ gpuIds: [CHEAP] });
    await rig.until(next, ({ state }) => state === 'failed');
    expect(rig.pod(next).trouble?.code).toBe('PODS_NO_BALANCE');
  });

  test('gone after the app was away for longer than a pod waits: charged no longer than it lived, and said so', async () => {
    const { id } = await rig.ready([CHEAP]);
    const [machine] = [...rig.fake.machines.all.values()];
    rig.clock.advance(14 * MINUTE);
    if (machine !== undefined) await rig.fake.machines.terminate(machine);
    await rig.after(9 * 60 * MINUTE);
    expect(rig.pod(id)).toMatchObject({ state: 'ended', endReason: 'gone' });
    expect(rig.pod(id).trouble?.message).toContain('ended itself while the app was away');
    expect(rig.pod(id).spent).toBeCloseTo(rig.fake.machines.spent(), 4);
  });

  test('the key is revoked: pods work on, the account says so, and a new key takes them up again', async () => {
    const { id } = await rig.ready([CHEAP]);
    rig.fake.keys.clear();
    rig.fake.keys.set('another key', 'all');
    await rig.after(30 * SECOND);
    expect(rig.pods.list().summary.account).toMatchObject({ state: 'refused', error: { code: 'PODS_KEY_REFUSED' } });
    expect(rig.pod(id).state).toBe('ready');
    expect(rig.host.workers.has(id)).toBe(true);
    // To be ended, it cannot be: nobody asks for its worker any more, so that its own timer ends it.
    await rig.pods.change({ id, action: 'terminate' });
    expect(rig.pod(id).state).toBe('ending');
    expect(rig.host.workers.has(id)).toBe(false);
    const { account } = await rig.pods.saveSecrets({ apiKey: 'another key' });
    expect(account.state).toBe('ok');
    expect(rig.pod(id).state).toBe('ended');
    expect(rig.fake.machines.all.size).toBe(0);
  });

  test('a key that may only look lists pods and cannot start any', async () => {
    rig.fake.keys.set('read key', 'read');
    await rig.pods.saveSecrets({ apiKey: 'read key' });
    expect(rig.pods.list().summary.account.state).toBe('ok');
    const { id } = await rig.pods.startPod({ gpuIds: [CHEAP] });
    await rig.until(id, ({ state }) => state === 'failed');
    expect(rig.pod(id).trouble?.code).toBe('PODS_FORBIDDEN');
  });

  test('silence of the provider is never proof: nothing is given up on 5xx, 404 of the list’s page, or a list that is cut', async () => {
    const { id } = await rig.ready([CHEAP]);
    rig.host.job('j1', { workerId: id });
    for (const fault of [
      { kind: 'answer', status: 503 },
      { kind: 'page', status: 404 },
      { kind: 'lost-reply' },
      { kind: 'lost-request' },
    ] as const) {
      rig.fake.faults.plan('GET /pods', fault);
      await rig.after(30 * SECOND);
      expect(rig.pod(id).state).toBe('ready');
    }
    expect(rig.host.lost).toEqual([]);
  });

  test('runtime null and {}, and fields of a later version, are read alike', async () => {
    rig.fake.emptyRuntime = {};
    Object.assign(rig.fake.machines.times, { provisionMs: MINUTE });
    const { id } = await rig.start([CHEAP]);
    expect(rig.pod(id).state).toBe('starting');
    rig.fake.emptyRuntime = null;
    await rig.after(SECOND);
    expect(rig.pod(id).state).toBe('starting');
  });

  test('the quota of the minute is kept for what cannot wait', async () => {
    const { id } = await rig.ready([CHEAP]);
    rig.fake.quota.perMinute = 8;
    for (let look = 0; look < 12; look += 1) await rig.pods.check();
    const before = rig.fake.calls.length;
    await rig.pods.check();
    expect(rig.fake.calls.length).toBe(before);
    expect(rig.pods.list().summary.account.state).toBe('limited');
    expect(rig.pod(id).state).toBe('ready');
    await rig.after(61 * SECOND);
    expect(rig.pods.list().summary.account.state).toBe('ok');
  });
});

describe('found pods', () => {
  const spec = { image: IMAGE, gpu: { id: CHEAP }, env: { WORKER_TOKEN: 'its token' } };

  test('one of a queue that was lost is shown with its cost, and can be used or ended', async () => {
    const name = `bt-${INSTALL.slice(0, 8)}-01jd0000000000000000000000`;
    rig.fake.machines.create({ ...spec, name }, 0.4);
    rig.fake.machines.create({ ...spec, name: 'my own pod' }, 1);
    rig.fake.machines.create({ ...spec, name: 'bt-99999999-01jd0000000000000000000000' }, 0.5);
    const pods = await rig.after(SECOND);
    expect(pods).toHaveLength(2);
    expect(pods.find((pod) => pod.name === name)).toMatchObject({ state: 'found', costPerHour: 0.4, foreign: false });
    expect(pods.find((pod) => pod.name !== name)).toMatchObject({ state: 'found', foreign: true });
    expect(rig.pods.list().summary).toMatchObject({ found: 2, costPerHour: 0.9, spentToday: 0 });
    const [mine, other] = [pods.find((pod) => !pod.foreign)?.id ?? '', pods.find((pod) => pod.foreign)?.id ?? ''];
    await rig.pods.change({ id: mine, action: 'adopt' });
    expect(rig.host.workers.get(mine)?.address.token).toBe('its token');
    rig.host.health(mine, 'ok');
    await rig.after(SECOND);
    expect(rig.pod(mine).state).toBe('ready');
    await rig.pods.change({ id: other, action: 'terminate' });
    expect(rig.pod(other).state).toBe('ended');
    expect([...rig.fake.machines.all.values()].map(({ body }) => body.name)).toEqual([name, 'my own pod']);
  });

  test('one that appears after it was given up is shown, not forgotten', async () => {
    rig.fake.faults.plan('POST /pods', { kind: 'answer', status: 500 });
    const { id, name } = await rig.pods.startPod({ gpuIds: [CHEAP] });
    await rig.until(id, () => rig.fake.calls.includes('POST /pods'));
    await rig.after(70 * SECOND);
    expect(rig.pod(id).state).toBe('failed');
    rig.fake.machines.create({ ...spec, name }, 0.4);
    await rig.after(60 * SECOND);
    expect(rig.pod(id)).toMatchObject({ state: 'found', costPerHour: 0.4 });
  });
});
