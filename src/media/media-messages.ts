// Owns what the engine and its media threads tell each other.

import type { ErrorReport } from '../contract/errors.ts';
import type { Probed } from '../contract/media.ts';
import type { ToPrepare } from '../controller/ports.ts';
import type { PreparedSource } from '../jobs/record.ts';

/** What a thread is asked, one after the other. */
export type MediaTask =
  | {
      readonly type: 'prepare';
      readonly recording: Omit<ToPrepare, 'jobId'>;
      readonly target: string;
      /** As it was seen before; how long the thread may take goes by it. */
      readonly sizeBytes: number;
      /** Its inside stops its reader: it is hashed and not looked into. */
      readonly blind: boolean;
    }
  | { readonly type: 'probe'; readonly path: string };

export interface MediaResults {
  readonly prepare: PreparedSource;
  readonly probe: Probed;
}

/** The thread's answer: an Error loses its code when it is cloned, so refusals are values. */
export type MediaAnswer =
  | { readonly ok: true; readonly result: MediaResults[MediaTask['type']] }
  | { readonly ok: false; readonly error: ErrorReport };

/** What a thread says: that it still gets on, again and again, and at last its answer. */
export type MediaWord = MediaAnswer | 'going';
