import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Edit, EditEntry, EditedTranscript, EditOperation } from '../contract/edits.ts';
import { editedTranscriptSchema, editOperationsSchema } from '../contract/edits.ts';
import type { Transcript } from '../contract/transcript.ts';
import { transcriptSchema } from '../contract/transcript.ts';
import { editedCase, editsOf, timedTranscript } from './edit.cases.ts';
import { applyEdits } from './edit.ts';
import { foldLog, stateOf } from './edit-log.ts';
import { wordsOf } from './piece.ts';
import { exportText } from './text-formats.ts';
import { anyTranscript, spoken, transcriptOf } from './transcript.cases.ts';

const machine = transcriptOf(
  [
    { ...spoken(0, ' Good morning and welcom.', 'SPEAKER_00'), id: 0 },
    { ...spoken(3, ' Thank you. It is late.', 'SPEAKER_01'), id: 1 },
    { ...spoken(6, ' Not very.', 'SPEAKER_00'), id: 2 },
  ],
  { SPEAKER_00: { name: 'Anna' }, SPEAKER_01: {} },
);

function edited(operations: readonly EditOperation[], from = machine): EditedTranscript {
  return applyEdits(from, editsOf(operations));
}

/** The canonical part: without what the overlay says besides. */
function canonical({ deleted: _, unapplied: __, ...transcript }: EditedTranscript): Transcript {
  return {
    ...transcript,
    segments: transcript.segments.map(
      ({ key: _key, edited: _edited, original: _original, checked: _checked, ...rest }) => rest,
    ),
  };
}

describe('setting the text', () => {
  it('keeps the times of words that stay, and gives a corrected word the time of the one it corrects', () => {
    const [segment] = edited([{ type: 'set-text', segment: '0', text: 'Good morning, and welcome.' }]).segments;
    const before = machine.segments[0]?.words ?? [];
    expect(segment).toMatchObject({
      text: ' Good morning, and welcome.',
      edited: true,
      original: ' Good morning and welcom.',
    });
    expect(segment?.words.map(({ word }) => word)).toEqual([' Good', ' morning,', ' and', ' welcome.']);
    expect(segment?.words.map(({ start, end }) => [start, end])).toEqual(before.map(({ start, end }) => [start, end]));
    expect(segment?.words.map(({ probability }) => probability)).toEqual([0.9, 1, 0.9, 1]);
    expect(segment?.words.some((word) => word.interpolated)).toBe(false);
  });

  it('lays new words between their neighbours and says so', () => {
    const [segment] = edited([
      { type: 'set-text', segment: '0', text: 'Good sunny early morning and welcom.' },
    ]).segments;
    const [good, sunny, early, morning] = segment?.words ?? [];
    expect([sunny?.interpolated, early?.interpolated]).toEqual([true, true]);
    expect(sunny?.start).toBe(good?.end);
    expect(early?.end).toBe(morning?.start);
    expect(morning).toEqual(machine.segments[0]?.words[1]);
  });

  it('keeps the words of a script without spaces', () => {
    const words = ['東京', 'へ', 'ようこそ'].map((word, at) => ({ word, start: at, end: at + 1, probability: 0.5 }));
    const from = transcriptOf([{ ...spoken(0, ''), text: '東京へようこそ', start: 0, end: 3, words }]);
    const [segment] = edited([{ type: 'set-text', segment: '0', text: '東京によくようこそ' }], from).segments;
    expect(segment?.words.map(({ word }) => word).join('')).toBe('東京によくようこそ');
    expect(segment?.words[0]).toEqual(words[0]);
    expect(segment?.words.at(-1)).toEqual(words[2]);
  });

  it('refuses to leave nothing', () => {
    expect(edited([{ type: 'set-text', segment: '0', text: ' \n\u0000 ' }]).unapplied).toEqual([
      { seq: 1, index: 0, reason: 'A segment is deleted, not emptied.' },
    ]);
  });
});

