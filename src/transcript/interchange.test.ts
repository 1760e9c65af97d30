import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_EXPORT_OPTIONS } from '../contract/export-options.ts';
import { spokenLines } from './lines.ts';
import { exportText } from './text-formats.ts';
import { anyTranscript, spoken, transcriptOf } from './transcript.cases.ts';
import { readVtt } from './vtt.ts';

const turns = transcriptOf(
  [spoken(0, ' One two.', 'A'), spoken(1, ' Three.', 'A'), spoken(5, ' Four\tfive.', 'B'), spoken(10, ' Six.')],
  { A: { name: 'Anna Blum' } },
);

describe('Podcasting 2.0 JSON', () => {
  it('has the fields of its specification', () => {
    expect(JSON.parse(exportText(turns, 'podcast').text)).toEqual({
      version: '1.0.0',
      segments: [
        { speaker: 'Anna Blum', startTime: 0, endTime: 0.54, body: 'One two.' },
        { speaker: 'Anna Blum', startTime: 1, endTime: 1.42, body: 'Three.' },
        { speaker: 'B', startTime: 5, endTime: 5.66, body: 'Four five.' },
        { startTime: 10, endTime: 10.3, body: 'Six.' },
      ],
    });
  });
});

describe('Audacity labels', () => {
  it('are three fields a line, whatever was said', () => {
    expect(exportText(turns, 'audacity').text.split('\n')[0]).toBe('0.000\t0.540\t[[Anna Blum]]One two.');
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        const rows = exportText(transcript, 'audacity').text.split('\n').slice(0, -1);
        expect(rows).toHaveLength(spokenLines(transcript).length);
        for (const row of rows) expect(row).toMatch(/^\d+\.\d{3}\t\d+\.\d{3}\t[^\t\n]+$/u);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('RTTM', () => {
  it('has a line a turn, and none where no speaker is known', () => {
    expect(exportText(turns, 'rttm').text).toBe(
      'SPEAKER a 1 0.000 1.420 <NA> <NA> Anna_Blum <NA> <NA>\nSPEAKER a 1 5.000 0.660 <NA> <NA> B <NA> <NA>\n',
    );
    expect(exportText(transcriptOf([spoken(0, ' Alone.')]), 'rttm').text).toBe('');
  });

  it('has ten fields a line, whatever people are called', () => {
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        for (const row of exportText(transcript, 'rttm').text.split('\n').slice(0, -1))
          expect(row).toMatch(/^SPEAKER \S+ 1 \d+\.\d{3} \d+\.\d{3} <NA> <NA> \S+ <NA> <NA>$/u);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('WebVTT with a time before every word', () => {
  it('marks each word but the first of a cue', () => {
    expect(exportText(turns, 'vtt', { ...DEFAULT_EXPORT_OPTIONS, vttWords: true }).text).toMatch(
      /\n<v Anna Blum>One <00:00:00\.\d{3}>two\. <00:00:01\.000>Three\.\n/,
    );
  });

  it('is the same text with times that rise within each cue, whatever was said', () => {
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        const plain = exportText(transcript, 'vtt').text;
        const marked = exportText(transcript, 'vtt', { ...DEFAULT_EXPORT_OPTIONS, vttWords: true }).text;
        expect(readVtt(marked)).toEqual(readVtt(plain));
        const time = /<(\d{2,}):(\d{2}):(\d{2})\.(\d{3})>/g;
        for (const block of marked.split('\n\n').slice(1)) {
          const [head = '', ...lines] = block.split('\n');
          const cue = readVtt(`WEBVTT\n\n${head}\nx\n`)[0];
          let before = cue?.startMs ?? 0;
          for (const [, hours, minutes, seconds, ms] of lines.join('\n').matchAll(time)) {
            const at = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(ms);
            expect(at).toBeGreaterThan(before);
            expect(at).toBeLessThan(cue?.endMs ?? 0);
            before = at;
          }
        }
        expect(marked.replace(time, '')).toBe(plain);
      }),
      { numRuns: 2_000 },
    );
  });
});
