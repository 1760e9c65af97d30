// `npm run bench -- NAME…`: figures as ratios of two things measured in turn in one run. No gate: what counts is what a run prints.
// @ts-check
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { movedToNode24, root } from './node24.mjs';

const folder = join(root, 'tests/bench');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length));

const help = `Measures, and prints each figure as a ratio with its conditions (tests/bench/README.md).

  npm run bench -- all           every bench: ${names.join(', ')}
  npm run bench -- NAME [PART]   one of them, or a part of it
`;

function main() {
  const [name = '', ...parts] = process.argv.slice(2);
  const chosen = name === 'all' ? names : names.filter((each) => each === name);
  if (chosen.length === 0) {
    process.stdout.write(help);
    process.exitCode = name === '' || name === '--help' ? 0 : 2;
    return;
  }
  for (const each of chosen) {
    const { status } = spawnSync(process.execPath, [join(folder, `${each}.bench.ts`), ...parts], {
      cwd: root,
      stdio: 'inherit',
    });
    if (status !== 0) process.exitCode = 1;
  }
}

if (!movedToNode24()) main();
