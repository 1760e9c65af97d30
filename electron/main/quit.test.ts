import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { type Activity, NO_ACTIVITY } from './job-activity.ts';
import { consequences, setupQuit } from './quit.ts';

const AT_WORK: Activity = { atWork: 3, atLocal: 1, left: 9, share: 0.5 };

function setup(activity: Activity, platform = 'linux') {
  const app = Object.assign(new EventEmitter(), { quit: vi.fn() });
  const answers: ((response: number) => void)[] = [];
  const showMessageBox = vi.fn(
    (..._args: unknown[]) =>
      new Promise<{ response: number }>((done) => answers.push((response) => done({ response }))),
  );
  const closeEngine = vi.fn(async () => undefined);
  const quit = setupQuit({
    app: app as never,
    dialog: { showMessageBox } as never,
    platform,
    activity: () => activity,
    closeEngine,
  });
  const ask = () => {
    const event = { preventDefault: vi.fn() };
    app.emit('before-quit', event);
    return event.preventDefault.mock.calls.length > 0;
  };
  return { app, answers, showMessageBox, closeEngine, quit, ask };
}

describe('quitting', () => {
  it('with nothing at work stops the engine in order, without a question', async () => {
    const { app, showMessageBox, closeEngine, ask } = setup({ ...NO_ACTIVITY, left: 4 });
    expect([ask(), ask()]).toEqual([true, true]);
    await vi.waitFor(() => expect(app.quit).toHaveBeenCalledOnce());
    expect(ask()).toBe(false);
    expect([showMessageBox.mock.calls.length, closeEngine.mock.calls.length]).toEqual([0, 1]);
  });

  it('in the middle of work says what goes on and what begins again, and asks once', async () => {
    const { app, answers, showMessageBox, closeEngine, ask } = setup(AT_WORK);
    ask();
    ask();
    expect(showMessageBox).toHaveBeenCalledOnce();
    expect(closeEngine).not.toHaveBeenCalled();
    answers[0]?.(0);
    await vi.waitFor(() => {
      ask();
      expect(showMessageBox).toHaveBeenCalledTimes(2);
    });
    answers[1]?.(1);
    await vi.waitFor(() => expect(app.quit).toHaveBeenCalledOnce());
    expect(closeEngine).toHaveBeenCalledOnce();
  });

  it('goes also when the engine does not stop in order', async () => {
    const { app, closeEngine, ask } = setup(NO_ACTIVITY);
    closeEngine.mockRejectedValueOnce(new Error('no'));
    ask();
    await vi.waitFor(() => expect(app.quit).toHaveBeenCalledOnce());
  });

  it('without a question, when there is nothing left to ask about', async () => {
    const { app, showMessageBox, quit } = setup(AT_WORK);
    quit.now();
    quit.now();
    await vi.waitFor(() => expect(app.quit).toHaveBeenCalledOnce());
    expect(showMessageBox).not.toHaveBeenCalled();
  });

  it('follows the last window except where an app lives on without', () => {
    for (const [platform, times] of [
      ['linux', 1],
      ['win32', 1],
      ['darwin', 0],
    ] as const) {
      const { app } = setup(NO_ACTIVITY, platform);
      app.emit('window-all-closed');
      expect(app.quit).toHaveBeenCalledTimes(times);
    }
  });

  it('is explained in words that fit what is at work', () => {
    expect(consequences(AT_WORK)).toBe(
      'One recording on this computer stops and begins again at the next start. 2 recordings at a worker elsewhere go on there; the text is fetched at the next start. Nothing is lost.',
    );
  });
});
