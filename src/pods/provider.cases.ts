// Owns what every provider of machines promises, as a suite that each of them runs against its own service or a faithful fake of it.

import { describe, expect, it } from 'vitest';
import type { PodProvider, PodSpec, ProviderPod } from './provider.ts';
import { ProviderRefusal } from './provider.ts';

/** A provider with the means to make its service misbehave. */
export interface ProviderUnderTest {
  readonly provider: PodProvider;
  /** A GPU that can be had now. */
  readonly gpuId: string;
  /** The next making is done, and its answer lost. */
  loseReply(): void;
  /** The key is worth nothing any more. */
  revokeKey(): void;
  /** Nothing more of this GPU is to be had. */
  sellOut(): void;
  /** The account has no money. */
  spendAll(): void;
  /** The pod writes a line into its log. */
  say(providerId: string, line: string): void;
  close(): Promise<void>;
}

const signal = new AbortController().signal;

/** The suite. */
export function providerKeepsItsPromises(name: string, open: () => Promise<ProviderUnderTest>): void {
  const check = (what: string, run: (parts: ProviderUnderTest) => Promise<void>): void =>
    it(what, async () => {
      const parts = await open();
      try {
        await run(parts);
      } finally {
        await parts.close();
      }
    });
  const specOf = ({ gpuId }: ProviderUnderTest, podName: string): PodSpec => ({
    ...{ name: podName, image: `registry.example/w@sha256:${'0'.repeat(64)}`, gpuId, cloud: 'SECURE' },
    ...{ dataCenterIds: [], diskGB: 20, minCudaVersion: '12.8', registryId: null, port: 8477, env: { A: 'b' } },
  });
  const refused = async (call: Promise<unknown>): Promise<ProviderRefusal> => {
    const thrown = await call.then(
      () => null,
      (error: unknown) => error,
    );
    if (thrown instanceof ProviderRefusal) return thrown;
    throw new Error(`Not refused as it should be: ${String(thrown)}`);
  };
  const named = (pods: readonly ProviderPod[], podName: string): ProviderPod[] =>
    pods.filter((pod) => pod.name === podName);

  describe(`${name} as a provider`, () => {
    check('offers GPUs with a price and how many there are', async ({ provider, gpuId }) => {
      const gpu = (await provider.catalogue('SECURE', '12.8', signal)).find((each) => each.gpuId === gpuId);
      expect(gpu?.price.SECURE).toBeGreaterThan(0);
      expect(gpu?.memoryGB).toBeGreaterThan(0);
      expect(['LOW', 'MEDIUM', 'HIGH']).toContain(gpu?.availability);
    });

    check('makes a pod, lists it under its name with its environment, and gives it by its id', async (parts) => {
      const { provider } = parts;
      const made = await provider.create(specOf(parts, 'bt-one'), signal);
      expect(made.facts.costPerHour).toBeGreaterThan(0);
      const [listed] = named(await provider.list(signal), 'bt-one');
      expect(listed).toMatchObject({ name: 'bt-one', env: { A: 'b' }, facts: { providerId: made.facts.providerId } });
      expect((await provider.get(made.facts.providerId, signal)).name).toBe('bt-one');
      expect(provider.address(made.facts.providerId, 8477)).toContain(made.facts.providerId);
    });

    check('a making whose answer is lost is uncertain, and is found by its name', async (parts) => {
      parts.loseReply();
      const error = await refused(parts.provider.create(specOf(parts, 'bt-lost'), signal));
      expect(error).toMatchObject({ code: 'PODS_UNREACHABLE', uncertain: true });
      expect(named(await parts.provider.list(signal), 'bt-lost')).toHaveLength(1);
    });

    check('stops, starts again, and costs nothing in between', async (parts) => {
      const { provider } = parts;
      const { facts } = await provider.create(specOf(parts, 'bt-power'), signal);
      const stopped = await provider.power(facts.providerId, 'stop', signal);
      expect(stopped.facts).toMatchObject({ status: 'EXITED', costPerHour: 0 });
      expect((await refused(provider.power(facts.providerId, 'stop', signal))).code).toBe('PODS_CONFLICT');
      const started = await provider.power(facts.providerId, 'start', signal);
      expect(started.facts.costPerHour).toBeGreaterThan(0);
    });

    check('ends for good; what is gone is gone, and to end it again is no error', async (parts) => {
      const { provider } = parts;
      const { facts } = await provider.create(specOf(parts, 'bt-end'), signal);
      await provider.terminate(facts.providerId, signal);
      await provider.terminate(facts.providerId, signal);
      expect((await refused(provider.get(facts.providerId, signal))).code).toBe('PODS_GONE');
      expect(named(await provider.list(signal), 'bt-end')).toEqual([]);
    });

    check('tells what is said in a pod, from the past on, and goes on after a line that was seen', async (parts) => {
      const { provider } = parts;
      const { facts } = await provider.create(specOf(parts, 'bt-log'), signal);
      parts.say(facts.providerId, 'one');
      parts.say(facts.providerId, 'two');
      const read = async (after: string | null, until: string): Promise<{ id: string; said: string }[]> => {
        const seen: { id: string; said: string }[] = [];
        const stop = new AbortController();
        for await (const { id, line } of provider.logs(facts.providerId, { tail: 50, after }, stop.signal)) {
          seen.push({ id, said: line.line });
          if (line.line === until) break;
        }
        stop.abort();
        return seen;
      };
      const past = await read(null, 'two');
      expect(past.map(({ said }) => said)).toEqual(expect.arrayContaining(['one', 'two']));
      parts.say(facts.providerId, 'three');
      const one = past.find(({ said }) => said === 'one')?.id ?? null;
      expect((await read(one, 'three')).map(({ said }) => said)).toEqual(['two', 'three']);
    });

    check('refuses by code: no such pod, none free, no money, a key that is void', async (parts) => {
      const { provider } = parts;
      expect((await refused(provider.get('nosuchpod', signal))).code).toBe('PODS_GONE');
      parts.spendAll();
      expect((await refused(provider.create(specOf(parts, 'bt-poor'), signal))).code).toBe('PODS_NO_BALANCE');
      parts.revokeKey();
      expect((await refused(provider.list(signal))).code).toBe('PODS_KEY_REFUSED');
    });

    check('says that a GPU is sold out', async (parts) => {
      parts.sellOut();
      const error = await refused(parts.provider.create(specOf(parts, 'bt-none'), signal));
      expect(['PODS_NO_CAPACITY', 'PODS_REQUEST_WRONG']).toContain(error.code);
      expect(error.uncertain).toBe(false);
    });

    check('bills by pod and day', async (parts) => {
      const { facts } = await parts.provider.create(specOf(parts, 'bt-bill'), signal);
      const bills = await parts.provider.bills(2, signal);
      expect(bills.find(({ providerId }) => providerId === facts.providerId)).toMatchObject({
        day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        usd: expect.any(Number),
      });
    });
  });
}
