// Owns taking in transcripts that other programs made: each becomes a job that is complete, to be read, corrected, searched and written out.

import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { ApiInput, ApiResult } from '../contract/api.ts';
import { AppError } from '../contract/errors.ts';
import type { JobOptions } from '../contract/options.ts';
import type { PreparedSource } from '../jobs/record.ts';
import { importTranscript } from '../transcript/import.ts';
import type { BatchBoard } from './batch-board.ts';
import type { EventBus } from './event-bus.ts';
import type { JobCalls } from './job-calls.ts';
import type { JobLedger } from './job-ledger.ts';
import type { Chance, Clock, Media, SettingsSource, TranscriptFiles, Uploaded } from './ports.ts';
import type { JobStore, NewBatch } from './queue-ports.ts';

export interface ImportCallDeps {
  readonly store: JobStore;
  readonly ledger: JobLedger;
  readonly jobs: Pick<JobCalls, 'view'>;
  readonly batchBoard: Pick<BatchBoard, 'view'>;
  readonly bus: EventBus;
  readonly settings: SettingsSource;
  readonly media: Pick<Media, 'prepare' | 'release'>;
  readonly files: TranscriptFiles;
  readonly uploaded: Pick<Uploaded, 'path' | 'forget' | 'outputDir'>;
  readonly clock: Clock;
  readonly chance: Pick<Chance, 'id'>;
}

/** Stands where a model's name does: what was imported is never taken for what a model would give. */
export const IMPORTED_MODEL = 'imported';

export class ImportCalls {
  readonly #deps: ImportCallDeps;

  constructor(deps: ImportCallDeps) {
    this.#deps = deps;
  }

  /** Reads the transcript and, where one is named, its recording; keeps nothing when either is refused. */
  async importTranscript(input: ApiInput<'importTranscript'>): Promise<ApiResult<'importTranscript'>> {
    const { store, ledger, jobs, bus, batchBoard, files, uploaded, settings, clock, chance } = this.#deps;
    const path = this.#place(input.path, input.upload);
    const recording =
      input.recording === undefined && input.recordingUpload === undefined
        ? null
        : this.#place(input.recording, input.recordingUpload);
    const file = await files.read(path);
    const id = chance.id('job');
    const source = recording === null ? null : await this.#look(id, recording);
    const name = basename(recording ?? path);
    const now = clock.now();
    const { kind, transcript } = importTranscript(file.text, {
      source: {
        filename: name,
        sizeBytes: source?.sizeBytes ?? file.sizeBytes,
        sha256: source?.sha256 ?? file.sha256,
      },
      durationSec: source?.durationSec ?? null,
      createdAt: new Date(now).toISOString(),
    });
    const json = JSON.stringify(transcript);
    const outDir =
      input.recordingUpload !== undefined || (recording === null && input.upload !== undefined)
        ? uploaded.outputDir
        : undefined;
    const options: JobOptions = {
      ...settings.current().jobDefaults,
      model: IMPORTED_MODEL,
      language: transcript.language,
      ...(outDir === undefined ? {} : { outDir }),
    };
    const batch: NewBatch = { id: chance.id('batch'), name, createdAt: now, options };
    store.addBatch(batch, [{ id, name, sourcePath: recording ?? path, options }], now);
    const sha256 = createHash('sha256').update(json).digest('hex');
    // In the same turn: nobody prepares the job in between.
    const job = ledger.imported(id, { type: 'imported', kind, source, sha256 }, json);
    if (job === null) throw new AppError('INTERNAL', 'The imported job could not be completed.');
    // With its recording there is nothing left to read in it; without, it stands in the recording's place.
    if (input.upload !== undefined && recording !== null) await uploaded.forget(path);
    bus.publish({ type: 'batch', batch: batchBoard.view({ ...batch, pausedSince: null, options }) });
    const view = jobs.view(job);
    bus.publish({ type: 'job', job: view });
    return view;
  }

  #place(path: string | undefined, upload: string | undefined): string {
    if (upload !== undefined) return this.#deps.uploaded.path(upload);
    if (path !== undefined) return path;
    throw new AppError('BAD_REQUEST', 'No file was named.');
  }

  /** The recording as it lies there; no copy of it is needed, since no worker gets it. */
  async #look(jobId: string, path: string): Promise<PreparedSource> {
    const limit = new AbortController();
    return this.#deps.media.prepare({ jobId, path, options: { send: 'original' } }, limit.signal);
  }
}
