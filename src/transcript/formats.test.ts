import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ExportOptions } from '../contract/export-options.ts';
import { DEFAULT_EXPORT_OPTIONS } from '../contract/export-options.ts';
import type { ExportFormat } from '../contract/options.ts';
import { EXPORT_FORMATS } from '../contract/options.ts';
import { transcriptSchema } from '../contract/transcript.ts';
import { layOutCues } from './cues.ts';
import { exportTranscript } from './export.ts';
import { speakerName } from './speakers.ts';
import { oneLine } from './spoken.ts';
import { readTimes, subtitleCues } from './subtitle-cues.ts';
import type { TextFormat } from './text-formats.ts';
import { exportText } from './text-formats.ts';
import { srtTime, toMs, vttTime } from './times.ts';
import { anyTranscript, spoken, transcriptOf } from './transcript.cases.ts';
import { readVtt } from './vtt.ts';

const valid = transcriptSchema.parse(
  JSON.parse(readFileSync(new URL('../contract/fixtures/transcript.valid.json', import.meta.url), 'utf8')),
);

function text(format: TextFormat, transcript = valid): string {
  return exportText(transcript, format).text;
}

describe('times', () => {
  it('are rounded once', () => {
    expect(toMs(1.0005)).toBe(1_001);
    expect(toMs(59.9996)).toBe(60_000);
    expect(srtTime(60_000)).toBe('00:01:00,000');
    expect(vttTime(3_599_999)).toBe('00:59:59.999');
    expect(srtTime(360_000_000)).toBe('100:00:00,000');
  });

  it('are read as they are written', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e10 }), (ms) => {
        expect(readTimes(`${srtTime(ms)} --> ${vttTime(ms)}`)).toEqual({ startMs: ms, endMs: ms });
      }),
    );
    for (const wrong of ['', '1', '-1:00:00,000', 'x00:00:00,000', '00:00:00;000'])
      expect(readTimes(`${wrong} --> 00:00:01,000`)).toBeNull();
  });
});

