// Owns the client of the desktop app: the same interface, spoken to the object that the preload put on the window.

import { API, apiErrorSchema, appEventSchema } from '../../contract/api.ts';
import type { DesktopBridge } from '../../contract/desktop-bridge.ts';
import { pageToldSchema } from '../../contract/desktop-ipc.ts';
import { AppError, toAppError } from '../../contract/errors.ts';
import { t } from '../strings/texts.ts';
import { connectionSource, type UiClient } from './client.ts';

declare global {
  interface Window {
    readonly bulkTranscribe?: DesktopBridge;
  }
}

/** The engine behind the desktop's window. Recordings are named by their paths, so nothing is uploaded. */
export function createDesktopClient(bridge: DesktopBridge): UiClient {
  const connection = connectionSource();
  return {
    desktop: {
      pathOf: (file) => bridge.pathForFile(file),
      openFiles: () => bridge.openFiles(),
      openFolder: () => bridge.openFolder(),
      reveal: (path) => bridge.reveal(path),
      secretsKept: () => bridge.secretsKept(),
      onTold: (listener) =>
        bridge.onTold((sent) => {
          const told = pageToldSchema.safeParse(sent);
          if (told.success) listener(told.data);
        }),
    },
    platform: bridge.platform,
    async call(name, params) {
      const answer = await bridge.call(name, params).catch((thrown: unknown) => {
        throw toAppError(thrown);
      });
      const refused = apiErrorSchema.safeParse(answer);
      if (refused.success) throw new AppError(refused.data.code, refused.data.error);
      const parsed = API[name].result.safeParse(answer ?? {});
      if (!parsed.success) throw new AppError('INTERNAL', t.errors.strangeAnswer, { cause: parsed.error });
      // The table joins each name to its schema, which the compiler cannot follow through an index.
      return parsed.data as never;
    },
    subscribe: (listener) =>
      bridge.subscribe((sent) => {
        const event = appEventSchema.safeParse(sent);
        if (!event.success) return;
        connection.set('open');
        listener(event.data);
      }),
    upload: () => Promise.reject(new AppError('BAD_REQUEST', t.errors.noUploadHere)),
    watchConnection: connection.watch,
  };
}
