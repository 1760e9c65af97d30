// Reads a Dockerfile as far as tests want it: its instructions in order, each with the stage it stands in.

import { readFileSync } from 'node:fs';

export interface Instruction {
  readonly name: string;
  /** Everything after the name, with continued lines joined. */
  readonly text: string;
  /** Name of the stage, '' for one without. Instructions before the first FROM have the stage null. */
  readonly stage: string | null;
}

export function readDockerfile(file: string): readonly Instruction[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line));
  const joined = lines.join('\n').replaceAll(/\\\n\s*/g, '');
  let stage: string | null = null;
  return joined.split('\n').map((line) => {
    const [, name = '', text = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'FROM') stage = / AS (\w+)$/.exec(text)?.[1] ?? '';
    return { name, text, stage };
  });
}

/** What a COPY copies: sources, then the place. Its flags apart. */
export function copied({ text }: Instruction): { from: string | null; sources: readonly string[]; to: string } {
  const words = text.split(/\s+/);
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length) ?? null;
  const places = words.filter((word) => !word.startsWith('--'));
  return { from, sources: places.slice(0, -1), to: places.at(-1) ?? '' };
}

/** The variables of ENV, ARG or LABEL instructions; quotes taken off. */
export function variables(instructions: readonly Instruction[]): Readonly<Record<string, string>> {
  const pairs = instructions.flatMap(({ text }) => [...text.matchAll(/([\w.]+)(?:=("[^"]*"|\S*))?/g)]);
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value.replaceAll('"', '')]));
}
