// Owns what the tests of renting stand on: rented pods over a real database and a fake RunPod on loopback, an engine that does what it is
// told, and a clock that moves only when it is told. Looks at the provider are asked for by hand, so nothing happens by luck.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppEvent } from '../../src/contract/api.ts';
import { DEFAULT_JOB_OPTIONS } from '../../src/contract/options.ts';
import type { PodSettings } from '../../src/contract/pod-settings.ts';
import { DEFAULT_POD_SETTINGS } from '../../src/contract/pod-settings.ts';
import type { PodView } from '../../src/contract/pods.ts';
import type { PodHost, PodStore, PodWorker, QueuedJob, WaitingWork } from '../../src/controller/pod-ports.ts';
import type { Log, SecretStore, WorkerAddress } from '../../src/controller/ports.ts';
import { type ManualClock, manualClock } from '../../src/host/manual-clock.cases.ts';
import { SYSTEM_CHANCE } from '../../src/host/system.ts';
import { RentedPods } from '../../src/pods/pod-calls.ts';
import type { OpenProvider, PodProvider } from '../../src/pods/provider.ts';
import { Runpod } from '../../src/pods/runpod.ts';
import { POD_TIMES } from '../../src/pods/times.ts';
import { openDatabase } from '../../src/store/database.ts';
import { SqliteJobStore } from '../../src/store/job-store.ts';
import { SqlitePodStore } from '../../src/store/pod-store.ts';
import { PATIENCE_MS } from '../patience.ts';
import { FakeRunpod, KEY } from './fake-runpod.ts';

