// Owns turning what a deployed worker uploads (docs/protocol.md, part 1) into the canonical transcript: Whisper's own result and the
// turns of its speakers. Times are made sane, words that were not timed are laid out and say so, and speakers go to words.

import type { DiarizationTurn, WhisperResult } from '../contract/deployed-wire.ts';
import { DEPLOYED_LIMITS, diarizationSchema, whisperResultSchema } from '../contract/deployed-wire.ts';
import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import type { Segment, Transcript, Word } from '../contract/transcript.ts';
import { TRANSCRIPT_LIMITS, TRANSCRIPT_SCHEMA_VERSION } from '../contract/transcript.ts';
import { parsePythonJson } from './python-json.ts';
import { laidOut } from './spoken.ts';
import { Turns } from './turns.ts';

/** What the uploads themselves do not say. */
export interface DeployedRun {
  readonly source: { readonly filename: string; readonly sizeBytes: number; readonly sha256: string };
  /** Seconds, null where nobody could tell: the last segment's end is taken then. */
  readonly durationSec: number | null;
  readonly model: string;
  /** As it was asked for; empty when it was to be found. */
  readonly language: string;
  readonly options: Record<string, unknown>;
  readonly device: string | null;
  readonly worker: Pick<Transcript['worker'], 'gitCommit' | 'buildTime' | 'imageDigest' | 'gpu' | 'cuda'>;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** Seconds by which a line may outlast the recording: less than contract/transcript.ts allows, so that no rounding goes beyond that. */
const SLACK = 0.5;
const LONGEST = 1e7;

/**
 * @param json the upload of type `json`
 * @param diarizationJson that of type `diarization-json`; null when no speakers were asked for
 * @throws AppError TRANSCRIPT_INVALID when either is not what it should be
 */
export function fromDeployedWorker(json: string, diarizationJson: string | null, run: DeployedRun): Transcript {
  const whisper = read(json, whisperResultSchema, 'json');
  const turns = diarizationJson === null ? null : turnsOf(read(diarizationJson, diarizationSchema, 'diarization-json'));
  const latest = whisper.segments.reduce((last, { end }) => Math.max(last, end ?? 0), 0);
  const duration = rounded(Math.min(LONGEST - SLACK, run.durationSec ?? latest));
  const segments = segmentsOf(whisper, duration + SLACK);
  const speakers = turns === null ? {} : giveSpeakers(segments, turns);
  return {
    schemaVersion: TRANSCRIPT_SCHEMA_VERSION,
    text: segments
      .map(({ text }) => text)
      .join('')
      .trim(),
    language: (whisper.language ?? '').slice(0, 16) || run.language,
    duration,
    segments,
    speakers,
    warnings: warningsOf(segments, turns),
    source: { ...run.source, duration },
    engine: {
      name: 'whisper',
      version: 'unknown',
      model: run.model,
      computeType: 'unknown',
      device: run.device ?? 'unknown',
      options: run.options,
    },
    worker: { ...run.worker, protocol: 1, bootId: '', instanceId: '' },
    createdAt: run.createdAt,
  };
}

interface Reader<Output> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: Output }
    | { readonly success: false; readonly error: Error & { readonly issues: readonly { path: PropertyKey[] }[] } };
}

