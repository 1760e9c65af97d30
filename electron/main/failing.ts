// Owns what is said when the page keeps dying: that the queue goes on behind it, and the two ways to go on.

import type { Dialog } from 'electron';
import { words } from './words.ts';

export interface FailingParts {
  readonly dialog: Pick<Dialog, 'showMessageBox'>;
  readonly again: () => void;
  readonly quit: () => void;
}

/** @returns what is to be called when the page is not drawn again by itself any more. */
export function setupFailing({ dialog, again, quit }: FailingParts): () => void {
  const ask = async (): Promise<void> => {
    const { response } = await dialog.showMessageBox({
      type: 'error',
      message: words.crash.page,
      detail: words.crash.pageDetail,
      buttons: [words.crash.again, words.crash.quit],
      defaultId: 0,
      noLink: true,
    });
    if (response === 0) again();
    else quit();
  };
  return () => void ask();
}
