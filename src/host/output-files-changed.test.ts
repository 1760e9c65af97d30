// Files that a person changed in another program, when those of their job are written anew: on a real disk, with the queue in real SQLite.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as nodeFs from 'node:fs/promises';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JobOptions } from '../contract/options.ts';
import { DEFAULT_JOB_OPTIONS } from '../contract/options.ts';
import { EditedTranscripts } from '../controller/edited-transcripts.ts';
import { EventBus } from '../controller/event-bus.ts';
import { outputFacts } from '../controller/finisher.ts';
import { TranscriptCalls } from '../controller/transcript-calls.ts';
import type { Database } from '../store/database.ts';
import { SqliteEditStore } from '../store/edit-store.ts';
import { SqliteJobStore } from '../store/job-store.ts';
import { add, next, ownDatabase, ownDirectory, TO_RUNNING, walk } from '../store/store.cases.ts';
import { SAMPLE_JOB } from './app-api-views.cases.ts';
import type { OutputFileSystem } from './file-placing.ts';
import { OutputFiles } from './output-files.ts';

const json = readFileSync(new URL('../contract/fixtures/transcript.valid.json', import.meta.url), 'utf8');
const sha256 = createHash('sha256').update(json).digest('hex');
const clock = { now: () => 1_000, after: () => () => undefined };
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A job whose files were written, and the calls of an engine that is started on its queue. */
async function transcribed(options: Partial<JobOptions>) {
  const folder = ownDirectory();
  const db = ownDatabase();
  const store = new SqliteJobStore(db);
  const job = { id: 'job', name: 'a.wav', sourcePath: join(folder, 'a.wav') };
  const [added] = add(store, [{ ...job, options: { ...DEFAULT_JOB_OPTIONS, formats: ['srt'], ...options } }]);
  if (added === undefined) throw new Error('no job was added');
  const delivered = { type: 'delivered', attempt: 1, sha256 } as const;
  const received = next(walk(store, added, TO_RUNNING), delivered);
  store.saveDelivered(received, delivered, { json, sha256 }, 700);
  const transcript = store.transcript('job');
  if (transcript === null) throw new Error('no transcript was kept');
  const written = { type: 'outputs_written' } as const;
  const files = await new OutputFiles().write(received, transcript, outputFacts(store, received));
  expect(store.saveOutputs(next(received, written), written, files, 800)).toBe(true);
  return { folder, db, store, at: (name: string) => join(folder, name), ...calls(db) };
}

/** What an engine does that finds this queue; `fs` is its disk, `store` its queue. */
function calls(db: Database, fs: Partial<OutputFileSystem> = {}, store: SqliteJobStore = new SqliteJobStore(db)) {
  const edits = new SqliteEditStore(db);
  const transcripts = new TranscriptCalls({
    store,
    edits,
    transcripts: new EditedTranscripts(store, edits),
    outputs: new OutputFiles({ fs: { ...nodeFs, ...fs } }),
    bus: new EventBus(log),
    clock,
    view: () => SAMPLE_JOB,
  });
  return {
    correct(text: string) {
      const { revision } = transcripts.getTranscript({ id: 'job', machine: false });
      transcripts.editTranscript({
        id: 'job',
        revision,
        operations: [{ type: 'set-text', segment: '0', text }],
      });
    },
    rewrite: (formats?: JobOptions['formats']) =>
      transcripts.writeExports({ id: 'job', ...(formats === undefined ? {} : { formats: [...formats] }) }),
  };
}

const read = (path: string) => readFile(path, 'utf8');

describe('a file that nobody touched', () => {
  it('is replaced where it lies, time after time, and by the next engine', async () => {
    const { correct, rewrite, at, folder, db } = await transcribed({ formats: ['srt', 'docx', 'json'] });
    correct('Once.');
    const outputs = ['srt', 'docx', 'json'].map((format) => ({ format, path: at(`a.${format}`) }));
    expect(await rewrite()).toEqual({ outputs });
    correct('Twice.');
    expect(await rewrite()).toEqual({ outputs });
    const later = calls(db);
    later.correct('Thrice.');
    expect(await later.rewrite()).toEqual({ outputs });
    expect(await read(at('a.srt'))).toContain('Thrice.');
    expect((await readdir(folder)).sort()).toEqual(['a.docx', 'a.json', 'a.srt']);
  });

  it('comes back where it was deleted', async () => {
    const { correct, rewrite, at } = await transcribed({});
    await rm(at('a.srt'));
    correct('Again.');
    expect(await rewrite()).toEqual({ outputs: [{ format: 'srt', path: at('a.srt') }] });
    expect(await read(at('a.srt'))).toContain('Again.');
  });
});

