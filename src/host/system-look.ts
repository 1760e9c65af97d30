// Owns the doctor's look at this computer: variables, Node, the data directory and its disk, the database, keys, the address for workers.

import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { arch, homedir, hostname, platform, release, totalmem, userInfo } from 'node:os';
import { join } from 'node:path';
import { type Sentence, say } from '../contract/sentences.ts';
import type { SystemCheck, SystemLook, SystemNote } from '../controller/system-look.ts';
import type { Places } from './data-dir.ts';
import { lastLines } from './log.ts';
import type { Redaction } from './redaction.ts';
import type { Environment } from './settings-source.ts';

/** Variables of this app; those of others are no business of it. */
const OURS =
  /^(REMOTE_WORKER_|WORKER_|EXPECTED_WORKER_|CONTROLLER_|BULK_TRANSCRIBE_|SECRET_KEY$|HF_TOKEN$|IMAGE_DIGEST$)/;
/** Bytes of free disk below which nothing can go well, and below which it soon may not. */
const FULL_BYTES = 500e6;
const TIGHT_BYTES = 5e9;
const OLDEST_NODE = [20, 19] as const;
/** Milliseconds that the address for workers may take to answer. */
const ADDRESS_MS = 5_000;

export interface SystemLookParts {
  readonly places: Places;
  readonly env: Environment;
  readonly redaction: Redaction;
  /** CONTROLLER_BASE_URL, where it is set. */
  readonly baseUrl: string | null;
  /** What SQLite says of the database: `ok`, or what is wrong. */
  readonly checkDatabase: () => string;
  /** True where the operating system keeps secrets. */
  readonly secretsAreSystems: boolean;
  readonly fetch?: typeof fetch;
}

export function systemLook(parts: SystemLookParts): SystemLook {
  const { places, env, redaction } = parts;
  const looks: Record<SystemCheck, () => SystemNote | Promise<SystemNote>> = {
    environment: () => environment(env),
    node: () => node(),
    data_directory: () => dataDirectory(places.dataDir),
    disk_space: () => diskSpace(places.dataDir),
    database: () => database(parts.checkDatabase()),
    secrets: () => secrets(places.dataDir, parts.secretsAreSystems),
    signing_key: () =>
      env['SECRET_KEY'] === undefined ? note('ok', say('links_own_key')) : note('ok', say('links_secret_key')),
    base_url: () => baseUrl(parts.baseUrl, parts.fetch ?? fetch),
    local_worker: () =>
      existsSync(join(places.venvDir, platform() === 'win32' ? 'Scripts' : 'bin'))
        ? note('ok', say('local_set_up'))
        : note('warning', say('local_not_set_up'), [say('local_set_up_todo')]),
  };
  return {
    look: async (check) => looks[check](),
    facts: () => ({
      ...{ node: process.version, platform: platform(), release: release(), arch: arch() },
      ...{
        memoryMB: Math.round(totalmem() / 1e6),
        commit: places.commit ?? 'unknown',
        page: places.uiDir === null ? 'none' : 'built',
      },
    }),
    logLines: (most) => lastLines(places.dataDir, most),
    redact: (text) => redaction.clean(text),
    folders: () => [
      [places.dataDir, '[data directory]'],
      [places.modelsDir, '[models]'],
      [homedir(), '[home]'],
      [hostname(), '[computer]'],
      [userInfo().username, '[user]'],
    ],
  };
}

function note(verdict: SystemNote['verdict'], message: Sentence, advice: Sentence[] = []): SystemNote {
  return { verdict, message, advice };
}

function environment(env: Environment): SystemNote {
  const ours = Object.entries(env).filter(([name, value]) => OURS.test(name) && value !== undefined && value !== '');
  const odd = ours
    .filter(([, value = '']) => value !== value.trim() || /^(["']).*\1$/.test(value))
    .map(([name]) => name);
  if (odd.length > 0)
    return note('warning', say('variables_odd', { names: odd.join(', ') }), [say('variables_odd_todo')]);
  const names = ours.map(([name]) => name).sort();
  return note('ok', names.length === 0 ? say('variables_none') : say('variables_set', { names: names.join(', ') }));
}

function node(): SystemNote {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = OLDEST_NODE;
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
    ? note('ok', say('node_is', { version: process.versions.node }))
    : note('failed', say('node_old', { version: process.versions.node }), [
        say('node_old_todo', { version: OLDEST_NODE.join('.') }),
      ]);
}

async function dataDirectory(dataDir: string): Promise<SystemNote> {
  const trial = join(dataDir, `.doctor-${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(trial, 'x', { mode: 0o600, flush: true });
  } catch (cause) {
    return note('failed', say('data_unwritable', { folder: dataDir, reason: String(cause) }), [
      say('data_unwritable_todo'),
    ]);
  } finally {
    await rm(trial, { force: true });
  }
  const open = platform() !== 'win32' && (statSync(dataDir).mode & 0o077) !== 0;
  return open
    ? note('warning', say('data_open', { folder: dataDir }), [
        say('run_command', { command: `chmod 700 "${dataDir}"` }),
      ])
    : note('ok', say('data_closed', { folder: dataDir }));
}

async function diskSpace(dataDir: string): Promise<SystemNote> {
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  const text = say('disk_free', { gigabytesNumber: (free / 1e9).toFixed(1) });
  if (free >= TIGHT_BYTES) return note('ok', text);
  return note(free < FULL_BYTES ? 'failed' : 'warning', text, [say('disk_free_todo')]);
}

function database(verdict: string): SystemNote {
  return verdict === 'ok'
    ? note('ok', say('database_whole'))
    : note('failed', say('database_damaged', { reason: verdict }), [say('database_keep'), say('database_fresh')]);
}

function secrets(dataDir: string, areSystems: boolean): SystemNote {
  if (areSystems) return note('ok', say('secrets_by_system'));
  const folder = join(dataDir, 'secrets');
  const open = platform() !== 'win32' && existsSync(folder) && (statSync(folder).mode & 0o077) !== 0;
  return open
    ? note('failed', say('secrets_open'), [say('run_command', { command: `chmod 700 "${folder}"` })])
    : note('ok', say('secrets_files'));
}

/** Any answer will do: it proves that the address leads somewhere. That it leads here is proven by the first job. */
async function baseUrl(url: string | null, ask: typeof fetch): Promise<SystemNote> {
  if (url === null) return note('skipped', say('base_unset'));
  const { hostname: host, protocol } = new URL(url);
  if (['localhost', '127.0.0.1', '[::1]', '0.0.0.0'].includes(host))
    return note('warning', say('base_here', { url }), [say('base_here_todo')]);
  try {
    const { status } = await ask(url, { redirect: 'manual', signal: AbortSignal.timeout(ADDRESS_MS) });
    return protocol === 'http:'
      ? note('warning', say('base_plain', { url, status }), [say('base_plain_todo')])
      : note('ok', say('base_answers', { url, status }));
  } catch (cause) {
    return note('failed', say('base_silent', { url, reason: cause instanceof Error ? cause.message : String(cause) }), [
      say('base_silent_name'),
      say('base_silent_app'),
    ]);
  }
}
