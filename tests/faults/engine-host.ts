// Owns an engine without the command line around it: the program that the kill tests start and kill by the thousand. It is the whole product
// but its local API, which is a parent's messages here.
//
//   node engine-host.mjs DATA-DIR      the environment is that of `serve`; HOST_EVENTS=1 sends every event to the parent

import { join } from 'node:path';
import * as z from 'zod';
import type { ApiName } from '../../src/contract/api.ts';
import { API } from '../../src/contract/api.ts';
import { toAppError } from '../../src/contract/errors.ts';
import { compose } from '../../src/host/compose.ts';

const call = z.object({
  id: z.number(),
  /** Empty: how much memory it holds. */
  name: z.string().refine((name): name is ApiName | '' => name === '' || Object.hasOwn(API, name)),
  params: z.unknown(),
});

const dataDir = process.argv[2] ?? '';
const nowhere = join(dataDir, 'nowhere');
const engine = await compose({
  places: { dataDir, workerPackageDir: nowhere, venvDir: nowhere, modelsDir: nowhere, uiDir: null, commit: null },
  env: process.env,
  duty: 'work',
});

process.on('message', (message) => {
  const { id, name, params } = call.parse(message);
  if (name === '') {
    process.send?.({ id, result: process.memoryUsage.rss() });
    return;
  }
  engine.api.call(name, params as never).then(
    (result) => process.send?.({ id, result }),
    (error: unknown) => process.send?.({ id, error: toAppError(error).report() }),
  );
});
if (process.env['HOST_EVENTS'] === '1') engine.api.subscribe((event) => process.send?.({ event }));
process.once('SIGTERM', () => void engine.close().then(() => process.exit(0)));
// A parent that is gone sends no more.
process.once('disconnect', () => process.exit(1));
// To a parent that is gone nothing can be said, and that is no reason to speak of it.
process.on('error', () => process.exit(1));
process.send?.('ready');
