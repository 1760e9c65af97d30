// Owns the edits that this room's tests are made of: any row of operations that apply to a transcript, and transcripts as a healthy
// machine gives them.

import fc from 'fast-check';
import type { Edit, EditedTranscript, EditOperation } from '../contract/edits.ts';
import { SPEAKER_COLORS, SPEAKER_SCOPES } from '../contract/edits.ts';
import type { Transcript, Word } from '../contract/transcript.ts';
import { applyEdits } from './edit.ts';
import { wordsOf } from './piece.ts';
import { segmentOf, transcriptOf } from './transcript.cases.ts';

export function editsOf(operations: readonly EditOperation[]): Edit[] {
  return operations.map((operation, index) => ({ seq: index + 1, at: index, operations: [operation] }));
}

const text = fc.oneof(
  fc.stringMatching(/^ ?[A-Za-z]{1,8}[.,!?-]?$/),
  fc.constantFrom(' twenty', '-five', '東京', 'で', '。', ' 3', ' é', ' 👩‍👩‍👧', ' <b>', ' -->'),
);

const spokenWord = fc.record({
  text,
  lastsMs: fc.nat({ max: 900 }),
  restsMs: fc.constantFrom(0, 0, 30, 400),
  speaker: fc.option(fc.constantFrom('SPEAKER_00', 'SPEAKER_01'), { nil: undefined, freq: 3 }),
});

/** A transcript whose words follow each other in time. */
export const timedTranscript: fc.Arbitrary<Transcript> = fc
  .array(
    fc.record({
      words: fc.array(spokenWord, { minLength: 1, maxLength: 10 }),
      speaker: fc.option(fc.constantFrom('SPEAKER_00', 'SPEAKER_01'), { nil: undefined, freq: 4 }),
      bare: fc.constantFrom(false, false, false, false, true),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((segments) => {
    let at = 0;
    const made = segments.map(({ words, speaker, bare }, index) => {
      const start = at;
      let end = at;
      const timed = words.map((word): Word => {
        const from = at;
        end = at + word.lastsMs;
        at = end + word.restsMs;
        const own = word.speaker === undefined ? {} : { speaker: word.speaker };
        return { word: word.text, start: from / 1000, end: end / 1000, probability: 0.5, ...own };
      });
      const segment = { ...segmentOf(timed, start / 1000, end / 1000, speaker), id: index };
      return bare ? { ...segment, words: [] } : segment;
    });
    return transcriptOf(made, { SPEAKER_00: { name: 'Anna' }, SPEAKER_01: {} });
  });

/** A wish that becomes an operation on whatever is there: numbers choose among the segments and words of the moment. */
const wish = fc.record({
  type: fc.constantFrom<EditOperation['type'][]>(
    ...(['set-text', 'split', 'split', 'merge', 'merge', 'delete', 'restore', 'set-speaker'] as const),
    ...(['rename-speaker', 'color-speaker', 'merge-speakers', 'check'] as const),
  ),
  which: fc.nat(),
  where: fc.nat(),
  text: fc.oneof(
    fc.array(text, { minLength: 1, maxLength: 12 }).map((words) => words.join('')),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
  ),
  speaker: fc.constantFrom('SPEAKER_00', 'SPEAKER_01', 'SPEAKER_07'),
});
type Wish = typeof wish extends fc.Arbitrary<infer Each> ? Each : never;

/** A transcript, and operations that each apply to what those before it made of it. */
export const editedCase: fc.Arbitrary<{ readonly machine: Transcript; readonly operations: readonly EditOperation[] }> =
  fc.record({ machine: timedTranscript, wishes: fc.array(wish, { maxLength: 12 }) }).map(({ machine, wishes }) => {
    const operations: EditOperation[] = [];
    for (const each of wishes) {
      const operation = granted(each, applyEdits(machine, editsOf(operations)));
      if (operation !== null) operations.push(operation);
    }
    return { machine, operations };
  });

function granted({ type, which, where, text, speaker }: Wish, now: EditedTranscript): EditOperation | null {
  const index = which % Math.max(1, now.segments.length);
  const segment = now.segments[index];
  if (type === 'restore') {
    const deleted = now.deleted[which % Math.max(1, now.deleted.length)];
    return deleted === undefined ? null : { type, segment: deleted.key };
  }
  if (type === 'rename-speaker') return { type, speaker, name: text.slice(0, 20) };
  if (type === 'color-speaker') return { type, speaker, color: which % 3 === 0 ? null : 1 + (where % SPEAKER_COLORS) };
  if (type === 'merge-speakers') return speaker === 'SPEAKER_01' ? null : { type, from: speaker, into: 'SPEAKER_01' };
  if (segment === undefined) return null;
  const { key } = segment;
  if (type === 'set-text')
    return text.trim() === '' ? null : keepsSomething(text) ? { type, segment: key, text } : null;
  if (type === 'split') {
    const words = wordsOf(segment).length;
    return words < 2 ? null : { type, segment: key, word: 1 + (where % (words - 1)) };
  }
  if (type === 'merge') {
    const next = now.segments[index + 1];
    return next === undefined ? null : { type, segment: key, next: next.key };
  }
  if (type === 'delete') return { type, segment: key };
  if (type === 'check') return { type, segment: key, checked: where % 2 === 0 };
  const scope = SPEAKER_SCOPES[where % SPEAKER_SCOPES.length] ?? 'segment';
  return { type, segment: key, speaker: which % 5 === 0 ? null : speaker, scope };
}

function keepsSomething(text: string): boolean {
  return /[^\p{Cc}\s\ufeff]/u.test(text.toWellFormed());
}