function read<Output>(text: string, schema: Reader<Output>, name: string): Output {
  let value: unknown;
  try {
    value = parsePythonJson(text);
  } catch (cause) {
    throw new AppError('TRANSCRIPT_INVALID', say('part_not_json', { part: name }), { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.').slice(0, 100) || 'its root';
  throw new AppError('TRANSCRIPT_INVALID', say('part_wrong', { part: name, place: where }), { cause: parsed.error });
}

function turnsOf(found: readonly DiarizationTurn[]): Turns {
  const turns = new Turns(found);
  if (turns.speakers > DEPLOYED_LIMITS.speakers)
    throw new AppError('TRANSCRIPT_INVALID', say('too_many_speakers', { count: DEPLOYED_LIMITS.speakers }));
  return turns;
}

/** Segments in the order of their starts, none running backwards, none after `last`; their words inside the segments' times. */
function segmentsOf(whisper: WhisperResult, last: number): Segment[] {
  let words = 0;
  const timed = whisper.segments
    .filter(({ text }) => text.trim() !== '')
    .map((segment) => {
      const start = between(segment.start ?? segment.end ?? 0, 0, last);
      return { segment, start, end: between(segment.end ?? start, start, last) };
    })
    .sort((a, b) => a.start - b.start);
  return timed.map(({ segment, start, end }, id): Segment => {
    const bare: Segment = {
      id,
      start,
      end,
      text: segment.text,
      avg_logprob: segment.avg_logprob ?? 0,
      no_speech_prob: segment.no_speech_prob ?? 0,
      compression_ratio: segment.compression_ratio ?? 0,
      temperature: segment.temperature ?? 0,
      words: [],
    };
    const own = segment.words?.length
      ? timedWords(spaced(segment.words, segment.text), start, end)
      : laidOutWords(bare);
    words += own.length;
    if (words > DEPLOYED_LIMITS.words) throw new AppError('TRANSCRIPT_INVALID', say('too_many_words'));
    return { ...bare, words: own };
  });
}

export type WireWord = NonNullable<WhisperResult['segments'][number]['words']>[number];

/** Whisper's words carry the space before them; where a worker stripped them all, the text says that there were some. */
export function spaced(words: readonly WireWord[], text: string): readonly WireWord[] {
  if (words.some(({ word }) => /^\s/u.test(word)) || !/\S\s+\S/u.test(text)) return words;
  return words.map((word) => ({ ...word, word: ` ${word.word}`.slice(0, 1_000) }));
}

/** Words with their own times; where one has none (WhisperX leaves out numerals), it is laid between its neighbours. */
export function timedWords(words: readonly WireWord[], from: number, to: number): Word[] {
  const starts = words.map(({ start, end }) => start ?? end);
  // The next known start for each word, from the back.
  const nexts: number[] = [];
  let next = to;
  for (let index = words.length - 1; index >= 0; index -= 1) {
    nexts[index] = next;
    next = starts[index] ?? next;
  }
  let at = from;
  let ended = from;
  return words.map(({ word, start, end, probability }, index): Word => {
    const isTimed = start !== null && end !== null;
    // Without a start of its own it begins where the word before it ended, unless what follows began earlier.
    const begins = between(start ?? Math.min(Math.max(at, ended), nexts[index] ?? to), at, to);
    const ends = between(end ?? nexts[index] ?? to, begins, to);
    // Starts may touch and never fall; a word may overlap its successor only by what the worker itself says.
    at = begins;
    ended = ends;
    if (!isTimed) at = ends;
    return {
      word,
      start: begins,
      end: ends,
      probability: between(probability ?? 1, 0, 1),
      ...(isTimed ? {} : { interpolated: true }),
    };
  });
}

export function laidOutWords(segment: Segment): Word[] {
  const laid = laidOut(segment);
  if (laid.length > TRANSCRIPT_LIMITS.wordsPerSegment || laid.some(({ word }) => word.length > 1_000))
    throw new AppError('TRANSCRIPT_INVALID', say('line_too_long'));
  return laid.map(({ word, start, end }) => ({
    word,
    start: between(start, segment.start, segment.end),
    end: between(end, segment.start, segment.end),
    probability: 1,
    interpolated: true,
  }));
}

/** Gives every word the speaker of the turns that it overlaps most, and every segment that of most of its time. */
function giveSpeakers(segments: Segment[], turns: Turns): Transcript['speakers'] {
  /** Labels of our own by the worker's, in the order in which they are first heard. */
  const labels = new Map<string, string>();
  const labelOf = (theirs: string): string => {
    const known = labels.get(theirs) ?? `SPEAKER_${String(labels.size).padStart(2, '0')}`;
    labels.set(theirs, known);
    return known;
  };
  for (const segment of segments) {
    const seconds = new Map<string, number>();
    for (const word of segment.words) {
      const theirs = turns.speakerOf(word.start, word.end);
      if (theirs === null) continue;
      word.speaker = labelOf(theirs);
      seconds.set(word.speaker, (seconds.get(word.speaker) ?? 0) + word.end - word.start);
    }
    const [most] = [...seconds].sort(([, one], [, other]) => other - one);
    const whole = most === undefined ? turns.speakerOf(segment.start, segment.end) : null;
    if (most !== undefined) [segment.speaker] = most;
    else if (whole !== null) segment.speaker = labelOf(whole);
  }
  return Object.fromEntries(
    [...labels].map(([theirs, ours]) => [ours, /^SPEAKER_\d+$/.test(theirs) ? {} : { name: theirs }]),
  );
}

function warningsOf(segments: readonly Segment[], turns: Turns | null): Transcript['warnings'] {
  const warnings: Transcript['warnings'] = [];
  const words = segments.flatMap((segment) => segment.words);
  if (words.some(({ interpolated }) => interpolated))
    warnings.push({
      code: 'WORDS_INTERPOLATED',
      message: say('words_between'),
    });
  if (turns !== null && turns.speakers === 0 && words.length > 0)
    warnings.push({
      code: 'NO_SPEAKERS',
      message: say('nobody_told_apart'),
    });
  return warnings;
}

/** `value` within the two, to the millisecond. */
export function between(value: number, least: number, most: number): number {
  return rounded(Math.min(Math.max(value, least), most));
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
