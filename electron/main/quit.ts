// Owns how the app ends: a person is told what goes on and what begins again, the engine stops in order, then the app goes.

import type { App, Dialog } from 'electron';
import type { Activity } from './job-activity.ts';
import { words } from './words.ts';

export interface QuitParts {
  readonly app: Pick<App, 'on' | 'quit'>;
  readonly dialog: Pick<Dialog, 'showMessageBox'>;
  readonly platform: string;
  readonly activity: () => Activity;
  readonly closeEngine: () => Promise<void>;
}

export interface Quit {
  /** Ends without a question: there is nothing left to be asked about. */
  now(): void;
}

export function setupQuit({ app, dialog, platform, activity, closeEngine }: QuitParts): Quit {
  let state: 'open' | 'asking' | 'closing' | 'closed' = 'open';
  const close = async (): Promise<void> => {
    state = 'closing';
    // An engine that does not stop in order wrote down why; the queue is on disk either way.
    await closeEngine().catch(() => undefined);
    state = 'closed';
    app.quit();
  };
  const ask = async (at: Activity): Promise<void> => {
    state = 'asking';
    const { response } = await dialog.showMessageBox({
      type: 'question',
      message: words.quit.ask,
      detail: consequences(at),
      buttons: [words.quit.stay, words.quit.quit],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    });
    if (state !== 'asking') return;
    if (response === 1) await close();
    else state = 'open';
  };
  app.on('before-quit', (event) => {
    if (state === 'closed') return;
    event.preventDefault();
    if (state !== 'open') return;
    const at = activity();
    void (at.atWork > 0 ? ask(at) : close());
  });
  app.on('window-all-closed', () => {
    // On a Mac an app lives on without windows.
    if (platform !== 'darwin') app.quit();
  });
  return {
    now() {
      if (state === 'open' || state === 'asking') void close();
    },
  };
}

/** What quitting means for the work under way, in sentences. */
export function consequences({ atWork, atLocal }: Activity): string {
  const remote = atWork - atLocal;
  return [
    ...(atLocal > 0 ? [words.quit.local(atLocal)] : []),
    ...(remote > 0 ? [words.quit.remote(remote)] : []),
    words.quit.lost,
  ].join(' ');
}
