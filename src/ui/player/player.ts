// Owns the sound: one audio element, its place in the recording, speed, loop, silences passed over. What a person sees of it lies in the
// store; where it is at this moment is asked for, or told frame by frame.

import type { Stretch } from '../../transcript/voices.ts';
import type { PlayerView } from '../state/player-slice.ts';
import type { AppStore } from '../state/store.ts';
import { FASTEST, keepTranscriptPreferences, SLOWEST } from '../state/transcript-preferences.ts';

/** What the player needs of an audio element. */
export type Sound = Pick<
  HTMLAudioElement,
  | 'src'
  | 'currentTime'
  | 'duration'
  | 'paused'
  | 'playbackRate'
  | 'volume'
  | 'play'
  | 'pause'
  | 'load'
  | 'addEventListener'
  | 'removeAttribute'
>;

export interface PlayerParts {
  readonly sound: Sound;
  /** Runs its argument with the next picture that is drawn. */
  readonly nextFrame: (run: () => void) => void;
}

export interface Player {
  /** Makes a recording ready, at a place in it. Seconds. */
  load(url: string, at?: number): void;
  /** The sound broke off, or could not be had: whoever gave the address may give another one. Returns its own undo. */
  onBroken(listener: () => void): () => void;
  unload(): void;
  /** The place that was asked for before the recording was there. Seconds. */
  wantedStart(): number;
  /** Seconds. */
  now(): number;
  toggle(): void;
  play(): void;
  pause(): void;
  seek(time: number): void;
  /** Plays from a place, as soon as the recording is there. */
  playFrom(time: number): void;
  /** Seconds forward (or back, where negative). */
  skip(seconds: number): void;
  setRate(rate: number): void;
  setVolume(volume: number): void;
  /** Plays a stretch over and over; null goes on. */
  setLoop(loop: Stretch | null): void;
  /** Stretches in which nobody is heard, in order; passed over while `skipSilence` is on. */
  setSilences(silences: readonly Stretch[]): void;
  setSkipSilence(on: boolean): void;
  /** Tells the place with every frame while it plays, and whenever it jumps. Returns its own undo. */
  watch(listener: (time: number) => void): () => void;
}

/** A little of a silence is kept, so that two sentences do not fall on each other. Seconds. */
const KEPT_SILENCE = 0.15;

/** A player over one audio element. */
export function createPlayer(store: AppStore, { sound, nextFrame }: PlayerParts): Player {
  const listeners = new Set<(time: number) => void>();
  let silences: readonly Stretch[] = [];
  const broken = new Set<() => void>();
  let running = false;
  let startAt = 0;
  let playAtOnce = false;

  const patch = (change: Partial<PlayerView>): void =>
    store.setState((state) => ({ player: { ...state.player, ...change } }));
  const view = (): PlayerView => store.getState().player;
  const tell = (): void => {
    for (const listener of listeners) listener(sound.currentTime);
  };
  const steer = (): void => {
    const { loop, skipSilence } = view();
    const time = sound.currentTime;
    if (loop !== null && (time >= loop.end || time < loop.start - 0.5)) sound.currentTime = loop.start;
    else if (skipSilence && loop === null) {
      const silent = silenceAt(silences, time);
      if (silent !== null && time < silent.end - 2 * KEPT_SILENCE) sound.currentTime = silent.end - KEPT_SILENCE;
    }
  };
  const frame = (): void => {
    if (sound.paused) {
      running = false;
      return;
    }
    steer();
    tell();
    nextFrame(frame);
  };
  const run = (): void => {
    if (running) return;
    running = true;
    nextFrame(frame);
  };
  sound.addEventListener('play', () => {
    patch({ playing: true });
    run();
  });
  sound.addEventListener('pause', () => {
    patch({ playing: false });
    tell();
  });
  sound.addEventListener('ended', () => patch({ playing: false }));
  sound.addEventListener('loadedmetadata', () => {
    patch({ state: 'ready' });
    sound.playbackRate = view().rate;
    if (startAt > 0) sound.currentTime = startAt;
    tell();
    if (playAtOnce) player.play();
    playAtOnce = false;
  });
  sound.addEventListener('seeked', tell);
  // A hidden window draws no frames, and a loop has to end all the same.
  sound.addEventListener('timeupdate', () => !sound.paused && steer());
  sound.addEventListener('error', () => {
    if (view().state === 'none') return;
    patch({ state: 'failed', playing: false });
    for (const listener of broken) listener();
  });

  const player: Player = {
    load(url, at = 0) {
      patch({ state: 'loading', playing: false, loop: null });
      startAt = at;
      sound.src = url;
      sound.load();
    },
    unload() {
      sound.pause();
      silences = [];
      startAt = 0;
      playAtOnce = false;
      patch({ state: 'none', playing: false, loop: null, peaks: { state: 'none' } });
      sound.removeAttribute('src');
      sound.load();
    },
    wantedStart: () => startAt,
    onBroken(listener) {
      broken.add(listener);
      return () => broken.delete(listener);
    },
    now: () => sound.currentTime,
    toggle: () => (sound.paused ? player.play() : player.pause()),
    play() {
      if (view().state !== 'ready') return;
      // A browser may refuse to play before the page was touched; the button then still says that it is paused.
      sound.play().catch(() => patch({ playing: false }));
    },
    pause: () => sound.pause(),
    seek(time) {
      // A place that is asked for while the recording loads is where it will begin.
      if (view().state !== 'ready') {
        startAt = time;
        return;
      }
      const end = Number.isFinite(sound.duration) ? sound.duration : time;
      sound.currentTime = Math.max(0, Math.min(time, end));
      tell();
    },
    playFrom(time) {
      player.seek(time);
      if (view().state === 'ready') player.play();
      else playAtOnce = true;
    },
    skip: (seconds) => player.seek(sound.currentTime + seconds),
    setRate(rate) {
      const given = Math.min(FASTEST, Math.max(SLOWEST, Math.round(rate * 100) / 100));
      sound.playbackRate = given;
      keepTranscriptPreferences({ rate: given });
      patch({ rate: given });
    },
    setVolume(volume) {
      sound.volume = Math.min(1, Math.max(0, volume));
      patch({ volume: sound.volume });
    },
    setLoop(loop) {
      patch({ loop });
      if (loop !== null && (sound.currentTime < loop.start || sound.currentTime >= loop.end)) player.seek(loop.start);
    },
    setSilences(found) {
      silences = found;
    },
    setSkipSilence: (skipSilence) => patch({ skipSilence }),
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return player;
}

function silenceAt(silences: readonly Stretch[], time: number): Stretch | null {
  let low = 0;
  let high = silences.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((silences[middle]?.start ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  const last = silences[low - 1];
  return last !== undefined && time < last.end ? last : null;
}
