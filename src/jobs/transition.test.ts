import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFinal, JOB_STATES } from '../contract/job.ts';
import { ADDED, anyEvent, attemptEvents, SOURCE } from './job.cases.ts';
import type { JobRecord } from './record.ts';
import { MAX_WORKER_DEATHS, RETRY_DELAYS } from './retry.ts';
import type { JobEvent, Refusal } from './transition.ts';
import { isOpen, transition } from './transition.ts';

const SHA = '1'.repeat(64);

/** The job after all events; each must be allowed. */
function jobAfter(job: JobRecord, ...events: JobEvent[]): JobRecord {
  return events.reduce((before, event, index) => {
    const result = transition(before, event, 1_000 + index);
    if (!result.ok) throw new Error(`${event.type} was refused in ${before.state}: ${result.refusal}`);
    return result.job;
  }, job);
}

function refusal(job: JobRecord, event: JobEvent): Refusal | null {
  const result = transition(job, event, 2_000);
  return result.ok ? null : result.refusal;
}

const prepared = jobAfter(ADDED, { type: 'prepare_started' }, { type: 'prepared', source: SOURCE });
const dispatching = jobAfter(prepared, { type: 'attempt_opened', workerId: 'w1' });
const accepted: JobEvent = { type: 'attempt_accepted', attempt: 1, workerJobId: 'wk_1', bootId: 'boot' };
const running = jobAfter(dispatching, accepted, { type: 'attempt_stage', attempt: 1, stage: 'transcribing' });
const receiving = jobAfter(running, { type: 'delivered', attempt: 1, sha256: SHA });
const complete = jobAfter(receiving, { type: 'outputs_written' });

describe('the way of a job', () => {
  it('goes from queued to complete', () => {
    expect([ADDED, prepared, dispatching, running, receiving, complete].map((job) => job.state)).toEqual([
      'queued',
      'queued',
      'dispatching',
      'running',
      'receiving',
      'complete',
    ]);
    expect(complete).toMatchObject({ attempt: 1, transcriptSha256: SHA, open: null, stage: null, lastWorkerId: 'w1' });
    expect(complete.finishedAt).not.toBeNull();
    expect(isOpen(receiving)).toBe(true);
    expect(isOpen(complete)).toBe(false);
  });

  it('is offered to no worker before it was prepared, and to one at a time', () => {
    expect(refusal(ADDED, { type: 'attempt_opened', workerId: 'w1' })).toBe('unprepared');
    expect(refusal(running, { type: 'attempt_opened', workerId: 'w2' })).toBe('wrong_state');
  });

  it('is complete with a delivery that overtakes the acceptance', () => {
    expect(jobAfter(dispatching, { type: 'delivered', attempt: 1, sha256: SHA }).state).toBe('receiving');
  });

  it('believes no stage before the worker accepted', () => {
    const waiting = jobAfter(dispatching, { type: 'wait', reason: 'worker_unreachable', until: null, message: '' });
    expect(refusal(waiting, { type: 'attempt_stage', attempt: 1, stage: 'transcribing' })).toBe('not_accepted');
    expect(jobAfter(waiting, accepted).state).toBe('running');
  });

  it('keeps its open attempt while its worker cannot be reached', () => {
    const waiting = jobAfter(running, {
      type: 'wait',
      reason: 'worker_unreachable',
      until: null,
      message: 'no answer',
    });
    expect(waiting).toMatchObject({ state: 'waiting', open: running.open, waiting: { since: 1_000 } });
    expect(refusal(waiting, { type: 'wake' })).toBe('attempt_open');
    expect(refusal(waiting, { type: 'retry' })).toBe('attempt_open');
    const longer = transition(waiting, { type: 'wait', reason: 'worker_unreachable', until: null, message: '' }, 9_000);
    expect(longer.ok && longer.job.waiting?.since).toBe(1_000);
    expect(jobAfter(waiting, { type: 'attempt_stage', attempt: 1, stage: 'diarizing' }).state).toBe('running');
  });

  it('counts no retry when a worker declines, and never uses its number again', () => {
    const declined = jobAfter(dispatching, {
      type: 'attempt_declined',
      attempt: 1,
      reason: 'no_capacity',
      until: 5,
      message: '',
    });
    expect(declined).toMatchObject({ state: 'waiting', open: null, retries: 0 });
    const again = jobAfter(declined, { type: 'wake' }, { type: 'attempt_opened', workerId: 'w2' });
    expect(again.attempt).toBe(2);
    expect(refusal(again, { type: 'delivered', attempt: 1, sha256: SHA })).toBe('other_attempt');
  });
});

