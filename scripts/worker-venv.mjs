// Makes the worker's virtual environment when it is missing or when its lock changed. The work itself is src/workers/venv.ts.
// @ts-check
import { join } from 'node:path';
import { isStarted, movedToNode24, root } from './node24.mjs';
import { progressLine } from './steps.mjs';

const help = `Makes worker-image/.venv when it is missing or when its lock changed.

  node scripts/worker-venv.mjs [--dev] [--diarization]   adds what the worker's own checks want; what tells speakers apart
`;

const packageDir = join(root, 'worker-image');
const venvDir = join(packageDir, '.venv');

/** @returns {Promise<string>} the Python inside the environment */
export async function workerPython() {
  const { venvPython } = await import('../src/workers/venv.ts');
  return venvPython(venvDir);
}

/**
 * Leaves the environment whole and up to date, or throws one sentence that says what to do.
 * @param {{ dev?: boolean, diarization?: boolean }} [options]
 */
export async function ensureVenv({ dev = false, diarization = false } = {}) {
  const { ensureWorkerVenv } = await import('../src/workers/venv.ts');
  /** @type {ReturnType<typeof progressLine> | undefined} */
  let line;
  try {
    await ensureWorkerVenv({
      packageDir,
      venvDir,
      dev,
      diarization,
      // Nothing is said, so nothing is shown, when all is there already.
      onProgress: (text) => {
        line ??= progressLine("Worker's environment");
        line.say(text);
      },
    });
  } finally {
    line?.end();
  }
}

if (isStarted(import.meta.filename)) {
  const args = process.argv.slice(2);
  if (args.includes('--help')) process.stdout.write(help);
  else if (!movedToNode24()) {
    try {
      await ensureVenv({ dev: args.includes('--dev'), diarization: args.includes('--diarization') });
    } catch (error) {
      console.error(/** @type {Error} */ (error).message);
      process.exitCode = 1;
    }
  }
}
