import { describe, expect, test } from 'vitest';
import { TUNNEL_BASE_URL, type TunnelChoice, type TunnelKind } from '../contract/tunnel-wire.ts';
import type { WorkerView } from '../contract/worker-view.ts';
import { REMOTE, TestEngine } from './engine.cases.ts';
import { chooseTunnel } from './tunnel-choice.ts';

const OWN = { features: ['tunnel', 'events', 'resume', 'delivery'] };
const NO_TUNNEL = { features: ['events', 'resume', 'delivery'] };
const DEPLOYED = { features: [] };

const drivers = (...there: TunnelKind[]) => {
  const driver = (kind: TunnelKind) => ({ missing: () => (there.includes(kind) ? null : `No ${kind}.`) });
  return { worker: driver('worker'), address: driver('address'), cloudflared: driver('cloudflared') };
};

test.each<[{ features: string[] }, TunnelChoice, TunnelKind[], TunnelKind | RegExp]>([
  [OWN, 'auto', ['worker', 'address', 'cloudflared'], 'worker'],
  [NO_TUNNEL, 'auto', ['worker', 'address', 'cloudflared'], 'address'],
  [DEPLOYED, 'auto', ['worker', 'cloudflared'], 'cloudflared'],
  [DEPLOYED, 'auto', ['worker'], /CONTROLLER_BASE_URL.*cloudflared/],
  [OWN, 'address', ['worker', 'address'], 'address'],
  [OWN, 'address', ['worker', 'cloudflared'], /No address/],
  [OWN, 'cloudflared', ['worker', 'cloudflared'], 'cloudflared'],
  [OWN, 'cloudflared', ['worker', 'address'], /No cloudflared/],
  [DEPLOYED, 'worker', ['worker', 'address'], /older build/],
])('%j with %s and %j', (ping, choice, there, expected) => {
  const chosen = chooseTunnel(ping, choice, drivers(...there));
  if (typeof expected === 'string') expect(chosen).toEqual({ kind: expected });
  else expect(chosen).toEqual({ kind: null, why: expect.stringMatching(expected) });
});

describe('in the engine', () => {
  const viewOf = async (engine: TestEngine): Promise<WorkerView | undefined> =>
    (await engine.controller.call('listWorkers', {})).workers.find(({ url }) => url === REMOTE.url);

  test('another way that is set is taken at once, jobs at work are posted again with its links, and the view tells', async () => {
    const engine = new TestEngine(undefined, undefined, 'https://transcribe.example');
    const id = await engine.add();
    await engine.clock.advance(2_000);
    expect(await engine.job(id)).toMatchObject({ state: 'running' });
    expect((await viewOf(engine))?.tunnel).toMatchObject({ kind: 'worker', state: 'open', address: null });

    await engine.controller.call('putSettings', { tunnel: 'address' });
    await engine.clock.advance(1_000);
    expect(engine.worker.opened).toEqual(['worker', 'address']);
    expect([...engine.bases]).toEqual([TUNNEL_BASE_URL, 'https://transcribe.example']);
    expect(new Set(engine.worker.submitted.map(({ key }) => key))).toEqual(new Set([`${id}:1`]));
    expect((await viewOf(engine))?.tunnel).toMatchObject({ kind: 'address', address: 'https://transcribe.example' });
    await engine.deliver(id);
    await engine.clock.advance(1_000);
    expect(await engine.job(id)).toMatchObject({ state: 'complete', attempt: 1 });
  });

  test('one worker may have another way than the rest', async () => {
    const engine = new TestEngine();
    engine.worker.cloudflared = 'https://one.trycloudflare.com';
    await engine.clock.advance(1_000);
    await engine.controller.call('putSettings', { tunnelByWorker: { environment: 'cloudflared', other: 'address' } });
    expect((await viewOf(engine))?.tunnel).toMatchObject({ kind: 'cloudflared', state: 'open' });
    await engine.controller.call('putSettings', { tunnelByWorker: {} });
    expect((await viewOf(engine))?.tunnel).toMatchObject({ kind: 'worker', state: 'open' });
  });

  test('an address that changes has the open attempt posted again, with the same key and new links', async () => {
    const engine = new TestEngine();
    engine.settings = { ...engine.settings, tunnel: 'cloudflared' };
    engine.worker.cloudflared = 'https://one.trycloudflare.com';
    const id = await engine.add();
    await engine.clock.advance(2_000);
    const before = engine.worker.submitted.length;
    engine.worker.moveTo('https://two.trycloudflare.com');
    // Not at the next poll, which may be ten seconds away: at once.
    await engine.clock.advance(100);
    expect(engine.worker.submitted.length).toBe(before + 1);
    expect(engine.worker.submitted.at(-1)?.key).toBe(`${id}:1`);
    expect([...engine.bases]).toEqual(['https://one.trycloudflare.com', 'https://two.trycloudflare.com']);
    expect(await engine.job(id)).toMatchObject({ state: 'running', attempt: 1 });
  });

  test('a way that cannot be had is shown with its reason, and nothing is sent', async () => {
    const engine = new TestEngine();
    engine.settings = { ...engine.settings, tunnel: 'cloudflared' };
    await engine.add();
    await engine.clock.advance(20_000);
    expect(engine.worker.submitted).toEqual([]);
    expect(await viewOf(engine)).toMatchObject({
      detail: 'cloudflared is not installed.',
      tunnel: { kind: null, state: 'closed' },
    });
    // Installed in the meantime: found at the next ping.
    engine.worker.cloudflared = 'https://one.trycloudflare.com';
    await engine.clock.advance(20_000);
    expect(engine.worker.submitted).toHaveLength(1);
  });

  test('what is sent is counted for the worker, with how fast', async () => {
    const engine = new TestEngine();
    const id = await engine.add();
    await engine.clock.advance(2_000);
    for (let step = 1; step <= 4; step += 1) {
      engine.facing.sent(id, 1, step * 1_000_000, 1_000_000);
      await engine.clock.advance(500);
    }
    const tunnel = (await viewOf(engine))?.tunnel;
    expect(tunnel?.bytesSent).toBe(4_000_000);
    expect(tunnel?.bytesPerSecond).toBeGreaterThan(1_300_000);
    expect(tunnel?.bytesPerSecond).toBeLessThanOrEqual(4_000_000);
    await engine.clock.advance(20_000);
    expect((await viewOf(engine))?.tunnel.bytesPerSecond).toBe(0);
  });
});