describe('a file that was changed by hand', () => {
  it('is kept by the rule `number`: the new one goes beside it, is the job’s from then on, and is replaced the next time', async () => {
    const { correct, rewrite, at, store, folder } = await transcribed({});
    await writeFile(at('a.srt'), 'an hour of work');
    correct('Once.');
    expect(await rewrite()).toEqual({
      outputs: [{ format: 'srt', path: at('a (2).srt') }],
      kept: [{ path: at('a.srt'), reason: 'changed', newPath: at('a (2).srt') }],
    });
    expect(store.outputs('job')).toEqual([{ format: 'srt', path: at('a (2).srt') }]);
    correct('Twice.');
    expect(await rewrite()).toEqual({ outputs: [{ format: 'srt', path: at('a (2).srt') }] });
    expect(await read(at('a (2).srt'))).toContain('Twice.');
    await writeFile(at('a (2).srt'), 'another hour');
    correct('Thrice.');
    expect(await rewrite()).toMatchObject({ kept: [{ path: at('a (2).srt'), newPath: at('a (3).srt') }] });
    expect(await read(at('a.srt'))).toBe('an hour of work');
    expect(await read(at('a (2).srt'))).toBe('another hour');
    expect((await readdir(folder)).sort()).toEqual(['a (2).srt', 'a (3).srt', 'a.srt']);
  });

  it('is replaced by the rule `replace`, and is then the app’s own', async () => {
    const { correct, rewrite, at, folder } = await transcribed({ conflict: 'replace' });
    await writeFile(at('a.srt'), 'by hand');
    correct('Once.');
    expect(await rewrite()).toEqual({ outputs: [{ format: 'srt', path: at('a.srt') }] });
    expect(await read(at('a.srt'))).toContain('Once.');
    expect(await readdir(folder)).toEqual(['a.srt']);
  });

  it('is left alone by the rule `skip`, and told of every time', async () => {
    const { correct, rewrite, at, store, folder } = await transcribed({ conflict: 'skip' });
    await writeFile(at('a.srt'), 'by hand');
    correct('Once.');
    const told = { outputs: [], kept: [{ path: at('a.srt'), reason: 'changed', newPath: null }] };
    expect(await rewrite()).toEqual(told);
    expect(await rewrite()).toEqual(told);
    expect(store.outputs('job')).toEqual([{ format: 'srt', path: at('a.srt') }]);
    expect(await read(at('a.srt'))).toBe('by hand');
    expect(await readdir(folder)).toEqual(['a.srt']);
  });

  it('counts alone: the other formats are replaced where they lie', async () => {
    const { correct, rewrite, at, store } = await transcribed({ formats: ['srt', 'json', 'docx'] });
    await writeFile(at('a.docx'), 'made pretty');
    correct('Once.');
    expect(await rewrite(['docx', 'json', 'txt'])).toEqual({
      outputs: [
        { format: 'docx', path: at('a (2).docx') },
        { format: 'json', path: at('a.json') },
        { format: 'txt', path: at('a (2).txt') },
      ],
      kept: [{ path: at('a.docx'), reason: 'changed', newPath: at('a (2).docx') }],
    });
    expect(store.outputs('job').map(({ path }) => path)).toEqual(
      ['a.srt', 'a (2).docx', 'a.json', 'a (2).txt'].map(at),
    );
    expect(await read(at('a.json'))).toContain('Once.');
    // The one that was not asked for keeps what is known of it.
    expect(await rewrite(['srt'])).toEqual({ outputs: [{ format: 'srt', path: at('a.srt') }] });
    expect(await read(at('a.docx'))).toBe('made pretty');
  });

  it('in the very way in which it would be written is as good as written', async () => {
    const { correct, rewrite, at } = await transcribed({ formats: ['txt'] });
    const before = await read(at('a.txt'));
    await writeFile(at('a.txt'), before.replace('Good morning, and welcome.', 'Good evening.'));
    correct('Good evening.');
    expect(await rewrite()).toEqual({ outputs: [{ format: 'txt', path: at('a.txt') }] });
    correct('Good night.');
    expect(await rewrite()).toEqual({ outputs: [{ format: 'txt', path: at('a.txt') }] });
    expect(await read(at('a.txt'))).toContain('Good night.');
  });

  it.each(['a folder', 'a link'])('into %s is not written over, nor through', async (what) => {
    const { correct, rewrite, at } = await transcribed({});
    const moved = await read(at('a.srt'));
    await nodeFs.rename(at('a.srt'), at('mine.srt'));
    if (what === 'a folder') await mkdir(at('a.srt'));
    else await symlink(at('mine.srt'), at('a.srt'));
    correct('Once.');
    expect(await rewrite()).toMatchObject({ kept: [{ path: at('a.srt'), newPath: at('a (2).srt') }] });
    expect(await read(at('mine.srt'))).toBe(moved);
  });

  it('while the new one is on its way to the disk is kept too', async () => {
    const { correct, db, at } = await transcribed({});
    const open: OutputFileSystem['open'] = async (path, flags, mode) => {
      // What is written aside comes to the disk; in the meantime the other program saves.
      if (flags === 'wx') await writeFile(at('a.srt'), 'saved just now');
      return nodeFs.open(path, flags, mode);
    };
    correct('Once.');
    expect(await calls(db, { open }).rewrite()).toMatchObject({ kept: [{ path: at('a.srt') }] });
    expect(await read(at('a.srt'))).toBe('saved just now');
  });
});

