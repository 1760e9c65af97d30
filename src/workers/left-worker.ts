// Owns ending a worker on this computer that an earlier engine left running, without starting one.

import type { Clock } from '../controller/ports.ts';
import { connectWorker } from './worker-client.ts';
import { WorkerFolder } from './worker-folder.ts';
import { adoptProgram, isAlive } from './worker-program.ts';

const CALL_MS = 5_000;

/**
 * Ends the worker of `dataDir`: asks, then kills after `graceMs`. Only a process that answers with our token is touched, since its
 * number may belong to another program by now.
 * @returns false when none runs
 */
export async function stopLeftWorker(dataDir: string, clock: Clock, graceMs: number): Promise<boolean> {
  const folder = new WorkerFolder(dataDir);
  const [token, state] = [await folder.token(), await folder.state()];
  if (token === null || state === null || !isAlive(state.pid)) return false;
  const client = connectWorker({ version: 'local', callMs: CALL_MS })({ url: `http://127.0.0.1:${state.port}`, token });
  try {
    await client.ping(AbortSignal.timeout(CALL_MS));
  } catch {
    return false;
  } finally {
    await client.close();
  }
  await adoptProgram(state.pid, clock).stop(graceMs);
  return true;
}
