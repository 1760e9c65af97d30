import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryClient } from '../client/memory-client.ts';
import { startFeed } from './feed.ts';
import { createAppStore } from './store.ts';

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

function open() {
  const memory = createMemoryClient({ now: () => 5 });
  const store = createAppStore();
  const frames: (() => void)[] = [];
  const stop = startFeed({ client: memory.client, store, schedule: (run) => frames.push(run) });
  const frame = (): void => {
    for (const run of frames.splice(0)) run();
  };
  return { ...memory, store, frames, frame, stop };
}

beforeEach(() => localStorage.clear());

describe('the feed', () => {
  it('takes the snapshot, all pages of it, before it lays events over it', async () => {
    const { client, engine, store } = open();
    await client.call('addJobs', { paths: Array.from({ length: 2500 }, (_, n) => `/${n}.wav`) });
    expect(store.getState().loaded).toBe(false);
    await vi.waitFor(() => expect(store.getState().loaded).toBe(true));
    expect(store.getState().jobs.size).toBe(2500);
    expect(engine.calls.filter(({ name }) => name === 'listJobs')).toHaveLength(3);
    expect(store.getState().connection).toBe('open');
  });

  it('holds what happens while the snapshot is on its way', async () => {
    const { client, engine, store } = open();
    const { jobs } = await client.call('addJobs', { paths: ['/a.wav'] });
    const id = jobs[0]?.id ?? '';
    // The snapshot is asked for now; the job goes on before its answer is laid down.
    engine.tell({ type: 'ready' });
    engine.change(id, { state: 'running', updatedAt: 9 });
    await settled();
    expect(store.getState().jobs.get(id)?.state).toBe('running');
  });

  it('makes one change a frame, however much happens', async () => {
    const { client, engine, store, frames, frame } = open();
    const { jobs } = await client.call('addJobs', { paths: ['/a.wav'] });
    const id = jobs[0]?.id ?? '';
    await settled();
    frame();
    const changed = vi.fn();
    store.subscribe(changed);
    for (let n = 1; n <= 100; n += 1) engine.change(id, { state: 'running', durationSec: n });
    expect(frames).toHaveLength(1);
    frame();
    expect(changed).toHaveBeenCalledTimes(1);
    expect(store.getState().jobs.get(id)?.durationSec).toBe(100);
  });

  it('takes a fresh snapshot whenever it is connected anew, and forgets what is gone', async () => {
    const { client, engine, store } = open();
    await client.call('addJobs', { paths: ['/a.wav', '/b.wav'] });
    await settled();
    expect(store.getState().jobs.size).toBe(2);
    engine.connect('lost');
    expect(store.getState().connection).toBe('lost');
    engine.jobs.clear();
    engine.connect('open');
    await settled();
    expect(store.getState().jobs.size).toBe(0);
    expect(store.getState().connection).toBe('open');
  });

  it('says why where no snapshot can be had', async () => {
    const { client, engine, store } = open();
    await settled();
    const call = vi.spyOn(client, 'call').mockRejectedValue(new Error('broken'));
    engine.tell({ type: 'ready' });
    await settled();
    expect(store.getState().notice?.what).toContain('broken');
    call.mockRestore();
  });

  it('stops', async () => {
    const { engine, store, stop } = open();
    await settled();
    stop();
    engine.worker('w', { name: 'late' });
    expect(store.getState().workers).toEqual([]);
  });
});
