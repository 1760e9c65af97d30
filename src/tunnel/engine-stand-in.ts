// Owns an engine of one recording, for tests of the worker-facing routes: a file, its links, and what was delivered.

import { createHash, randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../contract/errors.ts';
import { TUNNEL_BASE_URL } from '../contract/tunnel-wire.ts';
import type { Clock, DeployedOutput, Log, WorkerFacing } from '../controller/ports.ts';
import type { PreparedSource } from '../jobs/record.ts';
import { createLinkSigner, createLinkVerifier } from './signed-link.ts';

export const WORKER_TOKEN = 'correct-horse-battery-staple';
const MIB = 1024 * 1024;

export const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');
export const contentDigest = (bytes: Buffer | string): string =>
  `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;

/** Real time, with every delay first put through `hurry`; knows what is pending. */
export class HastyClock implements Clock {
  readonly pending = new Set<NodeJS.Timeout>();
  /** Every delay that was asked for, before it was shortened. */
  readonly asked: number[] = [];
  /** Milliseconds by which the wall clock runs ahead. */
  skewMs = 0;
  readonly #hurry: (delayMs: number) => number;

  constructor(hurry: (delayMs: number) => number = (delayMs) => delayMs) {
    this.#hurry = hurry;
  }

  now(): number {
    return Date.now() + this.skewMs;
  }

  after(delayMs: number, run: () => void): () => void {
    this.asked.push(delayMs);
    const timer = setTimeout(() => {
      this.pending.delete(timer);
      run();
    }, this.#hurry(delayMs));
    this.pending.add(timer);
    return () => {
      clearTimeout(timer);
      this.pending.delete(timer);
    };
  }
}

/** Keeps every line, so that a test can look for what must not be there. */
export class LogStandIn implements Log {
  readonly lines: string[] = [];
  info(event: string, fields?: Record<string, unknown>): void {
    this.lines.push(JSON.stringify(['info', event, fields]));
  }
  warn(event: string, fields?: Record<string, unknown>): void {
    this.lines.push(JSON.stringify(['warn', event, fields]));
  }
  error(event: string, fields?: Record<string, unknown>): void {
    this.lines.push(JSON.stringify(['error', event, fields]));
  }
}

/** Job `job_1` with input `in_1`; attempt 1 is the open one. */
export class EngineStandIn implements WorkerFacing {
  readonly key = randomBytes(32);
  readonly verify = createLinkVerifier(this.key, 'k1');
  readonly delivered: { readonly attempt: number; readonly json: string; readonly sha256: string }[] = [];
  readonly nudges: number[] = [];
  readonly received: DeployedOutput[] = [];
  /** The open attempt that a call without a link means. */
  openAttempt: number | null = 1;
  readonly sentUpTo: number[] = [];
  /** Bytes that went out, by what the routes told. */
  sentBytes = 0;
  /** Set to make `deliver` refuse. */
  refusal: AppError | null = null;
  readonly folder: string;
  readonly path: string;
  readonly bytes: Buffer;
  prepared: PreparedSource;
  readonly #signer = createLinkSigner(this.key, 'k1');

  constructor(folder: string, bytes: Buffer, prepared: PreparedSource) {
    this.folder = folder;
    this.path = join(folder, 'recording.wav');
    this.bytes = bytes;
    this.prepared = prepared;
  }

  /** @param times how often the same bytes come one after another in the file; `bytes` has them once */
  static async make(size: number, times = 1): Promise<EngineStandIn> {
    const folder = await mkdtemp(join(tmpdir(), 'bt-tunnel-'));
    const bytes = randomBytes(size);
    const path = join(folder, 'recording.wav');
    const hash = createHash('sha256');
    for (let left = times; left > 0; left -= 1) {
      await appendFile(path, bytes);
      hash.update(bytes);
    }
    const { mtimeMs } = await stat(path);
    const prepared = {
      sizeBytes: size * times,
      mtimeMs,
      sha256: hash.digest('hex'),
      contentType: 'audio/wav',
      durationSec: null,
    };
    return new EngineStandIn(folder, bytes, prepared);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  inputLink({ attempt = 1, expiresSec = inAQuarter() } = {}): string {
    const { sizeBytes, sha256 } = this.prepared;
    return this.#signer.inputLink({ ...JOB, inputId: 'in_1', attempt, expiresSec, sizeBytes, sha256 });
  }

  outputLink({ attempt = 1, maxBytes = 64 * MIB } = {}): string {
    return this.#signer.outputLink({ ...JOB, inputId: 'in_1', attempt, maxBytes, expiresSec: inAQuarter() });
  }

  completeLink(attempt = 1): string {
    return this.#signer.completeLink({ ...JOB, attempt, expiresSec: inAQuarter() });
  }

  authorized(_jobId: string, token: string): boolean {
    return token === WORKER_TOKEN;
  }

  source(_jobId: string, attempt: number): { path: string; source: PreparedSource } {
    if (attempt !== 1) throw new AppError('CONFLICT', 'This attempt is over.');
    return { path: this.path, source: this.prepared };
  }

  sent(_jobId: string, attempt: number, upTo: number, bytes: number): boolean {
    this.sentUpTo.push(upTo);
    this.sentBytes += bytes;
    return this.openAttempt === attempt;
  }

  async deliver(_jobId: string, attempt: number, body: { json: string; sha256: string }): Promise<void> {
    if (this.refusal !== null) throw this.refusal;
    if (attempt !== 1) throw new AppError('CONFLICT', 'This attempt is over.');
    this.delivered.push({ attempt, ...body });
  }

  receive(_jobId: string, attempt: number, upload: DeployedOutput): boolean {
    if (this.refusal !== null) throw this.refusal;
    if (attempt !== 1) throw new AppError('CONFLICT', 'This attempt is over.');
    this.received.push(upload);
    return true;
  }

  openAtDeployed(jobId: string): number | null {
    return jobId === JOB.jobId ? this.openAttempt : null;
  }

  nudge(_jobId: string, attempt: number): void {
    this.nudges.push(attempt);
  }
}

const JOB = { base: TUNNEL_BASE_URL, jobId: 'job_1' };

function inAQuarter(): number {
  return Math.floor(Date.now() / 1000) + 900;
}
