// Owns the closed list of error codes and, for each, the sentences a person reads: what happened, whether anything
// was lost, what to do. Codes cross boundaries; prose is looked up here and nowhere else. Those of rented GPUs are written in pod-errors.ts.

import * as z from 'zod';
import { type ErrorAdvice, NOTHING_LOST, ORIGINAL_UNTOUCHED, STAYS_IN_QUEUE } from './error-advice.ts';
import { POD_ERROR_ADVICE } from './pod-errors.ts';

/**
 * Every code that can reach a user, with its advice. The `REMOTE_*`, `UNSUPPORTED_MODEL` and `USER_CANCELED` names are those of
 * docs/protocol.md part 1, so that people and scripts that know the predecessor find them again.
 */
export const ERROR_ADVICE = {
  REMOTE_WORKER_UNREACHABLE: {
    what: 'The worker does not answer.',
    lost: STAYS_IN_QUEUE,
    todo: 'Check that the pod is running and that the address ends in the right port. It is retried automatically.',
  },
  REMOTE_WORKER_UNAUTHORIZED: {
    what: 'The worker refused the token.',
    lost: STAYS_IN_QUEUE,
    todo: 'Make WORKER_TOKEN on the worker and the token here the same, without spaces around it, then let the worker be checked again under Workers.',
  },
  REMOTE_WORKER_TIMEOUT: {
    what: 'The worker did not finish in the time allowed.',
    lost: STAYS_IN_QUEUE,
    todo: 'Retry, or raise REMOTE_WORKER_TIMEOUT_SECONDS for very long recordings.',
  },
  REMOTE_WORKER_CAPACITY: {
    what: 'Every worker is busy.',
    lost: STAYS_IN_QUEUE,
    todo: 'Nothing: it takes the next free slot.',
  },
  REMOTE_DISPATCH_FAILED: {
    what: 'The worker did not accept the job.',
    lost: STAYS_IN_QUEUE,
    todo: 'Look at the message, correct the options, and retry.',
  },
  REMOTE_JOB_NOT_FOUND: {
    what: 'The worker no longer knows the job; it was probably restarted.',
    lost: STAYS_IN_QUEUE,
    todo: 'Nothing: it is sent again automatically, a limited number of times.',
  },
  REMOTE_FAILED: {
    what: 'The worker reported a failure.',
    lost: ORIGINAL_UNTOUCHED,
    todo: 'Look at the message and retry.',
  },
  WORKER_PROTOCOL: {
    what: 'The worker gave an answer that this app does not understand.',
    lost: STAYS_IN_QUEUE,
    todo: 'Check that the address is a Bulk Transcribe worker, and that a proxy does not answer in its place.',
  },
  WORKER_DISK_FULL: {
    what: 'The worker’s disk is full.',
    lost: STAYS_IN_QUEUE,
    todo: 'Give the worker more disk. It is retried automatically.',
  },
  WORKER_INSTALL_FAILED: {
    what: 'The worker for this computer could not be set up.',
    lost: STAYS_IN_QUEUE,
    todo: 'Read the last lines of the message; Python 3.10 or newer and a connection to the package index are needed.',
  },
  WORKER_START_FAILED: {
    what: 'The worker on this computer did not start.',
    lost: STAYS_IN_QUEUE,
    todo: 'Run "bulk-transcribe worker install" and look at worker.log in the data directory.',
  },
  UNSUPPORTED_MODEL: {
    what: 'The worker does not have this model.',
    lost: NOTHING_LOST,
    todo: 'Choose one of the models that the message lists.',
  },
  UNSUPPORTED_LANGUAGE: {
    what: 'The model does not know this language.',
    lost: NOTHING_LOST,
    todo: 'Choose another language or a multilingual model.',
  },
  UNSUPPORTED_OPTION: {
    what: 'The worker cannot do what was asked.',
    lost: NOTHING_LOST,
    todo: 'Turn the named option off, or use a worker that can.',
  },
  USER_CANCELED: { what: 'Canceled by you.', lost: ORIGINAL_UNTOUCHED, todo: 'Retry whenever you want.' },
  SOURCE_MISSING: {
    what: 'The recording has moved or been deleted.',
    lost: STAYS_IN_QUEUE,
    todo: 'Connect the drive or put the file back, then retry.',
  },
  NOT_THE_RECORDING: {
    what: 'That file is not the same recording.',
    lost: 'Nothing was changed.',
    todo: 'Choose the original file: its content must be identical, its name may differ.',
  },
  SOURCE_UNREADABLE: {
    what: 'This app has no permission to read the recording.',
    lost: ORIGINAL_UNTOUCHED,
    todo: 'Allow your user to read the file, then retry.',
  },
  SOURCE_CHANGED: {
    what: 'The recording changed while it was being sent.',
    lost: ORIGINAL_UNTOUCHED,
    todo: 'Retry to use the file as it is now.',
  },
  EMPTY_FILE: {
    what: 'The file is empty (0 bytes).',
    lost: 'Nothing was sent.',
    todo: 'Check the copy of the recording: the original may be elsewhere.',
  },
  NOT_A_RECORDING: {
    what: 'The file is not a recording that can be read.',
    lost: ORIGINAL_UNTOUCHED,
    todo: 'Check that it plays in a media player; convert it if it does.',
  },
  NO_AUDIO: {
    what: 'The file contains no audio.',
    lost: ORIGINAL_UNTOUCHED,
    todo: 'Check that this is the right file.',
  },
  SOURCE_ENCRYPTED: {
    what: 'The recording is copy-protected (DRM), so nothing but its own player can open it.',
    lost: 'Nothing was sent.',
    todo: 'Get a copy without protection from where it came from.',
  },
  SOURCE_TRUNCATED: {
    what: 'The file is incomplete: its index is missing.',
    lost: 'Nothing was sent.',
    todo: 'Copy it again from where it was made, or repair it with the program that made it.',
  },
  NO_SUCH_TRACK: {
    what: 'The recording has no audio track of this number.',
    lost: 'Nothing was sent.',
    todo: 'Choose one of the tracks that the message lists, then add it again.',
  },
  TOO_LARGE: {
    what: 'The file is larger than the worker takes.',
    lost: ORIGINAL_UNTOUCHED,
    todo: 'Raise WORKER_MAX_FILE_MB on the worker, or split the recording.',
  },
  TRANSFER_FAILED: {
    what: 'The recording did not reach the worker.',
    lost: ORIGINAL_UNTOUCHED,
    todo: 'Check the network and retry; what arrived whole is not sent again.',
  },
  TRANSCRIPT_INVALID: {
    what: 'The worker sent an invalid transcript.',
    lost: ORIGINAL_UNTOUCHED,
    todo: 'Retry; if it happens again, update the worker.',
  },
  DELIVERY_FAILED: {
    what: 'The finished transcript did not reach this computer.',
    lost: 'The worker keeps the transcript.',
    todo: 'Check the network and retry.',
  },
  MODEL_LOAD_FAILED: {
    what: 'The worker could not load the model.',
    lost: STAYS_IN_QUEUE,
    todo: 'Check the network of the worker, its disk, and the name of the model, then retry.',
  },
  OUT_OF_MEMORY: {
    what: 'The worker ran out of memory.',
    lost: ORIGINAL_UNTOUCHED,
    todo: 'Use a GPU with more memory or a smaller model, then retry.',
  },
  DIARIZATION_FAILED: {
    what: 'The speakers could not be told apart.',
    lost: ORIGINAL_UNTOUCHED,
    todo: 'Read the message and retry, or transcribe without speakers.',
  },
  ENGINE_FAILED: { what: 'Transcription failed.', lost: ORIGINAL_UNTOUCHED, todo: 'Retry; the worker log says more.' },
  POISONED: {
    what: 'The worker died twice on this recording, so it was set aside.',
    lost: 'All other recordings continue.',
    todo: 'Check that the file plays, then retry by hand.',
  },
  EXPORT_FAILED: {
    what: 'A file could not be written.',
    lost: 'The transcript is kept in the app.',
    todo: 'Free some space or make the folder writable, then retry; or open the transcript and export it to another folder. Nothing is transcribed again.',
  },
  DISK_FULL: {
    what: 'This computer’s disk is full.',
    lost: 'Finished transcripts are kept.',
    todo: 'Free some space, then retry.',
  },
  ...POD_ERROR_ADVICE,
  BAD_REQUEST: {
    what: 'This app does not understand the request.',
    lost: NOTHING_LOST,
    todo: 'Correct it and send it again.',
  },
  NOT_FOUND: {
    what: 'This no longer exists.',
    lost: NOTHING_LOST,
    todo: 'Check the name, or whether it was removed meanwhile.',
  },
  CONFLICT: {
    what: 'That is not possible in the current state.',
    lost: NOTHING_LOST,
    todo: 'Look at how it is now: it may be done already, or be possible in a moment.',
  },
  UNAUTHORIZED: {
    what: 'The token is missing or wrong.',
    lost: NOTHING_LOST,
    todo: 'Use the token in the file api-token of the data directory.',
  },
  FORBIDDEN: {
    what: 'This request may not come from there.',
    lost: NOTHING_LOST,
    todo: 'Use the address that the app printed.',
  },
  ENGINE_RUNNING: {
    what: 'Another Bulk Transcribe already uses this data directory.',
    lost: NOTHING_LOST,
    todo: 'Use the running one, or choose another data directory.',
  },
  DATABASE_NEWER: {
    what: 'The database was made by a newer version of the app.',
    lost: 'Nothing was written to it.',
    todo: 'Install the newer version.',
  },
  DATABASE_DAMAGED: {
    what: 'The database cannot be read.',
    lost: 'It was left as it is; written transcripts are untouched.',
    todo: 'Keep a copy of the data directory and start with a fresh one.',
  },
  INTERNAL: {
    what: 'Something went wrong in the app.',
    lost: 'The queue is on disk and intact.',
    todo: 'Retry; if it happens again, report the message.',
  },
} as const satisfies Record<string, ErrorAdvice>;

