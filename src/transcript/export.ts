// Owns how a transcript leaves the app in any format, text or not.

import type { ExportChoices, ExportOptions } from '../contract/export-options.ts';
import { exportOptionsSchema } from '../contract/export-options.ts';
import type { ExportFormat } from '../contract/options.ts';
import type { Transcript } from '../contract/transcript.ts';
import { writeDocx } from './docx.ts';
import { exportText } from './text-formats.ts';

export interface Exported {
  /** For a `Content-Type`, without parameters. */
  readonly mediaType: string;
  /** Of the file, without its first dot. */
  readonly extension: string;
  /** Text is UTF-8. */
  readonly content: string | Uint8Array;
}

/** The transcript in `format`: the same bytes for the same transcript. */
export async function exportTranscript(
  transcript: Transcript,
  format: ExportFormat,
  options?: ExportOptions,
): Promise<Exported> {
  if (format === 'docx') {
    return {
      mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      extension: 'docx',
      content: await writeDocx(transcript),
    };
  }
  const { text, ...named } = exportText(transcript, format, options);
  return { ...named, content: text };
}

/** What is asked for now over what the job was made with over the defaults. */
export function exportStyle(...patches: readonly (ExportChoices | undefined)[]): ExportOptions {
  const given = patches.flatMap((patch) => Object.entries(patch ?? {}).filter(([, value]) => value !== undefined));
  return exportOptionsSchema.parse(Object.fromEntries(given));
}
