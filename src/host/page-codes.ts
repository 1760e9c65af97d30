// Owns the codes for which a page gets the token: random, good once, and only for a while.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../controller/ports.ts';

/** Milliseconds: a browser that was not running yet takes its time to come up. */
const GOOD_MS = 120_000;
/** More browsers than anybody opens in that time. */
const MOST = 20;

export class PageCodes {
  readonly #clock: Pick<Clock, 'now'>;
  /** Digests of codes and when they end, the oldest first. */
  #open: { readonly digest: Buffer; readonly until: number }[] = [];

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  make(): string {
    const code = randomBytes(32).toString('base64url');
    this.#open = [...this.#good(), { digest: digestOf(code), until: this.#clock.now() + GOOD_MS }].slice(-MOST);
    return code;
  }

  /** Whether the code is good; it is not any more then. */
  take(code: string): boolean {
    const given = digestOf(code);
    const good = this.#good();
    this.#open = good.filter(({ digest }) => !timingSafeEqual(digest, given));
    return this.#open.length < good.length;
  }

  #good() {
    const now = this.#clock.now();
    return this.#open.filter(({ until }) => until > now);
  }
}

function digestOf(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}
