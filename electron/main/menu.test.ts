import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { PAGE_TOLD } from '../../src/contract/desktop-ipc.ts';
import { externalLink } from './external-links.ts';
import { GUIDE, ISSUES, menuTemplate } from './menu.ts';

function menu(platform: string, { packaged = true, feed = false } = {}) {
  const told: string[] = [];
  const openExternal = vi.fn();
  const showLog = vi.fn();
  const checkForUpdates = vi.fn();
  const template = menuTemplate({
    platform,
    packaged,
    tell: (what) => told.push(what),
    openExternal,
    showLog,
    checkForUpdates: feed ? checkForUpdates : null,
  });
  const items = (of: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
    of.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? items(item.submenu) : [])]);
  return { template, all: items(template), told, openExternal, showLog, checkForUpdates };
}

describe.each(['darwin', 'linux', 'win32'])('the menu on %s', (platform) => {
  it('asks the page for what it knows, and every key is there once', () => {
    const { all, told, openExternal, showLog } = menu(platform);
    for (const item of all) item.click?.(undefined as never, undefined, undefined as never);
    expect(told.toSorted()).toEqual(
      PAGE_TOLD.filter((what) => what !== 'engine-restarted' && what !== 'page-restarted').toSorted(),
    );
    expect(openExternal.mock.calls).toEqual([[GUIDE], [ISSUES]]);
    expect(showLog).toHaveBeenCalledOnce();
    const keys = all.flatMap(({ accelerator }) => accelerator ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("leads only to addresses that are on the list, and has no developer's tools", () => {
    expect([GUIDE, ISSUES].map(externalLink)).toEqual([GUIDE, ISSUES]);
    const tools = (packaged: boolean) =>
      menu(platform, { packaged }).all.filter((item) => item.role === 'toggleDevTools');
    expect([tools(true).length, tools(false).length]).toEqual([0, 1]);
  });

  it('looks for new versions where the build has a feed, and does not offer it elsewhere', () => {
    const labels = (feed: boolean) => menu(platform, { feed }).all.map(({ label }) => label);
    expect([labels(true), labels(false)].map((all) => all.includes('Check for Updates…'))).toEqual([true, false]);
  });

  it('can be left, and says what the app is, once', () => {
    const roles = menu(platform).all.flatMap(({ role }) => role ?? []);
    for (const role of ['quit', 'about', 'editMenu', 'windowMenu', 'zoomIn']) {
      expect(
        roles.filter((each) => each === role),
        role,
      ).toHaveLength(1);
    }
    expect(roles.includes('recentDocuments')).toBe(platform === 'darwin');
  });
});
