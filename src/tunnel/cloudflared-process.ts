// Owns one running cloudflared: starts it, reads what it prints, starts it again with patience when it ends or does not come to anything.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { PHRASES, say } from '../contract/sentences.ts';
import type { Chance, Clock, Log } from '../controller/ports.ts';
import { redialDelay } from './backoff.ts';
import { readCloudflaredLine } from './cloudflared-output.ts';
import type { Environment, NamedTunnel } from './cloudflared-program.ts';
import {
  cloudflaredCall,
  endLeftProgram,
  findCloudflared,
  forgetProgram,
  rememberProgram,
} from './cloudflared-program.ts';

export interface CloudflaredOptions {
  /** Of this program; its PATH tells where cloudflared is. */
  readonly env: Environment;
  /** Null for a quick tunnel, whose address is another one at each start. */
  readonly named: NamedTunnel | null;
  /** Where the number of the process is remembered. */
  readonly pidFile: string;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
}

/** Cloudflare gives quick tunnels sparingly. */
const LONGEST_PAUSE_MS = 60_000;
/** One that has had no connection for so long is started anew: its tunnel may be gone on the other side. */
const STUCK_MS = 90_000;
/** One that was well for so long is started again soon after it ends. */
const WELL_MS = 60_000;
/** How long it may take to end by itself. */
const GRACE_MS = 4_000;

export class CloudflaredProcess {
  readonly #options: CloudflaredOptions;
  readonly #port: number;
  readonly #onChange: () => void;
  readonly #connections = new Set<number>();
  #child: ChildProcess | null = null;
  #baseUrl: string | null = null;
  #detail: string | null = null;
  #failures = 0;
  #connectedAt: number | null = null;
  #stopped = false;
  #cancelPause = (): void => undefined;
  #cancelStuck = (): void => undefined;

  /** @param onChange called after `baseUrl`, `connected` or `detail` became another. */
  constructor(options: CloudflaredOptions, port: number, onChange: () => void) {
    this.#options = options;
    this.#port = port;
    this.#onChange = onChange;
  }

  /** The public address, while the program has one. */
  get baseUrl(): string | null {
    return this.#baseUrl;
  }

  /** True while it has an address and a connection to Cloudflare. */
  get connected(): boolean {
    return this.#baseUrl !== null && this.#connections.size > 0;
  }

  /** What it complained of last, while it is not connected. */
  get detail(): string | null {
    return this.connected || this.#detail === null ? null : say('cloudflared_says', { reason: this.#detail });
  }

  async start(): Promise<void> {
    if (await endLeftProgram(this.#options.pidFile)) this.#options.log.info('cloudflared_left_ended');
    this.#run();
  }

  /** Ends the program: asks, then kills. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelPause();
    this.#cancelStuck();
    const child = this.#child;
    if (child === null) return;
    await new Promise<void>((resolve) => {
      const kill = this.#options.clock.after(GRACE_MS, () => child.kill('SIGKILL'));
      child.once('close', () => {
        kill();
        resolve();
      });
      child.kill('SIGTERM');
    });
  }

  #run(): void {
    if (this.#stopped) return;
    const { env, named, clock, log, pidFile } = this.#options;
    const program = findCloudflared(env);
    if (program === null) {
      this.#detail = PHRASES.not_installed;
      this.#again();
      return;
    }
    const call = cloudflaredCall(named, this.#port, env);
    const child = spawn(program, call.args, {
      env: call.env,
      stdio: ['ignore', 'ignore', 'pipe'],
      windowsHide: true,
    });
    this.#child = child;
    this.#baseUrl = named?.baseUrl ?? null;
    if (child.pid !== undefined) rememberProgram(pidFile, child.pid);
    this.#watchStuck();
    // The stream is there for as long as `stdio` above asks for it.
    if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', (line) => this.#hear(line));
    child.once('error', (error) => {
      this.#detail = error.message;
    });
    child.once('close', (code, signal) => {
      this.#child = null;
      this.#cancelStuck();
      forgetProgram(pidFile);
      this.#connections.clear();
      this.#baseUrl = null;
      if (this.#stopped) return;
      log.warn('cloudflared_ended', { code, signal, detail: this.#detail });
      if (this.#connectedAt !== null && clock.now() - this.#connectedAt >= WELL_MS) this.#failures = 0;
      this.#connectedAt = null;
      this.#again();
    });
  }

  #again(): void {
    this.#failures += 1;
    const { clock, chance } = this.#options;
    this.#cancelPause = clock.after(redialDelay(this.#failures, chance.fraction(), LONGEST_PAUSE_MS), () =>
      this.#run(),
    );
    this.#onChange();
  }

  #watchStuck(): void {
    this.#cancelStuck();
    this.#cancelStuck = this.#options.clock.after(STUCK_MS, () => {
      this.#detail ??= PHRASES.no_connection;
      this.#child?.kill('SIGKILL');
    });
  }

  #hear(line: string): void {
    const said = readCloudflaredLine(line);
    if (said === null || this.#stopped) return;
    switch (said.kind) {
      case 'address':
        if (this.#options.named !== null) return;
        this.#baseUrl = said.baseUrl;
        break;
      case 'connected':
        this.#connections.add(said.connection);
        this.#connectedAt ??= this.#options.clock.now();
        break;
      case 'disconnected':
        this.#connections.delete(said.connection);
        break;
      case 'complaint':
        this.#detail = said.message;
        break;
      default:
        said satisfies never;
    }
    if (this.connected) {
      this.#detail = null;
      this.#cancelStuck();
    } else if (said.kind === 'disconnected') this.#watchStuck();
    this.#onChange();
  }
}
