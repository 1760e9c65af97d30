// Owns which workers there are: the one on this computer, the one that the environment names, those a person added, those on rented
// machines; and which of them may be used in the present mode.

import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import type { TunnelChoice } from '../contract/tunnel-wire.ts';
import { LOCAL_WORKER_ID, type WorkerView } from '../contract/worker-view.ts';
import type {
  Chance,
  Clock,
  ConnectWorker,
  LocalWorker,
  LocalWorkerState,
  Log,
  SecretStore,
  SettingsSource,
  TunnelDrivers,
  WorkerAddress,
} from './ports.ts';
import { expectationOf } from './worker-expectation.ts';
import { WorkerLink } from './worker-link.ts';
import type { WorkerRecords, WorkerStore } from './worker-ports.ts';

const ENVIRONMENT_WORKER_ID = 'environment';

/** Milliseconds that a remote worker may be silent before this computer takes over in mode `optional`. */
const FALLBACK_AFTER_MS = 15_000;

export interface RosterOptions {
  readonly store: WorkerStore;
  readonly records: WorkerRecords;
  /** Jobs of this app that a worker has now. */
  readonly heldBy: (workerId: string) => number;
  readonly secrets: SecretStore;
  readonly settings: SettingsSource;
  readonly local: LocalWorker;
  /** REMOTE_WORKER_URL and its token, if set. */
  readonly fromEnvironment: WorkerAddress | null;
  readonly connect: ConnectWorker;
  readonly tunnels: () => TunnelDrivers;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly onChange: (view: WorkerView) => void;
  readonly onRemoved: (id: string) => void;
  /** True while a rented machine is on its way: this computer need not step in. */
  readonly podComing: () => boolean;
}

export class WorkerRoster {
  readonly #options: RosterOptions;
  readonly #links = new Map<string, WorkerLink>();
  #localStarted = false;

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  /** Takes up all known workers. The local one is started by {@link ensureLocal}, when it is needed. */
  start(): void {
    this.#add(LOCAL_WORKER_ID, 'local', 'This computer');
    const fixed = this.#options.fromEnvironment;
    if (fixed !== null) this.#add(ENVIRONMENT_WORKER_ID, 'environment', hostOf(fixed.url)).connect(fixed);
    for (const saved of this.#options.store.workers()) {
      const link = this.#add(saved.id, 'saved', saved.name);
      const token = this.#options.secrets.get(tokenName(saved.id));
      if (token === null) link.disconnect('unauthorized', say('token_not_kept'));
      else link.connect({ url: saved.url, token });
    }
  }

  get(id: string): WorkerLink | null {
    return this.#links.get(id) ?? null;
  }

