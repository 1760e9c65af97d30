// Owns the driver `cloudflared`: one program and one listener for all workers that are reached this way, kept as long as there is one.

import { toAppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import type { Tunnel, TunnelDriver, TunnelState, WorkerAddress } from '../controller/ports.ts';
import type { Listen } from './address-driver.ts';
import type { AddressListener } from './address-listener.ts';
import { redialDelay } from './backoff.ts';
import type { CloudflaredOptions } from './cloudflared-process.ts';
import { CloudflaredProcess } from './cloudflared-process.ts';
import { findCloudflared } from './cloudflared-program.ts';

export interface CloudflaredDriverOptions extends CloudflaredOptions {
  readonly listen: Listen;
  /** Of 127.0.0.1: 0 = any free one for a quick tunnel; a named one leads to the port that its owner wrote down. */
  readonly port: number;
}

/** Milliseconds between two tries to start at most. */
const LONGEST_PAUSE_MS = 60_000;

interface Member {
  readonly tell: (state: TunnelState) => void;
  state: TunnelState;
  baseUrl: string | null;
}

interface Running {
  readonly listener: AddressListener;
  readonly program: CloudflaredProcess;
}

export class CloudflaredDriver implements TunnelDriver {
  readonly #options: CloudflaredDriverOptions;
  readonly #members = new Set<Member>();
  #running: Running | null = null;
  #refusal: string | null = null;
  /** Starts that failed in a row. */
  #failures = 0;
  #cancelRetry = (): void => undefined;
  /** Starting and stopping, one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: CloudflaredDriverOptions) {
    this.#options = options;
  }

  missing(): string | null {
    if (findCloudflared(this.#options.env) !== null) return null;
    return say('cloudflared_missing');
  }

  readonly open = (_worker: WorkerAddress, onChange: (state: TunnelState) => void): Tunnel => {
    const driver = this;
    const member: Member = { tell: onChange, state: 'connecting', baseUrl: null };
    this.#members.add(member);
    onChange('connecting');
    this.#settle();
    return {
      get state() {
        return member.state;
      },
      get baseUrl() {
        return member.baseUrl;
      },
      refused: false,
      get detail() {
        return driver.#refusal ?? driver.#running?.program.detail ?? null;
      },
      close: async () => {
        if (!driver.#members.delete(member)) return;
        member.state = 'closed';
        member.baseUrl = null;
        onChange('closed');
        driver.#settle();
        await driver.#turn;
      },
    };
  };

  /** Resolves when nothing of it runs any more. */
  async close(): Promise<void> {
    for (const member of [...this.#members]) {
      this.#members.delete(member);
      member.state = 'closed';
      member.tell('closed');
    }
    this.#settle();
    await this.#turn;
  }

  /** Starts what is wanted and does not run, and stops what runs and is not wanted. */
  #settle(): void {
    this.#cancelRetry();
    this.#turn = this.#turn.then(async () => {
      if (this.#members.size === 0) this.#cancelRetry();
      if (this.#members.size > 0 && this.#running === null) await this.#begin();
      else if (this.#members.size === 0 && this.#running !== null) await this.#end();
      this.#tell();
    });
  }

  async #begin(): Promise<void> {
    const { listen, named } = this.#options;
    try {
      const host = named === null ? null : new URL(named.baseUrl).host;
      const hosts = () => {
        const present = this.#running?.program.baseUrl ?? null;
        return host !== null ? [host] : present === null ? [] : [new URL(present).host];
      };
      const listener = await listen(hosts, named === null ? 0 : this.#options.port);
      const program = new CloudflaredProcess(this.#options, listener.port, () => this.#tell());
      this.#running = { listener, program };
      await program.start();
      this.#refusal = null;
      this.#failures = 0;
    } catch (thrown) {
      // The port of a named tunnel is taken: by whoever leaves it in a moment, perhaps.
      await this.#end();
      this.#refusal = toAppError(thrown).message;
      this.#failures += 1;
      const { clock, chance, log } = this.#options;
      log.warn('cloudflared_not_started', { reason: this.#refusal });
      const waitMs = redialDelay(this.#failures, chance.fraction(), LONGEST_PAUSE_MS);
      this.#cancelRetry();
      this.#cancelRetry = clock.after(waitMs, () => this.#settle());
    }
  }

  async #end(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.program.stop();
    await running?.listener.close();
  }

  #tell(): void {
    const program = this.#running?.program;
    const state: TunnelState = program?.connected === true ? 'open' : program === undefined ? 'closed' : 'connecting';
    const baseUrl = state === 'open' ? (program?.baseUrl ?? null) : null;
    for (const member of [...this.#members]) {
      const same = member.state === state && member.baseUrl === baseUrl;
      member.state = state;
      member.baseUrl = baseUrl;
      if (!same) member.tell(state);
    }
  }
}
