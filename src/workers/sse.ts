// Owns reading text/event-stream (WHATWG HTML, section 9.2): bytes in any pieces become events. Strict in size: a line or an event
// that has no end is refused.

import { AppError } from '../contract/errors.ts';

export interface ServerEvent {
  /** `message` where the stream did not name it. */
  readonly type: string;
  /** The last `id` seen on the stream so far, empty before the first. */
  readonly id: string;
  readonly data: string;
}

/** Bytes of one line, and characters of one event's data. */
const MAX_LINE_BYTES = 512 * 1024;
const MAX_DATA_LENGTH = 1024 * 1024;

const LF = 0x0a;
const CR = 0x0d;

/**
 * The events of a stream, each as soon as its blank line came. An event that the stream's end cuts off is dropped, as the standard says.
 * @throws AppError WORKER_PROTOCOL when a line or an event is too long; whatever `bytes` throws.
 */
export async function* parseEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent, void, undefined> {
  let type = '';
  let id = '';
  let data: string[] = [];
  let length = 0;
  for await (const line of lines(bytes)) {
    if (line === '') {
      if (data.length > 0) yield { type: type === '' ? 'message' : type, id, data: data.join('\n') };
      type = '';
      data = [];
      length = 0;
      continue;
    }
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'event') type = value;
    else if (name === 'id' && !value.includes('\0')) id = value;
    else if (name === 'data') {
      data.push(value);
      length += value.length;
      if (length > MAX_DATA_LENGTH) throw tooLong();
    }
    // `retry` is ours to decide, and a line that begins with a colon is the heartbeat.
  }
}

/** Lines without their ends (LF, CR or CRLF). The last one counts only when it was ended. */
async function* lines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  let rest = Buffer.alloc(0);
  let first = true;
  let afterCarriageReturn = false;
  for await (const chunk of bytes) {
    // Buffer.concat of a long unended line over and over is bounded by MAX_LINE_BYTES.
    const buffer = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let index = rest.length; index < buffer.length; index += 1) {
      const byte = buffer[index];
      const closesPair = byte === LF && afterCarriageReturn;
      afterCarriageReturn = byte === CR;
      if (closesPair) start = index + 1;
      else if (byte === LF || byte === CR) {
        const line = buffer.toString('utf8', start, index);
        yield first && line.startsWith('\ufeff') ? line.slice(1) : line;
        first = false;
        start = index + 1;
      }
    }
    rest = buffer.subarray(start);
    if (rest.length > MAX_LINE_BYTES) throw tooLong();
  }
}

function tooLong(): AppError {
  return new AppError('WORKER_PROTOCOL', 'The worker sent an event that has no end.');
}