  all(): readonly WorkerLink[] {
    return [...this.#links.values()];
  }

  views(): WorkerView[] {
    return this.all().map((link) => link.view());
  }

  /** Workers other than the one on this computer. */
  remotes(): readonly WorkerLink[] {
    return this.all().filter((link) => link.kind !== 'local');
  }

  /** Workers that may be given new jobs now, the remote ones first. */
  usable(): readonly WorkerLink[] {
    const mode = this.#options.settings.current().workerMode;
    const remotes = mode === 'off' ? [] : this.remotes().filter((link) => link.ready && link.drainedSince === null);
    const local = this.get(LOCAL_WORKER_ID);
    return this.#localWanted() && local?.ready === true && local.drainedSince === null ? [...remotes, local] : remotes;
  }

  /** True when this computer is to do work: no remote worker may be used, or none has answered for a while. */
  #localWanted(): boolean {
    const { workerMode } = this.#options.settings.current();
    if (workerMode === 'off') return true;
    if (workerMode === 'required' || this.#options.podComing()) return false;
    const now = this.#options.clock.now();
    return this.remotes().every(
      (link) =>
        (link.health === 'ok' && !link.mayReach) ||
        (link.health !== 'ok' && (link.health === 'unauthorized' || Math.abs(now - link.since) >= FALLBACK_AFTER_MS)),
    );
  }

  /** Starts the worker on this computer if the mode wants it. Called when there is work, and at start by whoever shows it. */
  ensureLocal(): void {
    if (this.#localStarted || !this.#localWanted()) return;
    this.startLocal();
  }

  startLocal(): void {
    if (this.#localStarted) return;
    this.#localStarted = true;
    this.#options.local.start((state) => this.#localChanged(state));
  }

  async stopLocal(graceMs: number): Promise<void> {
    this.#localStarted = false;
    await this.#options.local.stop(graceMs);
    this.get(LOCAL_WORKER_ID)?.disconnect('off', null);
  }

  /** True when some worker may yet become usable by itself soon: it is being dialled, set up or started. */
  anyComing(): boolean {
    if (this.#options.podComing()) return true;
    return this.all().some(
      ({ kind, health, mayReach, drainedSince }) =>
        drainedSince === null &&
        (['installing', 'starting', 'connecting'].includes(health) ||
          mayReach ||
          (kind === 'local' && health === 'off' && this.#localWanted())),
    );
  }

  /** True while some worker that is wanted has not said yet what it can do. */
  anyStarting(): boolean {
    if (this.#options.podComing()) return true;
    return this.all().some(
      ({ kind, health }) =>
        ['installing', 'starting', 'connecting'].includes(health) ||
        (kind === 'local' && health === 'off' && this.#localWanted()),
    );
  }

  /** Asks every worker at once instead of at its next interval. */
  pokeAll(): void {
    for (const link of this.#links.values()) link.poke();
  }

  /** Why no worker can take jobs, in a sentence. */
  whyNone(): string {
    const { workerMode } = this.#options.settings.current();
    if (workerMode === 'required' && this.remotes().length === 0) return say('no_remote');
    const drained = this.all().find(({ ready, drainedSince }) => ready && drainedSince !== null);
    if (drained !== undefined) return say('drained', { worker: drained.name });
    const failed = this.all().find(({ health }) => health === 'failed');
    if (failed !== undefined) return failed.view().error?.message ?? say('no_answer');
    const unreaching = this.all().find(({ health, ready }) => health === 'ok' && !ready);
    return unreaching?.view().detail ?? say('no_answer');
  }

  /** @throws AppError CONFLICT for an address at which there is a worker already: it serves one tunnel of ours, and two would take it from each other */
  addSaved(name: string, address: WorkerAddress): WorkerLink {
    this.#refuseTwice(address.url, null);
    const id = this.#options.chance.id('worker');
    this.#options.secrets.set(tokenName(id), address.token);
    this.#options.store.addWorker({ id, name, url: address.url }, this.#options.clock.now());
    const link = this.#add(id, 'saved', name);
    link.connect(address);
    return link;
  }

  /**
   * Gives a worker that a person added another name, address or token; what is undefined stays.
   * @throws AppError NOT_FOUND, CONFLICT for a worker that no person added, and for the address of another
   */
  changeSaved(
    id: string,
    change: {
      readonly name?: string | undefined;
      readonly url?: string | undefined;
      readonly token?: string | undefined;
    },
  ): WorkerLink {
    const link = this.#saved(id, 'changed');
    const known = this.#options.store.workers().find((saved) => saved.id === id);
    const url = change.url ?? known?.url ?? '';
    if (change.url !== undefined) this.#refuseTwice(url, id);
    const token = change.token ?? this.#options.secrets.get(tokenName(id));
    if (token === null) throw new AppError('CONFLICT', say('token_wanted'));
    if (change.token !== undefined) this.#options.secrets.set(tokenName(id), change.token);
    this.#options.store.changeWorker({ id, name: change.name ?? link.name, url });
    if (change.name !== undefined) link.rename(change.name);
    if (change.url !== undefined || change.token !== undefined) link.connect({ url, token });
    return link;
  }

  /** @throws AppError NOT_FOUND, CONFLICT for a worker that no person added. */
  async removeSaved(id: string): Promise<void> {
    const link = this.#saved(id, 'removed');
    this.#links.delete(id);
    this.#options.store.removeWorker(id);
    this.#options.records.forget(id);
    this.#options.secrets.delete(tokenName(id));
    await link.close();
    this.#options.onRemoved(id);
  }

  #refuseTwice(url: string, but: string | null): void {
    const saved = new Map(this.#options.store.workers().map((worker) => [worker.id, worker.url]));
    const there = this.remotes().find((link) => {
      const known = link.address?.url ?? saved.get(link.id);
      return link.id !== but && known !== undefined && isSameAddress(known, url);
    });
    if (there !== undefined) throw new AppError('CONFLICT', say('worker_there', { worker: there.name }));
  }

  #saved(id: string, what: 'removed' | 'changed'): WorkerLink {
    const link = this.get(id);
    if (link === null) throw new AppError('NOT_FOUND', say('worker_unknown'));
    if (link.kind === 'pod') throw new AppError('CONFLICT', say('worker_rented'));
    if (link.kind !== 'saved') throw new AppError('CONFLICT', say(`worker_not_added_${what}`));
    return link;
  }

  /** Makes the worker of a rented machine known, or gives it the address that it has now. Its identity is held against `imageDigest` alone. */
  putPod(id: string, name: string, address: WorkerAddress, imageDigest: string | null): void {
    const link = this.get(id) ?? this.#add(id, 'pod', name, imageDigest);
    const { address: present } = link;
    if (present?.url !== address.url || present.token !== address.token) link.connect(address);
  }

  async removePod(id: string): Promise<void> {
    const link = this.get(id);
    if (link?.kind !== 'pod') return;
    this.#links.delete(id);
    await link.close();
    this.#options.onRemoved(id);
  }

  /** Compares tokens in constant time. */
  tokenMatches(workerId: string, token: string): boolean {
    const known = this.get(workerId)?.address?.token;
    if (known === undefined) return false;
    return timingSafeEqual(digest(known), digest(token));
  }

  /** Holds every worker's identity and way against what is set now, after it changed. */
  judgeAll(): void {
    for (const link of this.#links.values()) {
      link.judge();
      link.chooseTunnel();
    }
  }

  /** What is set for one worker. The one on this computer is never reached over a network. */
  #tunnelChoice(id: string, kind: WorkerLink['kind']): TunnelChoice {
    const { tunnel, tunnelByWorker } = this.#options.settings.current();
    return kind === 'local' ? 'worker' : (tunnelByWorker[id] ?? tunnel);
  }

  /** Closes every tunnel and client. The local worker's process is dealt with by the caller. */
  async close(): Promise<void> {
    await Promise.all(this.all().map((link) => link.close()));
  }

  #add(id: string, kind: WorkerLink['kind'], name: string, podDigest: string | null = null): WorkerLink {
    const link = new WorkerLink({
      id,
      kind,
      name,
      connect: this.#options.connect,
      records: this.#options.records,
      jobs: () => this.#options.heldBy(id),
      expected: (own) => expectationOf({ kind, own, podDigest, settings: this.#options.settings }),
      tunnels: this.#options.tunnels,
      tunnelChoice: () => this.#tunnelChoice(id, kind),
      clock: this.#options.clock,
      chance: this.#options.chance,
      log: this.#options.log,
      onChange: (changed) => this.#options.onChange(changed.view()),
    });
    this.#links.set(id, link);
    this.#options.onChange(link.view());
    return link;
  }

  #localChanged(state: LocalWorkerState): void {
    const link = this.get(LOCAL_WORKER_ID);
    if (link === null) return;
    switch (state.state) {
      case 'running':
        link.connect(state.address);
        break;
      case 'installing':
        link.disconnect('installing', state.detail);
        break;
      case 'failed':
        link.disconnect('failed', null, { code: state.code, message: state.message });
        break;
      case 'starting':
      case 'off':
        link.disconnect(state.state, null);
        break;
      default:
        state satisfies never;
    }
  }
}

function tokenName(workerId: string): string {
  return `worker-token-${workerId}`;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isSameAddress(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) ? new URL(one).href === new URL(other).href : one === other;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
