// Owns the making of one pod: its candidates in order, each with the intent on disk before it is asked for, until one is given, none is to
// be had, or it is not known what was done. In the last case nothing is asked for again: the pod is looked for by its name.

import type { ErrorReport } from '../contract/errors.ts';
import { ERROR_ADVICE, toAppError } from '../contract/errors.ts';
import type { PodSettings } from '../contract/pod-settings.ts';
import { quoted, say, sayAll } from '../contract/sentences.ts';
import type { Clock } from '../controller/ports.ts';
import type { PodCandidate, PodRecord } from '../jobs/pod-record.ts';
import type { Account } from './account.ts';
import type { PodBook } from './pod-book.ts';
import { podSpec } from './pod-spec.ts';
import { ProviderRefusal } from './provider.ts';

export interface LaunchDeps {
  readonly book: PodBook;
  readonly account: Account;
  readonly clock: Clock;
  readonly settings: () => PodSettings;
  readonly deadManSeconds: number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** How often one candidate is asked for again because the provider was asked too often. */
const LIMITED_TIMES = 5;
const LIMITED_MS = 5_000;

/** Makes the pod of a `wanted` record. Throws nothing: what becomes of it is in the book. */
export async function launch(deps: LaunchDeps, podId: string, signal: AbortSignal): Promise<void> {
  const { book } = deps;
  const request = book.get(podId)?.request ?? null;
  if (request === null) return;
  const workerToken = book.makeToken(podId);
  const refusals: { readonly candidate: PodCandidate; readonly error: ProviderRefusal }[] = [];
  for (const candidate of request.candidates) {
    const outcome = await tryOne(deps, podId, candidate, workerToken, signal);
    if (outcome === 'settled') return;
    refusals.push({ candidate, error: outcome });
  }
  book.apply(podId, { type: 'refused', error: everyOneRefused(refusals) });
}

/** @returns `settled` when nothing more is to be tried, else why this candidate is not to be had. */
async function tryOne(
  deps: LaunchDeps,
  podId: string,
  candidate: PodCandidate,
  workerToken: string,
  signal: AbortSignal,
): Promise<'settled' | ProviderRefusal> {
  const { book, account, settings, deadManSeconds, pause } = deps;
  for (let limited = 0; ; limited += 1) {
    const pod = book.get(podId);
    // Ended by a person meanwhile, or found by its name already.
    if (signal.aborted || pod?.state !== 'wanted' || pod.request === null) return 'settled';
    const { name, request } = pod;
    book.apply(podId, { type: 'posted', candidate });
    try {
      const spec = podSpec({
        ...{ name, request, candidate, workerToken, deadManSeconds },
        ...{ settings: settings(), hfToken: account.hfToken },
      });
      const { facts } = await account.ask((provider) => provider.create(spec, signal));
      book.seen(podId, facts);
      return 'settled';
    } catch (thrown) {
      const error = thrown instanceof ProviderRefusal ? thrown : null;
      if (error === null || error.uncertain) {
        if (error === null) book.apply(podId, { type: 'refused', error: toAppError(thrown).report() });
        return 'settled';
      }
      if (error.code === 'PODS_RATE_LIMITED' && limited < LIMITED_TIMES) {
        await pause(error.retryAfterMs ?? LIMITED_MS, signal);
        continue;
      }
      // 400 means that a rule was broken or that there is no capacity; the next GPU may be free.
      if (error.status === 400) return error;
      book.apply(podId, { type: 'refused', error: error.report() });
      return 'settled';
    }
  }
}

/** All of them say that there is none: none. Otherwise the request itself is wrong, in the provider's own words. */
function everyOneRefused(
  refusals: readonly { readonly candidate: PodCandidate; readonly error: ProviderRefusal }[],
): ErrorReport {
  const names = refusals.map(({ candidate }) => candidate.gpuName).join(', ');
  const words = [...new Set(refusals.map(({ error }) => error.detail).filter((detail) => detail !== ''))].join('; ');
  if (refusals.length > 0 && refusals.every(({ error }) => error.code === 'PODS_NO_CAPACITY'))
    return { code: 'PODS_NO_CAPACITY', message: say('pods_none_free', { gpus: names }) };
  const { what } = ERROR_ADVICE.PODS_REQUEST_WRONG;
  return {
    code: 'PODS_REQUEST_WRONG',
    message: sayAll(
      quoted(what),
      say('pods_tried', { gpus: names }),
      words === '' ? quoted('') : say('pods_said', { reason: words }),
    ),
  };
}

/** Whether the start of a pod is still to be settled by looking for its name. */
export function isUnsettled(pod: PodRecord): boolean {
  return pod.facts === null && (pod.state === 'wanted' || pod.state === 'ending');
}
