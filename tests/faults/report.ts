// Owns the figures of a run: one line a test, printed as it is found, and kept for the table that `npm run test:faults` prints.

import { appendFileSync } from 'node:fs';

export interface Line {
  readonly fault: string;
  readonly kills: number;
  readonly jobs: number;
  readonly lost: number;
  readonly twice: number;
}

/** Adds a line to the file that FAULT_REPORT names, if any. */
export function report(line: Line): void {
  const file = process.env['FAULT_REPORT'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
}
