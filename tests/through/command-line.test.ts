// The command line as a person uses it: real processes from end to end, good files and bad ones.

import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transcriptSchema } from '../../src/contract/transcript.ts';
import { inventRecording, writeRecording } from '../small-whisper/speech.mjs';
import { wordErrorRate } from '../small-whisper/wer.mjs';
import { command, ROOT, startEngine, temporaryFolder, testEnvironment } from './engine-process.ts';

const folder = await temporaryFolder();
const at = (...parts: string[]): string => join(folder.path, ...parts);
const env = testEnvironment();
const said = new Map<string, string>();

beforeAll(async () => {
  for (const [seed, name] of [
    [21, 'a.wav'],
    [22, 'b.mp4'],
  ] as const) {
    const spoken = await inventRecording({ seed, seconds: 20 });
    said.set(name, spoken.text);
    await writeRecording(spoken, at(name));
  }
  await writeFile(at('empty.wav'), '');
  await writeFile(at('corrupt.mp3'), Buffer.alloc(40_000, 'no music in here '));
});

afterAll(() => folder.remove());

async function textOf(file: string): Promise<string> {
  return transcriptSchema.parse(JSON.parse(await readFile(file, 'utf8'))).text;
}

describe('transcribe', () => {
  test('writes every file in every format and exits 0', async () => {
    const { code, out, err } = await command(
      ['transcribe', at('a.wav'), at('b.mp4'), '--out', at('out'), '--formats', 'srt,json', '--data-dir', at('data-1')],
      env,
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect((await readdir(at('out'))).sort()).toEqual(['a.json', 'a.srt', 'b.json', 'b.srt']);
    expect(out).toContain('2 of 2 recordings transcribed.');
    for (const name of ['a', 'b']) {
      const script = said.get(name === 'a' ? 'a.wav' : 'b.mp4') ?? '';
      expect(wordErrorRate(script, await textOf(at('out', `${name}.json`)))).toBeLessThanOrEqual(0.1);
      expect(await readFile(at('out', `${name}.srt`), 'utf8')).toMatch(/^1\n00:00:0\d,\d{3} --> 00:00:\d\d,\d{3}\n\S/);
    }
  });

  test('with bad files among them writes the others, names the bad ones with their reason, and does not exit 0', async () => {
    const { code, out, err } = await command(
      [
        ...['transcribe', at('empty.wav'), at('a.wav'), at('corrupt.mp3'), at('not-there.wav')],
        ...['--out', at('out-2'), '--data-dir', at('data-2')],
      ],
      env,
    );
    expect(code).toBe(1);
    expect((await readdir(at('out-2'))).sort()).toEqual(['a.json', 'a.srt']);
    expect(err).toMatch(/empty\.wav: .*empty/i);
    expect(err).toMatch(/corrupt\.mp3: /);
    expect(err).toMatch(/not-there\.wav: /);
    expect(out).toContain('1 of 4 recordings transcribed.');
  });

  test('prints one JSON object a line with --json', async () => {
    const { code, out } = await command(
      ['transcribe', at('a.wav'), '--out', at('out-3'), '--data-dir', at('data-1'), '--json'],
      env,
    );
    expect(code).toBe(0);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line): { type: string } => JSON.parse(line));
    expect(lines.at(-1)).toEqual({ type: 'summary', complete: 1, failed: 0, refused: 0 });
    expect(lines.filter(({ type }) => type === 'job').length).toBeGreaterThan(2);
  });

  test('uses the engine that runs on the data directory, and other commands see the queue', async () => {
    const engine = await startEngine(at('data-1'), env);
    try {
      const { code } = await command(
        ['transcribe', at('a.wav'), '--out', at('out-4'), '--data-dir', at('data-1')],
        env,
      );
      expect(code).toBe(0);
      const { jobs } = await engine.client.call('listJobs', {});
      expect(jobs.filter(({ state }) => state === 'complete')).toHaveLength(4);

      const list = await command(['jobs', '--data-dir', at('data-1'), '--json'], env);
      expect(list.out.trimEnd().split('\n')).toHaveLength(4);
      const exported = await command(['export', jobs[0]?.id ?? '', '--format', 'vtt', '--data-dir', at('data-1')], env);
      expect(exported.out).toMatch(/^WEBVTT\n\n/);
    } finally {
      await engine.stop();
    }
  });
});

