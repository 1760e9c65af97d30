// Owns reading server-sent events from a response's body, and staying connected to them. EventSource cannot send the token.

import { type AppEvent, appEventSchema } from '../../contract/api.ts';

/** Takes text as it arrives and gives each finished event's data. Lines may end in LF, CR or CRLF and may be cut anywhere. */
export function createEventParser(): (chunk: string) => string[] {
  let rest = '';
  let data: string[] = [];
  return (chunk) => {
    const found: string[] = [];
    const text = rest + chunk;
    // A CR at the very end may be half of a CRLF: it waits for the next chunk.
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
    const lines = whole.split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '') + text.slice(whole.length);
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) found.push(data.join('\n'));
        data = [];
      } else if (line.startsWith('data:')) {
        data.push(line.slice(line[5] === ' ' ? 6 : 5));
      }
    }
    return found;
  };
}

/** Waits before the next try, milliseconds. */
export const RECONNECT_DELAYS = [250, 500, 1000, 2000, 4000, 8000] as const;

/** What {@link followEvents} needs. */
export interface EventSourceParts {
  /** Opens the stream; a refused token is told by `unauthorized`. */
  open(signal: AbortSignal): Promise<Response>;
  onEvent(event: AppEvent): void;
  onConnection(connection: 'open' | 'lost' | 'unauthorized'): void;
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** Reads events until the signal says stop, and connects anew whenever the stream ends. A refused token ends it. */
export async function followEvents(parts: EventSourceParts, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      const response = await parts.open(signal);
      if (response.status === 401) {
        parts.onConnection('unauthorized');
        return;
      }
      if (response.ok && response.body !== null) {
        await readBody(response.body, (event) => {
          failures = 0;
          parts.onConnection('open');
          parts.onEvent(event);
        });
      }
    } catch {
      // The engine went away or was never there: the loop tries again, and says so below.
    }
    if (signal.aborted) return;
    parts.onConnection('lost');
    const delay = RECONNECT_DELAYS[Math.min(failures, RECONNECT_DELAYS.length - 1)] ?? 8000;
    failures += 1;
    await parts.wait(delay, signal);
  }
}

async function readBody(body: ReadableStream<Uint8Array>, onEvent: (event: AppEvent) => void): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parse = createEventParser();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const data of parse(decoder.decode(value, { stream: true }))) {
      const event = parseEvent(data);
      if (event !== null) onEvent(event);
    }
  }
}

/** An event of a newer engine that this page does not know is passed over, as an unknown key would be. */
function parseEvent(data: string): AppEvent | null {
  try {
    const parsed = appEventSchema.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
