// Owns how output files are called: a template of words and fields, read once, refused with what is wrong. What the fields stand for, and what
// a disk takes, is decided where files are written.

import * as z from 'zod';

/**
 * `name`: the recording's, without its ending. `date`: of the job's making, YYYY-MM-DD. `batch`: the name of what was dropped together.
 * `speaker-count`: how many were told apart. `language`: of the transcript. `model`: that was asked for. `ext`: the format's ending.
 */
export const NAME_FIELDS = ['name', 'date', 'batch', 'speaker-count', 'language', 'model', 'ext'] as const;
export type NameField = (typeof NAME_FIELDS)[number];

/** A piece of a template: words as they stand, or a field. */
export type NamePiece = { readonly text: string } | { readonly field: NameField };

/** The folders and the name, outermost first, each a list of pieces; or what is wrong with the template, for a person. */
export type NameTemplate =
  | { readonly ok: true; readonly path: readonly (readonly NamePiece[])[] }
  | { readonly ok: false; readonly problem: string };

const MOST_FOLDERS = 10;

/** Reads a template such as `{batch}/{date} {name}`. An ending `.{ext}` may be written and changes nothing: it is added to every file. */
export function readNameTemplate(template: string): NameTemplate {
  if (template.trim() === '') return wrong('A template of file names cannot be empty.');
  if (template.includes('\\')) return wrong('Folders in a template are parted by "/", not by "\\".');
  if (template.startsWith('/') || /^[A-Za-z]:/.test(template))
    return wrong('A template lies within the folder of the transcripts: it cannot begin with "/" or a drive.');
  const parts = template.replace(/\.\{ext\}$/, '').split('/');
  if (parts.length > MOST_FOLDERS) return wrong(`A template has at most ${MOST_FOLDERS - 1} folders.`);
  if (parts.some((part) => part.trim() === '')) return wrong('A folder in a template has no name.');
  if (parts.some((part) => /^\.{1,2}$/.test(part.trim()))) return wrong('A template cannot lead out of its folder.');
  const path: NamePiece[][] = [];
  for (const part of parts) {
    const pieces = piecesOf(part);
    if (typeof pieces === 'string') return wrong(pieces);
    path.push(pieces);
  }
  // Otherwise all recordings of a folder would be called the same.
  if (!path.flat().some((piece) => 'field' in piece && piece.field === 'name'))
    return wrong('A template needs {name}, or every recording would get the same file.');
  return { ok: true, path };
}

function piecesOf(part: string): NamePiece[] | string {
  const pieces: NamePiece[] = [];
  let at = 0;
  for (const { 0: whole, 1: word = '', index } of part.matchAll(/\{([^{}]*)\}/g)) {
    const before = part.slice(at, index);
    const field = NAME_FIELDS.find((each) => each === word.trim().toLowerCase());
    if (field === undefined)
      return `{${word}} is no field. There are ${NAME_FIELDS.map((each) => `{${each}}`).join(', ')}.`;
    if (before !== '') pieces.push({ text: before });
    pieces.push({ field });
    at = index + whole.length;
  }
  const rest = part.slice(at);
  if (rest !== '') pieces.push({ text: rest });
  return pieces.some((piece) => 'text' in piece && /[{}]/.test(piece.text))
    ? 'A "{" or "}" stands alone: a field is written {name}.'
    : pieces;
}

function wrong(problem: string): NameTemplate {
  return { ok: false, problem };
}

export const nameTemplateSchema = z
  .string()
  .max(500)
  .superRefine((template, context) => {
    const read = readNameTemplate(template);
    if (!read.ok) context.addIssue({ code: 'custom', message: read.problem });
  });
