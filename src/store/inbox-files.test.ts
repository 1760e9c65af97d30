import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileInbox } from './inbox-files.ts';
import { ownDirectory } from './store.cases.ts';

const RUN = { jobId: 'job_1', attempt: 1, workerJobId: 'wk_../../etc' };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('what was put is there for a new inbox, for this user alone, and the same again is one', () => {
  const directory = join(ownDirectory(), 'inbox');
  new FileInbox(directory).put(RUN, 'json', bytes('{"a":1}'));
  const inbox = new FileInbox(directory);
  inbox.put(RUN, 'json', bytes('{"a":1}'));
  expect(inbox.get(RUN, 'json')).toBe('{"a":1}');
  expect(inbox.get(RUN, 'diarization-json')).toBeNull();
  expect(inbox.get({ ...RUN, attempt: 2 }, 'json')).toBeNull();
  expect(inbox.get({ ...RUN, workerJobId: 'wk_other' }, 'json')).toBeNull();
  const files = readdirSync(join(directory, 'job_1'));
  expect(files).toHaveLength(1);
  if (process.platform !== 'win32') expect(statSync(join(directory, 'job_1', files[0] ?? '')).mode & 0o777).toBe(0o600);
});

test('other bytes never replace those that were acknowledged', () => {
  const inbox = new FileInbox(join(ownDirectory(), 'inbox'));
  inbox.put(RUN, 'json', bytes('one'));
  expect(() => inbox.put(RUN, 'json', bytes('two'))).toThrow(expect.objectContaining({ code: 'CONFLICT' }) as Error);
  expect(inbox.get(RUN, 'json')).toBe('one');
});

test('a job is cleared with all its attempts; others stay', () => {
  const directory = join(ownDirectory(), 'inbox');
  const inbox = new FileInbox(directory);
  expect(inbox.jobs()).toEqual([]);
  inbox.clear('job_1');
  inbox.put(RUN, 'json', bytes('one'));
  inbox.put({ ...RUN, attempt: 2 }, 'diarization-json', bytes('[]'));
  inbox.put({ ...RUN, jobId: 'job_2' }, 'json', bytes('one'));
  inbox.clear('job_1');
  expect(inbox.jobs()).toEqual(['job_2']);
  expect(existsSync(join(directory, 'job_1'))).toBe(false);
});

test('an id that could be a path becomes none', () => {
  const inbox = new FileInbox(join(ownDirectory(), 'inbox'));
  for (const jobId of ['..', '../x', 'a/b', '', '.'])
    expect(() => inbox.clear(jobId), jobId).toThrow(expect.objectContaining({ code: 'INTERNAL' }) as Error);
});
