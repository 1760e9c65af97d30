import { describe, expect, it } from 'vitest';
import { AppError } from '../contract/errors.ts';
import { SOURCE } from '../jobs/job.cases.ts';
import { EditedTranscripts } from './edited-transcripts.ts';
import { TestEngine, transcriptJson } from './engine.cases.ts';
import { MemoryJobStore } from './memory-store.cases.ts';
import { SearchIndexer } from './search-indexer.ts';
import { TestClock } from './test-clock.cases.ts';

const segment = (id: number, text: string) => ({
  ...{ id, start: id * 2, end: id * 2 + 1, text, avg_logprob: -0.1, no_speech_prob: 0, compression_ratio: 1 },
  ...{ temperature: 0, words: [{ word: text, start: id * 2, end: id * 2 + 1, probability: 0.9 }] },
});

/** A transcript of so many segments. */
function spoken(segments: number, text = ' Day.') {
  const all = Array.from({ length: segments }, (_, id) => segment(id, text));
  return transcriptJson(text.repeat(segments), SOURCE.sha256, all);
}

/** An indexer on an index in memory, and what is stored for it. */
function made() {
  const clock = new TestClock();
  const index = new MemoryJobStore();
  const stored = new Map<string, string>();
  const errors: string[] = [];
  const indexer = new SearchIndexer({
    search: index,
    store: { transcriptText: (id) => stored.get(id) ?? null },
    transcripts: new EditedTranscripts(index, index),
    clock,
    log: { info: () => undefined, warn: () => undefined, error: (event) => void errors.push(event) },
  });
  return {
    ...{ clock, index, indexer, errors },
    /** As a delivery does, which the indexer is then told. */
    store(id: string, json: string): void {
      stored.set(id, json);
      index.toTakeIn.set(id, 0);
      indexer.changed({ type: 'delivered', attempt: 1, sha256: '' });
    },
    held: () => [...index.takenIn].map(([id, rows]) => [id, rows.length]),
  };
}

describe('taking in', () => {
  it('happens when nothing more is stored, in one turn, and then no more', async () => {
    const { clock, index, store, held } = made();
    store('a', spoken(2).json);
    await clock.advance(150);
    store('b', spoken(3).json);
    await clock.advance(150);
    expect([index.pending(), held()]).toEqual([2, []]);
    await clock.advance(100);
    expect([index.pending(), held()]).toEqual([
      0,
      [
        ['a', 2],
        ['b', 3],
      ],
    ]);
    await clock.advance(60_000);
    expect(index.turns).toBe(1);
  });

  it('is put off no longer than two seconds, and then by nothing until all are in', async () => {
    const { clock, index, store, held } = made();
    for (let waited = 0; waited < 2_000; waited += 100) {
      expect(index.turns).toBe(0);
      store(`long ${waited}`, spoken(100).json);
      await clock.advance(100);
    }
    for (let one = 0; index.pending() > 0; one += 1) {
      const before = index.turns;
      store(`short ${one}`, spoken(1).json);
      await clock.advance(20);
      expect(index.turns).toBeGreaterThan(before);
    }
    expect(held()).toContainEqual(['long 1900', 100]);
  });

  it('takes what is long in turns, and reads it once', async () => {
    const { clock, index, store, held } = made();
    const { json } = spoken(400);
    let reads = 0;
    const log = index.edits.bind(index);
    index.edits = (id) => {
      reads += 1;
      return log(id);
    };
    store('a', json);
    await clock.advance(300);
    expect([held(), index.turns, reads]).toEqual([[['a', 400]], 4, 1]);
    expect(index.takenIn.get('a')?.at(-1)).toEqual({ key: '399', start: 798, text: ' Day.' });
  });

  it('passes over what cannot be read, and the next engine tries again', async () => {
    const { clock, index, store, held, errors, indexer } = made();
    store('damaged', '{"segments":');
    store('strange', '{"segments":[{"start":"early"}]}');
    store('sound', spoken(1).json);
    await clock.advance(1_000);
    expect([held(), index.pending()]).toEqual([[['sound', 1]], 2]);
    expect(errors).toEqual(['transcript_not_indexed', 'transcript_not_indexed']);
    expect(await indexer.search({ query: 'day', limit: 5 })).toMatchObject({ pending: 2 });
    const next = made();
    next.store('damaged', spoken(3).json);
    await next.clock.advance(1_000);
    expect(next.held()).toEqual([['damaged', 3]]);
  });

  it('goes on by itself after a disk without room', async () => {
    const { clock, index, store, held, errors } = made();
    const takeIn = index.takeIn.bind(index);
    index.takeIn = () => {
      throw new AppError('DISK_FULL');
    };
    store('a', spoken(1).json);
    await clock.advance(8_000);
    expect([errors, held()]).toEqual([['index_failed'], []]);
    index.takeIn = takeIn;
    await clock.advance(8_000);
    expect([errors, held()]).toEqual([['index_failed'], [['a', 1]]]);
  });

  it('begins nothing after its end', async () => {
    const { clock, index, indexer, store } = made();
    store('a', spoken(1).json);
    indexer.close();
    store('b', spoken(1).json);
    await clock.advance(60_000);
    expect([index.turns, index.pending()]).toEqual([0, 2]);
  });

  it('ends with the engine, and the next one goes on', async () => {
    const store = new MemoryJobStore();
    const engine = new TestEngine(store);
    const id = await engine.add();
    await engine.clock.advance(1_000);
    await engine.deliver(id, spoken(2));
    await engine.controller.close();
    await engine.clock.advance(5_000);
    expect([store.pending(), store.takenIn.size]).toEqual([1, 0]);
    await new TestEngine(store).clock.advance(1_000);
    expect([store.pending(), store.takenIn.get(id)?.length]).toEqual([0, 2]);
  });

  it('takes the text as it is with its edits', async () => {
    const engine = new TestEngine();
    const id = await engine.add();
    await engine.clock.advance(1_000);
    await engine.deliver(id, spoken(2));
    await engine.controller.call('editTranscript', {
      id,
      revision: 0,
      operations: [{ type: 'set-text', segment: '1', text: 'Night.' }],
    });
    await engine.clock.advance(1_000);
    expect(engine.store.takenIn.get(id)).toEqual([
      { key: '0', start: 0, text: ' Day.' },
      { key: '1', start: 2, text: ' Night.' },
    ]);
  });
});

