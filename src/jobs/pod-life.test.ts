import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { POD_STATES } from '../contract/pods.ts';
import type { PodEvent } from './pod-life.ts';
import { mayCost, podActions, podAfter } from './pod-life.ts';
import type { PodFacts, PodRecord } from './pod-record.ts';
import { PROVIDER_STATUSES, wantedPod } from './pod-record.ts';

const candidate = { gpuId: 'g', gpuName: 'G', memoryGB: 24, pricePerHour: 1 };

const facts = (patch: Partial<PodFacts> = {}): PodFacts => ({
  ...{ providerId: 'p1', status: 'RUNNING', costPerHour: 1, gpuId: 'g', gpuCount: 1, cloud: 'SECURE' },
  ...{ dataCenterId: null, cudaVersion: null, image: null },
  ...patch,
});

const wanted = (): PodRecord =>
  wantedPod(
    {
      ...{ id: 'pod', name: 'bt-x', bootMs: 1000, idleMs: 500, forQueue: false },
      request: { image: 'i', imageDigest: null, candidates: [candidate], cloud: 'SECURE' },
    },
    100,
  );

const lives = (pod: PodRecord, ...events: readonly PodEvent[]): PodRecord =>
  events.reduce((present, event, index) => {
    const next = podAfter(present, event, 200 + index);
    if (next === null) throw new Error(`${event.type} was refused in ${present.state}.`);
    return next;
  }, pod);

const posted: PodEvent = { type: 'posted', candidate };
const seen = (patch: Partial<PodFacts> = {}): PodEvent => ({ type: 'seen', facts: facts(patch) });

const anyEvent: fc.Arbitrary<PodEvent> = fc.oneof(
  fc.constantFrom<PodEvent>(
    posted,
    ...(['gone', 'answered', 'stop', 'start', 'restart', 'drain', 'adopt', 'idle', 'busy', 'metered'] as const).map(
      (type) => ({ type }),
    ),
    { type: 'refused', error: { code: 'PODS_NO_CAPACITY', message: '' } },
    { type: 'delivered', audioSec: 3 },
    { type: 'trouble', error: null },
    { type: 'trouble', error: { code: 'PODS_CONFLICT', message: 'x' } },
  ),
  fc
    .constantFrom('person', 'idle', 'cap_day', 'boot_timeout')
    .map((reason): PodEvent => ({ type: 'end', reason: reason as 'idle' })),
  fc.record({ providerId: fc.constantFrom('p1', 'p2'), status: fc.constantFrom(...PROVIDER_STATUSES) }).map(seen),
);

describe('the life of a pod', () => {
  it('goes from the intent to ready and to its end', () => {
    const starting = lives(wanted(), posted, seen({ status: 'PROVISIONING' }));
    expect(starting).toMatchObject({ state: 'starting', bootDeadline: 1201, tries: 1 });
    const ready = lives(starting, { type: 'answered' });
    expect(ready).toMatchObject({ state: 'ready', bootDeadline: null });
    const ended = lives(ready, { type: 'end', reason: 'idle' }, { type: 'gone' });
    expect(ended).toMatchObject({ state: 'ended', endReason: 'idle', trouble: null });
    expect(podAfter(ended, { type: 'gone' }, 999)).toBeNull();
  });

  it('ended before it was asked for is over at once; afterwards only by the provider’s word', () => {
    expect(lives(wanted(), { type: 'end', reason: 'person' }).state).toBe('ended');
    const ending = lives(wanted(), posted, { type: 'end', reason: 'person' });
    expect(ending.state).toBe('ending');
    expect(lives(ending, seen()).state).toBe('ending');
    expect(lives(ending, { type: 'refused', error: { code: 'PODS_UNCONFIRMED', message: '' } }).state).toBe('ended');
  });

  it('that was given up and is there after all is found, or ended again where it was to be ended', () => {
    const failed = lives(wanted(), posted, { type: 'refused', error: { code: 'PODS_UNCONFIRMED', message: '' } });
    expect(lives(failed, seen()).state).toBe('found');
    const ended = lives(wanted(), posted, seen(), { type: 'end', reason: 'idle' }, { type: 'gone' });
    expect(lives(ended, seen()).state).toBe('ending');
    const gone = lives(wanted(), posted, seen(), { type: 'gone' });
    expect(gone).toMatchObject({ endReason: 'gone', trouble: { code: 'PODS_GONE' } });
    expect(lives(gone, seen()).state).toBe('found');
  });

  it('starts anew when it moved, stopped by itself, or was started elsewhere', () => {
    const ready = lives(wanted(), posted, seen(), { type: 'answered' });
    expect(lives(ready, seen({ providerId: 'p2' }))).toMatchObject({ state: 'starting', facts: { providerId: 'p2' } });
    const exited = lives(ready, seen({ status: 'EXITED' }));
    expect(exited).toMatchObject({ state: 'exited', trouble: { code: 'POD_EXITED' } });
    expect(lives(exited, seen()).state).toBe('starting');
    const stopped = lives(ready, { type: 'stop' }, seen({ status: 'EXITED' }));
    expect(stopped).toMatchObject({ state: 'stopped', trouble: null });
  });

  it('keeps its invariants whatever happens in whatever order', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
        let pod = wanted();
        for (const [index, event] of events.entries()) {
          const next = podAfter(pod, event, 1_000 + index);
          if (next === null) continue;
          expect(POD_STATES).toContain(next.state);
          expect(next.revision).toBe(pod.revision + 1);
          // Once it may exist at the provider, it is over by the provider's word alone.
          if (mayCost(pod) && pod.tries > 0 && !mayCost(next))
            expect(['gone', 'refused', 'seen']).toContain(event.type);
          if (event.type === 'seen' && !mayCost(next)) expect(event.facts.status).toBe('TERMINATED');
          // Asking is only possible while it is wanted, and what was asked for is counted before.
          if (event.type === 'posted') expect(pod.state).toBe('wanted');
          expect(next.bootDeadline !== null).toBe(next.state === 'starting');
          expect(next.endedAt !== null).toBe(next.state === 'ended' || next.state === 'failed');
          if (next.state === 'ended' || next.state === 'ending') expect(next.endReason).not.toBeNull();
          if (next.state === 'failed') expect(next.trouble).not.toBeNull();
          pod = next;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('offers only what it then accepts', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 15 }), fc.boolean(), (events, adoptable) => {
        let pod = wanted();
        for (const event of events) pod = podAfter(pod, event, 1_000) ?? pod;
        for (const action of podActions(pod, adoptable)) {
          const event: PodEvent = action === 'terminate' ? { type: 'end', reason: 'person' } : { type: action };
          expect(podAfter(pod, event, 2_000)).not.toBeNull();
        }
      }),
    );
  });
});