describe('SRT', () => {
  it('is written as players want it', () => {
    expect(text('srt')).toBe(
      [
        '1\n00:00:00,320 --> 00:00:01,920\nAnna: Good morning, and welcome.\n',
        "2\n00:00:02,610 --> 00:00:06,160\nSPEAKER_01: Thank you. It's five --\nno, twenty-five past nine & <late>.\n",
        '3\n00:00:08,000 --> 00:00:10,200\nSchön – 東京へ ようこそ 🎧.\n',
      ].join('\n'),
    );
  });

  it('names a speaker only where the speaker changes', () => {
    const turns = [
      spoken(0, ' One.', 'A'),
      spoken(5, ' Two.', 'A'),
      spoken(10, ' Three.', 'B'),
      spoken(15, ' Four.', 'A'),
    ];
    expect(subtitleCues(text('srt', transcriptOf(turns, { A: { name: 'Anna' } }))).map((cue) => cue.text)).toEqual([
      'Anna: One.',
      'Two.',
      'B: Three.',
      'Anna: Four.',
    ]);
  });

  it('says nothing where nothing was said', () => {
    expect(text('srt', transcriptOf([]))).toBe('');
    expect(subtitleCues('')).toEqual([]);
  });

  it('reads what other programs write', () => {
    const foreign =
      '\ufeff1\r\n00:00:01,000 --> 00:00:02,500 X1:0\r\nOne\r\nline two\r\n\r\n\r\n00:00:03.000 --> 00:00:04.000\r\nNo index\r\n\r\nnonsense\r\n';
    expect(subtitleCues(foreign)).toEqual([
      { startMs: 1_000, endMs: 2_500, text: 'One\nline two' },
      { startMs: 3_000, endMs: 4_000, text: 'No index\nnonsense' },
    ]);
  });

  it('comes back as it was laid out, whatever was said', () => {
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        const written = text('srt', transcript);
        const named = (speaker: string) => `${speakerName(transcript, speaker)}:`.replace(/-{2,}>/g, '->');
        const cues = layOutCues(transcript, undefined, named);
        expect(subtitleCues(written)).toEqual(
          cues.map(({ startMs, endMs, lines }) => ({
            startMs,
            endMs,
            text: lines.map((line) => line.replace(/-{2,}>/g, '->')).join('\n'),
          })),
        );
        expect(written.match(/-->/g)?.length ?? 0).toBe(cues.length);
        expect(written).not.toMatch(/\r|\ufeff|\n\n\n/);
        expect(written.isWellFormed()).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('WebVTT', () => {
  it('is written as browsers want it', () => {
    expect(text('vtt')).toBe(
      [
        'WEBVTT\n',
        '00:00:00.320 --> 00:00:01.900\n<v Anna>Good morning, and welcome.\n',
        "00:00:02.610 --> 00:00:06.100\n<v SPEAKER_01>Thank you. It's five -- no,\ntwenty-five past nine &amp; &lt;late&gt;.\n",
        '00:00:08.000 --> 00:00:10.200\nSchön – 東京へ ようこそ 🎧.\n',
      ].join('\n'),
    );
    expect(text('vtt', transcriptOf([]))).toBe('WEBVTT\n');
  });

  it('passes over notes and styles, and is not read from anything else', () => {
    const file =
      'WEBVTT - made by hand\n\nNOTE\nhello\n\nSTYLE\n::cue {}\n\nid\n01:02.000 --> 01:03.000 line:0\n<v.loud Bob>Hi <b>you</b>\n';
    expect(readVtt(file)).toEqual([{ startMs: 62_000, endMs: 63_000, text: 'Hi you', voice: 'Bob' }]);
    expect(readVtt('WebVTT\n\n00:00:01.000 --> 00:00:02.000\nHi\n')).toHaveLength(1);
    expect(readVtt('WEBVTTX\n')).toEqual([]);
  });

  it('comes back as it was laid out, whatever was said', () => {
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        const written = text('vtt', transcript);
        expect(readVtt(written)).toEqual(
          layOutCues(transcript).map(({ startMs, endMs, speaker, lines }) => ({
            startMs,
            endMs,
            text: lines.join('\n'),
            voice: speaker === null ? null : speakerName(transcript, speaker),
          })),
        );
        expect(written).not.toMatch(/\r|\ufeff|\n\n\n/);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('other programs', () => {
  const hostile = transcriptOf(
    [
      spoken(0.5, ' Look --> here', 'A'),
      spoken(5.25, ' a <b>bold</b> & sudden\n\n\n\nbreak'),
      spoken(3_700, ' 2\n00:00:01,000 --> 00:00:09,000\nforged', 'B'),
      spoken(3_710, ' WEBVTT NOTE'),
    ],
    { A: { name: 'Anna\n\nB.' } },
  );

  it.each(['srt', 'vtt'] as const)('ffmpeg reads the same cues from our %s', (format) => {
    const directory = mkdtempSync(join(tmpdir(), 'bt-formats-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, `a.${format}`);
    const written = text(format, hostile);
    writeFileSync(file, written);
    const entries = ['-show_entries', 'packet=pts_time,duration_time', '-of', 'csv=p=0'];
    const shown = spawnSync('ffprobe', ['-v', 'error', ...entries, file], { encoding: 'utf8' });
    expect(shown.stderr).toBe('');
    const seen = shown.stdout
      .trim()
      .split('\n')
      .map((line) => {
        const [start = Number.NaN, lasts = Number.NaN] = line.split(',').map(Number);
        return { startMs: toMs(start), endMs: toMs(start) + toMs(lasts) };
      });
    const ours = (format === 'srt' ? subtitleCues(written) : readVtt(written)).map(({ startMs, endMs }) => ({
      startMs,
      endMs,
    }));
    expect(seen).toEqual(ours);
    expect(seen).toHaveLength(4);
    // Through its decoder and back: the text is the same as well.
    const again = spawnSync('ffmpeg', ['-v', 'error', '-i', file, '-f', 'webvtt', '-'], { encoding: 'utf8' });
    expect(again.stderr).toBe('');
    expect(readVtt(again.stdout).map((cue) => oneLine(cue.text))).toEqual([
      expect.stringMatching(format === 'srt' ? /^Anna B\.: Look -> here$/ : /^Look --> here$/),
      expect.stringMatching(/bold.*& sudden break$/),
      expect.stringMatching(/2 00:00:01,000 --?> 00:00:09,000 forged$/),
      'WEBVTT NOTE',
    ]);
  });
});

describe('plain text', () => {
  it('gives each speaker a paragraph', () => {
    const turns = [
      spoken(0, ' Hello.', 'A'),
      spoken(2, ' How are you?', 'A'),
      spoken(4, ' Fine.', 'B'),
      spoken(6, ' [noise]'),
    ];
    expect(text('txt', transcriptOf(turns, { A: { name: 'Anna' } }))).toBe(
      'Anna: Hello.\nHow are you?\n\nB: Fine.\n\n[noise]\n',
    );
    expect(text('txt', transcriptOf([]))).toBe('');
  });

  it('has no more lines than were meant, whatever was said', () => {
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        expect(text('txt', transcript)).toMatch(/^(?:[^\p{Cc}]+\n(?:\n(?!$))?)*$/u);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('JSON', () => {
  it('is the whole transcript, a segment a line', () => {
    expect(JSON.parse(text('json'))).toEqual(valid);
    expect(
      text('json')
        .split('\n')
        .filter((line) => line.startsWith('    {')),
    ).toHaveLength(valid.segments.length);
    expect(JSON.parse(text('json', transcriptOf([])))).toEqual(transcriptOf([]));
  });

  it('has the same bytes whatever order the keys came in', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, inner]) => [key, reversed(inner)]),
      );
    };
    expect(text('json', transcriptSchema.parse(reversed(valid)))).toBe(text('json'));
    const backwards = reversed(valid) as typeof valid;
    expect(text('json', backwards)).toBe(text('json'));
  });

  it('comes back from any transcript', () => {
    fc.assert(
      fc.property(anyTranscript, (transcript) => {
        expect(JSON.parse(text('json', transcript))).toEqual(transcript);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('exportTranscript', () => {
  it.each(EXPORT_FORMATS)('knows %s', async (format) => {
    const { mediaType, extension, content } = await exportTranscript(valid, format);
    expect(mediaType).toMatch(/^(text|application)\//);
    const other: Partial<Record<ExportFormat, string>> = {
      whisperx: 'whisperx.json',
      podcast: 'podcast.json',
      audacity: 'labels.txt',
    };
    expect(extension).toBe(other[format] ?? format);
    if (typeof content !== 'string') return;
    expect(content.endsWith('\n')).toBe(true);
    expect(content).toContain(format === 'rttm' ? 'Anna' : 'welcome');
  });
});

describe('SRT by other rules', () => {
  const turns = transcriptOf([spoken(0, ' One.', 'A'), spoken(5, ' Two.', 'A'), spoken(10, ' Three.', 'B')], {
    A: { name: 'Anna' },
  });
  const lines = (options: Partial<ExportOptions>) =>
    subtitleCues(exportText(turns, 'srt', { ...DEFAULT_EXPORT_OPTIONS, ...options }).text).map((cue) => cue.text);

  it('says who speaks where it is asked to', () => {
    expect(lines({ srtSpeakers: 'always' })).toEqual(['Anna: One.', 'Anna: Two.', 'B: Three.']);
    expect(lines({ srtSpeakers: 'brackets' })).toEqual(['[A]: One.', '[A]: Two.', '[B]: Three.']);
    expect(lines({ srtSpeakers: 'never' })).toEqual(['One.', 'Two.', 'Three.']);
  });

  it('has a byte-order mark on request, and JSON never', () => {
    const bom = { ...DEFAULT_EXPORT_OPTIONS, bom: true };
    expect(exportText(turns, 'srt', bom).text.startsWith('\ufeff1\n')).toBe(true);
    for (const format of ['json', 'whisperx'] as const)
      expect(exportText(turns, format, bom)).toEqual(exportText(turns, format));
  });
});
