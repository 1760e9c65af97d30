// Owns the channels between the window and main: who asks, with what, and that everything else is refused with an error.

import type { IpcMain, IpcMainInvokeEvent, WebFrameMain } from 'electron';
import {
  DESKTOP_CHANNELS,
  type DesktopArguments,
  type DesktopChannel,
  PAGE_ORIGIN,
} from '../../src/contract/desktop-ipc.ts';
import { AppError } from '../../src/contract/errors.ts';

/** What main does for the page. The frame that asked comes first. */
export type DesktopActions = {
  readonly [Channel in DesktopChannel]: (frame: WebFrameMain, ...args: DesktopArguments<Channel>) => unknown;
};

type AnyAction = (frame: WebFrameMain, ...args: readonly unknown[]) => unknown;

export function setupIpc({
  ipcMain,
  actions,
}: {
  readonly ipcMain: Pick<IpcMain, 'handle'>;
  readonly actions: DesktopActions;
}): void {
  for (const channel of Object.keys(DESKTOP_CHANNELS) as DesktopChannel[]) {
    ipcMain.handle(channel, async (event: IpcMainInvokeEvent, ...args: unknown[]) => {
      const frame = ownFrame(event.senderFrame);
      if (frame === null) throw new AppError('FORBIDDEN', `${channel} is for the app's own page.`);
      const parsed = DESKTOP_CHANNELS[channel].safeParse(args);
      if (!parsed.success)
        throw new AppError('BAD_REQUEST', `${channel} was asked with wrong arguments.`, { cause: parsed.error });
      // The table joins each channel to its arguments, which the compiler cannot follow through a loop.
      return (actions[channel] as AnyAction)(frame, ...parsed.data);
    });
  }
}

/** The frame, if it is the top frame of our own page and still there. */
export function ownFrame(frame: WebFrameMain | null): WebFrameMain | null {
  try {
    return frame !== null && !frame.detached && frame.parent === null && frame.origin === PAGE_ORIGIN ? frame : null;
  } catch {
    // Electron throws for a frame that was disposed of meanwhile.
    return null;
  }
}
