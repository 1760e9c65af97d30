// Owns main's own use of the engine: the same two verbs over the same kind of port as the window has, for the few things that the
// desktop shows outside of the window.

import { createBirpc } from 'birpc';
import type { MessagePortMain } from 'electron';
import {
  API,
  type ApiName,
  type ApiParams,
  type ApiResult,
  type AppEvent,
  apiErrorSchema,
  appEventSchema,
} from '../../src/contract/api.ts';
import { type EngineFunctions, type ListenerFunctions, portFrameSchema } from '../../src/contract/engine-port.ts';
import { AppError } from '../../src/contract/errors.ts';

/** A call throws AppError: the engine's refusal, or INTERNAL when the engine went away or answered what the table does not know. */
export type CallEngine = <Name extends ApiName>(name: Name, params: ApiParams<Name>) => Promise<ApiResult<Name>>;

/** What main needs of a MessagePortMain. */
export type ListeningPort = Pick<MessagePortMain, 'postMessage' | 'start' | 'close'> & {
  on(event: 'message', listener: (message: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
};

export interface EngineLine {
  /** Asks the engine that runs; while there is none, the next one. */
  readonly call: CallEngine;
  /** Takes the port of an engine that was started. */
  attach(port: ListeningPort): void;
}

/** Main's line to whichever engine runs. `onEvent` gets a way to ask the very engine that sent the event. */
export function engineLine(onEvent: (event: AppEvent, call: CallEngine) => void): EngineLine {
  let engine = Promise.withResolvers<CallEngine>();
  let current: ListeningPort | null = null;
  return {
    call: async (name, params) => (await engine.promise)(name, params),
    attach(port) {
      if (current !== null) engine = Promise.withResolvers<CallEngine>();
      current = port;
      engine.resolve(listenToEngine(port, onEvent));
      port.on('close', () => {
        if (current !== port) return;
        current = null;
        engine = Promise.withResolvers<CallEngine>();
      });
    },
  };
}

/** Listens on one port until it closes. */
export function listenToEngine(port: ListeningPort, onEvent: (event: AppEvent, call: CallEngine) => void): CallEngine {
  const event = (sent: unknown): void => {
    const parsed = appEventSchema.safeParse(sent);
    if (parsed.success) onEvent(parsed.data, call);
  };
  const rpc = createBirpc<EngineFunctions, ListenerFunctions>(
    { event },
    {
      post: (frame) => port.postMessage(frame),
      on: (receive) =>
        port.on('message', ({ data }) => {
          if (portFrameSchema.safeParse(data).success) receive(data);
        }),
      onFunctionError: () => true,
      timeout: -1,
    },
  );
  const call: CallEngine = async (name, params) => {
    const answer = await rpc.call(name, params).catch((cause: unknown) => {
      throw new AppError('INTERNAL', 'The engine stopped while it was asked.', { cause });
    });
    const refused = apiErrorSchema.safeParse(answer);
    if (refused.success) throw new AppError(refused.data.code, refused.data.error);
    const result = API[name].result.safeParse(answer);
    if (!result.success)
      throw new AppError('INTERNAL', `The engine answered ${name} with something else.`, { cause: result.error });
    // The table joins each name to its schema, which the compiler cannot follow through an index.
    return result.data as ApiResult<typeof name>;
  };
  port.on('close', () => rpc.$close());
  port.start();
  return call;
}
