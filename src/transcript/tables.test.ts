import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_EXPORT_OPTIONS } from '../contract/export-options.ts';
import { spokenLines } from './lines.ts';
import { speakerName } from './speakers.ts';
import { exportText } from './text-formats.ts';
import { anyTranscript, segmentOf, spoken, transcriptOf } from './transcript.cases.ts';

/** A reader of RFC 4180 that knows nothing of the writer. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  for (let at = 0; at < text.length; ) {
    const row: string[] = [];
    for (;;) {
      let cell = '';
      if (text[at] !== '"') throw new Error(`No quote at ${at}.`);
      for (at += 1; ; at += 1) {
        if (text[at] === undefined) throw new Error('The file ends within a cell.');
        if (text[at] !== '"') cell += text[at];
        else if (text[at + 1] === '"') {
          cell += '"';
          at += 1;
        } else break;
      }
      row.push(cell);
      at += 1;
      if (text[at] !== ',') break;
      at += 1;
    }
    if (text.slice(at, at + 2) !== '\r\n') throw new Error(`No line end at ${at}.`);
    at += 2;
    rows.push(row);
  }
  return rows;
}

const said = (text: string) =>
  transcriptOf([segmentOf([{ word: ` ${text}`, start: 1, end: 2, probability: 1 }], 1, 2, 'A')]);

describe('TSV', () => {
  it('is as Whisper writes it, and has the speaker only on request', () => {
    const transcript = transcriptOf([spoken(0.5, ' Hello\tthere.', 'A'), spoken(2, ' Fine.')], { A: { name: 'Anna' } });
    expect(exportText(transcript, 'tsv').text).toBe('start\tend\ttext\n500\t1280\tHello there.\n2000\t2360\tFine.\n');
    const withSpeaker = { ...DEFAULT_EXPORT_OPTIONS, tsvSpeaker: true };
    expect(exportText(transcript, 'tsv', withSpeaker).text.split('\n')).toEqual([
      'start\tend\ttext\tspeaker',
      '500\t1280\tHello there.\tAnna',
      '2000\t2360\tFine.\t',
      '',
    ]);
  });

  it('has three cells in every row, whatever was said', () => {
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        const { text } = exportText(transcript, 'tsv');
        expect(text).toMatch(/^start\tend\ttext\n(?:\d+\t\d+\t[^\p{Cc}]+\n)*$/u);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('CSV', () => {
  it('is read back by its own rules, whatever was said', () => {
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        const [head, ...rows] = readCsv(exportText(transcript, 'csv').text);
        expect(head).toEqual(['start', 'end', 'speaker', 'text']);
        const plain = rows.map(([, , speaker, text]) =>
          [speaker, text].map((cell) => cell?.replace(/^'(?=\s*[=+\-@＝＋－＠])/u, '')),
        );
        expect(plain).toEqual(
          spokenLines(transcript).map(({ speaker, text }) => [
            speaker === null ? '' : speakerName(transcript, speaker),
            text,
          ]),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(['=1+1', '+1', '-2+3', '@SUM(A1)', '＝1', "=cmd|' /C calc'!A0"])('takes the formula out of %s', (text) => {
    expect(readCsv(exportText(said(text), 'csv').text)[1]?.[3]).toBe(`'${text}`);
  });

  it('is the same table to Python', () => {
    const written = exportText(said('He said "no", and\nleft, -- twice'), 'csv').text;
    const program =
      'import csv,json,sys,io; print(json.dumps(list(csv.reader(io.StringIO(sys.stdin.read(), newline="")))))';
    const read = spawnSync('python3', ['-c', program], { input: written, encoding: 'utf8' });
    expect(JSON.parse(read.stdout)).toEqual([
      ['start', 'end', 'speaker', 'text'],
      ['00:00:01.000', '00:00:02.000', 'A', 'He said "no", and left, -- twice'],
    ]);
  });
});
