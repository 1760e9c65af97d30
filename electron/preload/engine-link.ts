// Owns the window's side of the port to the engine: one link at a time, replaced when the engine was started anew.

import { createBirpc } from 'birpc';
import type { DesktopBridge } from '../../src/contract/desktop-bridge.ts';
import type { EngineFunctions, ListenerFunctions } from '../../src/contract/engine-port.ts';

export interface EngineLink extends Pick<DesktopBridge, 'call' | 'subscribe'> {
  /** Takes a fresh port. Calls that wait at the old one are refused: whether they arrived cannot be known. */
  attach(port: MessagePort): void;
}

interface Line {
  call(name: string, params: unknown): Promise<unknown>;
  close(): void;
}

const READY = { type: 'ready' } as const;

export function createEngineLink(): EngineLink {
  const listeners = new Set<(event: unknown) => void>();
  let line = Promise.withResolvers<Line>();
  let current: Line | null = null;
  let ready = false;

  const tell = (event: unknown): void => {
    ready = true;
    for (const listener of [...listeners]) listener(event);
  };
  const lose = (lost: Line): void => {
    if (lost !== current) return;
    current = null;
    ready = false;
    line = Promise.withResolvers<Line>();
  };

  return {
    attach(port) {
      current?.close();
      const opened = openLine(port, tell, lose);
      current = opened;
      line.resolve(opened);
    },
    // While no engine is there, calls wait for the next one.
    call: async (name, params) => (await line.promise).call(name, params),
    subscribe(listener) {
      listeners.add(listener);
      // The engine's own `ready` came before this listener did; every event from now on reaches it.
      if (ready) listener(READY);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

function openLine(port: MessagePort, tell: (event: unknown) => void, lost: (line: Line) => void): Line {
  const rpc = createBirpc<EngineFunctions, ListenerFunctions>(
    { event: tell },
    {
      post: (frame) => port.postMessage(frame),
      on: (receive) => port.addEventListener('message', ({ data }) => receive(data)),
      timeout: -1,
    },
  );
  const line: Line = {
    close() {
      rpc.$close();
      port.close();
      lost(line);
    },
    async call(name, params) {
      try {
        return await rpc.call(name, params);
      } catch {
        return { error: 'The engine stopped while it was asked. It is started again by itself.', code: 'INTERNAL' };
      }
    },
  };
  port.addEventListener('close', line.close);
  port.start();
  return line;
}
