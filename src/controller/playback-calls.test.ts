import { describe, expect, test } from 'vitest';
import { SOURCE } from '../jobs/job.cases.ts';
import { TestEngine } from './engine.cases.ts';
import { GRANT_IDLE_SECONDS, PlaybackCalls } from './playback-calls.ts';
import { TestClock } from './test-clock.cases.ts';

async function engineWithJob() {
  const engine = new TestEngine();
  const id = await engine.add();
  await expect.poll(async () => (await engine.job(id)).sha256).not.toBeNull();
  return { engine, id };
}

const grantOf = (url: string) => new URL(url, 'http://x').searchParams.get('grant') ?? '';

describe('playing a recording', () => {
  test('an address opens the one file of the one job', async () => {
    const { engine, id } = await engineWithJob();
    const opened = await engine.controller.call('openMedia', { id });
    expect(opened).toMatchObject({ changed: false, mediaType: SOURCE.contentType, durationSec: SOURCE.durationSec });
    const grant = grantOf(opened.url);
    expect(opened.url).toBe(`/api/jobs/${id}/media?grant=${grant}`);
    const { playback } = engine.controller;
    expect(playback.granted(id, grant)?.file.realPath).toBe('/recordings/a.wav');
    expect(playback.granted(id, grant)).not.toBeNull();
    expect(playback.granted('job_other', grant)).toBeNull();
    expect(playback.granted(id, `${grant}x`)).toBeNull();
    expect(grantOf((await engine.controller.call('openMedia', { id })).url)).not.toBe(grant);
  });

  test('it lasts while it is used, and not longer', async () => {
    const { engine, id } = await engineWithJob();
    // With a clock of its own: all that the engine does in sixteen hours would take long.
    const clock = new TestClock();
    const playback = new PlaybackCalls({
      store: engine.store,
      peaks: engine.store,
      media: { identify: async (path) => engine.identify(path) },
      clock,
      chance: { id: (prefix) => `${prefix}_1` },
    });
    const grant = grantOf((await playback.openMedia({ id, evenIfChanged: false })).url);
    const almost = GRANT_IDLE_SECONDS * 1000 - 1;
    for (let times = 0; times < 3; times += 1) {
      await clock.advance(almost);
      expect(playback.granted(id, grant)).not.toBeNull();
    }
    await clock.advance(almost + 1);
    expect(playback.granted(id, grant)).toBeNull();
    expect(playback.granted(id, grant)).toBeNull();
  });

  test('it ends with its job', async () => {
    const { engine, id } = await engineWithJob();
    const grant = grantOf((await engine.controller.call('openMedia', { id })).url);
    await engine.controller.call('cancelJob', { id });
    await engine.controller.call('removeJob', { id });
    expect(engine.controller.playback.granted(id, grant)).toBeNull();
    await expect(engine.controller.call('openMedia', { id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a file that was changed since is played only when a person says so', async () => {
    const { engine, id } = await engineWithJob();
    const { file, contentType } = engine.identify('/recordings/a.wav');
    for (const other of [
      { ...file, sizeBytes: file.sizeBytes + 1 },
      { ...file, mtimeNs: String(BigInt(file.mtimeNs) + 2_000_000n) },
    ]) {
      engine.identify = () => ({ file: other, contentType });
      await expect(engine.controller.call('openMedia', { id })).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
      expect(await engine.controller.call('openMedia', { id, evenIfChanged: true })).toMatchObject({ changed: true });
    }
  });
});

describe('the waveform', () => {
  test('is kept for the recording that it was drawn of', async () => {
    const { engine, id } = await engineWithJob();
    expect(await engine.controller.call('getPeaks', { id })).toEqual({ peaks: null });
    const peaks = { perSecond: 20, data: Buffer.from([0, 255, 7]).toString('base64') };
    await engine.controller.call('putPeaks', { id, peaks });
    expect(await engine.controller.call('getPeaks', { id })).toEqual({ peaks });
    await expect(engine.controller.call('putPeaks', { id, peaks: { perSecond: 0, data: '' } })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    await expect(
      engine.controller.call('putPeaks', { id, peaks: { perSecond: 20, data: 'not base64!' } }),
    ).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(engine.controller.call('getPeaks', { id: 'job_other' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
