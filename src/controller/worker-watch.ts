// Owns asking one worker how it is: when, how often, and that one which refused its token is left alone until somebody has done something about it.

import type { AppError } from '../contract/errors.ts';
import { toAppError } from '../contract/errors.ts';
import type { Ping } from '../contract/worker-wire.ts';
import { Bell } from './pause.ts';
import type { Chance, Clock, WorkerAddress, WorkerClient } from './ports.ts';
import { untilNextPing } from './worker-pings.ts';

/** Milliseconds between two looks whether somebody did something about a refused token. No call is made for it. */
const REFUSED_LOOK_MS = 3_600_000;

export interface WorkerWatchOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly answered: (ping: Ping, latencyMs: number, address: WorkerAddress) => void;
  readonly missed: (health: 'unauthorized' | 'unreachable', error: AppError) => void;
  /** Whether it still tries what it can do. */
  readonly isTrying: () => boolean;
}

export class WorkerWatch {
  readonly #options: WorkerWatchOptions;
  readonly #poke = new Bell();
  #loop: AbortController | null = null;
  /** It refused the token, and nobody has changed that yet. */
  #refused = false;
  #asked = 0;

  constructor(options: WorkerWatchOptions) {
    this.#options = options;
  }

  /** False while nobody asks. */
  get isOn(): boolean {
    return this.#loop !== null;
  }

  /** Pings that came to something, so or so. */
  get asked(): number {
    return this.#asked;
  }

  /** Begins to ask, in place of whoever was asked before. */
  start(client: WorkerClient, address: WorkerAddress): void {
    this.stop();
    this.#refused = false;
    this.#loop = new AbortController();
    void this.#ask(client, address, this.#loop.signal);
  }

  stop(): void {
    this.#loop?.abort();
    this.#loop = null;
  }

  /** Asks at once instead of at the next interval, unless the token was refused. */
  poke(): void {
    this.#poke.ring();
  }

  /** It refused the token: nothing is asked before {@link resume} or {@link start}. */
  leave(): void {
    this.#refused = true;
  }

  /** Asks at once, even if the token was refused. */
  resume(): void {
    this.#refused = false;
    this.#poke.ring();
  }

  async #ask(client: WorkerClient, address: WorkerAddress, signal: AbortSignal): Promise<void> {
    const { clock, chance, answered, missed: missing, isTrying } = this.#options;
    let missed = 0;
    while (!signal.aborted) {
      if (this.#refused) {
        await this.#poke.wait(clock, REFUSED_LOOK_MS, signal);
        continue;
      }
      let health: 'ok' | 'unauthorized' | 'unreachable' = 'ok';
      try {
        const { ping, latencyMs } = await client.ping(signal);
        if (signal.aborted) return;
        missed = 0;
        this.#asked += 1;
        answered(ping, latencyMs, address);
      } catch (thrown) {
        if (signal.aborted) return;
        const error = toAppError(thrown, 'REMOTE_WORKER_UNREACHABLE');
        health = error.code === 'REMOTE_WORKER_UNAUTHORIZED' ? 'unauthorized' : 'unreachable';
        missed += 1;
        this.#asked += 1;
        missing(health, error);
      }
      await this.#poke.wait(clock, untilNextPing(health, missed, chance.fraction(), isTrying()), signal);
    }
  }
}
