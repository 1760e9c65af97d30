import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ServerEvent } from './sse.ts';
import { parseEvents } from './sse.ts';

async function* inPieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const cut of [...cuts].map((each) => each % (bytes.length + 1)).sort((a, b) => a - b)) {
    yield bytes.subarray(start, cut);
    start = cut;
  }
  yield bytes.subarray(start);
}

async function parsed(text: string | Buffer, cuts: readonly number[] = []): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of parseEvents(inPieces(Buffer.from(text), cuts))) events.push(event);
  return events;
}

test.each([
  ['event: a\nid: 1\ndata: x\n\n', [{ type: 'a', id: '1', data: 'x' }]],
  ['data: x\ndata:  y\ndata\n\n', [{ type: 'message', id: '', data: 'x\n y\n' }]],
  ['id: 7\n\ndata: x\n\n', [{ type: 'message', id: '7', data: 'x' }]],
  [': heartbeat\n\n: another\n\n', []],
  ['data:x\r\n\r\ndata:y\r\rdata:z\n\n', [{ data: 'x' }, { data: 'y' }, { data: 'z' }]],
  ['\ufeffdata: x\n\n', [{ data: 'x' }]],
  ['retry: 10\nunknown: x\ndata: x\n\n', [{ data: 'x' }]],
  ['id: a\0b\ndata: x\n\n', [{ id: '', data: 'x' }]],
  ['event: a\n\ndata: x\n\n', [{ type: 'message', data: 'x' }]],
  ['data: never ended', []],
  ['data: never ended\n', []],
])('%j', async (text, expected) => {
  expect(await parsed(text)).toMatchObject(expected);
  expect(await parsed(text)).toHaveLength(expected.length);
});

test('however the bytes are cut, through characters and line ends too, the events are the same', async () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll(/[\r\n\0]/g, ' '));
  const event = fc.record({
    type: line,
    id: fc.nat().map(String),
    data: fc.array(line, { minLength: 1, maxLength: 3 }),
  });
  const end = fc.constantFrom('\n', '\r\n', '\r');
  await fc.assert(
    fc.asyncProperty(fc.array(event), end, fc.array(fc.nat(), { maxLength: 30 }), async (events, eol, cuts) => {
      const text = events
        .map(({ type, id, data }) =>
          [`event: ${type}`, `id: ${id}`, ...data.map((each) => `data: ${each}`), ': beat', '', ''].join(eol),
        )
        .join('');
      const expected = events.map(({ type, id, data }) => ({ type: type || 'message', id, data: data.join('\n') }));
      expect(await parsed(text, cuts)).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test('a line or an event without an end is refused before it fills the memory', async () => {
  async function* endless(piece: Buffer): AsyncGenerator<Uint8Array> {
    for (;;) yield piece;
  }
  const line = parseEvents(endless(Buffer.alloc(100_000, 'x')));
  await expect(line.next()).rejects.toMatchObject({ code: 'WORKER_PROTOCOL' });
  const event = parseEvents(endless(Buffer.from(`data: ${'x'.repeat(90_000)}\n`)));
  await expect(event.next()).rejects.toMatchObject({ code: 'WORKER_PROTOCOL' });
});
