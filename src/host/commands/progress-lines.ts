// Owns what `transcribe` prints while it waits: a block of bars that is drawn over on a terminal, plain lines elsewhere, or JSON.

import { createLogUpdate } from 'log-update';
import type { BatchView } from '../../contract/batch.ts';
import type { ErrorReport } from '../../contract/errors.ts';
import { explain } from '../../contract/errors.ts';
import type { JobStage, JobView } from '../../contract/job.ts';
import { couldSeparate, isFinal } from '../../contract/job.ts';
import type { WorkerView } from '../../contract/worker-view.ts';
import type { Clock } from '../../controller/ports.ts';
import { AWAY_TEXTS, type EngineNews } from './away-watch.ts';
import { fitted, printable } from './terminal-text.ts';

/** Jobs that are drawn at once; the others are counted. */
const SHOWN = 12;
const BAR = 24;
/** Columns of a name. */
const NAME = 28;
/** Milliseconds between two drawings. */
const DRAW_MS = 100;

/** What is said of a recording with a person on each channel. */
export const CHANNELS =
  'a different person speaks on each channel. "--channels separate" names them without guessing by voice.';

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
  /** Seconds that each batch will still take, as the engine says. */
  readonly #left = new Map<string, number | null>();
  readonly #began: number;
  #cancel: (() => void) | null = null;
  /** Names of recordings that the option `--channels separate` would serve better. */
  readonly #separable = new Map<string, string>();
  #worker = '';
  #closed = false;

  constructor(out: NodeJS.WriteStream, clock: Clock) {
    this.#out = out;
    this.#clock = clock;
    this.#draw = out.isTTY ? createLogUpdate(out) : null;
    this.#began = clock.now();
  }

  job(job: JobView): void {
    if (this.#closed) return;
    this.#jobs.set(job.id, job);
    if (couldSeparate(job)) this.#separable.set(job.id, printable(job.name));
    if (this.#draw === null && couldSeparate(job))
      this.#say(`channels ${job.id}`, `${printable(job.name)}: ${CHANNELS}`, 'channels');
    if (this.#draw === null)
      this.#say(job.id, `${printable(job.name)}: ${stateText(job)}`, `${job.state}${job.stage ?? ''}`);
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

  batch({ id, etaSec }: BatchView): void {
    this.#left.set(id, etaSec);
    if (this.#draw !== null && !this.#closed) this.#drawSoon();
  }

  /** The app went away, came back, or was given up. */
  engine(news: EngineNews): void {
    if (this.#closed) return;
    this.#draw?.clear();
    process.stderr.write(`${AWAY_TEXTS[news]}\n`);
    if (this.#draw !== null) this.#drawSoon();
  }

  refused(path: string, error: ErrorReport): void {
    const { what, todo } = explain(error);
    process.stderr.write(`${printable(path)}: ${what} ${todo}\n`);
  }

  summary(jobs: readonly JobView[], refused: number): void {
    for (const job of jobs) for (const { path } of job.outputs) this.#out.write(`${path}\n`);
    for (const job of jobs) {
      const left = leftAlone(job);
      if (left.length > 0)
        this.#out.write(
          `${printable(job.name)}: ${left.join(', ')} not written, because there was a file of that name.\n`,
        );
    }
    const done = jobs.filter((job) => job.state === 'complete');
    const all = jobs.length + refused;
    if (all === 1 && done.length === 1) return;
    const sound = done.reduce((sum, job) => sum + (job.copiedFrom === null ? (job.durationSec ?? 0) : 0), 0);
    const took = sound > 0 ? ` ${clock(sound)} of audio in ${clock((this.#clock.now() - this.#began) / 1000)}.` : '';
    this.#out.write(`${done.length} of ${all} recordings transcribed.${took}\n`);
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
    if (jobs.length > 1) lines.push(`${over} of ${jobs.length} finished${this.#eta(jobs)}`);
    const [separable] = this.#separable.values();
    if (separable !== undefined) {
      const others = this.#separable.size - 1;
      lines.push(`${separable}${others === 0 ? '' : ` and ${others} more`}: ${CHANNELS}`);
    }
    if (this.#worker !== '') lines.push(fitted(this.#worker, width - 1).trimEnd());
    return lines.join('\n');
  }

  /** For all of them; before that can be told, for the one that takes longest of those at work. */
  #eta(jobs: readonly JobView[]): string {
    const unfinished = new Set(jobs.filter(({ state }) => !isFinal(state)).map(({ batchId }) => batchId));
    const whole = [...unfinished].map((id) => this.#left.get(id) ?? null);
    if (whole.length > 0 && !whole.includes(null)) return `, about ${clock(Math.max(...whole.map(Number)))} left`;
    const left = jobs.flatMap(({ progress }) => (progress.etaSec === null ? [] : [progress.etaSec]));
    return left.length === 0 ? '' : `, about ${clock(Math.max(...left))} for the present one`;
  }
}

/** Formats of a job that is done that the rule `skip` left out. */
function leftAlone(job: JobView): readonly string[] {
  if (job.state !== 'complete' || job.options.conflict !== 'skip') return [];
  return job.options.formats.filter((format) => job.outputs.every((output) => output.format !== format));
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

  batch(): void {
    // The jobs say it all.
  }

  engine(news: EngineNews): void {
    this.#write({ type: 'engine', state: news });
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
  return fitted(
    `${fitted(printable(job.name), NAME)} ${bar(job)} ${stateText(job)}`,
    Math.max(20, width - 1),
    false,
  ).trimEnd();
}

function bar(job: JobView): string {
  const heard = job.state === 'complete' || job.state === 'receiving';
  const share = heard ? 1 : (job.progress.percent ?? 0) / 100;
  const full = isFinal(job.state) && job.state !== 'complete' ? 0 : Math.round(share * BAR);
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)}`;
}

const STAGES: Record<JobStage, string> = {
  queued: 'next on the worker',
  initializing: 'getting ready',
  downloading: 'sending',
  loading_model: 'loading the model',
  transcribing: 'transcribing',
  diarizing: 'finding speakers',
  uploading: 'receiving the transcript',
  complete: 'receiving the transcript',
};

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
      return job.copiedFrom === null
        ? 'done'
        : `done before (${printable(job.copiedFrom.name)}), not transcribed again`;
    case 'canceled':
      return 'canceled';
    case 'failed':
      return `failed: ${explain(job.error ?? { code: 'INTERNAL', message: '' }).what}`;
    case 'waiting':
      return `waiting: ${job.waiting?.message || (job.waiting?.reason ?? '').replaceAll('_', ' ')}`;
    case 'running':
      if (job.stage === 'downloading' && sentBytes !== null && totalBytes)
        return `sending ${megabytes(sentBytes)} of ${megabytes(totalBytes)} MB`;
      if (job.stage === 'loading_model' && modelBytes !== null && modelTotalBytes)
        return `downloading the model, once: ${megabytes(modelBytes)} of ${megabytes(modelTotalBytes)} MB`;
      if (job.stage === 'transcribing' && processedSec !== null && totalSec !== null)
        return `${clock(processedSec)} / ${clock(totalSec)}${speed === null ? '' : `  ${speed.toFixed(1)}×`}`;
      return job.stage === null ? 'at the worker' : STAGES[job.stage];
    default:
      return job.state satisfies never;
  }
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
