// Owns the files that a job asks for: where they go, how they are called, and that each is there whole or not at all.

import { createHash } from 'node:crypto';
import * as nodeFs from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../contract/errors.ts';
import type { ExportChoices } from '../contract/export-options.ts';
import type { KeptFile } from '../contract/job.ts';
import type { ExportFormat } from '../contract/options.ts';
import { say } from '../contract/sentences.ts';
import type { Transcript } from '../contract/transcript.ts';
import type { EarlierFiles, OutputFacts, OutputWriter, WrittenFile } from '../controller/ports.ts';
import { errno } from '../store/file-errors.ts';
import { exportStyle, exportTranscript } from '../transcript/export.ts';
import type { OutputFileSystem } from './file-placing.ts';
import { exportError, FilePlacing } from './file-placing.ts';
import { outputName, sameName } from './output-names.ts';
import type { OutputPlace } from './output-place.ts';
import { outputPlace } from './output-place.ts';

type Job = Parameters<OutputWriter['write']>[0];

/** More files of one name than anybody has: beyond it something else is wrong. */
const MOST_NUMBERS = 10_000;

/** A job of which nobody else knows. */
const ALONE: OutputFacts = { batchName: '', isOthers: () => false };

interface Planned {
  readonly format: ExportFormat;
  readonly extension: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

/**
 * {@link OutputWriter} on this computer's disk. Written beside its target under a temporary name, synced, then put in place in one step.
 * An existing file with the very bytes that are to be written counts as written: so a crash between two files leaves no copies.
 */
export class OutputFiles implements OutputWriter {
  readonly #fs: OutputFileSystem;
  readonly #platform: NodeJS.Platform;
  readonly #placing: FilePlacing;
  /** The last write of each folder, settled either way. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(options: { readonly fs?: OutputFileSystem; readonly platform?: NodeJS.Platform } = {}) {
    this.#fs = options.fs ?? nodeFs;
    this.#platform = options.platform ?? process.platform;
    this.#placing = new FilePlacing(this.#fs, this.#platform);
  }

  /**
   * @param style lies over the job's own options
   * @returns the files that hold the transcript now, in the order of the formats; what the rule `skip` left out is not among them
   * @throws AppError DISK_FULL, EXPORT_FAILED with the path in its message
   */
  async write(
    job: Job,
    transcript: Transcript,
    facts: OutputFacts = ALONE,
    style?: ExportChoices,
  ): Promise<readonly WrittenFile[]> {
    const place = outputPlace(job, transcript, facts, this.#platform);
    // One after the other in a folder: of two jobs of one name, the one that takes back its files might take what the other counts as its own.
    const before = this.#turns.get(place.directory);
    const turn = (before ?? Promise.resolve()).then(() => this.#write(job, transcript, place, facts, style));
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#turns.set(place.directory, settled);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(place.directory) === settled) this.#turns.delete(place.directory);
    }
  }

  async #write(
    job: Job,
    transcript: Transcript,
    place: OutputPlace,
    { isOthers }: OutputFacts,
    style?: ExportChoices,
  ): Promise<readonly WrittenFile[]> {
    const { conflict, formats } = job.options;
    const { directory } = place;
    const files = await Promise.all([...new Set(formats)].map((format) => planned(job, transcript, format, style)));
    await this.#makeFolders(job, place);
    // What a crash left behind, even after its file had been put in place; the name is the job's own, so it is nobody else's.
    for (const file of files) {
      const aside = asideOf(directory, job.id, file);
      // Its name would tell a person nothing.
      await this.#named(directory, () => this.#fs.rm(aside, { force: true }));
    }
    const pathOf = (file: Planned, number: number) =>
      join(directory, outputName(place.stem, number, file.extension, this.#platform));
    // A file of another recording's job is never replaced and never taken for this one's, whatever the rule says of files that are there.
    const numbers =
      conflict === 'number' ||
      (await this.#areOthers(
        files.map((file) => pathOf(file, 1)),
        isOthers,
      ));
    const written: WrittenFile[] = numbers ? await this.#numbered(job.id, files, pathOf) : [];
    for (const file of numbers ? [] : files) {
      const path = pathOf(file, 1);
      const there = await this.#named(path, () => this.#placing.present(path, file.bytes));
      if (there === 'other' && conflict === 'skip') continue;
      if (there !== 'same') {
        const placed = await this.#place(job.id, file, path, conflict === 'replace');
        if (!placed) continue;
      }
      written.push(writtenAs(file, path));
    }
    await this.#named(directory, () => this.#placing.syncFolder(directory));
    return written;
  }

  /**
   * Whether a file of another recording's job lies at one of these paths. Windows and macOS take `A.srt` and `a.srt` for one name, and macOS both ways
   * to write an umlaut: what lies there is asked for by the name that it has.
   */
  async #areOthers(paths: readonly string[], isOthers: OutputFacts['isOthers']): Promise<boolean> {
    if (paths.some(isOthers)) return true;
    if (this.#platform !== 'win32' && this.#platform !== 'darwin') return false;
    for (const directory of new Set(paths.map((path) => dirname(path)))) {
      // What cannot be listed is told by the write itself.
      const names = await this.#fs.readdir(directory).catch(() => []);
      const wanted = new Set(paths.map((path) => sameName(basename(path))));
      if (names.some((name) => wanted.has(sameName(name)) && isOthers(join(directory, name)))) return true;
    }
    return false;
  }

  /** Beside a recording whose drive is gone nothing is made: only a folder that was asked for, and folders of the template within it. */
  async #makeFolders(job: Job, { base, folders }: OutputPlace): Promise<void> {
    if (job.options.outDir !== null) await this.#named(base, () => this.#makeFolder(base, true));
    let path = base;
    for (const folder of folders) {
      path = join(path, folder);
      const made = path;
      await this.#named(made, () => this.#makeFolder(made, false));
    }
  }

