// Owns the refusal of calls that are in the contract and that this engine does not answer yet.

import { AppError } from '../contract/errors.ts';
import type { Handlers } from './controller.ts';

function refuse(): never {
  throw new AppError('NOT_FOUND', 'This engine does not answer this call yet.');
}

export function callsToCome() {
  return {
    doctor: refuse,
    doctorBundle: refuse,
  } satisfies Partial<Handlers>;
}
