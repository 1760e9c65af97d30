// Owns how a bench measures and prints: the two sides in turn, the median of the rounds, a ratio with its goal and its conditions.

import { availableParallelism, loadavg } from 'node:os';

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};

/** Value below which `share` of the values lie. */
export const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

/** `one` and `other` in turn, `rounds` times; the second first in every other round. */
export async function inTurn(
  rounds: number,
  one: () => Promise<number>,
  other: () => Promise<number>,
): Promise<{ readonly one: readonly number[]; readonly other: readonly number[] }> {
  const result = { one: [] as number[], other: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 1) result.other.push(await other());
    result.one.push(await one());
    if (round % 2 === 0) result.other.push(await other());
  }
  return result;
}

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly goal: { readonly atLeast: number } | { readonly atMost: number };
  readonly unit?: string;
  readonly how: string;
}

/** One line: the figure, its goal, whether it is met, and under which conditions. */
export function print({ name, value, goal, unit = '', how }: Figure): void {
  const met = 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
  const wanted = 'atLeast' in goal ? `>= ${goal.atLeast}` : `<= ${goal.atMost}`;
  const shown = Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
  process.stdout.write(
    `${met ? 'reached' : 'MISSED '}  ${name}: ${shown}${unit} (goal ${wanted}${unit})\n         ${how}\n`,
  );
}

/** The machine, for the end of a run. */
export function conditions(): void {
  const load = loadavg()[0]?.toFixed(1) ?? '?';
  process.stdout.write(`         ${availableParallelism()} cores, load ${load}, Node ${process.versions.node}\n`);
}

/** True when this part of a bench is asked for: all are when none is named. */
export const wanted = (part: string): boolean => process.argv.length <= 2 || process.argv.slice(2).includes(part);
