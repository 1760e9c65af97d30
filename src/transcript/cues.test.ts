import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_EXPORT_OPTIONS } from '../contract/export-options.ts';
import type { Transcript } from '../contract/transcript.ts';
import { transcriptSchema } from '../contract/transcript.ts';
import type { Cue } from './cues.ts';
import { DEFAULT_CUE_LIMITS, layOutCues } from './cues.ts';
import { widthOf } from './line-break.ts';
import type { SpokenWord } from './spoken.ts';
import { spokenWords } from './spoken.ts';
import { subtitleCues } from './subtitle-cues.ts';
import { exportText } from './text-formats.ts';
import { toMs, vttTime } from './times.ts';
import { anyTranscript, segmentOf, spoken, transcriptOf } from './transcript.cases.ts';
import { readVtt } from './vtt.ts';

const limits = DEFAULT_CUE_LIMITS;

function textOf(cues: readonly Cue[]): string[] {
  return cues.map((cue) => cue.lines.join('\n'));
}

describe('layOutCues', () => {
  it('ends cues where sentences and phrases end, and makes lines even', () => {
    const text = ' When the train finally arrived, nobody was there to meet him. He waited for an hour.';
    expect(textOf(layOutCues(transcriptOf([spoken(0, text)])))).toEqual([
      'When the train finally arrived,\nnobody was there to meet him.',
      'He waited for an hour.',
    ]);
  });

  it('joins segments that belong to one sentence', () => {
    const cues = layOutCues(transcriptOf([spoken(0, ' We went to'), spoken(0.8, ' the market.')]));
    expect(textOf(cues)).toEqual(['We went to the market.']);
  });

  it('takes its times from the words, and stays a second at least where there is room', () => {
    const [first, second] = layOutCues(transcriptOf([spoken(1.234, ' Yes.'), spoken(5, ' Certainly.')], {}, 60));
    expect(first).toMatchObject({ startMs: 1_234, endMs: 2_234 });
    expect(second).toMatchObject({ startMs: 5_000, endMs: 6_000 });
  });

  it('stays long enough to be read where there is room', () => {
    const [cue] = layOutCues(
      transcriptOf([spoken(0, ' This was spoken much faster than it can be read.', undefined, 0.01)], {}, 60),
    );
    expect(cue?.endMs).toBe(Math.ceil((48 * 1_000) / limits.charactersPerSecond));
  });

  it('ends for a long silence and leaves a short dark time between cues', () => {
    const cues = layOutCues(
      transcriptOf([
        segmentOf(
          [
            { word: ' One', start: 0, end: 0.5, probability: 1 },
            { word: ' two.', start: 3, end: 3.5, probability: 1 },
          ],
          0,
          3.5,
        ),
      ]),
    );
    expect(textOf(cues)).toEqual(['One', 'two.']);
    const close = layOutCues(transcriptOf([spoken(0, ' Hello there, Anna.', 'A'), spoken(1.14, ' Hello.', 'B')]));
    expect((close[1]?.startMs ?? 0) - (close[0]?.endMs ?? 0)).toBe(limits.gapMs);
  });

  it('ends for a silence of a second, and not for a shorter one', () => {
    const parted = (silence: number) =>
      textOf(layOutCues(transcriptOf([spoken(0, ' He was'), spoken(0.42 + silence, ' late.')])));
    expect(parted(0.9)).toEqual(['He was late.']);
    expect(parted(1)).toEqual(['He was', 'late.']);
  });

  it('never lets two speakers share a cue, not even within a segment', () => {
    const segment = spoken(0, ' Are you sure? Quite.', 'A');
    const words = segment.words.map((word) => (word.word === ' Quite.' ? { ...word, speaker: 'B' } : word));
    const cues = layOutCues(transcriptOf([{ ...segment, words }]), limits, (speaker) => `${speaker}:`);
    expect(textOf(cues)).toEqual(['A: Are you sure?', 'B: Quite.']);
    expect(cues.map((cue) => cue.speaker)).toEqual(['A', 'B']);
  });

  it('never parts words that are written as one, and breaks between words of scripts without spaces', () => {
    const parts = ['a'.repeat(38), ' twenty', '-five'].map((word, index) => ({
      word,
      start: index,
      end: index + 1,
      probability: 1,
    }));
    expect(textOf(layOutCues(transcriptOf([segmentOf(parts, 0, 3)])))).toEqual([`${'a'.repeat(38)}\ntwenty-five`]);
    const words = Array.from(
      '吾輩は猫である。名前はまだ無い。どこで生れたか頓と見当がつかぬ。何でも薄暗いじめじめした所で',
      (word, index) => ({
        word,
        start: index / 10,
        end: (index + 1) / 10,
        probability: 1,
      }),
    );
    for (const cue of layOutCues(transcriptOf([segmentOf(words, 0, words.length / 10)]))) {
      for (const line of cue.lines) {
        expect(widthOf(line)).toBeLessThanOrEqual(limits.lineWidth);
        expect(line).not.toMatch(/^[。、]| /);
      }
    }
  });

  it('lays the words of a segment without times over its time', () => {
    const cues = layOutCues(transcriptOf([{ ...segmentOf([], 2, 4), text: ' One two three.' }]));
    expect(cues).toMatchObject([{ startMs: 2_000, endMs: 4_000, lines: ['One two three.'] }]);
  });

  it('is quick with three hours of speech', () => {
    const sentence = ' And so it went on, hour after hour, until nobody in the room could remember how it had begun.';
    const segments = Array.from({ length: 1_800 }, (_, index) => spoken(index * 6, sentence));
    expect(layOutCues(transcriptOf(segments)).length).toBeGreaterThan(1_800);
  });
});

