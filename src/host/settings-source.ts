// Owns the settings as they are in force: environment over saved over default (docs/protocol.md, "Controller settings").

import * as z from 'zod';
import { hasCredentials } from '../contract/api-workers.ts';
import { AppError } from '../contract/errors.ts';
import { jobOptionsSchema } from '../contract/options.ts';
import type { Settings, SettingsPatch } from '../contract/settings.ts';
import { DEFAULT_SETTINGS, settingsSchema, workerModeSchema } from '../contract/settings.ts';
import { tunnelChoiceSchema } from '../contract/tunnel-wire.ts';
import type { Clock, SettingsSource, SettingsStore, WorkerAddress } from '../controller/ports.ts';
import type { FixedAddress } from '../tunnel/address-driver.ts';
import type { NamedTunnel } from '../tunnel/cloudflared-program.ts';

/** As it came with the process, `.env` laid under it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that is set but empty counts as not set: that is how `.env` files leave things out. */
const text = (name: string, env: Environment): string | undefined => env[name]?.trim() || undefined;

function parsed<T>(name: string, env: Environment, schema: z.ZodType<T, unknown>): T | undefined {
  const value = text(name, env);
  if (value === undefined) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new AppError(
    'BAD_REQUEST',
    `The environment variable ${name} is wrong: ${result.error.issues[0]?.message ?? 'it does not parse'}.`,
  );
}

interface Fixed {
  readonly workerMode: Settings['workerMode'] | undefined;
  readonly workerTimeoutSeconds: number | undefined;
  readonly workerPollSeconds: number | undefined;
  readonly model: string | undefined;
  readonly gitCommit: string | undefined;
  readonly imageDigest: string | undefined;
  readonly podImage: string | undefined;
  readonly tunnel: Settings['tunnel'] | undefined;
}

function fixedBy(env: Environment): Fixed {
  return {
    workerMode: parsed('REMOTE_WORKER_MODE', env, workerModeSchema),
    workerTimeoutSeconds: parsed(
      'REMOTE_WORKER_TIMEOUT_SECONDS',
      env,
      z.coerce.number().pipe(settingsSchema.shape.workerTimeoutSeconds),
    ),
    workerPollSeconds: parsed(
      'REMOTE_WORKER_POLL_SECONDS',
      env,
      z.coerce.number().pipe(settingsSchema.shape.workerPollSeconds),
    ),
    model: parsed('WORKER_MODEL', env, jobOptionsSchema.shape.model),
    gitCommit: text('EXPECTED_WORKER_GIT_COMMIT', env),
    imageDigest: text('EXPECTED_WORKER_IMAGE_DIGEST', env),
    podImage: parsed('POD_IMAGE', env, settingsSchema.shape.pods.shape.image),
    tunnel: parsed('CONTROLLER_TUNNEL', env, tunnelChoiceSchema),
  };
}

/** Names as the settings screen knows them, for each that the environment holds. */
const FIELD_OF: Record<keyof Fixed, string> = {
  workerMode: 'workerMode',
  workerTimeoutSeconds: 'workerTimeoutSeconds',
  workerPollSeconds: 'workerPollSeconds',
  model: 'jobDefaults.model',
  gitCommit: 'expectedIdentity.gitCommit',
  imageDigest: 'expectedIdentity.imageDigest',
  podImage: 'pods.image',
  tunnel: 'tunnel',
};

export class LayeredSettings implements SettingsSource {
  readonly #store: SettingsStore;
  readonly #clock: Clock;
  readonly #fixed: Fixed;
  #current: Settings;

  /** @throws AppError BAD_REQUEST naming a variable that does not parse. */
  constructor(store: SettingsStore, env: Environment, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#fixed = fixedBy(env);
    this.#current = this.#lay();
  }

  current(): Settings {
    return this.#current;
  }

