// Owns the line that is being written, kept in this browser with every key: a reload or a crash of the page must not lose it.

const KEY = 'bulk-transcribe-draft';

export interface KeptDraft {
  readonly jobId: string;
  readonly key: string;
  readonly text: string;
}

/** Keeps the draft; null forgets it. A browser that keeps nothing loses it with the page, and only then. */
export function keepDraft(draft: KeptDraft | null): void {
  try {
    if (draft === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify(draft));
  } catch {
    // Nothing else depends on it.
  }
}

/** The draft that was cut off, if it is of this recording. */
export function keptDraft(jobId: string): KeptDraft | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return null;
    const { jobId: of, key, text } = kept as Record<string, unknown>;
    return of === jobId && typeof key === 'string' && typeof text === 'string' ? { jobId, key, text } : null;
  } catch {
    return null;
  }
}
