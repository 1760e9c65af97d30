// Owns what the environment says about renting: where RunPod's API and its pods are reached, keys, and intervals for those who test.

import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';
import type { PodStore, RentPods } from '../controller/pod-ports.ts';
import type { Chance, Clock, Log, SecretStore, SettingsSource } from '../controller/ports.ts';
import { RentedPods } from '../pods/pod-calls.ts';
import { Runpod } from '../pods/runpod.ts';
import { POD_TIMES } from '../pods/times.ts';
import type { Environment } from './settings-source.ts';

const API_URL = 'https://api.runpod.io/v2';
const PROXY_URL = 'https://{podId}-{port}.proxy.runpod.net';

export interface RentingParts {
  readonly env: Environment;
  readonly store: PodStore;
  readonly secrets: SecretStore;
  readonly settings: SettingsSource;
  readonly installId: string;
  readonly version: string;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
}

/**
 * Renting at RunPod.
 * @throws AppError BAD_REQUEST for an address in the environment that is neither https nor on this computer
 */
export function rentAtRunpod(parts: RentingParts): RentPods {
  const { env, store, secrets, settings, installId, version, clock, chance, log } = parts;
  const baseUrl = address(env, 'RUNPOD_API_URL', API_URL);
  const proxyUrl = address(env, 'RUNPOD_PROXY_URL', PROXY_URL);
  return (host) =>
    new RentedPods({
      ...{ host, store, secrets, installId, clock, chance, log, times: POD_TIMES },
      open: (apiKey) => new Runpod({ baseUrl, proxyUrl, apiKey, version, clock }),
      settings: () => settings.current().pods,
      mayWork: () => settings.current().workerMode !== 'off',
      defaultModel: () => settings.current().jobDefaults.model,
      apiKeyFromEnvironment: env['RUNPOD_API_KEY']?.trim() || null,
      hfTokenFromEnvironment: env['HF_TOKEN']?.trim() || null,
    });
}

/** The key and the recordings go there: only over https, or to this very computer. */
function address(env: Environment, name: string, otherwise: string): string {
  const text = env[name]?.trim().replace(/(?<!\/)\/+$/, '');
  if (text === undefined || text === '') return otherwise;
  const filled = text.replaceAll('{podId}', 'pod').replaceAll('{port}', '1');
  const url = URL.canParse(filled) ? new URL(filled) : null;
  const here = url?.hostname === '127.0.0.1' || url?.hostname === 'localhost' || url?.hostname === '[::1]';
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && here)) return text;
  throw new AppError('BAD_REQUEST', say('address_https', { field: name }));
}
