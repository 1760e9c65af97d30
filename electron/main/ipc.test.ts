import type { IpcMain, WebFrameMain } from 'electron';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { DESKTOP_CHANNELS, type DesktopChannel, PAGE_ORIGIN } from '../../src/contract/desktop-ipc.ts';
import { ownFrame, setupIpc } from './ipc.ts';

type Handler = (event: { senderFrame: WebFrameMain | null }, ...args: unknown[]) => Promise<unknown>;

const channels = Object.keys(DESKTOP_CHANNELS) as DesktopChannel[];

function setup() {
  const handlers = new Map<string, Handler>();
  const action = vi.fn<(...args: unknown[]) => unknown>(() => ['done']);
  setupIpc({
    ipcMain: {
      handle: (channel: string, handler: Handler) => void handlers.set(channel, handler),
    } as unknown as IpcMain,
    actions: {
      'engine:connect': action,
      'dialog:open-files': action,
      'dialog:open-folder': action,
      'file:reveal': action,
      'secrets:kept': action,
    },
  });
  const ask = (channel: string, frame: unknown, ...args: unknown[]) => {
    const handler = handlers.get(channel);
    if (handler === undefined) throw new Error(`nobody answers ${channel}`);
    return handler({ senderFrame: frame as WebFrameMain | null }, ...args);
  };
  return { handlers, action, ask };
}

const ours = { origin: PAGE_ORIGIN, parent: null, detached: false };

const disposed = {
  get detached(): boolean {
    throw new Error('Render frame was disposed before WebFrameMain could be accessed');
  },
};

const FOREIGN = [
  null,
  disposed,
  { ...ours, parent: ours },
  { ...ours, detached: true },
  ...[
    '',
    'null',
    'app://bulk-transcribe.evil.example',
    'app://evil',
    'app://bulk-transcribe/',
    'APP://bulk-transcribe',
    'app://bulk-transcribe:80',
    'file://',
    'https://bulk-transcribe',
    'http://127.0.0.1:8476',
    'devtools://devtools',
    'chrome-extension://x',
    'data:',
    'about:blank',
    'blob:app://bulk-transcribe',
    'https://github.com',
  ].map((origin) => ({ ...ours, origin })),
];

describe('the channels of main', () => {
  it('are those of the table, each answering the own page', async () => {
    const { handlers, ask, action } = setup();
    expect([...handlers.keys()].toSorted()).toEqual(channels.toSorted());
    await expect(ask('dialog:open-files', ours)).resolves.toEqual(['done']);
    await ask('file:reveal', ours, '/recordings/a.srt');
    expect(action.mock.calls).toEqual([[ours], [ours, '/recordings/a.srt']]);
  });

  it('refuse foreign frames with an error, 200 times and whatever they send', async () => {
    const { ask, action } = setup();
    let refused = 0;
    for (const frame of FOREIGN) {
      for (const channel of channels) {
        for (const args of [[], ['/etc/passwd'], [{}]]) {
          await expect(ask(channel, frame, ...args)).rejects.toMatchObject({ code: 'FORBIDDEN' });
          refused += 1;
        }
      }
    }
    expect(refused).toBeGreaterThan(200);
    expect(action).not.toHaveBeenCalled();
    expect(ownFrame(ours as unknown as WebFrameMain)).toBe(ours);
  });

  it('refuse 10,000 calls with arguments that the table does not know', async () => {
    const { ask, action } = setup();
    const wrong = fc
      .record({
        channel: fc.constantFrom(...channels),
        args: fc.array(
          fc.anything({ withBigInt: true, withMap: true, withObjectString: true, withNullPrototype: true }),
          { maxLength: 4 },
        ),
      })
      .filter(({ channel, args }) => !DESKTOP_CHANNELS[channel].safeParse(args).success);
    await fc.assert(
      fc.asyncProperty(wrong, async ({ channel, args }) => {
        await expect(ask(channel, ours, ...args)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
      }),
      { numRuns: 10_000, seed: 17 },
    );
    expect(action).not.toHaveBeenCalled();
  });
});
