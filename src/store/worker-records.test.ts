import { expect, it } from 'vitest';
import { ownDatabase } from './store.cases.ts';
import { SqliteWorkerRecords } from './worker-records.ts';

const IDENTITY = {
  gitCommit: 'b4b98e5',
  buildTime: null,
  declaredImageDigest: null,
  imageDigestSource: 'none',
} as const;

it('keeps what a person decided about each worker', () => {
  const records = new SqliteWorkerRecords(ownDatabase());
  expect(records.choices('w')).toEqual({ drainedSince: null, expected: null });
  records.drain('w', 5);
  records.drain('w', 9);
  records.expect('w', { gitCommit: 'abc1234', imageDigest: null });
  expect(records.choices('w')).toEqual({ drainedSince: 5, expected: { gitCommit: 'abc1234', imageDigest: null } });
  records.drain('w', null);
  records.expect('w', null);
  expect(records.choices('w')).toEqual({ drainedSince: null, expected: null });
});

it('keeps the last two hundred states, newest first, each with its end and its latency', () => {
  const records = new SqliteWorkerRecords(ownDatabase());
  for (let at = 1; at <= 250; at += 1) records.healthChanged('w', at % 2 === 0 ? 'ok' : 'unreachable', null, at);
  records.healthChanged('other', 'ok', null, 1);
  records.latency('w', 12.5);
  const { health } = records.history('w');
  expect(health).toHaveLength(200);
  expect(health[0]).toEqual({ at: 250, until: null, health: 'ok', error: null, latencyMs: 12.5 });
  expect(health[1]).toMatchObject({ at: 249, until: 250, health: 'unreachable', latencyMs: null });
  expect(records.history('other').health).toHaveLength(1);
  records.forget('w');
  expect(records.history('w')).toEqual({ health: [], identities: [] });
});

it('keeps each identity once for as long as it lasts', () => {
  const records = new SqliteWorkerRecords(ownDatabase());
  const other = { ...IDENTITY, gitCommit: '1111111' };
  for (const [identity, at] of [
    [IDENTITY, 1],
    [IDENTITY, 2],
    [other, 3],
    [IDENTITY, 4],
  ] as const)
    records.identitySeen('w', identity, at);
  expect(records.history('w').identities).toEqual([
    { at: 4, identity: IDENTITY },
    { at: 3, identity: other },
    { at: 1, identity: IDENTITY },
  ]);
});
