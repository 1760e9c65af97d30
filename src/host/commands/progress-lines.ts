// Owns what `transcribe` prints while it waits: a block of bars that is drawn over on a terminal, plain lines elsewhere, or JSON.

import { createLogUpdate } from 'log-update';
import type { ErrorReport } from '../../contract/errors.ts';
import { explain } from '../../contract/errors.ts';
import type { JobView } from '../../contract/job.ts';
import { isFinal } from '../../contract/job.ts';
import type { WorkerView } from '../../contract/worker-view.ts';
import type { Clock } from '../../controller/ports.ts';

/** Jobs that are drawn at once; the others are counted. */
const SHOWN = 12;
const BAR = 24;
/** Milliseconds between two drawings. */
const DRAW_MS = 100;

interface Out {
  write(text: string): unknown;
}

/** For people. */
export class ProgressLines {
  readonly #out: NodeJS.WriteStream;
  readonly #clock: Clock;
  readonly #draw: ReturnType<typeof createLogUpdate> | null;
  readonly #jobs = new Map<string, JobView>();
  readonly #said = new Map<string, string>();
  #cancel: (() => void) | null = null;
  #worker = '';
  #closed = false;

  constructor(out: NodeJS.WriteStream, clock: Clock) {
    this.#out = out;
    this.#clock = clock;
    this.#draw = out.isTTY ? createLogUpdate(out) : null;
  }