/** The words as they are, without the white space between them. */
function bare(text: string): string {
  return text.replace(/\s/gu, '');
}

describe('people who speak together', () => {
  const whole = (cues: readonly Cue[]) =>
    cues.map(({ startMs, endMs, lines }) => [startMs, endMs, lines.join(' ')] as const);

  it('are shown together, each at the time of its own words', () => {
    const anna = spoken(0, ' We left the house at six. It was dark. Nobody saw us.', 'A');
    const ben = spoken(1, ' At seven, I think.', 'B');
    const cues = layOutCues(transcriptOf([anna, ben]), { ...limits, everySentence: true });
    expect(whole(cues).map(([startMs, , text]) => [startMs, text])).toEqual([
      [0, 'We left the house at six.'],
      [1_000, 'At seven, I think.'],
      [toMs(anna.words[6]?.start ?? 0), 'It was dark.'],
      [toMs(anna.words[9]?.start ?? 0), 'Nobody saw us.'],
    ]);
    const [first, second] = cues;
    // Ben begins while Anna speaks, and her words stay until she has said them.
    expect(first?.endMs).toBeGreaterThan(second?.startMs ?? 0);
  });

  it('are each named where the name before was that of the other', () => {
    const anna = spoken(0, ' We left the house at six. It was dark. Nobody saw us. Then we went home.', 'A');
    const ben = spoken(1, ' Seven.', 'B');
    const transcript = transcriptOf([anna, ben, spoken(anna.end + 0.1, ' Yes, seven.', 'B')]);
    const name = (speaker: string) => `${speaker}:`;
    expect(
      layOutCues(transcript, { ...limits, everySentence: true }, name).map(({ lines }) => lines.join(' ')),
    ).toEqual([
      'A: We left the house at six.',
      'B: Seven.',
      'A: It was dark.',
      'Nobody saw us.',
      'Then we went home.',
      'B: Yes, seven.',
    ]);
  });

  it('are taken for one after the other where the times only touch', () => {
    const anna = spoken(0, ' We left at six.', 'A');
    const ben = spoken(anna.end - 0.3, ' At seven.', 'B');
    const cues = layOutCues(transcriptOf([anna, ben]));
    expect(cues[0]?.endMs).toBeLessThanOrEqual(cues[1]?.startMs ?? 0);
  });

  it('keep the times of their words in WebVTT, and come back from SRT and WebVTT as they were', () => {
    const anna = spoken(0, ' We left the house at six.', 'A');
    const transcript = transcriptOf([anna, spoken(1, ' At seven, I think.', 'B')]);
    const written = exportText(transcript, 'vtt', { ...DEFAULT_EXPORT_OPTIONS, vttWords: true }).text;
    for (const { words } of transcript.segments)
      for (const { word, start } of words.slice(1))
        expect(written).toContain(`<${vttTime(toMs(start))}>${word.trim()}`);
    const times = layOutCues(transcript).map(({ startMs, endMs }) => ({ startMs, endMs }));
    for (const read of [subtitleCues(exportText(transcript, 'srt').text), readVtt(exportText(transcript, 'vtt').text)])
      expect(read.map(({ startMs, endMs }) => ({ startMs, endMs }))).toEqual(times);
  });
});

