// Owns a sound that nobody hears: it keeps time as an audio element does, by a clock that is given. For drawing screens and for tests.

import type { Sound } from './player.ts';

export interface SilentSound extends Sound {
  /** Tells its listeners of an event, as the browser would. */
  tell(type: string): void;
}

/** `clock` gives milliseconds. It is ready as soon as it has an address. */
export function createSilentSound(duration: number, clock: () => number): SilentSound {
  const events = new EventTarget();
  let place = 0;
  let since: number | null = null;
  const passed = (): number => (since === null ? 0 : ((clock() - since) / 1000) * sound.playbackRate);
  const sound: SilentSound = {
    src: '',
    volume: 1,
    playbackRate: 1,
    duration,
    get paused() {
      return since === null;
    },
    get currentTime() {
      return Math.min(duration, place + passed());
    },
    set currentTime(time) {
      place = time;
      if (since !== null) since = clock();
      sound.tell('seeked');
    },
    async play() {
      since ??= clock();
      sound.tell('play');
    },
    pause() {
      if (since === null) return;
      place = sound.currentTime;
      since = null;
      sound.tell('pause');
    },
    load() {
      place = 0;
      since = null;
      if (sound.src !== '') sound.tell('loadedmetadata');
    },
    removeAttribute() {
      sound.src = '';
    },
    addEventListener: (type: string, listener: EventListenerOrEventListenerObject) =>
      events.addEventListener(type, listener),
    tell: (type) => events.dispatchEvent(new Event(type)),
  };
  return sound;
}