  /**
   * With those above it where `above` is set. Each is tried twice at most: Node's own recursive mkdir tries for ever in a folder that is there
   * and says of what is to be made in it that it is not (/proc, an automounter's).
   */
  async #makeFolder(path: string, above: boolean): Promise<void> {
    try {
      await this.#fs.mkdir(path);
    } catch (thrown) {
      // Of a root, Windows says that it may not be made, and not that it is there.
      if (errno(thrown) === 'EEXIST' || dirname(path) === path) return;
      if (errno(thrown) !== 'ENOENT' || !above) throw thrown;
      await this.#makeFolder(dirname(path), true);
      await this.#makeFolder(path, false);
    }
  }

  /**
   * As {@link write}; but a file of `earlier` in the folder of the job's options is replaced where it lies, and its format is not written
   * elsewhere. Where it was changed since it was written, or nobody knows, the job's rule for files that are there decides: a person's work is lost only
   * where they asked for that. What has the very bytes that are to be written is as good as written.
   * @returns all files that hold the transcript now, in the order of the formats, and those of earlier that were kept as they are
   */
  async rewrite(
    job: Job,
    transcript: Transcript,
    earlier: EarlierFiles,
    facts: OutputFacts = ALONE,
    style?: ExportChoices,
  ): Promise<{ readonly files: readonly WrittenFile[]; readonly kept: readonly KeptFile[] }> {
    const { directory } = outputPlace(job, transcript, facts, this.#platform);
    const formats = [...new Set(job.options.formats)];
    const known = new Map<ExportFormat, WrittenFile>();
    for (const file of earlier.files)
      if (dirname(file.path) === directory && !known.has(file.format)) known.set(file.format, file);
    const files = new Map<ExportFormat, WrittenFile>();
    const kept = new Map<ExportFormat, Omit<KeptFile, 'newPath'>>();
    for (const format of formats) {
      const old = known.get(format);
      if (old === undefined) continue;
      const fresh = await planned(job, transcript, format, style);
      if (await this.#renew(job, fresh, old, earlier.replacing)) files.set(format, writtenAs(fresh, old.path));
      else kept.set(format, { path: old.path, reason: old.digests.length === 0 ? 'unknown' : 'changed' });
    }
    if (files.size > 0) await this.#named(directory, () => this.#placing.syncFolder(directory));
    const missing = formats.filter((format) =>
      kept.has(format) ? job.options.conflict === 'number' : !files.has(format),
    );
    if (missing.length > 0) {
      const options = { ...job.options, formats: missing };
      for (const file of await this.write({ ...job, options }, transcript, facts, style)) files.set(file.format, file);
    }
    return {
      files: formats.flatMap((format) => files.get(format) ?? []),
      kept: [...kept].map(([format, file]) => ({ ...file, newPath: files.get(format)?.path ?? null })),
    };
  }

  /**
   * Puts `fresh` in the place of `old`. What lies there is looked at last, when all is ready: a person who saves meanwhile loses nothing.
   * @returns false where something else lies there, and the job's rule does not say to replace it
   */
  async #renew(job: Job, fresh: Planned, old: WrittenFile, replacing: EarlierFiles['replacing']): Promise<boolean> {
    const { path, digests } = old;
    const aside = asideOf(dirname(path), job.id, fresh);
    return this.#named(path, async () => {
      // What a kill left of an earlier time.
      await this.#fs.rm(aside, { force: true });
      return this.#placing.staged(aside, fresh.bytes, async () => {
        const there = await this.#placing.digest(path);
        if (there === fresh.sha256) return true;
        const isOwn = there === null || digests.includes(there);
        if (!isOwn && job.options.conflict !== 'replace') return false;
        // A kill after this leaves the old or the new one: neither is to be taken for a person's, whatever is to be written by then.
        replacing(path, isOwn && there !== null ? [there, fresh.sha256] : [...digests, fresh.sha256]);
        await this.#placing.rename(aside, path);
        return true;
      });
    });
  }

  /** All files of a job get the same number: the first at which none of them is somebody else's. */
  async #numbered(jobId: string, files: readonly Planned[], pathOf: (file: Planned, number: number) => string) {
    for (let number = 1; number <= MOST_NUMBERS; number += 1) {
      const written = await this.#atNumber(jobId, files, (file) => pathOf(file, number));
      if (written !== null) return written;
    }
    const path = files[0] === undefined ? '' : pathOf(files[0], 1);
    throw new AppError('EXPORT_FAILED', say('file_many', { path }));
  }

  /** Null when a name is taken; what was put in place before that came out is taken back. */
  async #atNumber(jobId: string, files: readonly Planned[], pathOf: (file: Planned) => string) {
    const missing: Planned[] = [];
    for (const file of files) {
      const there = await this.#named(pathOf(file), () => this.#placing.present(pathOf(file), file.bytes));
      if (there === 'other') return null;
      if (there === 'none') missing.push(file);
    }
    const placed: string[] = [];
    for (const file of missing) {
      if (!(await this.#place(jobId, file, pathOf(file), false))) {
        for (const path of placed) await this.#named(path, () => this.#fs.rm(path, { force: true }));
        return null;
      }
      placed.push(pathOf(file));
    }
    return files.map((file) => writtenAs(file, pathOf(file)));
  }

  /** @returns false when the name is taken and `replace` is not set */
  #place(jobId: string, file: Planned, path: string, replace: boolean): Promise<boolean> {
    const aside = asideOf(dirname(path), jobId, file);
    return this.#named(path, () =>
      this.#placing.staged(aside, file.bytes, async () => {
        if (!replace) return this.#placing.claim(aside, path);
        await this.#placing.rename(aside, path);
        return true;
      }),
    );
  }

  async #named<Result>(path: string, run: () => Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (thrown) {
      throw exportError(path, thrown);
    }
  }
}

async function planned(
  { options }: Job,
  transcript: Transcript,
  format: ExportFormat,
  style?: ExportChoices,
): Promise<Planned> {
  const { extension, content } = await exportTranscript(transcript, format, exportStyle(options.exports, style));
  // A string becomes UTF-8.
  const bytes = Buffer.from(content);
  return { format, extension, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function writtenAs({ format, sha256 }: Planned, path: string): WrittenFile {
  return { format, path, digests: [sha256] };
}

/** Where a file is written before it gets its name. */
function asideOf(directory: string, jobId: string, file: Planned): string {
  return join(directory, `.${jobId}.${file.extension}.part`);
}
