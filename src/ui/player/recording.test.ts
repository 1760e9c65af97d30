import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import type { UiClient } from '../client/client.ts';
import { createMemoryClient } from '../client/memory-client.ts';
import { type AppStore, createAppStore } from '../state/store.ts';
import { createPlayer, type Player } from './player.ts';
import { type ComputePeaks, createRecordingLoader, type RecordingLoader } from './recording.ts';
import { createSilentSound, type SilentSound } from './silent-sound.ts';

let memory: ReturnType<typeof createMemoryClient>;
let store: AppStore;
let sound: SilentSound;
let loader: RecordingLoader;
let player: Player;
let computed = 0;
let now = 0;
let id = '';
let refuse: AppError | null = null;

const peaks: ComputePeaks = async (_url, perSecond, onPart) => {
  computed += 1;
  onPart(new Uint8Array([1]), 0.5);
  return new Uint8Array(perSecond * 3).fill(90);
};

beforeEach(async () => {
  computed = 0;
  now = 0;
  refuse = null;
  memory = createMemoryClient({ now: () => 0 });
  id = (await memory.client.call('addJobs', { paths: ['/a.wav'] })).jobs[0]?.id ?? '';
  memory.engine.recordings.set(id, '/media/a?grant=1');
  store = createAppStore();
  sound = createSilentSound(3, () => 0);
  player = createPlayer(store, { sound, nextFrame: () => undefined });
  const client: UiClient = {
    ...memory.client,
    call: (name, params) =>
      name === 'openMedia' && refuse !== null ? Promise.reject(refuse) : memory.client.call(name, params),
  };
  loader = createRecordingLoader(client, store, player, peaks, () => now);
});

describe('a recording', () => {
  it('has its waveform computed once, and kept by the engine', async () => {
    await loader.open(id);
    expect(store.getState().player).toMatchObject({ state: 'ready', peaks: { state: 'here', perSecond: 20 } });
    expect(memory.engine.peaks.get(id)?.perSecond).toBe(20);
    loader.close();
    expect(store.getState().player).toMatchObject({ state: 'none', peaks: { state: 'none' } });
    await loader.open(id);
    const { peaks: again } = store.getState().player;
    expect('values' in again && [...again.values.slice(0, 3)]).toEqual([90, 90, 90]);
    expect(computed).toBe(1);
  });

  it('begins at the place that is asked for while its address is', async () => {
    const opening = loader.open(id);
    player.playFrom(2);
    await opening;
    expect(sound.currentTime).toBe(2);
    expect(store.getState().player.playing).toBe(true);
  });

  it('that is gone, or another one, says so; another one plays when it is wanted', async () => {
    refuse = new AppError('SOURCE_MISSING');
    await loader.open(id);
    expect(store.getState().player.state).toBe('missing');
    refuse = new AppError('SOURCE_CHANGED');
    await loader.open(id);
    expect(store.getState().player.state).toBe('changed');
    refuse = null;
    await loader.open(id, true);
    expect(store.getState().player.state).toBe('ready');
    expect(memory.engine.calls.findLast(({ name }) => name === 'openMedia')?.params).toMatchObject({
      evenIfChanged: true,
    });
  });

  it('whose address has expired gets another one, at the same place; one that breaks again at once does not', async () => {
    await loader.open(id);
    sound.currentTime = 2;
    memory.engine.recordings.set(id, '/media/a?grant=2');
    now = 60_000;
    sound.tell('error');
    await expect.poll(() => sound.src).toContain('grant=2');
    expect(sound.currentTime).toBe(2);
    now = 61_000;
    sound.tell('error');
    expect(store.getState().player.state).toBe('failed');
  });
});
