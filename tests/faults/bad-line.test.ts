// The line between app and worker is cut, stalled, slowed, swallowed, answered by proxies and flips bits: rows 13, 15 and 16 of the
// fault matrix. Everything ends complete, and with the words that were said.

import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { chanceFrom } from '../small-whisper/speech/random.mjs';
import { startEngine } from '../through/engine-process.ts';
import type { WorkerProcess } from '../through/worker-process.ts';
import { type Fault, type FaultProxy, type Purpose, startFaultProxy } from './fault-proxy.ts';
import { inspect } from './invariants.ts';
import { engineEnvironment, type Ground, ground, KILLS, SEED, whenAll, workerOn } from './queue-of-faults.ts';
import { silence, spoken } from './recordings.ts';
import { report } from './report.ts';

/** How many connections may be struck in one test before the line is good again. */
const STRIKES = KILLS > 0 ? Math.max(12, Math.ceil(KILLS / 20)) : 12;
const BATCH = KILLS > 0 ? Math.min(150, Math.max(8, Math.ceil(KILLS / 50))) : 8;

const LIMIT_MS = KILLS > 0 ? 1_800_000 : 300_000;

let words = '';
beforeAll(async () => {
  await spoken(0);
});

/** A plan that strikes a connection with `fault` as long as there are strikes left. */
function striking(
  seed: number,
  share: number,
  fault: (chance: ReturnType<typeof chanceFrom>, purpose: Purpose) => Fault,
) {
  const chance = chanceFrom(seed);
  let left = STRIKES;
  return (purpose: Purpose): Fault => {
    if (left === 0 || chance.unit() > share) return { kind: 'pass' };
    const drawn = fault(chance, purpose);
    if (drawn.kind !== 'pass') left -= 1;
    return drawn;
  };
}

/** A queue and a worker of its own, on such a line; the lines are tried side by side, since most of each is waiting. */
async function drive(
  fault: string,
  plan: (purpose: Purpose) => Fault,
  twiceAllowed: boolean,
): Promise<FaultProxy['struck']> {
  const place = await ground();
  const worker = await workerOn(place);
  try {
    return await driveOn(place, worker, fault, plan, twiceAllowed);
  } finally {
    await worker.kill();
    await place.remove();
  }
}

async function driveOn(
  place: Ground,
  worker: WorkerProcess,
  fault: string,
  plan: (purpose: Purpose) => Fault,
  twiceAllowed: boolean,
): Promise<FaultProxy['struck']> {
  const proxy = await startFaultProxy(worker.port, plan);
  const engine = await startEngine(place.dataDir, engineEnvironment(proxy.url));
  const sources: string[] = [];
  try {
    for (let number = 0; number < BATCH; number += 1) {
      const path = join(place.recordings, `recording-${number}.wav`);
      // Some long enough on the wire to be struck in the middle.
      await writeFile(path, number % 3 === 0 ? await spoken(number) : silence(number, number % 3 === 1 ? 1 : 12));
      sources.push(path);
    }
    const { jobs } = await engine.client.call('addJobs', { paths: sources });
    const done = await whenAll(engine, KILLS > 0 ? LIMIT_MS - 60_000 : undefined);
    for (const job of done) {
      expect({ state: job.state, error: job.error }, `seed ${SEED}`).toEqual({ state: 'complete', error: null });
      const { text, source } = await engine.client.call('getTranscript', { id: job.id });
      expect(source.sha256).toBe(
        createHash('sha256')
          .update(await readFile(job.sourcePath))
          .digest('hex'),
      );
      const isSpoken = Number(/\d+/.exec(job.name)?.[0]) % 3 === 0;
      if (isSpoken && words === '') words = text;
      expect(text).toBe(isSpoken ? words : '');
    }
    expect(words).not.toBe('');
    await engine.stop();
    await proxy.close();
    await worker.stop();
    const found = inspect({
      dataDir: place.dataDir,
      jobs: jobs.map(({ id }) => id),
      outputDirs: [place.recordings],
      sources,
      workDir: place.workDir,
    });
    const strikes = Object.values(proxy.struck).reduce((sum, count) => sum + count, 0);
    report({ fault, kills: strikes, jobs: found.jobs, lost: found.lost, twice: found.twice });
    // An answer that was damaged on the way may cost the work once more; what comes out is right all the same.
    expect(twiceAllowed ? [] : found.broken, `seed ${SEED}`).toEqual([]);
    expect(found.lost).toBe(0);
    if (!twiceAllowed) expect(found.twice).toBe(0);
    return proxy.struck;
  } finally {
    await engine.kill();
    await proxy.close();
  }
}

