import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SearchRow } from '../controller/transcript-ports.ts';
import type { JobEvent } from '../jobs/transition.ts';
import type { Database } from './database.ts';
import { openDatabase } from './database.ts';
import { SqliteEditStore } from './edit-store.ts';
import { SqliteJobStore } from './job-store.ts';
import { MIGRATIONS } from './migrations.generated.ts';
import { matchExpression } from './search-query.ts';
import { notePending } from './search-rows.ts';
import { snippetOf } from './search-snippet.ts';
import { SqliteSearchStore } from './search-store.ts';
import { add, addOne, newJobs, next, ownDatabase, ownDirectory, TO_RUNNING, walk } from './store.cases.ts';

const valid = readFileSync(new URL('../contract/fixtures/transcript.valid.json', import.meta.url), 'utf8');

/** A queue whose index holds these texts, a transcript each, oldest first; a text is a list of segments. */
function indexOf(texts: readonly (readonly string[])[], db = ownDatabase()): SqliteSearchStore {
  const jobs = add(new SqliteJobStore(db), newJobs(texts.length));
  const store = new SqliteSearchStore(db);
  for (const { id } of jobs) notePending(db, id);
  const rowsOf = (jobId: string) => rowsFrom(texts[jobs.findIndex(({ id }) => id === jobId)] ?? []);
  expect(store.takeIn(10_000, new Set(), rowsOf)).toBe(false);
  return store;
}

function rowsFrom(texts: readonly string[]): SearchRow[] {
  return texts.map((text, key) => ({ key: String(key), start: key * 2, text }));
}

function found(store: SqliteSearchStore, query: string): string[] {
  return store.search({ query, limit: 100 }).hits.map(({ jobId, segment }) => `${jobId}/${segment}`);
}

describe('searching', () => {
  it('finds words, phrases and beginnings, whatever their case and accents', () => {
    const store = indexOf([[' The Café was closed.', ' Nobody came to the cafe again.'], [' closed on Mondays']]);
    expect(found(store, 'CAFÉ')).toEqual(['job0/0', 'job0/1']);
    expect(found(store, 'closed')).toEqual(['job1/0', 'job0/0']);
    expect(found(store, 'cafe closed')).toEqual(['job0/0']);
    expect(found(store, '"to the cafe"')).toEqual(['job0/1']);
    expect(found(store, '"the to"')).toEqual([]);
    expect(found(store, 'clos')).toEqual([]);
    expect(found(store, 'clos*')).toEqual(['job1/0', 'job0/0']);
    expect(found(store, 'c*')).toHaveLength(3);
  });

  it('finds parts of what is written without spaces', () => {
    const store = indexOf([['東京へようこそ。'], [' 京都の東']]);
    expect(found(store, '東京')).toEqual(['job0/0']);
    expect(found(store, 'ようこそ')).toEqual(['job0/0']);
    expect(store.search({ query: '京都', limit: 1 }).hits[0]).toMatchObject({ snippet: '京都の東', marks: [[0, 2]] });
  });

  it('says where the matches are, in plain text', () => {
    const [hit] = indexOf([[' It is <b>bold</b> & bold.']]).search({ query: 'bold', limit: 5 }).hits;
    expect(hit).toMatchObject({
      jobId: 'job0',
      name: '0.wav',
      segment: '0',
      start: 0,
      snippet: 'It is <b>bold</b> & bold.',
    });
    expect(hit?.marks.map(([from, to]) => hit.snippet.slice(from, to))).toEqual(['bold', 'bold']);
  });

  it('shows what is around the first match of a long segment', () => {
    const long = `${'before '.repeat(100)}needle ${'after 😀 '.repeat(100)}`;
    const [hit] = indexOf([[long]]).search({ query: 'needle', limit: 5 }).hits;
    expect(hit?.snippet.length).toBeLessThan(250);
    expect(hit?.snippet).toMatch(/^…before .*needle.*…$/u);
    expect(hit?.snippet.isWellFormed()).toBe(true);
    expect(hit?.marks.map(([from, to]) => hit.snippet.slice(from, to))).toEqual(['needle']);
  });

  it('gives pages, newest transcripts first', () => {
    const store = indexOf(Array.from({ length: 5 }, (_, at) => [` word ${at}`, ' no', ` word ${at} again`]));
    const all = found(store, 'word');
    expect(all).toEqual([4, 3, 2, 1, 0].flatMap((at) => [`job${at}/0`, `job${at}/2`]));
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const page = store.search({ query: 'word', limit: 3, cursor });
      expect(page.hits.length).toBeLessThanOrEqual(3);
      paged.push(...page.hits.map(({ jobId, segment }) => `${jobId}/${segment}`));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(paged).toEqual(all);
  });
});

