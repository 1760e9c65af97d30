// Owns an engine that others can find: composed, behind the local API, and named in the data directory's engine.json.

import type { EngineDuty } from '../controller/controller.ts';
import type { SecretStore } from '../controller/ports.ts';
import { loadApiToken } from './api-token.ts';
import type { Engine } from './compose.ts';
import { appVersion, compose } from './compose.ts';
import type { Places } from './data-dir.ts';
import { removeEngineFile, writeEngineFile } from './engine-file.ts';
import { createApiServer } from './http-server.ts';
import type { Environment } from './settings-source.ts';
import { SYSTEM_CLOCK } from './system.ts';

export interface ServedEngine {
  readonly engine: Engine;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  /** As of the API's server. */
  readonly pageAddress: () => string;
  /** Lets nobody in any more, then stops the engine. */
  close(): Promise<void>;
}

/**
 * Starts an engine and its local API.
 * @param port 0 takes any free one
 * @param secrets the desktop app's own; without it, 0600 files
 * @throws AppError as compose does, CONFLICT when the port is taken
 */
export async function serveEngine(
  where: Places,
  env: Environment,
  duty: EngineDuty,
  port: number,
  secrets?: SecretStore,
): Promise<ServedEngine> {
  const engine = await compose({ places: where, env, duty, ...(secrets === undefined ? {} : { secrets }) });
  try {
    const server = await createApiServer({
      api: engine.api,
      token: loadApiToken(where.dataDir),
      uiDir: where.uiDir,
      uploads: engine.uploads,
      playback: engine.playback,
      port,
      log: engine.log,
      clock: SYSTEM_CLOCK,
    });
    writeEngineFile(where.dataDir, {
      pid: process.pid,
      port: server.port,
      version: appVersion(),
      startedAt: SYSTEM_CLOCK.now(),
    });
    return {
      engine,
      url: server.url,
      port: server.port,
      pageAddress: server.pageAddress,
      async close() {
        removeEngineFile(where.dataDir, process.pid);
        await server.close();
        await engine.close();
      },
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}
