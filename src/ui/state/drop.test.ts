import { expect, it } from 'vitest';
import { readDrop } from './drop.ts';

const file = (name: string): File => new File(['x'], name);

const fileEntry = (name: string): unknown => ({
  ...{ isFile: true, isDirectory: false, name },
  file: (give: (found: File) => void) => give(file(name)),
});

/** A folder that gives its entries one at a time, as a browser may. */
const folderEntry = (name: string, entries: readonly unknown[]): unknown => ({
  ...{ isFile: false, isDirectory: true, name },
  createReader: () => {
    const left = [...entries];
    return { readEntries: (give: (some: unknown[]) => void) => give(left.splice(0, 1)) };
  },
});

const transfer = (entries: readonly unknown[]): DataTransfer =>
  ({
    files: [],
    items: entries.map((entry) => ({
      kind: 'file',
      getAsFile: () => file((entry as { name: string }).name),
      webkitGetAsEntry: () => entry,
    })),
  }) as unknown as DataTransfer;

it('makes each folder a batch of the recordings in it, at any depth and in order, and loose files one more', async () => {
  const deep = folderEntry('tapes', [fileEntry('tape 10.wav'), fileEntry('tape 2.WAV'), fileEntry('notes.txt')]);
  const groups = await readDrop(
    transfer([folderEntry('Day 8', [deep, fileEntry('b.mp4')]), fileEntry('odd.xyz')]),
    null,
  );
  expect(groups.map(({ name, files }) => [name, files.map((each) => each.name)])).toEqual([
    ['Day 8', ['b.mp4', 'tape 2.WAV', 'tape 10.wav']],
    [null, ['odd.xyz']],
  ]);
});

it('gives the paths of folders and files on a desktop', async () => {
  const desktop = {
    pathOf: (dropped: File) => `/media/${dropped.name}`,
    openFiles: async () => [],
    openFolder: async () => [],
    secretsKept: async () => true,
    onTold: () => () => undefined,
    reveal: () => undefined,
  };
  const groups = await readDrop(transfer([folderEntry('Day 8', []), fileEntry('a.wav'), fileEntry('b.wav')]), desktop);
  expect(groups).toEqual([
    { name: 'Day 8', paths: ['/media/Day 8'], files: [] },
    { name: null, paths: ['/media/a.wav', '/media/b.wav'], files: [] },
  ]);
});

it('gives nothing for a folder without recordings', async () => {
  expect(await readDrop(transfer([folderEntry('empty', [fileEntry('notes.txt')])]), null)).toEqual([]);
});
