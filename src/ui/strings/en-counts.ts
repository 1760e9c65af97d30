// Owns how English counts.

export const plural = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
export const recordings = (count: number): string => plural(count, 'recording', 'recordings');

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];
/** `first`, `second`, … `number 14`. From 0. */
export const ordinal = (rank: number): string => ORDINALS[rank] ?? `number ${(rank + 1).toLocaleString('en')}`;