describe('failing and retrying', () => {
  const failedWith = (code: 'ENGINE_FAILED' | 'NO_AUDIO' | 'SOURCE_CHANGED'): JobEvent => ({
    type: 'attempt_failed',
    attempt: 1,
    error: { code, message: 'so' },
    chance: 0.5,
  });

  it('waits for the time of the retry table, then fails for good', () => {
    const first = jobAfter(running, failedWith('ENGINE_FAILED'));
    expect(first).toMatchObject({ state: 'waiting', retries: 1, finishedAt: null, error: { code: 'ENGINE_FAILED' } });
    expect(first.waiting).toMatchObject({ reason: 'retry', until: 1_000 + (RETRY_DELAYS.ENGINE_FAILED?.[0] ?? 0) });
    const second = jobAfter(
      first,
      { type: 'wake' },
      { type: 'attempt_opened', workerId: 'w1' },
      { ...accepted, attempt: 2 },
    );
    expect(jobAfter(second, { ...failedWith('ENGINE_FAILED'), attempt: 2 } as JobEvent).state).toBe('failed');
  });

  it('fails at once where trying again cannot help', () => {
    expect(jobAfter(running, failedWith('NO_AUDIO'))).toMatchObject({ state: 'failed', open: null, finishedAt: 1_000 });
  });

  it('looks at a recording again that changed', () => {
    expect(jobAfter(running, failedWith('SOURCE_CHANGED')).source).toBeNull();
  });

  it('sets a recording aside that took two workers down, until a person retries', () => {
    let job = running;
    for (let death = 1; death <= MAX_WORKER_DEATHS; death += 1) {
      const error = { code: 'REMOTE_JOB_NOT_FOUND', message: '' } as const;
      job = jobAfter(job, { type: 'attempt_lost', attempt: death, error, workerDied: true, chance: 0 });
      expect(job.workerDeaths).toBe(death);
      if (death < MAX_WORKER_DEATHS) job = jobAfter(job, { type: 'wake' }, { type: 'attempt_opened', workerId: 'w1' });
    }
    expect(job).toMatchObject({ state: 'failed', error: { code: 'POISONED' } });
    expect(jobAfter(job, { type: 'retry' })).toMatchObject({
      state: 'queued',
      workerDeaths: 0,
      retries: 0,
      finishedAt: null,
    });
  });

  it('never transcribes again what was delivered', () => {
    const failed = jobAfter(receiving, { type: 'outputs_failed', error: { code: 'DISK_FULL', message: '' } });
    expect(jobAfter(failed, { type: 'retry' })).toMatchObject({ state: 'receiving', transcriptSha256: SHA });
  });

  it('cannot be canceled once it is delivered', () => {
    expect(refusal(receiving, { type: 'cancel' })).toBe('wrong_state');
  });
});

/** What is true of every job at every time, whatever happened to it. */
function assertLegal(job: JobRecord): void {
  const { state, open } = job;
  if (state === 'dispatching' || state === 'running') expect(open).not.toBeNull();
  else if (state !== 'waiting') expect(open).toBeNull();
  if (open !== null) expect(job.attempt).toBeGreaterThan(0);
  if (state === 'running') expect(open?.workerJobId).not.toBeNull();
  if (state === 'receiving' || state === 'complete') expect(job.transcriptSha256).not.toBeNull();
  if (job.transcriptSha256 !== null) expect(['receiving', 'complete', 'failed']).toContain(state);
  expect(job.finishedAt !== null).toBe(isFinal(state));
  expect(job.waiting !== null).toBe(state === 'waiting');
  if (state === 'failed' || state === 'canceled') expect(job.error).not.toBeNull();
  if (state === 'complete') expect(job.error).toBeNull();
  if (open === null) expect(job.stage).toBeNull();
  if (open !== null) expect(job.source).not.toBeNull();
}

describe('any sequence of events', () => {
  // Mostly the events of the present attempt, so that long ways are walked, and now and then an older or a newer one.
  const steps = fc.array(fc.record({ event: anyEvent(fc.constant(0)), off: fc.constantFrom(0, 0, 0, 0, -1, 1) }), {
    maxLength: 60,
    size: 'max',
  });

  it('leaves a legal job', () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(steps, (sequence) => {
        let job = ADDED;
        for (const [index, { event, off }] of sequence.entries()) {
          const now = 1_000 + index;
          const placed = 'attempt' in event ? { ...event, attempt: job.attempt + off } : event;
          const result = transition(job, placed, now);
          if (!result.ok) continue;
          assertLegal(result.job);
          expect(result.job.revision).toBe(job.revision + 1);
          expect(result.job.updatedAt).toBe(now);
          expect(result.job.attempt).toBe(job.attempt + (event.type === 'attempt_opened' ? 1 : 0));
          if (job.transcriptSha256 !== null) expect(result.job.transcriptSha256).toBe(job.transcriptSha256);
          // What is over stays as it is until a person says retry; only its recording may be found elsewhere.
          if (isFinal(job.state) && event.type === 'located') expect(result.job.state).toBe(job.state);
          else if (isFinal(job.state)) expect(event.type).toBe('retry');
          if ('attempt' in placed) expect(placed.attempt).toBe(job.attempt);
          job = result.job;
          reached.add(job.state);
        }
      }),
      { numRuns: 3_000 },
    );
    expect([...reached].sort()).toEqual([...JOB_STATES].sort());
  });

  it('changes nothing when it is about an earlier attempt, in whatever order and however often it comes', () => {
    const second = jobAfter(
      running,
      {
        type: 'attempt_lost',
        attempt: 1,
        error: { code: 'REMOTE_JOB_NOT_FOUND', message: '' },
        workerDied: false,
        chance: 0,
      },
      { type: 'wake' },
      { type: 'attempt_opened', workerId: 'w2' },
    );
    const later = jobAfter(second, { ...accepted, attempt: 2 });
    const retried = jobAfter(later, { type: 'cancel' }, { type: 'retry' });
    fc.assert(
      fc.property(
        fc.constantFrom(second, later, retried),
        fc.array(fc.oneof(...attemptEvents(fc.constantFrom(0, 1))), { maxLength: 20 }),
        (job, events) => {
          for (const event of events) expect(transition(job, event, 5_000).ok).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never brings a canceled job back, until a person retries it', () => {
    const canceled = jobAfter(running, { type: 'cancel' });
    fc.assert(
      fc.property(anyEvent(fc.constantFrom(0, 1, 2)), (event) => {
        expect(transition(canceled, event, 5_000).ok).toBe(event.type === 'retry');
      }),
    );
  });

  it('does not change the job that it was given', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(ADDED, prepared, dispatching, running, receiving, complete),
        anyEvent(fc.constant(1)),
        (job, event) => {
          const before = structuredClone(job);
          transition(job, event, 5_000);
          expect(job).toEqual(before);
        },
      ),
    );
  });
});
