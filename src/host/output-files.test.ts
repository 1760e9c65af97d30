import { execFileSync } from 'node:child_process';
import * as nodeFs from 'node:fs/promises';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { OutputFile } from '../contract/job.ts';
import type { JobOptions } from '../contract/options.ts';
import { DEFAULT_JOB_OPTIONS } from '../contract/options.ts';
import type { Transcript } from '../contract/transcript.ts';
import { transcriptSchema } from '../contract/transcript.ts';
import type { EarlierFiles, OutputWriter, WrittenFile } from '../controller/ports.ts';
import { exportTranscript } from '../transcript/export.ts';
import { exportText } from '../transcript/text-formats.ts';
import type { OutputFileSystem } from './file-placing.ts';
import { OutputFiles } from './output-files.ts';

type Job = Parameters<OutputWriter['write']>[0];

const fixture = new URL('../contract/fixtures/transcript.valid.json', import.meta.url);
const transcript = transcriptSchema.parse(JSON.parse(await readFile(fixture, 'utf8')));
const other: Transcript = { ...transcript, source: { ...transcript.source, sha256: '0'.repeat(64) }, segments: [] };

async function ownDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'bt-out-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

function job(sourcePath: string, options: Partial<JobOptions> = {}, id = 'job_1'): Job {
  return {
    id,
    batchId: 'batch',
    position: 1,
    name: 'a.wav',
    sourcePath,
    options: { ...DEFAULT_JOB_OPTIONS, ...options },
    state: 'receiving',
    stage: null,
    waiting: null,
    error: null,
    attempt: 1,
    retries: 0,
    workerDeaths: 0,
    source: null,
    open: null,
    transcriptSha256: 'a'.repeat(64),
    copiedFrom: null,
    moved: false,
    lastWorkerId: 'w',
    createdAt: 1,
    startedAt: 1,
    finishedAt: null,
    updatedAt: 1,
    revision: 1,
  };
}

/** The real file system with some of its functions replaced. */
function failing(replaced: Partial<OutputFileSystem>): OutputFiles {
  return new OutputFiles({ fs: { ...nodeFs, ...replaced } });
}

function errno(code: string): Error {
  return Object.assign(new Error(`${code}: no`), { code });
}

/** The files of an earlier writing; what is to take their place is remembered nowhere. */
function earlier(...files: readonly WrittenFile[]): EarlierFiles {
  return { files, replacing: () => undefined };
}

const named = (files: readonly OutputFile[]) => files.map(({ format, path }) => ({ format, path }));

const text = (format: 'srt' | 'json', of = transcript) => exportText(of, format).text;

describe('writing', () => {
  it('puts the files beside the recording, under its name', async () => {
    const directory = await ownDirectory();
    const files = await new OutputFiles().write(job(join(directory, 'talk.part 1.wav')), transcript);
    expect(named(files)).toEqual([
      { format: 'srt', path: join(directory, 'talk.part 1.srt') },
      { format: 'json', path: join(directory, 'talk.part 1.json') },
    ]);
    expect(await readFile(join(directory, 'talk.part 1.srt'), 'utf8')).toBe(text('srt'));
    expect(await readdir(directory)).toHaveLength(2);
  });

  it('makes the folder that was asked for, and leaves modes to the umask', async () => {
    const directory = await ownDirectory();
    const outDir = join(directory, 'out', 'deep');
    await new OutputFiles().write(job('/elsewhere/a.wav', { outDir }), transcript);
    expect((await readdir(outDir)).sort()).toEqual(['a.json', 'a.srt']);
    const umask = process.umask();
    expect((await stat(join(outDir, 'a.srt'))).mode & 0o777).toBe(0o666 & ~umask);
  });

  it('makes no folder where the recording’s own has gone', async () => {
    const gone = join(await ownDirectory(), 'drive');
    const written = new OutputFiles().write(job(join(gone, 'a.wav')), transcript);
    await expect(written).rejects.toMatchObject({
      code: 'EXPORT_FAILED',
      message: expect.stringContaining(join(gone, 'a.srt')),
    });
    await expect(stat(gone)).rejects.toThrow('ENOENT');
  });

  it('writes a format once that was named twice', async () => {
    const directory = await ownDirectory();
    const files = await new OutputFiles().write(job(join(directory, 'a.wav'), { formats: ['txt', 'txt'] }), transcript);
    expect(files.map(({ format }) => format)).toEqual(['txt']);
  });
});

