import { describe, expect, test } from 'vitest';
import { DOCTOR_CHECKS } from '../contract/doctor.ts';
import { AppError } from '../contract/errors.ts';
import { TestEngine } from './engine.cases.ts';
import { plainLine } from './report-bundle.ts';

const found = async (engine: TestEngine) => (await engine.controller.call('doctor', {})).findings;
const of = async (engine: TestEngine, check: string) =>
  (await found(engine)).find((finding) => finding.check === check && finding.subject?.id !== 'local');

describe('the doctor', () => {
  test('finds nothing where all is well, and looks at this computer first', async () => {
    const engine = new TestEngine();
    engine.worker.ping = { diarization: true };
    await engine.clock.advance(10_000);
    const report = await engine.controller.call('doctor', {});
    expect(report.ok).toBe(true);
    expect(report.findings.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    expect(report.findings[0]).toMatchObject({ check: 'environment', subject: null });
    const checks = report.findings.map(({ check }) => check);
    // Each has something that looks: none is only promised.
    expect(new Set(checks)).toEqual(new Set(DOCTOR_CHECKS));
  });

  test.each([
    ['REMOTE_WORKER_UNREACHABLE', 'worker_reachable', /port 8477/],
    ['REMOTE_WORKER_UNAUTHORIZED', 'worker_token', /exactly the same/],
  ] as const)('says what to do about %s', async (code, check, advice) => {
    const engine = new TestEngine();
    engine.worker.down = new AppError(code, 'So.');
    await engine.clock.advance(10_000);
    const finding = await of(engine, check);
    expect(finding).toMatchObject({ verdict: 'failed', subject: { name: 'worker.example' } });
    expect(finding?.advice.join(' ')).toMatch(advice);
    expect((await engine.controller.call('doctor', {})).ok).toBe(false);
  });

  test('names what a worker lacks for what is set, and another build than expected', async () => {
    const engine = new TestEngine();
    engine.settings = {
      ...engine.settings,
      expectedIdentity: { gitCommit: 'xyz789', imageDigest: null },
      jobDefaults: { ...engine.settings.jobDefaults, model: 'large-v3', diarize: true },
    };
    engine.worker.ping = { diarizationReason: 'HF_TOKEN is not set.' };
    await engine.clock.advance(10_000);
    expect(await of(engine, 'worker_models')).toMatchObject({ verdict: 'warning' });
    expect(await of(engine, 'worker_diarization')).toMatchObject({
      verdict: 'failed',
      message: expect.stringContaining('HF_TOKEN is not set.'),
    });
    expect(await of(engine, 'worker_identity')).toMatchObject({
      verdict: 'warning',
      message: expect.stringContaining("gitCommit: expected 'xyz789', got 'b4b98e5'"),
    });
  });
});

test('a watched folder that is gone is named, also when nothing has looked at it yet', async () => {
  const engine = new TestEngine();
  const { id } = await engine.controller.call('addWatchFolder', { path: '/drive/watched' });
  expect(await of(engine, 'watch_folders')).toMatchObject({ verdict: 'ok' });
  engine.intake.files = null;
  const away = { verdict: 'warning', message: 'Not there, or not to be read: /drive/watched.' };
  expect(await of(engine, 'watch_folders')).toMatchObject(away);
  await engine.controller.call('changeWatchFolder', { id, enabled: false });
  expect(await of(engine, 'watch_folders')).toMatchObject({ verdict: 'ok' });
});

describe('the report to be sent', () => {
  test('holds the findings and the log, and nothing that is only this person’s', async () => {
    const engine = new TestEngine();
    engine.settings = {
      ...engine.settings,
      jobDefaults: {
        ...engine.settings.jobDefaults,
        initialPrompt: 'Mrs Confidential',
        outDir: '/home/anna/secret case',
      },
    };
    await engine.controller.call('addWatchFolder', { path: '/home/anna/watched' });
    engine.intake.files = null;
    engine.logLines.push(
      JSON.stringify({
        level: 'info',
        event: 'job_changed',
        jobId: 'job_1',
        message: 'Interview with Mr X.wav',
        attempt: 2,
      }),
      JSON.stringify({ level: 'error', event: 'outputs_failed', message: '/home/anna/out', code: 'EXPORT_FAILED' }),
      'no JSON: Interview with Mr X',
    );
    await engine.add('Interview with Mr X.wav');
    await engine.clock.advance(30_000);
    const { text, filename } = await engine.controller.call('doctorBundle', {});
    expect(filename).toMatch(/^bulk-transcribe-report-\d{4}-\d\d-\d\d\.txt$/);
    expect(text).toContain('job_changed');
    expect(text).toContain('EXPORT_FAILED');
    expect(text).toContain('watch_folders');
    for (const word of ['anna', 'Mr X', 'Confidential', 'secret case', 'worker.example', 'the token of the worker'])
      expect(text).not.toContain(word);
  });

  test('takes of a line of the log only what can be no name', () => {
    expect(plainLine('{"level":"info","event":"worker_health","health":"ok","name":"Anna","n":3,"deep":{"a":1}}')).toBe(
      '{"level":"info","event":"worker_health","health":"ok","n":3}',
    );
    expect(plainLine('{"event":"has spaces in it","code":"/a/path"}')).toBe('');
    expect(plainLine('[1]')).toBe('');
  });
});
