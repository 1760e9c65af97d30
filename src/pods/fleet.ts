// Owns the rounds in which rented machines are looked after: look at the provider, decide, carry out, and plan the next one. One round at a
// time; whatever changes asks for another. What people ask for is answered in pod-calls.ts, over the same parts.

import type { PodSettings } from '../contract/pod-settings.ts';
import type { PodsSummary, PodView } from '../contract/pods.ts';
import { say } from '../contract/sentences.ts';
import type { Delivered, GpuMeasurement, PodHost, PodStore } from '../controller/pod-ports.ts';
import type { Chance, Clock, Log, SecretStore } from '../controller/ports.ts';
import { dayOf } from '../jobs/pod-money.ts';
import type { PodRecord, PodRequest } from '../jobs/pod-record.ts';
import { wantedPod } from '../jobs/pod-record.ts';
import type { AccountDeps } from './account.ts';
import { Account } from './account.ts';
import { BillReader } from './bill-reader.ts';
import { carryOut } from './carry-out.ts';
import { launch } from './launch.ts';
import { LogTail } from './log-tail.ts';
import { PodBook } from './pod-book.ts';
import { podName } from './pod-name.ts';
import { WORKER_PORT } from './pod-spec.ts';
import { viewPod } from './pod-view.ts';
import type { OpenProvider } from './provider.ts';
import { reconcile } from './reconcile.ts';
import type { PodTimes } from './times.ts';
import { Upkeep } from './upkeep.ts';

export interface FleetDeps extends Pick<AccountDeps, 'apiKeyFromEnvironment' | 'hfTokenFromEnvironment'> {
  readonly host: PodHost;
  readonly store: PodStore;
  readonly secrets: SecretStore;
  readonly open: OpenProvider;
  readonly settings: () => PodSettings;
  /** False while only this computer is to work. */
  readonly mayWork: () => boolean;
  readonly installId: string;
  readonly times: PodTimes;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
}

/** Milliseconds after a change until it is decided upon: many changes are one round. */
const SOON_MS = 100;

export class Fleet {
  readonly account: Account;
  readonly book: PodBook;
  readonly upkeep: Upkeep;
  readonly logs: LogTail;
  readonly #deps: FleetDeps;
  readonly #bills: BillReader;
  readonly #stop = new AbortController();
  readonly #launching = new Map<string, Promise<void>>();
  /** When the last transcript of a worker came: the next one's time begins there. */
  readonly #lastDelivery = new Map<string, number>();
  #round: Promise<void> = Promise.resolve();
  #started = false;
  #cancelLook: (() => void) | null = null;
  #cancelSoon: (() => void) | null = null;

