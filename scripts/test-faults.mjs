// `npm run test:faults`: every fault test with larger counts, then a table of what was done and what came of it.
//
//   FAULT_KILLS=10000   kills of the engine in all, and all else in proportion; default 1000, about half an hour
//   FAULT_SEED=1        another run; the seed of a run is printed
//   FAULT_LANES=8       queues that are killed side by side; default 3
// @ts-check
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { movedToNode24, root } from './node24.mjs';
import { ensureParts } from './system-parts.mjs';
import { ensureVenv } from './worker-venv.mjs';

async function main() {
  const kills = process.env['FAULT_KILLS'] ?? '1000';
  const seed = process.env['FAULT_SEED'] ?? String(Math.floor(Math.random() * 2 ** 31));
  const folder = join(root, 'test-results/checks');
  const report = join(folder, 'faults.jsonl');
  mkdirSync(folder, { recursive: true });
  rmSync(report, { force: true });
  await ensureParts();
  await ensureVenv({ dev: true });
  console.log(`Seed ${seed}, ${kills} kills (FAULT_SEED, FAULT_KILLS).`);
  const code = await new Promise((resolve) => {
    const args = ['run', '--config', 'tests/faults/vitest.config.ts', ...process.argv.slice(2)];
    spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...args], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, FAULT_KILLS: kills, FAULT_SEED: seed, FAULT_REPORT: report },
    }).on('exit', (status) => resolve(status ?? 1));
  });
  table(report);
  console.log(`Seed ${seed}.`);
  process.exitCode = Number(code);
}

/** @param {string} report */
function table(report) {
  /** @type {{ fault: string, kills: number, jobs: number, lost: number, twice: number }[]} */
  let lines = [];
  try {
    lines = readFileSync(report, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  } catch {
    console.log('No test came so far that it had a figure.');
    return;
  }
  const sum = (/** @type {'kills' | 'jobs' | 'lost' | 'twice'} */ key) =>
    lines.reduce((total, line) => total + line[key], 0);
  const all = [
    ...lines,
    { fault: 'all', kills: sum('kills'), jobs: sum('jobs'), lost: sum('lost'), twice: sum('twice') },
  ];
  console.log(
    `\n${'fault'.padEnd(48)}${['strikes', 'jobs', 'lost', 'twice'].map((name) => name.padStart(9)).join('')}`,
  );
  for (const { fault, kills, jobs, lost, twice } of all)
    console.log(`${fault.padEnd(48)}${[kills, jobs, lost, twice].map((count) => String(count).padStart(9)).join('')}`);
}

if (!movedToNode24()) await main();
