import { expect, test } from 'vitest';
import { TestEngine } from './engine.cases.ts';

/** Ends the engine, and lets time pass while it does. */
async function end(engine: TestEngine): Promise<void> {
  const closing = engine.controller.close();
  await engine.clock.advance(0);
  await closing;
}

test('an engine that is closed plans nothing more, whatever it was doing', async () => {
  // At every tenth of a second of a recording's life.
  for (let at = 0; at <= 3_000; at += 100) {
    const engine = new TestEngine();
    engine.intake.put('/watched/w.wav', 'w');
    await engine.controller.call('addWatchFolder', { path: '/watched' });
    const id = await engine.add();
    await engine.add('b.wav');
    for (let ms = 0; ms < at; ms += 100) {
      await engine.clock.advance(100);
      engine.facing.sent(id, 1, ms, ms);
    }
    await end(engine);
    expect(engine.clock.pending, `after ${at} ms`).toBe(0);
  }
});

test('what is delivered while the engine ends is stored, and nothing is planned for it', async () => {
  for (let at = 500; at <= 1_500; at += 100) {
    const engine = new TestEngine();
    const id = await engine.add();
    await engine.clock.advance(at);
    const ending = end(engine);
    await engine.deliver(id);
    await ending;
    expect(engine.store.transcriptText(id)).not.toBeNull();
    expect(engine.clock.pending, `after ${at} ms`).toBe(0);
  }
});
