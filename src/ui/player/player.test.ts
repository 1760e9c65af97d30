import { beforeEach, describe, expect, it } from 'vitest';
import { type AppStore, createAppStore } from '../state/store.ts';
import { createPlayer, type Player } from './player.ts';
import { silencesIn } from './silences.ts';
import { createSilentSound, type SilentSound } from './silent-sound.ts';

let store: AppStore;
let player: Player;
let sound: SilentSound;
/** Milliseconds. */
let now = 0;
let frames: (() => void)[] = [];

/** Lets time pass, and draws a frame at its end. */
function pass(seconds: number): void {
  now += seconds * 1000;
  for (const run of frames.splice(0)) run();
}

beforeEach(() => {
  localStorage.clear();
  now = 0;
  frames = [];
  store = createAppStore();
  sound = createSilentSound(100, () => now);
  player = createPlayer(store, { sound, nextFrame: (run) => frames.push(run) });
});

describe('the player', () => {
  it('plays, and tells the place with every frame until it is paused', () => {
    player.load('here');
    const told: number[] = [];
    const unwatch = player.watch((time) => told.push(Math.round(time * 10) / 10));
    player.play();
    pass(0.5);
    pass(0.5);
    player.toggle();
    expect(told).toEqual([0.5, 1, 1]);
    expect(store.getState().player.playing).toBe(false);
    unwatch();
    player.seek(50);
    expect(told).toHaveLength(3);
  });

  it('goes as fast as it was told, within its bounds, and remembers it', () => {
    player.load('here');
    player.setRate(9);
    expect(sound.playbackRate).toBe(3);
    player.setRate(0.1);
    expect(store.getState().player.rate).toBe(0.5);
    expect(createAppStore().getState().player.rate).toBe(0.5);
  });

  it('plays a stretch over and over until it is let go', () => {
    player.load('here');
    player.setLoop({ start: 10, end: 12 });
    player.play();
    expect(player.now()).toBe(10);
    pass(2.1);
    expect(player.now()).toBe(10);
    player.setLoop(null);
    pass(2.1);
    expect(player.now()).toBeCloseTo(12.1);
  });

  it('passes over silence, but for a breath of it', () => {
    player.load('here');
    player.setSilences([{ start: 5, end: 9 }]);
    player.setSkipSilence(true);
    player.seek(4.5);
    player.play();
    pass(0.6);
    expect(player.now()).toBeCloseTo(8.85);
    player.setSkipSilence(false);
    player.seek(5);
    pass(0.5);
    expect(player.now()).toBeCloseTo(5.5);
  });

  it('begins where it was told while the recording was still loading', () => {
    player.playFrom(30);
    expect(store.getState().player.playing).toBe(false);
    player.load('here', player.wantedStart());
    expect(store.getState().player.playing).toBe(true);
    expect(player.now()).toBe(30);
  });

  it('says when the sound breaks off', () => {
    let broken = 0;
    player.onBroken(() => {
      broken += 1;
    });
    sound.tell('error');
    expect(broken).toBe(0);
    player.load('here');
    sound.tell('error');
    expect(broken).toBe(1);
    expect(store.getState().player.state).toBe('failed');
  });
});

describe('silence', () => {
  it('is what stays low for long, whatever the recording’s level', () => {
    const speech = (loud: number) => Uint8Array.from({ length: 200 }, (_, at) => (at >= 80 && at < 120 ? 1 : loud));
    for (const loud of [40, 200]) expect(silencesIn(speech(loud), 20)).toEqual([{ start: 4, end: 6 }]);
    expect(silencesIn(new Uint8Array(), 20)).toEqual([]);
  });

  it('is no short pause', () => {
    const values = Uint8Array.from({ length: 100 }, (_, at) => (at % 10 === 0 ? 0 : 90));
    expect(silencesIn(values, 20)).toEqual([]);
  });
});
