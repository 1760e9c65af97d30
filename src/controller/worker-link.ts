// Owns the engine's standing with one worker: its health from pings, its identity, and whether it can take work now.
//
// connecting   an address is known, no answer yet.       ok            the last ping was answered.
// unreachable  no answer; asked again with backoff.      unauthorized  the token was refused.
// One that a person gave its token is then left alone until the token is changed or the person has it asked again; the others, whose token is
// ours, are asked once a minute: a machine that starts may answer by somebody else first.
// For the worker on this computer, `off`, `installing`, `starting` and `failed` come before an address is known.

import type { ErrorReport } from '../contract/errors.ts';
import { AppError } from '../contract/errors.ts';
import type { ExpectedIdentity } from '../contract/identity.ts';
import type { TunnelChoice } from '../contract/tunnel-wire.ts';
import type { WorkerHealth, WorkerKind, WorkerView } from '../contract/worker-view.ts';
import type { Ping } from '../contract/worker-wire.ts';
import { Bell } from './pause.ts';
import type {
  Chance,
  Clock,
  ConnectWorker,
  Log,
  TunnelDrivers,
  TunnelState,
  WorkerAddress,
  WorkerClient,
} from './ports.ts';
import { isDeployedBuild } from './tunnel-choice.ts';
import type { Expectation } from './worker-expectation.ts';
import { WorkerFullness } from './worker-fullness.ts';
import { WorkerPast } from './worker-past.ts';
import type { WorkerChoices, WorkerRecords } from './worker-ports.ts';
import { type WorkerReach, WorkerTunnel } from './worker-tunnel.ts';
import { WorkerVerdict } from './worker-verdict.ts';
import { WorkerWatch } from './worker-watch.ts';

/** Milliseconds that a worker is given to answer a person who has it asked. */
const CHECK_MS = 20_000;

export interface WorkerLinkOptions {
  readonly id: string;
  readonly kind: WorkerKind;
  readonly name: string;
  readonly connect: ConnectWorker;
  readonly tunnels: () => TunnelDrivers;
  /** Which of them this worker is to have. */
  readonly tunnelChoice: () => TunnelChoice;
  readonly records: WorkerRecords;
  /** What is expected of it, and by whose word; its own expectation is given. */
  readonly expected: (own: ExpectedIdentity | null) => Expectation;
  readonly jobs: () => number;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** Called after anything that a person or the dispatcher could see has changed. */
  readonly onChange: (link: WorkerLink) => void;
}

export class WorkerLink {
  readonly id: string;
  readonly kind: WorkerKind;
  readonly #options: WorkerLinkOptions;
  readonly #clock: Clock;
  readonly #changed = new Bell();
  #name: string;
  #choices: WorkerChoices;
  readonly #past: WorkerPast;

  #address: WorkerAddress | null = null;
  #client: WorkerClient | null = null;
  readonly #tunnel: WorkerTunnel;
  #movedAt: number | null = null;
  readonly #watch: WorkerWatch;
  /** Nobody asks this worker anything any more: it was removed, or the engine ends. */
  #closed = false;

  #health: WorkerHealth;
  #since: number;
  #detail: string | null = null;
  #error: ErrorReport | null = null;
  #ping: Ping | null = null;
  #latencyMs: number | null = null;
  #lastPingAt: number | null = null;
  readonly #verdict: WorkerVerdict;
  readonly fullness: WorkerFullness;

