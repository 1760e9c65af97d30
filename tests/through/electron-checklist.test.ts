// Electron's security checklist (electronjs.org, "Security", 20 points), a test for each, named as the list names it. What a point needs
// in depth is tested where it lives; here is the proof that none was forgotten.

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { BrowserWindowConstructorOptions } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { ownFrame } from '../../electron/main/ipc.ts';
import { openExternalLink, setupNavigation, setupPermissions } from '../../electron/main/navigation.ts';
import { PAGE_SCHEME_PRIVILEGES } from '../../electron/main/protocol.ts';
import { windowOptions } from '../../electron/main/window.ts';
import { DESKTOP_CHANNELS, PAGE_ORIGIN } from '../../src/contract/desktop-ipc.ts';
import { PAGE_POLICY } from '../../src/contract/page-files.ts';

const root = join(import.meta.dirname, '../..');
const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const sources = ['electron/main', 'electron/preload', 'electron/engine'].flatMap((room) =>
  readdirSync(join(root, room))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => ({ name: `${room}/${name}`, code: text(`${room}/${name}`) })),
);
const using = (pattern: RegExp): string[] => sources.filter(({ code }) => pattern.test(code)).map(({ name }) => name);
const preferences: NonNullable<BrowserWindowConstructorOptions['webPreferences']> =
  windowOptions({ preloadPath: '/preload.cjs', packaged: true }, { width: 1, height: 1 }).webPreferences ?? {};

/** Everything that `setupNavigation` does with one web contents. */
function lockedContents() {
  const listeners = new Map<string, (event: object) => void>();
  let open: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  let created: (event: unknown, contents: unknown) => void = () => undefined;
  const openExternal = vi.fn(async (_address: string) => undefined);
  setupNavigation({
    app: { on: (_name: string, listener: typeof created) => (created = listener) } as never,
    openExternal: openExternalLink(openExternal),
  });
  created(
    {},
    {
      on: (name: string, listener: (event: object) => void) => listeners.set(name, listener),
      setWindowOpenHandler: (handler: typeof open) => (open = handler),
    },
  );
  const prevented = (name: string): boolean => {
    const preventDefault = vi.fn();
    listeners.get(name)?.({ preventDefault, isMainFrame: true, url: 'https://evil.example/' });
    return preventDefault.mock.calls.length === 1;
  };
  return { prevented, open: (url: string) => open({ url }).action, openExternal };
}

