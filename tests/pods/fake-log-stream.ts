// Owns the log streams of the fake RunPod's pods.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { problem } from './fake-answers.ts';
import type { Machines } from './fake-machines.ts';

/** Server-sent, from the tail or after the last id that was seen, then as lines come. */
export function streamLog(
  machines: Machines,
  path: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const machine = machines.get(/^\/pods\/([^/]+)\/logs$/.exec(path)?.[1] ?? '');
  if (machine === null) {
    response.writeHead(404, { 'Content-Type': 'application/problem+json' });
    response.end(JSON.stringify(problem(404, 'Not Found', 'pod not found').body));
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  const source = query.get('source');
  const write = ({ id, ts, source: from, line }: (typeof machine.log)[number]): void => {
    if (source === null || source === from)
      response.write(`id: ${id}\ndata: ${JSON.stringify({ ts, source: from, line })}\n\n`);
  };
  const after = request.headers['last-event-id'];
  const seen = machine.log.findIndex(({ id }) => id === after);
  const tail = Number(query.get('tail') ?? 100);
  const past = seen >= 0 ? machine.log.slice(seen + 1) : tail === 0 ? [] : machine.log.slice(-tail);
  for (const line of past) write(line);
  response.write(': here\n\n');
  const undo = machines.onLine((of, line) => {
    if (of === machine) write(line);
  });
  response.on('close', undo);
}
