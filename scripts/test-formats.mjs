// `npm run test:formats`: the property tests of SRT and WebVTT and the hostile media files, with more cases than `npm test` has time for.
//
//   FORMAT_CASES=100000   transcripts written and read back, for each format
//   MEDIA_FILES=20000     spoiled media files that are looked at; MEDIA_SEED is printed and makes another run
// @ts-check
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { movedToNode24, root } from './node24.mjs';
import { ensureParts } from './system-parts.mjs';

async function main() {
  const { env } = process;
  const cases = env['FORMAT_CASES'] ?? '100000';
  const files = env['MEDIA_FILES'] ?? '20000';
  const seed = env['MEDIA_SEED'] ?? String(Math.floor(Math.random() * 2 ** 31));
  await ensureParts();
  console.log(`${cases} transcripts a format, ${files} media files, seed ${seed}.`);
  const tests = ['src/transcript/round-trips.test.ts', 'src/media/hostile-media.test.ts'];
  const args = ['run', '--project', 'node', '--testTimeout', '3600000', ...tests, ...process.argv.slice(2)];
  const status = await new Promise((resolve) => {
    spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...args], {
      cwd: root,
      stdio: 'inherit',
      env: { ...env, FORMAT_CASES: cases, MEDIA_FILES: files, MEDIA_SEED: seed },
    }).on('exit', (code) => resolve(code ?? 1));
  });
  process.exitCode = Number(status);
}

if (!movedToNode24()) await main();
