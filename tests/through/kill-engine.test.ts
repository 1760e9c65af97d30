// The engine is killed while its worker is at work: the next engine gets the transcript that was under way, made once.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inventRecording, writeRecording } from '../small-whisper/speech.mjs';
import { wordErrorRate } from '../small-whisper/wer.mjs';
import { startEngine, temporaryFolder, testEnvironment, whenJob } from './engine-process.ts';
import { readLog } from './worker-process.ts';

const folder = await temporaryFolder();
const dataDir = join(folder.path, 'data');
const recording = join(folder.path, 'long.wav');
let said = '';

beforeAll(async () => {
  // Long enough that the small model is at it for several seconds.
  const spoken = await inventRecording({ seed: 11, seconds: 240 });
  said = spoken.text;
  await writeRecording(spoken, recording);
});

afterAll(() => folder.remove());

test('SIGKILL of the engine while the worker transcribes loses nothing and transcribes nothing twice', async () => {
  const env = testEnvironment();
  const first = await startEngine(dataDir, env);
  let id = '';
  try {
    const { jobs } = await first.client.call('addJobs', {
      paths: [recording],
      options: { formats: ['srt', 'json'] },
    });
    id = jobs[0]?.id ?? '';
    const atWork = await whenJob(
      first.client,
      id,
      (job) => job.stage === 'transcribing' && (job.progress.processedSec ?? 0) > 0,
    );
    expect(atWork.attempt).toBe(1);
  } finally {
    await first.kill();
  }

  const second = await startEngine(dataDir, env);
  try {
    const done = await whenJob(second.client, id, (job) => job.state === 'complete');
    expect(done.attempt).toBe(1);
    expect(done.outputs.map(({ format }) => format).sort()).toEqual(['json', 'srt']);

    const { text, source } = await second.client.call('getTranscript', { id });
    expect(wordErrorRate(said, text)).toBeLessThanOrEqual(0.1);
    expect(source.sha256).toBe(
      createHash('sha256')
        .update(await readFile(recording))
        .digest('hex'),
    );

    const worked = await readLog(join(dataDir, 'worker', 'worker.log'));
    expect(worked.filter(({ event }) => event === 'transcribe_started')).toHaveLength(1);
    expect(worked.filter(({ event }) => event === 'job_started')).toHaveLength(1);
  } finally {
    await second.stop();
  }
});
