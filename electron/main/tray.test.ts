import { EventEmitter } from 'node:events';
import type { MenuItemConstructorOptions, NativeImage } from 'electron';
import { expect, it, vi } from 'vitest';
import { NO_ACTIVITY } from './job-activity.ts';
import { setupProgressBar } from './progress-bar.ts';
import { setupTray } from './tray.ts';

it('the tray says how the queue is, shows the window, and its menu is made anew only for news', () => {
  const trays: FakeTray[] = [];
  class FakeTray extends EventEmitter {
    readonly setToolTip = vi.fn();
    readonly setContextMenu = vi.fn((_menu: MenuItemConstructorOptions[]) => undefined);
    constructor() {
      super();
      trays.push(this);
    }
  }
  const show = vi.fn();
  const quit = vi.fn();
  const take = setupTray({
    Tray: FakeTray as never,
    Menu: { buildFromTemplate: (template) => template as never },
    image: {} as NativeImage,
    show,
    quit,
  });
  const [tray] = trays;
  const lastMenu = () => tray?.setContextMenu.mock.calls.at(-1)?.[0] ?? [];
  expect(lastMenu()[0]).toMatchObject({ label: 'Nothing to do', enabled: false });
  take({ atWork: 2, atLocal: 0, left: 12, share: 0.1 });
  take({ atWork: 2, atLocal: 0, left: 12, share: 0.2 });
  expect(lastMenu()[0]?.label).toBe('2 at work, 10 waiting');
  expect(tray?.setContextMenu).toHaveBeenCalledTimes(2);
  take({ atWork: 0, atLocal: 0, left: 3, share: 0.2 });
  expect(tray?.setToolTip).toHaveBeenLastCalledWith('Bulk Transcribe: 3 waiting');
  take(NO_ACTIVITY);
  for (const item of lastMenu()) item.click?.(undefined as never, undefined, undefined as never);
  tray?.emit('click');
  expect([show.mock.calls.length, quit.mock.calls.length]).toEqual([2, 1]);
});

it('the taskbar shows how far everything is, stands still while all waits, and forgets what is done', () => {
  const window = { setProgressBar: vi.fn() };
  const setBadgeCount = vi.fn(() => true);
  let open = true;
  const take = setupProgressBar({ app: { setBadgeCount }, window: () => (open ? window : null) });
  take({ atWork: 1, atLocal: 1, left: 2, share: 0.25 });
  take({ atWork: 0, atLocal: 0, left: 2, share: 0.25 });
  take(NO_ACTIVITY);
  open = false;
  take({ atWork: 1, atLocal: 1, left: 1, share: 0 });
  expect(window.setProgressBar.mock.calls).toEqual([
    [0.25, { mode: 'normal' }],
    [0.25, { mode: 'paused' }],
    [-1, { mode: 'none' }],
  ]);
  expect(setBadgeCount.mock.calls).toEqual([[2], [2], [0], [1]]);
});