/** One of the closed list of codes. */
export type ErrorCode = keyof typeof ERROR_ADVICE;

/** All codes, in the order of {@link ERROR_ADVICE}. */
export const ERROR_CODES = Object.keys(ERROR_ADVICE) as ErrorCode[];

export const errorCodeSchema = z.enum(ERROR_CODES as [ErrorCode, ...ErrorCode[]]);

/** An error as it crosses a boundary: the code decides, the message adds what is particular to this case. */
export const errorReportSchema = z.object({ code: errorCodeSchema, message: z.string() });
export type ErrorReport = z.infer<typeof errorReportSchema>;

/** The one error class of the app. `message` is a whole sentence for a person; `cause` keeps what was caught. */
export class AppError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message?: string, options?: ErrorOptions) {
    super(message ?? ERROR_ADVICE[code].what, options);
    this.name = 'AppError';
    this.code = code;
  }

  /** The form that may leave the process. */
  report(): ErrorReport {
    return { code: this.code, message: this.message };
  }
}

/** Anything that was thrown, as an AppError: ours unchanged, everything else `INTERNAL` (or `code`) with it as `cause`. */
export function toAppError(thrown: unknown, code: ErrorCode = 'INTERNAL'): AppError {
  if (thrown instanceof AppError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError(code, `${ERROR_ADVICE[code].what} ${message}`, { cause: thrown });
}

/** The three sentences for a report: what happened, whether anything was lost, what to do. */
export function explain(report: ErrorReport): ErrorAdvice {
  const advice: ErrorAdvice = ERROR_ADVICE[report.code];
  return { what: report.message === '' ? advice.what : report.message, lost: advice.lost, todo: advice.todo };
}
