// Owns what goes wrong at the fake RunPod on demand: answers that are errors, replies that are lost, calls that are slow, and its quota.

import type { Clock } from '../../src/controller/ports.ts';

/** What happens to a call instead of, or after, being done. */
export type Fault =
  /** Answered so, and not done. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly detail?: string;
      readonly headers?: Record<string, string>;
    }
  /** A page of a proxy instead of an answer; not done. */
  | { readonly kind: 'page'; readonly status: number }
  /** Done, but the connection ends before the answer. */
  | { readonly kind: 'lost-reply' }
  /** The connection ends before anything is done. */
  | { readonly kind: 'lost-request' }
  /** Waits until the test lets it go on, then done. */
  | { readonly kind: 'held'; readonly until: Promise<unknown> };

interface Planned {
  readonly call: string;
  readonly fault: Fault;
  times: number;
}

export class Faults {
  readonly #planned: Planned[] = [];

  /** The next `times` calls such as `POST /pods` or `GET /pods/{id}` (a prefix counts) meet the fault. */
  plan(call: string, fault: Fault, times = 1): void {
    this.#planned.push({ call, fault, times });
  }

  clear(): void {
    this.#planned.length = 0;
  }

  take(call: string): Fault | null {
    const planned = this.#planned.find((each) => each.times > 0 && call.startsWith(each.call));
    if (planned === undefined) return null;
    planned.times -= 1;
    return planned.fault;
  }
}

export interface Quota {
  readonly allowed: boolean;
  readonly headers: Record<string, string>;
}

/** Calls per minute of one key, told with every answer as the RateLimit headers have it. */
export class MinuteQuota {
  perMinute = 600;
  readonly #clock: Clock;
  #window = 0;
  #used = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(): Quota {
    const now = this.#clock.now();
    const window = Math.floor(now / 60_000);
    if (window !== this.#window) {
      this.#window = window;
      this.#used = 0;
    }
    const left = Math.max(0, this.perMinute - this.#used - 1);
    const seconds = Math.ceil(((window + 1) * 60_000 - now) / 1000);
    const allowed = this.#used < this.perMinute;
    this.#used += 1;
    return {
      allowed,
      headers: {
        RateLimit: `"minute";r=${left};t=${seconds}, "hour";r=2800;t=1812, "day";r=49500;t=45012`,
        'RateLimit-Policy': `"minute";q=${this.perMinute};w=60, "hour";q=3000;w=3600, "day";q=50000;w=86400`,
        ...(allowed ? {} : { 'Retry-After': String(seconds) }),
      },
    };
  }
}