test('a reader that leaves early breaks nothing, and a refusal is JSON where that was asked for', async () => {
  for (let index = 0; index < 30; index += 1)
    await writeFile(at(`t${index}.srt`), '1\n00:00:01,000 --> 00:00:02,000\nHello\n');
  const engine = await startEngine(at('data-6'), env);
  try {
    for (let index = 0; index < 30; index += 1)
      await engine.client.call('importTranscript', { path: at(`t${index}.srt`) });
    const jobs = `${process.execPath} ${join(ROOT, 'src/host/cli.ts')} jobs --json --data-dir ${at('data-6')}`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-o', 'pipefail', '-c', `${jobs} | head -n 1`], {
      env,
    });
    expect(JSON.parse(stdout)).toMatchObject({ state: 'complete' });
    expect(stderr).toBe('');
    const refused = await command(['export', 'job_none', '--json', '--data-dir', at('data-6')], env);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(JSON.parse(refused.err)).toEqual({ code: 'NOT_FOUND', error: 'There is no such job.' });
  } finally {
    await engine.stop();
  }
});

test('what is mistyped is named, whether the app runs or not, and nothing is cut off in silence', async () => {
  await writeFile(at('many.srt'), srtOf(60, 'A line about apples'));
  await mkdir(at('nothing in here'));
  const data = ['--data-dir', at('data-7')];
  const engine = await startEngine(at('data-7'), env);
  try {
    await engine.client.call('importTranscript', { path: at('many.srt') });
    expect(await command(['jobs', '--state', 'complete,failed', ...data], env)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^job_\w+ {2}complete {5}many\.srt\n$/),
      err: '',
    });
    const misspelt = await command(['cancel', '--all', '--state', 'qeued', ...data], env);
    expect(misspelt).toMatchObject({ code: 1, out: '' });
    expect(misspelt.err).toContain('"qeued" is none of queued, preparing');

    const few = await command(['search', 'apple*', '--limit', '7', ...data], env);
    expect(few.out.trimEnd().split('\n')).toHaveLength(7);
    expect(few.err).toContain('There may be more than these 7');
    expect(await command(['search', 'pears', ...data], env)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('Nothing was found.'),
    });

    for (const [name, reason] of [
      [at('typo.wav'), 'There is no such file or folder. Check the name'],
      [at('*.flac'), 'There is no such file or folder. Check the name'],
      [at('nothing in here'), 'The folder holds no recordings. Check the name'],
      ['https://example.com/a.mp3', 'This is an address: download the recording'],
    ] as const) {
      const refused = await command(['transcribe', name, ...data], env);
      expect(refused).toMatchObject({ code: 1, err: expect.stringContaining(`${name}: ${reason}`) });
    }
    const nowhere = await command(['transcribe', at('a.wav'), '--out', at('many.srt'), ...data], env);
    expect(nowhere).toMatchObject({ code: 1, out: '', err: expect.stringContaining('many.srt is a file') });

    // The same recording, named as a file, by a pattern, and twice, is one recording.
    const { jobs, refused } = await engine.client.call('addJobs', { paths: [at('a.wav'), at('a.wav'), 'a.wav'] });
    expect(jobs).toHaveLength(1);
    expect(refused).toMatchObject([{ path: 'a.wav', error: { code: 'BAD_REQUEST' } }]);

    const bundle = await command(['doctor', '--bundle', at('nothing in here'), ...data], env);
    expect(bundle).toMatchObject({
      code: 1,
      err: expect.stringContaining('could not be written: a folder has this name'),
    });
  } finally {
    await engine.stop();
  }
});

