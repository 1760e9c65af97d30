import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { envFile } from './env-file.ts';

const run = promisify(execFile);
const CLI = join(import.meta.dirname, 'cli.ts');

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bt-env-')));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the .env of the checkout is read by what is started in the checkout', async () => {
  expect(envFile(folder, folder)).toBeNull();
  await writeFile(join(folder, '.env'), 'WORKER_MODEL=small\n');
  expect(envFile(folder, folder)).toBe(join(folder, '.env'));
  const other = join(folder, 'link');
  await symlink(folder, other);
  expect(envFile(other, folder)).toBe(join(folder, '.env'));
  expect(envFile(join(folder, 'gone'), folder)).toBeNull();
});

test('one that lies beside recordings changes nothing', async () => {
  await writeFile(
    join(folder, '.env'),
    `BULK_TRANSCRIBE_DATA_DIR=${join(folder, 'theirs')}\nBULK_TRANSCRIBE_PYTHON=./theirs\n`,
  );
  expect(envFile(folder)).toBeNull();
  const { stdout } = await run(process.execPath, [CLI, '--help'], { cwd: folder });
  expect(stdout).toContain('--data-dir');
  expect(stdout.replace(/\s+/g, '')).not.toContain('theirs');
}, 60_000);