const either = (chance: ReturnType<typeof chanceFrom>) => chance.pick(['up', 'down'] as const);

test.concurrent(
  'row 13: the line is cut at random bytes, in both directions',
  async () => {
    const struck = await drive(
      'line cut at a random byte',
      striking(SEED, 0.6, (chance) => ({
        kind: 'cut',
        direction: either(chance),
        at: Math.floor(10 ** chance.between(0, 5.5)),
      })),
      false,
    );
    expect(struck['cut'] ?? 0).toBeGreaterThan(0);
  },
  LIMIT_MS,
);

test.concurrent(
  'row 15: stalls, delays and a slow line',
  async () => {
    const struck = await drive(
      'line stalled or slow',
      striking(SEED + 1, 0.5, (chance) =>
        chance.unit() < 0.5
          ? {
              kind: 'stall',
              direction: either(chance),
              at: Math.floor(10 ** chance.between(0, 5)),
              ms: chance.between(100, 1_500),
            }
          : // A call that is never answered costs its whole time limit: only in the long run.
            KILLS > 0 && chance.unit() < 0.1
            ? { kind: 'hole' }
            : { kind: 'slow', delayMs: chance.between(0, 80), bytesPerSecond: 400_000 },
      ),
      false,
    );
    expect((struck['stall'] ?? 0) + (struck['slow'] ?? 0)).toBeGreaterThan(0);
  },
  LIMIT_MS,
);

test.concurrent(
  'row 16: 502, 524 and pages in place of the worker',
  async () => {
    const struck = await drive(
      '502, 524 and pages',
      striking(SEED + 2, 0.25, (chance) =>
        chance.pick<Fault>([
          { kind: 'answer', status: 502, contentType: 'text/plain', body: 'bad gateway' },
          { kind: 'answer', status: 524, contentType: 'text/html', body: '<h1>A timeout occurred</h1>' },
          { kind: 'answer', status: 404, contentType: 'text/html', body: '<p>No such app</p>' },
          { kind: 'answer', status: 404, contentType: 'application/json', body: '{"error":"not found"}' },
          { kind: 'answer', status: 404, contentType: 'text/plain', body: 'default backend - 404' },
          { kind: 'answer', status: 200, contentType: 'text/html', body: '<p>Please wait…</p>' },
          { kind: 'answer', status: 200, contentType: 'application/json', body: '{}' },
          { kind: 'answer', status: 503, contentType: 'application/json', body: '{"message":"starting"}' },
        ]),
      ),
      false,
    );
    expect(Object.keys(struck).length).toBeGreaterThan(0);
  },
  LIMIT_MS,
);

test.concurrent(
  'row 13: a byte is flipped in the tunnel: verified good, never a wrong transcript',
  async () => {
    const struck = await drive(
      'byte flipped in the tunnel',
      striking(SEED + 3, 1, (chance, purpose) =>
        purpose === 'data'
          ? {
              kind: 'flip',
              direction: either(chance),
              at: 300 + Math.floor(10 ** chance.between(0, 4.5)),
              cutAfter: Math.floor(10 ** chance.between(4, 5.5)),
            }
          : { kind: 'pass' },
      ),
      true,
    );
    expect(struck['flip'] ?? 0).toBeGreaterThan(0);
  },
  LIMIT_MS,
);
