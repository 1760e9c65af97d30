import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EditOperation } from '../contract/edits.ts';
import type { Segment, Transcript } from '../contract/transcript.ts';
import { carryOver } from './carry-over.ts';
import { editsOf } from './edit.cases.ts';
import { applyEdits } from './edit.ts';
import { spoken, transcriptOf } from './transcript.cases.ts';

const EARLIER = transcriptOf(
  [
    spoken(0, ' We left Met Hill at six with the smaller boat.', 'SPEAKER_00'),
    spoken(5, ' The water was calm.', 'SPEAKER_00'),
    spoken(8, ' Who gave the order?', 'SPEAKER_01'),
    spoken(11, ' Thanks for watching.', 'SPEAKER_01'),
  ],
  { SPEAKER_00: {}, SPEAKER_01: {} },
);

/** What comes of edits of the earlier transcript in a later one, and what of it stands there. */
function carried(operations: readonly EditOperation[], later: Transcript, earlier = EARLIER) {
  const over = carryOver(earlier, editsOf(operations), later);
  const after = applyEdits(
    later,
    over.operations.length === 0 ? [] : [{ seq: 1, at: 0, operations: [...over.operations] }],
  );
  expect(after.unapplied).toEqual([]);
  return { ...over, texts: after.segments.map(({ text }) => text.trim()), after };
}

const later = (...segments: readonly Segment[]) => transcriptOf(segments, { SPEAKER_00: {}, SPEAKER_01: {} });

describe('corrected words', () => {
  const corrected: EditOperation = {
    type: 'set-text',
    segment: '0',
    text: 'We left Methil at six with the smaller boat.',
  };

  test('go to the same words, whatever the segments are now', () => {
    const one = later(spoken(0.1, ' We left met hill at six with the smaller boat. The water was calm.'));
    const result = carried([corrected], one);
    expect(result.texts).toEqual(['We left Methil at six with the smaller boat. The water was calm.']);
    expect(result).toMatchObject({ placed: 1, left: [] });
  });

  test('are not needed where the new transcript has them itself', () => {
    const right = later(spoken(0, ' We left Methil at six with the smaller boat.'));
    expect(carried([corrected], right)).toMatchObject({ operations: [], placed: 1, left: [] });
  });

  test('are given back where other words were heard, or the same word at another time', () => {
    const other = later(spoken(0, ' We left the mill at six with the smaller boat.'), spoken(60, ' Met Hill is far.'));
    const result = carried([corrected], other);
    expect(result.texts).toEqual(['We left the mill at six with the smaller boat.', 'Met Hill is far.']);
    expect(result.placed).toBe(0);
    expect(result.left).toEqual([
      {
        what: 'text',
        start: expect.closeTo(0.48, 2),
        end: expect.closeTo(1.02, 2),
        text: 'Methil',
        original: 'Met Hill',
      },
    ]);
  });

  test('that were put in go between the same words', () => {
    const added: EditOperation = { type: 'set-text', segment: '1', text: 'The water was very calm, sir.' };
    const result = carried([added], later(spoken(5.2, ' the water was calm. Who gave the order?')));
    expect(result.texts).toEqual(['the water was very calm, sir. Who gave the order?']);
    expect(result.left).toEqual([]);
  });
});

test('what was deleted is deleted where it was heard again, and is no matter where it was not', () => {
  const gone: EditOperation = { type: 'delete', segment: '3' };
  const again = carried([gone], later(spoken(8, ' Who gave the order?'), spoken(11.1, ' Thanks for watching.')));
  expect(again.texts).toEqual(['Who gave the order?']);
  const within = carried([gone], later(spoken(8, ' Who gave the order?'), spoken(10.9, ' Thanks for watching. Well.')));
  expect(within.texts).toEqual(['Who gave the order?', 'Well.']);
  expect(carried([gone], later(spoken(8, ' Who gave the order?')))).toMatchObject({
    operations: [],
    placed: 1,
    left: [],
  });
  const other = carried([gone], later(spoken(11, ' Subtitles by nobody.')));
  expect(other.left).toMatchObject([{ what: 'deleted', original: 'Thanks for watching.', text: '' }]);
});

describe('speakers', () => {
  const names: EditOperation[] = [
    { type: 'rename-speaker', speaker: 'SPEAKER_00', name: 'Captain Reid' },
    { type: 'rename-speaker', speaker: 'SPEAKER_01', name: 'Counsel' },
    { type: 'color-speaker', speaker: 'SPEAKER_01', color: 4 },
  ];

  test('keep their names where the labels are others now', () => {
    const swapped = later(
      spoken(0, ' We left Met Hill at six with the smaller boat. The water was calm.', 'SPEAKER_01'),
      spoken(8, ' Who gave the order?', 'SPEAKER_00'),
    );
    const { after, left } = carried(names, swapped);
    expect(after.speakers).toEqual({
      SPEAKER_01: { name: 'Captain Reid' },
      SPEAKER_00: { name: 'Counsel', color: '4' },
    });
    expect(left).toEqual([]);
  });

  test('that a person set are set again, and somebody whom only the person knows stays somebody else', () => {
    const set: EditOperation[] = [
      { type: 'set-speaker', segment: '1', speaker: 'SPEAKER_02', scope: 'segment' },
      { type: 'rename-speaker', speaker: 'SPEAKER_02', name: 'Mate' },
    ];
    const { after } = carried(set, later(...EARLIER.segments));
    expect(after.segments.map(({ speaker }) => speaker)).toEqual([
      'SPEAKER_00',
      'SPEAKER_02',
      'SPEAKER_01',
      'SPEAKER_01',
    ]);
    expect(after.speakers['SPEAKER_02']).toEqual({ name: 'Mate' });
  });

  test('are given back where nobody speaks any more', () => {
    const { left, placed } = carried(names, later());
    expect(left.map(({ what, text }) => [what, text])).toEqual([
      ['name', 'Captain Reid'],
      ['name', 'Counsel'],
    ]);
    expect(placed).toBe(0);
  });
});

test('over the very same transcript every corrected text is as the person left it', () => {
  const word = fc.constantFrom('the', 'a', 'boat', 'Methil', 'calm,', 'order?', 'twenty-five', '東京', '-->', '…');
  const line = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.array(fc.tuple(line, fc.option(line)), { minLength: 1, maxLength: 8 }), (lines) => {
      let at = 0;
      const segments = lines.map(([text]) => {
        const made = spoken(at, ` ${text}`);
        at = made.end + 0.5;
        return made;
      });
      const machine = transcriptOf(segments);
      const operations = lines.flatMap(([, text], index): EditOperation[] =>
        text === null ? [] : [{ type: 'set-text', segment: String(index), text }],
      );
      const edited = applyEdits(machine, editsOf(operations)).segments.map(({ text }) => text.trim());
      const { texts, left } = carried(operations, machine, machine);
      expect(left).toEqual([]);
      expect(texts).toEqual(edited);
    }),
    { numRuns: 300 },
  );
});
