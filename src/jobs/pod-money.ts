// Owns the arithmetic of renting: what a span of time cost, day by day and batch by batch, and when a cap ends work. Pure.

import type { Instant } from './record.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** `2026-11-25`, in UTC, as the provider bills. */
export function dayOf(at: Instant): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** US dollars for a span of milliseconds. */
export function costOf(usdPerHour: number, ms: number): number {
  return (usdPerHour * Math.max(0, ms)) / HOUR_MS;
}

/** The cost from `from` to `until`, cut at midnight UTC. A clock that went back costs nothing. */
export function costByDay(usdPerHour: number, from: Instant, until: Instant): { day: string; usd: number }[] {
  const days: { day: string; usd: number }[] = [];
  for (let at = from; at < until; ) {
    const end = Math.min(until, (Math.floor(at / DAY_MS) + 1) * DAY_MS);
    days.push({ day: dayOf(at), usd: costOf(usdPerHour, end - at) });
    at = end;
  }
  return days;
}

/** Whose time it was: in equal parts of the jobs at hand; null (nobody's) where there are none. The parts sum to 1. */
export function sharesOf(batchIds: readonly string[]): ReadonlyMap<string | null, number> {
  if (batchIds.length === 0) return new Map([[null, 1]]);
  const shares = new Map<string | null, number>();
  for (const id of batchIds) shares.set(id, (shares.get(id) ?? 0) + 1 / batchIds.length);
  return shares;
}

export interface Budget {
  readonly capUsd: number | null;
  readonly spentUsd: number;
  /** What all that spends from it costs in an hour. */
  readonly usdPerHour: number;
}

/** `open`: work may be given out. `closing`: what is at work may finish, nothing new begins. `over`: it ends now. */
export type BudgetState = 'open' | 'closing' | 'over';

/**
 * How a budget stands. It is over one look ahead, so that what is spent until the next look stays within the cap.
 * @param lookMs milliseconds until the next look
 * @param workMs milliseconds that what is at work and one more recording would take; null where nobody knows or where the person wants
 * the cap used up
 */
export function budgetState(
  { capUsd, spentUsd, usdPerHour }: Budget,
  lookMs: number,
  workMs: number | null,
): BudgetState {
  if (capUsd === null) return 'open';
  if (spentUsd + costOf(usdPerHour, lookMs) >= capUsd) return 'over';
  if (workMs !== null && spentUsd + costOf(usdPerHour, workMs + lookMs) > capUsd) return 'closing';
  return 'open';
}

/**
 * Until when a pod that was found gone is charged: it was there when it was last seen, and its own timer ends it after so long without a
 * controller. The bill corrects it later.
 */
export function chargedUntil(seenAt: Instant, now: Instant, deadManMs: number): Instant {
  return Math.max(seenAt, Math.min(now, seenAt + deadManMs));
}
