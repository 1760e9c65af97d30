// Owns what a person sees of the player. Where the sound is at this moment is not here: it changes with every frame (see player/player.ts).

import type { Stretch } from '../../transcript/voices.ts';
import { readTranscriptPreferences } from './transcript-preferences.ts';

export interface PlayerView {
  /**
   * `missing`: the recording is not where it was; `changed`: it is another one than was transcribed. The text can be read and corrected
   * all the same.
   */
  readonly state: 'none' | 'loading' | 'ready' | 'missing' | 'changed' | 'failed';
  readonly playing: boolean;
  readonly rate: number;
  /** 0 to 1. */
  readonly volume: number;
  readonly loop: Stretch | null;
  readonly skipSilence: boolean;
  /** `computing`: the share that is done, 0 to 1. */
  readonly peaks:
    | { readonly state: 'none' | 'failed' }
    | {
        readonly state: 'computing';
        readonly share: number;
        readonly perSecond: number;
        readonly values: Uint8Array;
      }
    | { readonly state: 'here'; readonly perSecond: number; readonly values: Uint8Array };
}

export interface PlayerFacts {
  readonly player: PlayerView;
}

/** A player without a recording, as fast as this browser remembers. */
export function firstPlayer(): PlayerFacts {
  const { rate } = readTranscriptPreferences();
  return {
    player: {
      ...{ state: 'none', playing: false, volume: 1, loop: null, skipSilence: false, peaks: { state: 'none' } },
      rate,
    },
  };
}
