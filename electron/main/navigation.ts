// Owns that the window stays where it is: no navigation, no new windows, no webviews, no permissions, for every web contents there is.

import type { App, Session, WebContents } from 'electron';
import { externalLink } from './external-links.ts';

export interface NavigationParts {
  readonly app: Pick<App, 'on'>;
  /** Opens an address that is on the list in the system's browser. */
  readonly openExternal: (address: string) => Promise<void>;
}

/** Call before the first window is made. */
export function setupNavigation({ app, openExternal }: NavigationParts): void {
  app.on('web-contents-created', (_event, contents) => lock(contents, openExternal));
}

function lock(contents: WebContents, openExternal: NavigationParts['openExternal']): void {
  const open = (address: string): void => {
    const link = externalLink(address);
    // No browser to open it with: nothing that the app could do about it.
    if (link !== null) openExternal(link).catch(() => undefined);
  };
  contents.on('will-navigate', (event) => {
    event.preventDefault();
    if (event.isMainFrame) open(event.url);
  });
  contents.on('will-frame-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    open(url);
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
