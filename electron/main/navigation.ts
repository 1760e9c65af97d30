// Owns that the window stays where it is: no navigation, no new windows, no webviews, no permissions, for every web contents there is.

import type { App, Session, WebContents } from 'electron';
import { externalLink } from './external-links.ts';

export interface NavigationParts {
  readonly app: Pick<App, 'on'>;
  readonly openExternal: OpenExternal;
}

/** Opens an address in the system's browser if it is on the list; passes over every other. */
export type OpenExternal = (address: string) => void;

export function openExternalLink(open: (address: string) => Promise<void>): OpenExternal {
  return (address) => {
    const link = externalLink(address);
    // No browser to open it with: nothing that the app could do about it.
    if (link !== null) open(link).catch(() => undefined);
  };
}

/** Call before the first window is made. */
export function setupNavigation({ app, openExternal }: NavigationParts): void {
  app.on('web-contents-created', (_event, contents) => lock(contents, openExternal));
}

function lock(contents: WebContents, openExternal: OpenExternal): void {
  contents.on('will-navigate', (event) => {
    event.preventDefault();
    if (event.isMainFrame) openExternal(event.url);
  });
  contents.on('will-frame-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openExternal(url);
    return { action: 'deny' };
  });
}

/** Refuses every permission that a page can ask for, and every device. Call when the app is ready. */
export function setupPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
}
