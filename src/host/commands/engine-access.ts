// Owns how a command gets an engine: the one that runs on the data directory, else one of its own for as long as the command lasts.

import type { AppApi } from '../../contract/api.ts';
import type { EngineDuty } from '../../controller/controller.ts';
import { places } from '../data-dir.ts';
import { findOrStart } from '../engine-client.ts';
import { serveEngine } from '../serving.ts';
import { SYSTEM_CLOCK } from '../system.ts';

export interface GlobalOptions {
  readonly dataDir: string;
  readonly json?: boolean;
}

export interface EngineAccess {
  readonly api: AppApi;
  /** True when another process runs the engine, so that closing this one stops nothing. */
  readonly elsewhere: boolean;
  /** Calls `listener` with whether an engine elsewhere answers; one of the command's own always does. */
  onPresence(listener: (isThere: boolean) => void): () => void;
  close(): Promise<void>;
}

/**
 * @param duty how much an engine of the command's own does; other commands find it meanwhile
 * @throws AppError ENGINE_RUNNING when an engine holds the data directory but does not answer
 */
export async function accessEngine(options: GlobalOptions, duty: EngineDuty): Promise<EngineAccess> {
  const found = await findOrStart(options.dataDir, SYSTEM_CLOCK, () =>
    serveEngine(places(options.dataDir, process.env), process.env, duty, 0),
  );
  const { running } = found;
  if (running !== null) {
    const { onPresence } = running;
    return { api: running, elsewhere: true, onPresence, close: async () => running.close() };
  }
  const served = found.started;
  const onPresence = () => () => undefined;
  return { api: served.engine.api, elsewhere: false, onPresence, close: () => served.close() };
}

/** Runs `use` with an engine that only looks, and lets go of it, whatever happens. */
export async function withEngine<Result>(
  options: GlobalOptions,
  use: (api: AppApi) => Promise<Result>,
): Promise<Result> {
  const access = await accessEngine(options, 'look');
  try {
    return await use(access.api);
  } finally {
    await access.close();
  }
}
