import { EventEmitter } from 'node:events';
import type { App, Session, WebContents } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { openExternalLink, setupNavigation, setupPermissions } from './navigation.ts';

function contents() {
  const emitter = new EventEmitter();
  let openHandler: (details: { url: string }) => unknown = () => undefined;
  const fake = Object.assign(emitter, {
    setWindowOpenHandler: (handler: typeof openHandler) => {
      openHandler = handler;
    },
  });
  return { fake: fake as unknown as WebContents, emitter, open: (url: string) => openHandler({ url }) };
}

describe('a page that wants to go elsewhere', () => {
  const app = new EventEmitter();
  const openExternal = vi.fn(async (_address: string) => undefined);
  setupNavigation({ app: app as unknown as App, openExternal: openExternalLink(openExternal) });
  const { fake, emitter, open } = contents();
  app.emit('web-contents-created', {}, fake);

  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])(
    '%s is prevented',
    (name) => {
      for (const url of [
        'https://evil.example/',
        'file:///etc/passwd',
        'javascript:alert(1)',
        'app://bulk-transcribe/other',
        'app://bulk-transcribe/',
      ]) {
        const event = { preventDefault: vi.fn(), isMainFrame: true, url };
        emitter.emit(name, event);
        expect(event.preventDefault, url).toHaveBeenCalledOnce();
      }
      expect(openExternal).not.toHaveBeenCalled();
    },
  );

  it('no window is opened, and only listed links reach the system', () => {
    for (const url of ['https://evil.example/', 'file:///etc/passwd', 'smb://evil.example/x', 'about:blank'])
      expect(open(url)).toEqual({ action: 'deny' });
    expect(openExternal).not.toHaveBeenCalled();
    expect(open('https://github.com/x')).toEqual({ action: 'deny' });
    expect(openExternal).toHaveBeenCalledExactlyOnceWith('https://github.com/x');
  });
});

describe('a page that wants more than it has', () => {
  it('is refused every permission and every device', () => {
    const handlers: Record<string, (...args: never[]) => unknown> = {};
    const session = new Proxy(
      {},
      { get: (_, name: string) => (handler: (...args: never[]) => unknown) => (handlers[name] = handler) },
    );
    setupPermissions(session as Session);
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'midi',
      'clipboard-read',
      'fullscreen',
      'openExternal',
      'fileSystem',
      'hid',
      'serial',
      'usb',
      'x',
    ]) {
      const answer = vi.fn();
      handlers['setPermissionRequestHandler']?.({} as never, permission as never, answer as never);
      expect(answer).toHaveBeenCalledExactlyOnceWith(false);
      expect(handlers['setPermissionCheckHandler']?.({} as never, permission as never)).toBe(false);
    }
    expect(handlers['setDevicePermissionHandler']?.({} as never)).toBe(false);
    const streams = vi.fn();
    handlers['setDisplayMediaRequestHandler']?.({} as never, streams as never);
    expect(streams).toHaveBeenCalledExactlyOnceWith({});
  });
});
