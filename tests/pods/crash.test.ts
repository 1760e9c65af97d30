// The app dies at every point of a pod's life, over and over: after the next start no pod is unaccounted for, and none was started twice.
// A point is before or after each write of the store and each call of the provider that changes something. To die is to do nothing more:
// whatever the dead app would still have done to the store or the provider is refused.

import { appendFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import type { PodStore } from '../../src/controller/pod-ports.ts';
import type { PodProvider } from '../../src/pods/provider.ts';
import { ProviderRefusal } from '../../src/pods/provider.ts';
import type { RigOptions } from './rig.ts';
import { MINUTE, Rig, SECOND } from './rig.ts';

const CYCLES = Number(process.env['POD_CRASHES'] ?? (process.env['FAULT_KILLS'] === undefined ? 120 : 500));
const SEED = Number(process.env['FAULT_SEED'] ?? 20_261_125);

class Killed extends Error {}

/** Counts the points that are passed and dies at one of them. */
class Life {
  passed = 0;
  dead = false;
  readonly #at: number;
  readonly points: string[] = [];

  /** @param at the point at which it dies, from 1; 0 for never */
  constructor(at: number) {
    this.#at = at;
  }

  pass(point: string): void {
    if (this.dead) throw new Killed(point);
    this.passed += 1;
    this.points.push(point);
    if (this.passed === this.#at) {
      this.dead = true;
      throw new Killed(point);
    }
  }

  #around<Result>(name: string, run: () => Result): Result {
    this.pass(`${name}:before`);
    const result = run();
    this.pass(`${name}:after`);
    return result;
  }

  /** The same parts, mortal. */
  readonly around: NonNullable<RigOptions['around']> = {
    store: (store: PodStore): PodStore => ({
      livePods: () => store.livePods(),
      endedPods: (since) => store.endedPods(since),
      pod: (id) => store.pod(id),
      podNamed: (name) => store.podNamed(name),
      addPod: (pod) => this.#around('pod-intent', () => store.addPod(pod)),
      savePod: (pod, now, also) => this.#around(`pod-${pod.state}`, () => store.savePod(pod, now, also)),
      saveMeasurement: (measurement, now) => store.saveMeasurement(measurement, now),
      saveBill: (podId, day, usd, now) => store.saveBill(podId, day, usd, now),
      spentByDay: (day) => store.spentByDay(day),
      spentByBatch: (day) => store.spentByBatch(day),
      spentOnBatch: (batchId) => store.spentOnBatch(batchId),
      spentOnJob: (jobId) => store.spentOnJob(jobId),
      spentOnPod: (podId) => store.spentOnPod(podId),
      gpuSpeeds: (model) => store.gpuSpeeds(model),
      bootSeconds: () => store.bootSeconds(),
    }),
    provider: (provider: PodProvider): PodProvider => ({
      catalogue: (...args) => provider.catalogue(...args),
      list: (signal) => this.#alive(() => provider.list(signal)),
      get: (id, signal) => this.#alive(() => provider.get(id, signal)),
      logs: (...args) => provider.logs(...args),
      bills: (...args) => provider.bills(...args),
      address: (id, port) => provider.address(id, port),
      close: () => provider.close(),
      create: (spec, signal) => this.#effect('pod-post', () => provider.create(spec, signal)),
      power: (id, what, signal) => this.#effect(`pod-${what}`, () => provider.power(id, what, signal)),
      terminate: (id, signal) => this.#effect('pod-end', () => provider.terminate(id, signal)),
    }),
  };

  async #alive<Answer>(run: () => Promise<Answer>): Promise<Answer> {
    if (this.dead) throw new ProviderRefusal('PODS_UNREACHABLE', 'The app is dead.');
    return run();
  }

  async #effect<Answer>(name: string, run: () => Promise<Answer>): Promise<Answer> {
    this.pass(`${name}:before`);
    const answer = await run();
    this.pass(`${name}:after`);
    return answer;
  }
}