  constructor(deps: FleetDeps) {
    this.#deps = deps;
    const { host, store, secrets, clock, log, times, settings } = deps;
    this.account = new Account({ ...deps, onChange: () => this.tellSum() });
    this.book = new PodBook({
      ...{ store, secrets, clock, log },
      deadManMs: times.deadManSeconds * 1000,
      worksFor: (podId, over) => this.upkeep.worksFor(podId, over),
      onJobSpend: (jobIds) => host.costed(jobIds),
      onChange: (pod, before) => this.#changed(pod, before),
    });
    this.logs = new LogTail({
      provider: () => this.account.provider(),
      pause: (ms, signal) => this.#pause(ms, signal),
      onLines: (id, lines) => host.publish({ type: 'pod-log', id, lines: [...lines] }),
      log,
    });
    this.upkeep = new Upkeep({
      ...{ book: this.book, store, host, account: this.account, clock, settings, lookMs: times.lookMs },
      mayWork: deps.mayWork,
      lastLogLine: (podId) => this.logs.lastLine(podId),
    });
    this.#bills = new BillReader({
      ...{ book: this.book, account: this.account },
      store,
      clock,
      log,
      everyMs: times.billsMs,
    });
  }

  /** Takes up what an earlier run left, then goes on by itself. Workers of known pods are put up before this returns. */
  start(): void {
    this.#started = true;
    this.upkeep.decide();
    this.#plan();
    void this.look();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#cancelLook?.();
    this.#cancelSoon?.();
    await Promise.allSettled([this.#round, ...this.#launching.values(), this.logs.close()]);
    try {
      this.book.meterAll();
    } catch (thrown) {
      // What is not written now is charged at the next start.
      this.#deps.log.warn('pods_not_metered', { error: String(thrown) });
    }
    await this.account.close();
  }

  /** A whole round, after the one that is under way. Throws nothing: the account tells what was refused. */
  look(): Promise<void> {
    return this.#queue(async () => {
      const { signal } = this.#stop;
      if (this.account.hasKey && (this.account.retryAt ?? 0) <= this.#deps.clock.now()) {
        await reconcile(this.#reconciling(), signal).catch((thrown: unknown) =>
          this.#deps.log.info('pods_not_listed', { error: String(thrown) }),
        );
        this.upkeep.decide();
        await carryOut({ book: this.book, account: this.account, log: this.#deps.log }, signal);
        await this.#bills.readWhenDue(signal);
      } else this.upkeep.decide();
      this.tellSum();
    });
  }

  /** Something changed: decides soon, and carries out what came of it. */
  changed(): void {
    if (!this.#started || this.#stop.signal.aborted) return;
    this.#cancelSoon ??= this.#deps.clock.after(SOON_MS, () => {
      this.#cancelSoon = null;
      void this.#queue(async () => {
        this.upkeep.decide();
        await carryOut({ book: this.book, account: this.account, log: this.#deps.log }, this.#stop.signal);
      });
    });
  }

  /** Writes the intent and begins to make the pod. */
  begin(request: PodRequest, forQueue: boolean): PodRecord {
    const { chance, clock, settings, installId } = this.#deps;
    const { bootMinutes, idleStopMinutes } = settings();
    const now = clock.now();
    const pod = wantedPod(
      {
        ...{ id: chance.id('pod'), name: podName(installId, now, chance), request, forQueue },
        bootMs: bootMinutes * 60_000,
        // The queue that it is for is done, or it is not: there is nothing to wait for but the next file of a drop.
        idleMs: forQueue ? Math.min(QUEUE_IDLE_MS, idleStopMinutes * 60_000) : idleStopMinutes * 60_000,
      },
      now,
    );
    this.book.add(pod);
    const { account, book } = this;
    const made = launch(
      {
        ...{ book, account, clock, settings, deadManSeconds: this.#deps.times.deadManSeconds },
        pause: (ms, signal) => this.#pause(ms, signal),
      },
      pod.id,
      this.#stop.signal,
    )
      .catch((thrown: unknown) => this.#deps.log.error('pod_launch_failed', { podId: pod.id, error: String(thrown) }))
      .finally(() => {
        this.#launching.delete(pod.id);
        if (!this.#stop.signal.aborted) void this.look();
      });
    this.#launching.set(pod.id, made);
    return this.book.get(pod.id) ?? pod;
  }

  /** Resolves when no pod is being made here any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#launching.values());
  }

  /** A transcript arrived from a worker, rented or not. */
  delivered({ jobId, batchId, workerId, attempt, model, durationSec, startedAt, at }: Delivered): void {
    const pod = this.book.get(workerId);
    const ping = this.#deps.host.worker(workerId)?.ping ?? null;
    const gpuId = pod?.candidate?.gpuId ?? pod?.facts?.gpuId ?? (ping?.gpu === true ? ping.gpuName : null);
    // Fetched ahead, a recording waits for the one before it: that time is not its own.
    const wallSec = (at - Math.max(startedAt, this.#lastDelivery.get(workerId) ?? 0)) / 1000;
    this.#lastDelivery.set(workerId, at);
    const measurement: GpuMeasurement | null =
      gpuId != null && durationSec !== null && durationSec > 0 && wallSec > 0
        ? { jobId, attempt, gpuId, model, audioSec: durationSec, wallSec }
        : null;
    if (pod !== null) this.book.delivered(pod.id, { id: jobId, batchId }, durationSec ?? 0, measurement);
    else if (measurement !== null) this.#deps.store.saveMeasurement(measurement, at);
    this.changed();
  }

  view(pod: PodRecord): PodView {
    const { store, host, clock, settings } = this.#deps;
    const spent = store.spentOnPod(pod.id);
    const running = pod.facts?.status === 'RUNNING' && pod.facts.providerId;
    return viewPod(pod, {
      spent: spent.usd,
      spentToday: spent.onDay(dayOf(clock.now())),
      idleStopMinutes: settings().idleStopMinutes,
      jobsHeld: host.queue().filter(({ workerId }) => workerId === pod.id).length,
      url: running ? (this.account.provider()?.address(running, WORKER_PORT) ?? null) : null,
      adoptable: this.book.token(pod.id) !== null,
    });
  }

  summary(): PodsSummary {
    const { store, clock, settings } = this.#deps;
    const costing = this.book.live().filter((pod) => (pod.facts?.costPerHour ?? 0) > 0);
    const today = dayOf(clock.now());
    return {
      account: this.account.view(),
      live: costing.length,
      costPerHour: costing.reduce((sum, pod) => sum + (pod.facts?.costPerHour ?? 0), 0),
      spentToday: store.spentByDay(today).find(({ day }) => day === today)?.usd ?? 0,
      capPerDayUsd: settings().capPerDayUsd,
      found: this.book.live().filter(({ state }) => state === 'found').length,
    };
  }

  tellSum(): void {
    this.#deps.host.publish({ type: 'pods', summary: this.summary() });
  }

  #reconciling(): Parameters<typeof reconcile>[0] {
    const { clock, chance, log, installId, settings, times } = this.#deps;
    const { bootMinutes, idleStopMinutes } = settings();
    return {
      ...{ book: this.book, account: this.account, clock, chance, log, installId },
      isLaunching: (podId) => this.#launching.has(podId),
      unconfirmedMs: times.unconfirmedMs,
      ...{ bootMs: bootMinutes * 60_000, idleMs: idleStopMinutes * 60_000 },
    };
  }

  #changed(pod: PodRecord, before: PodRecord | null): void {
    const { host } = this.#deps;
    const moved = before?.facts?.providerId !== pod.facts?.providerId;
    if (pod.state !== before?.state || moved) this.#entered(pod);
    host.publish({ type: 'pod', pod: this.view(pod) });
    host.nudge();
  }

  /** What comes with a state, or with another machine in it. */
  #entered(pod: PodRecord): void {
    const { host } = this.#deps;
    switch (pod.state) {
      case 'starting':
        this.logs.leave(pod.id);
        if (pod.facts !== null) this.logs.follow(pod.id, pod.facts.providerId);
        break;
      case 'ending':
        // Nobody asks for it any more: should the provider not take our word, its own timer ends it.
        this.logs.leave(pod.id);
        host.restWorker(pod.id, say('machine_ends'));
        break;
      case 'stopped':
      case 'exited':
      case 'ended':
      case 'failed':
        this.logs.leave(pod.id);
        // Its process is gone by the provider's word.
        void host.loseWorker(pod.id, say('machine_gone'));
        break;
      case 'ready':
      case 'draining':
      case 'stopping':
        this.logs.leave(pod.id);
        break;
      case 'wanted':
      case 'found':
        break;
      default:
        pod.state satisfies never;
    }
  }

  /** Runs one after the other, and plans the next. */
  #queue(run: () => Promise<void>): Promise<void> {
    const next = this.#round.then(async () => {
      if (this.#stop.signal.aborted) return;
      try {
        await run();
      } catch (thrown) {
        this.#deps.log.error('pods_round_failed', { error: String(thrown) });
      }
      this.#plan();
    });
    this.#round = next;
    return next;
  }

  /** One timer: for the next look, or for the next deadline where that comes first. */
  #plan(): void {
    this.#cancelLook?.();
    if (!this.#started || this.#stop.signal.aborted) return;
    const { clock, times } = this.#deps;
    const now = clock.now();
    const live = this.book.live();
    const moving = live.some(({ state }) => MOVING.has(state));
    const lookMs = moving ? times.busyLookMs : live.length > 0 ? times.lookMs : times.quietLookMs;
    const deadlineMs = Math.max(SOON_MS, this.upkeep.nextDeadline() - now);
    const waitMs = Math.max(lookMs, (this.account.retryAt ?? 0) - now);
    this.#cancelLook = clock.after(Math.min(waitMs, deadlineMs), () => void this.look());
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const finish = (): void => {
        cancel();
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const cancel = this.#deps.clock.after(ms, finish);
      signal.addEventListener('abort', finish, { once: true });
    });
  }
}

/** Milliseconds without work after which a pod that was started for the queue is ended. */
const QUEUE_IDLE_MS = 20_000;

const MOVING: ReadonlySet<string> = new Set(['wanted', 'starting', 'stopping', 'ending']);