describe('files of an older version, which remembered no content', () => {
  it('are replaced where nothing is lost by it; else they are kept, and the new ones are known', async () => {
    const { correct, rewrite, at, db } = await transcribed({ formats: ['srt', 'json'] });
    db.exec('update outputs set digests = null');
    expect(await rewrite(['srt'])).toEqual({ outputs: [{ format: 'srt', path: at('a.srt') }] });
    correct('Once.');
    expect(await rewrite()).toEqual({
      outputs: [
        { format: 'srt', path: at('a.srt') },
        { format: 'json', path: at('a (2).json') },
      ],
      kept: [{ path: at('a.json'), reason: 'unknown', newPath: at('a (2).json') }],
    });
    correct('Twice.');
    expect(await rewrite()).toEqual({
      outputs: [
        { format: 'srt', path: at('a.srt') },
        { format: 'json', path: at('a (2).json') },
      ],
    });
  });
});

describe('after a kill, and another correction', () => {
  const killed = new Error('killed');

  it('between a file’s place and its row, what the app wrote is not taken for a person’s, however often', async () => {
    const { at, db, folder } = await transcribed({ formats: ['srt', 'docx'] });
    for (const text of ['Once.', 'Twice.', 'Thrice.']) {
      const store = new SqliteJobStore(db);
      store.replaceOutputs = () => {
        throw killed;
      };
      const engine = calls(db, {}, store);
      engine.correct(text);
      await expect(engine.rewrite()).rejects.toThrow(killed);
      expect(await read(at('a.srt'))).toContain(text);
    }
    const engine = calls(db);
    engine.correct('At last.');
    expect(await engine.rewrite()).toEqual({
      outputs: ['srt', 'docx'].map((format) => ({ format, path: at(`a.${format}`) })),
    });
    expect(await read(at('a.srt'))).toContain('At last.');
    expect((await readdir(folder)).sort()).toEqual(['a.docx', 'a.srt']);
  });

  it('before a file’s place, the earlier one is not taken for a person’s, and what a person does then is', async () => {
    const { at, db } = await transcribed({});
    for (const text of ['Once.', 'Twice.']) {
      const engine = calls(db, { rename: () => Promise.reject(killed) });
      engine.correct(text);
      await expect(engine.rewrite()).rejects.toMatchObject({ code: 'EXPORT_FAILED' });
    }
    // What is half written lies beside it still.
    await writeFile(at('.job.srt.part'), 'half');
    const engine = calls(db);
    engine.correct('Thrice.');
    expect(await engine.rewrite()).toEqual({ outputs: [{ format: 'srt', path: at('a.srt') }] });
    await writeFile(at('a.srt'), 'by hand');
    engine.correct('At last.');
    expect(await engine.rewrite()).toMatchObject({ kept: [{ path: at('a.srt'), newPath: at('a (2).srt') }] });
  });
});
