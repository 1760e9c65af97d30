// Owns how the app ends: the engine stops in order first, then the app goes.

import type { App } from 'electron';

export interface QuitParts {
  readonly app: Pick<App, 'on' | 'quit'>;
  readonly platform: string;
  readonly closeEngine: () => Promise<void>;
}

export function setupQuit({ app, platform, closeEngine }: QuitParts): void {
  let state: 'open' | 'closing' | 'closed' = 'open';
  const close = async (): Promise<void> => {
    try {
      await closeEngine();
    } finally {
      state = 'closed';
      app.quit();
    }
  };
  app.on('before-quit', (event) => {
    if (state === 'closed') return;
    event.preventDefault();
    if (state === 'closing') return;
    state = 'closing';
    void close();
  });
  app.on('window-all-closed', () => {
    // On a Mac an app lives on without windows.
    if (platform !== 'darwin') app.quit();
  });
}
