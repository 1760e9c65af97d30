// Owns the engine's process as main sees it: starts it, hands ports to it, starts it again with growing pauses when it dies, and
// ends it in order. The queue is on disk, so a dead engine loses nothing.

import type { MessagePortMain } from 'electron';
import { type FromEngine, fromEngineSchema, type ToEngine } from '../../src/contract/engine-messages.ts';
import type { ErrorReport } from '../../src/contract/errors.ts';
import type { Clock } from './clock.ts';

/** Pauses before the engine is started again, milliseconds; the last one repeats. */
export const RESTART_MS = [250, 1_000, 2_000, 5_000, 15_000, 30_000] as const;
/** An engine that ran for so long was well: the pauses begin anew. Milliseconds. */
export const WELL_AFTER_MS = 60_000;
/** How long the engine may take to stop in order before it is killed, milliseconds. Its local worker is given 5 s of them. */
export const STOP_MS = 12_000;

/** Electron's `UtilityProcess`, as far as it is used. */
export interface EngineChild {
  postMessage(message: ToEngine, transfer?: MessagePortMain[]): void;
  kill(): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  once(event: 'exit', listener: (code: number) => void): unknown;
}

export interface EngineParts {
  readonly fork: () => EngineChild;
  readonly channel: () => { readonly port1: MessagePortMain; readonly port2: MessagePortMain };
  /** What the engine is started with. Asked again at every start. */
  readonly startMessage: () => Promise<Extract<ToEngine, { type: 'start' }>>;
  readonly onSecret: (name: string, value: string | null) => void;
  /** It died, was started again, and runs. */
  readonly onRestarted: () => void;
  /** It cannot start, and starting it again would change nothing. */
  readonly onFailed: (error: ErrorReport) => void;
  readonly clock: Clock;
}

export interface EngineProcess {
  start(): void;
  /** Where the local API of the engine that runs now listens on 127.0.0.1; null while none does. */
  port(): number | null;
  /** The folder with the log of the engine that ran last; null before the first. */
  logDir(): string | null;
  /** Gives `deliver` a port to the engine as soon as it runs, and a fresh one after every restart. Returns its own undo. */
  connect(deliver: (port: MessagePortMain) => void): () => void;
  /** Ends the engine in order; resolves when its process is gone. */
  close(): Promise<void>;
}

export function createEngineProcess(parts: EngineParts): EngineProcess {
  const { clock } = parts;
  const receivers = new Set<(port: MessagePortMain) => void>();
  const gone = Promise.withResolvers<void>();
  let child: EngineChild | null = null;
  let running = false;
  let port: number | null = null;
  let failures = 0;
  let startedAt = 0;
  let over = false;
  let everRan = false;
  let logDir: string | null = null;
  let cancelRestart: () => void = () => undefined;

  const deliverTo = (engine: EngineChild, deliver: (port: MessagePortMain) => void): void => {
    const { port1, port2 } = parts.channel();
    engine.postMessage({ type: 'connect' }, [port1]);
    deliver(port2);
  };
  const hear = (engine: EngineChild, message: FromEngine): void => {
    switch (message.type) {
      case 'started':
        running = true;
        port = message.port;
        logDir = message.logDir;
        if (everRan) parts.onRestarted();
        everRan = true;
        for (const deliver of receivers) deliverTo(engine, deliver);
        break;
      case 'failed':
        over = true;
        parts.onFailed(message.error);
        break;
      case 'secret':
        parts.onSecret(message.name, message.value);
        break;
    }
  };
  const exited = (): void => {
    child = null;
    running = false;
    port = null;
    if (over) {
      gone.resolve();
      return;
    }
    failures = clock.now() - startedAt >= WELL_AFTER_MS ? 0 : failures + 1;
    const pause = RESTART_MS[Math.min(Math.max(failures - 1, 0), RESTART_MS.length - 1)] ?? 0;
    cancelRestart = clock.after(pause, start);
  };
  const start = (): void => {
    if (over || child !== null) return;
    const engine = parts.fork();
    child = engine;
    startedAt = clock.now();
    engine.on('message', (message) => {
      const parsed = fromEngineSchema.safeParse(message);
      if (parsed.success && child === engine) hear(engine, parsed.data);
    });
    engine.once('exit', exited);
    parts.startMessage().then(
      (message) => {
        if (child === engine) engine.postMessage(message);
      },
      // Without its start message the engine would wait for ever.
      () => engine.kill(),
    );
  };

  return {
    start,
    port: () => port,
    logDir: () => logDir,
    connect(deliver) {
      receivers.add(deliver);
      if (running && child !== null) deliverTo(child, deliver);
      return () => {
        receivers.delete(deliver);
      };
    },
    async close() {
      over = true;
      cancelRestart();
      const engine = child;
      if (engine === null) return;
      engine.postMessage({ type: 'close' });
      const cancelKill = clock.after(STOP_MS, () => engine.kill());
      await gone.promise;
      cancelKill();
    },
  };
}
