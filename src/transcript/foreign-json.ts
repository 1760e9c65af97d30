// Owns the JSON of programs that call things otherwise than Whisper does, brought into Whisper's shape: whisper.cpp, Podcasting 2.0, Vibe, and
// OpenAI's verbose_json with its words beside the segments. Nothing is checked here: what does not look like one of them stays as it is.

type Fields = Readonly<Record<string, unknown>>;

/** A file's value as contract/imported-file.ts reads it. */
export function whisperShape(value: unknown): unknown {
  if (Array.isArray(value)) return { segments: value };
  if (!isFields(value)) return value;
  // whisper.cpp: milliseconds, and the language beside them.
  if (Array.isArray(value['transcription'])) {
    const { result } = value;
    return {
      language: isFields(result) ? result['language'] : undefined,
      segments: value['transcription'].map((each) => {
        if (!isFields(each)) return each;
        const { offsets } = each;
        return isFields(offsets)
          ? { ...each, start: scaled(offsets['from'], 1_000), end: scaled(offsets['to'], 1_000) }
          : each;
      }),
    };
  }
  const { segments, words } = value;
  if (!Array.isArray(segments)) return value;
  const own = segments.map(segment);
  return { ...value, segments: Array.isArray(words) ? withWords(own, words) : own };
}

function segment(each: unknown): unknown {
  if (!isFields(each)) return each;
  // Podcasting 2.0.
  if ('body' in each && !('text' in each))
    return { ...each, start: each['startTime'], end: each['endTime'], text: each['body'] };
  // Vibe: hundredths of a second.
  if ('stop' in each && !('end' in each))
    return { ...each, start: scaled(each['start'], 100), end: scaled(each['stop'], 100) };
  return each;
}

/** Words that stand beside the segments go to the one in which they begin; none go anywhere when one of them has no place. */
function withWords(segments: readonly unknown[], words: readonly unknown[]): readonly unknown[] {
  if (!segments.every(isFields) || !words.every(isFields) || segments.some((each) => 'words' in each)) return segments;
  const parts = segments.map((): Fields[] => []);
  let at = 0;
  for (const word of words) {
    const { start } = word;
    if (typeof start !== 'number') return segments;
    while (at + 1 < segments.length && Number(segments[at + 1]?.['start']) <= start + EPSILON) at += 1;
    parts[at]?.push(word);
  }
  const whole = segments.every(
    ({ text }, index) => letters(text) === (parts[index] ?? []).map((word) => letters(word['word'])).join(''),
  );
  return whole ? segments.map((each, index) => ({ ...each, words: parts[index] })) : segments;
}

/** Times of words and of segments are rounded each for itself, seconds. */
const EPSILON = 0.02;

function letters(text: unknown): string {
  return String(text ?? '')
    .replace(/[^\p{L}\p{N}]+/gu, '')
    .toLowerCase();
}

function scaled(value: unknown, by: number): unknown {
  return typeof value === 'number' ? value / by : value;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
