// Owns carrying out what the book says is to be done: ending and stopping pods at the provider, again at every look until it is so.

import type { Log } from '../controller/ports.ts';
import type { PodRecord } from '../jobs/pod-record.ts';
import type { Account } from './account.ts';
import type { PodBook } from './pod-book.ts';
import { ProviderRefusal } from './provider.ts';

export interface CarryOutDeps {
  readonly book: PodBook;
  readonly account: Account;
  readonly log: Log;
}

/** Throws nothing: what could not be done is tried at the next look, and the account shows why. */
export async function carryOut(deps: CarryOutDeps, signal: AbortSignal): Promise<void> {
  for (const pod of deps.book.live()) {
    if (signal.aborted) return;
    const providerId = pod.facts?.providerId;
    if (providerId === undefined) continue;
    try {
      if (pod.state === 'ending') await endOne(deps, pod, providerId, signal);
      else if (pod.state === 'stopping') await stopOne(deps, pod, providerId, signal);
    } catch (thrown) {
      if (!(thrown instanceof ProviderRefusal)) throw thrown;
      deps.log.warn('pod_not_carried_out', {
        podId: pod.id,
        state: pod.state,
        code: thrown.code,
        message: thrown.message,
      });
      // What hinders the whole account is the account's to tell.
      if (thrown.code === 'PODS_CONFLICT') deps.book.apply(pod.id, { type: 'trouble', error: thrown.report() });
    }
  }
}

/** Ends it, then asks for it: it is over when the provider no longer has it. */
async function endOne(
  { book, account }: CarryOutDeps,
  pod: PodRecord,
  providerId: string,
  signal: AbortSignal,
): Promise<void> {
  await account.ask((provider) => provider.terminate(providerId, signal));
  try {
    const { facts } = await account.ask((provider) => provider.get(providerId, signal));
    book.seen(pod.id, facts);
  } catch (thrown) {
    if (!(thrown instanceof ProviderRefusal && thrown.code === 'PODS_GONE')) throw thrown;
    book.gone(pod.id);
  }
}

async function stopOne(
  { book, account }: CarryOutDeps,
  pod: PodRecord,
  providerId: string,
  signal: AbortSignal,
): Promise<void> {
  const { facts } = await account.ask((provider) => provider.power(providerId, 'stop', signal));
  book.seen(pod.id, facts);
}
