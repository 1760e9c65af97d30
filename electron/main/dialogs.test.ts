import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserWindow, Dialog } from 'electron';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { setupDialogs } from './dialogs.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'dialogs-'));
  writeFileSync(join(dir, 'a.srt'), '1');
});
afterAll(() => rmSync(dir, { recursive: true }));

function setup(window: unknown) {
  const showOpenDialog = vi.fn(async (..._args: unknown[]) => ({ canceled: false, filePaths: ['/a', '/b'] }));
  const showItemInFolder = vi.fn();
  const addRecentDocument = vi.fn();
  const dialogs = setupDialogs({
    app: { addRecentDocument },
    dialog: { showOpenDialog } as unknown as Dialog,
    shell: { showItemInFolder },
    window: () => window as BrowserWindow | null,
  });
  return { dialogs, showOpenDialog, showItemInFolder, addRecentDocument };
}

describe('the dialogs', () => {
  it('give paths, over the window where there is one', async () => {
    const window = {};
    const { dialogs, showOpenDialog } = setup(window);
    expect(await dialogs.openFiles()).toEqual(['/a', '/b']);
    expect(showOpenDialog.mock.calls[0]).toEqual([
      window,
      expect.objectContaining({ properties: ['openFile', 'multiSelections'] }),
    ]);
    const alone = setup(null);
    expect(await alone.dialogs.openFolder()).toEqual(['/a', '/b']);
    expect(alone.showOpenDialog.mock.calls[0]).toEqual([
      expect.objectContaining({ properties: ['openDirectory', 'multiSelections'] }),
    ]);
  });
});

describe('showing a file', () => {
  it('shows one that is there', async () => {
    const { dialogs, showItemInFolder } = setup(null);
    await dialogs.reveal(join(dir, 'a.srt'));
    expect(showItemInFolder).toHaveBeenCalledExactlyOnceWith(join(dir, 'a.srt'));
    await expect(dialogs.reveal(join(dir, 'gone.srt'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each([
    '',
    'a.srt',
    './a.srt',
    '../a',
    '//server/share/a.srt',
    '\\\\server\\share',
    '/\\server/share',
    '/a\0b',
    'file:///etc/passwd',
    'https://evil.example',
    'smb://evil.example/a',
    '-rf',
  ])('refuses %j', async (path) => {
    const { dialogs, showItemInFolder } = setup(null);
    await expect(dialogs.reveal(path)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(showItemInFolder).not.toHaveBeenCalled();
  });
});