test('writes the files of many jobs anew, corrected, in other formats, in one command', async () => {
  const data = ['--data-dir', at('data-9')];
  const engine = await startEngine(at('data-9'), env);
  try {
    const ids: string[] = [];
    for (const name of ['one.srt', 'two.srt']) {
      await writeFile(at(name), srtOf(2, `Line of ${name}`));
      ids.push((await engine.client.call('importTranscript', { path: at(name) })).id);
    }
    const [first = ''] = ids;
    const { segments, revision } = await engine.client.call('getTranscript', { id: first });
    await engine.client.call('editTranscript', {
      id: first,
      revision,
      operations: [{ type: 'set-text', segment: segments[0]?.key ?? '', text: 'Corrected' }],
    });
    const all = await command(['write', '--all', '--formats', 'txt,vtt', '--out', at('out-9'), ...data], env);
    expect(all).toMatchObject({ code: 0, err: '', out: expect.stringContaining('2 of 2 transcripts written.') });
    expect((await readdir(at('out-9'))).sort()).toEqual(['one.txt', 'one.vtt', 'two.txt', 'two.vtt']);
    expect(await readFile(at('out-9', 'one.vtt'), 'utf8')).toContain('Corrected');

    // Again, after another correction: what was written is replaced.
    await engine.client.call('editTranscript', {
      id: first,
      revision: revision + 1,
      operations: [{ type: 'set-text', segment: segments[1]?.key ?? '', text: 'Corrected twice' }],
    });
    const again = ['write', first, 'job_none', '--formats', 'txt', '--out', at('out-9'), '--json', ...data];
    const lines = await command(again, env);
    expect(lines.code).toBe(1);
    expect(
      lines.out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { id: first, outputs: [{ format: 'txt', path: at('out-9', 'one.txt') }] },
      { id: 'job_none', error: { code: 'NOT_FOUND', message: 'There is no such job.' } },
    ]);
    expect(await readFile(at('out-9', 'one.txt'), 'utf8')).toContain('Corrected twice');
    // By hand, in another program: that is kept, and said.
    await writeFile(at('out-9', 'one.txt'), 'An hour of work.');
    await engine.client.call('undoEdit', { id: first, revision: revision + 2 });
    const kept = await command(['write', first, '--formats', 'txt,vtt', '--out', at('out-9'), ...data], env);
    expect(kept).toEqual({
      code: 0,
      out: `${at('out-9', 'one (2).txt')}\n${at('out-9', 'one.vtt')}\n`,
      err: `${at('out-9', 'one.txt')} was changed since it was written and was kept; the new one is ${at('out-9', 'one (2).txt')}.\n`,
    });
    expect(await readFile(at('out-9', 'one.txt'), 'utf8')).toBe('An hour of work.');
    await writeFile(at('out-9', 'one (2).txt'), 'And another.');
    expect(JSON.parse((await command([...again.filter((word) => word !== 'job_none')], env)).out)).toEqual({
      id: first,
      outputs: [{ format: 'txt', path: at('out-9', 'one (3).txt') }],
      kept: [{ path: at('out-9', 'one (2).txt'), reason: 'changed', newPath: at('out-9', 'one (3).txt') }],
    });
    expect((await command(['write', '--batch', 'batch_none', ...data], env)).code).toBe(1);
    expect((await command(['write', ...data], env)).err).toContain('Name either ids');
  } finally {
    await engine.stop();
  }
});

function srtOf(lines: number, text: string): string {
  const time = (second: number): string =>
    `00:${String(Math.floor(second / 60)).padStart(2, '0')}:${String(second % 60).padStart(2, '0')},000`;
  return Array.from({ length: lines }, (_, at) => `${at + 1}\n${time(at)} --> ${time(at + 1)}\n${text} ${at}\n`).join(
    '\n',
  );
}

test('a call that names what does not exist is refused with its name, and changes nothing', async () => {
  const engine = await startEngine(at('data-8'), env);
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`${engine.url}${path}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${engine.token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  try {
    const { jobs } = await engine.client.call('addJobs', { paths: [at('a.wav')], options: { model: 'nobody-has-it' } });
    // Of which `states` was meant: all would be canceled.
    expect(await post('/api/jobs/cancel', { all: true, state: 'failed' })).toEqual({
      status: 400,
      body: { code: 'BAD_REQUEST', error: 'Unrecognized key: "state"' },
    });
    expect(await post('/api/jobs', { paths: [at('a.wav')], options: { langage: 'de' } })).toEqual({
      status: 400,
      body: { code: 'BAD_REQUEST', error: '"options": Unrecognized key: "langage"' },
    });
    const after = await engine.client.call('listJobs', {});
    expect(after.jobs.map(({ id }) => id)).toEqual(jobs.map(({ id }) => id));
    expect(after.jobs[0]?.state).not.toBe('canceled');
  } finally {
    await engine.stop();
  }
});

test('GET /api/runtime answers without a token as the protocol says, and nothing else does', async () => {
  const engine = await startEngine(
    at('data-5'),
    testEnvironment({ EXPECTED_WORKER_GIT_COMMIT: 'b4b98e5', REMOTE_WORKER_MODE: 'off' }),
  );
  try {
    const { stdout } = await promisify(execFile)('curl', ['-fsS', `${engine.url}/api/runtime`]);
    expect(JSON.parse(stdout).remoteWorker).toEqual({
      enabled: false,
      configured: false,
      mode: 'off',
      url: null,
      connected: false,
      lastPingAt: null,
      latencyMs: null,
      workerVersion: null,
      identity: null,
      expectedIdentity: { gitCommit: 'b4b98e5', imageDigest: null },
      identityMatches: null,
      identityMismatchReason: null,
      workerCapabilities: null,
      error: null,
    });
    expect((await fetch(`${engine.url}/api/jobs`)).status).toBe(401);
  } finally {
    await engine.stop();
  }
});
