// Owns the machines of the fake RunPod: their states over time, what they cost by the second, their logs, and what befalls them. Time is
// the clock that is given; what runs in a pod is the container that is given, a real worker or nothing.

import type { Clock } from '../../src/controller/ports.ts';

export type Status = 'PROVISIONING' | 'STARTING' | 'RUNNING' | 'EXITED' | 'ERROR' | 'TERMINATED';

/** What runs in a pod: reached at a loopback port once it listens. */
export interface Container {
  readonly port: number;
  stop(): Promise<void>;
  /** Resolves when it ended by itself. */
  readonly ended: Promise<unknown>;
}

/** Starts what a pod holds. `say` writes a line of its log. */
export type StartContainer = (pod: Machine, say: (line: string) => void) => Promise<Container>;

export interface CreateBody {
  readonly name: string;
  readonly image: string;
  readonly gpu: { readonly id: string; readonly count?: number; readonly minCudaVersion?: string };
  readonly cloud?: 'SECURE' | 'COMMUNITY';
  readonly dataCenterIds?: readonly string[];
  readonly disk?: number;
  readonly ports?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface LogLine {
  readonly id: string;
  readonly ts: string;
  readonly source: 'container' | 'system';
  readonly line: string;
}

export interface Machine {
  id: string;
  readonly body: CreateBody;
  /** May end this pod and nothing else: what RunPod puts into every pod. */
  readonly ownKey: string;
  status: Status;
  gpuCount: number;
  readonly usdPerHour: number;
  readonly createdAt: number;
  startedAt: number | null;
  /** Since when it costs, null while it does not; and what it has cost before. */
  costsSince: number | null;
  cost: number;
  readonly log: LogLine[];
  container: Container | null;
  /** Rises with every start, so that what a former start planned is void. */
  epoch: number;
}

export interface MachineTimes {
  provisionMs: number;
  startMs: number;
}

const HOUR_MS = 3_600_000;

export class Machines {
  readonly all = new Map<string, Machine>();
  /** Gone ones, for the bill. */
  readonly gone: Machine[] = [];
  readonly times: MachineTimes = { provisionMs: 0, startMs: 0 };
  /** The next start of a stopped pod finds its GPU let to somebody else. */
  losesGpu = false;
  readonly #clock: Clock;
  readonly #start: StartContainer | null;
  readonly #listeners = new Set<(machine: Machine, line: LogLine) => void>();
  readonly #working = new Set<Promise<unknown>>();
  #lastId = 0;

  constructor(clock: Clock, start: StartContainer | null) {
    this.#clock = clock;
    this.#start = start;
  }

  create(body: CreateBody, usdPerHour: number): Machine {
    this.#lastId += 1;
    const id = `fake${String(this.#lastId).padStart(6, '0')}`;
    const now = this.#clock.now();
    const machine: Machine = {
      ...{ id, body, usdPerHour, ownKey: `pod-key-${id}`, status: 'PROVISIONING', gpuCount: body.gpu.count ?? 1 },
      ...{ createdAt: now, startedAt: null, costsSince: now, cost: 0, log: [], container: null, epoch: 0 },
    };
    this.all.set(id, machine);
    this.#boot(machine);
    return machine;
  }

  get(id: string): Machine | null {
    return this.all.get(id) ?? null;
  }

  named(name: string): Machine[] {
    return [...this.all.values()].filter(({ body }) => body.name === name);
  }

  /** What may be done with it as it is. */
  actions({ status }: Machine): readonly string[] {
    if (status === 'RUNNING') return ['stop', 'restart', 'terminate'];
    return status === 'EXITED' || status === 'ERROR' ? ['start', 'terminate'] : ['stop', 'terminate'];
  }

  async stop(machine: Machine, status: 'EXITED' | 'ERROR' = 'EXITED'): Promise<void> {
    machine.epoch += 1;
    machine.status = status;
    this.#stopCost(machine);
    const { container } = machine;
    machine.container = null;
    await container?.stop();
  }

  startAgain(machine: Machine): void {
    if (this.losesGpu) machine.gpuCount = 0;
    machine.costsSince = this.#clock.now();
    this.#boot(machine);
  }

  async restart(machine: Machine): Promise<void> {
    await this.stop(machine);
    this.startAgain(machine);
  }

  async terminate(machine: Machine): Promise<void> {
    this.all.delete(machine.id);
    await this.stop(machine);
    machine.status = 'TERMINATED';
    this.gone.push(machine);
  }

  /** Moves it to another machine: a new id, a new address, an empty disk. */
  async migrate(machine: Machine): Promise<Machine> {
    await this.terminate(machine);
    return this.create(machine.body, machine.usdPerHour);
  }

  /** What everything has cost so far, US dollars. */
  spent(): number {
    return [...this.all.values(), ...this.gone].reduce((sum, machine) => sum + this.costOf(machine), 0);
  }

  costOf({ cost, costsSince, usdPerHour }: Machine): number {
    return cost + (costsSince === null ? 0 : (usdPerHour * (this.#clock.now() - costsSince)) / HOUR_MS);
  }

  say(machine: Machine, source: LogLine['source'], line: string): void {
    const number = machine.log.length + 1;
    const ts = new Date(this.#clock.now()).toISOString();
    const said: LogLine = { id: `${ts}/${String(number).padStart(12, '0')}`, ts, source, line };
    machine.log.push(said);
    for (const listener of this.#listeners) listener(machine, said);
  }

  onLine(listener: (machine: Machine, line: LogLine) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    for (const machine of this.all.values()) machine.epoch += 1;
    await Promise.allSettled(this.#working);
    await Promise.all([...this.all.values()].map(({ container }) => container?.stop()));
  }

  #boot(machine: Machine): void {
    machine.epoch += 1;
    machine.status = 'PROVISIONING';
    this.#after(machine, this.times.provisionMs, () => {
      machine.status = 'STARTING';
      this.say(machine, 'system', `create container ${machine.body.image}`);
      this.#after(machine, this.times.startMs, () => {
        machine.status = 'RUNNING';
        machine.startedAt = this.#clock.now();
        this.say(machine, 'system', 'start container');
        if (this.#start !== null) this.#hold(this.#run(machine, this.#start));
      });
    });
  }

  async #run(machine: Machine, start: StartContainer): Promise<void> {
    const { epoch } = machine;
    const say = (line: string): void => this.say(machine, 'container', line);
    const container = await start(machine, say).catch((thrown: unknown) => {
      say(String(thrown));
      return null;
    });
    if (container === null) {
      if (machine.epoch === epoch) await this.stop(machine, 'ERROR');
      return;
    }
    if (machine.epoch !== epoch) return container.stop();
    machine.container = container;
    void container.ended.then(() => {
      // A container that ends by itself ends its pod's run; somebody who ended it has another epoch by now.
      if (machine.epoch === epoch) void this.stop(machine);
    });
  }

  #after(machine: Machine, ms: number, run: () => void): void {
    const { epoch } = machine;
    const once = (): void => {
      if (machine.epoch === epoch) run();
    };
    if (ms === 0) once();
    else this.#clock.after(ms, once);
  }

  #stopCost(machine: Machine): void {
    machine.cost = this.costOf(machine);
    machine.costsSince = null;
  }

  #hold(work: Promise<unknown>): void {
    const held = work.catch(() => undefined).finally(() => this.#working.delete(held));
    this.#working.add(held);
  }
}
