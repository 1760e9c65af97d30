import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { BatchView } from '../../contract/batch.ts';
import { EMPTY_TALLY } from '../../contract/batch.ts';
import type { JobView } from '../../contract/job.ts';
import { JOB_STAGES, NO_PROGRESS } from '../../contract/job.ts';
import { DEFAULT_JOB_OPTIONS } from '../../contract/options.ts';
import { SAMPLE_JOB } from '../app-api-views.cases.ts';
import { manualClock } from '../manual-clock.cases.ts';
import { jobLine, ProgressLines, stateText } from './progress-lines.ts';

const running: JobView = { ...SAMPLE_JOB, state: 'running', stage: 'transcribing', outputs: [], durationSec: 100 };
const batch: BatchView = {
  ...EMPTY_TALLY,
  ...{ id: 'batch_1', name: 'two', createdAt: 1, pausedSince: null, costUsd: null, options: null, etaSec: 754 },
};

/** What is drawn on a terminal of 80 columns, with the marks by which it is drawn over taken out. */
function terminal(isTTY = true) {
  const clock = manualClock();
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (part) => {
    text += String(part);
  });
  const out = Object.assign(stream, { isTTY, columns: 80, rows: 24 });
  const lines = new ProgressLines(out as unknown as NodeJS.WriteStream, clock);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal's own marks are what is taken out
  return { clock, lines, text: () => text.replace(/\u001b\[[0-9?;]*[A-Za-z]/g, '') };
}

describe('on a terminal', () => {
  test('says how long all will take, and until that is known how long the present one does', () => {
    const { clock, lines, text } = terminal();
    lines.job({ ...running, progress: { ...NO_PROGRESS, processedSec: 10, totalSec: 100, speed: 2, etaSec: 45 } });
    lines.job({ ...SAMPLE_JOB, id: 'job_2', state: 'queued', outputs: [] });
    clock.advance(1000);
    expect(text()).toContain('0 of 2 finished, about 0:45 for the present one');
    expect(text()).toContain('0:10 / 1:40  2.0×');
    lines.batch(batch);
    clock.advance(1000);
    expect(text()).toContain('0 of 2 finished, about 12:34 left');
    lines.close();
  });

  test('a line is never wider than it, and a name does not steer it', () => {
    const long = jobLine({ ...running, name: '聴聞会の録音'.repeat(9) }, 60);
    expect(long).toMatch(/^聴聞会の録音聴聞会の録音聴… {2}/);
    expect(jobLine({ ...running, name: 'a\u001b[2J.wav' }, 60)).toContain('a�[2J.wav');
  });
});

test('a bar is full as soon as all was heard, and empty where nothing will be', () => {
  const bars = (['running', 'receiving', 'complete', 'failed'] as const).map((state) =>
    jobLine({ ...running, state, progress: { ...NO_PROGRESS, percent: 50 } }, 80).replace(/[^█]/g, ''),
  );
  expect(bars.map(({ length }) => length)).toEqual([12, 24, 24, 0]);
});

test('every stage is said in words of its own', () => {
  const said = JOB_STAGES.map((stage) => stateText({ ...running, stage }));
  expect(said.filter((text) => /_|initializ|downloading|uploading|^complete/.test(text))).toEqual([]);
  expect(
    stateText({
      ...SAMPLE_JOB,
      state: 'waiting',
      waiting: { reason: 'no_worker', since: 1, until: null, message: '' },
    }),
  ).toBe('waiting: no worker');
});

test('the end names what was not written, what was not transcribed again, and how much was', () => {
  const { clock, lines, text } = terminal(false);
  const options = { ...DEFAULT_JOB_OPTIONS, formats: ['srt' as const, 'json' as const], conflict: 'skip' as const };
  const copied = { jobId: 'x', name: 'first.wav', finishedAt: 1 };
  const jobs = [
    { ...SAMPLE_JOB, name: 'a.wav', durationSec: 3725, options },
    { ...SAMPLE_JOB, name: 'b.wav', id: 'job_2', durationSec: 60, copiedFrom: copied },
  ];
  for (const job of jobs) lines.job(job);
  clock.advance(65_000);
  lines.close();
  lines.summary(jobs, 1);
  expect(text()).toContain('b.wav: done before (first.wav), not transcribed again\n');
  expect(text()).toContain('a.wav: json not written, because there was a file of that name.\n');
  expect(text()).toContain('2 of 3 recordings transcribed. 1:02:05 of audio in 1:05.\n');
});
