import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SecretStore } from '../controller/ports.ts';
import { compose } from './compose.ts';
import type { Places } from './data-dir.ts';

let folder: string;
let places: Places;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bt-compose-'));
  const at = (name: string) => join(folder, name);
  places = {
    dataDir: at('data'),
    workerPackageDir: at('worker'),
    venvDir: at('venv'),
    modelsDir: at('models'),
    uiDir: null,
    commit: null,
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Resolves when nothing listens on the port of 127.0.0.1. */
async function takeAndFree(port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return taken;
}

test('an engine that cannot start lets go of everything: its port, its lock, its database', async () => {
  const port = await takeAndFree(0);
  const env = { CONTROLLER_BASE_URL: 'https://transcribe.example', CONTROLLER_LISTEN_PORT: String(port) };
  const first = await compose({ places, env, duty: 'look' });
  await first.api.call('addWorker', { name: 'mine', url: 'http://127.0.0.1:9', token: 'a token that nobody takes' });
  await first.close();

  const kept = new Map<string, string>();
  const broken: SecretStore = {
    get(name) {
      if (name.startsWith('worker-token')) throw new Error('The keychain is locked.');
      return kept.get(name) ?? null;
    },
    set: (name, value) => void kept.set(name, value),
    delete: (name) => void kept.delete(name),
  };
  await expect(compose({ places, env, duty: 'work', secrets: broken })).rejects.toThrow('The keychain is locked.');
  expect(await takeAndFree(port)).toBe(port);
  const next = await compose({ places, env, duty: 'work' });
  await next.close();
  expect(await takeAndFree(port)).toBe(port);
});
