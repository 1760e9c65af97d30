import { execFile } from 'node:child_process';
import { access, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const run = promisify(execFile);
const PACKAGE = join(import.meta.dirname, '../../worker-image');

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bt-python-')));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('what lies in the folder that a command is started in is not run when Python is looked for', async () => {
  for (const module of ['venv', 'ensurepip', 'pip', 'sysconfig'])
    await writeFile(join(folder, `${module}.py`), `open(${JSON.stringify(join(folder, 'ran'))}, "w").close()\n`);
  const script = `
    const { findPython } = await import(${JSON.stringify(new URL('./python.ts', import.meta.url).href)});
    const found = await findPython({ env: process.env, folder: ${JSON.stringify(PACKAGE)}, onProgress: () => {} });
    console.log(found.version);`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
  expect(stdout).toMatch(/^3\.\d+\n$/);
  await expect(access(join(folder, 'ran'))).rejects.toThrow();
}, 60_000);