describe('what is typed', () => {
  const store = () => indexOf([[' one two near not and or "three" column:four five* (six) ^seven -eight {nine}']]);

  it.each([
    '"',
    '*',
    '""',
    '" "',
    'AND',
    'one AND',
    'NOT',
    'NEAR(one two)',
    'text:one',
    '-one',
    '^one',
    '(',
    '{one}',
    "'; drop table jobs;--",
    '\u0000',
    '😀',
    '+',
    'a*b*',
    '"one',
    'one"two',
    '***',
    '\ud800',
  ])('is never taken for a command: %s', (query) => {
    expect(() => found(store(), query)).not.toThrow();
  });

  it('may be anything', () => {
    const index = store();
    const typed = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc
        .array(fc.constantFrom('"', '*', 'AND', 'one', 'NEAR', '(', ')', ':', '-', ' ', '東', '\u0000', '^', '+'), {
          maxLength: 12,
        })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(typed, (query) => {
        const { hits } = index.search({ query, limit: 5 });
        for (const { snippet, marks } of hits)
          for (const [from, to] of marks) expect(snippet.slice(from, to)).not.toBe('');
      }),
      { numRuns: 3_000 },
    );
  });

  it('holds words to look for, or finds nothing', () => {
    expect(matchExpression(' "" ?! * ')).toBeNull();
    expect(matchExpression('Hello "to you" wor* it\'s')).toBe('"Hello" AND "to you" AND "wor"* AND "it\'s"');
    expect(found(store(), 'one two near not and or')).toEqual(['job0/0']);
    expect(found(store(), 'five*')).toEqual(['job0/0']);
  });
});

