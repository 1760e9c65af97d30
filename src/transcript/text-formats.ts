// Owns the formats that are text: one table, one function.

import type { ExportOptions } from '../contract/export-options.ts';
import { DEFAULT_EXPORT_OPTIONS } from '../contract/export-options.ts';
import type { ExportFormat } from '../contract/options.ts';
import type { Transcript } from '../contract/transcript.ts';
import { writeAudacity, writePodcast, writeRttm } from './interchange.ts';
import { writeJson } from './json.ts';
import { cueLimits } from './layouts.ts';
import { writeMarkdown } from './markdown.ts';
import { writeSrt } from './srt.ts';
import { writeCsv, writeTsv } from './tables.ts';
import { writeTxt } from './txt.ts';
import { writeVtt } from './vtt.ts';
import { writeWhisperX } from './whisperx.ts';

export type TextFormat = Exclude<ExportFormat, 'docx'>;

interface TextFormatEntry {
  readonly mediaType: string;
  readonly extension: string;
  /** Whether a byte-order mark may stand before it: JSON forbids it. */
  readonly mayHaveBom: boolean;
  readonly write: (transcript: Transcript, options: ExportOptions) => string;
}

const FORMATS: Record<TextFormat, TextFormatEntry> = {
  srt: {
    mediaType: 'application/x-subrip',
    extension: 'srt',
    mayHaveBom: true,
    write: (transcript, options) => writeSrt(transcript, cueLimits(options), options.srtSpeakers),
  },
  vtt: {
    mediaType: 'text/vtt',
    extension: 'vtt',
    mayHaveBom: true,
    write: (transcript, options) => writeVtt(transcript, cueLimits(options), options.vttWords),
  },
  txt: { mediaType: 'text/plain', extension: 'txt', mayHaveBom: true, write: writeTxt },
  json: { mediaType: 'application/json', extension: 'json', mayHaveBom: false, write: writeJson },
  tsv: { mediaType: 'text/tab-separated-values', extension: 'tsv', mayHaveBom: true, write: writeTsv },
  csv: { mediaType: 'text/csv', extension: 'csv', mayHaveBom: true, write: writeCsv },
  md: { mediaType: 'text/markdown', extension: 'md', mayHaveBom: true, write: writeMarkdown },
  // Beside the canonical JSON of the same recording.
  whisperx: { mediaType: 'application/json', extension: 'whisperx.json', mayHaveBom: false, write: writeWhisperX },
  podcast: { mediaType: 'application/json', extension: 'podcast.json', mayHaveBom: false, write: writePodcast },
  audacity: { mediaType: 'text/plain', extension: 'labels.txt', mayHaveBom: false, write: writeAudacity },
  rttm: { mediaType: 'text/plain', extension: 'rttm', mayHaveBom: false, write: writeRttm },
};

export interface ExportedText {
  /** For a `Content-Type`, without parameters; the text is UTF-8. */
  readonly mediaType: string;
  /** Of the file, without its first dot. */
  readonly extension: string;
  readonly text: string;
}

/** The transcript in `format`: the same bytes for the same transcript. Without options: LF (CSV: CRLF), no byte-order mark. */
export function exportText(
  transcript: Transcript,
  format: TextFormat,
  options: ExportOptions = DEFAULT_EXPORT_OPTIONS,
): ExportedText {
  const { mediaType, extension, mayHaveBom, write } = FORMATS[format];
  return { mediaType, extension, text: (options.bom && mayHaveBom ? '\ufeff' : '') + write(transcript, options) };
}
