// Owns the tables: TSV as Whisper writes it, and CSV for spreadsheets.

import type { ExportOptions } from '../contract/export-options.ts';
import type { Transcript } from '../contract/transcript.ts';
import { spokenLines } from './lines.ts';
import { speakerName } from './speakers.ts';
import { vttTime } from './times.ts';

/** TSV: `start`, `end` in integer milliseconds, `text`; LF. No cell holds a tab or a line break. */
export function writeTsv(transcript: Transcript, { tsvSpeaker }: Pick<ExportOptions, 'tsvSpeaker'>): string {
  const rows = spokenLines(transcript).map(({ startMs, endMs, speaker, text }) => {
    const who = speaker === null ? '' : speakerName(transcript, speaker);
    return [startMs, endMs, text, ...(tsvSpeaker ? [who] : [])];
  });
  const head = ['start', 'end', 'text', ...(tsvSpeaker ? ['speaker'] : [])];
  return [head, ...rows].map((row) => `${row.join('\t')}\n`).join('');
}

/** CSV (RFC 4180): `start`, `end` as `HH:MM:SS.mmm`, `speaker`, `text`; every cell quoted, CRLF. */
export function writeCsv(transcript: Transcript): string {
  const rows = spokenLines(transcript).map(({ startMs, endMs, speaker, text }) => [
    vttTime(startMs),
    vttTime(endMs),
    speaker === null ? '' : speakerName(transcript, speaker),
    text,
  ]);
  return [['start', 'end', 'speaker', 'text'], ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** What a spreadsheet would take for a formula, wide forms too, is shown as text by an apostrophe in front. */
const FORMULA = /^\s*[=+\-@＝＋－＠\t\r]/u;

function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
