import { expect, test } from 'vitest';
import { manualClock } from '../manual-clock.cases.ts';
import { AwayWatch, type EngineNews } from './away-watch.ts';

function watched() {
  const clock = manualClock();
  const news: EngineNews[] = [];
  const watch = new AwayWatch(clock, (each) => news.push(each));
  let isGone = false;
  void watch.gone.then(() => {
    isGone = true;
  });
  return { clock, news, watch, isGone: () => isGone };
}

test('an app that is back in a moment is no news', () => {
  const { clock, news, watch } = watched();
  watch.see(true);
  watch.see(false);
  clock.advance(4_999);
  watch.see(true);
  clock.advance(3_600_000);
  expect(news).toEqual([]);
  expect(clock.pending).toBe(0);
});

test('one that stays away is said once, and so is that it is back', () => {
  const { clock, news, watch } = watched();
  for (let round = 0; round < 2; round += 1) {
    watch.see(false);
    watch.see(false);
    clock.advance(5_000);
    watch.see(false);
    clock.advance(60_000);
    watch.see(true);
    watch.see(true);
  }
  expect(news).toEqual(['away', 'back', 'away', 'back']);
});

test('one that does not come back is given up after ten minutes', async () => {
  const { clock, news, watch, isGone } = watched();
  watch.see(false);
  clock.advance(599_999);
  await Promise.resolve();
  expect(isGone()).toBe(false);
  clock.advance(1);
  await Promise.resolve();
  expect(isGone()).toBe(true);
  expect(news).toEqual(['away', 'gone']);
});

test('nothing is said any more once it is closed', () => {
  const { clock, news, watch } = watched();
  watch.see(false);
  watch.close();
  clock.advance(3_600_000);
  expect(news).toEqual([]);
});
