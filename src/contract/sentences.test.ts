import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { quoted, SENTENCES, say, sayAll } from './sentences.ts';

/** Codes of what only programs, or nobody, asks for in that way: their first sentence is worded, the rest is for whoever wrote the program. */
const OF_PROGRAMS = new Set([
  'INTERNAL',
  'BAD_REQUEST',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'DATABASE_DAMAGED',
  'DATABASE_NEWER',
  'ENGINE_RUNNING',
  'WORKER_PROTOCOL',
]);
/** What these refuse is answered to workers and programs, and shown in no window. */
const TO_PROGRAMS =
  /^src\/(?:tunnel\/|ui\/|host\/(?:commands\/|http-server)|controller\/deliver|controller\/deployed-outputs|store\/(?:inbox-files|transcript-rows))/;

it('puts values in, and leaves out what is empty', () => {
  expect(say('lacks_size', { worker: 'Studio {x}', megabytes: 5 })).toBe('Studio {x} takes recordings of up to 5 MB.');
  expect(sayAll(say('ended_idle'), quoted(''), say('pod_ending'))).toBe('It had nothing to do. It is being ended.');
});

it('has no sentence twice under two keys, unless each stands in a place of its own', () => {
  const texts = Object.values(SENTENCES);
  const twice = texts.filter((text, index) => texts.indexOf(text) !== index);
  expect(twice).toEqual(['It is starting.']);
});

it('is where the sentences of errors are made that a window shows', () => {
  const made: string[] = [];
  for (const file of globSync('src/**/*.ts').map((name) => name.replaceAll('\\', '/'))) {
    if (/\.(?:test|cases)\.ts$/.test(file) || TO_PROGRAMS.test(file)) continue;
    const source = readFileSync(file, 'utf8');
    for (const [, code = '', text = ''] of source.matchAll(/new \w*(?:Error|Refusal)\(\s*'([A-Z_]+)',\s*(['`"].*)/g))
      if (!OF_PROGRAMS.has(code)) made.push(`${file}: ${text}`);
  }
  expect(made).toEqual([]);
});
