import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as nodeFs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, normalize, sep } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobOptions } from '../contract/options.ts';
import { DEFAULT_JOB_OPTIONS } from '../contract/options.ts';
import { MADE_BY } from '../contract/transcript.cases.ts';
import type { Transcript } from '../contract/transcript.ts';
import type { OutputWriter } from '../controller/ports.ts';
import type { OutputFileSystem } from './file-placing.ts';
import { OutputFiles } from './output-files.ts';
import { sameName } from './output-names.ts';
import { outputPlace } from './output-place.ts';

const transcript: Transcript = {
  schemaVersion: 1,
  text: ' Hello.',
  language: 'de',
  duration: 2,
  segments: [],
  speakers: { SPEAKER_00: {}, SPEAKER_01: {} },
  warnings: [],
  source: { filename: 'a.wav', sizeBytes: 1, sha256: 'a'.repeat(64), duration: 2 },
  ...MADE_BY,
};
const noon = new Date(2026, 10, 5, 12).getTime();

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bt-place-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function job(sourcePath: string, options: Partial<JobOptions>, id = 'job_1'): Parameters<OutputWriter['write']>[0] {
  // Only what decides about names is there.
  return { id, sourcePath, createdAt: noon, options: { ...DEFAULT_JOB_OPTIONS, ...options } } as Parameters<
    OutputWriter['write']
  >[0];
}

const place = (
  nameTemplate: string,
  batchName = 'Hearing',
  platform: NodeJS.Platform = 'linux',
  source = '/r/tape 1.wav',
) => outputPlace(job(source, { nameTemplate, outDir: '/out', model: 'large-v3' }), transcript, { batchName }, platform);

