// Owns the queue in memory for this room's tests.

import type { Carried } from '../contract/carried.ts';
import type { Edit, EditEntry } from '../contract/edits.ts';
import type { OutputFile } from '../contract/job.ts';
import { isFinal } from '../contract/job.ts';
import type { JobHistory } from '../contract/job-history.ts';
import type { Peaks } from '../contract/playback.ts';
import type { Transcript } from '../contract/transcript.ts';
import { transcriptSchema } from '../contract/transcript.ts';
import { ADDED } from '../jobs/job.cases.ts';
import type { JobRecord } from '../jobs/record.ts';
import { isInHand } from '../jobs/transition.ts';
import type { WrittenFile } from './ports.ts';
import type { BatchStore, JobChange, JobPosition, JobStore, NewBatch, QueueMove, StoredBatch } from './queue-ports.ts';
import type {
  EditStore,
  PeaksStore,
  RowsOf,
  SearchChange,
  SearchQuery,
  SearchRow,
  SearchStore,
} from './transcript-ports.ts';

/** The port, in memory; rows are copied so that nobody holds one that changes. */
export class MemoryJobStore implements JobStore, BatchStore, EditStore, PeaksStore, SearchStore {
  /** What the edits changed in the index, oldest first; transcripts that are to be taken in, with the number of rows that are in; what is found next. */
  readonly searchChanges: SearchChange[] = [];
  readonly toTakeIn = new Map<string, number>();
  /** What the index holds of each transcript, and how many turns it took. */
  readonly takenIn = new Map<string, readonly SearchRow[]>();
  turns = 0;
  found: ReturnType<SearchStore['search']> = { hits: [], nextCursor: null };
  readonly searches: SearchQuery[] = [];
  readonly #jobs = new Map<string, JobRecord>();
  readonly #batches: StoredBatch[] = [];
  #queuePausedSince: number | null = null;
  readonly #transcripts = new Map<string, string>();
  readonly #outputs = new Map<string, readonly WrittenFile[]>();
  readonly #edits = new Map<string, readonly EditEntry[]>();
  readonly #peaks = new Map<string, Peaks>();
  readonly #carried = new Map<string, Carried>();

