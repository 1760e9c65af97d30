// Owns what a command that waits says while the app is away, whose queue it watches, and after how long it waits no more.

import type { Clock } from '../../controller/ports.ts';

/** Milliseconds after which it is said: an app that is started anew is back before. */
const SAY_MS = 5_000;
/** Milliseconds after which nobody waits any more: an update, or a computer that starts anew, takes less. */
const GIVE_UP_MS = 10 * 60_000;

/** `away`: it does not answer. `back`: it does again. `gone`: it did not come back in time. */
export type EngineNews = 'away' | 'back' | 'gone';

export const AWAY_TEXTS: Readonly<Record<EngineNews, string>> = {
  away: 'The app does not answer. What is queued stays queued; this goes on when the app is back, and ends after 10 minutes without it.',
  back: 'The app is back.',
  gone: 'The app did not come back in 10 minutes, so nobody waits here any more. What is queued stays queued: start the app, or run "bulk-transcribe serve", and it goes on.',
};

export class AwayWatch {
  readonly #clock: Clock;
  readonly #tell: (news: EngineNews) => void;
  readonly #gone = Promise.withResolvers<void>();
  #isAway = false;
  #wasSaid = false;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, tell: (news: EngineNews) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Resolves when nobody is to wait any more. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** The app answers, or does not. */
  readonly see = (isThere: boolean): void => {
    if (isThere !== this.#isAway) return;
    this.#isAway = !isThere;
    this.#cancel?.();
    this.#cancel = null;
    if (!isThere) this.#cancel = this.#clock.after(SAY_MS, () => this.#say());
    else if (this.#wasSaid) {
      this.#wasSaid = false;
      this.#tell('back');
    }
  };

  close(): void {
    this.#cancel?.();
  }

  #say(): void {
    this.#wasSaid = true;
    this.#tell('away');
    this.#cancel = this.#clock.after(GIVE_UP_MS - SAY_MS, () => {
      this.#tell('gone');
      this.#gone.resolve();
    });
  }
}