describe('the place of output files', () => {
  it('is what the template says', () => {
    expect(place('{batch}/{date}/{name} {language} {speaker-count} {model}.{ext}')).toEqual({
      base: '/out',
      folders: ['Hearing', '2026-11-05'],
      directory: '/out/Hearing/2026-11-05',
      stem: 'tape 1 de 2 large-v3',
    });
  });

  it('is a place on every system, whatever a batch or a recording is called', () => {
    expect(place('{batch}/{name}', '../../etc').folders).toEqual(['.._.._etc']);
    expect(place('{batch}/{name}', '..').folders).toEqual(['_']);
    expect(place('{batch}/{name}', 'CON', 'win32').folders).toEqual(['CON_']);
    expect(place('{batch}/{name}', 'a:b*c? ', 'win32').folders).toEqual(['a_b_c_']);
    const words = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(
        '..',
        '.',
        'nul',
        'con.txt',
        'aux ',
        'x'.repeat(300),
        '\u202egpj',
        'ü'.repeat(200),
        '../..',
        '...',
      ),
    );
    fc.assert(
      fc.property(words, fc.constantFrom<NodeJS.Platform>('linux', 'darwin', 'win32'), (batch, platform) => {
        const { base, folders, directory } = place('{batch}/x {batch}/{name}', batch, platform);
        expect(directory.startsWith(`${base}${sep}`) && normalize(directory) === directory).toBe(true);
        for (const name of folders) {
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
          expect(name).toMatch(
            platform === 'win32' ? /^[^\p{Cc}/\\<>:"|?*]*[^\p{Cc}/\\<>:"|?*. ]$/u : /^[^\p{Cc}/]+$/u,
          );
          if (platform === 'win32') expect(name).not.toMatch(/^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('files of a template', () => {
  it('lie in its folders, which are made within the folder that is there', async () => {
    const files = new OutputFiles();
    const named = { nameTemplate: '{batch}/{name}', formats: ['srt', 'podcast'] } as const;
    const facts = { batchName: 'Day 1', isOthers: () => false };
    mkdirSync(join(folder, 'r'));
    const written = await files.write(
      job(join(folder, 'r/a.wav'), { ...named, formats: [...named.formats] }),
      transcript,
      facts,
    );
    expect(written).toMatchObject([
      { format: 'srt', path: join(folder, 'r/Day 1/a.srt') },
      { format: 'podcast', path: join(folder, 'r/Day 1/a.podcast.json') },
    ]);
    // Beside a recording whose drive is gone nothing is made.
    await expect(
      files.write(job(join(folder, 'gone/a.wav'), { ...named, formats: ['srt'] }), transcript, facts),
    ).rejects.toMatchObject({ code: 'EXPORT_FAILED' });
    expect(readdirSync(folder)).toEqual(['r']);
    const again = await files.rewrite(
      job(join(folder, 'r/a.wav'), { ...named, formats: ['srt'] }),
      transcript,
      { files: written, replacing: () => undefined },
      facts,
      {},
    );
    expect(again.files).toEqual(written.slice(0, 1));
  });

  it.each(['replace', 'skip'] as const)('that belong to another recording are left alone by %s', async (conflict) => {
    const files = new OutputFiles();
    const first = await files.write(
      job(join(folder, 'x/a.wav'), { outDir: folder, formats: ['txt'], conflict }),
      transcript,
    );
    const path = first[0]?.path ?? '';
    writeFileSync(path, 'of the first');
    const second = await files.write(
      job(join(folder, 'y/a.wav'), { outDir: folder, formats: ['txt'], conflict }, 'job_2'),
      transcript,
      {
        batchName: '',
        isOthers: (each) => each === path,
      },
    );
    expect(second).toMatchObject([{ format: 'txt', path: join(folder, 'a (2).txt') }]);
    expect(readFileSync(path, 'utf8')).toBe('of the first');
  });

  it.each([
    ['win32', 'Interview.txt', 'INTERVIEW'],
    ['darwin', 'Interview.txt', 'interview'],
    ['darwin', 'Gespra\u0308ch.txt', 'Gespr\u00e4ch'],
  ] as const)(
    'that this system (%s) takes for another recording’s (%s) are not replaced either',
    async (platform, there, stem) => {
      const path = join(folder, there);
      writeFileSync(path, 'of the first');
      // As such a disk does it: a name leads to the file that has it in any spelling.
      const onDisk = (asked: string) => {
        const same = readdirSync(folder).find((name) => sameName(name) === sameName(basename(asked)));
        return same === undefined ? asked : join(folder, same);
      };
      const lstat = ((asked: string, options: object) => nodeFs.lstat(onDisk(asked), options)) as typeof nodeFs.lstat;
      const link = (from: string, to: string) => nodeFs.link(from, onDisk(to));
      const rename = (from: string, to: string) => nodeFs.rename(from, onDisk(to));
      const files = new OutputFiles({ platform, fs: { ...nodeFs, lstat, link, rename } as OutputFileSystem });
      const written = await files.write(
        job(join(folder, `y/${stem}.wav`), { outDir: folder, formats: ['txt'], conflict: 'replace' }, 'job_2'),
        transcript,
        { batchName: '', isOthers: (each) => each === path },
      );
      expect(written).toMatchObject([{ format: 'txt', path: join(folder, `${stem} (2).txt`) }]);
      expect(readFileSync(path, 'utf8')).toBe('of the first');
    },
  );

  it('look as the job says, and as is asked for now over that', async () => {
    const files = new OutputFiles();
    const spoken = { ...transcript, segments: [segment('SPEAKER_00', ' One two.'), segment('SPEAKER_01', ' Three.')] };
    const made = job(join(folder, 'a.wav'), {
      formats: ['srt', 'tsv'],
      exports: { srtSpeakers: 'brackets', tsvSpeaker: true, bom: true },
      outDir: folder,
    });
    const written = await files.write(made, spoken);
    const [srt = '', tsv = ''] = written.map(({ path }) => readFileSync(path, 'utf8'));
    expect(srt.startsWith('\ufeff1\n')).toBe(true);
    expect(srt).toContain('[SPEAKER_01]: Three.');
    expect(tsv).toContain('\tThree.\tSPEAKER_01\n');
    await files.rewrite(made, spoken, { files: written, replacing: () => undefined }, undefined, { bom: false });
    expect(readFileSync(written[0]?.path ?? '', 'utf8')).toMatch(/^1\n[\s\S]*\[SPEAKER_01\]: Three\./);
  });
});

function segment(speaker: string, text: string): Transcript['segments'][number] {
  const scores = { avg_logprob: 0, no_speech_prob: 0, compression_ratio: 1, temperature: 0 };
  return { id: 0, start: 0, end: 1, text, speaker, words: [], ...scores };
}
