import { globSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renameOver, renameOverNow } from './rename-over.ts';

const error = (code: string) => Object.assign(new Error(code), { code });

/** A file system that refuses so often, and how long was waited in all. */
function refusing(times: number, code: string) {
  let tries = 0;
  let waited = 0;
  return {
    move: async () => {
      tries += 1;
      if (tries <= times) throw error(code);
    },
    wait: async (ms: number) => {
      waited += ms;
    },
    seen: () => ({ tries, waited }),
  };
}

test('on Windows a file that another program holds for a moment gets its name once it is let go', async () => {
  for (const code of ['EPERM', 'EACCES', 'EBUSY']) {
    const held = refusing(3, code);
    await renameOver('a', 'b', 'win32', held.move, held.wait);
    expect(held.seen()).toEqual({ tries: 4, waited: 140 });
  }
});

test('a file that is held for good is given up after 1.9 s, with what the system said', async () => {
  const held = refusing(Number.POSITIVE_INFINITY, 'EBUSY');
  await expect(renameOver('a', 'b', 'win32', held.move, held.wait)).rejects.toMatchObject({ code: 'EBUSY' });
  expect(held.seen()).toEqual({ tries: 8, waited: 1900 });
});

test('other errors, and other systems, are not waited for', async () => {
  const full = refusing(1, 'ENOSPC');
  await expect(renameOver('a', 'b', 'win32', full.move, full.wait)).rejects.toMatchObject({ code: 'ENOSPC' });
  const elsewhere = refusing(1, 'EPERM');
  await expect(renameOver('a', 'b', 'linux', elsewhere.move, elsewhere.wait)).rejects.toMatchObject({ code: 'EPERM' });
  expect([full.seen().tries, elsewhere.seen().tries]).toEqual([1, 1]);
});

test('where nobody can let go meanwhile it is the same', () => {
  for (const [times, code, platform] of [
    [3, 'EBUSY', 'win32'],
    [9, 'EACCES', 'win32'],
    [1, 'ENOSPC', 'win32'],
    [1, 'EPERM', 'linux'],
  ] as const) {
    let tries = 0;
    let waited = 0;
    const move = (): void => {
      tries += 1;
      if (tries <= times) throw error(code);
    };
    const run = (): void =>
      renameOverNow('a', 'b', platform, move, (ms) => {
        waited += ms;
      });
    if (times === 3) run();
    else expect(run).toThrow(code);
    expect([tries, waited]).toEqual(times === 3 ? [4, 140] : times === 9 ? [8, 1900] : [1, 0]);
  }
});

test('nobody renames a file in another way', () => {
  // A log that is held is turned over a line later, and a window’s place that cannot be kept troubles nobody.
  const impatient = new Set(['src/host/log.ts', 'electron/main/window-bounds.ts', 'src/store/rename-over.ts']);
  const renaming = globSync(['src/**/*.ts', 'electron/**/*.ts'])
    .filter((file) => !/\.(test|cases)\.ts$/.test(file) && !impatient.has(file.replaceAll('\\', '/')))
    .filter((file) => /import \{[^}]*\brename(?:Sync)?\b[^}]*\} from 'node:fs/.test(readFileSync(file, 'utf8')));
  expect(renaming).toEqual([]);
});

test('a real file takes the place of another', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bt-rename-'));
  try {
    await writeFile(join(folder, 'new'), 'new');
    await writeFile(join(folder, 'old'), 'old');
    await renameOver(join(folder, 'new'), join(folder, 'old'));
    expect(await readFile(join(folder, 'old'), 'utf8')).toBe('new');
    renameOverNow(join(folder, 'old'), join(folder, 'older'));
    expect(readdirSync(folder)).toEqual(['older']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
