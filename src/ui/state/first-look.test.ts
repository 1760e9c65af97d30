import { describe, expect, it } from 'vitest';
import { createMemoryClient } from '../client/memory-client.ts';
import { firstLook } from './first-look.ts';
import { createIntake } from './intake.ts';
import { createAppStore } from './store.ts';

/** A box of MP4: its length, its type, what is in it. */
function box(type: string, ...parts: Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 8);
  const made = new Uint8Array(length);
  new DataView(made.buffer).setUint32(0, length);
  made.set(bytes(type), 4);
  let at = 8;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

const file = (...parts: Uint8Array[]): File => new File(parts as BlobPart[], 'hearing.m4a');
const start = box('ftyp', bytes('M4A \0\0\0\0isom'));
const handler = box('hdlr', new Uint8Array(8), bytes('soun'), new Uint8Array(12));
const index = (entry: string): Uint8Array =>
  box('moov', box('trak', box('mdia', handler, box('stsd', new Uint8Array(8), box(entry, new Uint8Array(28))))));

describe('a first look at a file', () => {
  it('refuses what certainly cannot be transcribed, each with its reason', async () => {
    expect(await firstLook(file())).toEqual({ code: 'EMPTY_FILE', message: '' });
    const letter = await firstLook(file(bytes('%PDF-1.7 a letter, and no recording at all')));
    expect(letter).toEqual({ code: 'NOT_A_RECORDING', message: 'This is a PDF document, not a recording.' });
    expect((await firstLook(file(start, index('drms'))))?.code).toBe('SOURCE_ENCRYPTED');
    const cut = box('mdat', new Uint8Array(100)).subarray(0, 60);
    expect((await firstLook(file(start, cut)))?.code).toBe('SOURCE_TRUNCATED');
  });

  it('lets go what may be one, and what it does not know', async () => {
    expect(await firstLook(file(start, index('mp4a')))).toBeNull();
    expect(await firstLook(file(new Uint8Array(5_000).fill(7)))).toBeNull();
  });

  it('keeps it from being read into the app', async () => {
    const { client, engine } = createMemoryClient({ now: () => 1 });
    const store = createAppStore();
    const intake = createIntake(client, store);
    await intake.add([{ name: null, paths: [], files: [file(bytes('%PDF-1.7 a letter, and no recording at all'))] }]);
    expect(engine.jobs.size).toBe(0);
    expect(store.getState()).toMatchObject({ uploads: [], dialog: { kind: 'refused', restQueued: false } });
    const recording = new File([new Uint8Array(5_000).fill(7)], 'a.wav');
    await intake.add([{ name: null, paths: [], files: [file(), recording] }]);
    expect([...engine.jobs.values()].map(({ name }) => name)).toEqual(['a.wav']);
    expect(store.getState().dialog).toEqual({
      ...{ kind: 'refused', restQueued: true },
      refused: [{ path: 'hearing.m4a', error: { code: 'EMPTY_FILE', message: '' } }],
    });
  });
});
