import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QueueMove } from '../controller/queue-ports.ts';
import { SqliteJobStore } from './job-store.ts';
import { POSITION_STEP } from './queue-order.ts';
import { add, newJobs, next, ownDatabase } from './store.cases.ts';

const order = (store: SqliteJobStore): string[] =>
  store.list({ limit: 1000, order: 'position' }).jobs.map(({ id }) => id);

describe('moving', () => {
  it('puts jobs to either end and next to others, in the order named', () => {
    const store = new SqliteJobStore(ownDatabase());
    add(store, newJobs(4, 'a'));
    add(store, newJobs(2, 'b'));
    store.move({ ids: ['b1', 'a2'], place: { to: 'top' } });
    expect(order(store)).toEqual(['b1', 'a2', 'a0', 'a1', 'a3', 'b0']);
    store.move({ ids: ['b1'], place: { to: 'bottom' } });
    expect(order(store)).toEqual(['a2', 'a0', 'a1', 'a3', 'b0', 'b1']);
    store.move({ ids: ['b0', 'b1'], place: { before: 'a0' } });
    expect(order(store)).toEqual(['a2', 'b0', 'b1', 'a0', 'a1', 'a3']);
    const moved = store.move({ ids: ['a2'], place: { after: 'a0' } });
    expect(order(store)).toEqual(['b0', 'b1', 'a0', 'a2', 'a1', 'a3']);
    expect(moved).toEqual([{ id: 'a2', position: store.get('a2')?.position }]);
    expect(store.get('a2')?.moved).toBe(true);
    expect(store.get('a1')?.moved).toBe(false);
  });

  it('puts a batch with all its jobs before or after another', () => {
    const store = new SqliteJobStore(ownDatabase());
    add(store, newJobs(2, 'a'), 'A');
    add(store, newJobs(2, 'b'), 'B');
    add(store, newJobs(2, 'c'), 'C');
    store.move({ batchIds: ['C'], place: { before: 'B' } });
    expect(order(store)).toEqual(['a0', 'a1', 'c0', 'c1', 'b0', 'b1']);
    store.move({ batchIds: ['A'], place: { after: 'C' } });
    expect(order(store)).toEqual(['c0', 'c1', 'a0', 'a1', 'b0', 'b1']);
    expect(store.get('a0')?.moved).toBe(false);
  });

  it('leaves out what is over or not there, and says when what it goes next to is not there', () => {
    const store = new SqliteJobStore(ownDatabase());
    const [first] = add(store, newJobs(3));
    if (first === undefined) throw new Error('no job');
    store.save(next(first, { type: 'cancel' }), { type: 'cancel' }, 20);
    expect(store.move({ ids: ['job0', 'nobody', 'job2'], place: { to: 'top' } })).toHaveLength(1);
    expect(store.move({ ids: ['job1'], place: { before: 'nobody' } })).toBeNull();
    // Next to itself is no place.
    expect(store.move({ ids: ['job1'], place: { after: 'job1' } })).toBeNull();
  });

  it('makes room where twenty moves have used a gap up, and then tells of all that was pushed', () => {
    const store = new SqliteJobStore(ownDatabase());
    add(store, newJobs(3));
    let pushed = 0;
    for (let round = 0; round < 50; round += 1) {
      const ids = round % 2 === 0 ? ['job2'] : ['job1'];
      const told = store.move({ ids, place: { after: 'job0' } });
      pushed += (told?.length ?? 0) - 1;
      for (const { id, position } of told ?? []) expect(store.get(id)?.position).toBe(position);
    }
    expect(pushed).toBeGreaterThan(0);
    expect(order(store)).toEqual(['job0', 'job1', 'job2']);
  });

  it('never loses a job or gives two the same place, whatever is moved where', () => {
    const ids = newJobs(6).map(({ id }) => id);
    const id = fc.constantFrom(...ids);
    const move: fc.Arbitrary<QueueMove> = fc.record({
      ids: fc.uniqueArray(id, { minLength: 1, maxLength: 4 }),
      place: fc.oneof(
        fc.record({ to: fc.constantFrom('top' as const, 'bottom' as const) }),
        fc.record({ before: id }),
        fc.record({ after: id }),
      ),
    });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
        const db = ownDatabase();
        const store = new SqliteJobStore(db);
        add(store, newJobs(6));
        // Small gaps, so that room has to be made often.
        db.prepare('update jobs set position = position / ?').run(POSITION_STEP / 2);
        let expected = [...ids];
        for (const each of moves) {
          const told = store.move(each);
          const moving = 'ids' in each ? each.ids : [];
          const rest = expected.filter((one) => !moving.includes(one));
          const { place } = each;
          const beside = 'before' in place ? place.before : 'after' in place ? place.after : null;
          if (beside !== null && moving.includes(beside)) {
            expect(told).toBeNull();
            continue;
          }
          const at =
            'to' in place
              ? place.to === 'top'
                ? 0
                : rest.length
              : rest.indexOf(beside ?? '') + ('after' in place ? 1 : 0);
          expected = [...rest.slice(0, at), ...moving, ...rest.slice(at)];
          expect(order(store)).toEqual(expected);
        }
        const positions = store.list({ limit: 10 }).jobs.map(({ position }) => position);
        expect(new Set(positions).size).toBe(6);
      }),
      { numRuns: 60 },
    );
  });
});
