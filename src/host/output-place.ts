// Owns where the files of a job go and how they are called: its template filled in, every part made into a name that every disk takes.

import { basename, dirname, extname, join } from 'node:path';
import type { NameField } from '../contract/name-template.ts';
import { readNameTemplate } from '../contract/name-template.ts';
import type { Transcript } from '../contract/transcript.ts';
import type { OutputFacts, OutputWriter } from '../controller/ports.ts';
import { fileStem } from './output-names.ts';

/** Where files are written; `stem` is their name without number and ending, as it was filled in. */
export interface OutputPlace {
  /** The folder that was asked for, or the recording's. */
  readonly base: string;
  /** Folders within `base`, outermost first, each a name that the disk takes. */
  readonly folders: readonly string[];
  /** `base` and `folders`, joined. */
  readonly directory: string;
  readonly stem: string;
}

type Job = Parameters<OutputWriter['write']>[0];

export function outputPlace(
  job: Pick<Job, 'options' | 'sourcePath' | 'createdAt'>,
  transcript: Transcript,
  { batchName }: Pick<OutputFacts, 'batchName'>,
  platform: NodeJS.Platform,
): OutputPlace {
  const { options, sourcePath } = job;
  const base = options.outDir ?? dirname(sourcePath);
  const name = basename(sourcePath, extname(sourcePath));
  const template = readNameTemplate(options.nameTemplate ?? '{name}');
  // A template was read when the job was made; one from elsewhere that makes no sense leaves the recording's own name.
  const path = template.ok ? template.path : [[{ field: 'name' as const }]];
  const values: Record<NameField, string> = {
    name,
    date: localDate(job.createdAt),
    batch: batchName,
    'speaker-count': String(Object.keys(transcript.speakers).length),
    language: transcript.language,
    model: options.model,
    ext: '',
  };
  const filled = path.map((pieces) =>
    pieces
      .map((piece) => ('text' in piece ? piece.text : values[piece.field]))
      .join('')
      .trim(),
  );
  const stem = filled.pop() ?? name;
  // What a field says is never a step to another folder: a slash in a batch's name becomes a letter.
  const folders = filled.map((folder) => fileStem(folder, platform, '_'));
  return { base, folders, directory: join(base, ...folders), stem };
}

/** YYYY-MM-DD by the clock on this computer's wall. */
function localDate(instant: number): string {
  const date = new Date(instant);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
