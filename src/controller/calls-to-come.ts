// Owns the refusal of calls that are in the contract and that this engine does not answer yet.

import { EMPTY_TALLY } from '../contract/batch.ts';
import { AppError } from '../contract/errors.ts';
import type { Handlers } from './controller.ts';

function refuse(): never {
  throw new AppError('NOT_FOUND', 'This engine does not answer this call yet.');
}

export function callsToCome() {
  return {
    jobHistory: refuse,
    cancelJobs: refuse,
    retryJobs: refuse,
    removeJobs: refuse,
    pauseJobs: refuse,
    resumeJobs: refuse,
    moveJobs: refuse,
    listBatches: refuse,
    getBatch: refuse,
    renameBatch: refuse,
    pauseBatch: refuse,
    resumeBatch: refuse,
    pauseQueue: refuse,
    resumeQueue: refuse,
    listProfiles: refuse,
    saveProfile: refuse,
    removeProfile: refuse,
    listWatchFolders: refuse,
    addWatchFolder: refuse,
    changeWatchFolder: refuse,
    removeWatchFolder: refuse,
    editWorker: refuse,
    drainWorker: refuse,
    undrainWorker: refuse,
    workerHistory: refuse,
    expectIdentity: refuse,
    expectIdentityOfAll: refuse,
    doctor: refuse,
    doctorBundle: refuse,
    getQueue: () => ({ ...EMPTY_TALLY, pausedSince: null }),
  } satisfies Partial<Handlers>;
}