describe('splitting and merging', () => {
  it('cuts in front of a word and names the second part after the first', () => {
    const now = edited([
      { type: 'split', segment: '1', word: 2 },
      { type: 'split', segment: '1.1', word: 1 },
    ]);
    expect(now.segments.map(({ key, id, text }) => [key, id, text])).toEqual([
      ['0', 0, ' Good morning and welcom.'],
      ['1', 1, ' Thank you.'],
      ['1.1', 3, ' It'],
      ['1.1.1', 4, ' is late.'],
      ['2', 2, ' Not very.'],
    ]);
    expect(now.segments.map(({ original }) => original)).toEqual([null, ' Thank you.', ' It', ' is late.', null]);
    expect(now.text).toBe(machine.text);
  });

  it('joins what follows, and never gives a name twice', () => {
    const now = edited([
      { type: 'merge', segment: '0', next: '1' },
      { type: 'split', segment: '0', word: 1 },
      { type: 'merge', segment: '0', next: '0.1' },
      { type: 'split', segment: '0', word: 3 },
    ]);
    expect(now.segments.map(({ key }) => key)).toEqual(['0', '0.2', '2']);
    expect(now.segments[0]).toMatchObject({ speaker: 'SPEAKER_00', original: ' Good morning and' });
    expect(edited([{ type: 'merge', segment: '0', next: '2' }]).unapplied).toHaveLength(1);
  });
});

describe('segments whose text begins with no space', () => {
  const of = (at: number, ...said: readonly string[]) => ({
    ...spoken(at, ''),
    text: said.join('').trim(),
    start: at,
    end: at + 1,
    words: said.map((word) => ({ word, start: at, end: at + 1, probability: 0.5 })),
  });

  it('are merged with one space between them, in the text, in the words and in what the machine wrote', () => {
    const now = edited(
      [{ type: 'merge', segment: '0', next: '1' }],
      transcriptOf([of(0, ' Who', ' knows?'), of(2, ' The', ' team.')]),
    );
    expect(now.segments).toHaveLength(1);
    expect(now.segments[0]).toMatchObject({ text: 'Who knows? The team.', original: 'Who knows? The team.' });
    expect(now.segments[0]?.words.map(({ word }) => word)).toEqual([' Who', ' knows?', ' The', ' team.']);
  });

  it('have one between them in the whole text, and none where one was cut within a word', () => {
    const from = transcriptOf([of(0, ' Who', ' knows?'), of(2, '東', '京')]);
    const said = (...operations: Parameters<typeof edited>[0]) => edited(operations, from).text;
    expect(said({ type: 'set-text', segment: '0', text: 'Who knew?' })).toBe('Who knew? 東京');
    expect(said({ type: 'split', segment: '1', word: 1 })).toBe('Who knows? 東京');
  });
});

describe('speakers', () => {
  it('change for one segment, from it on, or everywhere', () => {
    const speakersAfter = (scope: 'segment' | 'onward' | 'everywhere', segment = '0') =>
      edited([{ type: 'set-speaker', segment, speaker: 'SPEAKER_09', scope }]).segments.map(({ speaker }) =>
        speaker?.slice(-1),
      );
    expect(speakersAfter('segment')).toEqual(['9', '1', '0']);
    expect(speakersAfter('onward', '2')).toEqual(['0', '1', '9']);
    expect(speakersAfter('onward')).toEqual(['9', '1', '9']);
    expect(speakersAfter('everywhere', '2')).toEqual(['9', '1', '9']);
    const now = edited([{ type: 'set-speaker', segment: '1', speaker: null, scope: 'segment' }]);
    expect(now.segments[1]).not.toHaveProperty('speaker');
  });

  it('are named, merged, and known when they are new', () => {
    const now = edited([
      { type: 'rename-speaker', speaker: 'SPEAKER_01', name: ' Bob ' },
      { type: 'set-speaker', segment: '2', speaker: '__proto__', scope: 'segment' },
      { type: 'merge-speakers', from: 'SPEAKER_00', into: 'SPEAKER_01' },
    ]);
    expect(Object.entries(now.speakers)).toEqual([
      ['SPEAKER_01', { name: 'Bob' }],
      ['__proto__', {}],
    ]);
    expect(now.segments.map(({ speaker }) => speaker)).toEqual(['SPEAKER_01', 'SPEAKER_01', '__proto__']);
    expect(exportText(now, 'txt').text).toContain('Bob: Good morning');
  });
});