describe('the index', () => {
  const deliver = (db: Database) => {
    const jobs = new SqliteJobStore(db);
    const job = walk(jobs, addOne(jobs), TO_RUNNING);
    const sha256 = createHash('sha256').update(valid).digest('hex');
    const event: JobEvent = { type: 'delivered', attempt: 1, sha256 };
    const received = next(job, event);
    expect(jobs.saveDelivered(received, event, { json: valid, sha256 }, 30)).toBe(true);
    return { jobs, job: received };
  };

  const SPOKEN = ['Welcome to the evening news.', 'It is twenty five past nine.', 'Here is the news.'];
  /** As an engine does between two deliveries; every transcript says the same. */
  const takeInAll = (store: SqliteSearchStore) => store.takeIn(1_000, new Set(), () => rowsFrom(SPOKEN));
  const whole = (db: Database) => db.prepare("insert into search (search, rank) values ('integrity-check', 1)").run();

  it('takes in what is delivered when it is told to, follows every edit, and forgets what is removed', () => {
    const db = ownDatabase();
    const { jobs, job } = deliver(db);
    const store = new SqliteSearchStore(db);
    expect([store.pending(), found(store, 'nine')]).toEqual([1, []]);
    expect(takeInAll(store)).toBe(false);
    expect([store.pending(), found(store, '"twenty five past nine"')]).toEqual([0, ['job0/1']]);
    const edits = new SqliteEditStore(db);
    const entry = { kind: 'edit' as const, seq: 1, at: 1, operations: [{ type: 'delete' as const, segment: '0' }] };
    const put = [
      { key: '1', start: 2.6, text: ' Half past ten.' },
      { key: '1.1', start: 4, text: ' Or so.' },
    ];
    expect(edits.appendEdit(job.id, { ...entry, seq: 9 }, { gone: ['2'], put })).toBe(false);
    expect(found(store, 'welcome')).toEqual(['job0/0']);
    expect(edits.appendEdit(job.id, entry, { gone: ['0'], put })).toBe(true);
    expect(found(store, 'welcome')).toEqual([]);
    expect(found(store, 'nine')).toEqual([]);
    expect(found(store, 'ten')).toEqual(['job0/1']);
    expect(found(store, 'or')).toEqual(['job0/1.1']);
    const written: JobEvent = { type: 'outputs_written' };
    expect(jobs.saveOutputs(next(job, written, 40), written, [], 40)).toBe(true);
    expect(jobs.remove([job.id]).jobs).toHaveLength(1);
    expect(found(store, 'ten')).toEqual([]);
    expect(db.prepare('select count(*) from search_segments').pluck().get()).toBe(0);
    whole(db);
  });

  it('forgets what is removed before it was taken in', () => {
    const db = ownDatabase();
    const { jobs, job } = deliver(db);
    const written: JobEvent = { type: 'outputs_written' };
    jobs.saveOutputs(next(job, written, 40), written, [], 40);
    jobs.remove([job.id]);
    const store = new SqliteSearchStore(db);
    expect([store.pending(), takeInAll(store), found(store, 'news')]).toEqual([0, false, []]);
  });

  it('takes in parts of what is long, each once, in the order of what was said', () => {
    const db = ownDatabase();
    const [, other] = add(new SqliteJobStore(db), newJobs(2));
    for (const id of ['job0', 'job1']) notePending(db, id);
    const store = new SqliteSearchStore(db);
    // A segment that a person split lies on both sides of the end of a part.
    const keys = ['0', '1', '1.1', '1.2', '2', '3', '4'];
    const asked: [string, number][] = [];
    const turn = () =>
      store.takeIn(3, new Set(), (jobId, taken) => {
        asked.push([jobId, taken]);
        return keys.map((key, at) => ({ key, start: at, text: `${jobId} ${key}` }));
      });
    const before: string[][] = [];
    for (let more = true; more; before.push(found(store, 'job0'))) more = turn();
    expect(before).toEqual([
      ['job0/0', 'job0/1', 'job0/1.1'],
      ['job0/0', 'job0/1', 'job0/1.1', 'job0/1.2', 'job0/2', 'job0/3'],
      ...Array.from({ length: 3 }, () => keys.map((key) => `job0/${key}`)),
    ]);
    expect(found(store, 'job1')).toEqual(keys.map((key) => `${other?.id}/${key}`));
    expect(asked).toEqual([
      ['job0', 0],
      ['job0', 3],
      ['job0', 6],
      ['job1', 0],
      ['job1', 2],
      ['job1', 5],
    ]);
    whole(db);
  });

  it('begins anew with what is edited between two parts', () => {
    const db = ownDatabase();
    const { job } = deliver(db);
    const store = new SqliteSearchStore(db);
    expect(store.takeIn(2, new Set(), () => rowsFrom(SPOKEN))).toBe(true);
    expect(found(store, 'welcome')).toEqual(['job0/0']);
    const operations = [{ type: 'delete' as const, segment: '0' }];
    const entry = { kind: 'edit' as const, seq: 1, at: 1, operations };
    new SqliteEditStore(db).appendEdit(job.id, entry, { gone: ['0'], put: [] });
    expect([store.pending(), found(store, 'welcome'), found(store, 'nine')]).toEqual([1, [], []]);
    const asked: number[] = [];
    const rows = rowsFrom(SPOKEN).slice(1);
    store.takeIn(10, new Set(), (_, taken) => {
      asked.push(taken);
      return rows;
    });
    expect([asked, found(store, 'nine'), found(store, 'welcome'), store.pending()]).toEqual([[0], ['job0/1'], [], 0]);
    whole(db);
  });

  it('passes over what has no rows now, and takes in one without any', () => {
    const db = ownDatabase();
    add(new SqliteJobStore(db), newJobs(3));
    for (const id of ['job0', 'job1', 'job2']) notePending(db, id);
    const store = new SqliteSearchStore(db);
    const passed = new Set<string>();
    const rows: Record<string, SearchRow[] | null> = { job0: null, job1: [], job2: rowsFrom(['found']) };
    expect(store.takeIn(1, passed, (jobId) => rows[jobId] ?? null)).toBe(true);
    expect(store.takeIn(1, passed, (jobId) => rows[jobId] ?? null)).toBe(false);
    expect([[...passed], store.pending(), found(store, 'found')]).toEqual([['job0'], 1, ['job2/0']]);
    // The next engine passes over nothing.
    expect(store.takeIn(9, new Set(), () => rowsFrom(['at last']))).toBe(false);
    expect([store.pending(), found(store, 'last')]).toEqual([0, ['job0/0']]);
  });

  it('keeps nothing of a turn that fails', () => {
    const db = ownDatabase();
    deliver(db);
    const store = new SqliteSearchStore(db);
    db.exec("create temp trigger full before update on main.searched begin select raise(abort, 'no room'); end");
    expect(() => takeInAll(store)).toThrow('no room');
    db.exec('drop trigger full');
    expect([store.pending(), found(store, 'news')]).toEqual([1, []]);
    expect([takeInAll(store), found(store, 'news')]).toEqual([false, ['job0/0', 'job0/2']]);
    whole(db);
  });

  it('still lacks what an earlier version had not taken in', () => {
    const file = join(ownDirectory(), 'queue.db');
    const old = openDatabase(
      file,
      1,
      MIGRATIONS.slice(
        0,
        MIGRATIONS.findIndex(({ name }) => name === 'search-later'),
      ),
    );
    add(new SqliteJobStore(old), newJobs(3));
    const store = old.prepare(
      "insert into transcripts (job_id, attempt, sha256, size_bytes, stored_at, deflated) values (?, 1, '', 0, ?, x'00')",
    );
    for (const [at, id] of ['job2', 'job0', 'job1'].entries()) store.run(id, at);
    old.prepare("insert into searched (job_id) values ('job0')").run();
    old.close();
    const asked: string[] = [];
    new SqliteSearchStore(ownDatabase(file)).takeIn(9, new Set(), (jobId) => {
      asked.push(jobId);
      return [];
    });
    expect(asked).toEqual(['job2', 'job1']);
  });
});

describe('a snippet', () => {
  it('joins the letters of one match', () => {
    expect(snippetOf('a\u0001東\u0002\u200b\u0001京\u0002\u200bへ')).toEqual({ snippet: 'a東京へ', marks: [[1, 3]] });
  });
});
