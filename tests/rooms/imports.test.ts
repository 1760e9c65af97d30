import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { violations } from './imports.ts';
import { rooms } from './table.ts';

const root = join(import.meta.dirname, '../..');

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?tsx?$/.test(entry.name))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    );
}

describe('every file under src/ and electron/', () => {
  const files = [...sources('src'), ...sources('electron')];

  it('keeps to the table', () => {
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap((file) => violations(file, readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });
});

describe('the table', () => {
  it('names only rooms that it has, and files of them that are there', () => {
    const named = Object.values(rooms).flatMap((room) => room.rooms);
    expect(named.filter((name) => !(name in rooms) && !(name.endsWith('.ts') && existsSync(join(root, name))))).toEqual(
      [],
    );
  });
});

// Each source breaks the table once, in one form that an import can take. Without these a parser that went blind would pass.
describe('the reader', () => {
  const forbidden: [form: string, file: string, source: string, told: string[]][] = [
    [
      'static import',
      'src/ui/queue.ts',
      `import { a } from '../controller/engine.ts';`,
      ['../controller/engine.ts', 'src/contract, src/jobs'],
    ],
    [
      'type-only import',
      'src/ui/queue.ts',
      `import type { A } from '../controller/engine.ts';`,
      ['../controller/engine.ts'],
    ],
    [
      'inline type',
      'src/jobs/retry.ts',
      `import { type A } from '../store/open.ts';`,
      ['../store/open.ts', 'src/contract'],
    ],
    ['import for effect', 'src/jobs/retry.ts', `import 'zod';`, ['zod', 'no package']],
    [
      'dynamic import',
      'src/controller/engine.ts',
      `await import('better-sqlite3');`,
      ['better-sqlite3', 'node:events'],
    ],
    ['import type expression', 'src/ui/queue.ts', `let a: import('better-sqlite3').Database;`, ['better-sqlite3']],
    ['typeof import', 'src/ui/queue.ts', `let a: typeof import('node:fs');`, ['node:fs']],
    ['export from', 'src/contract/job.ts', `export { a } from '../jobs/a.ts';`, ['../jobs/a.ts', 'no other room']],
    ['export all', 'src/contract/job.ts', `export * from '../jobs/a.ts';`, ['../jobs/a.ts']],
    ['export type from', 'src/contract/job.ts', `export type { A } from '../jobs/a.ts';`, ['../jobs/a.ts']],
    ['import equals', 'src/host/compose.ts', `import ws = require('ws');`, ['ws', 'commander']],
    ['require', 'src/host/compose.ts', `const ws = require('ws');`, ['ws']],
    ['reference', 'src/ui/queue.ts', `/// <reference types="node" />`, ['node']],
    ['ambient module', 'src/ui/queue.ts', `declare module 'pino' {}`, ['pino']],
    ['package subpath', 'src/store/open.ts', `import 'undici/types';`, ['undici/types']],
    ['scoped package', 'src/host/compose.ts', `import '@tanstack/react-virtual';`, ['@tanstack/react-virtual']],
    ['Node module in a pure room', 'src/jobs/retry.ts', `import 'node:crypto';`, ['node:crypto']],
    ['Node module without its prefix', 'src/store/open.ts', `import 'fs';`, ['fs']],
    ['Node module behind the ports', 'src/controller/engine.ts', `import 'node:fs';`, ['node:fs', 'node:events']],
    [
      'past the ports',
      'src/store/open.ts',
      `import '../controller/engine.ts';`,
      ['../controller/engine.ts', 'src/controller/ports.ts'],
    ],
    ['driver to driver', 'src/workers/client.ts', `import '../tunnel/link.ts';`, ['../tunnel/link.ts']],
    ['out of the rooms', 'src/host/cli.ts', `import '../../scripts/build.mjs';`, ['../../scripts/build.mjs']],
    [
      'values into the preload',
      'electron/preload/preload.ts',
      `import { a } from '../../src/contract/job.ts';`,
      ['only types'],
    ],
    ['engine knows Electron', 'electron/engine/engine.ts', `import 'electron';`, ['electron', 'birpc']],
    ['src names electron', 'src/host/compose.ts', `const v = process.versions.electron;`, ['names electron']],
    ['no extension', 'src/jobs/retry.ts', `import './a';`, ['./a', '.ts, .tsx']],
    ['compiled extension', 'src/jobs/retry.ts', `import './a.js';`, ['./a.js', '.ts, .tsx']],
    ['computed', 'src/host/compose.ts', `await import('./' + name);`, ['computed']],
    ['test from product', 'src/host/compose.ts', `import './server.test.ts';`, ['only a test']],
    ['test package from product', 'src/jobs/retry.ts', `import 'fast-check';`, ['fast-check']],
    ['clock', 'src/jobs/retry.ts', `const a = Date.now();`, ['Date.now', 'arguments']],
    ['clock by key', 'src/jobs/retry.ts', `const a = Date['now']();`, ['Date.now']],
    ['new clock', 'src/transcript/srt.ts', `const a = new Date();`, ['new Date()']],
    ['dice', 'src/jobs/retry.ts', `const a = [1].map(Math.random);`, ['Math.random']],
    ['barrel', 'src/jobs/index.ts', '', ['"index"']],
    ['empty name', 'src/jobs/retry-utils.ts', '', ['"utils"']],
    ['empty name in camel case', 'src/host/jobManager.ts', '', ['"manager"']],
    ['no room', 'src/pages/a.ts', '', ['no room', 'src/contract']],
    ['beside the rooms', 'src/a.ts', '', ['no room']],
    ['broken source', 'src/jobs/retry.ts', 'const = ;', ['does not parse']],
  ];
  it.each(forbidden)('refuses: %s', (_form, file, source, told) => {
    const [sentence, ...others] = violations(file, source);
    expect(others).toEqual([]);
    for (const part of [file, ...told]) expect(sentence).toContain(part);
  });

  const allowed: [form: string, file: string, source: string][] = [
    ['own room', 'src/jobs/retry.ts', `import './states.ts'; import type { A } from './deep/a.ts';`],
    ['a room below', 'src/ui/screens/queue.tsx', `import { a } from '../../jobs/progress.ts'; const b = <p>{a}</p>;`],
    ['the ports', 'src/store/open.ts', `import type { Store } from '../controller/ports.ts';`],
    ['packages', 'src/store/open.ts', `import Database from 'better-sqlite3'; import { join } from 'node:path';`],
    ['package subpath', 'src/ui/main.tsx', `import { createRoot } from 'react-dom/client'; import './app.css';`],
    [
      'types into the preload',
      'electron/preload/preload.ts',
      `import { type A } from '../../src/contract/job.ts'; import 'electron';`,
    ],
    [
      'test tools in a test',
      'src/jobs/retry.test.ts',
      `import 'vitest'; import 'fast-check'; import './retry.ts'; Date.now();`,
    ],
    ['a date from an argument', 'src/jobs/retry.ts', `export const day = (now: number) => new Date(now);`],
    ['electron in a comment', 'src/host/compose.ts', `// runs without electron\nexport const a = 1;`],
  ];
  it.each(allowed)('allows: %s', (_form, file, source) => {
    expect(violations(file, source)).toEqual([]);
  });
});
