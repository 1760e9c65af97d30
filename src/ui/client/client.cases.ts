// Owns what every client promises, whichever way it reaches its engine. Each version runs all of it.

import { describe, expect, it } from 'vitest';
import type { AppEvent } from '../../contract/api.ts';
import { AppError } from '../../contract/errors.ts';
import type { Connection, UiClient } from './client.ts';
import type { MemoryEngine } from './memory-client.ts';
import { sampleTranscript } from './memory-samples.ts';

/** A client and the engine that it reaches. */
export interface ClientUnderTest {
  readonly client: UiClient;
  readonly engine: MemoryEngine;
  close(): Promise<void>;
}

const refusedWith = async (call: Promise<unknown>): Promise<string> => {
  const thrown = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof AppError)) throw new Error(`Not refused as it should be: ${String(thrown)}`);
  return thrown.code;
};

/** Collects events, and waits for one. */
function listen(client: UiClient): { events: AppEvent[]; until(type: AppEvent['type']): Promise<void>; stop(): void } {
  const events: AppEvent[] = [];
  let wake: () => void = () => undefined;
  const stop = client.subscribe((event) => {
    events.push(event);
    wake();
  });
  return {
    events,
    stop,
    async until(type) {
      while (!events.some((event) => event.type === type)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

/** The suite. */
export function clientKeepsItsPromises(name: string, open: () => Promise<ClientUnderTest>): void {
  describe(`${name} client`, () => {
    const check = (what: string, run: (parts: ClientUnderTest) => Promise<void>): void =>
      it(what, async () => {
        const parts = await open();
        try {
          await run(parts);
        } finally {
          await parts.close();
        }
      });

    check('adds a recording that was uploaded, and tells how far the upload is', async ({ client }) => {
      const seen: number[] = [];
      const file = new File(['x'.repeat(300_000)], 'Zeuge Nr. 4 – ä.wav');
      const upload = await client.upload(file, { onProgress: (sent) => seen.push(sent) });
      expect(upload).toMatchObject({ name: 'Zeuge Nr. 4 – ä.wav', sizeBytes: 300_000 });
      expect(seen.at(-1)).toBe(300_000);
      expect([...seen].sort((a, b) => a - b)).toEqual(seen);
      const added = await client.call('addJobs', { uploads: [upload.id], batchName: 'Day 1' });
      expect(added.batch?.name).toBe('Day 1');
      expect(added.jobs.map((job) => [job.name, job.state])).toEqual([['Zeuge Nr. 4 – ä.wav', 'queued']]);
    });

    check('stops an upload', async ({ client }) => {
      const stop = new AbortController();
      stop.abort();
      expect(await refusedWith(client.upload(new File(['x'], 'a.wav'), { signal: stop.signal }))).toBe('USER_CANCELED');
    });

    check('lists in pages and by state', async ({ client, engine }) => {
      await client.call('addJobs', { paths: ['/a.wav', '/b.wav', '/c.wav'] });
      const [first] = [...engine.jobs.keys()];
      await client.call('cancelJob', { id: first ?? '' });
      const page = await client.call('listJobs', { limit: 2 });
      expect(page.jobs.map((job) => job.name)).toEqual(['a.wav', 'b.wav']);
      const rest = await client.call('listJobs', { limit: 2, cursor: page.nextCursor ?? '' });
      expect(rest).toMatchObject({ jobs: [{ name: 'c.wav' }], nextCursor: null });
      expect((await client.call('listJobs', { state: 'canceled' })).jobs.map((job) => job.name)).toEqual(['a.wav']);
    });

    check('puts ids into paths, the rest into the query or the body', async ({ client, engine }) => {
      const { jobs } = await client.call('addJobs', { paths: ['/a.wav'] });
      const [job] = jobs;
      engine.transcripts.set(job?.id ?? '', sampleTranscript([{ text: 'Good morning.' }]));
      const file = await client.call('exportJob', { id: job?.id ?? '', format: 'srt' });
      expect(file).toMatchObject({ filename: 'a.wav.srt', text: 'Good morning.' });
      const view = await client.call('putSettings', { jobDefaults: { model: 'large-v3' } });
      expect(view.settings.jobDefaults.model).toBe('large-v3');
    });

    check('changes a transcript on its revision, undoes, and keeps the machine’s own', async ({ client, engine }) => {
      const { jobs } = await client.call('addJobs', { paths: ['/a.wav'] });
      const id = jobs[0]?.id ?? '';
      engine.transcripts.set(id, sampleTranscript([{ text: 'Good morning.' }, { text: 'Thank you.' }]));
      const texts = async (machine: boolean): Promise<string[]> =>
        (await client.call('getTranscript', { id, machine })).segments.map(({ text }) => text.trim());
      const operations = [{ type: 'set-text' as const, segment: '0', text: 'Good evening.' }];
      const made = await client.call('editTranscript', { id, revision: 0, operations });
      expect(made).toMatchObject({ revision: 1, canUndo: true, edit: { seq: 1, operations } });
      expect(await texts(false)).toEqual(['Good evening.', 'Thank you.']);
      expect(await texts(true)).toEqual(['Good morning.', 'Thank you.']);
      expect(await refusedWith(client.call('editTranscript', { id, revision: 0, operations }))).toBe('CONFLICT');
      const absent = [{ type: 'delete' as const, segment: '7' }];
      expect(await refusedWith(client.call('editTranscript', { id, revision: 1, operations: absent }))).toBe(
        'CONFLICT',
      );
      expect(await client.call('undoEdit', { id, revision: 1 })).toMatchObject({ revision: 2, canRedo: true });
      expect(await texts(false)).toEqual(['Good morning.', 'Thank you.']);
      await client.call('redoEdit', { id, revision: 2 });
      const log = await client.call('listEdits', { id });
      expect(log).toMatchObject({ revision: 3, done: [{ operations }], undone: [] });
    });

    check('gives the recording to a player, and keeps its waveform', async ({ client, engine }) => {
      const { jobs } = await client.call('addJobs', { paths: ['/a.wav'] });
      const id = jobs[0]?.id ?? '';
      expect(await refusedWith(client.call('openMedia', { id }))).toBe('SOURCE_MISSING');
      engine.recordings.set(id, '/media/a');
      expect(await client.call('openMedia', { id })).toMatchObject({ url: '/media/a', changed: false });
      expect(await client.call('getPeaks', { id })).toEqual({ peaks: null });
      const peaks = { perSecond: 20, data: 'AAEC' };
      await client.call('putPeaks', { id, peaks });
      expect(await client.call('getPeaks', { id })).toEqual({ peaks });
    });

    check('tells a refusal by its code', async ({ client }) => {
      expect(await refusedWith(client.call('getJob', { id: 'nobody/../else' }))).toBe('NOT_FOUND');
      expect(await refusedWith(client.call('addJobs', {}))).toBe('BAD_REQUEST');
      const { jobs } = await client.call('addJobs', { paths: ['/a.wav'] });
      const id = jobs[0]?.id ?? '';
      await client.call('cancelJob', { id });
      expect(await refusedWith(client.call('cancelJob', { id }))).toBe('CONFLICT');
      expect(await client.call('removeJob', { id })).toEqual({});
    });

    check('begins with ready, and then tells what happens until it is asked to stop', async ({ client, engine }) => {
      const ear = listen(client);
      await ear.until('ready');
      expect(ear.events.map((event) => event.type)).toEqual(['ready']);
      const { jobs } = await client.call('addJobs', { paths: ['/a.wav'] });
      await ear.until('job');
      const id = jobs[0]?.id ?? '';
      engine.tell({
        type: 'segment',
        id,
        attempt: 1,
        segment: { id: 0, start: 0, end: 2, text: ' Grüße.\n\ndata: no' },
      });
      await ear.until('segment');
      expect(ear.events.at(-1)).toMatchObject({ segment: { text: ' Grüße.\n\ndata: no' } });
      ear.stop();
      const before = ear.events.length;
      await client.call('removeJob', { id });
      await client.call('listJobs', {});
      expect(ear.events).toHaveLength(before);
    });

    check('tells when the engine is lost and when it is back', async ({ client, engine }) => {
      const seen: Connection[] = [];
      const unwatch = client.watchConnection((connection) => seen.push(connection));
      const ear = listen(client);
      await ear.until('ready');
      engine.connect('lost');
      while (seen.at(-1) !== 'lost') await new Promise((resolve) => setTimeout(resolve, 5));
      ear.events.length = 0;
      engine.connect('open');
      await ear.until('ready');
      expect(seen).toEqual(['connecting', 'open', 'lost', 'open']);
      unwatch();
      ear.stop();
    });
  });
}
