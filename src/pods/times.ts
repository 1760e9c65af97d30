// Owns how often the provider is asked and how long it is waited for. Milliseconds, but where the name says seconds.

export interface PodTimes {
  /** Between two looks while pods live: what a cap may be overshot by at most. */
  readonly lookMs: number;
  /** While one is starting or ending. */
  readonly busyLookMs: number;
  /** While there is none. */
  readonly quietLookMs: number;
  /** After asking for a pod: from then on one that is not listed was not made. */
  readonly unconfirmedMs: number;
  /** Without a controller, a worker ends its pod after so long; with the call that ends it, this stays within 15 minutes. */
  readonly deadManSeconds: number;
  /** Between two readings of the bills. */
  readonly billsMs: number;
}

export const POD_TIMES: PodTimes = {
  lookMs: 30_000,
  busyLookMs: 5_000,
  quietLookMs: 60_000,
  unconfirmedMs: 60_000,
  deadManSeconds: 840,
  billsMs: 3_600_000,
};
