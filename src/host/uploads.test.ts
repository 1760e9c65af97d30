import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { safeFileName } from './file-names.ts';
import { Uploads } from './uploads.ts';

let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'uploads-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

async function* bytes(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

const HOSTILE = [
  '../../etc/passwd',
  '..\\..\\windows\\system32\\evil.wav',
  '/etc/passwd',
  'C:\\a.wav',
  '\\\\server\\share\\a.wav',
  '..',
  '.',
  '...',
  '',
  ' ',
  '/',
  '\\',
  'a/',
  '\0',
  'a\0.wav',
  'a\nb.wav',
  '\u202egpj.wav',
  'con',
  'CON.wav',
  'nul.mp3',
  'a:stream',
  'a.wav.',
  'a.wav ',
  '.hidden',
  '*?"<>|.wav',
  '\ud800.wav',
  `${'x'.repeat(5_000)}.wav`,
  `${'😀'.repeat(500)}.mp4`,
  '.'.repeat(300),
  'ü/…/日本語.wav',
];

describe('a name from outside', () => {
  it.each(HOSTILE)('%j becomes one that names only a file', (hostile) => {
    const name = safeFileName(hostile);
    expect(name).not.toMatch(/[/\\\0<>:"|?*]|^\.|[. ]$|^(?:con|nul)\b/i);
    expect(name.isWellFormed()).toBe(true);
    expect(name.length).toBeGreaterThan(0);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
    writeFileSync(join(dataDir, name), 'x');
    expect(readdirSync(dataDir)).toEqual([name.normalize('NFC')]);
  });

  it('keeps what is harmless, and its ending', () => {
    expect(safeFileName('Gespräch – Teil 1 (final).mp4')).toBe('Gespräch – Teil 1 (final).mp4');
    for (const device of ['nul .wav', 'COM².wav', 'con']) expect(safeFileName(device)).toBe(`_${device}`);
    expect(safeFileName(`${'a'.repeat(198)}.. ${'b'.repeat(50)}`)).toBe('a'.repeat(198));
    expect(safeFileName(`${'é'.repeat(400)}.opus`)).toMatch(/^é+\.opus$/);
  });
});

describe('uploads', () => {
  it('lie whole under their id, for this user alone', async () => {
    const uploads = new Uploads({ dataDir });
    const stored = await uploads.receive('../a.wav', bytes('one', 'two', ''));
    expect(stored).toEqual({ id: stored.id, name: 'a.wav', sizeBytes: 6 });
    const path = uploads.path(stored.id);
    expect(path).toBe(join(dataDir, 'uploads', stored.id, 'a.wav'));
    expect(readFileSync(path, 'utf8')).toBe('onetwo');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    expect(statSync(join(dataDir, 'uploads')).mode & 0o777).toBe(0o700);
    expect(uploads.idOf(path)).toBe(stored.id);
    expect(uploads.idOf('/recordings/a.wav')).toBeNull();
    expect(await uploads.list()).toEqual([stored.id]);
    await uploads.remove(stored.id);
    await uploads.remove(stored.id);
    expect(() => uploads.path(stored.id)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  it('of two with one name are two', async () => {
    const uploads = new Uploads({ dataDir });
    const [one, two] = await Promise.all([uploads.receive('a.wav', bytes('1')), uploads.receive('a.wav', bytes('2'))]);
    expect([readFileSync(uploads.path(one.id), 'utf8'), readFileSync(uploads.path(two.id), 'utf8')]).toEqual([
      '1',
      '2',
    ]);
  });

  it('are found and removed by their id alone', async () => {
    const uploads = new Uploads({ dataDir });
    mkdirSync(join(dataDir, 'uploads'));
    writeFileSync(join(dataDir, 'kept'), 'x');
    for (const id of [
      '..',
      '.',
      '',
      '../kept',
      'up_',
      `up_${'a'.repeat(31)}`,
      `up_${'a'.repeat(32)}/..`,
      `partial-up_${'a'.repeat(32)}`,
      'up_\0',
    ]) {
      expect(() => uploads.path(id), id).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
      await expect(uploads.remove(id), id).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(existsSync(join(dataDir, 'kept'))).toBe(true);
  });

  it('leave nothing when the sender breaks off', async () => {
    const uploads = new Uploads({ dataDir });
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('some');
      throw new Error('aborted');
    };
    await expect(uploads.receive('a.wav', broken())).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(readdirSync(join(dataDir, 'uploads'))).toEqual([]);
  });

  it.each([
    ['ENOSPC', 'writeFile', 'DISK_FULL'],
    ['EDQUOT', 'sync', 'DISK_FULL'],
    ['EIO', 'writeFile', 'INTERNAL'],
  ])('leave nothing when the disk says %s at %s: %s', async (code, step, expected) => {
    let closed = 0;
    const fail = (name: string) => async () => {
      if (name === step) throw Object.assign(new Error(code), { code });
    };
    const openFile = async (path: string) => {
      writeFileSync(path, '');
      const close = async () => {
        closed += 1;
      };
      return { writeFile: fail('writeFile'), sync: fail('sync'), close };
    };
    const uploads = new Uploads({ dataDir, openFile });
    await expect(uploads.receive('a.wav', bytes('some'))).rejects.toMatchObject({ code: expected });
    expect([readdirSync(join(dataDir, 'uploads')), closed]).toEqual([[], 1]);
  });

  it('that became no job are taken away after a day, those of jobs never', async () => {
    const uploads = new Uploads({ dataDir });
    const [used, forgotten] = [await uploads.receive('a.wav', bytes('a')), await uploads.receive('b.wav', bytes('b'))];
    let asked = 0;
    const sources = () => {
      asked += 1;
      // As it was written when the data directory lay elsewhere.
      return new Map([[`/before/uploads/${used.id}/a.wav`, 1]]);
    };
    await uploads.removeForgotten(sources, Date.now() + 23 * 3_600_000);
    expect([(await uploads.list()).length, asked]).toEqual([2, 0]);
    await uploads.removeForgotten(sources, Date.now() + 25 * 3_600_000);
    expect([await uploads.list(), asked]).toEqual([[used.id], 1]);
    expect(() => uploads.path(forgotten.id)).toThrow();
  });

  it('that a crash cut short are taken away at the next start', async () => {
    const uploads = new Uploads({ dataDir });
    await uploads.removePartial();
    const { id } = await uploads.receive('a.wav', bytes('1'));
    mkdirSync(join(dataDir, 'uploads/partial-up_1'));
    writeFileSync(join(dataDir, 'uploads/partial-up_1/b.wav'), 'half');
    await uploads.removePartial();
    expect(readdirSync(join(dataDir, 'uploads'))).toEqual([id]);
  });
});
