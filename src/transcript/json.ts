// Owns the canonical JSON text: the same transcript gives the same bytes, whatever order its keys came in. A segment is one line, so
// that a file can be read, searched and compared by people.

import type { Segment, Transcript, Word } from '../contract/transcript.ts';

const WORD_KEYS = [
  'word',
  'start',
  'end',
  'probability',
  'speaker',
  'speakerUncertain',
  'interpolated',
] as const satisfies (keyof Word)[];

const SEGMENT_KEYS = [
  'id',
  'start',
  'end',
  'text',
  'speaker',
  'speakerUncertain',
  'avg_logprob',
  'no_speech_prob',
  'compression_ratio',
  'temperature',
] as const satisfies (keyof Segment)[];

/** The transcript as JSON, ending in a line break. */
export function writeJson(transcript: Transcript): string {
  const { schemaVersion, text, language, duration, segments, ...rest } = transcript;
  const head = Object.entries({ schemaVersion, text, language, duration });
  const tail = (['speakers', 'warnings', 'source', 'engine', 'worker', 'createdAt'] as const).map(
    (key) => [key, rest[key]] as const,
  );
  return `{\n${[
    ...head.map(([key, value]) => member(key, JSON.stringify(value))),
    member('segments', list(segments.map(segmentJson))),
    ...tail.map(([key, value]) => member(key, JSON.stringify(sorted(value)))),
  ].join(',\n')}\n}\n`;
}

function member(key: string, json: string): string {
  return `  ${JSON.stringify(key)}: ${json}`;
}

function list(lines: readonly string[]): string {
  return lines.length === 0 ? '[]' : `[\n${lines.map((line) => `    ${line}`).join(',\n')}\n  ]`;
}

function segmentJson(segment: Segment): string {
  const words = segment.words.map((word) => JSON.stringify(picked(word, WORD_KEYS)));
  return `${JSON.stringify(picked(segment, SEGMENT_KEYS)).slice(0, -1)},"words":[${words.join(',')}]}`;
}

/** Only the named keys, in the order of the names; keys that are not there stay away. */
function picked<Value extends object>(value: Value, keys: readonly (keyof Value & string)[]): Partial<Value> {
  const ordered: Partial<Value> = {};
  for (const key of keys) if (value[key] !== undefined) ordered[key] = value[key];
  return ordered;
}

/** The value with the keys of every object in it in alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, sorted(inner)]);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}
