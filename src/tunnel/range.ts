// Owns reading a Range request (RFC 9110, section 14): one range of bytes, or all, or none that can be had.

export type ByteRange =
  | { readonly kind: 'whole' }
  /** `start` inclusive, `end` exclusive, both bytes. */
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' };

const WHOLE: ByteRange = { kind: 'whole' };

/**
 * What of a file of `size` bytes is asked for. A header that is malformed or names several ranges is ignored, as the RFC allows, and
 * so is one whose `If-Range` is not exactly `etag`.
 */
export function requestedRange(
  headers: { readonly range?: string | undefined; readonly 'if-range'?: string | undefined },
  size: number,
  etag: string,
): ByteRange {
  if (headers.range === undefined) return WHOLE;
  if (headers['if-range'] !== undefined && headers['if-range'] !== etag) return WHOLE;
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.range.trim()) ?? [];
  if (first === '' && last === '') return WHOLE;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? { kind: 'unsatisfiable' } : { kind: 'part', start: size - length, end: size };
  }
  const start = Number(first);
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  if (last !== '' && Number(last) < start) return WHOLE;
  return start >= size ? { kind: 'unsatisfiable' } : { kind: 'part', start, end };
}

/** True when an `If-Match` header is absent or lets this file through. */
export function ifMatchPasses(header: string | undefined, etag: string): boolean {
  if (header === undefined || header.trim() === '*') return true;
  return header.split(',').some((each) => each.trim() === etag);
}