export const DIGEST = `sha256:${'ab'.repeat(32)}`;
export const IMAGE = `registry.example/bulk-transcribe-worker@${DIGEST}`;
export const INSTALL = '1a2b3c4d-0000-4000-8000-000000000000';

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** The engine as pods see it, with a queue and workers that a test sets. */
export class StandInHost implements PodHost {
  jobs: QueuedJob[] = [];
  readonly workers = new Map<
    string,
    { name: string; address: WorkerAddress; digest: string | null; worker: PodWorker }
  >();
  readonly events: AppEvent[] = [];
  readonly lost: string[] = [];
  /** Jobs whose cost rose, each time. */
  readonly costs: string[] = [];
  readonly returned: { readonly workerId: string; readonly jobId: string }[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  queue(): readonly QueuedJob[] {
    return this.jobs;
  }

  waiting(): WaitingWork {
    const jobs = this.jobs.filter(({ wantsWorker }) => wantsWorker);
    return {
      jobs: jobs.length,
      unmeasured: jobs.filter(({ durationSec }) => durationSec === null).length,
      seconds: jobs.reduce((sum, { durationSec }) => sum + (durationSec ?? 0), 0),
    };
  }

  batchName(batchId: string): string | null {
    return `Batch ${batchId}`;
  }

  putWorker(id: string, name: string, address: WorkerAddress, digest: string | null): void {
    const present = this.workers.get(id);
    if (present?.address.url === address.url) return;
    this.workers.set(id, { name, address, digest, worker: this.#worker('connecting') });
  }

  worker(id: string): PodWorker | null {
    return this.workers.get(id)?.worker ?? null;
  }

  restWorker(id: string): void {
    this.workers.delete(id);
  }

  pokeWorker(): void {
    // The stand-in's workers answer when the test says so.
  }

  async loseWorker(id: string): Promise<void> {
    this.workers.delete(id);
    this.lost.push(id);
    this.jobs = this.jobs.map((job) => (job.workerId === id ? { ...job, workerId: null, wantsWorker: true } : job));
  }

  returnJobs(workerId: string, which: (job: QueuedJob) => boolean): void {
    this.jobs = this.jobs.map((job) => {
      if (job.workerId !== workerId || !which(job)) return job;
      this.returned.push({ workerId, jobId: job.id });
      return { ...job, workerId: null, wantsWorker: true };
    });
  }

  publish(event: AppEvent): void {
    this.events.push(event);
  }

  costed(jobIds: readonly string[]): void {
    this.costs.push(...jobIds);
  }

  nudge(): void {
    // Jobs are given out by the test.
  }

  /** The worker's health as its link would have it. */
  health(id: string, health: PodWorker['health']): void {
    const present = this.workers.get(id);
    if (present !== undefined) this.workers.set(id, { ...present, worker: this.#worker(health) });
  }

  /** A person lets the worker take no new work. */
  drain(id: string): void {
    const present = this.workers.get(id);
    if (present !== undefined) this.workers.set(id, { ...present, worker: { ...present.worker, drained: true } });
  }

  job(id: string, patch: Partial<QueuedJob> = {}): void {
    const job: QueuedJob = {
      ...{
        id,
        batchId: 'b1',
        model: 'large-v3',
        durationSec: 600,
        processedSec: 0,
        workerId: null,
        atWork: true,
        wantsWorker: true,
      },
      ...patch,
    };
    this.jobs = [...this.jobs.filter((each) => each.id !== id), { ...job, wantsWorker: job.workerId === null }];
  }

  done(id: string): void {
    this.jobs = this.jobs.filter((job) => job.id !== id);
  }

  #worker(health: PodWorker['health']): PodWorker {
    return {
      health,
      since: this.#now(),
      ping: null,
      error: null,
      verdict: { matches: null, reason: null },
      drained: false,
    };
  }
}

export class MemorySecrets implements SecretStore {
  readonly values = new Map<string, string>();
  get(name: string): string | null {
    return this.values.get(name) ?? null;
  }
  set(name: string, value: string): void {
    this.values.set(name, value);
  }
  delete(name: string): void {
    this.values.delete(name);
  }
}

export interface RigOptions {
  readonly settings?: Partial<PodSettings>;
  readonly clock?: ManualClock;
  /** Laid around the parts: how a test kills the app at a certain moment. */
  readonly around?: {
    readonly store: (store: PodStore) => PodStore;
    readonly provider: (provider: PodProvider) => PodProvider;
  };
}

export class Rig {
  readonly clock: ManualClock;
  readonly fake: FakeRunpod;
  readonly secrets = new MemorySecrets();
  readonly logged: string[] = [];
  host: StandInHost;
  settings: PodSettings;
  mayWork = true;
  pods: RentedPods;
  readonly #directory = mkdtempSync(join(tmpdir(), 'bt-pods-'));
  readonly #options: RigOptions;
  #db = openDatabase(join(this.#directory, 'queue.sqlite'), 1);

  private constructor(fake: FakeRunpod, clock: ManualClock, options: RigOptions) {
    this.fake = fake;
    this.clock = clock;
    this.#options = options;
    this.settings = { ...DEFAULT_POD_SETTINGS, image: IMAGE, ...options.settings };
    this.secrets.set('runpod-api-key', KEY);
    this.host = new StandInHost(() => clock.now());
    this.pods = this.make();
  }

  static async open(options: RigOptions = {}): Promise<Rig> {
    const clock = options.clock ?? manualClock(Date.UTC(2026, 10, 25, 10));
    return new Rig(await FakeRunpod.listen(clock), clock, options);
  }

  /** The pods' part of an engine on this database. */
  make(around = this.#options.around): RentedPods {
    const log = (event: string, fields?: Record<string, unknown>): void => {
      this.logged.push(`${event} ${JSON.stringify(fields ?? {})}`);
    };
    const logs: Log = { info: log, warn: log, error: log };
    const open: OpenProvider = (apiKey) => {
      const { baseUrl, proxyUrl } = this.fake;
      const provider = new Runpod({
        baseUrl,
        proxyUrl,
        apiKey,
        version: '0.0.0',
        clock: this.clock,
        callMs: PATIENCE_MS,
      });
      return around?.provider(provider) ?? provider;
    };
    const store = new SqlitePodStore(this.#db);
    return new RentedPods({
      ...{ host: this.host, secrets: this.secrets, open, installId: INSTALL, times: POD_TIMES, log: logs },
      ...{ clock: this.clock, chance: SYSTEM_CHANCE, store: around?.store(store) ?? store },
      ...{ apiKeyFromEnvironment: null, hfTokenFromEnvironment: null },
      settings: () => this.settings,
      mayWork: () => this.mayWork,
      defaultModel: () => 'large-v3',
    });
  }

  /** The app is closed, or was killed and its promises are left behind, and is opened again. */
  async restart(around?: RigOptions['around']): Promise<void> {
    await this.pods.close();
    this.host = new StandInHost(() => this.clock.now());
    this.pods = this.make(around);
  }

  /** A row of the queue for a job of {@link host}: what it costs is written beside it. */
  row(id: string): void {
    const job = { id, name: `${id}.wav`, sourcePath: `/${id}.wav`, options: DEFAULT_JOB_OPTIONS };
    const now = this.clock.now();
    new SqliteJobStore(this.#db).addBatch({ id: `batch of ${id}`, name: id, createdAt: now }, [job], now);
  }

  /** Time passes, then the provider is looked at. */
  async after(ms: number): Promise<readonly PodView[]> {
    this.clock.advance(ms);
    return (await this.pods.check()).pods;
  }

  pod(id: string): PodView {
    const pod = this.pods.list().pods.find((each) => each.id === id);
    if (pod === undefined) throw new Error(`There is no pod ${id}.`);
    return pod;
  }

  /** Presses start, and waits until its making is settled and it was looked at. */
  async start(gpuIds?: string[]): Promise<PodView> {
    const { id } = await this.pods.startPod(gpuIds === undefined ? {} : { gpuIds });
    await this.until(id, ({ state }) => state !== 'wanted');
    await this.pods.check();
    return this.pod(id);
  }

  /** A pod whose worker answers. */
  async ready(gpuIds?: string[]): Promise<PodView> {
    const { id } = await this.start(gpuIds);
    this.host.health(id, 'ok');
    await this.pods.check();
    return this.pod(id);
  }

  /** Waits for a state that comes by itself. */
  async until(id: string, is: (pod: PodView) => boolean): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!is(this.pod(id))) {
      if (performance.now() > end) throw new Error(`The pod stays ${JSON.stringify(this.pod(id))}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  async close(): Promise<void> {
    await this.pods.close();
    await this.fake.close();
    this.#db.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
