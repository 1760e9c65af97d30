// Owns telling a worker that a job is not wanted any more. It is a courtesy that saves its time: the links of the attempt are void anyway.

import type { Clock, Log, WorkerClient } from './ports.ts';

/** Milliseconds that a worker is given to hear of it. */
export const WITHDRAW_MS = 10_000;

/** Resolves when the worker has heard of it, or could not be told in time, or `stop` aborts. Throws nothing. */
export async function withdraw(
  client: Pick<WorkerClient, 'cancel'>,
  workerJobId: string,
  { clock, log, stop }: { readonly clock: Clock; readonly log: Log; readonly stop?: AbortSignal },
): Promise<void> {
  const limit = new AbortController();
  const cancelLimit = clock.after(WITHDRAW_MS, () => limit.abort());
  try {
    await client.cancel(workerJobId, stop === undefined ? limit.signal : AbortSignal.any([limit.signal, stop]));
  } catch (error) {
    log.info('cancel_unheard', { workerJobId, error: String(error) });
  } finally {
    cancelLimit();
  }
}
