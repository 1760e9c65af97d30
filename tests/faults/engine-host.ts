// Owns an engine without the command line around it: the program that the kill tests start and kill by the thousand. It is the whole product
// but its local API, which is a parent's messages here.
//
//   node engine-host.mjs DATA-DIR      the environment is that of `serve`

import { join } from 'node:path';
import * as z from 'zod';
import type { ApiName } from '../../src/contract/api.ts';
import { API } from '../../src/contract/api.ts';
import { toAppError } from '../../src/contract/errors.ts';
import { compose } from '../../src/host/compose.ts';

const call = z.object({
  id: z.number(),
  name: z.string().refine((name): name is ApiName => Object.hasOwn(API, name)),
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
  engine.api.call(name, params as never).then(
    (result) => process.send?.({ id, result }),
    (error: unknown) => process.send?.({ id, error: toAppError(error).report() }),
  );
});
process.once('SIGTERM', () => void engine.close().then(() => process.exit(0)));
// A parent that is gone sends no more.
process.once('disconnect', () => process.exit(1));
process.send?.('ready');