describe('a name that is taken', () => {
  it('is numbered, all files of a job alike', async () => {
    const directory = await ownDirectory();
    const writer = new OutputFiles();
    await writeFile(join(directory, 'a (2).json'), 'by hand');
    await writer.write(job(join(directory, 'a.wav'), {}, 'job_1'), transcript);
    const files = await writer.write(job(join(directory, 'a.mp4'), {}, 'job_2'), other);
    expect(files.map(({ path }) => path)).toEqual([join(directory, 'a (3).srt'), join(directory, 'a (3).json')]);
    expect(await readFile(join(directory, 'a.json'), 'utf8')).toBe(text('json'));
    expect(await readFile(join(directory, 'a (2).json'), 'utf8')).toBe('by hand');
  });

  it('is the job’s own when its bytes are: after a crash there are no copies', async () => {
    const directory = await ownDirectory();
    const one = job(join(directory, 'a.wav'));
    const first = await new OutputFiles().write(one, transcript);
    const { mtimeMs } = await stat(join(directory, 'a.json'));
    // What a crash leaves: one file written, one half written under its temporary name.
    await rm(join(directory, 'a.srt'));
    await writeFile(join(directory, '.job_1.srt.part'), 'half');
    expect(await new OutputFiles().write(one, transcript)).toEqual(first);
    expect((await readdir(directory)).sort()).toEqual(['a.json', 'a.srt']);
    expect((await stat(join(directory, 'a.json'))).mtimeMs).toBe(mtimeMs);
  });

  it('is replaced, or left alone, where that was asked for', async () => {
    const directory = await ownDirectory();
    const srt = join(directory, 'a.srt');
    await writeFile(srt, 'by hand');
    const skipped = await new OutputFiles().write(job(join(directory, 'a.wav'), { conflict: 'skip' }), transcript);
    expect(named(skipped)).toEqual([{ format: 'json', path: join(directory, 'a.json') }]);
    expect(await readFile(srt, 'utf8')).toBe('by hand');
    const replaced = await new OutputFiles().write(job(join(directory, 'a.wav'), { conflict: 'replace' }), transcript);
    expect(replaced).toHaveLength(2);
    expect(await readFile(srt, 'utf8')).toBe(text('srt'));
    expect(await readdir(directory)).toHaveLength(2);
  });

  it('may be a folder or a link to nowhere', async () => {
    const directory = await ownDirectory();
    await mkdir(join(directory, 'a.srt'));
    await symlink('/nowhere/at/all', join(directory, 'a (2).json'));
    const files = await new OutputFiles().write(job(join(directory, 'a.wav')), transcript);
    expect(files[0]?.path).toBe(join(directory, 'a (3).srt'));
    const replacing = new OutputFiles().write(job(join(directory, 'a.wav'), { conflict: 'replace' }), transcript);
    await expect(replacing).rejects.toMatchObject({ code: 'EXPORT_FAILED' });
    expect((await readdir(directory)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('goes to one of many that write at once', async () => {
    const directory = await ownDirectory();
    const writer = new OutputFiles();
    const written = await Promise.all(
      Array.from({ length: 12 }, (_, index) => {
        const each = { ...transcript, createdAt: `2026-11-23T00:00:${10 + index}Z` };
        return writer.write(job(join(directory, 'a.wav'), { formats: ['json', 'srt'] }, `job_${index}`), each);
      }),
    );
    const paths = written.map((files) => files[0]?.path ?? '');
    expect(new Set(paths).size).toBe(12);
    for (const [index, path] of paths.entries()) {
      expect(await readFile(path, 'utf8')).toContain(`"createdAt": "2026-11-23T00:00:${10 + index}Z"`);
    }
    expect((await readdir(directory)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('is never overwritten on a disk that has no links', async () => {
    const directory = await ownDirectory();
    const writer = failing({ link: () => Promise.reject(errno('EPERM')) });
    await writeFile(join(directory, 'a.srt'), 'by hand');
    const files = await writer.write(job(join(directory, 'a.wav')), transcript);
    expect(files.map(({ path }) => path)).toEqual([join(directory, 'a (2).srt'), join(directory, 'a (2).json')]);
    expect(await readFile(join(directory, 'a.srt'), 'utf8')).toBe('by hand');
    expect(await readFile(join(directory, 'a (2).json'), 'utf8')).toBe(text('json'));
  });

  it('that is taken between the look and the writing is given back whole', async () => {
    const directory = await ownDirectory();
    let links = 0;
    const writer = failing({
      link: async (from, to) => {
        links += 1;
        if (links === 2) await writeFile(to, 'somebody was faster');
        return nodeFs.link(from, to);
      },
    });
    const files = await writer.write(job(join(directory, 'a.wav')), transcript);
    expect(files.map(({ path }) => path)).toEqual([join(directory, 'a (2).srt'), join(directory, 'a (2).json')]);
    expect((await readdir(directory)).sort()).toEqual(['a (2).json', 'a (2).srt', 'a.json']);
  });
});

describe('failing', () => {
  it('says that the disk is full, leaves nothing half written, and works when there is room', async () => {
    const directory = await ownDirectory();
    const full: OutputFileSystem['open'] = async (path, flags, mode) => {
      const opened = await nodeFs.open(path, flags, mode);
      if (flags === 'wx') opened.writeFile = () => Promise.reject(errno('ENOSPC'));
      return opened;
    };
    const one = job(join(directory, 'a.wav'));
    await expect(failing({ open: full }).write(one, transcript)).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining(join(directory, 'a.srt')),
      cause: { code: 'ENOSPC' },
    });
    expect(await readdir(directory)).toEqual([]);
    expect(await new OutputFiles().write(one, transcript)).toHaveLength(2);
  });

  it.each(['EACCES', 'EROFS', 'EIO', 'ENAMETOOLONG'])('names the path: %s', async (code) => {
    const directory = await ownDirectory();
    const writer = failing({ open: () => Promise.reject(errno(code)) });
    await expect(writer.write(job(join(directory, 'a.wav')), transcript)).rejects.toMatchObject({
      code: 'EXPORT_FAILED',
      message: expect.stringMatching(/a\.srt could not be written: .+\.$/),
    });
  });

  it('shows a whole file or none to whoever looks', async () => {
    const directory = await ownDirectory();
    const seen: string[][] = [];
    const open: OutputFileSystem['open'] = async (path, flags, mode) => {
      const opened = await nodeFs.open(path, flags, mode);
      const sync = opened.sync.bind(opened);
      opened.sync = async () => {
        seen.push((await readdir(directory)).filter((name) => !name.startsWith('.')));
        await sync();
      };
      return opened;
    };
    await failing({ open }).write(job(join(directory, 'a.wav')), transcript);
    // Synced before it is in place; the last sync is the folder's own.
    expect(seen).toEqual([[], ['a.srt'], expect.arrayContaining(['a.json', 'a.srt'])]);
  });
});

it('gives every recording a name that this disk takes, whatever it is called', async () => {
  const directory = await ownDirectory();
  for (const stem of [
    'é'.repeat(127),
    'x'.repeat(251),
    '😀'.repeat(62),
    'a\u0007b',
    '-rf',
    '~',
    '$(touch pwned)',
    'aux',
  ]) {
    const files = await new OutputFiles().write(job(`/in/${stem}.wav`, { outDir: directory }), transcript);
    for (const { path } of files) expect((await stat(path)).size).toBeGreaterThan(0);
  }
  expect(execFileSync('ls', ['-A', directory], { encoding: 'utf8' })).not.toContain('.part');
});

describe('writing anew', () => {
  it('replaces the files that were written where they lie, and numbers what is new', async () => {
    const directory = await ownDirectory();
    const files = new OutputFiles();
    const recording = join(directory, 'a.wav');
    await writeFile(join(directory, 'a.srt'), 'somebody else’s');
    const written = await files.write(job(recording, { formats: ['srt', 'json'] }), transcript);
    expect(written.map(({ path }) => path)).toEqual([join(directory, 'a (2).srt'), join(directory, 'a (2).json')]);
    const again = await files.rewrite(job(recording, { formats: ['txt', 'srt'] }), other, earlier(...written));
    expect(again.kept).toEqual([]);
    expect(named(again.files)).toEqual([
      { format: 'txt', path: join(directory, 'a.txt') },
      { format: 'srt', path: join(directory, 'a (2).srt') },
    ]);
    expect(await readFile(join(directory, 'a (2).srt'), 'utf8')).toBe(exportText(other, 'srt').text);
    expect(await readFile(join(directory, 'a.srt'), 'utf8')).toBe('somebody else’s');
    expect((await readdir(directory)).sort()).toEqual(['a (2).json', 'a (2).srt', 'a.srt', 'a.txt']);
  });

  it('leaves the files of another folder alone, and brings back one that was deleted', async () => {
    const directory = await ownDirectory();
    const files = new OutputFiles();
    const recording = join(directory, 'a.wav');
    const written = await files.write(job(recording, { formats: ['txt'] }), transcript);
    const elsewhere = join(directory, 'new', 'folder');
    const moved = await files.rewrite(
      job(recording, { formats: ['txt'], outDir: elsewhere }),
      other,
      earlier(...written),
    );
    expect(named(moved.files)).toEqual([{ format: 'txt', path: join(elsewhere, 'a.txt') }]);
    expect(await readFile(join(directory, 'a.txt'), 'utf8')).toBe(exportText(transcript, 'txt').text);
    await rm(join(directory, 'a.txt'));
    await files.rewrite(job(recording, { formats: ['txt'] }), other, earlier(...written, ...moved.files));
    expect(await readFile(join(directory, 'a.txt'), 'utf8')).toBe(exportText(other, 'txt').text);
  });

  it('says which file it could not write', async () => {
    const directory = await ownDirectory();
    const recording = join(directory, 'gone', 'a.wav');
    const known = earlier({ format: 'srt', path: join(directory, 'gone', 'a.srt'), digests: [] });
    await expect(new OutputFiles().rewrite(job(recording, { formats: ['srt'] }), other, known)).rejects.toMatchObject({
      code: 'EXPORT_FAILED',
      message: expect.stringContaining('the folder is not there'),
    });
  });
});

it('takes away what a kill left beside a file that had its name already', async () => {
  const directory = await ownDirectory();
  const source = join(directory, 'a.wav');
  await new OutputFiles().write(job(source), transcript);
  await writeFile(join(directory, '.job_1.srt.part'), 'the second name of a.srt, between link and unlink');
  await new OutputFiles().write(job(source), transcript);
  expect((await readdir(directory)).sort()).toEqual(['a.json', 'a.srt']);
});

it('two jobs of one name that are written at once each keep their own files', async () => {
  const directory = await ownDirectory();
  const source = join(directory, 'a.wav');
  // The same lines, so that the SRT of both has the same bytes, and another JSON.
  const again: Transcript = { ...transcript, source: { ...transcript.source, filename: 'a copy.wav' } };
  const second: Promise<readonly OutputFile[]>[] = [];
  const writer: OutputFiles = failing({
    async link(from, to) {
      // The first has put its SRT in place; the second comes in between and is given the time to end, if nothing holds it.
      if (String(from).endsWith('.job_1.json.part')) {
        second.push(writer.write(job(source, {}, 'job_2'), again));
        await Promise.race([...second, new Promise((resolve) => setTimeout(resolve, 300))]);
      }
      await nodeFs.link(from, to);
    },
  });
  const written = [await writer.write(job(source, {}, 'job_1'), transcript), ...(await Promise.all(second))];
  expect(written).toHaveLength(2);
  for (const [index, files] of written.entries()) {
    expect(files.map(({ format }) => format)).toEqual(['srt', 'json']);
    for (const { format, path } of files)
      expect(await readFile(path, 'utf8')).toBe(
        (await exportTranscript(index === 0 ? transcript : again, format)).content,
      );
  }
});

describe('a folder that was asked for', () => {
  it('is made with those above it', async () => {
    const directory = await ownDirectory();
    const outDir = join(directory, 'a', 'b', 'c');
    await new OutputFiles().write(job(join(directory, 'x.wav'), { outDir, formats: ['srt'] }), transcript);
    expect(await readdir(outDir)).toEqual(['x.srt']);
  });

  it('in one that says of it that it is not there is given up, and not tried for ever', async () => {
    const directory = await ownDirectory();
    let tries = 0;
    const refusing: OutputFileSystem = {
      ...nodeFs,
      // As /proc and an automounter's folder do.
      mkdir: (async (path: string) => {
        tries += 1;
        throw Object.assign(new Error('no'), { code: path === directory ? 'EEXIST' : 'ENOENT' });
      }) as OutputFileSystem['mkdir'],
    };
    const outDir = join(directory, 'a', 'b');
    await expect(
      new OutputFiles({ fs: refusing }).write(job(join(directory, 'x.wav'), { outDir }), transcript),
    ).rejects.toMatchObject({ code: 'EXPORT_FAILED' });
    expect(tries).toBeLessThan(10);
  });
});