describe('searching', () => {
  it('answers from the index', async () => {
    const engine = new TestEngine();
    engine.store.found = {
      hits: [{ jobId: 'j', name: 'a.wav', segment: '0', start: 1, snippet: 'Hello', marks: [[0, 5]] }],
      nextCursor: '7',
    };
    expect(await engine.controller.call('searchTranscripts', { query: 'hello' })).toEqual({
      ...engine.store.found,
      pending: 0,
    });
    expect(engine.store.searches).toEqual([{ query: 'hello', limit: 50 }]);
    await expect(engine.controller.call('searchTranscripts', { query: 'x', cursor: '1; drop' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('first takes in what was just delivered', async () => {
    const { clock, index, indexer, store, held } = made();
    for (const id of ['a', 'b', 'c']) store(id, spoken(100).json);
    let heldThen: unknown = null;
    index.search = () => {
      heldThen = held();
      return { hits: [], nextCursor: null };
    };
    const answer = indexer.search({ query: 'day', limit: 5 });
    await clock.advance(0);
    expect(await answer).toEqual({ hits: [], nextCursor: null, pending: 0 });
    expect(heldThen).toEqual([
      ['a', 100],
      ['b', 100],
      ['c', 100],
    ]);
  });

  it('says how many it could not take in in time; a later page waits for none', async () => {
    const { clock, index, indexer, store } = made();
    const { json } = spoken(1_000);
    for (let one = 0; one < 20; one += 1) store(`${one}`, json);
    expect((await indexer.search({ query: 'day', limit: 5, cursor: '7' })).pending).toBe(20);
    expect(index.turns).toBe(0);
    const answer = indexer.search({ query: 'day', limit: 5 });
    await clock.advance(0);
    expect((await answer).pending).toBeGreaterThan(5);
    await clock.advance(5_000);
    expect((await indexer.search({ query: 'day', limit: 5 })).pending).toBe(0);
  });

  it('does without what the disk has no room for', async () => {
    const { index, indexer, store } = made();
    index.takeIn = () => {
      throw new AppError('DISK_FULL');
    };
    store('a', spoken(1).json);
    expect(await indexer.search({ query: 'day', limit: 5 })).toEqual({ hits: [], nextCursor: null, pending: 1 });
  });
});
