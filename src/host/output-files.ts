// Owns the files that a job asks for: where they go, how they are called, and that each is there whole or not at all.

import type { BigIntStats } from 'node:fs';
import * as nodeFs from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../contract/errors.ts';
import type { ExportChoices } from '../contract/export-options.ts';
import type { OutputFile } from '../contract/job.ts';
import type { ExportFormat } from '../contract/options.ts';
import { PHRASES, say } from '../contract/sentences.ts';
import type { Transcript } from '../contract/transcript.ts';
import type { OutputFacts, OutputWriter } from '../controller/ports.ts';
import { errno } from '../store/file-errors.ts';
import { renameOver } from '../store/rename-over.ts';
import { syncFolder } from '../store/sync-folder.ts';
import { exportStyle, exportTranscript } from '../transcript/export.ts';
import { outputName, sameName } from './output-names.ts';
import type { OutputPlace } from './output-place.ts';
import { outputPlace } from './output-place.ts';

type Job = Parameters<OutputWriter['write']>[0];

/** What is needed of node:fs/promises. */
export type OutputFileSystem = Pick<
  typeof nodeFs,
  'link' | 'lstat' | 'mkdir' | 'open' | 'readdir' | 'readFile' | 'rename' | 'rm'
>;

/** More files of one name than anybody has: beyond it something else is wrong. */
const MOST_NUMBERS = 10_000;

/** A job of which nobody else knows. */
const ALONE: OutputFacts = { batchName: '', isOthers: () => false };

interface Planned {
  readonly format: ExportFormat;
  readonly extension: string;
  readonly bytes: Buffer;
}

/**
 * {@link OutputWriter} on this computer's disk. Written beside its target under a temporary name, synced, then put in place in one step.
 * An existing file with the very bytes that are to be written counts as written: so a crash between two files leaves no copies.
 */
export class OutputFiles implements OutputWriter {
  readonly #fs: OutputFileSystem;
  readonly #platform: NodeJS.Platform;
  /** The last write of each folder, settled either way. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(options: { readonly fs?: OutputFileSystem; readonly platform?: NodeJS.Platform } = {}) {
    this.#fs = options.fs ?? nodeFs;
    this.#platform = options.platform ?? process.platform;
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
  ): Promise<readonly OutputFile[]> {
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
  ): Promise<readonly OutputFile[]> {
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
    const written = numbers ? await this.#numbered(job.id, files, pathOf) : [];
    for (const file of numbers ? [] : files) {
      const path = pathOf(file, 1);
      const there = await this.#named(path, () => this.#present(path, file.bytes));
      if (there === 'other' && conflict === 'skip') continue;
      if (there !== 'same') {
        const placed = await this.#place(job.id, file, path, conflict === 'replace');
        if (!placed) continue;
      }
      written.push({ format: file.format, path });
    }
    await this.#named(directory, () => this.#syncDirectory(directory));
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
   * As {@link write}; but a file of `written` in the folder of the job's options is replaced where it lies, and its format is not written
   * elsewhere.
   * @returns all files that hold the transcript now, in the order of the formats
   */
  async rewrite(
    job: Job,
    transcript: Transcript,
    written: readonly OutputFile[],
    facts: OutputFacts = ALONE,
    style?: ExportChoices,
  ): Promise<readonly OutputFile[]> {
    const { directory } = outputPlace(job, transcript, facts, this.#platform);
    const formats = [...new Set(job.options.formats)];
    const known = new Map<ExportFormat, string>();
    for (const { format, path } of written)
      if (dirname(path) === directory && !known.has(format)) known.set(format, path);
    const replaced = new Map<ExportFormat, string>();
    for (const format of formats) {
      const path = known.get(format);
      if (path === undefined) continue;
      await this.#place(job.id, await planned(job, transcript, format, style), path, true);
      replaced.set(format, path);
    }
    if (replaced.size > 0) await this.#named(directory, () => this.#syncDirectory(directory));
    const missing = formats.filter((format) => !replaced.has(format));
    const added =
      missing.length === 0
        ? []
        : await this.write({ ...job, options: { ...job.options, formats: missing } }, transcript, facts, style);
    return formats.flatMap((format): OutputFile[] => {
      const path = replaced.get(format) ?? added.find((file) => file.format === format)?.path;
      return path === undefined ? [] : [{ format, path }];
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
      const there = await this.#named(pathOf(file), () => this.#present(pathOf(file), file.bytes));
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
    return files.map((file): OutputFile => ({ format: file.format, path: pathOf(file) }));
  }

  async #present(path: string, bytes: Buffer): Promise<'none' | 'same' | 'other'> {
    let stats: BigIntStats;
    try {
      stats = await this.#fs.lstat(path, { bigint: true });
    } catch (thrown) {
      if (errno(thrown) === 'ENOENT') return 'none';
      throw thrown;
    }
    if (!stats.isFile() || stats.size !== BigInt(bytes.length)) return 'other';
    return bytes.equals(await this.#fs.readFile(path)) ? 'same' : 'other';
  }

  /** @returns false when the name is taken and `replace` is not set */
  async #place(jobId: string, file: Planned, path: string, replace: boolean): Promise<boolean> {
    return this.#named(path, async () => {
      const aside = asideOf(dirname(path), jobId, file);
      try {
        const opened = await this.#fs.open(aside, 'wx');
        try {
          await opened.writeFile(file.bytes);
          await opened.sync();
        } finally {
          await opened.close();
        }
        if (!replace) return await this.#claim(aside, path);
        await this.#rename(aside, path);
        return true;
      } finally {
        await this.#fs.rm(aside, { force: true });
      }
    });
  }

