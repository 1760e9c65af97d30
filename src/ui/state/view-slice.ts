// Owns what the person looks at: screen, filter, what is chosen, folded and dismissed, the one open dialog. No fact of the engine.

import type { ErrorAdvice } from '../../contract/error-advice.ts';
import type { ErrorReport } from '../../contract/errors.ts';
import type { Connection } from '../client/client.ts';
import type { DropGroup } from './drop.ts';
import { type Preferences, readPreferences } from './preferences.ts';

/** Where the person is. */
export type Screen =
  | { readonly name: 'queue' }
  | { readonly name: 'workers'; readonly workerId?: string }
  | { readonly name: 'search' }
  | { readonly name: 'spending' }
  | { readonly name: 'settings' }
  | { readonly name: 'text'; readonly jobId: string; readonly from?: 'search' };

/** A place in a transcript that was asked for: the transcript opens there and plays from it. `atSec`: seconds of the recording. */
export interface OpenAt {
  readonly jobId: string;
  readonly atSec: number;
}

export const FILTERS = ['all', 'active', 'waiting', 'failed', 'done'] as const;
export type Filter = (typeof FILTERS)[number];

/** At most one dialog is open. */
export type Dialog =
  | { readonly kind: 'none' }
  | { readonly kind: 'add-worker' }
  | { readonly kind: 'remove-worker'; readonly id: string }
  | { readonly kind: 'edit-worker'; readonly id: string }
  | { readonly kind: 'paste-expected'; readonly id: string | null }
  | { readonly kind: 'remove-job'; readonly id: string }
  | { readonly kind: 'locate'; readonly id: string }
  | { readonly kind: 'rename-batch'; readonly id: string }
  | { readonly kind: 'remove-over'; readonly batchId: string }
  | { readonly kind: 'job-history'; readonly id: string }
  | { readonly kind: 'doctor' }
  | { readonly kind: 'keys' }
  /** `gpuId`: the one that is chosen from the start. */
  | { readonly kind: 'rent'; readonly gpuId?: string }
  | { readonly kind: 'pod-log'; readonly id: string }
  | { readonly kind: 'end-pod'; readonly id: string }
  | { readonly kind: 'erase' }
  /** `groups`: what waits to be added; null where only the options of later drops are changed. */
  | { readonly kind: 'options'; readonly groups: readonly DropGroup[] | null }
  | {
      readonly kind: 'refused';
      readonly refused: readonly { path: string; error: ErrorReport }[];
      readonly restQueued: boolean;
    };

/** The person's side of the state. */
export interface ViewFacts extends Preferences {
  readonly connection: Connection;
  readonly screen: Screen;
  readonly filter: Filter;
  readonly search: string;
  /** The row that has the keyboard: a job's or a batch's key. */
  readonly currentRow: string | null;
  readonly folded: ReadonlySet<string>;
  /** Rows whose live text was opened or closed by hand. */
  readonly opened: ReadonlyMap<string, boolean>;
  readonly dialog: Dialog;
  /** What went wrong with the last thing that was asked for. */
  readonly notice: ErrorAdvice | null;
  /** Said to screen readers when it changes. */
  readonly announcement: string;
  /** Taken (and set to null) by the transcript's screen when it has gone there. */
  readonly openAt: OpenAt | null;
}

/** The view of a page that was just opened, with what this browser remembers. */
export function firstView(): ViewFacts {
  return {
    ...readPreferences(),
    connection: 'connecting',
    screen: { name: 'queue' },
    filter: 'all',
    search: '',
    currentRow: null,
    folded: new Set(),
    opened: new Map(),
    dialog: { kind: 'none' },
    notice: null,
    announcement: '',
    openAt: null,
  };
}