  fromEnvironment(): readonly string[] {
    return (Object.keys(FIELD_OF) as (keyof Fixed)[])
      .filter((name) => this.#fixed[name] !== undefined)
      .map((name) => FIELD_OF[name]);
  }

  save(patch: SettingsPatch): Settings {
    this.#store.saveSettings(patch, this.#clock.now());
    this.#current = this.#lay();
    return this.#current;
  }

  #lay(): Settings {
    const saved = this.#store.savedSettings();
    const fixed = this.#fixed;
    const expected = saved.expectedIdentity ?? DEFAULT_SETTINGS.expectedIdentity;
    return settingsSchema.parse({
      jobDefaults: {
        ...DEFAULT_SETTINGS.jobDefaults,
        ...saved.jobDefaults,
        ...(fixed.model === undefined ? {} : { model: fixed.model }),
      },
      workerMode: fixed.workerMode ?? saved.workerMode ?? DEFAULT_SETTINGS.workerMode,
      workerTimeoutSeconds:
        fixed.workerTimeoutSeconds ?? saved.workerTimeoutSeconds ?? DEFAULT_SETTINGS.workerTimeoutSeconds,
      workerPollSeconds: fixed.workerPollSeconds ?? saved.workerPollSeconds ?? DEFAULT_SETTINGS.workerPollSeconds,
      expectedIdentity: {
        gitCommit: fixed.gitCommit ?? expected.gitCommit,
        imageDigest: fixed.imageDigest ?? expected.imageDigest,
      },
      pods: {
        ...DEFAULT_SETTINGS.pods,
        ...saved.pods,
        ...(fixed.podImage === undefined ? {} : { image: fixed.podImage }),
      },
      tunnel: fixed.tunnel ?? saved.tunnel ?? DEFAULT_SETTINGS.tunnel,
      tunnelByWorker: saved.tunnelByWorker ?? DEFAULT_SETTINGS.tunnelByWorker,
    });
  }
}

const LISTEN_PORT = 8478;

/**
 * CONTROLLER_BASE_URL and CONTROLLER_LISTEN_PORT; null when the first is not set.
 * @throws AppError BAD_REQUEST when the address is more or less than an http(s) origin, or the port is none.
 */
export function fixedAddress(env: Environment): FixedAddress | null {
  const baseUrl = origin('CONTROLLER_BASE_URL', env);
  return baseUrl === null ? null : { baseUrl, port: listenPort(env) };
}

/** CONTROLLER_LISTEN_PORT: the port of 127.0.0.1 to which a public address leads. */
export function listenPort(env: Environment): number {
  const port = parsed('CONTROLLER_LISTEN_PORT', env, z.coerce.number().pipe(z.int().min(1).max(65_535)));
  return port ?? LISTEN_PORT;
}

/**
 * CLOUDFLARED_TOKEN and CLOUDFLARED_URL: a tunnel that was made at Cloudflare before, in place of one with a passing address. Null without.
 * @throws AppError BAD_REQUEST when one of them is missing, or the address is more or less than an origin.
 */
export function namedTunnel(env: Environment): NamedTunnel | null {
  const token = text('CLOUDFLARED_TOKEN', env);
  const baseUrl = origin('CLOUDFLARED_URL', env);
  if (token === undefined && baseUrl === null) return null;
  if (token === undefined || baseUrl === null)
    throw new AppError(
      'BAD_REQUEST',
      'CLOUDFLARED_TOKEN and CLOUDFLARED_URL belong together: the token of a tunnel made at Cloudflare, and its public address.',
    );
  return { token, baseUrl };
}

/** Only an origin: what is signed and matched is the path that workers are given, whole. */
function origin(name: string, env: Environment): string | null {
  const base = text(name, env);
  if (base === undefined) return null;
  const url = URL.canParse(base) ? new URL(base) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || `${url.origin}/` !== url.href)
    throw new AppError(
      'BAD_REQUEST',
      `${name} must be an http or https address with no path, such as https://transcribe.example.`,
    );
  return url.origin;
}

/**
 * The worker that the environment names, if it does.
 * @throws AppError BAD_REQUEST when the address is no http(s) URL or the token is missing.
 */
export function environmentWorker(env: Environment): WorkerAddress | null {
  const url = text('REMOTE_WORKER_URL', env)?.replace(/(?<!\/)\/+$/, '');
  if (url === undefined) return null;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new AppError('BAD_REQUEST', 'REMOTE_WORKER_URL is not an http or https address.');
  if (hasCredentials(url))
    throw new AppError(
      'BAD_REQUEST',
      'REMOTE_WORKER_URL must have no name and password in it: the token is given by itself.',
    );
  const token = text('REMOTE_WORKER_TOKEN', env) ?? text('WORKER_TOKEN', env);
  if (token === undefined)
    throw new AppError('BAD_REQUEST', 'REMOTE_WORKER_URL is set, but neither REMOTE_WORKER_TOKEN nor WORKER_TOKEN is.');
  return { url, token };
}