describe('deleting, restoring, checking', () => {
  it('keeps what was deleted at hand, and every export does without it', () => {
    const now = edited([
      { type: 'delete', segment: '1' },
      { type: 'check', segment: '0', checked: true },
    ]);
    expect(now.deleted).toMatchObject([{ key: '1', edited: false }]);
    expect(now.segments).toMatchObject([{ key: '0', checked: true, edited: false }, { key: '2' }]);
    expect(now.text).toBe(' Good morning and welcom. Not very.');
    expect(exportText(now, 'srt').text).not.toContain('Thank');
    const back = edited([
      { type: 'delete', segment: '1' },
      { type: 'restore', segment: '1' },
    ]);
    expect(canonical(back)).toEqual(machine);
  });

  it('merges over what was deleted, which then goes for good', () => {
    const now = edited([
      { type: 'delete', segment: '1' },
      { type: 'merge', segment: '0', next: '2' },
    ]);
    expect(now.deleted).toEqual([]);
    expect(now.segments).toMatchObject([
      { key: '0', text: ' Good morning and welcom. Not very.', original: machine.text },
    ]);
  });

  it('reports what no longer applies and does the rest', () => {
    const now = applyEdits(machine, [
      {
        seq: 7,
        at: 0,
        operations: [
          { type: 'delete', segment: '9' },
          { type: 'split', segment: '0', word: 4 },
          { type: 'restore', segment: '0' },
          { type: 'merge-speakers', from: 'A', into: 'A' },
          { type: 'check', segment: '0.1', checked: true },
          { type: 'delete', segment: '0' },
        ],
      },
    ]);
    expect(now.unapplied.map(({ seq, index }) => [seq, index])).toEqual([0, 1, 2, 3, 4].map((index) => [7, index]));
    expect(now.deleted).toHaveLength(1);
  });
});

describe('the log', () => {
  const edit = (seq: number): EditEntry => ({
    kind: 'edit',
    seq,
    at: 1,
    operations: [{ type: 'delete', segment: '0' }],
  });

  it('says which edits are in force', () => {
    const entries: EditEntry[] = [edit(1), edit(2), { kind: 'undo', seq: 3, at: 1 }, { kind: 'undo', seq: 4, at: 1 }];
    expect(stateOf(foldLog([]))).toEqual({ revision: 0, canUndo: false, canRedo: false });
    expect(stateOf(foldLog(entries))).toEqual({ revision: 4, canUndo: false, canRedo: true });
    const again = foldLog([...entries, { kind: 'redo', seq: 5, at: 1 }, edit(6), { kind: 'redo', seq: 7, at: 1 }]);
    expect(again.done.map(({ seq }) => seq)).toEqual([1, 6]);
    expect(stateOf(again)).toEqual({ revision: 7, canUndo: true, canRedo: false });
  });
});

/** Words of a transcript without white space, in order. */
function letters(transcript: Transcript): string {
  return transcript.segments.map(({ text }) => text.replace(/[\s\p{Cc}]+/gu, '')).join('');
}

/** The first thing that is wrong with an edited transcript. */
function faultOf(now: EditedTranscript): string | null {
  let segmentStart = 0;
  let wordStart = 0;
  const keys = new Set<string>();
  for (const segment of [...now.segments, ...now.deleted]) keys.add(segment.key);
  if (keys.size !== now.segments.length + now.deleted.length) return 'a key was given twice';
  for (const { key, start, end, text, words } of now.segments) {
    if (start < segmentStart || end < start) return `segment ${key} runs backwards`;
    segmentStart = start;
    if (words.length > 0 && words.map(({ word }) => word).join('') !== text)
      return `segment ${key} has other words than text`;
    for (const word of words) {
      if (!Number.isFinite(word.start) || !Number.isFinite(word.end)) return `a word of ${key} has no time`;
      if (word.start < wordStart || word.end < word.start) return `a word of ${key} runs backwards`;
      if (word.start < start || word.end > end) return `a word of ${key} lies outside`;
      wordStart = word.start;
    }
  }
  return null;
}

