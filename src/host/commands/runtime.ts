// Owns the command `runtime`: what GET /api/runtime answers, from the engine that runs, or from one started for the purpose.

import { SYSTEM_CLOCK } from '../system.ts';
import type { GlobalOptions } from './engine-access.ts';
import { accessEngine } from './engine-access.ts';

/** Milliseconds that a remote worker is given to answer an engine that was started for this command. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 100;

export async function showRuntime(options: GlobalOptions): Promise<number> {
  const access = await accessEngine(options, 'workers');
  try {
    const began = SYSTEM_CLOCK.now();
    for (;;) {
      const runtime = await access.api.call('runtime', {});
      const { configured, enabled, connected, error } = runtime.remoteWorker;
      const settled =
        access.elsewhere ||
        !enabled ||
        !configured ||
        connected ||
        error !== null ||
        SYSTEM_CLOCK.now() - began > PATIENCE_MS;
      if (settled) {
        process.stdout.write(`${JSON.stringify(runtime, null, options.json ? 0 : 2)}\n`);
        return 0;
      }
      await new Promise<void>((resolve) => SYSTEM_CLOCK.after(LOOK_MS, resolve));
    }
  } finally {
    await access.close();
  }
}
