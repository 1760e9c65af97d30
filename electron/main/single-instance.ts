// Owns that there is one app a user: a second start hands its files over, shows the first one's window and ends. Also what the system hands
// to the app that runs: files dragged onto its icon or opened with it, and links of its scheme.

import type { App } from 'electron';
import { APP_LINK_SCHEME } from './app-link.ts';
import { isLocalPath } from './dialogs.ts';
import { ownRequest, type Request, readRequest } from './handed-over.ts';

export interface SingleInstanceParts {
  readonly app: Pick<App, 'requestSingleInstanceLock' | 'on' | 'setAsDefaultProtocolClient' | 'isPackaged'>;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Told of what this start, a later one, or the system asks for; also before the app is ready. */
  readonly take: (request: Request) => void;
}

/** @returns false when another instance runs; this one must then do nothing more and quit. */
export function setupSingleInstance({ app, argv, cwd, take }: SingleInstanceParts): boolean {
  const own = ownRequest(argv, cwd, app.isPackaged);
  // The data, not the command line: Chromium adds to a second start's command line and changes its order.
  if (!app.requestSingleInstanceLock({ ...own })) return false;
  // A checkout's Electron is not ours to be called for links.
  if (app.isPackaged) app.setAsDefaultProtocolClient(APP_LINK_SCHEME);

  app.on('second-instance', (_event, _argv, _cwd, sent) => take(readRequest(sent)));
  // macOS brings files and links by events, also at the start.
  app.on('open-file', (event, path) => {
    event.preventDefault();
    take({ paths: [path].filter(isLocalPath), links: [] });
  });
  app.on('open-url', (event, link) => {
    event.preventDefault();
    take({ paths: [], links: [link] });
  });
  const request = readRequest(own);
  if (request.paths.length + request.links.length > 0) take(request);
  return true;
}