/** Numbers in [0, 1) that are the same for the same seed. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** One life of a pod, from pressing start to its end, as far as the app comes. */
async function live(rig: Rig, roll: () => number): Promise<void> {
  const settle = async (): Promise<void> => {
    await rig.pods.check();
  };
  const { id } = await rig.pods.startPod({ gpuIds: ['NVIDIA A40', 'NVIDIA L40S'] });
  await rig.pods.settled();
  await settle();
  rig.host.health(id, 'ok');
  await settle();
  if (roll() < 0.3) {
    await rig.pods.change({ id, action: 'stop' });
    await rig.pods.change({ id, action: 'start' });
    rig.host.health(id, 'ok');
    await settle();
  }
  if (roll() < 0.5) await rig.pods.change({ id, action: 'terminate' });
  else {
    rig.clock.advance(10 * MINUTE + SECOND);
    await settle();
    await settle();
  }
}

/** Machines of the provider that no row of the book stands for. */
function unaccounted(rig: Rig): string[] {
  const known = new Set(
    rig.pods
      .list()
      .pods.flatMap(({ providerId, state }) => (state === 'ended' || state === 'failed' ? [] : [providerId])),
  );
  return [...rig.fake.machines.all.keys()].filter((id) => !known.has(id));
}

/** Machines that were made for one name beyond the first. */
function doubles(rig: Rig): number {
  const names = [...rig.fake.machines.all.values(), ...rig.fake.machines.gone].map(({ body }) => body.name);
  return names.length - new Set(names).size;
}

const points = new Map<string, number>();
let cycles = 0;
let lost = 0;
let twice = 0;

afterAll(() => {
  const report = process.env['FAULT_REPORT'];
  if (report !== undefined)
    appendFileSync(
      report,
      `${JSON.stringify({ fault: 'app killed around a pod', kills: cycles, jobs: cycles, lost, twice })}\n`,
    );
});

test(`${CYCLES} starts and crashes at every point: none unaccounted for, none started twice`, {
  timeout: 300_000 + CYCLES * 6_000,
}, async () => {
  const roll = dice(SEED);
  const rig = await Rig.open({ settings: { capPerDayUsd: null, maxPods: 20, idleStopMinutes: 10 } });
  try {
    // How many points a life has; each cycle dies at the next of them, so all are met.
    let next = 0;
    for (cycles = 0; cycles < CYCLES; cycles += 1) {
      next += 1;
      const life = new Life(next);
      await rig.restart(life.around);
      // Now and then the answer to the making is lost as well.
      if (roll() < 0.2) rig.fake.faults.plan('POST /pods', { kind: 'lost-reply' });
      await live(rig, roll).catch(() => undefined);
      rig.fake.faults.clear();
      const died = life.points.at(-1);
      if (life.dead && died !== undefined) points.set(died, (points.get(died) ?? 0) + 1);
      // Beyond the last point: begin again from the first.
      if (!life.dead) next = 0;
      life.dead = true;

      // The next start. Some time has passed, and nobody pressed anything.
      rig.clock.advance(Math.floor(roll() * 5) * 20 * SECOND);
      await rig.restart({ store: (store) => store, provider: (provider) => provider });
      await rig.pods.check();
      lost += unaccounted(rig).length;
      twice += doubles(rig);
      expect(unaccounted(rig), `killed at ${died}`).toEqual([]);
      expect(doubles(rig), `killed at ${died}`).toBe(0);
      // Each is in the hands of the start that it was made for: none is a stranger.
      const strangers = rig.pods.list().pods.filter(({ state }) => state === 'found');
      expect(strangers, `killed at ${died}`).toEqual([]);
      // What is uncertain is settled within a minute, and what is left can be ended.
      await rig.after(61 * SECOND);
      const open = rig.pods.list().pods.filter(({ state }) => !['ended', 'failed'].includes(state));
      expect(
        open.filter(({ state }) => state === 'wanted'),
        `killed at ${died}`,
      ).toEqual([]);
      for (const { id, actions } of open)
        if (actions.includes('terminate')) await rig.pods.change({ id, action: 'terminate' });
      await rig.pods.check();
      expect(rig.fake.machines.all.size, `killed at ${died}`).toBe(0);
    }
    // The named points of the plan were all met.
    for (const point of ['pod-intent', 'pod-post', 'pod-starting', 'pod-end'])
      for (const side of ['before', 'after']) expect(points.get(`${point}:${side}`) ?? 0).toBeGreaterThan(0);
  } finally {
    await rig.close();
  }
});
