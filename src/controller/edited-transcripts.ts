// Owns the transcripts as everybody reads them: the machine's, with the edits that are in force laid over it.

import type { Edit, EditedTranscript } from '../contract/edits.ts';
import type { Transcript } from '../contract/transcript.ts';
import { applyEdits } from '../transcript/edit.ts';
import type { FoldedLog } from '../transcript/edit-log.ts';
import { foldLog } from '../transcript/edit-log.ts';
import type { JobStore } from './queue-ports.ts';
import type { EditStore } from './transcript-ports.ts';

/** Transcripts kept in memory: those that somebody is editing. A ten-hour one takes some 30 MB. */
const KEPT = 2;

export class EditedTranscripts {
  readonly #store: JobStore;
  readonly #edits: EditStore;
  /** By job, the one used last at the end. The machine's transcript of a job never changes. */
  readonly #kept = new Map<string, Transcript>();

  constructor(store: JobStore, edits: EditStore) {
    this.#store = store;
    this.#edits = edits;
  }

  /** As the machine gave it, or null when there is none yet. */
  machine(jobId: string): Transcript | null {
    const transcript = this.#kept.get(jobId) ?? this.#stored(jobId);
    if (transcript === null) return null;
    this.forget(jobId);
    this.#kept.set(jobId, transcript);
    for (const oldest of [...this.#kept.keys()].slice(0, -KEPT)) this.forget(oldest);
    return transcript;
  }

  /** A worker that was sent a copy names that as its source, and one that is reused names the earlier recording; for a person it is this one. */
  #stored(jobId: string): Transcript | null {
    const transcript = this.#store.transcript(jobId);
    const job = this.#store.get(jobId);
    if (transcript === null || job === null || job.source === null) return transcript;
    if (job.source.copy === undefined && job.copiedFrom === null) return transcript;
    const { sizeBytes, sha256 } = job.source;
    return { ...transcript, source: { ...transcript.source, filename: job.name, sizeBytes, sha256 } };
  }

  /** With the edits in force, or null when there is none yet. */
  edited(jobId: string): EditedTranscript | null {
    return this.withEdits(jobId, this.log(jobId).done);
  }

  withEdits(jobId: string, edits: readonly Edit[]): EditedTranscript | null {
    const machine = this.machine(jobId);
    return machine === null ? null : applyEdits(machine, edits);
  }

  log(jobId: string): FoldedLog {
    return foldLog(this.#edits.edits(jobId));
  }

  /** Of a job that is removed. */
  forget(jobId: string): void {
    this.#kept.delete(jobId);
  }
}
