// Owns what a person is told about an error, whatever its code: three sentences, and those of them that many codes share.

/** What a person is told about a code. `what` may be refined by the error's own message. */
export interface ErrorAdvice {
  readonly what: string;
  readonly lost: string;
  readonly todo: string;
}

export const NOTHING_LOST = 'Nothing was lost.';
export const STAYS_IN_QUEUE = 'Nothing was lost: the recording stays in the queue.';
export const ORIGINAL_UNTOUCHED = 'The recording itself was not touched.';
