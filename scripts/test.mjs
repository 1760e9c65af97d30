// `npm test`: every check, each under a heading with the time it took; runs all of them whatever fails, and adds up at the end.
// @ts-check
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { movedToNode24, root } from './node24.mjs';
import { ensureParts } from './system-parts.mjs';
import { ensureVenv, workerPython } from './worker-venv.mjs';

const results = join(root, 'test-results/checks');

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {string} title
 * @property {(report: string) => Promise<number>} run its exit code; a check that counts its tests leaves JUnit's XML at `report`
 */

/** Minutes that one check may take: one that hangs is ended and counted as failed. */
const patience = 25;

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string> }} [options]
 * @returns {Promise<number>}
 */
function start(command, args, { cwd = root, env = {} } = {}) {
  return new Promise((resolve) => {
    // A group of its own, so that a check ends with all that it started.
    const detached = process.platform !== 'win32';
    const child = spawn(command, args, { cwd, stdio: 'inherit', env: { ...process.env, ...env }, detached });
    const end = () => {
      if (child.pid !== undefined && child.exitCode === null)
        process.kill(detached ? -child.pid : child.pid, 'SIGKILL');
    };
    const stop = () => {
      end();
      process.exit(130);
    };
    const limit = setTimeout(() => {
      console.error(`Not done after ${patience} minutes: ended.`);
      end();
    }, patience * 60_000);
    process.once('SIGINT', stop).once('SIGTERM', stop);
    const done = (/** @type {number} */ code) => {
      clearTimeout(limit);
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve(code);
    };
    child.on('error', (error) => {
      console.error(error.message);
      done(1);
    });
    child.on('exit', (code) => done(code ?? 1));
  });
}

/** @param {string} script @param {string[]} args @param {Record<string, string>} [env] */
const tool = (script, args, env) =>
  start(process.execPath, [join(root, 'node_modules', script), ...args], { env: env ?? {} });

/** @param {string} report @param {string[]} args @param {Record<string, string>} [env] */
const playwright = (report, args, env) =>
  tool('@playwright/test/cli.js', ['test', '--reporter=list,junit', ...args], {
    PLAYWRIGHT_JUNIT_OUTPUT_FILE: report,
    ...env,
  });

/** @param {string[]} args */
const python = async (args) => start(await workerPython(), ['-m', ...args], { cwd: join(root, 'worker-image') });

const thorough = process.argv.includes('--thorough');

/** @type {Check[]} */
const checks = [
  { name: 'parts', title: 'Programs that the tests call', run: () => ensureParts().then(() => 0) },
  { name: 'venv', title: "The worker's environment", run: () => ensureVenv({ dev: true }).then(() => 0) },
  {
    name: 'speakers',
    title: 'What tells speakers apart: torch and pyannote.audio',
    run: () => ensureVenv({ dev: true, diarization: true }).then(() => 0),
  },
  { name: 'types', title: 'Types', run: () => tool('typescript/bin/tsc', ['-b', '--pretty']) },
  {
    name: 'lint',
    title: 'Format and lint',
    run: () => tool('@biomejs/biome/bin/biome', ['check', '--error-on-warnings']),
  },
  { name: 'worker-lint', title: 'Worker: lint', run: () => python(['ruff', 'check']) },
  { name: 'worker-format', title: 'Worker: format', run: () => python(['ruff', 'format', '--check']) },
  { name: 'worker-types', title: 'Worker: types', run: () => python(['mypy']) },
  { name: 'worker-tests', title: 'Worker: tests', run: (report) => python(['pytest', '-q', `--junitxml=${report}`]) },
  {
    name: 'small-whisper',
    title: "The tests' own model: grammar, tokens, windows (training itself wants torch, and says so)",
    run: async (report) =>
      start(await workerPython(), ['-m', 'pytest', '-q', `--junitxml=${report}`], {
        cwd: join(root, 'tests/small-whisper'),
      }),
  },
  {
    name: 'unit',
    title: 'Rooms: imports, unit and through tests',
    run: (report) =>
      tool('vitest/vitest.mjs', ['run', '--reporter=dot', '--reporter=junit', `--outputFile.junit=${report}`]),
  },
  {
    name: 'build',
    title: 'The page and the desktop shell, built',
    run: () => start(process.execPath, [join(root, 'scripts/build.mjs')]),
  },
  {
    name: 'e2e',
    title: 'In the browser',
    run: (report) => playwright(report, ['--project=browser', '--project=electron*']),
  },
  {
    name: 'desktop',
    title: "The desktop app, with Electron's own part played by a stand-in",
    run: (report) => playwright(report, ['--project=desktop'], thorough ? { KILLS: '50' } : {}),
  },
];

const help = `Runs every check: ${checks.map(({ name }) => name).join(', ')}.

  npm test [-- --only NAME] [-- --thorough]   only the checks whose names begin with NAME; with more rounds of what is random
`;

/**
 * Adds up the suites of a JUnit report. A check without one counts as one test.
 * @param {string} report
 * @param {number} code
 */
function count(report, code) {
  let [tests, failed, skipped] = [0, 0, 0];
  try {
    for (const [suite] of readFileSync(report, 'utf8').matchAll(/<testsuite\s[^>]*>/g)) {
      const number = (/** @type {string} */ name) => Number(new RegExp(`\\s${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
      tests += number('tests');
      failed += number('failures') + number('errors');
      skipped += number('skipped');
    }
  } catch {
    tests = 1;
  }
  // A check may fail outside its tests: a file that does not load, a warning that counts as an error.
  if (code !== 0 && failed === 0) return { passed: Math.max(tests - skipped - 1, 0), failed: 1, skipped };
  return { passed: tests - failed - skipped, failed, skipped };
}

/** @param {string | undefined} only */
async function test(only) {
  const chosen = checks.filter(({ name }) => only === undefined || name.startsWith(only));
  if (chosen.length === 0) {
    process.stdout.write(help);
    return 2;
  }
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const began = performance.now();
  const lines = [];
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { name, title, run } of chosen) {
    console.log(`\n── ${title}`);
    const started = performance.now();
    const report = join(results, `${name}.xml`);
    const code = await run(report).catch((/** @type {Error} */ error) => {
      console.error(error.message);
      return 1;
    });
    const { passed, failed, skipped } = count(report, code);
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
    const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
    const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    lines.push(`${failed > 0 ? '✗' : '✓'} ${seconds} s  ${title}: ${counts}`);
    console.log(lines.at(-1));
  }
  console.log(`\n${lines.join('\n')}`);
  console.log(
    `\nIn ${((performance.now() - began) / 1000).toFixed(1)} s${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}.`,
  );
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed > 0 ? 1 : 0;
}

const args = process.argv.slice(2);
if (args.includes('--help')) process.stdout.write(help);
else if (!movedToNode24())
  process.exitCode = await test(args.includes('--only') ? args[args.indexOf('--only') + 1] : undefined);
