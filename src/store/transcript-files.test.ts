import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ownDirectory } from './store.cases.ts';
import { TranscriptFileStore } from './transcript-files.ts';

const JSON_TEXT = '{"text":"東京 😀","segments":[]}';

test('a transcript is kept to the byte, for this user alone, and goes when it is dropped', async () => {
  const directory = join(ownDirectory(), 'transcripts');
  const store = new TranscriptFileStore(directory);
  expect(store.jobs()).toEqual([]);
  await store.put('job_1', JSON_TEXT);
  await store.put('job_1', JSON_TEXT);
  const file = join(directory, 'job_1.json');
  expect(readFileSync(file, 'utf8')).toBe(JSON_TEXT);
  if (process.platform !== 'win32') {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  }
  expect(new TranscriptFileStore(directory).jobs()).toEqual(['job_1']);
  store.drop('job_1');
  store.drop('job_1');
  expect(existsSync(file)).toBe(false);
});

test('what a crash left half done is replaced, or goes with the next look', async () => {
  const directory = join(ownDirectory(), 'transcripts');
  mkdirSync(directory);
  writeFileSync(join(directory, 'job_1.json.new'), JSON_TEXT.slice(0, 5));
  writeFileSync(join(directory, 'job_2.json'), 'cut off by a disk that lied');
  const store = new TranscriptFileStore(directory);
  expect(store.jobs()).toEqual(['job_2']);
  await store.put('job_2', JSON_TEXT);
  expect(readdirSync(directory)).toEqual(['job_2.json']);
  expect(readFileSync(join(directory, 'job_2.json'), 'utf8')).toBe(JSON_TEXT);
});

test('an id that could be a path is none', async () => {
  const store = new TranscriptFileStore(join(ownDirectory(), 'transcripts'));
  await expect(store.put('../../etc/passwd', JSON_TEXT)).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(() => store.drop('a/b')).toThrow(expect.objectContaining({ code: 'INTERNAL' }) as Error);
});

test('a folder that cannot be written says so', async () => {
  const place = ownDirectory();
  writeFileSync(join(place, 'transcripts'), 'a file in its place');
  await expect(new TranscriptFileStore(join(place, 'transcripts')).put('job_1', JSON_TEXT)).rejects.toMatchObject({
    code: 'INTERNAL',
  });
});
