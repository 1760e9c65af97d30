// Owns reading the provider's bills back: what it charged for a pod and day stands in for the app's own meter once the day is over.

import type { PodStore } from '../controller/pod-ports.ts';
import type { Clock, Log } from '../controller/ports.ts';
import { dayOf } from '../jobs/pod-money.ts';
import type { Account } from './account.ts';
import type { PodBook } from './pod-book.ts';

export interface BillReaderDeps {
  readonly book: PodBook;
  readonly store: PodStore;
  readonly account: Account;
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs: number;
}

/** Days that are read: bills come late. */
const DAYS = 4;

export class BillReader {
  readonly #deps: BillReaderDeps;
  #readAt: number | null = null;

  constructor(deps: BillReaderDeps) {
    this.#deps = deps;
  }

  /** Reads them when it is time and there is something to read. Throws nothing: a bill that cannot be had changes nothing. */
  async readWhenDue(signal: AbortSignal): Promise<void> {
    const { book, store, account, clock, log, everyMs } = this.#deps;
    const now = clock.now();
    if (this.#readAt !== null && now - this.#readAt < everyMs) return;
    const recent = [...book.live(), ...store.endedPods(now - DAYS * 86_400_000)];
    const byProvider = new Map(recent.flatMap((pod) => (pod.facts === null ? [] : [[pod.facts.providerId, pod.id]])));
    if (byProvider.size === 0) return;
    this.#readAt = now;
    try {
      for (const { providerId, day, usd } of await account.ask((provider) => provider.bills(DAYS, signal))) {
        const podId = byProvider.get(providerId);
        // The present day's bill is behind the meter.
        if (podId !== undefined && day < dayOf(now)) store.saveBill(podId, day, usd, now);
      }
    } catch (thrown) {
      log.info('pod_bills_unread', { error: String(thrown) });
    }
  }
}
