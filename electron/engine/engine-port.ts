// Owns serving the app's interface on one MessagePort: calls in, results or refusals out, events out.

import { createBirpc } from 'birpc';
import type { AppApi } from '../../src/contract/api.ts';
import { isApiName, parseParams } from '../../src/contract/api-params.ts';
import { type EngineFunctions, type ListenerFunctions, portFrameSchema } from '../../src/contract/engine-port.ts';
import { AppError, toAppError } from '../../src/contract/errors.ts';
import { eventFlow } from './event-flow.ts';

/** A MessagePort as Electron's processes have it (`MessagePortMain`). */
export interface EnginePort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

/**
 * Serves until the other side goes away or the result is called. What comes is unknown: frames, names and parameters are parsed,
 * and what makes no sense is dropped or refused, never followed.
 */
export function servePort(api: AppApi, port: EnginePort): () => void {
  const functions: EngineFunctions = { call: (name, params) => answer(api, name, params) };
  const rpc = createBirpc<ListenerFunctions, EngineFunctions>(functions, {
    post: (frame) => port.postMessage(frame),
    on: (receive) =>
      port.on('message', ({ data }) => {
        if (portFrameSchema.safeParse(data).success) receive(data);
      }),
    // `constructor` and its like are functions of every object, but none of ours.
    resolver: (name, resolved) => (Object.hasOwn(functions, name) ? resolved : undefined),
    // A frame that cannot be sent any more is no reason to fall: the close event follows.
    onGeneralError: () => true,
    timeout: -1,
  });

  // Each event is answered, so that a listener which does not keep up is known.
  const unsubscribe = api.subscribe(eventFlow((event) => rpc.event(event)));
  let over = false;
  const stop = (): void => {
    if (over) return;
    over = true;
    unsubscribe();
    rpc.$close();
    port.close();
  };
  port.on('close', stop);
  port.start();
  return stop;
}

async function answer(api: AppApi, name: unknown, params: unknown): Promise<unknown> {
  try {
    if (!isApiName(name)) throw new AppError('NOT_FOUND', 'There is no such call.');
    return await api.call(name, parseParams(name, params));
  } catch (thrown) {
    const error = toAppError(thrown);
    return { error: error.message, code: error.code };
  }
}
