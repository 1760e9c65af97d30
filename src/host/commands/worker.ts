// Owns the command `worker`: sets up, starts and ends the worker on this computer by hand. A running engine does all of this by itself.

import { AppError } from '../../contract/errors.ts';
import type { LocalWorkerState } from '../../controller/ports.ts';
import { stopLeftWorker } from '../../workers/left-worker.ts';
import { LocalWorkerProcess } from '../../workers/local-worker.ts';
import { ensureWorkerVenv } from '../../workers/venv.ts';
import { places } from '../data-dir.ts';
import { findEngine } from '../engine-client.ts';
import { fileLog } from '../log.ts';
import { SYSTEM_CHANCE, SYSTEM_CLOCK } from '../system.ts';
import type { GlobalOptions } from './engine-access.ts';

/** Milliseconds that the worker is given to end by itself. */
const GRACE_MS = 10_000;

/** `diarization`: with `install`, whether speakers are to be told apart, too. */
export interface WorkerOptions extends GlobalOptions {
  readonly diarization?: boolean;
}

export function localWorker(what: 'install' | 'start' | 'stop'): (options: WorkerOptions) => Promise<number> {
  return async (options) => {
    const where = places(options.dataDir, process.env);
    const say = (line: string): void => {
      process.stdout.write(options.json ? `${JSON.stringify({ message: line })}\n` : `${line}\n`);
    };
    if (what === 'install') {
      await ensureWorkerVenv({
        packageDir: where.workerPackageDir,
        venvDir: where.venvDir,
        dev: false,
        diarization: options.diarization,
        onProgress: say,
      });
      say('The worker is set up.');
      if (options.diarization)
        say(
          process.env['HF_TOKEN'] || process.env['DIARIZATION_MODEL']
            ? 'It tells speakers apart from its next start on.'
            : 'To tell speakers apart it needs HF_TOKEN once, for a pipeline whose conditions you accepted: docs/gpu-worker-runpod.md, "Speakers".',
        );
      return 0;
    }
    const engine = await findEngine(options.dataDir, SYSTEM_CLOCK);
    engine?.close();
    if (engine !== null)
      throw new AppError(
        'CONFLICT',
        'Bulk Transcribe runs and looks after this worker itself. "workers drain local" gives it no new recordings, "workers undrain local" gives it some again.',
      );
    if (what === 'stop') {
      const ended = await stopLeftWorker(where.dataDir, SYSTEM_CLOCK, GRACE_MS);
      say(ended ? 'The worker has ended.' : `No worker of ${where.dataDir} is running.`);
      return 0;
    }
    const log = fileLog(where.dataDir);
    const worker = new LocalWorkerProcess({
      dataDir: where.dataDir,
      packageDir: where.workerPackageDir,
      venvDir: where.venvDir,
      env: { ...process.env, WORKER_MODELS_DIR: where.modelsDir, BUILD_COMMIT: where.commit ?? undefined },
      clock: SYSTEM_CLOCK,
      chance: SYSTEM_CHANCE,
      log,
    });
    try {
      await start(worker, say);
    } finally {
      log.close();
    }
    return 0;
  };
}

type Say = (line: string) => void;

async function start(worker: LocalWorkerProcess, say: Say): Promise<void> {
  const running = await settled(worker, say);
  worker.release();
  say(
    `The worker ${running.adopted ? 'runs already' : 'runs'} at ${running.address.url}. It ends by itself when nothing asks for it.`,
  );
}

function settled(worker: LocalWorkerProcess, say: Say): Promise<Extract<LocalWorkerState, { state: 'running' }>> {
  return new Promise((resolve, reject) => {
    worker.start((state) => {
      if (state.state === 'installing') say(state.detail);
      else if (state.state === 'starting') say('Starting the worker');
      else if (state.state === 'running') resolve(state);
      else if (state.state === 'failed') reject(new AppError(state.code, state.message));
    });
  });
}