describe('any edits', () => {
  it('apply, keep every word timed and in order, and leave a canonical transcript', () => {
    fc.assert(
      fc.property(editedCase, ({ machine, operations }) => {
        const before = structuredClone(machine);
        const now = applyEdits(machine, editsOf(operations));
        expect(now.unapplied).toEqual([]);
        expect(faultOf(now)).toBeNull();
        expect(transcriptSchema.safeParse(canonical(now)).error).toBeUndefined();
        expect(editedTranscriptSchema.safeParse(now).error).toBeUndefined();
        expect(
          editOperationsSchema.max(20).safeParse([...operations, { type: 'check', segment: '0', checked: true }])
            .success,
        ).toBe(true);
        expect(machine).toEqual(before);
        expect(applyEdits(before, editsOf(operations))).toEqual(now);
      }),
      { numRuns: 2_000 },
    );
  });

  it('give the machine’s transcript when all of them are undone', () => {
    fc.assert(
      fc.property(editedCase, ({ machine, operations }) => {
        const entries: EditEntry[] = editsOf(operations).map((edit: Edit) => ({ kind: 'edit', ...edit }));
        const undone = operations.map((_, at): EditEntry => ({ kind: 'undo', seq: operations.length + 1 + at, at: 0 }));
        const now = applyEdits(machine, foldLog([...entries, ...undone]).done);
        expect(canonical(now)).toEqual(machine);
        expect(now.segments.every((segment) => !segment.edited && segment.original === null)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('are whole again when what was split is merged', () => {
    const cutAnywhere = fc.record({ from: fc.oneof(timedTranscript, anyTranscript), which: fc.nat(), where: fc.nat() });
    fc.assert(
      fc.property(cutAnywhere, ({ from, which, where }) => {
        const index = which % Math.max(1, from.segments.length);
        const segment = from.segments[index];
        if (segment === undefined || wordsOf(segment).length < 2) return;
        const key = String(index);
        const split: EditOperation = { type: 'split', segment: key, word: 1 + (where % (wordsOf(segment).length - 1)) };
        const parted = edited([split], from);
        expect(parted.segments).toHaveLength(from.segments.length + 1);
        expect(letters(parted)).toBe(letters(from));
        expect(canonical(edited([split, { type: 'merge', segment: key, next: `${key}.1` }], from))).toEqual(from);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are stopped by nothing, whatever the transcript and the operations', () => {
    const operation = fc.oneof(
      fc.record({
        type: fc.constant('set-text' as const),
        segment: fc.constantFrom('0', '1', '1.1'),
        text: fc.string({ unit: 'binary' }),
      }),
      fc.record({
        type: fc.constant('split' as const),
        segment: fc.constantFrom('0', '1', '1.1'),
        word: fc.integer({ min: 1, max: 5 }),
      }),
      fc.record({
        type: fc.constant('merge' as const),
        segment: fc.constantFrom('0', '1'),
        next: fc.constantFrom('1', '1.1', '2'),
      }),
      fc.record({ type: fc.constant('delete' as const), segment: fc.constantFrom('0', '1.1', '4') }),
    );
    fc.assert(
      fc.property(anyTranscript, fc.array(operation, { maxLength: 8 }), (from, operations) => {
        const now = edited(operations, from);
        expect(editedTranscriptSchema.safeParse(now).error).toBeUndefined();
        expect(transcriptSchema.safeParse(canonical(now)).error).toBeUndefined();
        expect(() => exportText(now, 'vtt')).not.toThrow();
      }),
      { numRuns: 1_000 },
    );
  });
});
