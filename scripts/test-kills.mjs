// `npm run test:kills`: the worker is killed with `kill -9` at each stage of a recording, 100 times; nothing may be lost.
//
//   npm run test:kills -- 500 1     so many kills, and the seed of a run that is to be repeated
// @ts-check
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { movedToNode24, root } from './node24.mjs';
import { ensureVenv, workerPython } from './worker-venv.mjs';

async function main() {
  await ensureVenv({ dev: true });
  const python = await workerPython();
  const code = await new Promise((resolve) => {
    spawn(python, ['-m', 'tests.kills', ...process.argv.slice(2)], {
      cwd: join(root, 'worker-image'),
      stdio: 'inherit',
    }).on('exit', (status) => resolve(status ?? 1));
  });
  process.exitCode = Number(code);
}

if (!movedToNode24()) await main();
