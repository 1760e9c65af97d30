// Owns recordings on their way from the browser into the app, before there is a job for them.

/** One file that is being read into the app. */
export interface UploadRow {
  readonly id: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly sentBytes: number;
  /** `joining`: it is in the app and waits for the others of its drop. */
  readonly state: 'waiting' | 'sending' | 'joining' | 'failed';
  /** What went wrong, in the words of the error. */
  readonly problem: string | null;
}

/** Uploads in the order in which they were dropped. */
export interface UploadFacts {
  readonly uploads: readonly UploadRow[];
}

export const NO_UPLOADS: UploadFacts = { uploads: [] };

/** The list with one row changed. */
export function patchUpload(
  uploads: readonly UploadRow[],
  id: string,
  patch: Partial<Omit<UploadRow, 'id'>>,
): readonly UploadRow[] {
  return uploads.map((row) => (row.id === id ? { ...row, ...patch } : row));
}
