// Owns the life of the engine's process: waits for main's start, serves ports, stops when it is told to.

import type { AppApi } from '../../src/contract/api.ts';
import { type FromEngine, toEngineSchema } from '../../src/contract/engine-messages.ts';
import { toAppError } from '../../src/contract/errors.ts';
import { type EnginePort, servePort } from './engine-port.ts';
import { keptSecrets, type Secrets } from './kept-secrets.ts';

/** Electron's `process.parentPort`, as far as it is used. */
export interface ParentPort {
  postMessage(message: FromEngine): void;
  on(
    event: 'message',
    listener: (event: { readonly data: unknown; readonly ports: readonly EnginePort[] }) => void,
  ): unknown;
}

/** An engine that runs. */
export interface RunningEngine {
  readonly api: AppApi;
  /** Where its local API listens on 127.0.0.1. */
  readonly port: number;
  readonly logDir: string;
  close(): Promise<void>;
}

export interface EngineLife {
  readonly parent: ParentPort;
  /** @param resourcesDir where a packaged app keeps what is not code, null in a checkout */
  readonly run: (start: { readonly resourcesDir: string | null; readonly secrets: Secrets }) => Promise<RunningEngine>;
  readonly exit: (code: number) => void;
}

export function liveEngine({ parent, run, exit }: EngineLife): void {
  let running: Promise<RunningEngine> | null = null;
  let closing = false;

  const start = async (message: { resourcesDir: string | null; secrets: Record<string, string> }): Promise<void> => {
    const secrets = keptSecrets(message.secrets, (name, value) => parent.postMessage({ type: 'secret', name, value }));
    running = run({ resourcesDir: message.resourcesDir, secrets });
    try {
      const { port, logDir } = await running;
      parent.postMessage({ type: 'started', port, logDir });
    } catch (thrown) {
      parent.postMessage({ type: 'failed', error: toAppError(thrown).report() });
      exit(1);
    }
  };
  const connect = async (port: EnginePort | undefined): Promise<void> => {
    // Before the start there is nothing to serve; main connects after `started` only.
    if (running === null || port === undefined) return port?.close();
    servePort((await running).api, port);
  };
  const close = async (): Promise<void> => {
    if (closing) return;
    closing = true;
    try {
      await (await running)?.close();
      exit(0);
    } catch {
      // The engine wrote to its own log what went wrong; the queue is on disk.
      exit(1);
    }
  };

  parent.on('message', ({ data, ports }) => {
    const message = toEngineSchema.safeParse(data);
    if (!message.success) return;
    switch (message.data.type) {
      case 'start':
        if (running === null) void start(message.data);
        break;
      case 'connect':
        void connect(ports[0]);
        break;
      case 'close':
        void close();
        break;
    }
  });
}
