import { describe, expect, it } from 'vitest';
import { TRANSCRIPT_LIMITS, type Word } from '../contract/transcript.ts';
import { exportTranscript } from './export.ts';
import { tightened } from './fillers.ts';
import { type ImportedFrom, importTranscript } from './import.ts';
import { realign } from './realign.ts';
import { singleChange } from './single-change.ts';
import { heardAs } from './timed-tokens.ts';
import { segmentOf, transcriptOf } from './transcript.cases.ts';

/** Milliseconds of processor time that a megabyte may take: it takes a few hundred. What looks at every pair of letters takes minutes. */
const MOST_MS = 4_000;
const MEGABYTE = 1_000_000;
const LONGEST = TRANSCRIPT_LIMITS.textLength - 1;

const FROM: ImportedFrom = {
  source: { filename: 'a.wav', sizeBytes: 1, sha256: 'a'.repeat(64) },
  durationSec: null,
  createdAt: '2026-01-01T00:00:00Z',
};

/** Processor time, which other work on the computer does not lengthen. */
async function spentMs(run: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function read(text: string): unknown {
  try {
    return importTranscript(text, FROM);
  } catch (thrown) {
    return thrown;
  }
}

const timed = (text: string, start: number, end: number): Word => ({ word: text, start, end, probability: 0.9 });
const vtt = (text: string) => `WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n${text}\n`;
const srt = (text: string) => `1\n00:00:01,000 --> 00:00:02,000\n${text}\n`;
const times = (second: number) => {
  const clock = new Date(second * 1_000).toISOString().slice(11, 19);
  return `${clock}.000 --> ${clock}.900`;
};

describe('a file that nobody means well, of a megabyte', () => {
  it.each([
    ['tags that do not end', vtt('<'.repeat(MEGABYTE))],
    ['voices that do not end', vtt('<v '.repeat(MEGABYTE / 3))],
    ['classes of voices that do not end', vtt('<v.a'.repeat(MEGABYTE / 4))],
    ['marks of style that do not end', srt('<b .'.repeat(MEGABYTE / 4))],
    ['arrows', '-->'.repeat(MEGABYTE / 3)],
    ['white space', srt(`${' '.repeat(MEGABYTE)}x`)],
    ['empty lines', '\n'.repeat(MEGABYTE)],
    ['brackets of JSON', '['.repeat(MEGABYTE)],
    ['words of Python', `{"x":[${'NaN,'.repeat(MEGABYTE / 4)}NaN],"segments":[]}`],
    [
      'a speaker for each line',
      `WEBVTT\n\n${Array.from({ length: 40_000 }, (_, at) => `${times(at)}\n<v P${at}>yes\n`).join('\n')}`,
    ],
  ])(
    'is read or refused in little time: %s',
    async (_, text) => {
      expect(await spentMs(() => read(text))).toBeLessThan(MOST_MS);
    },
    120_000,
  );

  it('keeps what stands behind a sign that begins no tag', () => {
    const { transcript: read } = importTranscript(vtt('<v Ann>one < two <i>three</i>'), FROM);
    expect(read.segments[0]?.text).toBe(' one < two three');
    expect(read.speakers).toEqual({ SPEAKER_00: { name: 'Ann' } });
  });
});

describe('a transcript of a hostile worker', () => {
  /** Words of one sign, written without spaces, with a letter behind: a run that ends in nothing. */
  const run = (sign: string) => {
    const count = 4_000;
    const words = Array.from({ length: count }, (_, at) => timed(sign.repeat(250), at / count, (at + 1) / count));
    return transcriptOf([segmentOf([...words, timed('x', 1, 1)], 0, 1)]);
  };

  it.each(['#', '-', '&', ':', '<', '.', '\\'])(
    'is exported in little time: a megabyte of %s',
    async (sign) => {
      const hostile = run(sign);
      for (const format of ['srt', 'vtt', 'txt', 'csv', 'md', 'docx', 'audacity'] as const)
        expect([format, (await spentMs(() => exportTranscript(hostile, format))) < MOST_MS]).toEqual([format, true]);
    },
    240_000,
  );

  it('is laid out in paragraphs in little time where no sentence ends', async () => {
    const said = Array.from({ length: 20_000 }, (_, at) =>
      segmentOf([timed(` ${'word '.repeat(10).trim()}`, at, at + 1)], at, at + 1),
    );
    const long = transcriptOf(said);
    expect(await spentMs(() => exportTranscript(long, 'md'))).toBeLessThan(MOST_MS);
  }, 120_000);

  it.each([
    ['a token is compared', () => heardAs(`a${'!'.repeat(LONGEST)}a`)],
    ['fillers are looked for', () => tightened(`uh uh ${'.'.repeat(LONGEST / 2)}uh${'.'.repeat(LONGEST / 2)}x`, 'en')],
    ['a filler is left out', () => tightened(`a${','.repeat(LONGEST)}b uh. c`, 'en')],
    ['one word is replaced', () => singleChange(`a${'!'.repeat(LONGEST)}a`, 'b')],
    ['words are laid anew', () => realign(`x${' '.repeat(LONGEST)}`, [timed('y', 0, 1)], { start: 0, end: 1 })],
  ])(
    '%s in little time',
    async (_, act) => {
      expect(await spentMs(act)).toBeLessThan(MOST_MS);
    },
    120_000,
  );
});
