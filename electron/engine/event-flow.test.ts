import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AppEvent } from '../../src/contract/api.ts';
import { NO_PROGRESS } from '../../src/contract/job.ts';
import { eventFlow, HELD, IN_FLIGHT } from './event-flow.ts';

const removed = (id: string): AppEvent => ({ type: 'job-removed', id });
const progress = (id: string, percent: number): AppEvent => ({
  type: 'progress',
  id,
  progress: { ...NO_PROGRESS, percent },
});

function slowListener() {
  const got: AppEvent[] = [];
  const waiting: (() => void)[] = [];
  const push = eventFlow(
    (event) =>
      new Promise<void>((resolve) => {
        got.push(event);
        waiting.push(resolve);
      }),
  );
  /** The listener takes one event, and whatever follows from that is done. */
  const take = async (): Promise<void> => {
    waiting.shift()?.();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { got, push, take, waiting };
}

describe('the flow of events', () => {
  it('sends at once to a listener that keeps up, and no more than so many to one that does not', async () => {
    const { got, push, take } = slowListener();
    for (let n = 0; n < IN_FLIGHT + 10; n += 1) push(removed(`${n}`));
    expect(got).toHaveLength(IN_FLIGHT);
    await take();
    expect(got.at(-1)).toEqual(removed(`${IN_FLIGHT}`));
  });

  it('holds only the newest progress of each job', async () => {
    const { got, push, take, waiting } = slowListener();
    for (let n = 0; n < IN_FLIGHT; n += 1) push(removed(`${n}`));
    for (let percent = 1; percent <= 100; percent += 1) for (const id of ['a', 'b']) push(progress(id, percent));
    push(removed('a'));
    while (waiting.length > 0) await take();
    expect(got.slice(IN_FLIGHT)).toEqual([progress('a', 100), progress('b', 100), removed('a')]);
  });

  it('says "ready" in place of what it dropped, and goes on from there', async () => {
    const { got, push, take, waiting } = slowListener();
    for (let n = 0; n < IN_FLIGHT + HELD + 500; n += 1) push(removed(`${n}`));
    await take();
    expect(got.at(-1)).toEqual({ type: 'ready' });
    push(removed('last'));
    while (waiting.length > 0) await take();
    expect(got.slice(IN_FLIGHT)).toEqual([{ type: 'ready' }, removed('last')]);
  });

  it('keeps the order and loses nothing but older progress, however fast either side is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constant('take' as const), fc.constant('job' as const), fc.integer({ min: 0, max: 3 })), {
          maxLength: 600,
        }),
        async (steps) => {
          const { got, push, take, waiting } = slowListener();
          const sent: AppEvent[] = [];
          for (const [index, step] of steps.entries()) {
            if (step === 'take') await take();
            else {
              const event = step === 'job' ? removed(`${index}`) : progress(`p${step}`, index % 100);
              sent.push(event);
              push(event);
            }
          }
          while (waiting.length > 0) await take();
          const facts = (events: AppEvent[]) => events.filter(({ type }) => type === 'job-removed');
          expect(facts(got)).toEqual(facts(sent));
          for (const id of ['p0', 'p1', 'p2', 'p3']) {
            const of = (events: AppEvent[]) => events.filter((event) => event.type === 'progress' && event.id === id);
            expect(of(got).at(-1)).toEqual(of(sent).at(-1));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
