// Owns how the fake RunPod answers: a status with a body, and problem+json for every error.

import type { Fault } from './fake-faults.ts';

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

/** An answer that is an error. */
export function problem(status: number, title: string, detail: string, errors?: readonly string[]): Answer {
  return { status, body: { title, status, detail, ...(errors === undefined ? {} : { errors }) } };
}

/** The error that a test planned. */
export function problemOf({ status, detail = 'as the test wants it' }: Extract<Fault, { kind: 'answer' }>): Answer {
  return problem(status, `Status ${status}`, detail);
}
