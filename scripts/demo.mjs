// `npm run demo`: the real command line, queue, tunnel, worker and faster-whisper, on the bundled recording with the bundled model.
// @ts-check
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { wordErrorRate } from '../tests/small-whisper/wer.mjs';
import { movedToNode24, root } from './node24.mjs';
import { ensureVenv } from './worker-venv.mjs';

const help = `Transcribes the bundled recording on this computer, prints it, and leaves SRT and JSON in demo-output/.

  npm run demo
`;

const small = join(root, 'tests/small-whisper');
const out = join(root, 'demo-output');
const worstErrorRate = 0.1;

/** @param {number} seconds */
function clock(seconds) {
  const minutes = String(Math.floor(seconds / 60)).padStart(2, '0');
  return `${minutes}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
}

async function demo() {
  const started = performance.now();
  await ensureVenv();
  // A queue of its own and an empty one: the demo shows the whole way, and leaves your own queue alone.
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  const { status } = spawnSync(
    process.execPath,
    [
      ...[join(root, 'scripts/bulk-transcribe.mjs'), 'transcribe', join(small, 'demo/demo.wav')],
      ...['--model', 'demo-en', '--out', out, '--formats', 'srt,json'],
    ],
    {
      stdio: 'inherit',
      env: { ...process.env, BULK_TRANSCRIBE_DATA_DIR: join(out, '.data'), WORKER_MODELS_DIR: join(small, 'models') },
    },
  );
  if (status !== 0) return status ?? 1;

  /** @type {{ text: string, segments: { start: number, end: number, text: string }[] }} */
  const transcript = JSON.parse(readFileSync(join(out, 'demo.json'), 'utf8'));
  /** @type {{ lines: { text: string }[] }} */
  const script = JSON.parse(readFileSync(join(small, 'demo/demo.json'), 'utf8'));
  console.log();
  for (const { start, end, text } of transcript.segments)
    console.log(`  ${clock(start)} – ${clock(end)}  ${text.trim()}`);
  const said = script.lines.map((line) => line.text).join(' ');
  const errorRate = wordErrorRate(said, transcript.text);
  const files = readdirSync(out).filter((name) => !name.startsWith('.'));
  console.log(`\nWord error rate against the script: ${(errorRate * 100).toFixed(1)} %`);
  console.log(`Written: ${files.map((name) => join(relative(process.cwd(), out), name)).join(', ')}`);
  console.log(`Done in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
  if (errorRate <= worstErrorRate) return 0;
  console.error(`That is worse than ${worstErrorRate * 100} %: something on the way is broken.`);
  return 1;
}

if (process.argv.includes('--help')) process.stdout.write(help);
else if (!movedToNode24()) {
  try {
    process.exitCode = await demo();
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exitCode = 1;
  }
}