  job(job: JobView): void {
    if (this.#closed) return;
    this.#jobs.set(job.id, job);
    if (this.#draw === null) this.#say(job.id, `${job.name}: ${stateText(job)}`, `${job.state}${job.stage ?? ''}`);
    else this.#drawSoon();
  }

  /** The worker on this computer has steps of its own that a person waits for: its first set-up takes a minute. */
  worker(worker: WorkerView): void {
    if (this.#closed || worker.kind !== 'local') return;
    const text =
      worker.health === 'installing'
        ? (worker.detail ?? 'Setting up the worker')
        : worker.health === 'starting'
          ? 'Starting the worker'
          : '';
    if (this.#draw === null && text !== '') this.#say('worker', text, text);
    this.#worker = text;
    if (this.#draw !== null) this.#drawSoon();
  }

  refused(path: string, error: ErrorReport): void {
    const { what, todo } = explain(error);
    process.stderr.write(`${path}: ${what} ${todo}\n`);
  }

  summary(jobs: readonly JobView[], refused: number): void {
    for (const job of jobs) for (const { path } of job.outputs) this.#out.write(`${path}\n`);
    const done = jobs.filter((job) => job.state === 'complete').length;
    const all = jobs.length + refused;
    if (all > 1 || done < all) this.#out.write(`${done} of ${all} recordings transcribed.\n`);
  }

  close(): void {
    if (this.#closed) return;
    this.#cancel?.();
    if (this.#draw !== null) {
      this.#draw(this.#block());
      this.#draw.done();
    }
    this.#closed = true;
  }

  #say(key: string, text: string, signature: string): void {
    if (this.#said.get(key) === signature) return;
    this.#said.set(key, signature);
    this.#out.write(`${text}\n`);
  }

  #drawSoon(): void {
    this.#cancel ??= this.#clock.after(DRAW_MS, () => {
      this.#cancel = null;
      this.#draw?.(this.#block());
    });
  }

  #block(): string {
    const jobs = [...this.#jobs.values()];
    const width = this.#out.columns;
    // What moves is shown first; what is over or in line fills the rest.
    const rank = (job: JobView): number => (isFinal(job.state) ? 1 : job.state === 'queued' ? 2 : 0);
    const shown =
      jobs.length <= SHOWN
        ? jobs
        : jobs.toSorted((a, b) => rank(a) - rank(b) || a.position - b.position).slice(0, SHOWN);
    const lines = shown.map((job) => jobLine(job, width));
    const over = jobs.filter((job) => isFinal(job.state)).length;
    if (jobs.length > 1) lines.push(`${over} of ${jobs.length} finished${eta(jobs)}`);
    if (this.#worker !== '') lines.push(this.#worker.slice(0, width - 1));
    return lines.join('\n');
  }
}

/** For programs: every change of a job as one JSON object a line. */
export class JsonLines {
  readonly #out: Out;

  constructor(out: Out) {
    this.#out = out;
  }

  job(job: JobView): void {
    this.#write({ type: 'job', job });
  }

  worker(worker: WorkerView): void {
    if (worker.kind === 'local' && worker.health !== 'ok')
      this.#write({ type: 'worker', health: worker.health, detail: worker.detail });
  }

  refused(path: string, error: ErrorReport): void {
    this.#write({ type: 'refused', path, error });
  }

  summary(jobs: readonly JobView[], refused: number): void {
    this.#write({
      type: 'summary',
      complete: jobs.filter((job) => job.state === 'complete').length,
      failed: jobs.filter((job) => job.state !== 'complete').length,
      refused,
    });
  }

  close(): void {
    // Every line is written when it is said.
  }

  #write(line: unknown): void {
    this.#out.write(`${JSON.stringify(line)}\n`);
  }
}

/** One row: name, bar, what it is at. Never wider than the terminal. */
export function jobLine(job: JobView, width: number): string {
  const name = job.name.length > 28 ? `${job.name.slice(0, 27)}…` : job.name.padEnd(28);
  return `${name} ${bar(job)} ${stateText(job)}`.slice(0, Math.max(20, width - 1));
}

function bar(job: JobView): string {
  const share = job.state === 'complete' ? 1 : (job.progress.percent ?? 0) / 100;
  const full = isFinal(job.state) && job.state !== 'complete' ? 0 : Math.round(share * BAR);
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)}`;
}

/** What a job is at, in words. */
export function stateText(job: JobView): string {
  const { processedSec, totalSec, speed, sentBytes, totalBytes, modelBytes, modelTotalBytes } = job.progress;
  switch (job.state) {
    case 'queued':
      return 'queued';
    case 'preparing':
      return 'looking at the file';
    case 'dispatching':
      return 'offered to the worker';
    case 'receiving':
      return 'writing files';
    case 'complete':
      return 'done';
    case 'canceled':
      return 'canceled';
    case 'failed':
      return `failed: ${explain(job.error ?? { code: 'INTERNAL', message: '' }).what}`;
    case 'waiting':
      return `waiting: ${job.waiting?.message ?? ''}`;
    case 'running':
      if (job.stage === 'downloading' && sentBytes !== null && totalBytes)
        return `sending ${megabytes(sentBytes)} of ${megabytes(totalBytes)} MB`;
      if (job.stage === 'loading_model' && modelBytes !== null && modelTotalBytes)
        return `downloading the model, once: ${megabytes(modelBytes)} of ${megabytes(modelTotalBytes)} MB`;
      if (job.stage === 'loading_model') return 'loading the model';
      if (job.stage === 'transcribing' && processedSec !== null && totalSec !== null)
        return `${clock(processedSec)} / ${clock(totalSec)}${speed === null ? '' : `  ${speed.toFixed(1)}×`}`;
      return job.stage === 'queued' ? 'in line at the worker' : (job.stage ?? 'at the worker');
    default:
      return job.state satisfies never;
  }
}

function eta(jobs: readonly JobView[]): string {
  const left = jobs.flatMap(({ progress }) => (progress.etaSec === null ? [] : [progress.etaSec]));
  return left.length === 0 ? '' : `, about ${clock(Math.max(...left))} for the present one`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
}

/** Seconds as `m:ss` or `h:mm:ss`. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const mm = Math.floor((whole % 3600) / 60);
  const ss = String(whole % 60).padStart(2, '0');
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${String(mm).padStart(2, '0')}:${ss}` : `${mm}:${ss}`;
}