describe("Electron's security checklist", () => {
  it('1. only load secure content', () => {
    expect(using(/loadURL\((?!`\$\{PAGE_ORIGIN\}\/`\))|loadFile\(/)).toEqual([]);
    expect(PAGE_SCHEME_PRIVILEGES.privileges?.secure).toBe(true);
    // The one plain http address is this computer's own engine, asked by main.
    expect(using(/http:\/\/(?!127\.0\.0\.1:)/)).toEqual([]);
  });

  it('2. do not enable Node.js integration for remote content', () => {
    expect(preferences).toMatchObject({
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
    });
  });

  it('3. enable context isolation', () => {
    expect(preferences.contextIsolation).toBe(true);
    expect(using(/contextBridge\.exposeInMainWorld/)).toEqual(['electron/preload/preload.ts']);
  });

  it('4. enable process sandboxing', () => {
    expect(preferences.sandbox).toBe(true);
    expect(text('electron/main/main.ts')).toMatch(/^app\.enableSandbox\(\);$/m);
  });

  it('5. handle session permission requests', () => {
    const handlers: Record<string, (...args: never[]) => unknown> = {};
    setupPermissions(
      new Proxy({} as never, {
        get: (_, name: string) => (handler: (...args: never[]) => unknown) => (handlers[name] = handler),
      }),
    );
    const answer = vi.fn();
    handlers['setPermissionRequestHandler']?.(...([{}, 'media', answer] as never[]));
    expect(answer).toHaveBeenCalledExactlyOnceWith(false);
    expect(handlers['setPermissionCheckHandler']?.()).toBe(false);
    expect(handlers['setDevicePermissionHandler']?.()).toBe(false);
  });

  it('6. do not disable webSecurity', () => {
    expect(preferences.webSecurity).toBe(true);
    expect(using(/webSecurity: false|disable-web-security/)).toEqual([]);
  });

  it('7. define a Content Security Policy', () => {
    const rules = new Map(PAGE_POLICY.split('; ').map((rule) => [rule.split(' ')[0] ?? '', rule]));
    expect(rules.get('default-src')).toBe("default-src 'none'");
    expect(rules.get('script-src')).toBe("script-src 'self'");
    expect(rules.get('require-trusted-types-for')).toBe("require-trusted-types-for 'script'");
    expect(PAGE_POLICY).not.toMatch(/unsafe-eval|script-src[^;]*unsafe|\*|https?:/);
  });

  it('8. do not enable allowRunningInsecureContent', () => {
    expect(preferences.allowRunningInsecureContent).toBe(false);
  });

  it('9. do not enable experimental features', () => {
    expect(preferences.experimentalFeatures).toBe(false);
  });

  it('10. do not use enableBlinkFeatures', () => {
    expect(preferences.enableBlinkFeatures).toBeUndefined();
    expect(using(/enableBlinkFeatures|enable-blink-features/)).toEqual([]);
  });

  it('11. do not use allowpopups for WebViews', () => {
    expect(preferences.webviewTag).toBe(false);
    expect(text('src/ui/index.html')).not.toMatch(/<webview|allowpopups/);
  });

  it('12. verify WebView options before creation', () => {
    expect(lockedContents().prevented('will-attach-webview')).toBe(true);
  });

  it('13. disable or limit navigation', () => {
    const { prevented } = lockedContents();
    expect(['will-navigate', 'will-frame-navigate', 'will-redirect'].map(prevented)).toEqual([true, true, true]);
  });

  it('14. disable or limit creation of new windows', () => {
    const { open } = lockedContents();
    expect([open('https://evil.example/'), open('https://github.com/')]).toEqual(['deny', 'deny']);
  });

  it('15. do not use shell.openExternal with untrusted content', () => {
    const { open, openExternal } = lockedContents();
    for (const url of ['file:///etc/passwd', 'javascript:alert(1)', 'smb://evil/x', 'https://evil.example/']) open(url);
    expect(openExternal).not.toHaveBeenCalled();
    // There is one way out, and it looks at the list.
    expect(using(/openExternal\(address\)/)).toEqual(['electron/main/main.ts']);
    expect(text('electron/main/main.ts')).toContain('openExternalLink((address) => shell.openExternal(address))');
    expect(using(/shell\.openPath/)).toEqual([]);
  });

  it('16. use a current version of Electron', () => {
    const { version } = createRequire(import.meta.url)('electron/package.json') as { version: string };
    expect(Number.parseInt(version, 10)).toBeGreaterThanOrEqual(45);
  });

  it('17. validate the sender of all IPC messages', () => {
    // Every channel goes through one door, and that looks at the frame first.
    expect(using(/ipcMain\.(?:handle|on)\(/)).toEqual(['electron/main/ipc.ts']);
    const ours = { origin: PAGE_ORIGIN, parent: null, detached: false };
    expect(ownFrame(ours as never)).toBe(ours);
    expect(ownFrame({ ...ours, origin: 'https://evil.example' } as never)).toBeNull();
    expect(ownFrame({ ...ours, parent: ours } as never)).toBeNull();
    expect(Object.keys(DESKTOP_CHANNELS).length).toBeGreaterThan(0);
  });

  it('18. avoid usage of the file:// protocol and prefer usage of custom protocols', () => {
    expect(using(/file:\/\//)).toEqual([]);
    expect(PAGE_ORIGIN).toBe('app://bulk-transcribe');
  });

  it('19. check which fuses you can change', () => {
    // Read back from a packaged binary in tests/through/package.test.ts.
    const fuses = /electronFuses:\n((?: {2}\w+: \w+\n)+)/.exec(text('electron-builder.yml'))?.[1] ?? '';
    expect(Object.fromEntries([...fuses.matchAll(/(\w+): (\w+)/g)].map(([, name, value]) => [name, value]))).toEqual({
      runAsNode: 'false',
      enableNodeOptionsEnvironmentVariable: 'false',
      enableNodeCliInspectArguments: 'false',
      enableCookieEncryption: 'true',
      enableEmbeddedAsarIntegrityValidation: 'true',
      onlyLoadAppFromAsar: 'true',
      grantFileProtocolExtraPrivileges: 'false',
      loadBrowserProcessSpecificV8Snapshot: 'false',
    });
  });

  it('20. do not expose Electron APIs to untrusted web content', () => {
    const bridge = text('electron/preload/preload.ts');
    // Names of its own for each thing that may be done, and no way to name a channel from the page.
    expect(bridge).not.toMatch(/exposeInMainWorld\([^)]*(?:ipcRenderer|electron)/);
    expect(bridge).not.toMatch(/(?:invoke|send|on):\s*\(?channel/);
    expect([...bridge.matchAll(/exposeInMainWorld\('(\w+)'/g)].map(([, name]) => name)).toEqual(['bulkTranscribe']);
  });
});
