// The start of rented pods over the provider's real wire: what is asked for, and what a person is told when it is refused.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { explain } from '../../src/contract/errors.ts';
import { DIGEST, IMAGE, Rig, SECOND } from './rig.ts';

let rig: Rig;

beforeEach(async () => {
  rig = await Rig.open();
});

afterEach(async () => {
  await rig.close();
});

const CHEAP = 'NVIDIA A40';
const DEAR = 'NVIDIA H100 80GB HBM3';

describe('a start', () => {
  test('asks for the image by digest with every variable, a token of its own, and never the account’s key', async () => {
    rig.secrets.set('hf-token', 'hf_canary');
    const pod = await rig.start([CHEAP]);
    const [machine] = [...rig.fake.machines.all.values()];
    expect(machine?.body).toMatchObject({
      name: expect.stringMatching(/^bt-1a2b3c4d-[0-9a-z]{26}$/),
      image: IMAGE,
      gpu: { id: CHEAP, count: 1, minCudaVersion: '12.8' },
      cloud: 'SECURE',
      disk: 50,
      ports: ['8477/http'],
    });
    expect(machine?.body.env).toEqual({
      WORKER_TOKEN: expect.stringMatching(/^[0-9a-f]{64}$/),
      HF_TOKEN: 'hf_canary',
      WORKER_PORT: '8477',
      WORKER_MODEL: 'large-v3',
      WORKER_MAX_CONCURRENT_JOBS: '1',
      WORKER_MAX_FILE_MB: '2000',
      WORKER_TMP_DIR: '/tmp/bt-worker',
      DIARIZATION_DEVICE: 'cuda',
      IMAGE_DIGEST: DIGEST,
      WORKER_IDLE_STOP_SECONDS: '840',
    });
    expect(pod).toMatchObject({ state: 'starting', image: IMAGE, imageAtProvider: IMAGE, imageDiffers: false });
    // Its identity is held against the digest that was asked for.
    expect(rig.host.workers.get(pod.id)?.digest).toBe(DIGEST);
    const { token } = rig.host.workers.get(pod.id)?.address ?? {};
    expect(machine?.body.env?.['WORKER_TOKEN']).toBe(token);
    const told = JSON.stringify([rig.pods.list(), rig.host.events, rig.logged]);
    expect(told).not.toContain(token);
    expect(told).not.toContain('hf_canary');
    expect(told).not.toContain('rpa_fake');
  });

  test('takes the cheapest that is free, and the next one when it was let meanwhile', async () => {
    const [a40] = rig.fake.gpus.filter(({ id }) => id === CHEAP);
    if (a40 !== undefined) a40.free = 0;
    rig.host.job('j1');
    const pod = await rig.start([CHEAP, DEAR]);
    expect(pod).toMatchObject({ state: 'starting', gpuId: DEAR, gpuName: 'H100 SXM', costPerHour: 2.99 });
    expect(rig.fake.calls.filter((call) => call === 'POST /pods')).toHaveLength(2);
  });

  test('says that none is free when none is', async () => {
    for (const gpu of rig.fake.gpus) gpu.free = 0;
    const pod = await rig.start();
    expect(pod).toMatchObject({ state: 'failed', trouble: { code: 'PODS_NO_CAPACITY' } });
    expect(pod.trouble?.message).toContain('RTX 4090');
    expect(pod.detail).toBe('It was never started, and costs nothing.');
  });

  test('says that the request is wrong when every GPU is refused for another reason (400)', async () => {
    rig.fake.faults.plan(
      'POST /pods',
      { kind: 'answer', status: 400, detail: 'disk exceeds the limit of the host' },
      9,
    );
    const pod = await rig.start([CHEAP, DEAR]);
    expect(pod).toMatchObject({ state: 'failed', trouble: { code: 'PODS_REQUEST_WRONG' } });
    expect(pod.trouble?.message).toContain('disk exceeds the limit');
    expect(rig.fake.machines.all.size).toBe(0);
  });

  test.each([
    [401, 'PODS_KEY_REFUSED', 'refused'],
    [402, 'PODS_NO_BALANCE', 'no_balance'],
    [403, 'PODS_FORBIDDEN', 'forbidden'],
    [422, 'PODS_REQUEST_WRONG', 'ok'],
  ] as const)('refused with %i says what to do, and asks for no other GPU', async (status, code, account) => {
    const prices = await rig.pods.prices({});
    expect(prices.offers.length).toBeGreaterThan(3);
    rig.fake.faults.plan('POST /pods', { kind: 'answer', status, detail: 'because of the test' });
    const { id } = await rig.pods.startPod({ gpuIds: [CHEAP, DEAR] });
    await rig.until(id, ({ state }) => state === 'failed');
    const pod = rig.pod(id);
    expect(pod.trouble).toMatchObject({ code, message: expect.stringContaining('because of the test') });
    expect(explain(pod.trouble ?? { code: 'INTERNAL', message: '' }).todo.length).toBeGreaterThan(20);
    expect(rig.fake.calls.filter((call) => call === 'POST /pods')).toHaveLength(1);
    const told = rig.host.events.flatMap((event) => (event.type === 'pods' ? [event.summary.account.state] : []));
    expect(told).toContain(account);
  });

  test('asked too often (429) waits as long as it is told to, then goes on', async () => {
    rig.fake.faults.plan('POST /pods', { kind: 'answer', status: 429, headers: { 'Retry-After': '12' } });
    const { id } = await rig.pods.startPod({ gpuIds: [CHEAP] });
    const limited = (): boolean =>
      rig.host.events.some((event) => event.type === 'pods' && event.summary.account.state === 'limited');
    while (!limited()) await new Promise((resolve) => setTimeout(resolve, 2));
    rig.clock.advance(11 * SECOND);
    expect(rig.pod(id).state).toBe('wanted');
    rig.clock.advance(2 * SECOND);
    await rig.until(id, ({ state }) => state === 'starting');
    expect(rig.fake.machines.all.size).toBe(1);
  });

  test.each([
    ['lost reply', { kind: 'lost-reply' } as const, 1],
    ['500', { kind: 'answer', status: 500 } as const, 0],
    ['a page of a proxy', { kind: 'page', status: 502 } as const, 0],
  ])(
    'whose answer is uncertain (%s) is never asked for twice: it is looked for by its name',
    async (_, fault, made) => {
      rig.fake.faults.plan('POST /pods', fault);
      const { id } = await rig.pods.startPod({ gpuIds: [CHEAP, DEAR] });
      await rig.until(id, () => rig.fake.calls.includes('POST /pods'));
      await rig.after(5 * SECOND);
      expect(rig.fake.machines.all.size).toBe(made);
      if (made === 0) {
        expect(rig.pod(id)).toMatchObject({ state: 'wanted' });
        await rig.after(61 * SECOND);
        expect(rig.pod(id)).toMatchObject({ state: 'failed', trouble: { code: 'PODS_UNCONFIRMED' } });
      } else expect(rig.pod(id)).toMatchObject({ state: 'starting' });
      expect(rig.fake.calls.filter((call) => call === 'POST /pods')).toHaveLength(1);
    },
  );

  test('is refused before anything is written: no key, no image, this computer only, enough pods', async () => {
    rig.settings = { ...rig.settings, image: '' };
    await expect(rig.pods.startPod({})).rejects.toMatchObject({ code: 'PODS_NO_IMAGE' });
    rig.settings = { ...rig.settings, image: IMAGE, maxPods: 1 };
    rig.mayWork = false;
    await expect(rig.pods.startPod({})).rejects.toMatchObject({ code: 'CONFLICT' });
    rig.mayWork = true;
    await rig.start([CHEAP]);
    await expect(rig.pods.startPod({})).rejects.toMatchObject({ code: 'CONFLICT' });
    rig.secrets.delete('runpod-api-key');
    await expect(rig.pods.startPod({})).rejects.toMatchObject({ code: 'PODS_NO_KEY' });
    expect(rig.fake.machines.all.size).toBe(1);
  });
});
