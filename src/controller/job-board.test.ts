import { expect, test } from 'vitest';
import type { AppEvent } from '../contract/api.ts';
import { TRANSCRIPT_LIMITS } from '../contract/transcript.ts';
import { JobBoard } from './job-board.ts';
import { TestClock } from './test-clock.cases.ts';

function board(): { readonly board: JobBoard; readonly told: AppEvent[] } {
  const told: AppEvent[] = [];
  return {
    board: new JobBoard(
      new TestClock(),
      (event) => void told.push(event),
      () => true,
    ),
    told,
  };
}

const line = (id: number, text: string) => ({ id, start: id, end: id + 1, text });

test('live lines are kept by their id, and one that comes again is told once', () => {
  const { board: jobs, told } = board();
  jobs.segment('job_1', 1, line(1, ' two'));
  jobs.segment('job_1', 1, line(0, ' one'));
  jobs.segment('job_1', 1, line(1, ' two'));
  expect(jobs.live('job_1').map(({ text }) => text)).toEqual([' one', ' two']);
  expect(told).toHaveLength(2);
});

test('a worker that never ends telling lines fills no memory', () => {
  const { board: jobs, told } = board();
  const text = 'a'.repeat(TRANSCRIPT_LIMITS.textLength);
  for (let id = 0; id < 1_000; id += 1) jobs.segment('job_1', 1, line(id, text));
  const kept = jobs.live('job_1').reduce((sum, each) => sum + each.text.length, 0);
  expect(kept).toBeLessThanOrEqual(TRANSCRIPT_LIMITS.bytes / 4);
  expect(told.length).toBe(jobs.live('job_1').length);
  // What is there may still become shorter, and makes room.
  jobs.segment('job_1', 1, line(0, ' short'));
  jobs.segment('job_1', 1, line(5_000, ' another'));
  expect(jobs.live('job_1').at(-1)?.text).toBe(' another');
  for (let id = 0; id < TRANSCRIPT_LIMITS.segments + 10; id += 1) jobs.segment('job_2', 1, line(id, ''));
  expect(jobs.live('job_2')).toHaveLength(TRANSCRIPT_LIMITS.segments);
});
