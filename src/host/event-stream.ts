// Owns `GET /api/events`: the engine's events as server-sent events, one subscription a client, bounded for clients that do not read.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AppApi } from '../contract/api.ts';
import { SECURITY_HEADERS } from '../contract/page-files.ts';
import type { Clock, Log } from '../controller/ports.ts';

/** Silence after which a comment line is sent, milliseconds: proxies and clients take longer silence for death. */
export const HEARTBEAT_MS = 15_000;
/**
 * What may wait unsent for one client, bytes. A client that falls further behind is closed: it connects again, gets `ready`, and
 * fetches the lists, which is less than what it missed.
 */
export const MAX_BEHIND_BYTES = 4 * 1024 * 1024;

export interface EventStream {
  /** Answers the request with the stream; it lasts until one side closes it. */
  open(req: IncomingMessage, res: ServerResponse): void;
  /** Clients that are listening now. */
  readonly clients: number;
  /** Ends all streams. */
  close(): void;
}

export function createEventStream({
  api,
  clock,
  log,
}: {
  readonly api: AppApi;
  readonly clock: Clock;
  readonly log: Log;
}): EventStream {
  const open = new Set<() => void>();

  return {
    get clients() {
      return open.size;
    },
    close() {
      for (const end of [...open]) end();
    },
    open(_req, res) {
      res.writeHead(200, { ...SECURITY_HEADERS, 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      res.flushHeaders();

      let over = false;
      let stopHeartbeat: () => void = () => undefined;
      let unsubscribe: () => void = () => undefined;
      const leave = (): void => {
        if (over) return;
        over = true;
        open.delete(end);
        stopHeartbeat();
        unsubscribe();
      };
      const end = (): void => {
        leave();
        res.end();
      };
      const write = (text: string): void => {
        if (over) return;
        res.write(text);
        if (res.writableLength > MAX_BEHIND_BYTES) {
          log.warn('event_client_too_slow', { waitingBytes: res.writableLength });
          leave();
          // Not `end`: what waits would keep the memory until the client reads it.
          res.destroy();
        }
      };
      const beat = (): void => {
        write(': still here\n\n');
        if (!over) stopHeartbeat = clock.after(HEARTBEAT_MS, beat);
      };

      open.add(end);
      res.on('close', leave);
      res.on('error', leave);
      stopHeartbeat = clock.after(HEARTBEAT_MS, beat);
      const undo = api.subscribe((event) => write(`data: ${JSON.stringify(event)}\n\n`));
      // The first events may already have shown the client to be gone.
      if (over) undo();
      else unsubscribe = undo;
    },
  };
}