  /** Puts `aside` at `path` unless something is there: unlike a rename, a link never takes another file's place. */
  async #claim(aside: string, path: string): Promise<boolean> {
    try {
      await this.#fs.link(aside, path);
      return true;
    } catch (thrown) {
      if (errno(thrown) === 'EEXIST') return false;
      if (!NO_LINKS.has(String(errno(thrown)))) throw thrown;
    }
    // Disks without links (exFAT, some network drives): the name is taken first, then filled.
    try {
      await (await this.#fs.open(path, 'wx')).close();
    } catch (thrown) {
      if (errno(thrown) === 'EEXIST') return false;
      throw thrown;
    }
    await this.#rename(aside, path);
    return true;
  }

  #rename(from: string, to: string): Promise<void> {
    return renameOver(from, to, this.#platform, (one, other) => this.#fs.rename(one, other));
  }

  #syncDirectory(directory: string): Promise<void> {
    return syncFolder(directory, this.#platform, (path, flags) => this.#fs.open(path, flags));
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
  return { format, extension, bytes: Buffer.from(content) };
}

/** Where a file is written before it gets its name. */
function asideOf(directory: string, jobId: string, file: Planned): string {
  return join(directory, `.${jobId}.${file.extension}.part`);
}

const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL']);

/** A file that could not be written, with its path and why. */
export function exportError(path: string, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const code = errno(thrown);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError('DISK_FULL', say('file_disk_full', { path }), { cause: thrown });
  }
  return new AppError('EXPORT_FAILED', say('file_unwritten', { path, reason: reasonOf(code) }), { cause: thrown });
}

const REASONS: Record<string, string> = {
  EACCES: PHRASES.may_not_write,
  EPERM: PHRASES.may_not_write,
  EROFS: PHRASES.read_only,
  ENOENT: PHRASES.folder_not_there,
  ENOTDIR: PHRASES.no_folder,
  EISDIR: PHRASES.folder_has_name,
  ENAMETOOLONG: PHRASES.path_too_long,
};

function reasonOf(code: unknown): string {
  const name = String(code);
  return Object.hasOwn(REASONS, name) ? (REASONS[name] ?? name) : name;
}
