import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { type Activity, NO_ACTIVITY } from './job-activity.ts';
import { EVERY_MS, setupUpdates, type Updater } from './updates.ts';

function setup({ response = 0, left = 0 } = {}) {
  let activity: Activity = { ...NO_ACTIVITY, left };
  const updater = Object.assign(new EventEmitter(), {
    autoDownload: false,
    autoInstallOnAppQuit: false,
    allowDowngrade: true,
    checkForUpdates: vi.fn(async (): Promise<{ isUpdateAvailable: boolean } | null> => ({ isUpdateAvailable: false })),
    quitAndInstall: vi.fn(),
  });
  const showMessageBox = vi.fn(async (..._args: unknown[]) => ({ response }));
  const closeEngine = vi.fn(async () => undefined);
  const timers: (() => void)[] = [];
  const delays: number[] = [];
  const updates = setupUpdates({
    updater: updater satisfies Updater,
    dialog: { showMessageBox } as never,
    clock: {
      after: (delay, run) => {
        delays.push(delay);
        timers.push(run);
        return () => undefined;
      },
    },
    activity: () => activity,
    closeEngine,
  });
  const become = (next: Activity): void => {
    activity = next;
    updates.activityChanged(next);
  };
  return { updater, updates, showMessageBox, closeEngine, timers, delays, become };
}

describe('new versions', () => {
  it('are looked for at the start and daily, and never go back', () => {
    const { updater, timers, delays } = setup();
    expect(updater).toMatchObject({ autoDownload: true, autoInstallOnAppQuit: true, allowDowngrade: false });
    timers[0]?.();
    expect(updater.checkForUpdates).toHaveBeenCalledTimes(2);
    expect(delays).toEqual([EVERY_MS, EVERY_MS]);
  });

  it('are offered when nothing is left to do, and not in the middle of work', async () => {
    const { updater, showMessageBox, closeEngine, become } = setup({ response: 1, left: 2 });
    updater.emit('update-downloaded', { version: '2.0.0' });
    become({ atWork: 1, atLocal: 0, left: 1, share: 0.5 });
    expect(showMessageBox).not.toHaveBeenCalled();
    become(NO_ACTIVITY);
    become(NO_ACTIVITY);
    await vi.waitFor(() => expect(updater.quitAndInstall).toHaveBeenCalledOnce());
    expect(showMessageBox).toHaveBeenCalledOnce();
    expect(closeEngine.mock.invocationCallOrder[0]).toBeLessThan(
      updater.quitAndInstall.mock.invocationCallOrder[0] ?? 0,
    );
  });

  it('wait when work began while the question stood there', async () => {
    const { updater, showMessageBox, become } = setup({ response: 1 });
    showMessageBox.mockImplementationOnce(async () => {
      become({ atWork: 1, atLocal: 0, left: 1, share: 0 });
      return { response: 1 };
    });
    updater.emit('update-downloaded', { version: '2.0.0' });
    await vi.waitFor(() => expect(showMessageBox).toHaveBeenCalledOnce());
    await Promise.resolve();
    expect(updater.quitAndInstall).not.toHaveBeenCalled();
  });

  it('are told of when a person asks, also that there are none or that it is not known', async () => {
    const { updater, updates, showMessageBox } = setup();
    await updates.check();
    updater.checkForUpdates.mockRejectedValueOnce(new Error('offline'));
    await updates.check();
    updater.checkForUpdates.mockResolvedValueOnce({ isUpdateAvailable: true });
    await updates.check();
    expect(showMessageBox.mock.calls.map(([box]) => (box as { message: string }).message)).toEqual([
      'This is the newest version.',
      'It could not be found out whether there is a newer version.',
    ]);
    expect(() => updater.emit('error', new Error('later'))).not.toThrow();
  });
});
