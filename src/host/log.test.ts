import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileLog, lastLines } from './log.ts';
import { Redaction, redactShapes } from './redaction.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bt-log-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const all = (): string =>
  readdirSync(join(dir, 'logs'))
    .map((name) => readFileSync(join(dir, 'logs', name), 'utf8'))
    .join('');

describe('the log', () => {
  it('is one object a line, for this user alone', () => {
    const log = fileLog(dir);
    log.info('job_changed', { jobId: 'job_1', attempt: 2 });
    log.info('refused', { event: 'wake', level: 'none' });
    log.error('outputs_failed', { message: 'a "quoted"\nline' });
    log.close();
    const [first, named, second] = lastLines(dir, 10).map((line): unknown => JSON.parse(line));
    expect(first).toMatchObject({ level: 'info', event: 'job_changed', jobId: 'job_1', attempt: 2 });
    expect(named).toMatchObject({ event: 'refused' });
    expect(second).toMatchObject({ level: 'error', message: 'a "quoted"\nline' });
    expect(statSync(join(dir, 'logs', 'engine.log')).mode & 0o777).toBe(0o600);
  });

  it('is turned over while it is written, keeps four older ones, and loses no line between two', () => {
    const log = fileLog(dir, { turnOverBytes: 4_000 });
    for (let number = 0; number < 400; number += 1) log.info('counted', { number });
    log.close();
    const files = readdirSync(join(dir, 'logs')).sort();
    expect(files).toEqual(['engine.log', 'engine.log.1', 'engine.log.2', 'engine.log.3', 'engine.log.4']);
    for (const file of files) expect(statSync(join(dir, 'logs', file)).size).toBeLessThan(4_200);
    const numbers = files
      .toReversed()
      .flatMap((name) =>
        readFileSync(join(dir, 'logs', name), 'utf8')
          .trim()
          .split('\n'),
      )
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { number: number }).number);
    expect(numbers.at(-1)).toBe(399);
    for (const [index, number] of numbers.entries()) expect(number).toBe((numbers[0] ?? 0) + index);
  });
});

describe('secrets', () => {
  const letters = fc.stringMatching(/^[A-Za-z0-9]{20,60}$/);
  const any = fc.string({ minLength: 8, maxLength: 60, unit: 'grapheme' }).filter((text) => text.trim().length >= 8);
  const shaped = fc.oneof(
    letters.map((text) => `rpa_${text}`),
    letters.map((text) => `hf_${text}`),
  );
  const around = fc.constantFrom('', 'at ', 'https://x.example/a?b=1&token=', 'Authorization: Bearer ', '\n"', ' \\ ');

  it('are in no line, wherever and however deep they stand, by value', () => {
    fc.assert(
      fc.property(fc.oneof(any, letters, shaped), around, fc.constantFrom('a', 'b', 'c'), (secret, before, depth) => {
        const redaction = new Redaction();
        redaction.hide(secret);
        const own = mkdtempSync(join(dir, 'run-'));
        const log = fileLog(own, { redaction });
        const text = `${before}${secret}.`;
        const fields = { a: { message: text }, b: { deep: [{ er: { text } }] }, c: { error: String(new Error(text)) } };
        log.warn('planted', fields[depth as 'a' | 'b' | 'c']);
        log.close();
        const written = readFileSync(join(own, 'logs', 'engine.log'), 'utf8');
        expect(written).not.toContain(JSON.stringify(secret.trim()).slice(1, -1));
        expect(JSON.parse(written)).toMatchObject({ event: 'planted' });
      }),
      { numRuns: 150 },
    );
  });

  it('are struck out by shape where nobody told their value', () => {
    fc.assert(
      fc.property(letters, (secret) => {
        for (const text of [
          `GET /api/jobs/j/inputs/i?exp=1&sig=${secret}&v=1`,
          `Authorization: Bearer ${secret}`,
          `rpa_${secret}`,
          `key hf_${secret} refused`,
          JSON.stringify({ token: secret, other: 1 }),
          `https://api.example/graphql?api_key=${secret}`,
          `refused: ${JSON.stringify(JSON.stringify({ at: 1, token: secret }))}`,
          JSON.stringify({ said: JSON.stringify({ body: JSON.stringify({ apiKey: secret }) }) }),
          `https://somebody:${secret}@worker.example/v1/ping`,
          `Authorization: Basic ${secret}`,
          `started with WORKER_TOKEN=${secret} HOME=/root`,
          `cloudflared tunnel run --token ${secret}`,
          `eyJhbGciOiJI.${secret}.c2lnbmF0dXJl`,
          `session-eyJhbGciOiJI.${secret}.c2lnbmF0dXJl`,
          `redis://:${secret}@queue.example:6379`,
          `GET /api/jobs/j/media?grant=${secret}`,
        ])
          expect(redactShapes(text)).not.toContain(secret);
      }),
    );
  });

  it('are struck out as bearer tokens however short, while “basic” is a word as well', () => {
    expect(redactShapes('Bearer abc, as basic as it is')).toBe('Bearer [removed], as basic as it is');
  });

  it.each(['a.', 'eyJ-', '\\', 'a://', 'x:', 'A_', '"token":', 'eyJaaaaaaaa.', 'a-'])(
    'are looked for in little time in a megabyte of %j, which a worker may have sent',
    (piece) => {
      const line = `://${piece.repeat(1_000_000 / piece.length)} `;
      const before = process.cpuUsage();
      redactShapes(line);
      // It takes tens of milliseconds; minutes where a shape is begun again within itself.
      expect(process.cpuUsage(before).user).toBeLessThan(3_000_000);
    },
    120_000,
  );

  it('leave the rest of the line as it is', () => {
    const redaction = new Redaction();
    redaction.hide('short');
    redaction.hide('a secret of the worker');
    expect(redaction.clean('short and a secret of the worker, sig= and rpa_1')).toBe(
      'short and [removed], sig= and rpa_1',
    );
    redaction.hideEnvironment({ WORKER_TOKEN: 'token of the worker', HOME: '/home/somebody' });
    expect(redaction.clean('token of the worker in /home/somebody')).toBe('[removed] in /home/somebody');
    expect(redactShapes('https://worker.example:8477/v1/ping at 10:30@noon, TOKEN is not set, no token')).toBe(
      'https://worker.example:8477/v1/ping at 10:30@noon, TOKEN is not set, no token',
    );
    expect(all).toThrow();
  });
});
