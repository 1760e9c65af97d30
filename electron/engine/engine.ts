// The engine's process: host's engine, found by commands as any other, behind main's ports. Starts the parts; no logic.

import { join } from 'node:path';
import { AppError } from '../../src/contract/errors.ts';
import { defaultDataDir, places } from '../../src/host/data-dir.ts';
import { envFile } from '../../src/host/env-file.ts';
import { DEFAULT_PORT } from '../../src/host/http-server.ts';
import { serveEngine } from '../../src/host/serving.ts';
import { liveEngine, type ParentPort, type RunningEngine } from './engine-life.ts';
import type { Secrets } from './kept-secrets.ts';

async function run({
  resourcesDir,
  secrets,
}: {
  readonly resourcesDir: string | null;
  readonly secrets: Secrets;
}): Promise<RunningEngine> {
  // As the command line does in a checkout; what the environment says already stands.
  const variables = resourcesDir === null ? envFile(process.cwd()) : null;
  if (variables !== null) process.loadEnvFile(variables);
  const where = places(defaultDataDir(process.env), process.env, resourcesDir);
  const serve = (port: number) => serveEngine(where, process.env, 'serve', port, secrets);
  const served = await serve(DEFAULT_PORT).catch((thrown: unknown) => {
    // The window needs no port and commands read it from engine.json: any other does as well.
    if (thrown instanceof AppError && thrown.code === 'CONFLICT') return serve(0);
    throw thrown;
  });
  return {
    api: served.engine.api,
    port: served.port,
    logDir: join(where.dataDir, 'logs'),
    close: () => served.close(),
  };
}

const { parentPort } = process as typeof process & { readonly parentPort?: ParentPort };
if (parentPort === undefined)
  throw new AppError('INTERNAL', 'This file is started by the app, as a utility process of Electron.');
liveEngine({ parent: parentPort, run, exit: (code) => process.exit(code) });
