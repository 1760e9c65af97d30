// Owns holding the provider's list of pods against the book: what was lost on the way is found by its name, what is gone is proved gone,
// and what nobody here knows is put in the book as found. After it no pod of this app is unaccounted for.

import type { ErrorReport } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import type { Chance, Clock, Log } from '../controller/ports.ts';
import { foundPod, type PodRecord } from '../jobs/pod-record.ts';
import type { Account } from './account.ts';
import { isUnsettled } from './launch.ts';
import type { PodBook } from './pod-book.ts';
import { installPrefix, isOurs } from './pod-name.ts';
import type { ProviderPod } from './provider.ts';
import { ProviderRefusal } from './provider.ts';

export interface ReconcileDeps {
  readonly book: PodBook;
  readonly account: Account;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly installId: string;
  /** True while the pod's making is under way in this process: it is too early to judge. */
  readonly isLaunching: (podId: string) => boolean;
  /** Milliseconds after asking from which on a pod that is not listed was not made. */
  readonly unconfirmedMs: number;
  /** For pods that are found. */
  readonly bootMs: number;
  readonly idleMs: number;
}

/** Asks for the list and brings the book in line with it. @throws AppError what the provider refuses with; the book is then as it was. */
export async function reconcile(deps: ReconcileDeps, signal: AbortSignal): Promise<void> {
  const { book, account, clock } = deps;
  const askedAt = clock.now();
  const listed = (await account.ask((provider) => provider.list(signal))).filter(
    ({ facts }) => facts.status !== 'TERMINATED',
  );
  const taken = new Set<string>();
  for (const pod of book.live()) {
    const match = matchOf(pod, listed, taken);
    if (match !== null) {
      taken.add(match.facts.providerId);
      book.seen(pod.id, match.facts);
    } else if (isUnsettled(pod)) unconfirmed(deps, pod, askedAt);
    else await proveGone(deps, pod, signal);
  }
  for (const pod of listed) if (!taken.has(pod.facts.providerId) && isOurs(pod.name)) unknown(deps, pod);
}

/** By its id; by its name where the id is not known yet or is not listed any more: a pod that was migrated has another id. */
function matchOf(pod: PodRecord, listed: readonly ProviderPod[], taken: ReadonlySet<string>): ProviderPod | null {
  const free = listed.filter(({ facts }) => !taken.has(facts.providerId));
  const same = free.find(({ facts }) => facts.providerId === pod.facts?.providerId) ?? null;
  const named = free.filter(({ name }) => name === pod.name);
  const up = named.find(({ facts }) => isUp(facts.status));
  // A migration may leave the old one behind, stopped.
  if (same !== null && (isUp(same.facts.status) || up === undefined || pod.state === 'stopped')) return same;
  return up ?? same ?? named[0] ?? null;
}

function isUp(status: string): boolean {
  return status === 'PROVISIONING' || status === 'STARTING' || status === 'RUNNING';
}

/** Never listed. Whether it was made is certain only some time after it was asked for. */
function unconfirmed({ book, isLaunching, unconfirmedMs }: ReconcileDeps, pod: PodRecord, askedAt: number): void {
  if (isLaunching(pod.id)) return;
  const error: ErrorReport =
    pod.tries === 0
      ? {
          code: 'PODS_UNCONFIRMED',
          message: say('pods_closed'),
        }
      : { code: 'PODS_UNCONFIRMED', message: '' };
  if (pod.tries === 0 || pod.postedAt === null || askedAt - pod.postedAt >= unconfirmedMs)
    book.apply(pod.id, { type: 'refused', error });
}

/** Not listed any more: asked for by its id, so that two answers say the same before anything is given up. */
async function proveGone({ book, account, log }: ReconcileDeps, pod: PodRecord, signal: AbortSignal): Promise<void> {
  const providerId = pod.facts?.providerId;
  if (providerId === undefined) return;
  try {
    const { facts } = await account.ask((provider) => provider.get(providerId, signal));
    book.seen(pod.id, facts);
  } catch (thrown) {
    if (thrown instanceof ProviderRefusal && thrown.code === 'PODS_GONE') book.gone(pod.id);
    else log.info('pod_not_proved_gone', { podId: pod.id, error: String(thrown) });
  }
}

/** Runs under a name of this app and is in nobody's hands: one that was given up and came all the same, one of another installation. */
function unknown({ book, clock, chance, log, installId, bootMs, idleMs }: ReconcileDeps, pod: ProviderPod): void {
  const known = book.named(pod.name);
  if (known !== null && known.facts?.providerId === pod.facts.providerId) {
    book.seen(known.id, pod.facts);
    return;
  }
  if (known?.state === 'failed' && known.facts === null) {
    book.seen(known.id, pod.facts);
    return;
  }
  const id = chance.id('pod');
  log.warn('pod_found', { podId: id, name: pod.name, providerId: pod.facts.providerId, status: pod.facts.status });
  const token = pod.env['WORKER_TOKEN'];
  if (token !== undefined) book.keepToken(id, token);
  book.add(
    foundPod(
      {
        ...{ id, bootMs, idleMs, facts: pod.facts },
        // A second pod under one name is a row of its own.
        name: known === null ? pod.name : `${pod.name}#${pod.facts.providerId}`,
        foreign: !pod.name.startsWith(installPrefix(installId)),
      },
      clock.now(),
    ),
  );
}
