import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readTranscriptFile } from './transcript-file.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bt-texts-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(bytes: Buffer) {
  const path = join(folder, 'a.srt');
  writeFileSync(path, bytes);
  return readTranscriptFile(path);
}

it('reads what subtitle programs write', async () => {
  const text = '1\r\n00:00:01,000 --> 00:00:02,000\r\nGrüße, “Zoë” – naïve\r\n';
  expect((await read(Buffer.from(text))).text).toBe(text);
  expect((await read(Buffer.from(`\ufeff${text}`))).text).toBe(text);
  expect((await read(Buffer.from(`\ufeff${text}`, 'utf16le'))).text).toBe(text);
  expect((await read(Buffer.from(`\ufeff${text}`, 'utf16le').swap16())).text).toBe(text);
  expect((await read(Buffer.from(text, 'utf16le'))).text).toBe(text);
  expect((await read(Buffer.from(text, 'utf16le').swap16())).text).toBe(text);
  expect((await read(Buffer.from('Gr\u00fc\u00dfe', 'latin1'))).text).toBe('Grüße');
});

it('refuses what is no text, with its reason', async () => {
  await expect(read(Buffer.alloc(0))).rejects.toMatchObject({ code: 'EMPTY_FILE' });
  await expect(read(Buffer.from([1, 0, 2, 0]))).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await expect(readTranscriptFile(join(folder, 'nothing.srt'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(readTranscriptFile(folder)).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  await expect(readTranscriptFile('/dev/zero')).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
});
