// Owns the queue in memory for this room's tests.

import type { EditEntry } from '../contract/edits.ts';
import type { OutputFile } from '../contract/job.ts';
import { isFinal } from '../contract/job.ts';
import type { Peaks } from '../contract/playback.ts';
import type { SearchResult } from '../contract/search.ts';
import type { Transcript } from '../contract/transcript.ts';
import { transcriptSchema } from '../contract/transcript.ts';
import { ADDED } from '../jobs/job.cases.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { EditStore, JobStore, PeaksStore, SearchChange, SearchQuery, SearchStore, StoredBatch } from './ports.ts';

/** The port, in memory; rows are copied so that nobody holds one that changes. */
export class MemoryJobStore implements JobStore, EditStore, PeaksStore, SearchStore {
  /** What the edits changed in the index, oldest first; transcripts that were taken in; what is found next. */
  readonly searchChanges: SearchChange[] = [];
  readonly indexedJobs = new Map<string, number>();
  readonly missing: string[] = [];
  found: SearchResult = { hits: [], nextCursor: null };
  readonly searches: SearchQuery[] = [];
  readonly #jobs = new Map<string, JobRecord>();
  readonly #batches: StoredBatch[] = [];
  readonly #transcripts = new Map<string, string>();
  readonly #outputs = new Map<string, readonly OutputFile[]>();
  readonly #edits = new Map<string, readonly EditEntry[]>();
  readonly #peaks = new Map<string, Peaks>();

  addBatch(batch: StoredBatch, jobs: Parameters<JobStore['addBatch']>[1], now: number): readonly JobRecord[] {
    this.#batches.push(batch);
    return jobs.map((job) => {
      const record: JobRecord = {
        ...ADDED,
        ...job,
        batchId: batch.id,
        position: this.#jobs.size + 1,
        createdAt: now,
        updatedAt: now,
      };
      this.#jobs.set(record.id, record);
      return record;
    });
  }

  get(id: string): JobRecord | null {
    return this.#jobs.get(id) ?? null;
  }

  list(): ReturnType<JobStore['list']> {
    return { jobs: [...this.#jobs.values()], nextCursor: null };
  }

  batches(): readonly StoredBatch[] {
    return this.#batches;
  }

  unfinished(): readonly JobRecord[] {
    return [...this.#jobs.values()].filter((job) => !isFinal(job.state));
  }

  save(next: JobRecord): boolean {
    if (this.#jobs.get(next.id)?.revision !== next.revision - 1) return false;
    this.#jobs.set(next.id, next);
    return true;
  }

  saveDelivered(next: JobRecord, _event: unknown, transcript: { readonly json: string }): boolean {
    if (!this.save(next)) return false;
    this.#transcripts.set(next.id, transcript.json);
    return true;
  }

  saveOutputs(next: JobRecord, _event: unknown, outputs: readonly OutputFile[]): boolean {
    if (!this.save(next)) return false;
    this.#outputs.set(next.id, outputs);
    return true;
  }

  replaceOutputs(jobId: string, outputs: readonly OutputFile[]): boolean {
    if (this.#jobs.get(jobId)?.state !== 'complete') return false;
    this.#outputs.set(jobId, outputs);
    return true;
  }

  edits(jobId: string): readonly EditEntry[] {
    return this.#edits.get(jobId) ?? [];
  }

  search(query: SearchQuery): SearchResult {
    this.searches.push(query);
    return this.found;
  }

  unindexed(limit: number): readonly string[] {
    return this.missing.slice(0, limit);
  }

  index(jobId: string, rows: readonly unknown[]): void {
    this.missing.splice(this.missing.indexOf(jobId), 1);
    this.indexedJobs.set(jobId, rows.length);
  }

  appendEdit(jobId: string, entry: EditEntry, search: SearchChange): boolean {
    const log = this.edits(jobId);
    if (!this.#jobs.has(jobId) || entry.seq !== log.length + 1) return false;
    this.#edits.set(jobId, [...log, entry]);
    this.searchChanges.push(search);
    return true;
  }

  outputs(jobId: string): readonly OutputFile[] {
    return this.#outputs.get(jobId) ?? [];
  }

  transcript(jobId: string): Transcript | null {
    const json = this.#transcripts.get(jobId);
    return json === undefined ? null : transcriptSchema.parse(JSON.parse(json));
  }

  remove(id: string): boolean {
    const job = this.#jobs.get(id);
    return job !== undefined && isFinal(job.state) && this.#jobs.delete(id);
  }

  peaks(jobId: string, sha256: string): Peaks | null {
    return this.#peaks.get(`${jobId} ${sha256}`) ?? null;
  }

  savePeaks(jobId: string, sha256: string, peaks: Peaks): boolean {
    this.#peaks.set(`${jobId} ${sha256}`, peaks);
    return this.#jobs.has(jobId);
  }
}
