// Makes the worker's virtual environment when it is missing or when its lock changed. The work itself is src/workers/venv.ts.
// @ts-check
import { join } from 'node:path';
import { isStarted, movedToNode24, root } from './node24.mjs';
import { step } from './steps.mjs';
import { ensureParts } from './system-parts.mjs';

const help = `Makes worker-image/.venv when it is missing or when its lock changed.

  node scripts/worker-venv.mjs [--dev]   --dev adds what the worker's own checks want
`;

const packageDir = join(root, 'worker-image');
const venvDir = join(packageDir, '.venv');

/** The Python inside the environment. */
export const workerPython = join(venvDir, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