  addBatch(batch: NewBatch, jobs: Parameters<JobStore['addBatch']>[1], now: number): readonly JobRecord[] {
    this.#batches.push({ options: null, ...batch, pausedSince: null });
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
    return { jobs: this.#ordered(), nextCursor: null };
  }

  batches(ids: readonly string[]): readonly StoredBatch[] {
    return this.#batches.filter(({ id }) => ids.includes(id));
  }

  page(): ReturnType<BatchStore['page']> {
    return { batches: this.#batches.toReversed(), nextCursor: null };
  }

  rename(id: string, name: string): boolean {
    return this.#changeBatch(id, { name });
  }

  pause(id: string, pausedSince: number | null): boolean {
    return this.#changeBatch(id, { pausedSince });
  }

  paused(): readonly string[] {
    return this.#batches.filter(({ pausedSince }) => pausedSince !== null).map(({ id }) => id);
  }

  queuePausedSince(): number | null {
    return this.#queuePausedSince;
  }

  pauseQueue(since: number | null): void {
    this.#queuePausedSince = since;
  }

  sums(batchId: string | null): ReturnType<BatchStore['sums']> {
    return this.#ordered()
      .filter((job) => batchId === null || job.batchId === batchId)
      .map(({ state, source }) => {
        const seconds = source?.durationSec ?? null;
        return { state, jobs: 1, unmeasured: seconds === null ? 1 : 0, seconds: seconds ?? 0 };
      });
  }

  inHand(): readonly JobRecord[] {
    return this.#ordered().filter(isInHand);
  }

  inLine(limit: number, heldBatches: readonly string[]): readonly JobRecord[] {
    const held = new Set([...heldBatches, ...this.paused()]);
    return this.#ordered()
      .filter((job) => job.state === 'queued' && job.source === null && !held.has(job.batchId))
      .slice(0, limit);
  }

  idsIn(states: readonly JobRecord['state'][], batchId: string | null): readonly string[] {
    return this.#ordered()
      .filter((job) => states.includes(job.state) && (batchId === null || job.batchId === batchId))
      .map(({ id }) => id);
  }

  /** To the top only: the rest is the real store's. */
  move(move: QueueMove): readonly JobPosition[] {
    const ids = 'ids' in move ? move.ids : [];
    const first = Math.min(...[...this.#jobs.values()].map(({ position }) => position));
    const positions = ids.map((id, index) => ({ id, position: first - ids.length + index }));
    for (const { id, position } of positions) {
      const job = this.#jobs.get(id);
      if (job !== undefined) this.#jobs.set(id, { ...job, position, moved: true });
    }
    return positions;
  }

  doneWith(sha256: string): readonly JobRecord[] {
    return this.#ordered().filter((job) => job.state === 'complete' && job.source?.sha256 === sha256);
  }

  sourcesSince(since: number): ReadonlyMap<string, number> {
    const made = this.#ordered().filter(({ createdAt }) => createdAt >= since);
    return new Map(made.map(({ sourcePath, createdAt }) => [sourcePath, createdAt]));
  }

  history(): JobHistory {
    return { attempts: [], events: [] };
  }

  saveAll(changes: readonly JobChange[]): readonly boolean[] {
    return changes.map(({ next }) => this.save(next));
  }

  async together<Result>(write: () => Result, committed: (result: Result) => void): Promise<Result> {
    const result = write();
    committed(result);
    return result;
  }

  saveCopied(next: JobRecord, _event: unknown, fromId: string): boolean {
    const json = this.#transcripts.get(fromId);
    if (json === undefined || !this.save(next)) return false;
    this.#transcripts.set(next.id, json);
    this.#edits.set(next.id, this.edits(fromId));
    this.toTakeIn.set(next.id, 0);
    return true;
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
    this.toTakeIn.set(next.id, 0);
    return true;
  }

  saveOutputs(next: JobRecord, _event: unknown, outputs: readonly WrittenFile[]): boolean {
    if (!this.save(next)) return false;
    this.#outputs.set(next.id, outputs);
    return true;
  }

  replaceOutputs(jobId: string, outputs: readonly WrittenFile[]): boolean {
    if (this.#jobs.get(jobId)?.state !== 'complete') return false;
    this.#outputs.set(jobId, outputs);
    return true;
  }

  edits(jobId: string): readonly EditEntry[] {
    return this.#edits.get(jobId) ?? [];
  }

  carried(jobId: string): Carried | null {
    return this.#carried.get(jobId) ?? null;
  }

  carry(jobId: string, edits: readonly Edit[], search: SearchChange, carried: Carried): boolean {
    if (this.#carried.has(jobId) || this.edits(jobId).length > 0) return false;
    this.#carried.set(jobId, carried);
    for (const edit of edits) this.appendEdit(jobId, { kind: 'edit', ...edit }, search);
    return true;
  }

  search(query: SearchQuery): ReturnType<SearchStore['search']> {
    this.searches.push(query);
    return this.found;
  }

  pending(): number {
    return this.toTakeIn.size;
  }

  takeIn(segments: number, passed: Set<string>, rowsOf: RowsOf): boolean {
    this.turns += 1;
    let left = segments;
    for (const [jobId, taken] of [...this.toTakeIn]) {
      if (passed.has(jobId)) continue;
      if (left <= 0) return true;
      const rows = rowsOf(jobId, taken);
      if (rows === null) {
        passed.add(jobId);
        continue;
      }
      const upTo = Math.min(rows.length, taken + left);
      left -= Math.max(1, upTo - taken);
      this.takenIn.set(jobId, rows.slice(0, upTo));
      if (upTo < rows.length) this.toTakeIn.set(jobId, upTo);
      else this.toTakeIn.delete(jobId);
    }
    return [...this.toTakeIn.keys()].some((jobId) => !passed.has(jobId));
  }

  appendEdit(jobId: string, entry: EditEntry, search: SearchChange): boolean {
    const log = this.edits(jobId);
    if (!this.#jobs.has(jobId) || entry.seq !== log.length + 1) return false;
    this.#edits.set(jobId, [...log, entry]);
    this.searchChanges.push(search);
    return true;
  }

  isOutputOfOthers(path: string, job: Pick<JobRecord, 'id' | 'sourcePath'>): boolean {
    return [...this.#outputs].some(
      ([id, files]) =>
        id !== job.id && this.#jobs.get(id)?.sourcePath !== job.sourcePath && files.some((file) => file.path === path),
    );
  }

  batchName(batchId: string): string {
    return this.#batches.find(({ id }) => id === batchId)?.name ?? '';
  }

  outputs(jobId: string): readonly OutputFile[] {
    return this.writtenFiles(jobId).map(({ format, path }) => ({ format, path }));
  }

  writtenFiles(jobId: string): readonly WrittenFile[] {
    return this.#outputs.get(jobId) ?? [];
  }

  replacingOutput(jobId: string, path: string, digests: readonly string[]): void {
    const files = this.writtenFiles(jobId).map((file) => (file.path === path ? { ...file, digests } : file));
    this.#outputs.set(jobId, files);
  }

  transcriptText(jobId: string): string | null {
    return this.#transcripts.get(jobId) ?? null;
  }

  transcript(jobId: string): Transcript | null {
    const json = this.#transcripts.get(jobId);
    return json === undefined ? null : transcriptSchema.parse(JSON.parse(json));
  }

  remove(ids: readonly string[]): ReturnType<JobStore['remove']> {
    const jobs = ids.flatMap((id) => {
      const job = this.#jobs.get(id);
      return job !== undefined && isFinal(job.state) && this.#jobs.delete(id) ? [job] : [];
    });
    return { jobs, batches: [] };
  }

  peaks(jobId: string, sha256: string): Peaks | null {
    return this.#peaks.get(`${jobId} ${sha256}`) ?? null;
  }

  savePeaks(jobId: string, sha256: string, peaks: Peaks): boolean {
    this.#peaks.set(`${jobId} ${sha256}`, peaks);
    return this.#jobs.has(jobId);
  }

  #ordered(): JobRecord[] {
    return [...this.#jobs.values()].sort((a, b) => a.position - b.position);
  }

  #changeBatch(id: string, change: Partial<StoredBatch>): boolean {
    const index = this.#batches.findIndex((batch) => batch.id === id);
    const batch = this.#batches[index];
    if (batch !== undefined) this.#batches[index] = { ...batch, ...change };
    return batch !== undefined;
  }
}
