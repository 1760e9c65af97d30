// Owns what a worker must have for a job: the model, speakers, room for the file, memory for the model. What is missing is named.

import type { JobOptions } from '../contract/options.ts';
import { type Sentence, say } from '../contract/sentences.ts';
import type { Ping } from '../contract/worker-wire.ts';

/** What of a ping decides. */
export type Ability = Pick<
  Ping,
  'models' | 'diarization' | 'diarizationReason' | 'diarizationChecking' | 'maxFileMB' | 'vramTotalMB' | 'gpu'
>;

export type Lack =
  | { readonly kind: 'model'; readonly model: string; readonly offered: readonly string[] }
  | { readonly kind: 'diarization'; readonly reason: string | null; readonly isForNow: boolean }
  | { readonly kind: 'file_size'; readonly maxFileMB: number }
  | { readonly kind: 'memory'; readonly needMB: number; readonly haveMB: number };

/**
 * Megabytes of GPU memory below which a model does not even run in its smallest form (int8, one stretch at a time). The worker shrinks what
 * it does to what fits, so only what cannot work at all is kept from it.
 */
const LEAST_MEMORY_MB: readonly (readonly [name: RegExp, megabytes: number])[] = [
  [/^(?:distil-)?large/, 2_500],
  [/^(?:turbo|large-v3-turbo)/, 1_500],
  [/^(?:distil-)?medium/, 1_400],
  [/^(?:distil-)?small/, 800],
];
const DIARIZATION_MB = 800;

const MIB = 1024 * 1024;

/** All that keeps a worker from the job, the most telling first; empty where it can take it. `sizeBytes` null = not known yet. */
export function lacks(
  options: Pick<JobOptions, 'model' | 'diarize' | 'diarizeOptional'>,
  sizeBytes: number | null,
  has: Ability,
): readonly Lack[] {
  const found: Lack[] = [];
  // A worker that names no models is asked, and says itself what it has.
  if (has.models.length > 0 && !has.models.includes(options.model))
    found.push({ kind: 'model', model: options.model, offered: has.models });
  const speakers = options.diarize && options.diarizeOptional !== true;
  if (speakers && !has.diarization)
    found.push({ kind: 'diarization', reason: has.diarizationReason, isForNow: has.diarizationChecking });
  if (sizeBytes !== null && has.maxFileMB !== null && sizeBytes > has.maxFileMB * MIB)
    found.push({ kind: 'file_size', maxFileMB: has.maxFileMB });
  if (has.gpu && has.vramTotalMB !== null) {
    const model = LEAST_MEMORY_MB.find(([name]) => name.test(options.model))?.[1] ?? 0;
    const needMB = model + (speakers ? DIARIZATION_MB : 0);
    if (needMB > has.vramTotalMB) found.push({ kind: 'memory', needMB, haveMB: has.vramTotalMB });
  }
  return found;
}

/** True where all that is missing may be there in a moment: a worker that has just started tries what it can do. */
export function isForNow(lacking: readonly Lack[]): boolean {
  return lacking.length > 0 && lacking.every((lack) => lack.kind === 'diarization' && lack.isForNow);
}

/** Models of a worker that a sentence names. */
const NAMED_MODELS = 8;

/** One sentence for each worker, such as `Studio has no model "large-v3" (it has small, base).` */
export function lackSentence(worker: string, lack: Lack): Sentence {
  switch (lack.kind) {
    case 'model':
      return lack.offered.length <= NAMED_MODELS
        ? say('lacks_model', { worker, model: lack.model, models: lack.offered.join(', ') })
        : say('lacks_model_many', {
            worker,
            model: lack.model,
            models: lack.offered.slice(0, NAMED_MODELS).join(', '),
            count: lack.offered.length - NAMED_MODELS,
          });
    case 'diarization':
      return lack.reason === null
        ? say('lacks_speakers', { worker })
        : say('lacks_speakers_why', { worker, reason: lack.reason.replace(/\.$/, '') });
    case 'file_size':
      return say('lacks_size', { worker, megabytes: lack.maxFileMB });
    case 'memory':
      return say('lacks_memory', { worker, have: lack.haveMB, need: lack.needMB });
    default:
      return lack satisfies never;
  }
}
