import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writePrivateFile } from './private-file.ts';

test('takes away what a killed process left aside, and leaves alone what a living one is writing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bt-private-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { pid: dead } = spawnSync(process.execPath, ['--version']);
  writeFileSync(join(folder, `api-token.${dead}.0123456789ab.tmp`), 'a secret');
  writeFileSync(join(folder, `engine.json.${process.pid}.0123456789ab.tmp`), '{}');
  writeFileSync(join(folder, 'notes.tmp'), 'of somebody else');
  writePrivateFile(join(folder, 'engine.json'), '{}');
  expect(readdirSync(folder).sort()).toEqual([
    'engine.json',
    `engine.json.${process.pid}.0123456789ab.tmp`,
    'notes.tmp',
  ]);
});
