import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JobEvent } from '../jobs/transition.ts';
import type { Database } from './database.ts';
import { SqliteEditStore } from './edit-store.ts';
import { SqliteJobStore } from './job-store.ts';
import { matchExpression } from './search-query.ts';
import { snippetOf } from './search-snippet.ts';
import { SqliteSearchStore } from './search-store.ts';
import { add, addOne, newJobs, next, ownDatabase, TO_RUNNING, walk } from './store.cases.ts';

const valid = readFileSync(new URL('../contract/fixtures/transcript.valid.json', import.meta.url), 'utf8');

/** A queue whose index holds these texts, a transcript each, oldest first; a text is a list of segments. */
function indexOf(texts: readonly (readonly string[])[], db = ownDatabase()): SqliteSearchStore {
  const jobs = add(new SqliteJobStore(db), newJobs(texts.length));
  const store = new SqliteSearchStore(db);
  for (const [at, job] of jobs.entries()) {
    store.index(
      job.id,
      (texts[at] ?? []).map((text, key) => ({ key: String(key), start: key * 2, text })),
    );
  }
  return store;
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

  it('takes in what is delivered, follows every edit, and forgets what is removed', () => {
    const db = ownDatabase();
    const { jobs, job } = deliver(db);
    const store = new SqliteSearchStore(db);
    expect(found(store, '"twenty five past nine"')).toEqual(['job0/1']);
    expect(store.unindexed(5)).toEqual([]);
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
    db.prepare("insert into search (search, rank) values ('integrity-check', 1)").run();
  });

  it('knows which transcripts came before it, and takes each in once', () => {
    const db = ownDatabase();
    const { job } = deliver(db);
    db.exec('delete from searched; delete from search_segments');
    const store = new SqliteSearchStore(db);
    expect(store.unindexed(5)).toEqual([job.id]);
    new SqliteEditStore(db).appendEdit(
      job.id,
      { kind: 'edit', seq: 1, at: 1, operations: [{ type: 'delete', segment: '0' }] },
      { gone: [], put: [{ key: '7', start: 1, text: 'too early' }] },
    );
    expect(found(store, 'early')).toEqual([]);
    for (const text of ['first', 'second']) store.index(job.id, [{ key: '0', start: 0, text }]);
    expect([found(store, 'first'), found(store, 'second'), store.unindexed(5)]).toEqual([['job0/0'], [], []]);
  });
});

describe('a snippet', () => {
  it('joins the letters of one match', () => {
    expect(snippetOf('a\u0001東\u0002\u200b\u0001京\u0002\u200bへ')).toEqual({ snippet: 'a東京へ', marks: [[1, 3]] });
  });
});
