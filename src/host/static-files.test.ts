import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPageFile } from './static-files.ts';

let dir = '';
const uiDir = () => join(dir, 'ui');
const SECRET = 'SECRET';

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'page-'));
  mkdirSync(join(dir, 'ui/assets'), { recursive: true });
  mkdirSync(join(dir, 'ui-secrets'));
  writeFileSync(join(dir, 'secret.txt'), SECRET);
  writeFileSync(join(dir, 'ui-secrets/secret.txt'), SECRET);
  writeFileSync(join(dir, 'ui/index.html'), 'page');
  writeFileSync(join(dir, 'ui/.hidden'), SECRET);
  writeFileSync(join(dir, 'ui/assets/a.js'), 'script');
  symlinkSync(join(dir, 'secret.txt'), join(dir, 'ui/link.txt'));
  symlinkSync(join(dir, 'ui-secrets'), join(dir, 'ui/folder'));
  symlinkSync('assets/a.js', join(dir, 'ui/inside.js'));
  symlinkSync('loop.js', join(dir, 'ui/loop.js'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const steps = [
  '..',
  '%2e%2e',
  '%2E.',
  '.%2e',
  '%252e%252e',
  '..;',
  '%c0%ae%c0%ae',
  '．．',
  '..%00',
  '.. ',
  '...',
  '..%5c',
  '..\\',
];
const joints = ['/', '//', '%2f', '%2F', '\\', '%5c', '%255c', '/./', '/x/../'];
const ends = ['secret.txt', 'ui-secrets/secret.txt', 'etc/passwd'];
const TRAVERSALS = [
  ...steps.flatMap((step) =>
    joints.flatMap((joint) =>
      ends.flatMap((end) => [1, 2, 8].map((times) => `/${`${step}${joint}`.repeat(times)}${end}`)),
    ),
  ),
  ...steps.flatMap((step) => joints.map((joint) => `/assets/${step}${joint}secret.txt`)),
  '',
  '//',
  '/assets',
  '/assets/',
  '/.hidden',
  '/%2ehidden',
  '/link.txt',
  '/folder/secret.txt',
  '/loop.js',
  '/index.html/',
  '/index.html/x',
  '/index.html%00.js',
  '/index.html::$DATA',
  '/C:/secret.txt',
  '/%',
  '/%zz',
  '/%ff',
  `/${'a'.repeat(5_000)}`,
  `/${'a'.repeat(300)}`,
  'index.html',
  '/file:///etc/passwd',
];

describe('files of the page', () => {
  it('are found by their own names', async () => {
    for (const [path, text] of [
      ['/', 'page'],
      ['/index.html', 'page'],
      ['/assets/a.js', 'script'],
      ['/inside.js', 'script'],
    ] as const)
      expect((await readPageFile(uiDir(), path))?.bytes.toString(), path).toBe(text);
    expect(await readPageFile(join(dir, 'not-built'), '/')).toBeNull();
  });

  it(`are the only ones: ${TRAVERSALS.length} other paths name nothing`, async () => {
    for (const path of TRAVERSALS) expect(await readPageFile(uiDir(), path), path).toBeNull();
  });
});
