// Owns what a worker's error codes (docs/protocol.md, "Jobs") mean to the app.

import type { ErrorCode } from '../contract/errors.ts';

const MEANING: Readonly<Record<string, ErrorCode>> = {
  DOWNLOAD_FAILED: 'TRANSFER_FAILED',
  LINK_REFUSED: 'TRANSFER_FAILED',
  INPUT_MISMATCH: 'SOURCE_CHANGED',
  SOURCE_CHANGED: 'SOURCE_CHANGED',
  SOURCE_GONE: 'SOURCE_MISSING',
  EMPTY_INPUT: 'EMPTY_FILE',
  NO_AUDIO: 'NO_AUDIO',
  DECODE_FAILED: 'NOT_A_RECORDING',
  TOO_LARGE: 'TOO_LARGE',
  UNSUPPORTED_MODEL: 'UNSUPPORTED_MODEL',
  UNSUPPORTED_LANGUAGE: 'UNSUPPORTED_LANGUAGE',
  UNSUPPORTED_OPTION: 'UNSUPPORTED_OPTION',
  MODEL_LOAD_FAILED: 'MODEL_LOAD_FAILED',
  OUT_OF_MEMORY: 'OUT_OF_MEMORY',
  ENGINE_FAILED: 'ENGINE_FAILED',
  DIARIZATION_FAILED: 'DIARIZATION_FAILED',
  DELIVERY_REFUSED: 'DELIVERY_FAILED',
  WORKER_DISK_FULL: 'WORKER_DISK_FULL',
  WORKER_RESTARTED: 'REMOTE_JOB_NOT_FOUND',
};

/** Our code for a worker's; one that nobody knows is a plain `REMOTE_FAILED`. */
export function codeOfWorkerError(workerCode: string): ErrorCode {
  return (Object.hasOwn(MEANING, workerCode) ? MEANING[workerCode] : undefined) ?? 'REMOTE_FAILED';
}
