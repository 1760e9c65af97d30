// Owns what is known of running jobs but not worth a write: progress meters and live lines. In memory; a restart fills it again
// from the worker's events.

import type { AppEvent } from '../contract/api.ts';
import type { JobProgress, LiveSegment } from '../contract/job.ts';
import { NO_PROGRESS } from '../contract/job.ts';
import { TRANSCRIPT_LIMITS } from '../contract/transcript.ts';
import type { Observation, ProgressMeter } from '../jobs/progress.ts';
import { EMPTY_METER, observe } from '../jobs/progress.ts';
import type { Clock } from './ports.ts';

/** Milliseconds between two progress events of one job: ten a second would be seen by nobody. */
const PROGRESS_INTERVAL_MS = 200;

/** Characters of the live lines of one recording: what a transcript may have, at most two bytes each in memory. */
const MOST_CHARACTERS = TRANSCRIPT_LIMITS.bytes / 4;

interface Entry {
  readonly attempt: number;
  meter: ProgressMeter;
  segments: Map<number, LiveSegment>;
  characters: number;
  toldAt: number;
  cancelTell: (() => void) | null;
}

export class JobBoard {
  readonly #entries = new Map<string, Entry>();
  #closed = false;
  readonly #clock: Clock;
  readonly #publish: (event: AppEvent) => void;
  readonly #isOpen: (jobId: string, attempt: number) => boolean;

  /** @param isOpen whether an attempt is open: what is heard of one that is over would be kept for ever */
  constructor(clock: Clock, publish: (event: AppEvent) => void, isOpen: (jobId: string, attempt: number) => boolean) {
    this.#clock = clock;
    this.#publish = publish;
    this.#isOpen = isOpen;
  }

  progress(jobId: string): JobProgress {
    return this.#entries.get(jobId)?.meter.progress ?? NO_PROGRESS;
  }

  /** Lines decoded so far, by time. */
  live(jobId: string): readonly LiveSegment[] {
    const entry = this.#entries.get(jobId);
    return entry === undefined ? [] : [...entry.segments.values()].sort((a, b) => a.start - b.start);
  }

  /** Takes what was seen of an attempt; what comes from an older attempt is ignored. */
  observe(jobId: string, attempt: number, seen: Observation): void {
    const entry = this.#entry(jobId, attempt);
    if (entry === null) return;
    entry.meter = observe(entry.meter, seen, this.#clock.now());
    this.#tellSoon(jobId, entry);
  }

  /**
   * Takes one line; the same id again (a stream that was resumed) replaces it without being told twice. A worker that never ends telling lines is
   * heard no more: its transcript would be refused as well.
   */
  segment(jobId: string, attempt: number, segment: LiveSegment): void {
    const entry = this.#entry(jobId, attempt);
    if (entry === null) return;
    const known = entry.segments.get(segment.id);
    const characters = entry.characters + segment.text.length - (known?.text.length ?? 0);
    if (characters > MOST_CHARACTERS || (known === undefined && entry.segments.size >= TRANSCRIPT_LIMITS.segments))
      return;
    entry.characters = characters;
    entry.segments.set(segment.id, segment);
    if (known?.text !== segment.text) this.#publish({ type: 'segment', id: jobId, attempt, segment });
  }

  /** Forgets a job that is no longer under way. */
  clear(jobId: string): void {
    this.#entries.get(jobId)?.cancelTell?.();
    this.#entries.delete(jobId);
  }

  /** Tells nothing any more. */
  close(): void {
    this.#closed = true;
    for (const { cancelTell } of this.#entries.values()) cancelTell?.();
  }

  #entry(jobId: string, attempt: number): Entry | null {
    const present = this.#entries.get(jobId);
    if (present !== undefined && present.attempt > attempt) return null;
    if (present !== undefined && present.attempt === attempt) return present;
    if (!this.#isOpen(jobId, attempt)) return null;
    this.clear(jobId);
    const entry: Entry = {
      attempt,
      meter: EMPTY_METER,
      segments: new Map(),
      characters: 0,
      toldAt: 0,
      cancelTell: null,
    };
    this.#entries.set(jobId, entry);
    return entry;
  }

  #tellSoon(jobId: string, entry: Entry): void {
    if (entry.cancelTell !== null || this.#closed) return;
    const wait = Math.max(0, entry.toldAt + PROGRESS_INTERVAL_MS - this.#clock.now());
    entry.cancelTell = this.#clock.after(Math.min(wait, PROGRESS_INTERVAL_MS), () => {
      entry.cancelTell = null;
      entry.toldAt = this.#clock.now();
      this.#publish({ type: 'progress', id: jobId, progress: entry.meter.progress });
    });
  }
}
