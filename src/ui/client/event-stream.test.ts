import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createEventParser, followEvents, RECONNECT_DELAYS } from './event-stream.ts';

describe('the parser of server-sent events', () => {
  it('finds the same events however the text is cut', () => {
    const text = ': hello\r\n\r\ndata: {"a":1}\r\n\r\nevent: x\ndata: one\ndata:two\nid: 3\n\n\ndata: last\n\n';
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
        const parse = createEventParser();
        const places = [0, ...[...cuts].sort((a, b) => a - b), text.length];
        const found = places.slice(1).flatMap((end, index) => parse(text.slice(places[index], end)));
        expect(found).toEqual(['{"a":1}', 'one\ntwo', 'last']);
      }),
    );
  });
});

describe('following events', () => {
  const stream = (text: string): Response => new Response(text);

  it('tells of the connection, waits longer each time, and begins anew after an event', async () => {
    const stop = new AbortController();
    const told: string[] = [];
    const waited: number[] = [];
    const answers = [
      () => stream('data: {"type":"ready"}\n\n'),
      () => Promise.reject(new TypeError('refused')),
      () => new Response('', { status: 500 }),
      () => stream('data: {"type":"ready"}\n\ndata: {"type":"from the future"}\n\ndata: no json\n\n'),
    ];
    await followEvents(
      {
        open: async () => (answers.shift() ?? (() => stream('')))(),
        onEvent: (event) => told.push(event.type),
        onConnection: (connection) => told.push(connection),
        wait: async (ms) => {
          waited.push(ms);
          if (waited.length === 4) stop.abort();
        },
      },
      stop.signal,
    );
    expect(told).toEqual(['open', 'ready', 'lost', 'lost', 'lost', 'open', 'ready', 'lost']);
    expect(waited).toEqual([RECONNECT_DELAYS[0], RECONNECT_DELAYS[1], RECONNECT_DELAYS[2], RECONNECT_DELAYS[0]]);
  });

  it('ends where the token is refused', async () => {
    const onConnection = vi.fn();
    const wait = vi.fn();
    const open = async (): Promise<Response> => new Response('', { status: 401 });
    await followEvents({ open, onEvent: vi.fn(), onConnection, wait }, new AbortController().signal);
    expect(onConnection.mock.calls).toEqual([['unauthorized']]);
    expect(wait).not.toHaveBeenCalled();
  });
});
