// Owns the only way in which a pod changes: read, step of its life, write, tell. What time costs is written with it.

import { randomBytes } from 'node:crypto';
import type { GpuMeasurement, PodSaved, PodStore } from '../controller/pod-ports.ts';
import type { Clock, Log, SecretStore } from '../controller/ports.ts';
import type { PodEvent } from '../jobs/pod-life.ts';
import { mayCost, podAfter } from '../jobs/pod-life.ts';
import { chargedUntil, costByDay, dayOf, sharesOf } from '../jobs/pod-money.ts';
import type { PodFacts, PodRecord } from '../jobs/pod-record.ts';
import type { WorkedFor, WorksFor } from './worked-for.ts';

export interface PodBookDeps {
  readonly store: PodStore;
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds after which a pod whose controller is silent ends itself. */
  readonly deadManMs: number;
  /** Whose time a pod's is, `over` being one that it has just delivered. */
  readonly worksFor: (podId: string, over: WorkedFor | null) => WorksFor;
  /** After what these jobs cost has risen, on disk. */
  readonly onJobSpend: (jobIds: readonly string[]) => void;
  /** After each change, on disk. `before` is null for a new one. */
  readonly onChange: (pod: PodRecord, before: PodRecord | null) => void;
}

/** Milliseconds between two writes of the meter: money is exact at every look, and looks are seldom. */
const METER_MS = 5_000;

export class PodBook {
  readonly #deps: PodBookDeps;
  readonly #live = new Map<string, PodRecord>();

  constructor(deps: PodBookDeps) {
    this.#deps = deps;
    for (const pod of deps.store.livePods()) this.#live.set(pod.id, pod);
  }

  /** All that may cost, oldest first, found ones too. */
  live(): readonly PodRecord[] {
    return [...this.#live.values()];
  }

  get(id: string): PodRecord | null {
    return this.#live.get(id) ?? this.#deps.store.pod(id);
  }

  named(name: string): PodRecord | null {
    return this.live().find((pod) => pod.name === name) ?? this.#deps.store.podNamed(name);
  }

  /** The intent is on disk when this returns. */
  add(pod: PodRecord): void {
    this.#deps.store.addPod(pod);
    this.#live.set(pod.id, pod);
    this.#deps.log.info('pod_added', { podId: pod.id, name: pod.name, state: pod.state });
    this.#deps.onChange(pod, null);
  }

  /** Applies `event`. @returns the pod afterwards, or null when the event means nothing in its state. */
  apply(id: string, event: PodEvent, also: PodSaved = {}): PodRecord | null {
    const { store, clock, log } = this.#deps;
    const pod = this.get(id);
    if (pod === null) return null;
    const now = clock.now();
    const next = podAfter(pod, event, now);
    if (next === null) return null;
    if (!store.savePod(next, now, also)) {
      log.error('pod_not_saved', { podId: id, event: event.type });
      return null;
    }
    if (mayCost(next)) this.#live.set(id, next);
    else {
      this.#live.delete(id);
      this.#deps.secrets.delete(tokenName(id));
    }
    if (next.state !== pod.state || next.trouble?.code !== pod.trouble?.code)
      log.info('pod_changed', {
        ...{ podId: id, event: event.type, from: pod.state, to: next.state },
        ...(next.endReason === null ? {} : { reason: next.endReason }),
        ...(next.trouble === null ? {} : { code: next.trouble.code, message: next.trouble.message }),
      });
    this.#deps.onChange(next, pod);
    return next;
  }

  /** What the provider says of a pod. The time before is charged at the price that held then. */
  seen(id: string, facts: PodFacts): PodRecord | null {
    this.meter(id);
    return this.apply(id, { type: 'seen', facts });
  }

  /** The provider does not have it. It is charged no longer than it can have lived without us. */
  gone(id: string): PodRecord | null {
    const { clock, deadManMs } = this.#deps;
    const seenAt = this.get(id)?.seenAt ?? clock.now();
    const now = clock.now();
    this.meter(id, chargedUntil(seenAt, now, deadManMs));
    return this.apply(id, { type: 'gone', absent: now - seenAt >= deadManMs });
  }

  /** Writes down what a pod has cost since the last time. Found pods are not ours to pay for. */
  meter(id: string, until: number = this.#deps.clock.now(), leastMs = 0, over: WorkedFor | null = null): void {
    const pod = this.get(id);
    if (pod === null || pod.state === 'found' || pod.meteredAt === null || pod.facts === null) return;
    if (until - pod.meteredAt < Math.max(1, leastMs)) return;
    const { batches, jobs } = this.#deps.worksFor(id, over);
    const shares = sharesOf(batches);
    const days = costByDay(pod.facts.costPerHour, pod.meteredAt, until);
    const spend = days.flatMap(({ day, usd }) =>
      [...shares].map(([batchId, share]) => ({ day, batchId, usd: usd * share, audioSec: 0 })),
    );
    const usd = days.reduce((sum, day) => sum + day.usd, 0);
    const jobSpend = usd === 0 ? [] : jobs.map((jobId) => ({ jobId, usd: usd / jobs.length }));
    if (this.apply(id, { type: 'metered' }, { spend, jobSpend }) === null || jobSpend.length === 0) return;
    this.#deps.onJobSpend(jobs);
  }

  meterAll(): void {
    for (const pod of this.live()) this.meter(pod.id, this.#deps.clock.now(), METER_MS);
  }

  /** A transcript arrived from it. */
  delivered(id: string, job: WorkedFor, audioSec: number, measurement: GpuMeasurement | null): void {
    // Up to now its time was this job's too; afterwards nobody would know.
    this.meter(id, this.#deps.clock.now(), 0, job);
    const { batchId } = job;
    const day = dayOf(this.#deps.clock.now());
    this.apply(id, { type: 'delivered', audioSec }, { spend: [{ day, batchId, usd: 0, audioSec }], measurement });
  }

  /** The worker token of a pod; null where it is not known. */
  token(id: string): string | null {
    return this.#deps.secrets.get(tokenName(id));
  }

  /** A fresh one, kept before anybody is told. */
  makeToken(id: string): string {
    const token = randomBytes(32).toString('hex');
    this.#deps.secrets.set(tokenName(id), token);
    return token;
  }

  keepToken(id: string, token: string): void {
    this.#deps.secrets.set(tokenName(id), token);
  }
}

function tokenName(podId: string): string {
  return `pod-token-${podId}`;
}