  constructor(options: WorkerLinkOptions) {
    this.id = options.id;
    this.kind = options.kind;
    this.#name = options.name;
    this.#choices = options.records.choices(options.id);
    this.#past = new WorkerPast(options.id, options.records, options.log);
    this.#verdict = new WorkerVerdict(options.id, options.clock, options.log);
    this.#options = options;
    this.#clock = options.clock;
    this.fullness = new WorkerFullness(options.clock);
    this.#since = options.clock.now();
    this.#tunnel = new WorkerTunnel({
      workerId: options.id,
      drivers: options.tunnels,
      choice: options.tunnelChoice,
      clock: options.clock,
      log: options.log,
      onChange: (state) => this.#tunnelChanged(state),
    });
    this.#watch = new WorkerWatch({
      clock: options.clock,
      chance: options.chance,
      answered: (ping, latencyMs, address) => this.#answered(ping, latencyMs, address),
      missed: (health, error) => {
        if (health === 'unauthorized') this.refuse(error.report());
        else this.#show(health, null, error.report());
      },
      isTrying: () => this.#ping?.diarizationChecking === true,
    });
    this.#health = options.kind === 'local' ? 'off' : 'connecting';
  }

  get ping(): Ping | null {
    return this.#ping;
  }

  get health(): WorkerHealth {
    return this.#health;
  }

  /** Milliseconds since 1970 at which the health became what it is. */
  get since(): number {
    return this.#since;
  }

  /** Since when it is given no new jobs because a person said so; null while it is given some. */
  get drainedSince(): number | null {
    return this.#choices.drainedSince;
  }

  get name(): string {
    return this.#name;
  }

  rename(name: string): void {
    this.#name = name;
    this.#tell();
  }

  /** Null gives it jobs again. */
  drain(since: number | null): void {
    this.#options.records.drain(this.id, since);
    this.#choices = this.#options.records.choices(this.id);
    this.#tell();
  }

  /** Sets what is expected of this one alone; null = what is expected of all. */
  expect(expected: ExpectedIdentity | null): void {
    this.#options.records.expect(this.id, expected);
    this.#choices = this.#options.records.choices(this.id);
    this.judge();
    this.#tell();
  }

  readonly #expectation = (): Expectation => this.#options.expected(this.#choices.expected);

  get address(): WorkerAddress | null {
    return this.#address;
  }

  get reach(): WorkerReach {
    return this.#tunnel.reach;
  }

  /** True for a worker that speaks part 1 of the protocol alone. */
  get isDeployed(): boolean {
    return this.#ping !== null && isDeployedBuild(this.#ping);
  }

  /** True when a job may be given or asked for now: it answers, and it can reach this computer. */
  get ready(): boolean {
    return this.#health === 'ok' && this.#tunnel.isOpen;
  }

  /** True while it answers and has a way to this computer, or may have it in a moment. */
  get mayReach(): boolean {
    return this.#health === 'ok' && this.#tunnel.mayOpen;
  }

  /** Where the links that this worker is given begin: an origin. Null when it cannot reach this computer. */
  get linkBase(): string | null {
    return this.#tunnel.baseUrl;
  }

  /** The client to speak with; null until an address is known. */
  get client(): WorkerClient | null {
    return this.#client;
  }

  /** When its machine was last replaced by another, as far as this engine saw it: another address is another machine, but on this computer. */
  get movedAt(): number | null {
    return this.#movedAt;
  }

  /** Begins to ask the worker at `address`, in place of any earlier one. */
  connect(address: WorkerAddress): void {
    if (this.kind !== 'local' && this.#address !== null && this.#address.url !== address.url)
      this.#movedAt = this.#clock.now();
    this.disconnect('connecting', null);
    this.#address = address;
    this.#client = this.#options.connect(address);
    this.#watch.start(this.#client, address);
  }

  /** Lets go of the address: closes client and tunnel, and shows `health`. */
  disconnect(health: WorkerHealth, detail: string | null, error: ErrorReport | null = null): void {
    this.#watch.stop();
    void this.#tunnel.close();
    void this.#client?.close();
    this.#client = null;
    this.#address = null;
    this.#show(health, detail, error);
  }

  /** Asks the worker at once instead of at the next interval, unless it refused the token. */
  poke(): void {
    this.#watch.poke();
  }

  /** Asks it once because a person says so, even if it refused the token. Resolves with its answer, or when it took too long. */
  async check(): Promise<void> {
    const before = this.#watch.asked;
    const until = this.#clock.now() + CHECK_MS;
    this.#watch.resume();
    const never = new AbortController().signal;
    while (this.#watch.isOn && this.#watch.asked === before && this.#clock.now() < until)
      await this.#changed.wait(this.#clock, CHECK_MS, never);
  }

  /** A call other than a ping was refused for its token: the worker is not asked again before somebody has done something about it. */
  refuse(error: ErrorReport): void {
    if (this.kind === 'saved' || this.kind === 'environment') this.#watch.leave();
    void this.#tunnel.close();
    this.#show('unauthorized', null, error);
  }

  /** Holds the reported identity against what is expected now; called again when the expectation changes. */
  judge(): void {
    if (this.#verdict.judge(this.#expectation().identity, this.#ping)) this.#tell();
  }

  view(): WorkerView {
    const ping = this.#ping;
    return {
      id: this.id,
      kind: this.kind,
      name: this.name,
      url: this.#address?.url ?? null,
      health: this.#health,
      since: this.#since,
      detail: this.#detail ?? this.#tunnelDetail(),
      error: this.#error,
      latencyMs: this.#latencyMs,
      lastPingAt: this.#lastPingAt,
      capabilities: ping === null ? null : { ...ping, device: ping.device ?? (ping.gpu ? 'cuda' : null) },
      identity: ping?.identity ?? null,
      expectedIdentity: this.#expectation().identity,
      verdict: this.#verdict.verdict,
      mismatchSince: this.#verdict.mismatchSince,
      expectedFrom: this.#expectation().from,
      drainedSince: this.drainedSince,
      jobs: this.#options.jobs(),
      tunnel: this.#tunnel.view(),
    };
  }

  #answered(ping: Ping, latencyMs: number, address: WorkerAddress): void {
    this.#ping = ping;
    this.#latencyMs = Math.round(latencyMs * 10) / 10;
    this.#lastPingAt = this.#clock.now();
    if (ping.identity !== null) this.#past.reported(ping.identity, this.#lastPingAt);
    this.#tunnel.choose(ping, address);
    this.judge();
    this.#show('ok', null, null);
    this.#past.answered(latencyMs);
  }

  /** Holds the way that it has against the one that it is to have now; called again when the settings change. */
  chooseTunnel(): void {
    if (this.#ping === null || this.#address === null || this.#health !== 'ok') return;
    if (this.#tunnel.choose(this.#ping, this.#address)) this.#tell();
  }

  /** Bytes of a recording left for this worker. */
  sent(bytes: number): void {
    this.#tunnel.sent(bytes);
  }

  #tunnelChanged(state: TunnelState): void {
    if (this.#tunnel.refused) {
      this.refuse(new AppError('REMOTE_WORKER_UNAUTHORIZED').report());
      return;
    }
    // A tunnel that closes is the first to notice that a worker is gone.
    if (state !== 'open') this.#watch.poke();
    this.#tell();
  }

  /** Why a worker that answers can still not be given work. */
  #tunnelDetail(): string | null {
    if (this.#health !== 'ok' || this.#ping === null) return null;
    return this.#tunnel.detail();
  }

  #show(health: WorkerHealth, detail: string | null, error: ErrorReport | null): void {
    if (health !== this.#health) {
      this.#since = this.#clock.now();
      this.#past.changed(health, error, this.#since);
    }
    this.#health = health;
    this.#detail = detail;
    this.#error = error;
    this.#tell();
  }

  #tell(): void {
    this.#changed.ring();
    this.#options.onChange(this);
  }

  /** Waits until links that begin with `base` lead to it no more, or it cannot be used. Returns early when the signal aborts. */
  async whenMoved(base: string | null, signal: AbortSignal): Promise<void> {
    while (this.ready && this.linkBase === base && !signal.aborted && !this.#closed)
      await this.#changed.wait(this.#clock, 30_000, signal);
  }

  /** Waits until the worker can be used. Returns early when the signal aborts, or the worker is removed. */
  async whenReady(signal: AbortSignal): Promise<void> {
    while (!this.ready && !signal.aborted && !this.#closed) await this.#changed.wait(this.#clock, 30_000, signal);
  }

  /** Stops everything; the link is not used afterwards. */
  async close(): Promise<void> {
    this.#watch.stop();
    this.#closed = true;
    this.#changed.ring();
    await this.#tunnel.close();
    await this.#client?.close();
  }
}
