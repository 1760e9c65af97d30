// Owns what the system shows for the page: its dialogs for files and folders, and its file manager.

import { lstat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { App, BrowserWindow, Dialog, OpenDialogOptions, Shell } from 'electron';
import { AppError } from '../../src/contract/errors.ts';

export interface DialogParts {
  readonly app: Pick<App, 'addRecentDocument'>;
  readonly dialog: Pick<Dialog, 'showOpenDialog'>;
  readonly shell: Pick<Shell, 'showItemInFolder'>;
  readonly window: () => BrowserWindow | null;
}

export interface Dialogs {
  /** Absolute paths; none when the person changes their mind. */
  openFiles(): Promise<string[]>;
  openFolder(): Promise<string[]>;
  /** @throws AppError BAD_REQUEST (not a path of this computer), NOT_FOUND */
  reveal(path: string): Promise<void>;
  /** Shows the log in the file manager, where there is one yet. */
  showLog(path: string | null): void;
}

export function setupDialogs({ app, dialog, shell, window }: DialogParts): Dialogs {
  const ask = async (options: OpenDialogOptions): Promise<string[]> => {
    const parent = window();
    const { filePaths } = await (parent === null
      ? dialog.showOpenDialog(options)
      : dialog.showOpenDialog(parent, options));
    for (const path of filePaths) app.addRecentDocument(path);
    return filePaths;
  };
  return {
    // No filter by ending: the engine says of each file whether it is a recording.
    openFiles: () => ask({ title: 'Add recordings', properties: ['openFile', 'multiSelections'] }),
    openFolder: () => ask({ title: 'Add folders of recordings', properties: ['openDirectory', 'multiSelections'] }),
    async reveal(path) {
      if (!isLocalPath(path)) throw new AppError('BAD_REQUEST', 'This is not the path of a file on this computer.');
      await lstat(path).catch((cause: unknown) => {
        throw new AppError('NOT_FOUND', 'The file is not there any more.', { cause });
      });
      shell.showItemInFolder(path);
    },
    showLog(path) {
      if (path !== null) shell.showItemInFolder(path);
    },
  };
}

/** Absolute and on this computer: to look at `\\server\share` would already send the user's credentials there. */
export function isLocalPath(path: string): boolean {
  return isAbsolute(path) && !/^[/\\]{2}/.test(path) && !path.includes('\0');
}
