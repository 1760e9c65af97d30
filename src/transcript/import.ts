// Owns reading transcripts of other programs: JSON of the Whisper family (foreign-json.ts), our own, SRT and WebVTT. Everything is
// taken for hostile: it becomes a canonical transcript that keeps every rule, or is refused with what is wrong.

import { AppError } from '../contract/errors.ts';
import type { ImportedResult } from '../contract/imported-file.ts';
import { importedResultSchema } from '../contract/imported-file.ts';
import { say } from '../contract/sentences.ts';
import type { Segment, Transcript, Word } from '../contract/transcript.ts';
import { TRANSCRIPT_LIMITS, TRANSCRIPT_SCHEMA_VERSION, transcriptSchema } from '../contract/transcript.ts';
import { between, laidOutWords, spaced, timedWords } from './deployed-worker.ts';
import { whisperShape } from './foreign-json.ts';
import { ImportedSpeakers } from './imported-speakers.ts';
import { languageCode } from './language-names.ts';
import { spaceBetween } from './piece.ts';
import { parsePythonJson } from './python-json.ts';
import { oneLine } from './spoken.ts';
import { subtitleCues } from './subtitle-cues.ts';
import { readVtt } from './vtt.ts';

/** What the file itself does not say. */
export interface ImportedFrom {
  readonly source: { readonly filename: string; readonly sizeBytes: number; readonly sha256: string };
  /** Seconds of the recording; null where nobody knows: the last line's end is taken then. */
  readonly durationSec: number | null;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** Which programs write such a file. */
export type ImportedKind = 'bulk-transcribe' | 'whisper' | 'srt' | 'vtt';

export interface Imported {
  readonly kind: ImportedKind;
  readonly transcript: Transcript;
}

/** Seconds that a line may outlast the recording: less than contract/transcript.ts allows, so that no rounding goes beyond that. */
const SLACK = 0.5;
const LONGEST = 1e7 - 1;

/**
 * The transcript in a file's text, told by what is in it and not by its name. Speakers are read from JSON, from `<v Name>` and from
 * WhisperX's `[SPEAKER_00]:`; a plain `Name:` stays text, for nobody can tell it from one that was spoken.
 * @throws AppError BAD_REQUEST with what is wrong
 */
export function importTranscript(text: string, from: ImportedFrom): Imported {
  if (text.length > TRANSCRIPT_LIMITS.bytes) throw refused(say('file_large'));
  const plain = text.replace(/^\ufeff/, '');
  if (/^\s*[{[]/.test(plain)) return importJson(plain, from);
  if (/^WEBVTT(?:[ \t\r\n]|$)/i.test(plain)) {
    const cues = readVtt(plain).map((cue) => ({ ...cue, speaker: cue.voice }));
    return { kind: 'vtt', transcript: ofCues(cues, from) };
  }
  return { kind: 'srt', transcript: ofCues(subtitleCues(plain).map(bracketed), from) };
}

function importJson(text: string, from: ImportedFrom): Imported {
  let value: unknown;
  try {
    value = parsePythonJson(text);
  } catch (cause) {
    // What begins with a bracket may be another format altogether, such as the [Script Info] of Advanced SubStation.
    throw refused(say(/^\s*\[[\p{L} ]{1,40}\]/u.test(text) ? 'import_no_times' : 'import_not_json'), cause);
  }
  if (typeof value === 'object' && value !== null && 'schemaVersion' in value) {
    const own = transcriptSchema.safeParse(value);
    if (!own.success) throw refused(say('import_wrong', { place: placeOf(own.error.issues) }), own.error);
    return { kind: 'bulk-transcribe', transcript: own.data };
  }
  const parsed = importedResultSchema.safeParse(whisperShape(value));
  if (!parsed.success) throw refused(say('import_other', { place: placeOf(parsed.error.issues) }), parsed.error);
  return { kind: 'whisper', transcript: ofResult(parsed.data, from) };
}

type Line = ImportedResult['segments'][number];

function ofResult(result: ImportedResult, from: ImportedFrom): Transcript {
  const language = languageCode(result.language ?? result.info?.language ?? '');
  const given = from.durationSec ?? result.duration ?? result.info?.duration ?? null;
  return canonical(result.segments, language, given, from);
}

interface NamedCue {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly speaker: string | null;
}

function bracketed<Cue extends { readonly text: string }>(cue: Cue): Cue & { readonly speaker: string | null } {
  const found = /^\[([^\]\n]{1,64})\]:\s*/.exec(cue.text);
  return found === null
    ? { ...cue, speaker: null }
    : { ...cue, text: cue.text.slice(found[0].length), speaker: found[1] ?? null };
}

/** Marks of style, which say nothing about what was spoken. */
const STYLE = /<\/?(?:b|i|u|s|font|c)(?:[.\s][^<>]{0,200})?>|\{\\[^{}]{0,200}\}/giu;

function ofCues(cues: readonly NamedCue[], from: ImportedFrom): Transcript {
  if (cues.length === 0) throw refused(say('import_no_times'));
  if (cues.length > TRANSCRIPT_LIMITS.segments) throw refused(say('import_lines'));
  const nothing = { avg_logprob: null, no_speech_prob: null, compression_ratio: null, temperature: null, words: null };
  const lines = cues.map(({ startMs, endMs, text, speaker }): Line => {
    const said = oneLine(text.replace(STYLE, ''));
    if (said.length >= TRANSCRIPT_LIMITS.textLength) throw refused(say('import_line_long'));
    return { ...nothing, start: startMs / 1000, end: endMs / 1000, text: ` ${said}`, speaker };
  });
  return canonical(lines, '', from.durationSec, from);
}

function canonical(lines: readonly Line[], language: string, given: number | null, from: ImportedFrom): Transcript {
  const latest = lines.reduce((last, { start, end }) => Math.max(last, start ?? 0, end ?? 0), 0);
  const duration = between(given !== null && given > 0 ? given : latest, 0, LONGEST);
  const speakers = new ImportedSpeakers();
  const segments = lines
    .filter(({ text }) => text.trim() !== '')
    .map((line) => {
      const start = between(line.start ?? line.end ?? 0, 0, duration + SLACK);
      return { line, start, end: between(line.end ?? start, start, duration + SLACK) };
    })
    .sort((one, other) => one.start - other.start)
    .map(({ line, start, end }, id) => segmentOf(line, start, end, id, speakers));
  return {
    schemaVersion: TRANSCRIPT_SCHEMA_VERSION,
    text: segments.map(({ text }, index) => spaceBetween(segments[index - 1]?.text ?? '', text) + text).join(''),
    language: language.slice(0, 16),
    duration,
    segments,
    speakers: speakers.all(),
    warnings: [],
    source: { ...from.source, duration },
    engine: {
      name: 'imported',
      version: 'unknown',
      model: 'unknown',
      computeType: 'unknown',
      device: 'unknown',
      options: {},
    },
    worker: {
      ...{ gitCommit: null, buildTime: null, imageDigest: null, gpu: null, cuda: null },
      ...{ protocol: 0, bootId: '', instanceId: '' },
    },
    createdAt: from.createdAt,
  };
}

function segmentOf(line: Line, start: number, end: number, id: number, speakers: ImportedSpeakers): Segment {
  const said = speakers.labelOf(line.speaker);
  const bare: Segment = {
    id,
    start,
    end,
    text: line.text,
    ...(said === null ? {} : { speaker: said }),
    avg_logprob: line.avg_logprob ?? 0,
    no_speech_prob: line.no_speech_prob ?? 0,
    compression_ratio: line.compression_ratio ?? 0,
    temperature: line.temperature ?? 0,
    words: [],
  };
  const own = line.words ?? [];
  if (own.length === 0) return { ...bare, words: laidOut(bare) };
  const timed = timedWords(spaced(own, line.text), start, end);
  const words = timed.map((word, index): Word => {
    const who = speakers.labelOf(own[index]?.speaker);
    return who === null ? word : { ...word, speaker: who };
  });
  return { ...bare, words };
}

function laidOut(segment: Segment): Word[] {
  try {
    return laidOutWords(segment);
  } catch (cause) {
    throw refused(say('import_line_long'), cause);
  }
}

function placeOf(issues: readonly { readonly path: readonly PropertyKey[] }[]): string {
  return issues[0]?.path.map(String).join('.').slice(0, 100) || 'its root';
}

function refused(message: string, cause?: unknown): AppError {
  return new AppError('BAD_REQUEST', message, cause === undefined ? undefined : { cause });
}
