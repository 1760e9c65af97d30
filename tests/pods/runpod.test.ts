// RunPod's API v2 as a provider, against the fake of it; and what is particular to its wire.

import { expect, test } from 'vitest';
import { manualClock } from '../../src/host/manual-clock.cases.ts';
import { providerKeepsItsPromises } from '../../src/pods/provider.cases.ts';
import { Runpod } from '../../src/pods/runpod.ts';
import { PATIENCE_MS } from '../patience.ts';
import { FakeRunpod, KEY } from './fake-runpod.ts';

const GPU = 'NVIDIA A40';

async function open() {
  const clock = manualClock(Date.UTC(2026, 10, 25, 10));
  const fake = await FakeRunpod.listen(clock);
  const { baseUrl, proxyUrl } = fake;
  const provider = new Runpod({ baseUrl, proxyUrl, apiKey: KEY, version: '1.2.3', clock, callMs: PATIENCE_MS });
  return {
    ...{ clock, fake, provider, gpuId: GPU },
    loseReply: () => fake.faults.plan('POST /pods', { kind: 'lost-reply' }),
    revokeKey: () => fake.keys.clear(),
    sellOut() {
      for (const gpu of fake.gpus) gpu.free = 0;
    },
    spendAll() {
      fake.balance = 0;
    },
    say(providerId: string, line: string) {
      const machine = fake.machines.get(providerId);
      if (machine !== null) fake.machines.say(machine, 'container', line);
    },
    async close() {
      await provider.close();
      await fake.close();
    },
  };
}

providerKeepsItsPromises('RunPod', open);

const signal = new AbortController().signal;

test.each([
  [405, 'PODS_PROTOCOL'],
  [410, 'PODS_PROTOCOL'],
  [418, 'PODS_PROTOCOL'],
  [500, 'PODS_UNREACHABLE'],
  [524, 'PODS_UNREACHABLE'],
])('status %i is %s', async (status, code) => {
  const parts = await open();
  try {
    parts.fake.faults.plan('GET /pods', { kind: 'answer', status, detail: `it holds ${KEY}` });
    const thrown: unknown = await parts.provider.list(signal).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code, status });
    expect(String(thrown)).not.toContain(KEY);
  } finally {
    await parts.close();
  }
});

test('an answer that makes no sense is told from none, and a state of a later version costs and is there', async () => {
  const parts = await open();
  try {
    parts.fake.faults.plan('GET /pods', { kind: 'page', status: 200 });
    await expect(parts.provider.list(signal)).rejects.toMatchObject({ code: 'PODS_PROTOCOL' });
    const machine = parts.fake.machines.create({ name: 'bt-x', image: 'i', gpu: { id: GPU } }, 0.4);
    Object.assign(machine, { status: 'MIGRATING' });
    const [pod] = await parts.provider.list(signal);
    expect(pod?.facts).toMatchObject({ status: 'RUNNING', costPerHour: 0.4 });
  } finally {
    await parts.close();
  }
});

test('Retry-After is kept, and what can wait is held back until then', async () => {
  const parts = await open();
  try {
    parts.fake.faults.plan('GET /pods', { kind: 'answer', status: 429, headers: { 'Retry-After': '30' } });
    await expect(parts.provider.list(signal)).rejects.toMatchObject({
      code: 'PODS_RATE_LIMITED',
      retryAfterMs: 30_000,
    });
    const before = parts.fake.calls.length;
    await expect(parts.provider.list(signal)).rejects.toMatchObject({ code: 'PODS_RATE_LIMITED' });
    expect(parts.fake.calls.length).toBe(before);
    // To end a pod cannot wait.
    await parts.provider.terminate('anything', signal);
    expect(parts.fake.calls.length).toBe(before + 1);
    parts.clock.advance(30_000);
    expect(await parts.provider.list(signal)).toEqual([]);
  } finally {
    await parts.close();
  }
});

test('the fake refuses what RunPod refuses: unknown fields, a catalogue without its product, the retired API', async () => {
  const parts = await open();
  try {
    const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`${parts.fake.baseUrl}${path}`, { ...init, headers: { Authorization: `Bearer ${KEY}` } });
    const body = JSON.stringify({ name: 'x', image: 'i', gpu: { id: GPU }, gpuTypeIds: [GPU] });
    expect((await ask('/pods', { method: 'POST', body })).status).toBe(422);
    expect((await ask('/catalog/gpus?include=AVAILABILITY')).status).toBe(400);
    const retired = await fetch(parts.fake.baseUrl.replace('/v2', '/v1/pods'));
    expect(retired.status).toBe(410);
    expect((await ask('/pods')).headers.get('ratelimit')).toMatch(/^"minute";r=\d+;t=\d+/);
  } finally {
    await parts.close();
  }
});
