// Owns what the person looks at: screen, filter, what is chosen, folded and dismissed, the one open dialog. No fact of the engine.

import type { ErrorAdvice, ErrorReport } from '../../contract/errors.ts';
import type { Connection } from '../client/client.ts';

/** Where the person is. */
export type Screen =
  | { readonly name: 'queue' }
  | { readonly name: 'workers'; readonly workerId?: string }
  | { readonly name: 'settings' }
  | { readonly name: 'text'; readonly jobId: string };

export const FILTERS = ['all', 'active', 'waiting', 'failed', 'done'] as const;
export type Filter = (typeof FILTERS)[number];

/** At most one dialog is open. */
export type Dialog =
  | { readonly kind: 'none' }
  | { readonly kind: 'add-worker' }
  | { readonly kind: 'remove-worker'; readonly id: string }
  | { readonly kind: 'remove-job'; readonly id: string }
  | {
      readonly kind: 'refused';
      readonly refused: readonly { path: string; error: ErrorReport }[];
      readonly restQueued: boolean;
    };

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** The person's side of the state. */
export interface ViewFacts {
  readonly connection: Connection;
  readonly screen: Screen;
  readonly filter: Filter;
  readonly search: string;
  /** The row that has the keyboard: a job's or a batch's key. */
  readonly currentRow: string | null;
  readonly folded: ReadonlySet<string>;
  /** Rows whose live text was opened or closed by hand. */
  readonly opened: ReadonlyMap<string, boolean>;
  /** Worker id to the mismatch reason that was put aside. */
  readonly dismissed: Readonly<Record<string, string>>;
  readonly dialog: Dialog;
  /** What went wrong with the last thing that was asked for. */
  readonly notice: ErrorAdvice | null;
  /** Said to screen readers when it changes. */
  readonly announcement: string;
  readonly theme: Theme;
}

const DISMISSED_KEY = 'bulk-transcribe-dismissed';
const THEME_KEY = 'bulk-transcribe-theme';

/** The view of a page that was just opened, with what this browser remembers. */
export function firstView(): ViewFacts {
  return {
    connection: 'connecting',
    screen: { name: 'queue' },
    filter: 'all',
    search: '',
    currentRow: null,
    folded: new Set(),
    opened: new Map(),
    dismissed: readDismissed(),
    dialog: { kind: 'none' },
    notice: null,
    announcement: '',
    theme: THEMES.find((theme) => theme === localStorage.getItem(THEME_KEY)) ?? 'system',
  };
}

function readDismissed(): Record<string, string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(DISMISSED_KEY) ?? '{}');
    if (typeof kept !== 'object' || kept === null) return {};
    return Object.fromEntries(
      Object.entries(kept).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    return {};
  }
}

/** Remembers which mismatches were put aside, over reloads. */
export function keepDismissed(dismissed: Readonly<Record<string, string>>): void {
  localStorage.setItem(DISMISSED_KEY, JSON.stringify(dismissed));
}

/** Remembers the theme, over reloads. */
export function keepTheme(theme: Theme): void {
  localStorage.setItem(THEME_KEY, theme);
}
