import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { syncFolder, syncFolderNow } from './sync-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'bt-sync-'));
afterAll(() => rmSync(folder, { recursive: true }));
const error = (code: string) => Object.assign(new Error(code), { code });

/** A folder whose file system answers `code` to a sync. */
function answering(code: string) {
  let closed = 0;
  const open = async () => ({
    sync: () => Promise.reject(error(code)),
    close: async () => {
      closed += 1;
    },
  });
  return { open, closed: () => closed };
}

const refuse = (code: string) => () => {
  throw error(code);
};

test('a file system that knows no sync of folders is no failure, and any other error is', async () => {
  for (const code of ['EINVAL', 'ENOTSUP']) {
    const { open, closed } = answering(code);
    await syncFolder('f', 'linux', open);
    expect(closed()).toBe(1);
    syncFolderNow(folder, 'linux', refuse(code));
  }
  const { open, closed } = answering('EIO');
  await expect(syncFolder('f', 'darwin', open)).rejects.toMatchObject({ code: 'EIO' });
  expect(closed()).toBe(1);
  expect(() => syncFolderNow(folder, 'linux', refuse('EIO'))).toThrow('EIO');
});

test('a real folder is synced, and on Windows none is opened', async () => {
  await syncFolder(folder);
  syncFolderNow(folder);
  await syncFolder(join(folder, 'not-there'), 'win32');
  syncFolderNow(join(folder, 'not-there'), 'win32');
});
