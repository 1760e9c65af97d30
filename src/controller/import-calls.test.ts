import { describe, expect, test } from 'vitest';
import { SOURCE } from '../jobs/job.cases.ts';
import { TestEngine } from './engine.cases.ts';

const SRT =
  '1\n00:00:01,000 --> 00:00:02,500\n[SPEAKER_01]: Hello there.\n\n2\n00:00:03,000 --> 00:00:04,000\nGood bye.\n';
const file = (text: string) => ({ text, sizeBytes: text.length, sha256: 'c'.repeat(64) });

function engineWith(text: string): TestEngine {
  const engine = new TestEngine();
  engine.read = () => file(text);
  return engine;
}

describe('importing a transcript', () => {
  test('makes a complete job that is read, corrected and written as any other', async () => {
    const engine = engineWith(SRT);
    const job = await engine.controller.call('importTranscript', {
      path: '/texts/a.srt',
      recording: '/recordings/a.wav',
    });
    expect(job).toMatchObject({
      name: 'a.wav',
      sourcePath: '/recordings/a.wav',
      state: 'complete',
      hasTranscript: true,
      sha256: SOURCE.sha256,
      durationSec: SOURCE.durationSec,
      outputs: [],
      options: { model: 'imported' },
    });
    expect(engine.events.filter(({ type }) => type === 'job')).toHaveLength(2);
    const { id } = job;
    const read = await engine.controller.call('getTranscript', { id });
    expect(read.segments.map(({ text, speaker }) => [text, speaker])).toEqual([
      [' Hello there.', 'SPEAKER_01'],
      [' Good bye.', undefined],
    ]);
    expect(read).toMatchObject({ duration: SOURCE.durationSec, source: { sha256: SOURCE.sha256 }, revision: 0 });
    await engine.controller.call('editTranscript', {
      id,
      revision: 0,
      operations: [{ type: 'set-text', segment: '0', text: ' Hello here.' }],
    });
    expect((await engine.controller.call('exportJob', { id, format: 'txt' })).text).toContain('Hello here.');
    expect(await engine.controller.call('openMedia', { id })).toMatchObject({ changed: false });
    await engine.controller.call('writeExports', { id, formats: ['vtt'] });
    expect(engine.rewritten).toMatchObject([
      { options: { formats: ['vtt'] }, text: expect.stringContaining('Hello here.') },
    ]);
  });

  test('needs no recording, and then there is none to play', async () => {
    const engine = engineWith('WEBVTT\n\n00:01.000 --> 00:02.000\n<v Anna>Hello.\n');
    const job = await engine.controller.call('importTranscript', { path: '/texts/a.vtt' });
    expect(job).toMatchObject({ name: 'a.vtt', state: 'complete', sha256: null });
    const read = await engine.controller.call('getTranscript', { id: job.id });
    expect(read.source).toMatchObject({ filename: 'a.vtt', sha256: 'c'.repeat(64), duration: 2 });
    await expect(engine.controller.call('openMedia', { id: job.id })).rejects.toMatchObject({
      code: 'SOURCE_MISSING',
      message: 'There is no recording to this transcript.',
    });
    expect(await engine.controller.call('getPeaks', { id: job.id })).toEqual({ peaks: null });
  });

  test('that is refused leaves nothing behind', async () => {
    for (const text of ['', 'Just some words.', '{"segments": 7}', '{"a": ', '[{"text":1}]', 'WEBVTT\n\n']) {
      const engine = engineWith(text);
      await expect(engine.controller.call('importTranscript', { path: '/texts/a.srt' })).rejects.toMatchObject({
        code: 'BAD_REQUEST',
      });
      expect((await engine.controller.call('listJobs', {})).jobs).toEqual([]);
    }
    const engine = engineWith(SRT);
    for (const wrong of [{}, { path: '/a', upload: 'up_1' }, { path: '/a', recording: '/b', recordingUpload: 'up_2' }])
      await expect(engine.controller.call('importTranscript', wrong)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(engine.controller.call('importTranscript', { upload: 'up_1' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('is never taken for what a model made of the same recording', async () => {
    const engine = engineWith(SRT);
    await engine.controller.call('importTranscript', { path: '/texts/a.srt', recording: '/recordings/a.wav' });
    const id = await engine.add('a.wav');
    await expect.poll(async () => (await engine.job(id)).attempt).toBe(1);
    expect((await engine.job(id)).copiedFrom).toBeNull();
  });
});
