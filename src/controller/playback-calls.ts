// Owns playing a recording beside its transcript: who may have which file for how long, and the waveforms that are kept.

import type { ApiInput, ApiResult } from '../contract/api.ts';
import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import type { JobRecord, PreparedSource } from '../jobs/record.ts';
import type { Chance, Clock, FileIdentity, Media } from './ports.ts';
import type { JobStore } from './queue-ports.ts';
import type { PeaksStore } from './transcript-ports.ts';

/** A player that was left alone for so long has to ask again, seconds: longer than a pause for lunch. */
export const GRANT_IDLE_SECONDS = 4 * 3600;
/** More players than anybody has open: beyond it the one used longest ago ends. */
const MOST_GRANTS = 256;

/** A file that may be served to whoever shows the grant. */
export interface GrantedFile {
  readonly file: FileIdentity;
  readonly contentType: string;
}

/** What the server of recordings asks of the engine. */
export interface PlaybackGrants {
  /** The file that the grant opens for this job, and the time of its use; null for any grant that is not good. */
  granted(jobId: string, grant: string): GrantedFile | null;
}

export interface PlaybackDeps {
  readonly store: JobStore;
  readonly peaks: PeaksStore;
  readonly media: Pick<Media, 'identify'>;
  readonly clock: Clock;
  readonly chance: Pick<Chance, 'id'>;
}

export class PlaybackCalls implements PlaybackGrants {
  readonly #deps: PlaybackDeps;
  /** By the grant itself, which nobody can guess; the one used last at the end. */
  readonly #grants = new Map<string, GrantedFile & { readonly jobId: string; readonly usedAt: number }>();

  constructor(deps: PlaybackDeps) {
    this.#deps = deps;
  }

  async openMedia({ id, evenIfChanged }: ApiInput<'openMedia'>): Promise<ApiResult<'openMedia'>> {
    const { media, clock, chance } = this.#deps;
    const job = this.#job(id);
    // An imported transcript without its recording stands in the recording's place.
    if (job.source === null && job.transcriptSha256 !== null)
      throw new AppError('SOURCE_MISSING', say('recording_none'));
    const { file, contentType } = await media.identify(job.sourcePath);
    const changed = job.source !== null && !isSame(job.source, file);
    if (changed && !evenIfChanged) throw new AppError('SOURCE_CHANGED', say('recording_changed'));
    const grant = chance.id('play');
    this.#grants.set(grant, { jobId: id, file, contentType, usedAt: clock.now() });
    for (const oldest of [...this.#grants.keys()].slice(0, -MOST_GRANTS)) this.#grants.delete(oldest);
    return {
      url: `/api/jobs/${encodeURIComponent(id)}/media?grant=${grant}`,
      mediaType: contentType,
      sizeBytes: file.sizeBytes,
      durationSec: job.source?.durationSec ?? null,
      changed,
      idleSec: GRANT_IDLE_SECONDS,
    };
  }

  granted(jobId: string, grant: string): GrantedFile | null {
    const found = this.#grants.get(grant);
    if (found === undefined || found.jobId !== jobId) return null;
    const now = this.#deps.clock.now();
    this.#grants.delete(grant);
    if (now - found.usedAt >= GRANT_IDLE_SECONDS * 1000) return null;
    this.#grants.set(grant, { ...found, usedAt: now });
    return found;
  }

  /** Of a job that is removed. */
  forget(jobId: string): void {
    for (const [grant, granted] of this.#grants) if (granted.jobId === jobId) this.#grants.delete(grant);
  }

  getPeaks(id: string): ApiResult<'getPeaks'> {
    const { source } = this.#job(id);
    return { peaks: source === null ? null : this.#deps.peaks.peaks(id, source.sha256) };
  }

  putPeaks({ id, peaks }: ApiInput<'putPeaks'>): Record<string, never> {
    const { source } = this.#job(id);
    if (source === null) throw new AppError('CONFLICT', say('recording_unseen'));
    if (!this.#deps.peaks.savePeaks(id, source.sha256, peaks)) throw noJob();
    return {};
  }

  #job(id: string): JobRecord {
    const job = this.#deps.store.get(id);
    if (job === null) throw noJob();
    return job;
  }
}

function isSame(source: PreparedSource, file: FileIdentity): boolean {
  // A store may keep whole milliseconds only.
  return source.sizeBytes === file.sizeBytes && Math.abs(Number(file.mtimeNs) / 1e6 - source.mtimeMs) < 1;
}

function noJob(): AppError {
  return new AppError('NOT_FOUND', say('job_unknown'));
}
