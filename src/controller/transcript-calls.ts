// Owns the calls about transcripts: reading, editing, undoing, and writing them out in any format, at any time, without a worker.

import type { ApiInput, ApiResult } from '../contract/api.ts';
import type { Edit, EditEntry } from '../contract/edits.ts';
import { AppError } from '../contract/errors.ts';
import type { JobView } from '../contract/job.ts';
import { say } from '../contract/sentences.ts';
import type { JobRecord } from '../jobs/record.ts';
import { applyEdits } from '../transcript/edit.ts';
import { stateOf } from '../transcript/edit-log.ts';
import { exportStyle, exportTranscript } from '../transcript/export.ts';
import type { EditedTranscripts } from './edited-transcripts.ts';
import type { EventBus } from './event-bus.ts';
import { outputFacts } from './finisher.ts';
import type { Clock, EarlierFiles, OutputWriter } from './ports.ts';
import type { JobStore } from './queue-ports.ts';
import type { EditStore, SearchChange } from './transcript-ports.ts';
import { searchChange } from './transcript-search.ts';

export interface TranscriptCallDeps {
  readonly store: JobStore;
  readonly edits: EditStore;
  readonly transcripts: EditedTranscripts;
  readonly outputs: OutputWriter;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly view: (job: JobRecord) => JobView;
}

export class TranscriptCalls {
  readonly #deps: TranscriptCallDeps;
  /** Files of one job are written one after the other. */
  readonly #writing = new Map<string, Promise<unknown>>();

  constructor(deps: TranscriptCallDeps) {
    this.#deps = deps;
  }

  getTranscript({ id, machine }: ApiInput<'getTranscript'>): ApiResult<'getTranscript'> {
    this.#job(id);
    const log = this.#deps.transcripts.log(id);
    const transcript = this.#deps.transcripts.withEdits(id, machine ? [] : log.done);
    if (transcript === null) throw missing();
    return { ...transcript, ...stateOf(log) };
  }

  /** All operations become one edit, undone as one. Nothing is kept when one of them does not apply. */
  editTranscript({ id, revision, operations }: ApiInput<'editTranscript'>): ApiResult<'editTranscript'> {
    const { transcripts, clock } = this.#deps;
    const machine = this.#machine(id);
    const log = transcripts.log(id);
    if (log.revision !== revision) throw otherCameFirst();
    const edit: Edit = { seq: revision + 1, at: clock.now(), operations };
    const after = applyEdits(machine, [...log.done, edit]);
    const refused = after.unapplied.find(({ seq }) => seq === edit.seq);
    if (refused !== undefined)
      throw new AppError('CONFLICT', say('operation_refused', { number: refused.index + 1, reason: refused.reason }));
    return this.#append(id, { kind: 'edit', ...edit }, edit, searchChange(applyEdits(machine, log.done), after));
  }

  undoEdit({ id, revision }: ApiInput<'undoEdit'>): ApiResult<'undoEdit'> {
    return this.#step(id, revision, 'undo');
  }

  redoEdit({ id, revision }: ApiInput<'redoEdit'>): ApiResult<'redoEdit'> {
    return this.#step(id, revision, 'redo');
  }

  listEdits(id: string): ApiResult<'listEdits'> {
    this.#job(id);
    const log = this.#deps.transcripts.log(id);
    return { ...stateOf(log), done: [...log.done], undone: [...log.undone], carried: this.#deps.edits.carried(id) };
  }

  async exportJob({ id, format, ...options }: ApiInput<'exportJob'>): Promise<ApiResult<'exportJob'>> {
    const { name, options: asMade } = this.#job(id);
    const transcript = this.#deps.transcripts.edited(id);
    if (transcript === null) throw missing();
    const { mediaType, extension, content } = await exportTranscript(
      transcript,
      format,
      exportStyle(asMade.exports, options),
    );
    const filename = `${name.replace(/\.[^.]+$/, '')}.${extension}`;
    return typeof content === 'string'
      ? { filename, mediaType, text: content, base64: null }
      : { filename, mediaType, text: '', base64: Buffer.from(content).toString('base64') };
  }

  async writeExports(input: ApiInput<'writeExports'>): Promise<ApiResult<'writeExports'>> {
    const before = this.#writing.get(input.id) ?? Promise.resolve();
    // What went wrong before was told to whom it concerned.
    const written = before.catch(() => undefined).then(() => this.#rewrite(input));
    this.#writing.set(input.id, written);
    try {
      return await written;
    } finally {
      if (this.#writing.get(input.id) === written) this.#writing.delete(input.id);
    }
  }

  async #rewrite({ id, formats, outDir, ...style }: ApiInput<'writeExports'>): Promise<ApiResult<'writeExports'>> {
    const { store, outputs, transcripts, bus, view } = this.#deps;
    const job = this.#job(id);
    if (job.state === 'receiving') throw new AppError('CONFLICT', say('files_being_written'));
    const transcript = transcripts.edited(id);
    if (transcript === null) throw missing();
    const options = {
      ...job.options,
      ...(formats === undefined ? {} : { formats }),
      ...(outDir === undefined ? {} : { outDir }),
    };
    const known = store.writtenFiles(id);
    const earlier: EarlierFiles = {
      files: known,
      replacing: (path, digests) => store.replacingOutput(id, path, digests),
    };
    const { files, kept } = await outputs.rewrite(
      { ...job, options },
      transcript,
      earlier,
      outputFacts(store, job),
      style,
    );
    // A file that was kept is a person's from here on, where another holds the transcript instead.
    const gone = new Set([...files, ...kept.filter(({ newPath }) => newPath !== null)].map(({ path }) => path));
    // Read again: what is the app's own at a path has changed while files were replaced.
    const others = store.writtenFiles(id).filter(({ path }) => !gone.has(path));
    if (store.replaceOutputs(id, [...others, ...files])) {
      const now = store.get(id);
      if (now !== null) bus.publish({ type: 'job', job: view(now) });
    }
    return {
      outputs: files.map(({ format, path }) => ({ format, path })),
      ...(kept.length === 0 ? {} : { kept: [...kept] }),
    };
  }

  #step(id: string, revision: number, kind: 'undo' | 'redo'): ApiResult<'undoEdit'> {
    const machine = this.#machine(id);
    const log = this.#deps.transcripts.log(id);
    if (log.revision !== revision) throw otherCameFirst();
    const edit = (kind === 'undo' ? log.done : log.undone).at(-1);
    if (edit === undefined) throw new AppError('CONFLICT', say(`nothing_to_${kind}`));
    const done = kind === 'undo' ? log.done.slice(0, -1) : [...log.done, edit];
    const change = searchChange(applyEdits(machine, log.done), applyEdits(machine, done));
    return this.#append(id, { kind, seq: revision + 1, at: this.#deps.clock.now() }, edit, change);
  }

  #append(id: string, entry: EditEntry, edit: Edit, change: SearchChange): ApiResult<'editTranscript'> {
    if (!this.#deps.edits.appendEdit(id, entry, change)) throw otherCameFirst();
    return { ...stateOf(this.#deps.transcripts.log(id)), edit };
  }

  #machine(id: string) {
    this.#job(id);
    const machine = this.#deps.transcripts.machine(id);
    if (machine === null) throw missing();
    return machine;
  }

  #job(id: string): JobRecord {
    const job = this.#deps.store.get(id);
    if (job === null) throw new AppError('NOT_FOUND', say('job_unknown'));
    return job;
  }
}

function missing(): AppError {
  return new AppError('NOT_FOUND', say('transcript_none'));
}

function otherCameFirst(): AppError {
  return new AppError('CONFLICT', say('transcript_changed'));
}
