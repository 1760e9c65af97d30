import { EventEmitter } from 'node:events';
import type { MessagePortMain } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import type { ToEngine } from '../../src/contract/engine-messages.ts';
import type { Clock } from './clock.ts';
import { createEngineProcess, type EngineChild, RESTART_MS, STOP_MS, WELL_AFTER_MS } from './engine-process.ts';

/** Time that moves only when told; alarms as [due, run]. */
function manualClock(): Clock & { advance(ms: number): void; due(): number[] } {
  let now = 0;
  const alarms = new Set<readonly [number, () => void]>();
  return {
    now: () => now,
    after(delayMs, run) {
      const alarm = [now + delayMs, run] as const;
      alarms.add(alarm);
      return () => void alarms.delete(alarm);
    },
    advance(ms) {
      now += ms;
      for (const alarm of [...alarms]) {
        if (alarm[0] > now || !alarms.delete(alarm)) continue;
        alarm[1]();
      }
    },
    due: () => [...alarms].map(([at]) => at - now),
  };
}

class FakeChild extends EventEmitter implements EngineChild {
  readonly sent: ToEngine[] = [];
  readonly ports: unknown[] = [];
  readonly kill = vi.fn(() => true);
  postMessage(message: ToEngine, transfer: MessagePortMain[] = []): void {
    this.sent.push(message);
    this.ports.push(...transfer);
  }
}

function setup() {
  const clock = manualClock();
  const children: FakeChild[] = [];
  let channels = 0;
  const onSecret = vi.fn();
  const onFailed = vi.fn();
  const onRestarted = vi.fn();
  const startMessage = vi.fn(async () => ({ type: 'start', resourcesDir: null, secrets: {} }) as const);
  const engine = createEngineProcess({
    fork: () => {
      const child = new FakeChild();
      children.push(child);
      return child;
    },
    channel: () => {
      channels += 1;
      return {
        port1: `engine ${channels}` as unknown as MessagePortMain,
        port2: `window ${channels}` as unknown as MessagePortMain,
      };
    },
    startMessage,
    onSecret,
    onFailed,
    onRestarted,
    clock,
  });
  const last = (): FakeChild => {
    const child = children.at(-1);
    if (child === undefined) throw new Error('no engine was started');
    return child;
  };
  return { engine, clock, children, last, onSecret, onFailed, onRestarted, startMessage };
}

describe('the engine', () => {
  it('is started once, with its start message, and serves who wants it as soon as it runs', async () => {
    const { engine, children, last } = setup();
    const early: unknown[] = [];
    engine.connect((port) => early.push(port));
    engine.start();
    engine.start();
    await vi.waitFor(() => expect(last().sent).toEqual([{ type: 'start', resourcesDir: null, secrets: {} }]));
    expect([children.length, early]).toEqual([1, []]);
    last().emit('message', { type: 'started', port: 8476, logDir: '/logs' });
    expect(early).toEqual(['window 1']);
    const late: unknown[] = [];
    const undo = engine.connect((port) => late.push(port));
    expect(late).toEqual(['window 2']);
    expect(last().ports).toEqual(['engine 1', 'engine 2']);
    undo();
    last().emit('message', { type: 'started', port: 8476, logDir: '/logs' });
    expect(late).toHaveLength(1);
  });

  it('that dies is started again with growing pauses, and everybody gets a fresh port', async () => {
    const { engine, clock, children, last } = setup();
    const ports: unknown[] = [];
    engine.connect((port) => ports.push(port));
    engine.start();
    for (const [index, pause] of [...RESTART_MS, RESTART_MS.at(-1) ?? 0].entries()) {
      last().emit('message', { type: 'started', port: 8476, logDir: '/logs' });
      last().emit('exit', 1);
      expect(clock.due()).toEqual([pause]);
      clock.advance(pause - 1);
      expect(children).toHaveLength(index + 1);
      clock.advance(1);
      expect(children).toHaveLength(index + 2);
    }
    expect(ports).toHaveLength(RESTART_MS.length + 1);
  });

  it('that ran well for a minute is started again at once', () => {
    const { engine, clock, last } = setup();
    engine.start();
    for (let death = 0; death < 4; death += 1) {
      last().emit('exit', 1);
      clock.advance(clock.due()[0] ?? 0);
    }
    clock.advance(WELL_AFTER_MS);
    last().emit('exit', 139);
    expect(clock.due()).toEqual([RESTART_MS[0]]);
  });

  it('that dies fifty times is there again fifty times', () => {
    const { engine, clock, children, last } = setup();
    engine.start();
    for (let death = 1; death <= 50; death += 1) {
      last().emit('exit', null);
      clock.advance(RESTART_MS.at(-1) ?? 0);
      expect(children).toHaveLength(death + 1);
    }
  });

  it('that cannot start is not started again, and its reason is told', () => {
    const { engine, clock, children, last, onFailed } = setup();
    engine.start();
    last().emit('message', { type: 'failed', error: { code: 'DATABASE_NEWER', message: 'Newer.' } });
    last().emit('exit', 1);
    expect(onFailed).toHaveBeenCalledExactlyOnceWith({ code: 'DATABASE_NEWER', message: 'Newer.' });
    expect([clock.due(), children.length]).toEqual([[], 1]);
  });

  it('whose start message cannot be made is killed, not left waiting', async () => {
    const { engine, last, startMessage } = setup();
    startMessage.mockRejectedValueOnce(new Error('no keyring'));
    engine.start();
    await vi.waitFor(() => expect(last().kill).toHaveBeenCalledOnce());
  });

  it('hands secrets over, and is not believed anything else', () => {
    const { engine, last, onSecret, onFailed } = setup();
    engine.start();
    last().emit('message', { type: 'secret', name: 'a', value: 'b' });
    last().emit('message', { type: 'secret', name: 'a', value: null });
    for (const odd of [
      null,
      7,
      {},
      { type: 'secret' },
      { type: 'secret', name: 7, value: 'x' },
      { type: 'failed' },
      { type: 'failed', error: { code: 'X', message: '' } },
    ])
      last().emit('message', odd);
    expect(onSecret.mock.calls).toEqual([
      ['a', 'b'],
      ['a', null],
    ]);
    expect(onFailed).not.toHaveBeenCalled();
  });
});

describe('ending the engine', () => {
  it('waits until it has gone in order', async () => {
    const { engine, clock, last } = setup();
    engine.start();
    let ended = false;
    const closed = engine.close().then(() => {
      ended = true;
    });
    expect(last().sent).toContainEqual({ type: 'close' });
    await Promise.resolve();
    expect(ended).toBe(false);
    last().emit('exit', 0);
    await closed;
    expect([last().kill.mock.calls.length, clock.due()]).toEqual([0, []]);
    engine.start();
    expect(clock.due()).toEqual([]);
  });

  it('kills one that does not go', async () => {
    const { engine, clock, last } = setup();
    engine.start();
    const closed = engine.close();
    clock.advance(STOP_MS);
    expect(last().kill).toHaveBeenCalledOnce();
    last().emit('exit', 9);
    await closed;
  });

  it('calls off a restart, and is done at once where none runs', async () => {
    const { engine, clock, children, last } = setup();
    engine.start();
    last().emit('exit', 1);
    await engine.close();
    clock.advance(60_000);
    expect(children).toHaveLength(1);
    await setup().engine.close();
  });
});
