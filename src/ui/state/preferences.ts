// Owns what a person chose about the window itself (no setting of the engine): one entry of the browser's storage, kept across restarts.

import { LANGUAGES, type Language } from '../strings/texts.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** What is remembered. */
export interface Preferences {
  readonly theme: Theme;
  /** `system`: the first language of the browser that there is a catalogue for, else English. */
  readonly language: Language | 'system';
  /** Worker id to the mismatch reason that was put aside. */
  readonly dismissed: Readonly<Record<string, string>>;
}

const KEY = 'bulk-transcribe-preferences';
const FIRST: Preferences = { theme: 'system', language: 'system', dismissed: {} };

/** What this browser remembers. A field that makes no sense is as if it had never been chosen. */
export function readPreferences(): Preferences {
  let kept: unknown = null;
  try {
    kept = JSON.parse(localStorage.getItem(KEY) ?? 'null');
  } catch {
    return FIRST;
  }
  if (!isRecord(kept)) return FIRST;
  const { theme, language, dismissed } = kept;
  return {
    theme: THEMES.find((each) => each === theme) ?? FIRST.theme,
    language: isLanguage(language) ? language : FIRST.language,
    dismissed: isRecord(dismissed)
      ? Object.fromEntries(
          Object.entries(dismissed).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
        )
      : FIRST.dismissed,
  };
}

/** Remembers them. A browser that keeps nothing (a private window that is full) loses them at its end, and only that. */
export function keepPreferences({ theme, language, dismissed }: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ theme, language, dismissed }));
  } catch {
    // Nothing else depends on it.
  }
}

/** The language to speak. `offered`: those of the browser, the most wanted first (`navigator.languages`). */
export function languageOf(chosen: Language | 'system', offered: readonly string[]): Language {
  if (chosen !== 'system') return chosen;
  return offered.map((each) => each.split('-')[0]).find(isLanguage) ?? 'en';
}

function isLanguage(value: unknown): value is Language {
  return typeof value === 'string' && Object.hasOwn(LANGUAGES, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
