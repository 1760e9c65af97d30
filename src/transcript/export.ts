// Owns the formats in which a transcript leaves the app: one table, one function.

import type { ExportFormat } from '../contract/options.ts';
import type { Transcript } from '../contract/transcript.ts';
import { writeJson } from './json.ts';
import { writeSrt } from './srt.ts';
import { writeTxt } from './txt.ts';
import { writeVtt } from './vtt.ts';

export interface Exported {
  /** For a `Content-Type`, without parameters; the text is UTF-8. */
  readonly mediaType: string;
  /** Of the file, without its dot. */
  readonly extension: string;
  readonly text: string;
}

const FORMATS: Record<ExportFormat, Omit<Exported, 'text'> & { readonly write: (transcript: Transcript) => string }> = {
  srt: { mediaType: 'application/x-subrip', extension: 'srt', write: writeSrt },
  vtt: { mediaType: 'text/vtt', extension: 'vtt', write: writeVtt },
  txt: { mediaType: 'text/plain', extension: 'txt', write: writeTxt },
  json: { mediaType: 'application/json', extension: 'json', write: writeJson },
};

/** The transcript in `format`: LF, no byte-order mark, the same bytes for the same transcript. */
export function exportTranscript(transcript: Transcript, format: ExportFormat): Exported {
  const { mediaType, extension, write } = FORMATS[format];
  return { mediaType, extension, text: write(transcript) };
}