describe('any transcript', () => {
  it('is one that the schema lets in', () => {
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        expect(transcriptSchema.safeParse(transcript).error).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('becomes cues that hold every word once, in order, within the limits', () => {
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        expect(faultOf(transcript)).toBeNull();
      }),
      { numRuns: 10_000 },
    );
  });
});

/** The first thing that is wrong with the layout of a transcript. */
function faultOf(transcript: Transcript): string | null {
  const words = Map.groupBy(spokenWords(transcript), ({ speaker }) => speaker);
  const cues = layOutCues(transcript);
  const held = new Map<Cue, readonly SpokenWord[]>();
  for (const [index, cue] of cues.entries()) {
    const mine: SpokenWord[] = [];
    const text = bare(cue.lines.join(''));
    for (let taken = ''; taken !== text; ) {
      const word = words.get(cue.speaker)?.shift();
      if (word === undefined || !text.startsWith(taken)) return `cue ${index} holds other words than were spoken`;
      mine.push(word);
      taken += bare(word.text);
    }
    held.set(cue, mine);
    if (cue.lines.length === 0 || cue.lines.length > limits.lines) return `cue ${index} has a wrong number of lines`;
    for (const line of cue.lines) {
      if (!/\S/u.test(line) || /[\p{Cc}\u2028\u2029]/u.test(line)) return `cue ${index} has a broken line`;
      if (mine.length > 1 && widthOf(line) > limits.lineWidth) return `cue ${index} has too wide a line`;
    }
  }
  for (const [index, cue] of cues.entries()) {
    const { startMs, endMs } = cue;
    const mine = held.get(cue) ?? [];
    const spokenMs = Math.max(...mine.map((word) => word.endMs));
    const together = (other: Cue): boolean =>
      other.speaker !== cue.speaker &&
      other.startMs < Math.max(spokenMs, startMs + 1) &&
      [mine, held.get(other) ?? []].every((words) => words.some((word) => word.crosstalk));
    const later = cues.slice(index + 1);
    if (later.some((other) => other.startMs < startMs)) return `cue ${index} comes too late`;
    const follows = later.filter((other) => !together(other));
    const nextMs = Math.min(...follows.map((other) => other.startMs));
    if (startMs >= nextMs || endMs <= startMs || endMs > nextMs) return `cue ${index} is shown at a wrong time`;
    if (endMs - startMs > limits.longestMs) return `cue ${index} is too long`;
    const room = nextMs - endMs > limits.gapMs && follows.length > 0;
    if (endMs - startMs < limits.shortestMs && room) return `cue ${index} is too short`;
  }
  return [...words.values()].every((left) => left.length === 0) ? null : 'words were left out';
}
