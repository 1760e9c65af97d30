import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { JobRequest } from './worker-wire.ts';
import {
  healthSchema,
  jobAcceptedSchema,
  jobStatusSchema,
  pingSchema,
  refusalSchema,
  WORKER_FEATURES,
  workerEventSchema,
} from './worker-wire.ts';

/** A file that both languages read, unparsed by any schema. */
function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'));
}

describe('ping', () => {
  it('is read from a deployed worker, its missing fields neutral', () => {
    expect(pingSchema.parse(fixture('ping.part1'))).toMatchObject({
      protocol: 1,
      features: [],
      warnings: [],
      prefetchJobs: 0,
      bootId: null,
      device: null,
      loadedModels: [],
      identity: { gitCommit: 'b4b98e5' },
    });
  });

  it('is read from our worker whole', () => {
    const ping = pingSchema.parse(fixture('ping.part2'));
    expect(ping).toEqual(fixture('ping.part2'));
    expect(ping.features).toEqual(expect.arrayContaining([...WORKER_FEATURES]));
  });

  it('is not taken from a page that a proxy sends instead', () => {
    for (const page of [null, '<html>', {}, { status: 'ok' }, { ...Object(fixture('ping.part2')), status: 'error' }]) {
      expect(pingSchema.safeParse(page).success).toBe(false);
    }
  });
});

describe('jobs', () => {
  it('reads the answers', () => {
    expect(healthSchema.parse(fixture('health'))).toEqual(fixture('health'));
    expect(jobAcceptedSchema.parse(fixture('job-accepted'))).toEqual(fixture('job-accepted'));
    for (const { body } of z.array(z.object({ body: z.unknown() })).parse(fixture('refusals'))) {
      expect(refusalSchema.parse(body)).toEqual(body);
    }
  });

  it('reads every status, a deployed worker’s too', () => {
    const statuses = z.record(z.string(), jobStatusSchema).parse(fixture('job-status'));
    expect(statuses['running']).toMatchObject({ stage: 'transcribing', progress: { processedSec: 5.123 }, attempt: 2 });
    expect(statuses['complete']?.result?.acknowledged).toBe(true);
    expect(statuses['failed']?.error?.code).toBe('INPUT_MISMATCH');
    expect(statuses['canceled']).toMatchObject({ status: 'canceled', error: null });
    expect(statuses['part1']).toMatchObject({ bootId: null, result: null, error: null });
  });

  it('refuses a stage that nobody knows', () => {
    const { running } = z.record(z.string(), z.looseObject({})).parse(fixture('job-status'));
    expect(jobStatusSchema.safeParse({ ...running, stage: 'dreaming' }).success).toBe(false);
  });

  it('sends what the fixture shows', () => {
    // Typed by hand where the file is not: a field that the type gains or loses fails here.
    const request: JobRequest = {
      controllerJobId: 'job_01',
      controllerSessionHash: '9c1185a5c5e9',
      attempt: 2,
      inputs: [
        {
          inputId: 'in_1',
          filename: 'interview 1.wav',
          contentType: 'audio/wav',
          sizeBytes: 395_084,
          sha256: '3f'.repeat(32),
          audioTrack: 1,
          startSec: 0.5,
          downloadUrl: expect.stringContaining('http://controller.tunnel/api/jobs/job_01/inputs/in_1?'),
        },
      ],
      options: {
        model: 'large-v3',
        language: '',
        diarizationEnabled: true,
        diarizationOptional: true,
        diarizationEffective: { minSpeakers: 2, maxSpeakers: 4, numSpeakers: null },
        vadEnabled: true,
        wordTimestamps: true,
        initialPrompt: '',
        hotwords: 'Zettelkasten',
        channels: 'separate',
      },
      callbackUrl: expect.stringContaining('/worker/complete?'),
      outputsUploadUrl: expect.stringContaining('/worker/outputs?'),
    };
    expect(fixture('job-request')).toEqual(request);
  });
});

describe('events', () => {
  it('reads every kind, and their numbers rise by one', () => {
    const events = z.array(z.looseObject({ id: z.number(), event: z.string() })).parse(fixture('events'));
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
    for (const event of events) expect(workerEventSchema.safeParse(event).error).toBeUndefined();
    expect(new Set(events.map(({ event }) => event))).toEqual(
      new Set(workerEventSchema.options.map((option) => option.shape.event.value)),
    );
  });
});

it('keeps of a worker’s error what a person can read', () => {
  const { error } = jobStatusSchema.parse({
    workerJobId: 'wk_1',
    controllerJobId: 'job_1',
    status: 'failed',
    stage: 'transcribing',
    error: { code: 'X'.repeat(500_000), message: `${'a'.repeat(1_999)}\u{1f600}${'b'.repeat(500_000)}` },
  });
  expect(error?.code).toHaveLength(100);
  expect(error?.message).toBe(`${'a'.repeat(1_999)}\ufffd`);
});
